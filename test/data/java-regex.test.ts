// Patterns, texts and replacements as java.util.regex of JDK 17 takes them (test/golden/transforms).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ConfigError } from '../../src/base/errors.ts'
import { JavaRegex } from '../../src/data/java-regex.ts'
import { Replacement } from '../../src/data/java-replacement.ts'

interface Recorded {
  regex: string
  replacement?: string
  texts: string[]
  bad?: string
  results?: (boolean | string | { error: string; message: string })[]
}

const golden = JSON.parse(readFileSync(new URL('../golden/transforms/java-regex.json', import.meta.url), 'utf8')) as Recorded[]

/** Patterns of the golden file that Java takes and we refuse, by intent. */
const REFUSED = new Set([
  'a*+b',
  'a++',
  '(?>a|ab)c',
  '(a)\\1',
  '(?<x>a)\\k<x>',
  '[a-z&&[^b]]+',
  '[a[bc]]+',
  '(?m)^a$',
  '(?x) a',
  '\\R',
  '\\X',
  '\\Z',
  'a\\Z',
  '\\Ga',
  'a(?i)B',
  '\\P{Alpha}',
  '(?i)\\p{Lower}+',
  '\\p{javaLowerCase}',
  '\\p{InGreek}',
  '\\p{script=Latin}',
  '(?d).',
  '(?U)\\w+',
  '\\b{g}a',
  '\\N{DIGIT ONE}',
  'a?+',
  'a{2}{3}',
  '(?:(a)|(b))+',
  '(a*)*',
  '(.*)*',
  '((a)|b)*',
  '(a(b)?)+',
  '([a-z]+\\.?)+',
  '(?s:a)b',
  '(?iu)k',
  '(?<=a+)b',
  '(?<=a*?)b',
  'a(?<=(?:ab?)?)',
  '(?<=(a))b|.*',
  '(?!(x)).*',
  '(?:|a)?.*',
  '(a??)?b?',
])

function build(regex: string, captures: boolean): JavaRegex | string {
  try {
    return new JavaRegex(regex, { captures })
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.message
  }
}

test('matches whole topics and replaces in them exactly as Java does', () => {
  const refused: string[] = []
  for (const { regex, replacement, texts, bad, results } of golden) {
    if (bad !== undefined || results === undefined) continue
    const built = build(regex, replacement !== undefined)
    if (typeof built === 'string') {
      refused.push(regex)
      continue
    }
    const found = texts.map(text => {
      if (!built.matches(text)) return [text, false]
      if (replacement === undefined) return [text, true]
      try {
        return [text, built.replaceFirst(text, new Replacement(replacement, built))]
      } catch (error) {
        return [text, (error as Error).message]
      }
    })
    const expected = results.map((result, i) => [texts[i], typeof result === 'object' ? result.message : result])
    assert.deepEqual(found, expected, `${regex} -> ${replacement}`)
  }
  assert.deepEqual(
    refused.filter(regex => !REFUSED.has(regex)),
    [],
  )
})

test('refuses a pattern that Java refuses', () => {
  const taken = golden
    .filter(({ regex, bad }) => bad !== undefined && typeof build(regex, true) !== 'string')
    .map(({ regex }) => regex)
  assert.deepEqual(taken, [])
})

test('says which part of a pattern is not covered', () => {
  assert.match(build('a*+b', false) as string, /possessive quantifier/)
  assert.match(build('[a-z&&[^b]]', false) as string, /intersection/)
  assert.match(build('(?<=a)?b', false) as string, /a quantifier after an anchor or a look-around/)
  assert.match(build('(?iu)b', false) as string, /\(\?iu\)/)
  assert.match(build('(?<=a*)b', false) as string, /Look-behind group does not have an obvious maximum length/)
  assert.match(build('(?!(a))b', true) as string, /a capture in a negative look-around/)
})

// SimpleDateFormat as recorded from JDK 17 (test/golden/transforms): about 9,000 instants and texts under 345 patterns.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { JavaDateFormat } from '../../src/data/java-date-format.ts'

interface Recorded {
  pattern: string
  bad?: string
  instants?: number[]
  texts?: string[]
  formatted?: string[]
  parsed?: (number | 'error')[]
  back?: (number | 'error')[]
}

const golden = JSON.parse(
  readFileSync(new URL('../golden/transforms/java-date-format.json', import.meta.url), 'utf8'),
) as Recorded[]
/** The recorder reads two-digit years from here on. */
const CENTURY_START_MS = -743_040_000_000

const beyondJsDates = (ms: unknown): boolean => typeof ms === 'number' && Math.abs(ms) > 8.64e15

test('formats any instant as SimpleDateFormat does, Julian dates included', () => {
  for (const { pattern, instants, formatted } of golden) {
    if (formatted === undefined || instants === undefined) continue
    const format = new JavaDateFormat(pattern, CENTURY_START_MS)
    assert.deepEqual(
      instants.map(ms => [ms, format.format(ms)]),
      instants.map((ms, i) => [ms, formatted[i]]),
      pattern,
    )
  }
})

test('reads its own texts back as SimpleDateFormat does, fields missing or contradicting each other', () => {
  for (const { pattern, formatted, back } of golden) {
    if (formatted === undefined || back === undefined) continue
    const format = new JavaDateFormat(pattern, CENTURY_START_MS)
    assert.deepEqual(
      formatted.map(text => [text, format.parse(text) ?? 'error']),
      formatted.map((text, i) => [text, beyondJsDates(back[i]) ? 'error' : back[i]]),
      pattern,
    )
  }
})

test('takes sloppy texts and refuses others exactly as SimpleDateFormat does', () => {
  for (const { pattern, texts, parsed } of golden) {
    if (texts === undefined || parsed === undefined) continue
    const format = new JavaDateFormat(pattern, CENTURY_START_MS)
    assert.deepEqual(
      texts.map(text => [text, format.parse(text) ?? 'error']),
      texts.map((text, i) => [text, beyondJsDates(parsed[i]) ? 'error' : parsed[i]]),
      pattern,
    )
  }
})

test('refuses a pattern that SimpleDateFormat refuses', () => {
  for (const { pattern, bad } of golden) {
    if (bad !== undefined) assert.throws(() => new JavaDateFormat(pattern), { message: bad }, pattern)
  }
})

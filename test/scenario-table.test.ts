// Goal: docs/conformance.md cannot name a test that is not there. Method: each name of test/scenarios/table.ts must be a string in the named
// file, or a template of it with the values filled in.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parts, rowsOf, type TableRow } from './scenarios/table.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const rows = parts.flatMap(rowsOf)

/** Whether the text of a test file has a test of this name. */
function names(text: string, name: string): boolean {
  const quoted = name.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  if (text.includes(`'${quoted}'`) || text.includes(`"${name}"`)) return true
  const templates = [...text.matchAll(/\b(?:it|test|describe)\(\s*`([^`]*)`/g)].map(match => match[1] ?? '')
  return templates.some(template => {
    const fixed = template.split(/\$\{[^}]*\}/).map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    return fixed.join('').trim() !== '' && new RegExp(`^${fixed.join('.+')}$`, 's').test(name)
  })
}

test('every test that the table names is in its file', () => {
  const texts = new Map<string, string>()
  const textOf = (file: string) => {
    if (!texts.has(file)) texts.set(file, existsSync(ROOT + file) ? readFileSync(ROOT + file, 'utf8') : '')
    return texts.get(file) ?? ''
  }
  const missing = rows.filter(
    (row): row is TableRow & { test: object } => row.test !== null && !names(textOf(row.test.file), row.test.name),
  )
  assert.deepEqual(
    missing.map(row => `${row.javaClass}.${row.java}: ${row.test?.file}: ${row.test?.name}`),
    [],
  )
})

test('a name that is not in the file is found missing', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text under test
  const text = "it('one of two', () => {})\nit(`with ${n} tasks`, () => {})\nfor (const name of ['it\\'s three'])"
  assert.deepEqual(
    ['one of two', 'with 3 tasks', "it's three"].map(name => names(text, name)),
    [true, true, true],
  )
  assert.deepEqual(
    ['one of', 'with tasks', 'three'].map(name => names(text, name)),
    [false, false, false],
  )
})

test('no scenario is there twice, and those that are not run say why', () => {
  const keys = rows.map(row => `${row.javaClass}.${row.java}`)
  assert.deepEqual(
    keys.filter((key, i) => keys.indexOf(key) !== i),
    [],
  )
  assert.deepEqual(
    rows.filter(row => row.test === null && row.note === '').map(row => row.java),
    [],
  )
})

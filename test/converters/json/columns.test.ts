// Goal: the column reader means what the row path means. Method: seeded documents, good and bad, go through both; every value must be the same
// (key order, integer or double, -0, bigint), and what the row path refuses the column reader must leave to it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { prng } from '../../../src/base/prng.ts'
import { JsonColumns } from '../../../src/converters/json/columns/json-columns.ts'
import { JsonConverter } from '../../../src/converters/json/json-converter.ts'
import { NO_HEADERS } from '../../../src/data/headers.ts'
import { type Compared, compareColumns } from '../../support/compare-columns.ts'
import { documentsOf, enveloped } from '../../support/enveloped-documents.ts'
import { Documents } from '../../support/json-documents.ts'

const reader = () => new JsonColumns({ givesUp: false })

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`documents of seed ${seed} mean the same by columns and by rows`, () => {
    const documents = new Documents(seed)
    const columns = reader()
    const total: Compared = { documents: 0, byColumns: 0, refused: 0, left: 0 }
    for (let i = 0; i < 40; i++) {
      const { documents: count, byColumns, refused, left } = compareColumns(columns, documents.batch(200, 0.03), seed)
      total.documents += count
      total.byColumns += byColumns
      total.refused += refused
      total.left += left
    }
    assert.equal(total.documents, 8000)
    assert.ok(total.byColumns > 6000, `${total.byColumns} of 8000 by columns`)
    assert.ok(total.refused > 100, `${total.refused} refused`)
    assert.equal(total.left, 0)
  })
}

for (const seed of [1, 2, 3]) {
  test(`enveloped payloads of seed ${seed} mean the same by columns and by rows`, () => {
    const random = prng(seed)
    const [rows, ours] = [new JsonConverter(), new JsonConverter()]
    for (const converter of [rows, ours]) converter.configure({ 'schemas.enable': 'true', 'converter.type': 'value' })
    const columns = ours.columns()
    assert.ok(columns !== null)
    let byColumns = 0
    let total = 0
    for (let part = 0; part < 40; part++) {
      const names = (['a', 'b', 'c', 'd', 'e', 'f', 'g'] as const).filter(() => random() < 0.8)
      const documents = documentsOf(enveloped(random, names, 150))
      // what the row path of this task has met
      const { buffer, starts, lengths } = documents
      try {
        ours.toConnectDataAt('t', buffer, starts[0]!, starts[0]! + lengths[0]!, NO_HEADERS)
      } catch {
        // a payload that is wrong; its envelope is known all the same
      }
      byColumns += compareColumns(columns, documents, seed, rows).byColumns
      total += 150
    }
    assert.ok(byColumns > total * 0.3, `${byColumns} of ${total} by columns`)
  })
}

test('a change of shape in the middle of a compiled run leaves no value of the old shape behind', () => {
  const plain = Array.from({ length: 100 }, (_, i) => `{"a":${i},"b":"x${i}","c":true}`)
  const texts = [...plain, '{"a":1,"z":2}', '{"a":1,"b":"q","c":null}', '{"a":1,"b":"q"', '{"c":1,"b":2.5,"a":"t"}', ...plain]
  compareColumns(reader(), documentsOf(texts), 0)
})

test('hostile keys become neither code nor properties of the prototype', () => {
  const names = [
    '`\u0024{process.exit()}`',
    '"];process.exit();//',
    '*/process.exit()/*',
    '\u2028',
    '__proto__',
    'constructor',
    "\\'",
    '\u0000',
    'a'.repeat(400),
  ]
  const texts = Array.from({ length: 300 }, (_, i) => JSON.stringify(Object.fromEntries(names.map(name => [name, i]))))
  const withProto = texts.map(text => text.replace('{', '{"__proto__":{"polluted":1},'))
  compareColumns(reader(), documentsOf([...texts, ...withProto]), 0)
  assert.equal(({} as { polluted?: number }).polluted, undefined)
})

test('where code generation is forbidden the trie reads the same', () => {
  const script = `
    const { JsonColumns } = await import('./src/converters/json/columns/json-columns.ts')
    const { compareColumns } = await import('./test/support/compare-columns.ts')
    const { Documents } = await import('./test/support/json-documents.ts')
    let generates = true
    try { new Function('return 1') } catch { generates = false }
    const columns = new JsonColumns({ givesUp: false }), documents = new Documents(9)
    let by = 0
    for (let i = 0; i < 20; i++) by += compareColumns(columns, documents.batch(200, 0.03), 9).byColumns
    console.log(JSON.stringify({ generates, by }))`
  const flags = ['--disallow-code-generation-from-strings', '--input-type=module', '-e', script]
  const { stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8' })
  const answer = JSON.parse(stdout.trim() || 'null') as { generates: boolean; by: number } | null
  assert.ok(answer !== null, stderr)
  assert.equal(answer.generates, false)
  assert.ok(answer.by > 3000, `${answer.by} by columns`)
})

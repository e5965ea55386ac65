// What a preview shows of values: exact, cut at its limits, never a secret, whatever object a plugin made.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Decimal, Float64 } from '../../../src/data/decimal.ts'
import { Headers } from '../../../src/data/headers.ts'
import { SinkRecord } from '../../../src/data/record.ts'
import { BYTES, INT64, OPTIONAL_STRING, Schema } from '../../../src/data/schema.ts'
import { Struct } from '../../../src/data/struct.ts'
import { BYTES_MAX, ENTRIES_MAX, Renderer, SNAPSHOT_BYTES_MAX, STRING_CHARS_MAX } from '../../../src/task/preview/renderer.ts'

const plain = () => new Renderer(text => text)
const shown = (value: unknown) => plain().any(value)

test('values keep what they are: int64 digits, decimals, times, marked bytes, names like __proto__', () => {
  assert.equal(shown(9_223_372_036_854_775_807n), 9_223_372_036_854_775_807n)
  assert.equal(shown(new Decimal(-1230n, 2)), '-12.30')
  assert.equal(shown(new Float64(1)), 1)
  assert.equal(shown(Number.NaN), 'NaN')
  assert.equal(shown(new Date(0)), '1970-01-01T00:00:00.000Z')
  assert.equal(shown(new Date(Number.NaN)), 'Invalid Date')
  assert.deepEqual(shown(Buffer.from([0, 255])), { base64: 'AP8=', length: 2 })
  assert.deepEqual(shown(new Map([['a', [1, null, undefined]]])), { a: [1, null, null] })
  assert.deepEqual(shown(new Map([[1, true]])), [[1, true]])
  assert.deepEqual(Object.keys(shown(JSON.parse('{"__proto__":1}')) as object), ['__proto__'])
})

test('a record with schemas, its headers and a struct with an unset field', () => {
  const schema = new Schema({
    type: 'struct',
    name: 'N',
    fields: [
      { name: 'id', schema: INT64 },
      { name: 'raw', schema: BYTES },
      { name: 'note', schema: OPTIONAL_STRING },
    ],
  })
  const value = new Struct(schema, [1n << 60n, Buffer.from('x'), null])
  const headers = new Headers([{ key: 'h', schema: null, value: 's' }])
  const record = new SinkRecord('t', 3, null, null, schema, value, 7, 5, 'CreateTime', headers, 't', 3, 7)
  assert.deepEqual(plain().record(record), {
    topic: 't',
    partition: 3,
    timestamp: 5,
    key: { schema: null, value: null },
    value: {
      schema: {
        type: 'struct',
        fields: [
          { field: 'id', type: 'int64', optional: false },
          { field: 'raw', type: 'bytes', optional: false },
          { field: 'note', type: 'string', optional: true },
        ],
        optional: false,
        name: 'N',
      },
      value: { id: 1n << 60n, raw: { base64: 'eA==', length: 1 }, note: null },
    },
    headers: [{ name: 'h', schema: null, value: 's' }],
  })
})

test('long strings, bytes, lists, deep and endless values are cut, and say so', () => {
  const text = String(shown('x'.repeat(5_000)))
  assert.ok(text.length < STRING_CHARS_MAX + 30 && text.endsWith('(5000 characters)'))
  const bytes = shown(Buffer.alloc(5_000, 0)) as { base64: string; length: number; cut: boolean }
  assert.deepEqual([Buffer.from(bytes.base64, 'base64').length, bytes.length, bytes.cut], [BYTES_MAX, 5_000, true])
  const list = shown(Array.from({ length: 1_000 }, (_, i) => i)) as unknown[]
  assert.deepEqual([list.length, list.at(-1)], [ENTRIES_MAX + 1, '… (1000 elements)'])
  const circle: Record<string, unknown> = {}
  circle.self = circle
  assert.match(JSON.stringify(shown(circle)), /\(cut\)/)
  const wide = Array.from({ length: 150 }, () => Array.from({ length: 150 }, () => 'some text of a field'))
  assert.ok(JSON.stringify(shown(wide)).length < 2 * SNAPSHOT_BYTES_MAX)
})

test('an answer is filled to its limit, and then shows no more values', () => {
  const renderer = new Renderer(text => text, 3_000)
  for (let i = 0; i < 5; i++) renderer.any({ a: 'x'.repeat(900) })
  assert.equal(renderer.isFull, true)
  assert.equal(renderer.any('later'), '… (cut)')
})

test('a secret is taken out of texts, names, numbers and bytes, and before a text is cut', () => {
  const renderer = new Renderer(text => text.replaceAll('44556677', '[hidden]'))
  const value = {
    text: 'a44556677b',
    number: 44556677,
    bytes: Buffer.from('x44556677'),
    44556677: 1,
    cut: `${'x'.repeat(STRING_CHARS_MAX - 4)}44556677`,
  }
  const text = JSON.stringify(renderer.any(value))
  assert.ok(!text.includes('4455'), text)
  assert.ok(!text.includes(Buffer.from('x44556677').toString('base64')))
  assert.equal(renderer.raw(Buffer.from('44556677')), '[hidden]')
})

test('objects that throw when looked at, functions and symbols are told, not thrown', () => {
  const hostile = {
    get a(): never {
      throw new Error('no')
    },
  }
  assert.equal(shown(hostile), '(this value cannot be shown)')
  assert.match(String(shown(() => 1)), /a function, which is no Connect value/)
  assert.match(String(shown(Symbol('s'))), /a symbol/)
})

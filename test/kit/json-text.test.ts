// JSON text of values: Java's number texts, exact integers, and the quick way meaning the same as the slow one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Decimal, FLOAT32, Float64, INT64, Schema, STRING, Struct } from '../../src/api/index.ts'
import { dateSchema, decimalSchema, timestampSchema } from '../../src/data/logical.ts'
import { mapOf, structOf } from '../../src/data/schema-builder.ts'
import { jsonText } from '../../src/kit/formats/json-text.ts'

const text = (value: unknown, schema: Schema | null = null): string => jsonText(value, schema, 'BASE64')

test('schemaless values keep integers, doubles and exactness apart', () => {
  const value = {
    i: 1,
    d: new Float64(1),
    e: 1e10 + 0.5,
    t: 1.5e-7,
    big: 9007199254740993n,
    nan: Number.NaN,
    s: 'a"\n\u0001ü😀\ud800',
    b: Buffer.from([1, 2]),
    n: null,
    u: undefined,
    l: [1, [new Float64(2)], {}],
    dec: Decimal.parse('1.50'),
  }
  assert.equal(
    text(value),
    '{"i":1,"d":1.0,"e":1.00000000005E10,"t":1.5E-7,"big":9007199254740993,"nan":"NaN","s":"a\\"\\n\\u0001ü😀\\ud800","b":"AQI=",' +
      '"n":null,"u":null,"l":[1,[2.0],{}],"dec":1.50}',
  )
})

test('structs, maps and logical types are written as Java writes them without schemas', () => {
  const schema = structOf({
    id: INT64,
    f: FLOAT32,
    day: dateSchema(),
    at: timestampSchema(),
    dec: decimalSchema(2),
    def: new Schema({ type: 'string', default: 'x' }),
    m: mapOf(STRING, INT64),
    p: mapOf(INT64, STRING),
  })
  const struct = new Struct(schema, [
    9007199254740993n,
    0.1,
    new Date(86_400_000 * 3),
    new Date(1234),
    new Decimal(150n, 2),
    null,
    new Map([['a', 1]]),
    new Map([[1, 'a']]),
  ])
  assert.equal(
    text(struct, schema),
    '{"id":9007199254740993,"f":0.1,"day":3,"at":1234,"dec":"AJY=","def":"x","m":{"a":1},"p":[[1,"a"]]}',
  )
  assert.match(jsonText(struct, schema, 'NUMERIC'), /"dec":1\.50/)
})

test('the quick way and the slow way agree on any JSON value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), value => {
      // A bigint beside it takes the slow way.
      assert.deepEqual(JSON.parse(text({ value, slow: 1n })), JSON.parse(text({ value, slow: 1 })))
      assert.deepEqual(JSON.parse(text({ value })), JSON.parse(JSON.stringify({ value })))
    }),
  )
})

// schemas.enable=true: the cached envelope must give what a full parse gives, and one Schema object for equal schemas (D11).
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { prng } from '../../../src/base/prng.ts'
import { EnvelopeCache } from '../../../src/converters/json/envelope-cache.ts'
import { JsonConverter } from '../../../src/converters/json/json-converter.ts'
import { Float64 } from '../../../src/data/decimal.ts'
import { NO_HEADERS } from '../../../src/data/headers.ts'
import { Schema, STRING } from '../../../src/data/schema.ts'
import { schemaEquals, valueEquals } from '../../../src/data/schema-equality.ts'
import { Struct } from '../../../src/data/struct.ts'

function converter(props: Record<string, string> = {}): JsonConverter {
  const made = new JsonConverter()
  made.configure(props)
  return made
}
const read = (c: JsonConverter, text: string) => c.toConnectData('t', Buffer.from(text), NO_HEADERS)

const SCHEMA =
  '{"type":"struct","fields":[{"type":"int64","field":"id"},{"type":"string","optional":true,"field":"payload"},{"type":"double","field":"schema"}],"name":"r"}'
const PAYLOADS = [
  '{"id":1,"payload":"x","schema":1.5}',
  '{"id":9007199254740993,"schema":2}',
  '{"schema":1.0,"id":3,"payload":null}',
  '{"id":4,"payload":"}\\"","schema":4.25}',
]
const FORMS = [
  (s: string, p: string) => `{"schema":${s},"payload":${p}}`,
  (s: string, p: string) => `{"payload":${p},"schema":${s}}`,
  (s: string, p: string) => ` { "schema" : ${s} ,\n "payload" : ${p} } \n`,
  (s: string, p: string) => `{ "payload": ${p}, "schema": ${s} }`,
]

describe('the cache of JSON envelopes', () => {
  it('gives one Schema object and right values for both key orders and any whitespace', () => {
    const c = converter()
    const first = read(c, `{"schema":${SCHEMA},"payload":${PAYLOADS[0]}}`).schema
    for (let round = 0; round < 3; round++) {
      for (const form of FORMS) {
        for (const payload of PAYLOADS) {
          const { schema, value } = read(c, form(SCHEMA, payload))
          assert.equal(schema, first)
          const fresh = read(converter(), form(SCHEMA, payload))
          assert.ok(valueEquals(value, fresh.value), payload)
        }
      }
    }
  })

  it('equal schemas written differently are one object, different ones are not', () => {
    const c = converter()
    const one = read(c, '{"schema":{"type":"int32","optional":false},"payload":1}').schema
    assert.equal(read(c, '{"schema":{"optional":false,"type":"int32"},"payload":1}').schema, one)
    assert.equal(read(c, '{"schema":{"type":"int32"},"payload":1}').schema, one)
    assert.notEqual(read(c, '{"schema":{"type":"int32","optional":true},"payload":1}').schema, one)
    assert.notEqual(read(c, '{"schema":{"type":"int32","doc":"d"},"payload":1}').schema, one)
  })

  it('does not take a third key, a broken payload or garbage for the payload', () => {
    const c = converter()
    read(c, '{"schema":{"type":"int32"},"payload":1}')
    for (const bad of ['1,"x":2', '', '1}', '[1', '1 2', '"']) {
      const text = `{"schema":{"type":"int32"},"payload":${bad}}`
      const fresh = (() => {
        try {
          return read(converter(), text).value
        } catch {
          return 'refused'
        }
      })()
      if (fresh === 'refused') assert.throws(() => read(c, text), { name: /DataError|SchemaError/ }, text)
      else assert.equal(read(c, text).value, fresh, text)
    }
    assert.equal(read(c, '{"schema":{"type":"int32"},"payload":1,"payload":2}').value, 2)
  })

  it('a payload as deep as Jackson allows, alone but not in its envelope, is refused known or not', () => {
    for (const prefix of ['{"schema":{"type":"struct","fields":[]},"payload":', '{"schema":null,"payload":']) {
      const c = converter()
      read(c, `${prefix}{"a":1}}`)
      const deep = (depth: number) => `${prefix}${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`
      assert.ok(read(c, deep(999)))
      assert.throws(() => read(c, deep(1000)), { name: 'DataError', message: /nested deeper than 1000/ })
      assert.throws(() => read(converter(), deep(1000)), { name: 'DataError' })
    }
  })

  it('schemas as large as messages push each other out instead of filling the heap', () => {
    const cache = new EnvelopeCache(1000)
    const document = (i: number) => Buffer.from(`{"schema":"${i}${'x'.repeat(1 << 20)}","payload":1}`)
    for (let i = 0; i < 40; i++) {
      const bytes = document(i)
      cache.add(bytes, 0, bytes.length, bytes.length - 2, bytes.length - 1, STRING)
    }
    const isKept = (bytes: Buffer) => cache.find(bytes, 0, bytes.length) !== undefined
    assert.equal(isKept(document(39)), true)
    assert.equal(Array.from({ length: 40 }, (_, i) => isKept(document(i))).filter(Boolean).length, 7)
  })

  it('hundreds of schemas that look alike to the cache are not compared one by one, and stay right', () => {
    const cache = new EnvelopeCache(1000)
    const document = (i: number) => Buffer.from(`{"schema":{"name":"payload","doc":"${i}"},"payload":1}`)
    for (let i = 0; i < 100; i++) {
      const bytes = document(i)
      cache.add(bytes, 0, bytes.length, bytes.length - 2, bytes.length - 1, new Schema({ type: 'int32', doc: String(i) }))
    }
    const found = Array.from({ length: 100 }, (_, i) => cache.find(document(i), 0, document(i).length)?.schema?.doc ?? null)
    assert.deepEqual(found, [...Array(84).fill(null), ...Array.from({ length: 16 }, (_, i) => String(84 + i))])
  })

  it('without schemas: numbers keep their kind, known or not', () => {
    const c = converter()
    for (let round = 0; round < 3; round++) {
      const { schema, value } = read(c, '{"schema":null,"payload":{"a":1.0,"b":[1,9007199254740993,1.5],"c":null}}')
      assert.equal(schema, null)
      assert.deepEqual(value, { a: new Float64(1), b: [1, 9007199254740993n, 1.5], c: null })
      assert.equal(read(c, '{"schema":null,"payload":null}').value, null)
    }
  })

  it('stays right and small when more schemas pass than schemas.cache.size', () => {
    const c = converter({ 'schemas.cache.size': '3' })
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 20; i++) {
        const { schema, value } = read(c, `{"schema":{"type":"int32","name":"s${i}"},"payload":${i}}`)
        assert.equal(schema?.name, `s${i}`)
        assert.equal(value, i)
      }
    }
    for (const size of ['0', '-1', '-2147483648']) {
      const none = converter({ 'schemas.cache.size': size })
      const { schema, value } = read(none, '{"schema":{"type":"int32"},"payload":7}')
      assert.equal(value, 7)
      assert.equal(
        none.fromConnectData('t', schema, value, NO_HEADERS)?.toString(),
        '{"schema":{"type":"int32","optional":false},"payload":7}',
      )
    }
  })

  it('writes and reads back whatever struct, the same bytes again', () => {
    const c = converter()
    const { schema } = read(c, `{"schema":${SCHEMA},"payload":${PAYLOADS[0]}}`)
    assert.ok(schema)
    const random = prng(9)
    for (let i = 0; i < 500; i++) {
      const id = random() < 0.2 ? BigInt.asIntN(64, BigInt(Math.floor(random() * 2 ** 52)) * 4099n) : Math.floor(random() * 1e6)
      const name = random() < 0.3 ? null : String.fromCharCode(...Array.from({ length: 5 }, () => Math.floor(random() * 0x300)))
      const struct = new Struct(schema, [
        Number.isSafeInteger(Number(id)) ? Number(id) : id,
        name,
        random() * 10 ** Math.floor(random() * 30 - 15),
      ])
      const bytes = c.fromConnectData('t', schema, struct, NO_HEADERS)
      const back = c.toConnectData('t', bytes, NO_HEADERS)
      assert.ok(valueEquals(back.value, struct), bytes?.toString())
      assert.ok(schemaEquals(back.schema, schema))
      assert.deepEqual(c.fromConnectData('t', back.schema, back.value, NO_HEADERS), bytes)
    }
  })
})

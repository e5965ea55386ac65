// Goal: whatever a JsonConverter has read before, it reads the next record as one that has read nothing (which goes through the exact
// parser), spoilt bytes, hostile schemas and odd numbers included; and what it writes is JSON that it reads back. Method: fast-check,
// time-boxed; a failure prints its seed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ConnectError } from '../../src/base/errors.ts'
import { JsonConverter } from '../../src/converters/json/json-converter.ts'
import { writeDocument, writeJson } from '../../src/converters/json/writer.ts'
import { Decimal, Float64, int64, schemalessDouble } from '../../src/data/decimal.ts'
import { NO_HEADERS } from '../../src/data/headers.ts'
import { Schema, type SchemaAndValue, type Type } from '../../src/data/schema.ts'
import { schemaEquals, valueEquals } from '../../src/data/schema-equality.ts'
import { Struct } from '../../src/data/struct.ts'

const TIME_MS = 2500
const box = { interruptAfterTimeLimit: TIME_MS, numRuns: 100_000, markInterruptAsFailure: false }

function converter(props: Record<string, string> = {}): JsonConverter {
  const made = new JsonConverter()
  made.configure(props)
  return made
}

const FAILED = Symbol('failed')

/** What comes of it, FAILED for an error that a user may cause; any other error is the test's. */
function attempt<T>(run: () => T): T | typeof FAILED {
  try {
    return run()
  } catch (error) {
    if (error instanceof ConnectError) return FAILED
    throw error
  }
}

function same(a: SchemaAndValue | typeof FAILED, b: SchemaAndValue | typeof FAILED): boolean {
  if (a === FAILED || b === FAILED) return a === b
  return schemaEquals(a.schema, b.schema) && valueEquals(a.value, b.value)
}

// ---- documents

const NUMBERS = [
  '0',
  '-0',
  '-0.0',
  '1',
  '-7',
  '300',
  '1.0',
  '1.5',
  '1e3',
  '25.00',
  '1e999999999',
  '1e-999999999',
  '1e400',
  '-1e-400',
  '9007199254740993',
  '9223372036854775808',
  '-9223372036854775809',
  '123456789012345678901234567890',
  '0.1',
  '0.30000000000000004',
  '16777217',
  '1.00000017881393432617187501',
  '86400000',
  '86400001',
  '18000',
  '007',
  '1.',
  'NaN',
  `1${'0'.repeat(999)}`,
  `1${'0'.repeat(1000)}`,
]
const PIECES = [
  'null',
  'true',
  'false',
  '"x"',
  '""',
  '"AQI="',
  '"AQI"',
  '"1.5"',
  '"NaN"',
  '"\\ud800"',
  '"\\u0000é"',
  '"payload"',
  '"schema"',
  '"}"',
  '{}',
  '[]',
]
const jsonNumber = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NUMBERS) },
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
)
const name = fc.constantFrom('a', 'b', 'payload', 'schema', '__proto__', 'toString', '', 'é', 'k"')
const space = fc.constantFrom('', '', '', '', ' ', '\n\t')
const { value: payload } = fc.letrec<{ value: string }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    jsonNumber,
    fc.constantFrom(...PIECES),
    fc.tuple(fc.array(tie('value'), { maxLength: 4 }), space).map(([items, s]) => `[${s}${items.join(`${s},`)}]`),
    fc
      .tuple(fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }), space)
      .map(([members, s]) => `{${members.map(([key, value]) => `${s}${JSON.stringify(key)}:${s}${value}`).join(`${s},`)}}`),
  ),
}))

const DATA = 'org.apache.kafka.connect.data.'
const LOGICAL = [
  `"type":"bytes","name":"${DATA}Decimal","parameters":{"scale":"2"}`,
  `"type":"int32","name":"${DATA}Date"`,
  `"type":"int32","name":"${DATA}Time"`,
  `"type":"int64","name":"${DATA}Timestamp"`,
]
const PRIMITIVE = ['boolean', 'int8', 'int16', 'int32', 'int64', 'float', 'double', 'string', 'bytes'].map(
  type => `"type":"${type}"`,
)
const extras = fc.constantFrom(
  '',
  '',
  ',"optional":true',
  ',"optional":true',
  ',"default":1',
  ',"default":"x"',
  ',"name":"payload"',
  ',"doc":"\\"payload\\""',
  ',"version":1',
)
/** Keys that are equal as JavaScript compares them; those of bytes, lists and dates are objects. */
const keySchemaText = fc
  .tuple(fc.constantFrom(...PRIMITIVE.filter(type => !type.includes('bytes'))), extras)
  .map(([type, extra]) => `{${type}${extra}}`)
const { schema: schemaText } = fc.letrec<{ schema: string }>(tie => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.tuple(fc.constantFrom(...PRIMITIVE, ...LOGICAL), extras).map(([type, extra]) => `{${type}${extra}}`),
    fc.tuple(tie('schema'), extras).map(([items, extra]) => `{"type":"array","items":${items}${extra}}`),
    fc
      .tuple(tie('schema'), extras)
      .map(([values, extra]) => `{"type":"map","keys":{"type":"string"},"values":${values}${extra}}`),
    fc.tuple(keySchemaText, tie('schema')).map(([keys, values]) => `{"type":"map","keys":${keys},"values":${values}}`),
    fc
      .tuple(fc.array(fc.tuple(name, tie('schema')), { maxLength: 4 }), extras)
      .map(
        ([fields, extra]) =>
          `{"type":"struct","fields":[${fields.map(([field, s]) => `${s.slice(0, -1)},"field":${JSON.stringify(field)}}`).join(',')}]${extra}}`,
      ),
  ),
}))
const FORMS: readonly ((schema: string, value: string) => string)[] = [
  (s, p) => `{"schema":${s},"payload":${p}}`,
  (s, p) => `{"payload":${p},"schema":${s}}`,
  (s, p) => ` { "schema" : ${s} ,\n "payload" : ${p} } `,
  (s, p) => `{"schema":${s},"payload":${p}} x`,
  (s, p) => `{"schema":${s},"payload":1,"payload":${p}}`,
  (s, p) => `{"schema":null,"payload":${p},"schema":${s}}`,
]
/** Same schema and form, several payloads: the second meets the cache. */
const topic = fc.tuple(
  fc.oneof({ weight: 6, arbitrary: schemaText }, fc.constant('null')),
  fc.constantFrom(...FORMS),
  fc.array(payload, { minLength: 2, maxLength: 6 }),
)
const damage = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom<'none' | 'cut' | 'set' | 'insert'>('none', 'none', 'cut', 'set', 'insert'),
  fc.nat(255),
)

function damaged(bytes: Buffer, [where, how, byte]: [number, 'none' | 'cut' | 'set' | 'insert', number]): Buffer {
  const at = Math.floor(where * bytes.length)
  if (how === 'none') return bytes
  if (how === 'cut') return bytes.subarray(0, at)
  return Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at + (how === 'set' ? 1 : 0))])
}

for (const props of [{}, { 'replace.null.with.default': 'false', 'schemas.cache.size': '3' }]) {
  test(`a record in a known envelope is read as by a new converter ${JSON.stringify(props)}`, () => {
    let used = converter(props)
    let count = 0
    fc.assert(
      fc.property(topic, damage, ([schema, form, payloads], harm) => {
        if (++count % 50 === 0) used = converter(props)
        for (const [i, value] of payloads.entries()) {
          const whole = Buffer.from(form(schema, value))
          const bytes = i === payloads.length - 1 ? damaged(whole, harm) : whole
          const known = attempt(() => used.toConnectData('t', bytes, NO_HEADERS))
          const fresh = attempt(() => converter(props).toConnectData('t', bytes, NO_HEADERS))
          assert.ok(same(known, fresh), `${bytes.toString()}\nknown ${shown(known)}\nfresh ${shown(fresh)}`)
        }
      }),
      box,
    )
  })
}

const shown = (data: SchemaAndValue | typeof FAILED): string =>
  data === FAILED
    ? 'failed'
    : JSON.stringify(data.value, (_key, v: unknown) => (typeof v === 'bigint' ? `${v}n` : Object.is(v, -0) ? '-0' : v))

test('a payload under schema.content is read as the same payload in an envelope', () => {
  fc.assert(
    fc.property(schemaText, fc.array(payload, { minLength: 1, maxLength: 4 }), (schema, payloads) => {
      const fixed = attempt(() => converter({ 'schema.content': schema }))
      for (const value of payloads) {
        const enveloped = attempt(() =>
          converter().toConnectData('t', Buffer.from(`{"schema":${schema},"payload":${value}}`), NO_HEADERS),
        )
        if (fixed === FAILED) assert.equal(enveloped, FAILED)
        else
          assert.ok(
            same(
              attempt(() => fixed.toConnectData('t', Buffer.from(value), NO_HEADERS)),
              enveloped,
            ),
            `${schema}\n${value}`,
          )
      }
    }),
    box,
  )
})

// ---- writing

interface Typed {
  readonly schema: Schema
  readonly value: unknown
}

const typed = (type: Type, values: fc.Arbitrary<unknown>): fc.Arbitrary<Typed> =>
  values.map(value => ({ schema: new Schema({ type }), value }))
const logical = (schema: Schema, values: fc.Arbitrary<unknown>): fc.Arbitrary<Typed> => values.map(value => ({ schema, value }))
const text = fc.string({ unit: 'binary', maxLength: 12 })
const scalar: fc.Arbitrary<Typed> = fc.oneof(
  typed('int8', fc.integer({ min: -128, max: 127 })),
  typed('int32', fc.integer()),
  typed('int64', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(int64)),
  typed('float32', fc.float({ noNaN: true, noDefaultInfinity: true })),
  typed('float64', fc.double({ noNaN: true, noDefaultInfinity: true })),
  typed('boolean', fc.boolean()),
  typed('string', text),
  typed(
    'bytes',
    fc.uint8Array({ maxLength: 20 }).map(bytes => Buffer.from(bytes)),
  ),
  logical(
    new Schema({ type: 'bytes', name: `${DATA}Decimal`, version: 1, parameters: new Map([['scale', '3']]) }),
    fc.bigInt().map(n => new Decimal(n, 3)),
  ),
  logical(
    new Schema({ type: 'int32', name: `${DATA}Date`, version: 1 }),
    fc.integer({ min: -100_000, max: 100_000 }).map(days => new Date(days * 86_400_000)),
  ),
  logical(new Schema({ type: 'int64', name: `${DATA}Timestamp`, version: 1 }), fc.date({ noInvalidDate: true })),
)
const { any: anyTyped } = fc.letrec<{ any: Typed }>(tie => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar,
    fc.tuple(tie('any'), fc.nat(3)).map(([{ schema, value }, count]) => ({
      schema: new Schema({ type: 'array', valueSchema: schema }),
      value: Array(count).fill(value),
    })),
    fc.tuple(text, tie('any')).map(([key, { schema, value }]) => ({
      schema: new Schema({ type: 'map', keySchema: new Schema({ type: 'string' }), valueSchema: schema }),
      value: new Map([[key, value]]),
    })),
    fc.uniqueArray(fc.tuple(text, tie('any')), { selector: ([key]) => key, maxLength: 4 }).map(fields => {
      const schema = new Schema({ type: 'struct', fields: fields.map(([key, one]) => ({ name: key, schema: one.schema })) })
      return {
        schema,
        value: new Struct(
          schema,
          fields.map(([, one]) => one.value),
        ),
      }
    }),
  ),
}))

test('what is written with a schema is JSON and comes back, decimals in both formats', () => {
  for (const format of ['base64', 'numeric']) {
    const one = converter({ 'decimal.format': format })
    fc.assert(
      fc.property(anyTyped, ({ schema, value }) => {
        const bytes = one.fromConnectData('t', schema, value, NO_HEADERS) as Buffer
        JSON.parse(bytes.toString())
        const back = one.toConnectData('t', bytes, NO_HEADERS)
        assert.ok(schemaEquals(back.schema, schema), bytes.toString())
        assert.ok(valueEquals(withoutNegativeZero(back.value), withoutNegativeZero(value)), bytes.toString())
      }),
      { ...box, interruptAfterTimeLimit: TIME_MS / 2 },
    )
  }
})

/** JSON's reader in Java, and ours, makes 0 of -0. */
function withoutNegativeZero(value: unknown): unknown {
  if (typeof value === 'number') return value + 0
  if (Array.isArray(value)) return value.map(withoutNegativeZero)
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, withoutNegativeZero(item)]))
  return value instanceof Struct ? new Struct(value.schema, value.values.map(withoutNegativeZero)) : value
}

const { data } = fc.letrec<{ data: unknown }>(tie => ({
  data: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    text,
    fc.constant(null),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(int64),
    fc.double().map(schemalessDouble),
    fc.array(tie('data'), { maxLength: 4 }),
    fc.dictionary(text, tie('data'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

test('schemaless data: the short way through JSON.stringify writes what the long way writes, and it comes back', () => {
  const one = converter({ 'schemas.enable': 'false' })
  const options = { numericDecimals: false, replaceNullWithDefault: true }
  fc.assert(
    fc.property(data, value => {
      const written = writeDocument(null, value, options)
      assert.equal(written, writeJson(null, value, options))
      JSON.parse(written)
      if (value === null) return
      const { value: back } = one.toConnectData('t', one.fromConnectData('t', null, value, NO_HEADERS), NO_HEADERS)
      assert.ok(valueEquals(back, asRead(value)), written)
    }),
    box,
  )
})

/** As JSON holds it: not-a-numbers are strings, a negative zero is none, a surrogate without its pair stays one (it is escaped). */
function asRead(value: unknown): unknown {
  if (value instanceof Float64) return Number.isFinite(value.value) ? new Float64(value.value + 0) : String(value.value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (Array.isArray(value)) return value.map(asRead)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asRead(item)]))
}

// What golden cases cannot show: names that mean something to JavaScript, records shared with others, schemas built anew.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TransformationPlugin } from '../../src/api/plugin.ts'
import type { Transformation } from '../../src/api/transformation.ts'
import { Float64 } from '../../src/data/decimal.ts'
import { NO_HEADERS } from '../../src/data/headers.ts'
import { SinkRecord } from '../../src/data/record.ts'
import { INT64, type Schema, STRING } from '../../src/data/schema.ts'
import { structOf } from '../../src/data/schema-builder.ts'
import { Struct } from '../../src/data/struct.ts'
import { plugins as insertField } from '../../src/transforms/insert-field.ts'
import { plugins as maskField } from '../../src/transforms/mask-field.ts'
import { plugins as regexRouter } from '../../src/transforms/regex-router.ts'
import { plugins as replaceField } from '../../src/transforms/replace-field.ts'
import { SchemaCache } from '../../src/transforms/schema-cache.ts'
import { plugins as valueToKey } from '../../src/transforms/value-to-key.ts'

function make(plugins: readonly unknown[], className: string, config: Record<string, string>): Transformation {
  const plugin = (plugins as TransformationPlugin[]).find(p => p.className.endsWith(className))
  assert.ok(plugin !== undefined)
  const made = plugin.create()
  made.configure(config)
  return made
}

function sinkRecord(valueSchema: Schema | null, value: unknown, topic = 't'): SinkRecord {
  return new SinkRecord(topic, 0, null, null, valueSchema, value, 5, 1000, 'CreateTime', NO_HEADERS, topic, 0, 5)
}

test('a field named __proto__ is copied, masked, renamed and made a key as any other, and no prototype changes', () => {
  const value = JSON.parse('{"__proto__":"x","a":1}') as Record<string, unknown>
  const own = (object: unknown): unknown => Object.getOwnPropertyDescriptor(object, '__proto__')?.value
  const masked = make(maskField, 'MaskField$Value', { fields: '__proto__' }).apply(sinkRecord(null, value))?.value
  assert.equal(own(masked), '')
  assert.equal(Object.getPrototypeOf(masked), Object.prototype)
  const inserted = make(insertField, 'InsertField$Value', { 'topic.field': '__proto__' }).apply(sinkRecord(null, { a: 1 }))?.value
  assert.equal(own(inserted), 't')
  const renamed = make(replaceField, 'ReplaceField$Value', { renames: 'a:__proto__', exclude: '__proto__' }).apply(
    sinkRecord(null, value),
  )
  assert.equal(own(renamed?.value), 1)
  const keyed = make(valueToKey, 'ValueToKey', { fields: '__proto__' }).apply(sinkRecord(null, value))
  assert.equal(own(keyed?.key), 'x')
})

test('a missing field named like a method of every object is missing', () => {
  const keyed = make(valueToKey, 'ValueToKey', { fields: 'constructor,toString' }).apply(sinkRecord(null, { a: 1 }))
  assert.deepEqual(Object.entries(keyed?.key as object).sort(), [
    ['constructor', null],
    ['toString', null],
  ])
})

test('masking keeps whole doubles apart from integers, and fields in their order', () => {
  const value = { b: 1.5, a: 7, d: new Float64(3), c: 2n ** 60n }
  const masked = make(maskField, 'MaskField$Value', { fields: 'a,b,c,d' }).apply(sinkRecord(null, value))?.value
  assert.deepEqual(Object.entries(masked as object), [
    ['b', new Float64(0)],
    ['a', 0],
    ['d', new Float64(0)],
    ['c', 0],
  ])
  assert.deepEqual(Object.keys(value), ['b', 'a', 'd', 'c'])
})

test('one schema in gives one schema out, also when a source builds it anew for each record', () => {
  const insert = make(insertField, 'InsertField$Value', { 'topic.field': 'topic' })
  const out = (): unknown => {
    const schema = structOf({ a: STRING })
    return insert.apply(sinkRecord(schema, new Struct(schema, ['x'])))?.valueSchema
  }
  assert.equal(out(), out())
})

test('a transform that sees ever new schemas keeps sixteen of them', () => {
  let made = 0
  const cache = new SchemaCache(() => ++made)
  const schemas = Array.from({ length: 17 }, (_, i) => structOf({ [`f${i}`]: INT64 }))
  for (const schema of schemas) cache.get(schema)
  for (const schema of schemas.slice(1)) cache.get(schema)
  assert.equal(made, 17)
  cache.get(schemas[0] as Schema)
  assert.equal(made, 18)
})

test('a replacement that names no group fails with the record that matches, not before', () => {
  const router = make(regexRouter, 'RegexRouter', { regex: 'a.*', replacement: '$1' })
  assert.equal(router.apply(sinkRecord(null, null, 'b'))?.topic, 'b')
  assert.throws(() => router.apply(sinkRecord(null, null, 'abc')), { message: 'No group 1' })
})

test('a pattern that JavaScript would read differently is refused at configure, saying what to avoid', () => {
  assert.throws(
    () => make(regexRouter, 'RegexRouter', { regex: 'a*+', replacement: 'x' }),
    /possessive quantifier .* not supported/,
  )
})

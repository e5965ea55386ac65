// Results as a reader sees them, ours in the same tagged form as Java's. Main thread of `npm run test:oracle`.
import { Decimal, Float64 } from '../../../src/data/decimal.ts'
import { doubleText, floatText } from '../../../src/data/java-number.ts'
import type { ConnectRecord } from '../../../src/data/record.ts'
import type { Schema } from '../../../src/data/schema.ts'
import { Struct } from '../../../src/data/struct.ts'
import type { TaggedSchema } from './data.ts'

/** Java's side with its schemas in place. */
export function shownJava(result: unknown, schemas: readonly TaggedSchema[] = []): string {
  const at = (index: unknown): unknown => (typeof index === 'number' ? schemas[index] : index)
  return JSON.stringify(result, (key, value: unknown) => {
    if (key === 'headers')
      return (value as [string, unknown, unknown][]).map(([name, schema, given]) => [name, at(schema), given])
    return key.endsWith('Schema') ? at(value) : value
  })
}

export function shownOurs(result: unknown): string {
  const { error, record } = Object(result) as { error?: unknown; record?: ConnectRecord }
  const failure = result instanceof Error ? result : error
  if (failure instanceof Error) return `${failure.name}: ${failure.message}`
  if (record === undefined) return JSON.stringify(result)
  return JSON.stringify({
    topic: record.topic,
    partition: record.kafkaPartition,
    timestamp: record.timestamp,
    keySchema: taggedSchema(record.keySchema),
    key: taggedValue(record.keySchema, record.key),
    valueSchema: taggedSchema(record.valueSchema),
    value: taggedValue(record.valueSchema, record.value),
    headers: record.headers.entries.map(h => [h.key, taggedSchema(h.schema), taggedValue(h.schema, h.value)]),
  })
}

function taggedSchema(schema: Schema | null): unknown {
  if (schema === null) return null
  const { type, optional, name, version, doc, parameters, fields, keySchema, valueSchema } = schema
  const isPlain = name === null && version === null && doc === null && schema.default === null && parameters.size === 0
  if (isPlain && type !== 'struct' && valueSchema === null) return `${type}${optional ? '?' : ''}`
  return {
    t: type,
    ...(optional ? { o: true } : {}),
    ...(name === null ? {} : { n: name }),
    ...(version === null ? {} : { v: version }),
    ...(doc === null ? {} : { doc }),
    ...(parameters.size === 0 ? {} : { p: Object.fromEntries(parameters) }),
    ...(keySchema === null ? {} : { k: taggedSchema(keySchema) }),
    ...(valueSchema === null ? {} : { e: taggedSchema(valueSchema) }),
    ...(type === 'struct' ? { f: fields.map(field => [field.name, taggedSchema(field.schema)]) } : {}),
    ...(schema.default === null ? {} : { d: taggedValue(schema, schema.default) }),
  }
}

const TAGS: Readonly<Record<string, string>> = { int8: 'b', int16: 's', int32: 'i', int64: 'l' }

function taggedValue(schema: Schema | null, value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return value ?? null
  if (typeof value === 'bigint') return { l: String(value) }
  if (typeof value === 'number') {
    if (schema?.type === 'float32') return { f: floatText(value) }
    if (schema === null ? !Number.isInteger(value) : schema.type === 'float64') return { d: doubleText(value) }
    return { [schema === null ? 'l' : (TAGS[schema.type] ?? '?')]: String(value) }
  }
  if (value instanceof Float64) return { d: doubleText(value.value) }
  if (value instanceof Decimal) return { dec: [String(value.unscaled), value.scale] }
  if (value instanceof Date) return { ts: value.getTime() }
  if (value instanceof Uint8Array) return { x: Buffer.from(value).toString('hex') }
  if (Array.isArray(value)) return { a: value.map(item => taggedValue(schema?.valueSchema ?? null, item)) }
  if (value instanceof Struct) {
    return { st: value.values.map((item, i) => taggedValue(value.schema.fields[i]?.schema ?? null, item)) }
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  const { keySchema = null, valueSchema = null } = schema ?? {}
  return { m: entries.map(([key, item]) => [taggedValue(keySchema, key), taggedValue(valueSchema, item)]) }
}

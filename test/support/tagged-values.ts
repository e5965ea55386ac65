// The tagged JSON of test/golden/transforms: schemas and values with their Java types, written by Recorder.java. Tests only.
//
//   schema   null | "int32" | "int32?" (optional) | { t, o, n, v, doc, p, d, f: [[name, schema]], k, e }
//   value    null, text and booleans as they are; { b|s|i|l|f|d: "digits" } for Byte ... Double; { dec: [unscaled, scale] };
//            { ts: ms } java.util.Date; { x: hex }; { a: [...] } list; { m: [[key, value]] } map; { st: [...] } struct by position
//   "@name"  a shape of shapes.ts
import { Decimal, int64, schemalessDouble } from '../../src/data/decimal.ts'
import { Headers } from '../../src/data/headers.ts'
import { floatText } from '../../src/data/java-number.ts'
import { type ConnectRecord, SinkRecord, SourceRecord } from '../../src/data/record.ts'
import { Schema, type SchemaParts, type Type } from '../../src/data/schema.ts'
import { Struct } from '../../src/data/struct.ts'
import { SHAPES } from '../golden/transforms/shapes.ts'

type Json = null | string | boolean | number | Json[] | { [key: string]: Json }
type JsonObject = { [key: string]: Json }

const plain = new Map<string, Schema>()

export function schemaFrom(json: unknown): Schema | null {
  if (json === null || json === undefined) return null
  if (typeof json === 'string' && json.startsWith('@')) return shapeOf(json)
  if (typeof json === 'string') {
    const known = plain.get(json) ?? new Schema({ type: json.replace('?', '') as Type, optional: json.endsWith('?') })
    plain.set(json, known)
    return known
  }
  const { t, o, n, v, doc, p, d, f, k, e } = json as JsonObject
  const parts: SchemaParts = {
    type: t as Type,
    optional: o === true,
    name: (n as string | undefined) ?? null,
    version: (v as number | undefined) ?? null,
    doc: (doc as string | undefined) ?? null,
    parameters: new Map(Object.entries((p as Record<string, string> | undefined) ?? {})),
    fields: ((f as [string, Json][] | undefined) ?? []).map(([name, schema]) => ({ name, schema: schemaFrom(schema) as Schema })),
    keySchema: schemaFrom(k),
    valueSchema: schemaFrom(e),
  }
  const schema = new Schema(parts)
  return d === undefined ? schema : new Schema({ ...parts, default: valueFrom(schema, d) })
}

/** One object a name, as converters hand out one schema object for equal schemas. */
function shapeOf(name: string): Schema {
  const known = plain.get(name) ?? (schemaFrom(SHAPES[name.slice(1)]) as Schema)
  plain.set(name, known)
  return known
}

export function valueFrom(schema: Schema | null, json: unknown): unknown {
  if (typeof json === 'string' && json.startsWith('@')) return valueFrom(schema, SHAPES[json.slice(1)])
  if (json === null || typeof json !== 'object') return json ?? null
  const [tag, content] = Object.entries(json as JsonObject)[0] ?? ['', null]
  switch (tag) {
    case 'b':
    case 's':
    case 'i':
      return Number(content)
    case 'f':
      // Without a schema a float is the double of its shortest digits; JDK 17, which recorded, sometimes writes more.
      return schema === null ? schemalessDouble(Number(floatText(Number(content)))) : Math.fround(Number(content))
    case 'l':
      return int64(BigInt(content as string))
    case 'd':
      return schema === null ? schemalessDouble(Number(content)) : Number(content)
    case 'dec': {
      const [unscaled, scale] = content as [string, number]
      return new Decimal(BigInt(unscaled), scale)
    }
    case 'ts':
      return new Date(content as number)
    case 'x':
      return Buffer.from(content as string, 'hex')
    case 'a':
      return (content as Json[]).map(item => valueFrom(schema?.valueSchema ?? null, item))
    case 'm':
      return mapFrom(schema, content as [Json, Json][])
    case 'st':
      return new Struct(
        schema as Schema,
        (content as Json[]).map((item, i) => valueFrom(schema?.fields[i]?.schema ?? null, item)),
      )
  }
  throw new Error(`unknown tag ${tag}`)
}

function mapFrom(schema: Schema | null, entries: [Json, Json][]): unknown {
  if (schema === null) return Object.fromEntries(entries.map(([key, value]) => [key, valueFrom(null, value)]))
  return new Map(entries.map(([key, value]) => [valueFrom(schema.keySchema, key), valueFrom(schema.valueSchema, value)]))
}

export interface TaggedRecord {
  readonly topic: string
  readonly partition: number | null
  readonly offset: number
  readonly timestamp: number | null
  readonly source?: true
  readonly keySchema: unknown
  readonly key: unknown
  readonly valueSchema: unknown
  readonly value: unknown
  readonly headers?: readonly (readonly [string, unknown, unknown])[]
}

export function recordFrom(json: TaggedRecord): ConnectRecord {
  const keySchema = schemaFrom(json.keySchema)
  const valueSchema = schemaFrom(json.valueSchema)
  const key = valueFrom(keySchema, json.key)
  const value = valueFrom(valueSchema, json.value)
  const { topic, partition, offset, timestamp } = json
  const headers = headersFrom(json.headers ?? [])
  if (json.source) {
    return new SourceRecord({}, {}, topic, partition, keySchema, key, valueSchema, value, timestamp, headers)
  }
  const type = timestamp === null ? 'NoTimestampType' : 'CreateTime'
  const at = partition ?? 0
  return new SinkRecord(topic, at, keySchema, key, valueSchema, value, offset, timestamp, type, headers, topic, at, offset)
}

export function headersFrom(json: readonly (readonly [string, unknown, unknown])[]): Headers {
  return new Headers(
    json.map(([key, s, v]) => {
      const schema = schemaFrom(s)
      return { key, schema, value: valueFrom(schema, v) }
    }),
  )
}

// Golden cases and their tagged form: see cases.ts. Used by the tests of data and converters.
import { readFileSync } from 'node:fs'
import { Decimal, Float64, int64, schemalessDouble } from '../../../src/data/decimal.ts'
import { Schema, type SchemaAndValue, type Type } from '../../../src/data/schema.ts'
import { Struct } from '../../../src/data/struct.ts'

export interface TaggedSchema {
  readonly type: Type
  readonly optional?: boolean
  readonly name?: string
  readonly version?: number
  readonly doc?: string
  readonly parameters?: readonly [string, string][]
  readonly default?: Tagged
  readonly key?: TaggedSchema | null
  readonly value?: TaggedSchema | null
  readonly fields?: readonly { readonly name: string; readonly schema: TaggedSchema }[]
}
export type Tagged = null | { readonly t: string; readonly v: unknown; readonly schema?: TaggedSchema }

export interface GoldenCase {
  readonly kind: string
  readonly config?: Record<string, string>
  /** 'header': the converter as header converter */
  readonly role?: string
  readonly in?: string | null
  readonly schema?: TaggedSchema | null
  readonly value?: Tagged
  readonly out: unknown
}

export interface GoldenError {
  readonly error: string
  readonly message: string
  readonly cause?: string
}

export const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8')) as GoldenCase[]

export const isError = (out: unknown): out is GoldenError => typeof out === 'object' && out !== null && 'error' in out

export function schemaOf(tagged: TaggedSchema | null | undefined): Schema | null {
  if (tagged === null || tagged === undefined) return null
  const schema = new Schema({
    type: tagged.type,
    optional: tagged.optional ?? false,
    name: tagged.name ?? null,
    version: tagged.version ?? null,
    doc: tagged.doc ?? null,
    parameters: new Map(tagged.parameters ?? []),
    keySchema: schemaOf(tagged.key),
    valueSchema: schemaOf(tagged.value),
    ...(tagged.fields === undefined
      ? {}
      : { fields: tagged.fields.map(f => ({ name: f.name, schema: schemaOf(f.schema) as Schema })) }),
  })
  return tagged.default === undefined ? schema : schema.with({ default: taggedValue(tagged.default, schema) })
}

const bits = new DataView(new ArrayBuffer(8))

/** The JS value of Sluice that stands for a tagged one; plain objects for schemaless maps with string keys. */
export function taggedValue(tagged: Tagged | undefined, schema: Schema | null): unknown {
  if (tagged === null || tagged === undefined) return null
  const v = tagged.v as string
  switch (tagged.t) {
    case 'i8':
    case 'i16':
    case 'i32':
    case 'i64':
      return int64(BigInt(v))
    case 'f32':
      bits.setUint32(0, Number.parseInt(v, 16))
      return double(bits.getFloat32(0), schema)
    case 'f64':
      bits.setBigUint64(0, BigInt(`0x${v}`))
      return double(bits.getFloat64(0), schema)
    case 'bytes':
      return Buffer.from(v, 'base64')
    case 'dec': {
      const [unscaled, scale] = tagged.v as [string, number]
      return new Decimal(BigInt(unscaled), scale)
    }
    case 'date':
      return new Date(Number(v))
    case 'list':
      return (tagged.v as Tagged[]).map(item => taggedValue(item, schema?.valueSchema ?? null))
    case 'map':
      return mapOf(tagged.v as [Tagged, Tagged][], schema)
    case 'struct': {
      const own = tagged.schema === undefined ? schema : schemaOf(tagged.schema)
      if (own === null) throw new Error('a struct without schema')
      return new Struct(
        own,
        own.fields.map((field, i) => taggedValue((tagged.v as Tagged[])[i], field.schema)),
      )
    }
    default:
      return tagged.v
  }
}

const double = (value: number, schema: Schema | null): number | Float64 =>
  schema === null ? schemalessDouble(value) : value

function mapOf(pairs: [Tagged, Tagged][], schema: Schema | null): unknown {
  const entries = pairs.map(([k, value]): [unknown, unknown] => [
    taggedValue(k, schema?.keySchema ?? null),
    taggedValue(value, schema?.valueSchema ?? null),
  ])
  if (schema?.type === 'map' || entries.some(([key]) => typeof key !== 'string')) return new Map(entries)
  const result = Object.fromEntries(entries as [string, unknown][])
  return result
}

/** A Java (schema, value) pair as Sluice data. */
export function dataOf(out: unknown): SchemaAndValue {
  const { schema, value } = out as { schema: TaggedSchema | null; value: Tagged }
  const ours = schemaOf(schema)
  return { schema: ours, value: taggedValue(value, ours) }
}

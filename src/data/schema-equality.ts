// When two schemas mean the same, and the interning that makes equal schemas one object, so that caches downstream compare by
// identity. Task threads. Java: ConnectSchema.equals.
import { Decimal, Float64 } from './decimal.ts'
import type { Schema } from './schema.ts'
import { Struct } from './struct.ts'

/** As Java's equals: everything counts, doc, parameters, default and the order of fields included. */
export function schemaEquals(a: Schema | null, b: Schema | null): boolean {
  if (a === b) return true
  if (a === null || b === null) return false
  return (
    a.type === b.type &&
    a.optional === b.optional &&
    a.name === b.name &&
    a.version === b.version &&
    a.doc === b.doc &&
    a.fields.length === b.fields.length &&
    mapEquals(a.parameters, b.parameters) &&
    valueEquals(a.default, b.default) &&
    schemaEquals(a.keySchema, b.keySchema) &&
    schemaEquals(a.valueSchema, b.valueSchema) &&
    a.fields.every((field, i) => field.name === b.fields[i]?.name && schemaEquals(field.schema, b.fields[i].schema))
  )
}

/** Deep equality of Connect values. */
export function valueEquals(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (a instanceof Float64) return b instanceof Float64 && Object.is(a.value, b.value)
  if (a instanceof Decimal) return b instanceof Decimal && a.equals(b)
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime()
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0
  if (a instanceof Struct) return b instanceof Struct && schemaEquals(a.schema, b.schema) && listEquals(a.values, b.values)
  if (a instanceof Map) return b instanceof Map && mapEquals(a, b)
  if (Array.isArray(a)) return Array.isArray(b) && listEquals(a, b)
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  return mapEquals(new Map(Object.entries(a)), new Map(Object.entries(b)))
}

function listEquals(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => valueEquals(item ?? null, b[i] ?? null))
}

function mapEquals(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) if (!b.has(key) || !valueEquals(value, b.get(key))) return false
  return true
}

interface Interned {
  readonly schema: Schema
  readonly bytes: number
}

/** Text of the schemas that an interner holds; the objects take some times as much. */
const INTERNED_BYTES_MAX = 16 << 20

/** One object for equal schemas. Holds at most `limit` of them and bounds their size; the least recently used go first. */
export class SchemaInterner {
  readonly #limit: number
  readonly #buckets = new Map<string, Interned[]>()
  #size = 0
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** @param bytes the length of the text it was read from */
  intern(schema: Schema, bytes: number): Schema {
    const key = outline(schema)
    const bucket = this.#buckets.get(key) ?? []
    const known = bucket.find(one => schemaEquals(one.schema, schema))
    if (known === undefined) {
      bucket.push({ schema, bytes })
      this.#size++
      this.#bytes += bytes
    }
    this.#buckets.delete(key)
    this.#buckets.set(key, bucket)
    while (this.#size > this.#limit || this.#bytes > INTERNED_BYTES_MAX) this.#dropOldest()
    return known?.schema ?? schema
  }

  #dropOldest(): void {
    for (const [key, bucket] of this.#buckets) {
      this.#size -= bucket.length
      for (const { bytes } of bucket) this.#bytes -= bytes
      this.#buckets.delete(key)
      return
    }
  }
}

/** A text that equal schemas share and others seldom do. */
function outline(schema: Schema): string {
  let text = `${schema.type}|${schema.name ?? ''}|${schema.version ?? ''}|${schema.optional}`
  for (const field of schema.fields) text += `,${field.name}:${field.schema.type}${field.schema.optional ? '?' : ''}`
  return text
}

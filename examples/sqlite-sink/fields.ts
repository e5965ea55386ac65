// Fields of a value with a schema (Struct) and without one (a plain object). Task threads.
import { DataError, Struct } from 'sluice'

type PlainObject = Readonly<Record<string, unknown>>

const isPlainObject = (value: unknown): value is PlainObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)

/** null where there is no such field. Throws DataError for a value that has no fields. */
export function fieldOf(value: unknown, name: string): unknown {
  if (value instanceof Struct) return value.schema.field(name) === undefined ? null : value.get(name)
  if (isPlainObject(value)) return value[name] ?? null
  throw new DataError(`a value without fields: ${value === null ? 'null' : typeof value}`)
}

/** A copy with this field changed; the value itself where it has no such field. */
export function withField(value: unknown, name: string, changed: unknown): unknown {
  if (value instanceof Struct) {
    if (value.schema.field(name) === undefined) return value
    return new Struct(value.schema, [...value.values]).set(name, changed)
  }
  if (isPlainObject(value)) return name in value ? { ...value, [name]: changed } : value
  throw new DataError(`a value without fields: ${value === null ? 'null' : typeof value}`)
}

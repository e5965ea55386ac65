// A Connect value to text as Java's Values.convertToString writes headers: close to JSON, but strings at the outermost level are
// bare and dates are ISO 8601. Dates are written in UTC where Java takes the zone of its machine. Task threads.
import { Decimal, Float64 } from './decimal.ts'
import { doubleText } from './java-number.ts'
import { javaString } from './java-string.ts'
import { MS_PER_DAY } from './logical.ts'
import type { Schema } from './schema.ts'
import { Struct } from './struct.ts'

export function valueText(schema: Schema | null, value: unknown): string | null {
  return value === null || value === undefined ? null : append(schema, value, false)
}

function append(schema: Schema | null, value: unknown, embedded: boolean): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return embedded ? `"${value.replace(/[\\"]/g, '\\$&')}"` : value
  if (typeof value !== 'object' || value instanceof Decimal) return javaString(value, schema)
  if (value instanceof Float64) return doubleText(value.value)
  if (value instanceof Date) return dateText(value)
  if (value instanceof Uint8Array) {
    const base64 = Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')
    return embedded ? `"${base64}"` : base64
  }
  if (Array.isArray(value)) {
    const element = schema?.valueSchema ?? null
    return `[${value.map(item => append(element, item, true)).join(',')}]`
  }
  return `{${entriesText(schema, value).join(',')}}`
}

function entriesText(schema: Schema | null, value: object): string[] {
  if (value instanceof Struct) {
    const fields = value.schema.fields
    return fields.map(f => `${append(null, f.name, true)}:${append(f.schema, value.get(f.name), true)}`)
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value)
  const keySchema = schema?.keySchema ?? null
  const valueSchema = schema?.valueSchema ?? null
  return entries.map(([key, item]) => `${append(keySchema, key, true)}:${append(valueSchema, item, true)}`)
}

/** A time below one day, a date for whole days, else a timestamp: by the value, whatever its schema is. */
function dateText(value: Date): string {
  const ms = value.getTime()
  const iso = value.toISOString()
  if (ms < MS_PER_DAY) return iso.slice(iso.indexOf('T') + 1)
  return ms % MS_PER_DAY === 0 ? iso.slice(0, iso.indexOf('T')) : iso
}

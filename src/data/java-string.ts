// Java's toString of Connect values: what StringConverter writes and FileStreamSink prints. Hot in the file sink: string
// concatenation, no closures. Task threads.
//
// Where Java's text is of no use to a reader (byte[] prints as [B@ and an identity hash), bytes are written in base64; dates are
// written as java.util.Date does, in UTC instead of the JVM's zone (docs/differences.md).
import { Decimal, Float64 } from './decimal.ts'
import { doubleText, floatText } from './java-number.ts'
import type { Schema } from './schema.ts'
import { Struct } from './struct.ts'

/** @param schema decides how numbers are written; without one an integral number is an integer, any other a double */
export function javaString(value: unknown, schema: Schema | null = null): string {
  if (typeof value === 'string') return value
  if (schema === null) return schemalessText(value)
  if (typeof value === 'number') {
    if (schema.type === 'float64') return doubleText(value)
    return schema.type === 'float32' ? floatText(value) : String(value)
  }
  if (Array.isArray(value)) return listText(value, schema.valueSchema)
  if (value instanceof Map) return mapText(value, schema)
  return schemalessText(value)
}

function schemalessText(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? String(value) : doubleText(value)
    case 'object':
      return value === null ? 'null' : objectText(value)
    case 'undefined':
      return 'null'
    default:
      return String(value)
  }
}

function objectText(value: object): string {
  if (Array.isArray(value)) return listText(value, null)
  if (value instanceof Float64) return doubleText(value.value)
  if (value instanceof Struct) return structText(value)
  if (value instanceof Map) return mapText(value, null)
  if (value instanceof Decimal) return value.toString()
  if (value instanceof Date) return dateText(value)
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')
  return plainObjectText(value as Record<string, unknown>)
}

function plainObjectText(value: Record<string, unknown>): string {
  let text = ''
  for (const key in value) {
    const item = value[key]
    const itemText = typeof item === 'string' ? item : schemalessText(item)
    text += `${text === '' ? '{' : ', '}${key}=${itemText}`
  }
  return text === '' ? '{}' : `${text}}`
}

function listText(values: readonly unknown[], element: Schema | null): string {
  let text = '['
  for (let i = 0; i < values.length; i++) text += i === 0 ? javaString(values[i], element) : `, ${javaString(values[i], element)}`
  return `${text}]`
}

function mapText(value: ReadonlyMap<unknown, unknown>, schema: Schema | null): string {
  const keySchema = schema === null ? null : schema.keySchema
  const valueSchema = schema === null ? null : schema.valueSchema
  let text = ''
  for (const [key, item] of value) {
    text += `${text === '' ? '{' : ', '}${javaString(key, keySchema)}=${javaString(item, valueSchema)}`
  }
  return text === '' ? '{}' : `${text}}`
}

/** Fields that are null are left out; defaults are not filled in. */
function structText(value: Struct): string {
  let text = 'Struct{'
  const fields = value.schema.fields
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]
    const item = value.values[i]
    if (field === undefined || item === null || item === undefined) continue
    if (text.length > 7) text += ','
    text += `${field.name}=${javaString(item, field.schema)}`
  }
  return `${text}}`
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** java.util.Date.toString: `Thu Jan 01 00:00:00 UTC 1970`. */
function dateText(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0')
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCDate())} ${time} UTC ${date.getUTCFullYear()}`
}

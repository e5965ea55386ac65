// Connect values as JSON text without schemas, as Java's JsonConverter writes them with schemas.enable=false: structs and maps as
// objects, bytes in base64, dates as numbers, decimals in base64 or as numbers. Hot: concatenation, no closures. Task threads.
import { DataError } from '../../base/errors.ts'
import { Decimal, Float64 } from '../../data/decimal.ts'
import { doubleText, floatText } from '../../data/java-number.ts'
import { MS_PER_DAY } from '../../data/logical.ts'
import { DATE_NAME, type Schema } from '../../data/schema.ts'
import { Struct } from '../../data/struct.ts'

export type DecimalFormat = 'BASE64' | 'NUMERIC'

/** @throws DataError for a value that JSON has no form for */
export function jsonText(value: unknown, schema: Schema | null, decimals: DecimalFormat): string {
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'number':
      if (schema !== null) return numberText(value, schema)
      return Number.isInteger(value) ? String(value) : doubleJson(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'bigint':
      return value.toString()
    case 'undefined':
      return 'null'
    case 'object':
      return value === null ? 'null' : objectText(value, schema, decimals)
    default:
      throw new DataError(`a ${typeof value} cannot be written as JSON`)
  }
}

/** Most strings need no escape; lone surrogates do. */
export function quoted(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what needs an escape
  return /["\\\u0000-\u001f\ud800-\udfff]/.test(text) ? JSON.stringify(text) : `"${text}"`
}

function numberText(value: number, schema: Schema): string {
  if (schema.type === 'float64') return doubleJson(value)
  if (schema.type === 'float32') return Number.isFinite(value) ? floatText(value) : `"${value}"`
  return String(value)
}

/** Not-a-number and the infinities are strings, as Jackson writes them. */
function doubleJson(value: number): string {
  return Number.isFinite(value) ? doubleText(value) : `"${value}"`
}

function objectText(value: object, schema: Schema | null, decimals: DecimalFormat): string {
  if (Array.isArray(value)) return listText(value, schema === null ? null : schema.valueSchema, decimals)
  if (value instanceof Struct) return structText(value, decimals)
  if (value instanceof Float64) return doubleJson(value.value)
  if (value instanceof Map) return mapText(value, schema, decimals)
  if (value instanceof Date)
    return String(schema?.name === DATE_NAME ? Math.floor(value.getTime() / MS_PER_DAY) : value.getTime())
  if (value instanceof Decimal) {
    return decimals === 'NUMERIC' || schema === null ? value.toString() : `"${value.toBytes().toString('base64')}"`
  }
  if (value instanceof Uint8Array) return `"${Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')}"`
  return plainObjectText(value as Record<string, unknown>, decimals)
}

/** Whether JSON.stringify, which is twice as quick, writes the same text: no value with a text of its own. */
function isStringifiable(value: object): boolean {
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key]
    switch (typeof item) {
      case 'string':
      case 'boolean':
        break
      case 'number':
        // Java and JavaScript write other doubles differently.
        if (!Number.isInteger(item) && !(Math.abs(item) >= 1e-3 && Math.abs(item) < 1e7)) return false
        break
      case 'object': {
        if (item === null) break
        const isPlain = Array.isArray(item) || Object.getPrototypeOf(item) === Object.prototype
        if (!isPlain || !isStringifiable(item)) return false
        break
      }
      default:
        return false
    }
  }
  return true
}

function plainObjectText(value: Record<string, unknown>, decimals: DecimalFormat): string {
  if (isStringifiable(value)) return JSON.stringify(value)
  let text = ''
  for (const key in value) {
    const item = value[key]
    const itemText = typeof item === 'number' && Number.isInteger(item) ? item : jsonText(item, null, decimals)
    text = text === '' ? `{${keyText(key)}${itemText}` : `${text},${keyText(key)}${itemText}`
  }
  return text === '' ? '{}' : `${text}}`
}

const KEYS_MAX = 10_000
const keyTexts = new Map<string, string>()

/** `"key":`, remembered: a topic's records repeat their keys. */
function keyText(key: string): string {
  let text = keyTexts.get(key)
  if (text === undefined) {
    text = `${quoted(key)}:`
    if (keyTexts.size < KEYS_MAX) keyTexts.set(key, text)
  }
  return text
}

function listText(values: readonly unknown[], element: Schema | null, decimals: DecimalFormat): string {
  let text = '['
  for (let i = 0; i < values.length; i++) {
    text += i === 0 ? jsonText(values[i], element, decimals) : `,${jsonText(values[i], element, decimals)}`
  }
  return `${text}]`
}

function structText(value: Struct, decimals: DecimalFormat): string {
  let text = '{'
  const fields = value.schema.fields
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]
    if (field === undefined) continue
    const item = value.values[i] ?? field.schema.default
    text += `${i === 0 ? '' : ','}${keyText(field.name)}${jsonText(item, field.schema, decimals)}`
  }
  return `${text}}`
}

/** Maps with text keys are objects; any other is a list of pairs. */
function mapText(value: ReadonlyMap<unknown, unknown>, schema: Schema | null, decimals: DecimalFormat): string {
  const keySchema = schema?.keySchema ?? null
  const valueSchema = schema?.valueSchema ?? null
  let hasTextKeys = keySchema === null || (keySchema.type === 'string' && !keySchema.optional)
  if (keySchema === null) for (const key of value.keys()) hasTextKeys &&= typeof key === 'string'
  let text = ''
  for (const [key, item] of value) {
    const itemText = jsonText(item, valueSchema, decimals)
    const pair = hasTextKeys ? keyText(String(key)) + itemText : `[${jsonText(key, keySchema, decimals)},${itemText}]`
    text += text === '' ? pair : `,${pair}`
  }
  return hasTextKeys ? `{${text}}` : `[${text}]`
}

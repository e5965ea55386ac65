// Connect data to JSON text, byte for byte as Java's JsonConverter (Jackson) writes it: no spaces, fields in schema order, doubles
// as Double.toString, characters beyond ASCII unescaped, those beyond 16 bits as two escapes. Hot: once a record in every source. Task threads.
import { DataError } from '../../base/errors.ts'
import { Decimal, Float64 } from '../../data/decimal.ts'
import { doubleText, floatText } from '../../data/java-number.ts'
import { dateToDays, decimalScale, decimalToBytes, timeToMs } from '../../data/logical.ts'
import { DATE_NAME, DECIMAL_NAME, type Schema, TIME_NAME, TIMESTAMP_NAME } from '../../data/schema.ts'
import { schemaEquals } from '../../data/schema-equality.ts'
import { Struct } from '../../data/struct.ts'
import { isOfType, JAVA_TYPE_NAME, javaClassOf } from '../../data/validate-value.ts'

export interface WriteOptions {
  readonly numericDecimals: boolean
  readonly replaceNullWithDefault: boolean
}

/** A whole document, as writeJson; schemaless maps go through JSON.stringify where that means the same. @throws DataError */
export function writeDocument(schema: Schema | null, value: unknown, options: WriteOptions): string {
  if (schema === null && isPlainData(value)) {
    const text = JSON.stringify(value)
    // Other control characters and halves of surrogate pairs are escaped in another way, whole pairs not at all.
    if (!text.includes('\\u') && !SURROGATE.test(text)) return text
  }
  return writeJson(schema, value, options)
}

const SURROGATE = /[\ud800-\udfff]/

/** Maps and lists of nothing but strings, booleans, nulls and numbers that Java writes as JavaScript does. */
function isPlainData(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) {
    for (const item of value) if (!isPlainItem(item)) return false
    return true
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const key in value) if (!isPlainItem((value as Record<string, unknown>)[key])) return false
  return true
}

function isPlainItem(item: unknown): boolean {
  switch (typeof item) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isSafeInteger(item) || (Math.abs(item) >= 1e-3 && Math.abs(item) < 1e7)
    default:
      return item === null || isPlainData(item)
  }
}

/** @throws DataError for a value that does not fit its schema */
export function writeJson(schema: Schema | null, value: unknown, options: WriteOptions): string {
  if (schema === null) return writeData(value, options)
  if (value === null || value === undefined) return writeNull(schema, options)
  if (schema.name !== null) {
    switch (schema.name) {
      case DECIMAL_NAME:
        return writeDecimal(schema, value, options)
      case DATE_NAME:
        return String(dateToDays(asDate(schema, value)))
      case TIME_NAME:
        return String(timeToMs(asDate(schema, value)))
      case TIMESTAMP_NAME:
        return String(asDate(schema, value).getTime())
    }
  }
  if (!isOfType(schema, value)) throw invalid(schema, value)
  switch (schema.type) {
    case 'string':
      return quote(value as string)
    case 'float32':
      return quoteNonFinite(floatText(value as number))
    case 'float64':
      return quoteNonFinite(doubleText(value as number))
    case 'bytes':
      return writeBytes(value as Uint8Array)
    case 'array':
      return writeList(value as unknown[], schema.valueSchema, options)
    case 'map':
      return writeMap(value as Map<unknown, unknown>, schema, options)
    case 'struct':
      return writeStruct(value as Struct, schema, options)
    default:
      return String(value)
  }
}

function writeNull(schema: Schema, options: WriteOptions): string {
  if (schema.default !== null && options.replaceNullWithDefault) return writeJson(schema, schema.default, options)
  if (schema.optional) return 'null'
  throw new DataError('Conversion error: null value for field that is required and has no default value')
}

/** Schemaless data: kinds as they are. */
function writeData(value: unknown, options: WriteOptions): string {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      return Number.isSafeInteger(value) ? String(value) : quoteNonFinite(doubleText(value))
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'undefined':
      return 'null'
  }
  if (value === null) return 'null'
  if (Array.isArray(value)) return writeList(value, null, options)
  if (value instanceof Float64) return quoteNonFinite(doubleText(value.value))
  if (value instanceof Map) return writeMap(value, null, options)
  if (value instanceof Uint8Array) return writeBytes(value)
  if (value instanceof Struct) throw new DataError('Mismatching schema.')
  if (typeof value !== 'object' || value instanceof Decimal || value instanceof Date) {
    throw new DataError(`Java class ${javaClassOf(value)} does not have corresponding schema type.`)
  }
  return writeObject(value as Record<string, unknown>, options)
}

function writeObject(value: Record<string, unknown>, options: WriteOptions): string {
  let text = ''
  for (const key in value) {
    const item = value[key]
    const itemText = typeof item === 'string' ? quote(item) : writeData(item, options)
    text = text === '' ? `{${quote(key)}:${itemText}` : `${text},${quote(key)}:${itemText}`
  }
  return text === '' ? '{}' : `${text}}`
}

function writeList(values: readonly unknown[], element: Schema | null, options: WriteOptions): string {
  let text = '['
  for (let i = 0; i < values.length; i++) {
    const item = writeJson(element, values[i], options)
    text += i === 0 ? item : `,${item}`
  }
  return `${text}]`
}

/** An object where all keys are strings (with a schema: where it says so), else a list of pairs. */
function writeMap(value: ReadonlyMap<unknown, unknown>, schema: Schema | null, options: WriteOptions): string {
  const keySchema = schema === null ? null : schema.keySchema
  const valueSchema = schema === null ? null : schema.valueSchema
  const asObject = keySchema === null ? allStrings(value.keys()) : keySchema.type === 'string'
  let text = ''
  for (const [key, item] of value) {
    if (asObject && typeof key !== 'string') throw new DataError(`a map key is not a string: ${javaClassOf(key)}`)
    const itemText = writeJson(valueSchema, item, options)
    const pair = asObject ? `${quote(key as string)}:${itemText}` : `[${writeJson(keySchema, key, options)},${itemText}]`
    text = text === '' ? pair : `${text},${pair}`
  }
  return asObject ? `{${text}}` : `[${text}]`
}

function allStrings(keys: Iterable<unknown>): boolean {
  for (const key of keys) if (typeof key !== 'string') return false
  return true
}

function writeStruct(value: Struct, schema: Schema, options: WriteOptions): string {
  if (value.schema !== schema && !schemaEquals(value.schema, schema)) throw new DataError('Mismatching schema.')
  let text = ''
  const fields = schema.fields
  const openings = openingsOf(schema)
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]
    if (field !== undefined) text += openings[i] + writeJson(field.schema, value.values[i], options)
  }
  return text === '' ? '{}' : `${text}}`
}

const OPENINGS = new WeakMap<Schema, readonly string[]>()

/** What stands before each field's value: `{"a":`, `,"b":`. */
function openingsOf(schema: Schema): readonly string[] {
  const known = OPENINGS.get(schema)
  if (known !== undefined) return known
  const made = schema.fields.map((field, i) => `${i === 0 ? '{' : ','}${quote(field.name)}:`)
  OPENINGS.set(schema, made)
  return made
}

function writeDecimal(schema: Schema, value: unknown, options: WriteOptions): string {
  if (!(value instanceof Decimal)) {
    throw new DataError(`Invalid type for Decimal, expected BigDecimal but was ${javaClassOf(value)}`)
  }
  if (!options.numericDecimals) return writeBytes(decimalToBytes(schema, value))
  decimalScale(schema)
  return value.toString()
}

function asDate(schema: Schema, value: unknown): Date {
  if (value instanceof Date) return value
  const name = schema.name?.slice(schema.name.lastIndexOf('.') + 1)
  throw new DataError(`Invalid type for ${name}, expected Date but was ${javaClassOf(value)}`)
}

function invalid(schema: Schema, value: unknown): DataError {
  return new DataError(`Invalid type for ${JAVA_TYPE_NAME[schema.type]}: ${javaClassOf(value)}`)
}

function writeBytes(value: Uint8Array): string {
  return `"${Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')}"`
}

const quoteNonFinite = (text: string): string => (text === 'NaN' || text.endsWith('y') ? `"${text}"` : text)

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be escaped
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/g

/** A JSON string as Jackson writes it: short escapes where there are, other control characters and surrogates as \uXXXX. */
export function quote(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return `"${text}"`
  // JSON.stringify has the same short escapes; the others it writes in another way, whole pairs of surrogates not at all. Ten times as quick as
  // a function for each quotation mark of a JSON text inside a JSON text.
  const stringified = JSON.stringify(text)
  if (!stringified.includes('\\u') && !SURROGATE.test(text)) return stringified
  return `"${text.replace(ESCAPED, c => SHORT_ESCAPES[c] ?? `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)}"`
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

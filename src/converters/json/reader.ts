// Parsed JSON to Connect data by a schema, with Java's leniencies: a wrong kind of JSON becomes 0, false or null in a primitive,
// integers wrap. Hot: once a record under schemas.enable=true. Task threads.
import { DataError } from '../../base/errors.ts'
import { Decimal, Float64, int64 } from '../../data/decimal.ts'
import { mayLieMidway, nearestFloat } from '../../data/java-number.ts'
import { dateFromDays, decimalScale, timeFromMs } from '../../data/logical.ts'
import { DATE_NAME, DECIMAL_NAME, type Schema, TIME_NAME, TIMESTAMP_NAME } from '../../data/schema.ts'
import { Struct } from '../../data/struct.ts'
import { JAVA_TYPE_NAME } from '../../data/validate-value.ts'

export interface ReadOptions {
  /**
   * Whether numbers are those of the exact parser's mode 'tree'. If not, they are those of schemaless data, and where that is not
   * enough NEEDS_EXACT is thrown: the caller then parses again.
   */
  readonly exact: boolean
  readonly replaceNullWithDefault: boolean
}

/** Thrown, not an error: this document must be parsed exactly. */
export const NEEDS_EXACT = Symbol('needs the exact parser')

/** No JSON at all, which is not null: Java reads it as it reads the wrong kind of JSON. */
export const MISSING = Symbol('MISSING')

/** @throws DataError for JSON that the schema does not admit; NEEDS_EXACT */
export function readJson(schema: Schema, json: unknown, options: ReadOptions): unknown {
  if (json === null || json === undefined) return readNull(schema, options)
  if (schema.name !== null) {
    switch (schema.name) {
      case DECIMAL_NAME:
        return readDecimal(schema, json, options)
      case DATE_NAME:
        return representable(dateFromDays(temporal('Date', json, 32, options)))
      case TIME_NAME:
        return timeFromMs(temporal('Time', json, 32, options))
      case TIMESTAMP_NAME:
        return representable(new Date(temporal('Timestamp', json, 64, options)))
    }
  }
  switch (schema.type) {
    case 'string':
      return typeof json === 'string' ? json : null
    case 'int64':
      return toInteger(json, 64, options)
    case 'int32':
      return toInteger(json, 32, options)
    case 'int16':
      return toInteger(json, 16, options)
    case 'int8':
      return toInteger(json, 8, options)
    case 'boolean':
      return json === true
    case 'float64':
      return toDouble(json)
    case 'float32':
      return toFloat(json, options)
    case 'bytes':
      return typeof json === 'string' ? readBase64(json) : null
    case 'array':
      return readArray(schema, json, options)
    case 'map':
      return readMap(schema, json, options)
    case 'struct':
      return readStruct(schema, json, options)
  }
}

function readNull(schema: Schema, options: ReadOptions): unknown {
  if (schema.default !== null && options.replaceNullWithDefault) return schema.default
  if (schema.optional) return null
  throw new DataError(`Invalid null value for required ${JAVA_TYPE_NAME[schema.type]} field`)
}

function readStruct(schema: Schema, json: unknown, options: ReadOptions): Struct {
  if (!isObject(json)) throw new DataError(`Structs should be encoded as JSON objects, but found ${nodeType(json)}`)
  const fields = schema.fields
  const values: unknown[] = new Array(fields.length)
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]
    if (field === undefined) break
    const item = json[field.name]
    // A field may bear the name of something that every object inherits.
    const own = typeof item === 'function' || field.name === '__proto__' ? ownProperty(json, field.name) : item
    values[i] = readJson(field.schema, own, options)
  }
  return new Struct(schema, values)
}

const ownProperty = (json: object, name: string): unknown => Object.getOwnPropertyDescriptor(json, name)?.value

function readArray(schema: Schema, json: unknown, options: ReadOptions): unknown[] {
  const element = schema.valueSchema
  if (element === null) throw new DataError('an array schema without element schema')
  // Java walks the children of whatever is there: an object's values, nothing of a scalar.
  const items = Array.isArray(json) ? json : isObject(json) ? Object.values(json) : []
  return items.map(item => readJson(element, item, options))
}

function readMap(schema: Schema, json: unknown, options: ReadOptions): Map<unknown, unknown> {
  const { keySchema, valueSchema } = schema
  if (keySchema === null || valueSchema === null) throw new DataError('a map schema without key or value schema')
  const result = new Map<unknown, unknown>()
  if (keySchema.type === 'string') {
    if (!isObject(json)) {
      throw new DataError(`Maps with string fields should be encoded as JSON objects, but found ${nodeType(json)}`)
    }
    for (const key of Object.keys(json)) result.set(key, readJson(valueSchema, json[key], options))
    return result
  }
  if (!Array.isArray(json)) {
    throw new DataError(`Maps with non-string fields should be encoded as JSON arrays of tuples, but found ${nodeType(json)}`)
  }
  for (const pair of json) {
    if (!Array.isArray(pair)) throw new DataError(`Found invalid map entry instead of array tuple: ${nodeType(pair)}`)
    if (pair.length !== 2) {
      throw new DataError(`Found invalid map entry, expected length 2 but found :${pair.length}`)
    }
    result.set(readJson(keySchema, pair[0], options), readJson(valueSchema, pair[1], options))
  }
  return result
}

function readDecimal(schema: Schema, json: unknown, options: ReadOptions): Decimal {
  if (typeof json === 'string') {
    const bytes = readBase64(json)
    if (bytes.length === 0) throw new DataError('Invalid bytes for Decimal field: Zero length BigInteger')
    return Decimal.fromBytes(bytes, decimalScale(schema))
  }
  if (!options.exact && (typeof json === 'number' || json instanceof Float64)) throw NEEDS_EXACT
  if (json instanceof Decimal) return json
  if (typeof json === 'number' || typeof json === 'bigint') return new Decimal(BigInt(json), 0)
  throw new DataError(`Invalid type for Decimal, underlying representation should be numeric or bytes but was ${nodeType(json)}`)
}

/** JSON for one of the three times: an integer. */
function temporal(name: string, json: unknown, bits: 32 | 64, options: ReadOptions): number {
  if (typeof json === 'number' && Number.isInteger(json) && (bits === 64 || (json | 0) === json)) {
    return Number(toInteger(json, bits, options))
  }
  if (typeof json === 'bigint' && bits === 64) return Number(int64(json))
  throw new DataError(`Invalid type for ${name}, underlying representation should be integer but was ${nodeType(json)}`)
}

/** Java's dates go further than those of JavaScript, which end 100 million days from 1970. */
function representable(date: Date): Date {
  if (Number.isNaN(date.getTime())) throw new DataError('a date or timestamp beyond the years -271821 to 275760')
  return date
}

/** Java's intValue and its like: fractions are cut off, too many bits wrap, what is no number is 0. */
function toInteger(json: unknown, bits: 8 | 16 | 32 | 64, options: ReadOptions): number | bigint {
  if (typeof json === 'number') {
    if (Number.isSafeInteger(json)) return bits === 64 ? json + 0 : narrow(json, bits)
    if (!options.exact) throw NEEDS_EXACT
    return 0
  }
  if (json instanceof Float64) throw NEEDS_EXACT
  const whole = typeof json === 'bigint' ? json : json instanceof Decimal ? json.toInt64() : 0n
  return bits === 64 ? int64(whole) : narrow(Number(BigInt.asIntN(32, whole)), bits)
}

function narrow(value: number, bits: 8 | 16 | 32): number {
  if (bits === 32) return value | 0 // exact modulo 2^32 for every safe integer
  return bits === 16 ? ((value | 0) << 16) >> 16 : ((value | 0) << 24) >> 24
}

function toDouble(json: unknown): number {
  if (typeof json === 'number') return json + 0
  if (json instanceof Float64) return json.value
  if (json instanceof Decimal) return json.toNumber()
  return typeof json === 'bigint' ? Number(json) : 0
}

/** The float nearest to what is written, rounded once. */
function toFloat(json: unknown, options: ReadOptions): number {
  if (json instanceof Decimal) return nearestFloat(json)
  if (typeof json === 'bigint') return nearestFloat(new Decimal(json, 0))
  const double = toDouble(json)
  if (!options.exact && mayLieMidway(double)) throw NEEDS_EXACT
  return Math.fround(double)
}

const NOT_BASE64 = /[^A-Za-z0-9+/]/

/** Whole groups of four, the last one filled up by one or two `=`. A pattern for all of it would overflow its stack at some MB. */
function isBase64(text: string): boolean {
  const end = text.search(NOT_BASE64)
  return text.length % 4 === 0 && (end < 0 || (text.length - end <= 2 && text.endsWith('='.repeat(text.length - end))))
}

function readBase64(text: string): Buffer {
  const parts: Buffer[] = []
  // Jackson goes on behind a group that was filled up.
  for (let start = 0; start < text.length; ) {
    const padding = text.indexOf('=', start)
    const end = padding < 0 ? text.length : (padding & ~3) + 4
    const part = start === 0 && end >= text.length ? text : text.slice(start, end)
    if (!isBase64(part)) throw new DataError(`Invalid bytes: not base64: ${JSON.stringify(text.slice(0, 40))}`)
    parts.push(Buffer.from(part, 'base64'))
    start = end
  }
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return (
    typeof json === 'object' && json !== null && !Array.isArray(json) && !(json instanceof Decimal) && !(json instanceof Float64)
  )
}

/** Jackson's name of a node's kind. */
function nodeType(json: unknown): string {
  if (json === null || json === undefined) return 'NULL'
  if (json === MISSING) return 'MISSING'
  if (Array.isArray(json)) return 'ARRAY'
  if (typeof json === 'object') return isObject(json) ? 'OBJECT' : 'NUMBER'
  return typeof json === 'bigint' ? 'NUMBER' : (typeof json).toUpperCase()
}

// One value as another primitive type, by Java's narrowing and parsing rules. Task threads; called by Cast for each field.
import { ConfigError, DataError } from '../base/errors.ts'
import { coerce } from '../config/coerce.ts'
import { Decimal, Float64, int64, schemalessDouble } from '../data/decimal.ts'
import { JavaDateFormat } from '../data/java-date-format.ts'
import { asciiDigits } from '../data/java-digits.ts'
import { floatText } from '../data/java-number.ts'
import { javaString } from '../data/java-string.ts'
import { dateToDays, MS_PER_DAY, timeToMs } from '../data/logical.ts'
import { DATE_NAME, type Schema, TIME_NAME, TIMESTAMP_NAME, type Type } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { JAVA_TYPE_NAME, javaClassOf } from '../data/validate-value.ts'
import { isPlainObject } from './operand.ts'

export type CastType = 'int8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64' | 'boolean' | 'string'

const TARGETS: readonly CastType[] = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean', 'string']
const listed = (types: readonly Type[]): string => `[${types.map(type => JAVA_TYPE_NAME[type]).join(', ')}]`

/** @throws ConfigError for a word that is no type, or a type that nothing can be cast to */
export function castTypeOf(word: string): CastType {
  const type = word.trim().toLowerCase()
  const target = TARGETS.find(t => t === type)
  if (target !== undefined) return target
  if (Object.hasOwn(JAVA_TYPE_NAME, type)) {
    throw new ConfigError(
      'spec',
      `Cast transformation does not support casting to ${type.toUpperCase()}; supported types are ${listed(TARGETS)}`,
    )
  }
  throw new ConfigError('spec', `Invalid value ${word.trim()} for configuration spec: Invalid type found in casting spec`)
}

/** @throws DataError for a value that cannot be cast; null stays null */
export function castValue(schema: Schema | null, given: unknown, target: CastType): unknown {
  if (given === null || given === undefined) return null
  checkSource(schema, given)
  if (target === 'string') return textOf(given, schema)
  const value = schema === null ? given : stored(schema, given)
  switch (target) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return toInteger(value, schema, target)
    case 'float32':
    case 'float64':
      return toDouble(value, schema, target)
    case 'boolean':
      if (typeof value === 'boolean') return value
      if (typeof value === 'string') return value.toLowerCase() === 'true'
      // As Java: by the whole part, so that 0.5 is false.
      return BigInt(toInteger(value, schema, 'int64')) !== 0n
  }
}

function checkSource(schema: Schema | null, value: unknown): void {
  const type = schema === null ? schemalessType(value) : schema.type
  if (type === null) {
    throw new DataError(
      `Cast transformation was passed a value of type ${javaClassOf(value)} which is not supported by Connect's data API`,
    )
  }
  if (type === 'array' || type === 'map' || type === 'struct') {
    const supported = listed([...TARGETS, 'bytes'])
    throw new DataError(
      `Cast transformation does not support casting from ${JAVA_TYPE_NAME[type]}; supported types are ${supported}`,
    )
  }
}

const DATE_NAMES: ReadonlySet<string> = new Set([DATE_NAME, TIME_NAME, TIMESTAMP_NAME])

/** Only what needs a refusal is told apart. */
function schemalessType(value: unknown): Type | null {
  if (typeof value !== 'object' || value instanceof Float64 || value instanceof Uint8Array) return 'string'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Struct) return 'struct'
  return isPlainObject(value) || value instanceof Map ? 'map' : null
}

/**
 * A date's number as it is stored.
 * @throws DataError where the schema says date and the value is none: a whole value that was cast before keeps its schema's name
 */
function stored(schema: Schema, value: unknown): unknown {
  if (!(value instanceof Date)) {
    if (schema.name !== null && DATE_NAMES.has(schema.name)) {
      throw new DataError(
        `Cast transformation expects a java.util.Date for a schema named ${schema.name}, but found ${javaClassOf(value)}`,
      )
    }
    return value
  }
  if (schema.name === DATE_NAME) return dateToDays(value)
  return schema.name === TIME_NAME ? timeToMs(value) : value.getTime()
}

const BITS = { int8: 8, int16: 16, int32: 32, int64: 64 } as const

function toInteger(value: unknown, schema: Schema | null, target: keyof typeof BITS): number | bigint {
  const bits = BITS[target]
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return int64(BigInt.asIntN(bits, value))
  if (typeof value === 'string') {
    const digits = asciiDigits(value)
    const read = /^[+-]?\d{1,40}$/.test(digits) ? BigInt(digits.replace('+', '')) : undefined
    if (read === undefined || BigInt.asIntN(bits, read) !== read) throw outOfRange(value)
    return int64(read)
  }
  if (typeof value === 'number' && isWhole(value, schema)) return int64(BigInt.asIntN(bits, BigInt(value)))
  if (value instanceof Decimal) return int64(BigInt.asIntN(bits, value.toInt64()))
  if (typeof value !== 'number' && !(value instanceof Float64)) throw unexpected(value)
  // A double is cut to the limits of int, or of long, and then narrowed.
  return int64(BigInt.asIntN(bits, saturated(Number(value), target === 'int64' ? 64 : 32)))
}

function saturated(value: number, bits: number): bigint {
  if (Number.isNaN(value)) return 0n
  const max = 2n ** BigInt(bits - 1)
  if (value >= Number(max)) return max - 1n
  if (value <= -Number(max)) return -max
  return BigInt(Math.trunc(value))
}

/** Whether a number is an integer in Java: by its schema, or without one by its value. */
function isWhole(value: number, schema: Schema | null): boolean {
  return schema === null ? Number.isInteger(value) : schema.type !== 'float32' && schema.type !== 'float64'
}

function toDouble(value: unknown, schema: Schema | null, target: 'float32' | 'float64'): unknown {
  let number: number
  if (typeof value === 'number' || typeof value === 'bigint' || value instanceof Float64) number = Number(value)
  else if (value instanceof Decimal) number = value.toNumber()
  else if (typeof value === 'boolean') number = value ? 1 : 0
  else if (typeof value === 'string') {
    const read = coerce('', value, 'double')
    if (!read.ok || typeof read.value !== 'number') throw outOfRange(value)
    number = read.value
  } else throw unexpected(value)
  if (target === 'float64') return schema === null ? schemalessDouble(number) : number
  // Without a schema there are only doubles: the one that is written with the digits of the float.
  return schema === null ? schemalessDouble(Number(floatText(number))) : Math.fround(number)
}

const TIME_OF_DAY = new JavaDateFormat("HH:mm:ss.SSS'Z'")
const DAY = new JavaDateFormat('yyyy-MM-dd')
const INSTANT = new JavaDateFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'")

function textOf(value: unknown, schema: Schema | null): string {
  if (value instanceof Date) {
    const ms = value.getTime()
    const format = ms < MS_PER_DAY ? TIME_OF_DAY : ms % MS_PER_DAY === 0 ? DAY : INSTANT
    return format.format(ms)
  }
  return javaString(value, schema)
}

const outOfRange = (value: string): DataError => new DataError(`Value (${value}) was out of range for requested data type`)
const unexpected = (value: unknown): DataError => new DataError(`Unexpected type in Cast transformation: ${javaClassOf(value)}`)

// The forms a point in time has in records (text, unix number, Date, Time, Timestamp), each read into and written from milliseconds
// since the epoch. Task threads; called by TimestampConverter for each record.
import { ConnectError, DataError } from '../base/errors.ts'
import { int64 } from '../data/decimal.ts'
import type { JavaDateFormat } from '../data/java-date-format.ts'
import { dateSchema, MS_PER_DAY, timeSchema, timestampSchema } from '../data/logical.ts'
import {
  DATE_NAME,
  INT64,
  OPTIONAL_INT64,
  OPTIONAL_STRING,
  type Schema,
  STRING,
  TIME_NAME,
  TIMESTAMP_NAME,
} from '../data/schema.ts'
import { JAVA_TYPE_NAME, javaClassOf } from '../data/validate-value.ts'

export type TimeForm = 'string' | 'unix' | 'Date' | 'Time' | 'Timestamp'
export type Precision = 'seconds' | 'milliseconds' | 'microseconds' | 'nanoseconds'

/** Of JS dates, about 270,000 years either way; Java's go further. */
const DATE_MS_MAX = 8.64e15
const INT64_MAX = 2n ** 63n - 1n

const SCHEMAS: Readonly<Record<TimeForm, readonly [required: Schema, optional: Schema]>> = {
  string: [STRING, OPTIONAL_STRING],
  unix: [INT64, OPTIONAL_INT64],
  Date: [dateSchema(), dateSchema({ optional: true })],
  Time: [timeSchema(), timeSchema({ optional: true })],
  Timestamp: [timestampSchema(), timestampSchema({ optional: true })],
}

export const timeSchemaOf = (form: TimeForm, optional: boolean): Schema => SCHEMAS[form][optional ? 1 : 0]

/** @throws ConnectError for a schema that is no form of time */
export function schemaForm(schema: Schema): TimeForm {
  switch (schema.name) {
    case TIMESTAMP_NAME:
      return 'Timestamp'
    case DATE_NAME:
      return 'Date'
    case TIME_NAME:
      return 'Time'
  }
  if (schema.type === 'string') return 'string'
  if (schema.type === 'int64') return 'unix'
  const name = schema.name === null ? '' : `${schema.name}:`
  throw new ConnectError(
    `Schema Schema{${name}${JAVA_TYPE_NAME[schema.type]}} does not correspond to a known timestamp type format`,
  )
}

/** @throws DataError for a value that is no form of time */
export function inferForm(value: unknown): TimeForm {
  if (isInteger(value)) return 'unix'
  if (typeof value === 'string') return 'string'
  if (value instanceof Date) return 'Timestamp'
  throw new DataError(`TimestampConverter does not support ${javaClassOf(value)} objects as timestamps`)
}

function isInteger(value: unknown): value is number | bigint {
  return Number.isInteger(value) || typeof value === 'bigint'
}

export class TimeForms {
  readonly #format: JavaDateFormat | null
  readonly #precision: Precision

  /** @param format null: texts cannot be read */
  constructor(format: JavaDateFormat | null, precision: Precision) {
    this.#format = format
    this.#precision = precision
  }

  /** @throws DataError where the value is not of the form, or does not parse */
  read(value: unknown, form: TimeForm): number {
    if (form === 'string') return this.#readText(value)
    if (form === 'unix') {
      if (isInteger(value)) return this.#readUnix(value)
      throw new DataError(`Expected Unix timestamp to be a Long, but found ${javaClassOf(value)}`)
    }
    if (value instanceof Date) return value.getTime()
    throw new DataError(`Expected ${form} to be a java.util.Date, but found ${javaClassOf(value)}`)
  }

  write(ms: number, form: TimeForm): unknown {
    switch (form) {
      case 'string':
        return this.#format?.format(ms) ?? null
      case 'unix':
        return unixOf(ms, this.#precision)
      case 'Date':
        return new Date(Math.floor(ms / MS_PER_DAY) * MS_PER_DAY)
      case 'Time':
        return new Date(ms - Math.floor(ms / MS_PER_DAY) * MS_PER_DAY)
      case 'Timestamp':
        return new Date(ms)
    }
  }

  #readText(value: unknown): number {
    if (typeof value !== 'string') {
      throw new DataError(`Expected string timestamp to be a String, but found ${javaClassOf(value)}`)
    }
    if (this.#format === null) {
      throw new DataError(`Could not parse timestamp: value (${value}) is a text, and the transform's \`format\` is not set`)
    }
    const ms = this.#format.parse(value)
    if (ms !== undefined) return ms
    throw new DataError(`Could not parse timestamp: value (${value}) does not match pattern (${this.#format.pattern})`)
  }

  #readUnix(value: number | bigint): number {
    const ms = millisecondsOf(value, this.#precision)
    if (Math.abs(ms) <= DATE_MS_MAX) return ms
    throw new DataError(`Could not convert timestamp: ${value} ${this.#precision} is beyond the range of dates`)
  }
}

/** Rounds towards zero, as java.util.concurrent.TimeUnit. */
function millisecondsOf(value: number | bigint, precision: Precision): number {
  switch (precision) {
    case 'seconds':
      return Number(value) * 1000
    case 'milliseconds':
      return Number(value)
    case 'microseconds':
      return quotient(value, 1000)
    case 'nanoseconds':
      return quotient(value, 1_000_000)
  }
}

function quotient(value: number | bigint, divisor: number): number {
  if (typeof value === 'bigint') return Number(value / BigInt(divisor))
  // The difference is a multiple of the divisor, so that the division is exact; + 0 makes a zero of a negative zero.
  return (value - (value % divisor)) / divisor + 0
}

function unixOf(ms: number, precision: Precision): number | bigint {
  switch (precision) {
    case 'seconds':
      return quotient(ms, 1000)
    case 'milliseconds':
      return ms
    case 'microseconds':
      return product(ms, 1000)
    case 'nanoseconds':
      return product(ms, 1_000_000)
  }
}

/** An int64, cut to its limits as TimeUnit does. */
function product(ms: number, factor: number): number | bigint {
  const result = ms * factor
  if (Number.isSafeInteger(result)) return result
  const exact = BigInt(ms) * BigInt(factor)
  return int64(exact > INT64_MAX ? INT64_MAX : exact < -INT64_MAX - 1n ? -INT64_MAX - 1n : exact)
}

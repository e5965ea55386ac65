// Connect's logical types: schemas of Decimal, Date, Time and Timestamp, and the way between their JS values and what is stored.
// Any thread. Java: org.apache.kafka.connect.data.{Decimal,Date,Time,Timestamp}.
import { DataError } from '../base/errors.ts'
import type { Decimal } from './decimal.ts'
import { DATE_NAME, DECIMAL_NAME, Schema, TIME_NAME, TIMESTAMP_NAME } from './schema.ts'

export const MS_PER_DAY = 86_400_000

export interface LogicalOptions {
  readonly optional?: boolean
  readonly default?: unknown
}

export function decimalSchema(scale: number, options: LogicalOptions = {}): Schema {
  return new Schema({
    type: 'bytes',
    name: DECIMAL_NAME,
    version: 1,
    parameters: new Map([['scale', String(scale)]]),
    ...options,
  })
}

export const dateSchema = (options: LogicalOptions = {}): Schema =>
  new Schema({ type: 'int32', name: DATE_NAME, version: 1, ...options })
export const timeSchema = (options: LogicalOptions = {}): Schema =>
  new Schema({ type: 'int32', name: TIME_NAME, version: 1, ...options })
export const timestampSchema = (options: LogicalOptions = {}): Schema =>
  new Schema({ type: 'int64', name: TIMESTAMP_NAME, version: 1, ...options })

/** The scale a Decimal schema states. */
export function decimalScale(schema: Schema): number {
  const text = schema.parameters.get('scale')
  if (text === undefined) throw new DataError('Invalid Decimal schema: scale parameter not found.')
  if (!/^[+-]?\d{1,10}$/.test(text)) throw new DataError('Invalid scale parameter found in Decimal schema: ')
  return Number(text)
}

/** The bytes of a Decimal, whose scale must be the schema's. */
export function decimalToBytes(schema: Schema, value: Decimal): Buffer {
  const scale = decimalScale(schema)
  if (value.scale !== scale) {
    throw new DataError(
      `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.`,
    )
  }
  return value.toBytes()
}

/** Days since the epoch. */
export function dateToDays(value: Date): number {
  const ms = value.getTime()
  if (ms % MS_PER_DAY !== 0) {
    throw new DataError('Kafka Connect Date type should not have any time fields set to non-zero values.')
  }
  return ms / MS_PER_DAY
}

export const dateFromDays = (days: number): Date => new Date(days * MS_PER_DAY)

/** Milliseconds of the day. */
export function timeToMs(value: Date): number {
  const ms = value.getTime()
  if (ms < 0 || ms > MS_PER_DAY) {
    throw new DataError('Kafka Connect Time type should not have any date fields set to non-zero values.')
  }
  return ms
}

export function timeFromMs(ms: number): Date {
  if (ms < 0 || ms > MS_PER_DAY) {
    throw new DataError('Time values must use number of milliseconds greater than 0 and less than 86400000')
  }
  return new Date(ms)
}

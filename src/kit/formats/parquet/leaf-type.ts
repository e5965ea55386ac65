// The types of leaf columns: how values are stored here, which physical type the file has, and what it is said to mean.
// Task threads.
import type { Schema } from '../../../data/schema.ts'

export type Physical = 'BOOLEAN' | 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE' | 'BYTE_ARRAY' | 'FIXED'
export type Meaning = 'none' | 'string' | 'int8' | 'int16' | 'date' | 'timeMs' | 'timestampMs' | 'decimal'

export interface LeafType {
  readonly physical: Physical
  readonly meaning: Meaning
  readonly store: 'none' | 'numbers' | 'text' | 'bytes'
  /** FIXED only */
  readonly fixedBytes?: number
  readonly precision?: number
  readonly scale?: number
}

/** Only nulls so far. In the file it is a string column: one type every reader has. */
export const NULL_TYPE: LeafType = { physical: 'BYTE_ARRAY', meaning: 'string', store: 'none' }
export const BOOLEAN_TYPE: LeafType = { physical: 'BOOLEAN', meaning: 'none', store: 'numbers' }
export const INT8_TYPE: LeafType = { physical: 'INT32', meaning: 'int8', store: 'numbers' }
export const INT16_TYPE: LeafType = { physical: 'INT32', meaning: 'int16', store: 'numbers' }
export const INT32_TYPE: LeafType = { physical: 'INT32', meaning: 'none', store: 'numbers' }
export const INT64_TYPE: LeafType = { physical: 'INT64', meaning: 'none', store: 'numbers' }
export const FLOAT_TYPE: LeafType = { physical: 'FLOAT', meaning: 'none', store: 'numbers' }
export const DOUBLE_TYPE: LeafType = { physical: 'DOUBLE', meaning: 'none', store: 'numbers' }
export const TEXT_TYPE: LeafType = { physical: 'BYTE_ARRAY', meaning: 'string', store: 'text' }
/** Values that have no type in common: each as JSON text. */
export const JSON_TYPE: LeafType = { physical: 'BYTE_ARRAY', meaning: 'string', store: 'text' }
export const BYTES_TYPE: LeafType = { physical: 'BYTE_ARRAY', meaning: 'none', store: 'bytes' }
export const DATE_TYPE: LeafType = { physical: 'INT32', meaning: 'date', store: 'numbers' }
export const TIME_TYPE: LeafType = { physical: 'INT32', meaning: 'timeMs', store: 'numbers' }
export const TIMESTAMP_TYPE: LeafType = { physical: 'INT64', meaning: 'timestampMs', store: 'numbers' }

/** What readers such as DuckDB, Spark and Arrow's 128-bit decimals hold. */
export const DECIMAL_PRECISION_MAX = 38

/** Connect's Decimal states a scale only; Avro's converters add the precision as a parameter. Null: no Parquet decimal can hold it. */
export function decimalType(schema: Schema): LeafType | null {
  const scale = Number(schema.parameters.get('scale') ?? Number.NaN)
  const stated = Number(schema.parameters.get('connect.decimal.precision') ?? DECIMAL_PRECISION_MAX)
  const precision = Math.min(Math.max(Number.isInteger(stated) ? stated : DECIMAL_PRECISION_MAX, 1), DECIMAL_PRECISION_MAX)
  if (!Number.isInteger(scale) || scale < 0 || scale > precision) return null
  const fixedBytes = Math.ceil((Math.log2(10) * precision + 1) / 8)
  return { physical: 'FIXED', meaning: 'decimal', store: 'bytes', fixedBytes, precision, scale }
}

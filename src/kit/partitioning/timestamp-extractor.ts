// Where a record's time comes from: the wall clock, the Kafka record, or a field of the value. Task threads.

import type { Clock } from '../../base/clock.ts'
import { ConfigError, DataError } from '../../base/errors.ts'
import type { ColumnBatch } from '../../data/columns.ts'
import { Float64 } from '../../data/decimal.ts'
import type { SinkRecord } from '../../data/record.ts'
import { fieldAt, fieldOfRows } from './field-path.ts'

/** Milliseconds since the epoch. @throws DataError where the record has no time */
export type TimestampExtractor = (record: SinkRecord) => number

const PREFIX = /^io\.confluent\.connect\.storage\.partitioner\.TimeBasedPartitioner\$|TimestampExtractor$/g

/** @param name Wallclock, Record, RecordField, or Confluent's class names of them */
export function createTimestampExtractor(key: string, name: string, field: string, clock: Clock): TimestampExtractor {
  switch (name.replace(PREFIX, '')) {
    case 'Wallclock':
      return () => clock.now()
    case 'Record':
      return recordTime
    case 'RecordField': {
      const path = field.split('.')
      return record => fieldTime(record.value, path)
    }
  }
  throw new ConfigError(key, `Invalid value ${name} for configuration ${key}: must be one of Wallclock, Record, RecordField`)
}

export function recordTime(record: SinkRecord): number {
  if (record.timestamp === null) throw new DataError('the record has no timestamp')
  return record.timestamp
}

/** The same for rows of columns: a function of the batch that gives one of the row; null where the rows must come as records. */
export function rowTimeExtractor(
  name: string,
  field: string,
  clock: Clock,
  kafkaTimes: (batch: ColumnBatch) => (row: number) => number,
): (batch: ColumnBatch) => ((row: number) => number) | null {
  switch (name.replace(PREFIX, '')) {
    case 'Wallclock':
      return () => () => clock.now()
    case 'Record':
      return kafkaTimes
  }
  const path = field.split('.')
  return batch => {
    const valueAt = fieldOfRows(batch, path)
    return valueAt === null ? null : row => timeIn(valueAt(row), path)
  }
}

function fieldTime(value: unknown, path: readonly string[]): number {
  return timeIn(fieldAt(value, path), path)
}

function timeIn(found: unknown, path: readonly string[]): number {
  if (typeof found === 'number' && Number.isInteger(found)) return found
  if (found instanceof Date) return found.getTime()
  if (typeof found === 'bigint') return Number(found)
  if (found instanceof Float64 && Number.isInteger(found.value)) return found.value
  if (typeof found === 'string') return textTime(found, path)
  const what = found === null ? 'null' : typeof found
  throw new DataError(`the field ${path.join('.')} is no time: ${what}`)
}

/** Epoch milliseconds in digits, or ISO 8601; without a zone it is UTC. */
function textTime(text: string, path: readonly string[]): number {
  if (/^-?\d{1,19}$/.test(text)) return Number(text)
  const match = /^(\d{4}-\d{2}(?:-\d{2})?)(?:[T ](\d{2}(?::\d{2}(?::\d{2}(?:[.,]\d+)?)?)?)(Z|[+-]\d{2}(?::?\d{2})?)?)?$/.exec(
    text,
  )
  if (match !== null) {
    const [, date = '', time = '00:00', zone = 'Z'] = match
    const clock = time.length === 2 ? `${time}:00` : time.replace(',', '.')
    const offset =
      zone === 'Z'
        ? 'Z'
        : `${zone.slice(0, 3)}:${zone.slice(-2) === zone.slice(1, 3) && zone.length === 3 ? '00' : zone.slice(-2)}`
    const parsed = Date.parse(`${date.length === 7 ? `${date}-01` : date}T${clock}${offset}`)
    if (!Number.isNaN(parsed)) return parsed
  }
  throw new DataError(`the field ${path.join('.')} is no time: ${JSON.stringify(text)}`)
}

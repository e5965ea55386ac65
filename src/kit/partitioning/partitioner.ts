// Partitioners: which folder of a lake a record belongs to. Names and layout are those of Confluent's storage sinks. Task threads.
import type { Clock } from '../../base/clock.ts'
import { ConfigError, DataError } from '../../base/errors.ts'
import type { ColumnBatch } from '../../data/columns.ts'
import { Decimal } from '../../data/decimal.ts'
import { javaString } from '../../data/java-string.ts'
import type { SinkRecord } from '../../data/record.ts'
import { Struct } from '../../data/struct.ts'
import { fieldAt, fieldOfRows } from './field-path.ts'
import type { PartitioningConfig } from './partitioning-config.ts'
import { compileTimePattern } from './time-pattern.ts'
import { TimeZone } from './time-zone.ts'
import { createTimestampExtractor, recordTime, rowTimeExtractor, type TimestampExtractor } from './timestamp-extractor.ts'

export interface Partitioner {
  /** The encoded partition: folders between topic and file name. @throws DataError where the record lacks what it needs */
  encode(record: SinkRecord): string
  /** The record's time by the configured extractor; the Kafka timestamp where the partitioner is not time based. */
  timeOf: TimestampExtractor
  readonly isTimeBased: boolean
  /** The same for rows of a batch of columns (D3): an answer a row, or null where they must come as records. */
  rows(batch: ColumnBatch): RowPlaces | null
}

export interface RowPlaces {
  /** @throws DataError as Partitioner.encode */
  encode(row: number): string
  /** @throws DataError as Partitioner.timeOf */
  timeOf(row: number): number
}

const PACKAGE = 'io.confluent.connect.storage.partitioner.'
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const QUARTER_MS = 900_000
/** of a name in a file system */
const ELEMENT_BYTES_MAX = 255
/** What a JavaScript date holds, either side of 1970. */
const TIME_MS_MAX = 8.64e15
const DAILY = "'year'=YYYY/'month'=MM/'day'=dd"
const HOURLY = `${DAILY}/'hour'=HH`

export const PARTITIONERS = [
  'DefaultPartitioner',
  'FieldPartitioner',
  'TimeBasedPartitioner',
  'DailyPartitioner',
  'HourlyPartitioner',
] as const

/** Full class name, simple name, or the simple name without its ending. */
export function simplePartitionerName(name: string): (typeof PARTITIONERS)[number] | undefined {
  const simple = name.startsWith(PACKAGE) ? name.slice(PACKAGE.length) : name
  return PARTITIONERS.find(p => p === simple || p === `${simple}Partitioner`)
}

export function createPartitioner(config: PartitioningConfig, clock: Clock): Partitioner {
  const name = config['partitioner.class']
  switch (simplePartitionerName(name)) {
    case 'DefaultPartitioner':
      return {
        encode: record => `partition=${record.kafkaPartition}`,
        timeOf: recordTime,
        isTimeBased: false,
        rows(batch) {
          const encoded = `partition=${batch.partition}`
          return { encode: () => encoded, timeOf: kafkaTimes(batch) }
        },
      }
    case 'FieldPartitioner':
      return fieldPartitioner(config)
    case 'TimeBasedPartitioner':
      return timePartitioner(config, clock, config['partition.duration.ms'], config['path.format'])
    case 'DailyPartitioner':
      return timePartitioner(config, clock, DAY_MS, DAILY)
    case 'HourlyPartitioner':
      return timePartitioner(config, clock, HOUR_MS, HOURLY)
    default:
      throw new ConfigError(
        'partitioner.class',
        `Invalid value ${name} for configuration partitioner.class: must be one of ${PARTITIONERS.join(', ')}`,
      )
  }
}

function fieldPartitioner(config: PartitioningConfig): Partitioner {
  const names = config['partition.field.name']
  if (names.length === 0) throw new ConfigError('partition.field.name', 'partition.field.name must name at least one field')
  const fields = names.map(name => ({ name, path: name.split('.') }))
  const delimiter = config['directory.delim']
  const encode = (record: SinkRecord): string => {
    let text = ''
    for (const { name, path } of fields) {
      if (typeof record.value !== 'object' || record.value === null) throw new DataError(`the value has no field ${name}`)
      const element = `${name}=${fieldText(fieldAt(record.value, path), name)}`
      checkLength(element, name)
      text += `${text === '' ? '' : delimiter}${element}`
    }
    return text
  }
  const rows = (batch: ColumnBatch): RowPlaces | null => {
    const valuesAt = fields.map(({ path }) => fieldOfRows(batch, path))
    if (!valuesAt.every(valueAt => valueAt !== null)) return null
    let last: readonly string[] = []
    let text = ''
    const encodeRow = (row: number): string => {
      const values = valuesAt.map((valueAt, i) => fieldText(valueAt(row), fields[i]?.name ?? ''))
      if (values.length === last.length && values.every((value, i) => value === last[i])) return text
      const elements = values.map((value, i) => `${fields[i]?.name}=${value}`)
      for (const [i, element] of elements.entries()) checkLength(element, fields[i]?.name ?? '')
      last = values
      text = elements.join(delimiter)
      return text
    }
    return { encode: encodeRow, timeOf: kafkaTimes(batch) }
  }
  return { encode, timeOf: recordTime, isTimeBased: false, rows }
}

function kafkaTimes({ timestamps }: ColumnBatch): (row: number) => number {
  return row => {
    const time = timestamps[row]!
    if (time === -1) throw new DataError('the record has no timestamp')
    return time
  }
}

/** Refused here, the record can still be told apart; at the end of its file it could not. */
function checkLength(element: string, name: string): void {
  // UTF-8 takes at most three bytes a UTF-16 unit.
  const bytes = element.length * 3 <= ELEMENT_BYTES_MAX ? 0 : Buffer.byteLength(element)
  if (bytes > ELEMENT_BYTES_MAX) {
    throw new DataError(`the field ${name} makes a folder name of ${bytes} bytes; at most ${ELEMENT_BYTES_MAX} are possible`)
  }
}

/** Slashes and control characters are written as %XX: a value must not make folders of its own. */
function fieldText(value: unknown, name: string): string {
  const isNested = typeof value === 'object' && value !== null && !(value instanceof Decimal) && !(value instanceof Date)
  if (
    isNested &&
    (value instanceof Struct || value instanceof Map || Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype)
  ) {
    throw new DataError(`the field ${name} is not a single value and cannot name a folder`)
  }
  const text = value instanceof Date ? String(value.getTime()) : javaString(value)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get into a path
  return /[/\\\u0000-\u001f%]/.test(text) ? text.replace(/[/\\\u0000-\u001f%]/g, c => encodeByte(c.charCodeAt(0))) : text
}

const encodeByte = (code: number): string => `%${code.toString(16).toUpperCase().padStart(2, '0')}`

function timePartitioner(config: PartitioningConfig, clock: Clock, durationMs: number, pattern: string): Partitioner {
  requireSetting('path.format', pattern !== '', 'a time pattern is needed')
  requireSetting('partition.duration.ms', durationMs > 0, 'a positive number of milliseconds is needed')
  requireSetting('timezone', config.timezone !== '', 'a time zone is needed')
  requireSetting('locale', config.locale !== '', 'a locale is needed')
  const zone = new TimeZone('timezone', config.timezone)
  const delimiter = config['directory.delim']
  const stripped = pattern.endsWith(delimiter) ? pattern.slice(0, -delimiter.length) : pattern
  const format = compileTimePattern('path.format', stripped, config.locale)
  const timeOf = createTimestampExtractor('timestamp.extractor', config['timestamp.extractor'], config['timestamp.field'], clock)
  // Records mostly follow in time: the text of the last few buckets is kept, so formatting is off the hot path.
  const texts = new Map<number, string>()
  const encodeTime = (timeMs: number): string => {
    const offsetMs = Math.abs(timeMs) <= TIME_MS_MAX ? zone.offsetMs(timeMs) : Number.NaN
    const bucket = Math.floor((timeMs + offsetMs) / durationMs)
    // Both ends: a bucket may begin before the first date there is. NaN is refused too.
    if (!(Math.abs(timeMs + offsetMs) <= TIME_MS_MAX && Math.abs(bucket * durationMs) <= TIME_MS_MAX)) {
      throw new DataError(`the time ${timeMs} is beyond the dates there are (8.64e15 ms either side of 1970)`)
    }
    const key = bucket * 256 + offsetMs / QUARTER_MS
    let text = texts.get(key)
    if (text === undefined) {
      text = format(new Date(bucket * durationMs), offsetMs)
      if (texts.size >= 64) texts.clear()
      texts.set(key, text)
    }
    return text
  }
  const timesOf = rowTimeExtractor(config['timestamp.extractor'], config['timestamp.field'], clock, kafkaTimes)
  const rows = (batch: ColumnBatch): RowPlaces | null => {
    const times = timesOf(batch)
    return times === null ? null : { encode: row => encodeTime(times(row)), timeOf: times }
  }
  return { encode: record => encodeTime(timeOf(record)), timeOf, isTimeBased: true, rows }
}

function requireSetting(key: string, isSet: boolean, reason: string): void {
  if (!isSet) throw new ConfigError(key, `${key}: ${reason} for time-based partitioning`)
}

// Offsets of a request (KIP-875) as they can be stored: for sources any flat maps, for sinks topic, partition and offset. Of several entries for
// one partition the last counts, as in Java's maps. Pure; main thread, used by offset-requests.ts.
import { BadRequestError, ConnectError } from '../base/errors.ts'
import { NumberText } from '../base/number-text.ts'
import { canonicalKey } from '../store/offset-json.ts'
import type { OffsetEntry, OffsetMap, OffsetValue } from '../store/offset-store.ts'
import type { AskedOffset, AskedOffsetMap } from './herder.ts'

export interface GroupOffset {
  readonly topic: string
  readonly partition: number
  /** null removes the committed offset */
  readonly offset: number | null
}

const INTEGER = /^[+-]?\d+$/
const INT32_MAX = 2n ** 31n - 1n
const INT64_MAX = 2n ** 63n - 1n
/** Longer texts are no int64, and BigInt of a megabyte of digits would take seconds. */
const DIGITS_MAX = 64

function lastOfEach<T>(entries: readonly T[], keyOf: (entry: T) => string): T[] {
  return [...new Map(entries.map(entry => [keyOf(entry), entry])).values()]
}

/** @throws ConnectError naming a number that is beyond int64 (500, as in Java) */
export function sourceOffsets(asked: readonly AskedOffset[]): OffsetEntry[] {
  const entries = asked.map(({ partition, offset }) => ({
    partition: storable(partition),
    offset: offset === null ? null : storable(offset),
  }))
  return lastOfEach(entries, ({ partition }) => canonicalKey('', partition))
}

function storable(map: AskedOffsetMap): OffsetMap {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, storableValue(key, value)]))
}

function storableValue(key: string, value: OffsetValue | NumberText): OffsetValue {
  if (!(value instanceof NumberText)) return value
  const { text } = value
  if (!INTEGER.test(text)) return Number(text)
  const number = integerIn(text, INT64_MAX)
  if (number === null)
    throw new ConnectError(`The value of "${key}" in a partition or offset is an integer beyond 64 bits: ${text}`)
  return isSafe(number) ? Number(number) : number
}

/** null for what is no integer between `-max - 1` and `max` */
function integerIn(text: string, max: bigint): bigint | null {
  if (text.length > DIGITS_MAX || !INTEGER.test(text)) return null
  const number = BigInt(text.replace('+', ''))
  return number > max || number < -max - 1n ? null : number
}

const isSafe = (number: bigint) => Number.isSafeInteger(Number(number))

/** @throws BadRequestError naming what is missing, no integer, or one that cannot be committed */
export function sinkOffsets(asked: readonly AskedOffset[]): GroupOffset[] {
  return lastOfEach(asked.map(sinkOffset), ({ topic, partition }) => `${topic}-${partition}`)
}

function sinkOffset({ partition, offset }: AskedOffset): GroupOffset {
  const { kafka_topic: topic, kafka_partition: number } = partition
  if (topic === null) throw new BadRequestError('Kafka topic names must be valid strings and may not be null')
  if (number === null) throw new BadRequestError('Kafka partitions must be valid numbers and may not be null')
  if (topic === undefined || number === undefined) {
    throw new BadRequestError(
      "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
    )
  }
  if (offset !== null && offset.kafka_offset === undefined) {
    throw new BadRequestError("The offset for a sink connector should either be null or contain the key 'kafka_offset'")
  }
  return {
    topic: textOf(topic),
    partition: committable(number, 'partition', INT32_MAX),
    offset: offset === null ? null : committable(offset.kafka_offset, 'offset', INT64_MAX),
  }
}

const textOf = (value: unknown) => (value instanceof NumberText ? value.text : String(value))

/** As Java's parseInt and parseLong read the value's text: no white space, no fraction, no exponent, no other base. */
function committable(value: unknown, what: 'partition' | 'offset', max: bigint): number {
  const text = textOf(value)
  const number = integerIn(text, max)
  if (number === null) {
    const title = what === 'partition' ? 'Partition' : 'Offset'
    const found = `Failed to parse the following Kafka ${what} value in the provided offsets: '${text}'`
    throw new BadRequestError(`${found}. ${title} values for sink connectors need to be integers.`)
  }
  if (number < 0n) throw new BadRequestError(`The Kafka ${what} of a sink connector must not be negative: ${number}`)
  if (!isSafe(number)) {
    const limit = `offsets up to ${Number.MAX_SAFE_INTEGER} can be committed, which no topic reaches`
    throw new BadRequestError(`The Kafka offset ${number} is too large: ${limit}`)
  }
  return Number(number)
}

/** What the connector's own alterOffsets is asked about. */
export function entryOf({ topic, partition, offset }: GroupOffset): OffsetEntry {
  return {
    partition: { kafka_topic: topic, kafka_partition: partition },
    offset: offset === null ? null : { kafka_offset: offset },
  }
}

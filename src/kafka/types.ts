// The types that the Kafka clients share with one another and with the task runtime. Any thread; no behaviour but a key.
import type { AnswerMemory } from './answer-memory.ts'

export type { ClientConfig, Sasl } from './client-config.ts'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** One text for a partition, as Kafka's own logs write it; equal partitions have equal keys. */
export function partitionKey(p: TopicPartition): string {
  return `${p.topic}-${p.partition}`
}

export interface OffsetAndMetadata {
  /** the next offset to be read */
  readonly offset: number
  readonly leaderEpoch?: number
  readonly metadata?: string
}

/** A request of the Kafka protocol; non-flexible versions only, for the request header written is v1. */
export interface Api {
  readonly key: number
  readonly version: number
  readonly name: string
}

/** A request's body, in one piece or in several that are sent one behind the other. */
export type RequestBody = Buffer | readonly Buffer[]

/** A broker answers one connection in order, so what may wait long travels apart: one TCP connection per broker and lane. */
export type Lane = 'fetch' | 'produce' | 'group' | 'meta'

export interface PartitionMetadata {
  readonly partition: number
  /** node id, -1 where there is none at present */
  readonly leader: number
  readonly leaderEpoch: number
  readonly errorCode: number
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
}

export interface TopicMetadata {
  readonly name: string
  readonly errorCode: number
  /** a topic of Kafka's own, such as __consumer_offsets */
  readonly internal: boolean
  readonly partitions: readonly PartitionMetadata[]
}

export interface RawHeader {
  readonly key: string
  readonly value: Buffer | null
}

/** Where the parts of each record lie in the batch's buffer. Arrays hold `count` entries; a length of -1 is null. */
export interface RecordIndex {
  readonly count: number
  readonly offsets: Float64Array
  readonly timestamps: Float64Array
  readonly keyStart: Int32Array
  readonly keyLength: Int32Array
  readonly valueStart: Int32Array
  readonly valueLength: Int32Array
  /** the headers' count and then the headers, up to headersEnd: read lazily by readHeaders */
  readonly headersStart: Int32Array
  readonly headersEnd: Int32Array
}

/** Records of one partition in offset order, indexed but not decoded. Neighbouring batches of the log may have been joined. */
export interface RawBatch {
  readonly topic: string
  readonly partition: number
  /** keys, values and headers; often a view of the whole fetch answer, so keep copies, not views, for long */
  readonly buffer: Buffer
  readonly index: RecordIndex
  /** at least 1 */
  readonly count: number
  /** the assignment it was fetched under */
  readonly epoch: number
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  /** where the partition goes on after these records: control and aborted records behind them are left out */
  readonly nextOffset: number
  /** weight for budgets: bytes of the records, decompressed, and of their index */
  readonly bytes: number
  readonly highWatermark: number
  /** of the buffer, where it may be used again: to be released once by a reader that holds no view of it any more, or never */
  readonly memory?: AnswerMemory
}

// What a Producer is made with. Any thread; filled by task/producer.ts from Java's producer keys.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { MIB } from '../base/units.ts'
import type { Cluster } from './cluster.ts'
import type { Compression } from './codec/compression.ts'
import type { ProducerFigures } from './figures.ts'
import type { Transactions } from './transactions.ts'

export interface ProducerOptions {
  readonly cluster: Cluster
  readonly log: Logger
  readonly clock: Clock
  readonly acks: -1 | 0 | 1
  readonly idempotent: boolean
  readonly lingerMs: number
  /** A batch is sent once it has this many bytes; while its partition waits for an answer it grows on, up to BATCH_GROWN_BYTES_MAX. */
  readonly batchSizeBytes: number
  /** Bytes not acknowledged above which append gives a promise. One record may overshoot. */
  readonly bufferMemoryBytes: number
  readonly maxRequestSizeBytes: number
  readonly compression: Compression
  /** From the append to the last try. */
  readonly deliveryTimeoutMs: number
  /** Produce requests under way to one broker; with idempotence 5 at most, which is what a broker remembers. */
  readonly maxInFlight: number
  readonly retryBackoffMs?: number
  readonly retryBackoffMaxMs?: number
  readonly requestTimeoutMs?: number
  readonly figures?: ProducerFigures
  /** for the sticky partitioner; Math.random unless a test says otherwise */
  readonly random?: () => number
  /** records go in transactions only; with acks -1 and idempotence. Set by transactional-producer.ts */
  readonly transactions?: Transactions
}

/**
 * A batch that waits behind another grows beyond batch.size up to this: one request in flight carries one batch a partition, so with
 * 16 KiB batches a partition would be bound to 16 KiB a round trip. Half the default of the broker's message.max.bytes.
 */
export const BATCH_GROWN_BYTES_MAX = 512 * 1024

/** A broker keeps the sequence numbers of the last five batches of a producer and partition. */
export const IN_FLIGHT_IDEMPOTENT_MAX = 5

/** Of the producers that write Connect's own topics (Java: each store's baseProducerProps): never given up, one request after the other. */
export const INTERNAL_TOPIC_PRODUCER = {
  acks: -1,
  idempotent: false,
  lingerMs: 0,
  batchSizeBytes: 16_384,
  bufferMemoryBytes: 32 * MIB,
  maxRequestSizeBytes: MIB,
  compression: 'none',
  deliveryTimeoutMs: Number.MAX_SAFE_INTEGER,
  maxInFlight: 1,
} as const

// Records of one partition that travel and are acknowledged together. Runs in the producer's thread; made by producer.ts, sent by
// producer-sender.ts. Per record it holds a callback and a timestamp, nothing else: the bytes are in the builder.
import type { Logger } from '../base/log.ts'
import type { RecordBatchBuilder } from './codec/record-batch-builder.ts'
import type { ProducerIdentity } from './producer-identity.ts'

/** Valid during the callback only: one object serves all records of a batch. */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  /** -1 where the broker did not say (acks=0, or a duplicate of long ago) */
  offset: number
  timestamp: number
}

export type OnAck = (error: Error | null, metadata: RecordMetadata | null) => void

/** One flush() under way: done when `pending` is empty. */
export interface Flush {
  readonly pending: Set<ProducerBatch>
  readonly done: () => void
}

export class ProducerBatch {
  readonly topic: string
  readonly partition: number
  readonly builder: RecordBatchBuilder
  /** place in the partition's order; halves of a split batch share the place between them */
  readonly order: number
  readonly span: number
  readonly createdMs: number
  acks: OnAck[] = []
  timestamps: number[] = []
  /** bytes counted against buffer.memory: an upper bound of the records' */
  bytes = 0
  /** times it was sent */
  attempts = 0
  identity: ProducerIdentity | null = null
  baseSequence = -1
  wentAlone = false
  /** from the answer; -1 where the broker did not say */
  baseOffset = -1
  /** -1 where the records keep their own time */
  logAppendTime = -1
  /** the flushes that wait for this batch */
  flushes: Flush[] = []

  constructor(topic: string, partition: number, builder: RecordBatchBuilder, order: number, createdMs: number, span = 1) {
    this.topic = topic
    this.partition = partition
    this.builder = builder
    this.order = order
    this.createdMs = createdMs
    this.span = span
  }

  get count(): number {
    return this.acks.length
  }

  /** Calls back for each record in order. */
  succeed(log: Logger): void {
    const { acks, timestamps, topic, partition, baseOffset, logAppendTime } = this
    const metadata: RecordMetadata = { topic, partition, offset: baseOffset, timestamp: logAppendTime }
    for (let i = 0; i < acks.length; i++) {
      if (baseOffset >= 0) metadata.offset = baseOffset + i
      if (logAppendTime < 0) metadata.timestamp = timestamps[i] ?? -1
      call(acks[i], null, metadata, log)
    }
    this.#settled()
  }

  fail(error: Error, log: Logger): void {
    for (const ack of this.acks) call(ack, error, null, log)
    this.#settled()
  }

  /** Everybody who waits for this batch waits for its halves instead. */
  replacedBy(halves: readonly ProducerBatch[]): void {
    for (const flush of this.flushes) {
      flush.pending.delete(this)
      for (const half of halves) {
        flush.pending.add(half)
        half.flushes.push(flush)
      }
    }
    this.flushes = []
    this.acks = []
    this.timestamps = []
  }

  #settled(): void {
    for (const flush of this.flushes) {
      flush.pending.delete(this)
      if (flush.pending.size === 0) flush.done()
    }
    this.flushes = []
    this.acks = []
    this.timestamps = []
  }
}

/** A callback that throws is its owner's bug; the records behind it must still hear. */
function call(ack: OnAck | undefined, error: Error | null, metadata: RecordMetadata | null, log: Logger): void {
  try {
    ack?.(error, metadata)
  } catch (thrown) {
    log.error({ error: thrown }, 'a delivery callback threw')
  }
}

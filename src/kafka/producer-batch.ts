// Records of one partition that travel and are acknowledged together. Runs in the producer's thread; made by producer.ts, sent by
// producer-sender.ts. Per record, or per run of records that were appended together, it holds a callback and a timestamp, nothing else: the
// bytes are in the builder.
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

/** @param count records that it is called for: those behind the one that metadata names follow it. More than 1 after appendRanges only. */
export type OnAck = (error: Error | null, metadata: RecordMetadata | null, count: number) => void

/** Neighbouring records with one callback and one timestamp. */
export interface Acks {
  readonly onAcks: OnAck[]
  readonly counts: number[]
  readonly timestamps: number[]
}

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
  acks: Acks = noAcks()
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
    return this.builder.count
  }

  /** The records just added to the builder are to be told to `onAck`. */
  add(onAck: OnAck, count: number, timestampMs: number): void {
    const { onAcks, counts, timestamps } = this.acks
    onAcks.push(onAck)
    counts.push(count)
    timestamps.push(timestampMs)
  }

  /** As add, for one more record of a run: neighbours are told together. */
  addToRun(onAck: OnAck, timestampMs: number): void {
    const { onAcks, counts, timestamps } = this.acks
    const last = onAcks.length - 1
    if (last >= 0 && onAcks[last] === onAck && timestamps[last] === timestampMs) counts[last] = (counts[last] ?? 0) + 1
    else this.add(onAck, 1, timestampMs)
  }

  /** Calls back for all records in order. */
  succeed(log: Logger): void {
    const { acks, topic, partition, baseOffset, logAppendTime } = this
    const { onAcks, counts, timestamps } = acks
    const metadata: RecordMetadata = { topic, partition, offset: baseOffset, timestamp: logAppendTime }
    for (let i = 0, before = 0; i < onAcks.length; i++) {
      if (baseOffset >= 0) metadata.offset = baseOffset + before
      if (logAppendTime < 0) metadata.timestamp = timestamps[i] ?? -1
      const count = counts[i] ?? 0
      call(onAcks[i], null, metadata, count, log)
      before += count
    }
    this.#settled()
  }

  fail(error: Error, log: Logger): void {
    const { onAcks, counts } = this.acks
    for (let i = 0; i < onAcks.length; i++) call(onAcks[i], error, null, counts[i] ?? 0, log)
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
    this.acks = noAcks()
  }

  #settled(): void {
    for (const flush of this.flushes) {
      flush.pending.delete(this)
      if (flush.pending.size === 0) flush.done()
    }
    this.flushes = []
    this.acks = noAcks()
  }
}

function noAcks(): Acks {
  return { onAcks: [], counts: [], timestamps: [] }
}

/** A callback that throws is its owner's bug; the records behind it must still hear. */
function call(ack: OnAck | undefined, error: Error | null, metadata: RecordMetadata | null, count: number, log: Logger): void {
  try {
    ack?.(error, metadata, count)
  } catch (thrown) {
    log.error({ error: thrown }, 'a delivery callback threw')
  }
}

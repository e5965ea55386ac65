// The producer: append copies a record into its partition's batch, the sender sends. Runs in a task thread (source tasks, dead letters)
// or on the supervisor (internal topics). append and appendRanges are the hot path: no promise and no object per record but the callback in
// its batch.
//
// Limits: buffer.memory bounds the bytes not yet acknowledged (append gives a promise above it), max.request.size one record and one
// request, maxInFlight the requests under way to a broker, delivery.timeout.ms the life of a batch.

import { ConnectError, DataError, isRetriable, KafkaError, toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { BATCH_HEADER_BYTES } from './codec/batch-header.ts'
import { ErrorCode, kafkaError } from './codec/errors.ts'
import { byteLengthOf, RECORD_OVERHEAD_BYTES_MAX, RecordBatchBuilder, recordBytesMax } from './codec/record-batch-builder.ts'
import { PartitionQueue } from './partition-queue.ts'
import { nextStickyPartition, partitionOfKey } from './partitioner.ts'
import { type OnAck, ProducerBatch } from './producer-batch.ts'
import { BATCH_GROWN_BYTES_MAX, type ProducerOptions } from './producer-options.ts'
import { ProducerSender } from './producer-sender.ts'
import type { RawHeader } from './types.ts'

export type { OnAck, RecordMetadata } from './producer-batch.ts'
export type { ProducerOptions } from './producer-options.ts'

interface Waiting {
  readonly partition: number | null
  readonly timestampMs: number
  readonly key: Buffer | null
  readonly value: Buffer | string | null
  readonly valueBytes: number
  readonly headers: readonly RawHeader[]
  readonly onAck: OnAck
  readonly bytes: number
}

/** What is known of a topic. `partitions` 0: its metadata is being asked for, and records wait. */
interface TopicState {
  readonly topic: string
  partitions: number
  readonly queues: (PartitionQueue | undefined)[]
  sticky: number
  stickyBytes: number
  waiting: Waiting[]
  resolving: Promise<void> | null
}

export class Producer {
  readonly #o: ProducerOptions
  readonly #log: Logger
  readonly #sender: ProducerSender
  readonly #topics = new Map<string, TopicState>()
  readonly #stop = new AbortController()
  readonly #random: () => number
  readonly #grownBytesMax: number
  #last: TopicState | null = null
  #bufferedBytes = 0
  #order = 0
  #room: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null

  constructor(options: ProducerOptions) {
    this.#o = options
    this.#log = options.log
    this.#random = options.random ?? Math.random
    this.#grownBytesMax = Math.max(
      options.batchSizeBytes,
      Math.min(BATCH_GROWN_BYTES_MAX, Math.floor(options.maxRequestSizeBytes / 2)),
    )
    this.#sender = new ProducerSender(options, bytes => this.#released(bytes))
  }

  /** Bytes appended and not yet acknowledged, overhead included. */
  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  /** buffer.memory */
  get bufferMemoryBytes(): number {
    return this.#o.bufferMemoryBytes
  }

  /**
   * Takes a record; key, value and headers are copied at once, a text as UTF-8. onAck is called once, in append order within a partition; its
   * metadata object is valid during the call only.
   * @param partition null: by key as Java does, or sticky without a key
   * @returns undefined, or a promise: the record is taken as well, but wait for it before the next append
   * @throws DataError where the record is larger than max.request.size or buffer.memory
   */
  append(
    topic: string,
    partition: number | null,
    timestampMs: number,
    key: Buffer | null,
    value: Buffer | string | null,
    headers: readonly RawHeader[],
    onAck: OnAck,
  ): Promise<void> | undefined {
    const valueBytes = byteLengthOf(value)
    const bytes = recordBytesMax(key, valueBytes, headers)
    if (this.#isTooLarge(bytes)) this.#refuse(topic, bytes)
    if (!Number.isSafeInteger(timestampMs)) throw new DataError(`${timestampMs} is no timestamp (record for topic ${topic})`)
    if (this.#stop.signal.aborted) throw new ConnectError('the producer is closed', { code: 'CONNECT_CLOSED' })
    const state = this.#last?.topic === topic ? this.#last : this.#stateOf(topic)
    if (state.partitions === 0 || (partition !== null && partition >= state.partitions)) {
      this.#o.transactions?.checkOpen()
      const copies = { key: key && Buffer.from(key), value: typeof value === 'string' ? value : value && Buffer.from(value) }
      this.#bufferedBytes += bytes
      state.waiting.push({ partition, timestampMs, ...copies, valueBytes, headers, onAck, bytes })
      return (state.resolving ??= this.#resolve(state))
    }
    this.#put(state, partition, timestampMs, key, value, valueBytes, headers, onAck, bytes)
    return this.room()
  }

  /**
   * Takes records `from` to `end`, or the first of them, that are nothing but a value: `buffer` from starts[i] to ends[i], copied at once.
   * Each goes where append would have put it. onAck is called for runs of neighbours.
   * @returns the first one not taken: what must wait or be refused (a full buffer.memory, a topic not known yet, a record too large) is
   * for append to take. Also when the last one taken has filled buffer.memory: see room.
   */
  appendRanges(
    topic: string,
    timestampMs: number,
    buffer: Buffer,
    starts: Int32Array,
    ends: Int32Array,
    from: number,
    end: number,
    onAck: OnAck,
  ): number {
    const state = this.#last?.topic === topic ? this.#last : this.#stateOf(topic)
    if (this.#stop.signal.aborted || state.partitions === 0 || !Number.isSafeInteger(timestampMs)) return from
    for (let i = from; i < end; i++) {
      if (this.#bufferedBytes >= this.#o.bufferMemoryBytes) return i
      const start = starts[i] ?? 0
      const stop = ends[i] ?? 0
      const bytesMax = RECORD_OVERHEAD_BYTES_MAX + stop - start
      if (this.#isTooLarge(bytesMax)) return i
      const queue = this.#queueOf(state, this.#stick(state, bytesMax))
      const batch = this.#batchFor(state, queue, bytesMax)
      const bytes = batch.builder.appendRange(timestampMs, buffer, start, stop)
      batch.addToRun(onAck, timestampMs)
      this.#grown(queue, batch, bytes)
    }
    return end
  }

  /** Undefined while buffer.memory has room, else a promise to wait for before the next append. */
  room(): Promise<void> | undefined {
    return this.#bufferedBytes < this.#o.bufferMemoryBytes ? undefined : this.#waitForRoom()
  }

  /** Sends everything appended before the call at once; settles when all of it is acknowledged or has failed. */
  async flush(): Promise<void> {
    for (const state of this.#topics.values()) await state.resolving
    const batches: ProducerBatch[] = []
    for (const state of this.#topics.values())
      for (const queue of state.queues) if (queue !== undefined) batches.push(...queue.all())
    await this.#sender.flush(batches)
  }

  /** Fails what was not sent yet; what was is waited for by flush. Of a transaction that is aborted. */
  abandon(error: Error): void {
    for (const state of this.#topics.values()) this.#failWaiting(state, error)
    this.#sender.abandon(error)
  }

  /** Flushes for up to `timeoutMs`, then fails what is left. */
  async close(timeoutMs: number): Promise<void> {
    if (timeoutMs > 0 && !this.#stop.signal.aborted) {
      const limit = new AbortController()
      await Promise.race([this.flush(), this.#o.clock.sleep(timeoutMs, limit.signal).catch(() => undefined)])
      limit.abort()
    }
    this.#stop.abort()
    const error = new ConnectError('the producer was closed before the record was acknowledged', {
      code: 'CONNECT_CLOSED',
      retriable: true,
    })
    for (const state of this.#topics.values()) this.#failWaiting(state, error)
    this.#sender.close(error)
  }

  #put(
    state: TopicState,
    partition: number | null,
    timestampMs: number,
    key: Buffer | null,
    value: Buffer | string | null,
    valueBytes: number,
    headers: readonly RawHeader[],
    onAck: OnAck,
    bytesMax: number,
  ): void {
    const chosen = partition ?? (key !== null ? partitionOfKey(key, state.partitions) : this.#stick(state, bytesMax))
    const queue = this.#queueOf(state, chosen)
    const batch = this.#batchFor(state, queue, bytesMax)
    const bytes = batch.builder.append(timestampMs, key, value, headers, valueBytes)
    batch.add(onAck, 1, timestampMs)
    this.#grown(queue, batch, bytes)
  }

  #queueOf(state: TopicState, partition: number): PartitionQueue {
    return state.queues[partition] ?? (state.queues[partition] = new PartitionQueue(state.topic, partition))
  }

  /** The partition's open batch, or a new one where a record of `bytesMax` bytes has no place in it. */
  #batchFor(state: TopicState, queue: PartitionQueue, bytesMax: number): ProducerBatch {
    let batch = queue.open
    if (batch !== null && batch.bytes + bytesMax > this.#batchLimit(queue)) {
      queue.closeOpen()
      this.#sender.wake(queue)
      batch = null
    }
    if (batch === null) {
      this.#o.transactions?.checkOpen()
      state.partitions = this.#o.cluster.partitionCount(state.topic) ?? state.partitions
      batch = new ProducerBatch(state.topic, queue.partition, this.#builder(queue), this.#order++, this.#o.clock.monotonicMs())
      batch.bytes = BATCH_HEADER_BYTES
      this.#bufferedBytes += BATCH_HEADER_BYTES
      queue.open = batch
      this.#sender.wake(queue)
    }
    return batch
  }

  #grown(queue: PartitionQueue, batch: ProducerBatch, bytes: number): void {
    const before = batch.bytes
    batch.bytes += bytes
    this.#bufferedBytes += bytes
    if (before < this.#o.batchSizeBytes && batch.bytes >= this.#o.batchSizeBytes) this.#sender.wake(queue)
  }

  #batchLimit(queue: PartitionQueue): number {
    const limit = queue.inFlight > 0 || queue.closed.length > 0 ? this.#grownBytesMax : this.#o.batchSizeBytes
    return Math.min(limit, queue.batchBytesMax)
  }

  /** Begins as large as the partition's last batch came to: growing by doubling copies each byte once more. */
  #builder(queue: PartitionQueue): RecordBatchBuilder {
    const { compression } = this.#o
    const initialBytes = queue.bytesExpected
    const buffer = this.#sender.freeBuffers.take(initialBytes)
    return new RecordBatchBuilder(buffer === undefined ? { compression, initialBytes } : { compression, buffer })
  }

  /** KIP-794: stay with a partition for batch.size bytes, then take another that has a leader. */
  #stick(state: TopicState, bytes: number): number {
    if (state.sticky < 0 || state.stickyBytes >= this.#o.batchSizeBytes) {
      for (let tries = 0; tries < state.partitions; tries++) {
        state.sticky = nextStickyPartition(state.sticky, state.partitions, this.#random)
        if (this.#o.cluster.leaderOf(state.topic, state.sticky) >= 0) break
      }
      state.stickyBytes = 0
    }
    state.stickyBytes += bytes
    return state.sticky
  }

  #stateOf(topic: string): TopicState {
    let state = this.#topics.get(topic)
    if (state === undefined) {
      const partitions = this.#o.cluster.partitionCount(topic) ?? 0
      state = { topic, partitions, queues: [], sticky: -1, stickyBytes: 0, waiting: [], resolving: null }
      this.#topics.set(topic, state)
    }
    this.#last = state
    return state
  }

  /** Asks for the topic until it is there or delivery.timeout.ms is over, then lets the waiting records go on in their order. */
  async #resolve(state: TopicState): Promise<void> {
    const { cluster, clock, deliveryTimeoutMs, retryBackoffMaxMs = 1000 } = this.#o
    const endMs = clock.monotonicMs() + deliveryTimeoutMs
    let isFirst = true
    for (;;) {
      const failure = await this.#lookUp(state)
      if (this.#stop.signal.aborted) return
      if (failure === null || state.waiting.length === 0) break
      if (!isRetriable(failure) || clock.monotonicMs() >= endMs) {
        this.#o.transactions?.fail(failure)
        this.#failWaiting(state, failure)
        break
      }
      // A topic that is made by its first record is not there at first.
      this.#log[isFirst ? 'info' : 'warn']({ topic: state.topic, error: failure.message }, 'no metadata of the topic yet')
      isFirst = false
      await clock
        .sleep(Math.min(retryBackoffMaxMs, Math.max(endMs - clock.monotonicMs(), 1)), this.#stop.signal)
        .catch(() => undefined)
    }
    state.partitions = cluster.partitionCount(state.topic) ?? 0
    state.resolving = null
    const { failure } = this.#o.transactions ?? { failure: null }
    if (failure !== null) this.#failWaiting(state, failure)
    for (const w of state.waiting.splice(0)) {
      if ((w.partition ?? 0) < state.partitions) {
        this.#bufferedBytes -= w.bytes
        this.#put(state, w.partition, w.timestampMs, w.key, w.value, w.valueBytes, w.headers, w.onAck, w.bytes)
      } else {
        const text = `topic ${state.topic} has ${state.partitions} partitions, the record names partition ${w.partition}`
        const error = new KafkaError('Produce', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, text, false)
        this.#o.transactions?.fail(error)
        this.#failOne(w, error)
      }
    }
  }

  /** null: the topic is known now. */
  async #lookUp(state: TopicState): Promise<Error | null> {
    try {
      const [found] = await this.#o.cluster.metadata([state.topic], true)
      if (found === undefined) return kafkaError('Metadata', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, state.topic)
      return found.partitions.length > 0 ? null : kafkaError('Metadata', found.errorCode, state.topic)
    } catch (error) {
      return toError(error)
    }
  }

  #failWaiting(state: TopicState, error: Error): void {
    for (const w of state.waiting.splice(0)) this.#failOne(w, error)
  }

  #failOne({ bytes, onAck }: Waiting, error: Error): void {
    this.#released(bytes)
    try {
      onAck(error, null, 1)
    } catch (thrown) {
      this.#log.error({ error: thrown }, 'a delivery callback threw')
    }
  }

  #waitForRoom(): Promise<void> {
    if (this.#room === null) {
      this.#room = Promise.withResolvers<void>()
      this.#sender.setUrgent(true)
    }
    return this.#room.promise
  }

  #released(bytes: number): void {
    this.#bufferedBytes -= bytes
    if (this.#room === null || this.#bufferedBytes >= this.#o.bufferMemoryBytes) return
    this.#sender.setUrgent(false)
    this.#room.resolve()
    this.#room = null
  }

  #isTooLarge(bytes: number): boolean {
    return bytes + BATCH_HEADER_BYTES > this.#o.maxRequestSizeBytes || bytes > this.#o.bufferMemoryBytes
  }

  #refuse(topic: string, bytes: number): never {
    const { maxRequestSizeBytes, bufferMemoryBytes } = this.#o
    const limit = bytes > bufferMemoryBytes ? `buffer.memory, ${bufferMemoryBytes}` : `max.request.size, ${maxRequestSizeBytes}`
    const text = `record of ${bytes} bytes for topic ${topic} is larger than ${limit}`
    const error = new DataError(text, { code: 'CONNECT_RECORD_TOO_LARGE' })
    this.#o.transactions?.fail(error)
    throw error
  }
}

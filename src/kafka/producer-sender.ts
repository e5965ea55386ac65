// The sending half of the producer: takes batches that are due, one request a broker with at most one batch of each partition, and
// draws the consequences of the answers. Runs in the producer's thread; made and woken by producer.ts.
//
// No loop turns idly: #drain runs when a batch is closed, an answer comes, metadata was refreshed, or the one timer (linger, back-off) fires.
// Retries end with deliveryTimeoutMs; each waits for its exponential back-off.
import { exponentialBackoffMs } from '../base/backoff.ts'
import type { Timer } from '../base/clock.ts'
import { DataError, isRetriable, KafkaError, toError } from '../base/errors.ts'
import { TRANSACTIONAL } from './codec/batch-header.ts'
import { ErrorCode, kafkaError } from './codec/errors.ts'
import { decodeProduce, encodeProduce, type ProducedPartition, produceApi } from './codec/produce.ts'
import { FreeBuffers } from './free-buffers.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { Flush, ProducerBatch } from './producer-batch.ts'
import { ProducerIdentities } from './producer-identity.ts'
import { IN_FLIGHT_IDEMPOTENT_MAX, type ProducerOptions } from './producer-options.ts'
import { splitBatch } from './split-batch.ts'

const NO_ANSWER = -1
const RECORD_LIST_TOO_LARGE = 18
/** Errors that say our picture of the leaders is old. */
const STALE_METADATA: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.FENCED_LEADER_EPOCH,
  ErrorCode.UNKNOWN_LEADER_EPOCH,
  NO_ANSWER,
])

interface Taken {
  readonly queue: PartitionQueue
  readonly batch: ProducerBatch
  readonly payload: Buffer
}

export class ProducerSender {
  readonly #o: ProducerOptions
  readonly #released: (bytes: number) => void
  /** of batches that are done with */
  readonly freeBuffers = new FreeBuffers()
  readonly #identities: ProducerIdentities
  readonly #maxInFlight: number
  /** queues that hold or await something; turned by one at each drain so that none starves behind max.request.size */
  readonly #active = new Set<PartitionQueue>()
  readonly #inFlightByNode = new Map<number, number>()
  readonly #flushes = new Set<Flush>()
  #isDrainQueued = false
  #timer: Timer | null = null
  #isRefreshing = false
  #isUrgent = false
  #isObtaining = false
  #isClosed = false
  #lastWarningMs = Number.NEGATIVE_INFINITY

  /** @param released told when bytes are free again */
  constructor(options: ProducerOptions, released: (bytes: number) => void) {
    this.#o = options
    this.#released = released
    this.#identities = new ProducerIdentities(options.cluster, options.log, options.clock)
    options.transactions?.listen({ wake: () => this.#queueDrain(), failed: error => this.#abandonAll(error) })
    this.#maxInFlight = options.idempotent ? Math.min(options.maxInFlight, IN_FLIGHT_IDEMPOTENT_MAX) : options.maxInFlight
  }

  /** The queue has a new open batch, or its open batch has reached batch.size. */
  wake(queue: PartitionQueue): void {
    this.#active.add(queue)
    this.#queueDrain()
  }

  /** While urgent (memory is full), open batches go at once. */
  setUrgent(isUrgent: boolean): void {
    this.#isUrgent = isUrgent
    if (isUrgent) this.#queueDrain()
  }

  flush(batches: Iterable<ProducerBatch>): Promise<void> {
    const pending = new Set(batches)
    if (pending.size === 0) return Promise.resolve()
    return new Promise(resolve => {
      const flush: Flush = {
        pending,
        done: () => {
          this.#flushes.delete(flush)
          resolve()
        },
      }
      for (const batch of pending) batch.flushes.push(flush)
      this.#flushes.add(flush)
      this.#queueDrain()
    })
  }

  /** Fails what was not sent yet. What was has its sequence number, and the numbers after it are of use only once it is written. */
  abandon(error: Error): void {
    for (const queue of this.#active) {
      queue.closeOpen()
      for (const batch of queue.takeUnsent()) this.#fail(batch, error)
    }
  }

  #abandonAll(error: Error): void {
    for (const queue of this.#active) {
      queue.closeOpen()
      for (const batch of queue.closed.splice(0)) this.#fail(batch, error)
      this.#tell(queue)
    }
  }

  /** Fails what is left; answers that still come are not heard. */
  close(error: Error): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#abandonAll(error)
    this.#active.clear()
  }

  #queueDrain(): void {
    if (this.#isDrainQueued || this.#isClosed) return
    this.#isDrainQueued = true
    queueMicrotask(() => {
      this.#isDrainQueued = false
      this.#drain()
    })
  }

  #drain(): void {
    if (this.#isClosed) return
    const now = this.#o.clock.monotonicMs()
    const { transactions } = this.#o
    if (transactions === undefined && this.#o.idempotent && this.#identities.current === null) return this.#obtainIdentity()
    const byNode = new Map<number, { bytes: number; taken: Taken[] }>()
    const leaderless = new Set<string>()
    let wakeMs = Number.POSITIVE_INFINITY
    for (const queue of this.#active) {
      if (queue.isIdle) {
        this.#active.delete(queue)
        continue
      }
      const dueMs = this.#dueMs(queue, now)
      if (dueMs > now) {
        wakeMs = Math.min(wakeMs, dueMs)
        continue
      }
      if (transactions !== undefined && !transactions.covers(queue, queue.key)) continue
      if (!queue.mayDrain(this.#o.idempotent, this.#maxInFlight)) continue
      const node = this.#o.cluster.leaderOf(queue.topic, queue.partition)
      if (node < 0) leaderless.add(queue.topic)
      else this.#take(queue, node, byNode)
    }
    this.#rotate()
    for (const [node, { taken }] of byNode) void this.#send(node, taken)
    if (leaderless.size > 0) this.#refresh(leaderless)
    this.#timer?.cancel()
    this.#timer = wakeMs < Number.POSITIVE_INFINITY ? this.#o.clock.after(wakeMs - now, () => this.#queueDrain()) : null
  }

  /** When the queue's first batch may go; expired ones are failed here. Infinity: nothing to send, an answer will wake us. */
  #dueMs(queue: PartitionQueue, now: number): number {
    if (queue.open !== null && this.#isExpired(queue.open, now)) queue.closeOpen()
    for (let first = queue.closed[0]; first !== undefined && this.#isExpired(first, now); first = queue.closed[0]) {
      queue.closed.shift()
      this.#giveUp(first, this.#expiry(first, now))
      this.#tell(queue)
    }
    if (queue.closed.length > 0) return Math.max(queue.notBeforeMs, 0)
    const { open } = queue
    if (open === null) return Number.POSITIVE_INFINITY
    const isDue = open.bytes >= this.#o.batchSizeBytes || this.#isUrgent || this.#flushes.size > 0
    return isDue ? queue.notBeforeMs : Math.max(queue.notBeforeMs, open.createdMs + this.#o.lingerMs)
  }

  #isExpired(batch: ProducerBatch, now: number): boolean {
    return now - batch.createdMs >= this.#o.deliveryTimeoutMs
  }

  #expiry(batch: ProducerBatch, now: number): KafkaError {
    const { count, topic, partition, attempts, createdMs } = batch
    const text = `${count} record(s) for ${topic}-${partition} expired: ${Math.round(now - createdMs)} ms have passed since the batch was begun, delivery.timeout.ms is ${this.#o.deliveryTimeoutMs} (tried ${attempts} times)`
    return new KafkaError('Produce', ErrorCode.REQUEST_TIMED_OUT, text, true)
  }

  #take(queue: PartitionQueue, node: number, byNode: Map<number, { bytes: number; taken: Taken[] }>): void {
    if ((this.#inFlightByNode.get(node) ?? 0) >= this.#maxInFlight) return
    if (queue.closed.length === 0) queue.closeOpen()
    let request = byNode.get(node)
    if (request === undefined) byNode.set(node, (request = { bytes: 0, taken: [] }))
    const size = queue.closed[0]?.bytes ?? 0
    if (request.taken.length > 0 && request.bytes + size > this.#o.maxRequestSizeBytes) return
    const { transactions } = this.#o
    const batch = queue.take(transactions === undefined ? this.#identities.current : transactions.identity)
    if (batch === undefined) return
    const { producerId, epoch } = batch.identity ?? { producerId: -1, epoch: -1 }
    batch.attempts++
    request.bytes += size
    const payload = batch.builder.build(producerId, epoch, batch.baseSequence, transactions === undefined ? 0 : TRANSACTIONAL)
    request.taken.push({ queue, batch, payload })
    this.#o.figures?.batchSent(batch.count, payload.length, this.#o.clock.monotonicMs() - batch.createdMs)
  }

  #rotate(): void {
    const [first] = this.#active
    if (first === undefined || this.#active.size === 1) return
    this.#active.delete(first)
    this.#active.add(first)
  }

  async #send(node: number, taken: readonly Taken[]): Promise<void> {
    if (taken.length === 0) return
    const { cluster, acks, requestTimeoutMs = 30_000, figures, clock } = this.#o
    this.#inFlightByNode.set(node, (this.#inFlightByNode.get(node) ?? 0) + 1)
    try {
      const body = encodeProduce(
        acks,
        requestTimeoutMs,
        taken.map(({ queue, payload }) => ({ topic: queue.topic, partition: queue.partition, records: payload })),
        this.#o.transactions?.transactionalId,
      )
      figures?.requestSent()
      const sentMs = clock.monotonicMs()
      if (acks === 0) {
        await cluster.tell(node, 'produce', produceApi, body)
        for (const { queue, batch } of taken) this.#succeeded(queue, batch, -1, -1)
        return
      }
      const answer = decodeProduce(await cluster.call(node, 'produce', produceApi, body))
      figures?.answered(clock.monotonicMs() - sentMs)
      this.#settle(taken, new Map(answer.map(p => [`${p.topic}-${p.partition}`, p])))
    } catch (error) {
      for (const { queue, batch } of taken) this.#failed(queue, batch, NO_ANSWER, toError(error))
    } finally {
      this.#inFlightByNode.set(node, (this.#inFlightByNode.get(node) ?? 1) - 1)
      this.#queueDrain()
    }
  }

  #settle(taken: readonly Taken[], answers: ReadonlyMap<string, ProducedPartition>): void {
    for (const { queue, batch } of taken) {
      const answer = answers.get(queue.key)
      const code = answer === undefined ? ErrorCode.UNKNOWN_SERVER_ERROR : answer.errorCode
      if (answer !== undefined && code === ErrorCode.NONE) {
        // An answer to the first try: the request has left as a whole. Of a batch that was sent again, an earlier request may lie in
        // a socket that is being closed.
        if (batch.attempts === 1) this.freeBuffers.give(batch.builder.buffer)
        this.#succeeded(queue, batch, answer.baseOffset, answer.logAppendTime)
      } else if (code === ErrorCode.DUPLICATE_SEQUENCE_NUMBER) this.#succeeded(queue, batch, -1, -1)
      else
        this.#failed(
          queue,
          batch,
          code,
          kafkaError('Produce', code, `${queue.key}${answer?.message ? `: ${answer.message}` : ''}`),
        )
    }
  }

  #succeeded(queue: PartitionQueue, batch: ProducerBatch, baseOffset: number, logAppendTime: number): void {
    queue.flying.delete(batch)
    queue.notBeforeMs = 0
    batch.baseOffset = baseOffset
    batch.logAppendTime = logAppendTime
    queue.heard.push(batch)
    this.#tell(queue)
  }

  #tell(queue: PartitionQueue): void {
    for (const batch of queue.nextHeard()) {
      this.#released(batch.bytes)
      batch.succeed(this.#o.log)
    }
  }

  #failed(queue: PartitionQueue, batch: ProducerBatch, code: number, error: Error): void {
    queue.flying.delete(batch)
    if (this.#isClosed || this.#o.transactions?.failure != null) {
      this.#fail(batch, error)
      return this.#tell(queue)
    }
    if (code === ErrorCode.MESSAGE_TOO_LARGE || code === RECORD_LIST_TOO_LARGE) return this.#tooLarge(queue, batch)
    if (batch.identity !== null && this.#isSequenceError(queue, batch, code)) return this.#retry(queue, batch, code, error)
    if (isRetriable(error)) return this.#retry(queue, batch, code, error)
    this.#giveUp(batch, error)
    this.#tell(queue)
  }

  /** Whether `code` is about sequence numbers and the batch goes out again; see partition-queue.ts for why that is safe. */
  #isSequenceError(queue: PartitionQueue, batch: ProducerBatch, code: number): boolean {
    // In a transaction nothing begins anew: what the broker misses, it has aborted.
    if (this.#o.transactions !== undefined) return code === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && !batch.wentAlone
    if (code === ErrorCode.INVALID_PRODUCER_EPOCH) {
      this.#identities.discard(batch.identity)
      queue.resetSequences()
      return true
    }
    if (code !== ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER && code !== ErrorCode.UNKNOWN_PRODUCER_ID) return false
    if (batch.wentAlone && queue.holds(batch.identity)) {
      this.#o.log.error(
        { partition: queue.key, code, sequence: batch.baseSequence },
        'the broker misses records before these: they were given up here or lost there',
      )
      this.#identities.bump(`sequence numbers of ${queue.key} begin anew`)
      queue.resetSequences()
    }
    return true
  }

  #retry(queue: PartitionQueue, batch: ProducerBatch, code: number, error: Error): void {
    const { clock, log, retryBackoffMs = 100, retryBackoffMaxMs = 1000 } = this.#o
    const now = clock.monotonicMs()
    this.#o.figures?.retried(batch.count)
    queue.putBack(batch)
    queue.notBeforeMs = now + exponentialBackoffMs(batch.attempts - 1, retryBackoffMs, retryBackoffMaxMs)
    this.#active.add(queue)
    if (now - this.#lastWarningMs > WARNING_INTERVAL_MS) {
      this.#lastWarningMs = now
      log.warn(
        { partition: queue.key, attempts: batch.attempts, records: batch.count, error: error.message },
        'produce failed, trying again',
      )
    }
    if (STALE_METADATA.has(code)) this.#refresh(new Set([queue.topic]))
  }

  /** Halves a batch that the broker finds too large; a single record that is too large fails, its neighbours go on. */
  #tooLarge(queue: PartitionQueue, batch: ProducerBatch): void {
    if (batch.count <= 1) {
      const text = `record of about ${batch.bytes} bytes is larger than topic ${queue.topic} takes (max.message.bytes)`
      this.#giveUp(batch, new DataError(text, { code: 'CONNECT_RECORD_TOO_LARGE' }))
      return this.#tell(queue)
    }
    this.#o.log.info(
      { partition: queue.key, records: batch.count, bytes: batch.bytes },
      'batch is too large for the topic, halving it',
    )
    this.#o.figures?.split()
    const halves = splitBatch(batch, this.#o.compression)
    batch.replacedBy(halves)
    this.#released(batch.bytes - halves.reduce((sum, half) => sum + half.bytes, 0))
    for (const half of halves) queue.putBack(half)
    queue.batchBytesMax = Math.max(this.#o.batchSizeBytes, Math.floor(batch.bytes / 2))
    this.#active.add(queue)
  }

  /** What is given up of a transaction makes all of it fail. */
  #giveUp(batch: ProducerBatch, error: Error): void {
    this.#fail(batch, error)
    this.#o.transactions?.fail(error)
  }

  #fail(batch: ProducerBatch, error: Error): void {
    this.#o.figures?.failed(batch.count)
    this.#released(batch.bytes)
    batch.fail(error, this.#o.log)
  }

  #obtainIdentity(): void {
    const { clock, log, retryBackoffMaxMs = 1000 } = this.#o
    const now = clock.monotonicMs()
    for (const queue of this.#active) this.#dueMs(queue, now)
    if (this.#active.size === 0 || this.#isObtaining) return
    this.#isObtaining = true
    this.#identities
      .obtain()
      .catch(async error => {
        if (!isRetriable(error)) return this.#failAll(toError(error))
        log.warn({ error: toError(error).message }, 'no producer id yet, trying again')
        await clock.sleep(retryBackoffMaxMs)
      })
      .finally(() => {
        this.#isObtaining = false
        this.#queueDrain()
      })
  }

  #failAll(error: Error): void {
    for (const queue of this.#active) {
      queue.closeOpen()
      for (const batch of queue.closed.splice(0)) this.#fail(batch, error)
    }
  }

  /** One refresh at a time; the next drain comes after it, and a back-off later where the leader is still unknown. */
  #refresh(topics: ReadonlySet<string>): void {
    if (this.#isRefreshing) return
    this.#isRefreshing = true
    const { cluster, clock, log, retryBackoffMs = 100 } = this.#o
    cluster
      .refresh([...topics])
      .catch(error => log.debug({ error: toError(error).message }, 'no metadata'))
      .then(() => clock.sleep(retryBackoffMs))
      .finally(() => {
        this.#isRefreshing = false
        this.#queueDrain()
      })
  }
}

const WARNING_INTERVAL_MS = 5000

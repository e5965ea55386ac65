// The transactions of an exactly-once source task: records and their offsets become visible together, at the boundary that the config names (KIP-618,
// CONNECT.md 5.5). Task thread; made by source-runner.ts, asked by the sender for each record. Java: ExactlyOnceWorkerSourceTask.
//
// An offset counts once the producer has taken its record: the commit fails where one of them was not written. commitRecord is told after the
// commit. Limits: what a transaction holds is bounded by its boundary; of records, only for tasks with commitRecord, one entry each.
import type { OffsetEntry, OffsetRecord } from '../../actor/messages.ts'
import type { MetricsSlab } from '../../actor/metrics-slab.ts'
import type { RecordMetadata, SourceTask, TransactionContext } from '../../api/source-task.ts'
import type { Clock } from '../../base/clock.ts'
import { ConnectError, codeOf, toError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { SourceRecord } from '../../data/record.ts'
import type { TransactionalProducer } from '../../kafka/transactional-producer.ts'
import { isFenced } from '../../kafka/transactions.ts'
import type { Submitted } from '../submitted.ts'
import { type Boundary, BoundaryRequests } from './boundary-requests.ts'
import { checkOffsets } from './polled.ts'

export interface TransactionPlan {
  readonly boundary: 'poll' | 'interval' | 'connector'
  /** under `interval` */
  readonly intervalMs: number
  /** where the offsets go; the task's records may not */
  readonly offsetsTopic: string
}

export interface SourceTransactionOptions {
  readonly producer: TransactionalProducer
  readonly plan: TransactionPlan
  readonly task: SourceTask
  /** `connector-0`, for messages */
  readonly name: string
  readonly submitted: Submitted
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsSlab
  /** settles when older producers of the connector can write no more */
  fence(): Promise<void>
  /** rejects unless this task is still the one to run */
  confirmStart(): Promise<void>
  isStopping(): boolean
  offsetRecords(entries: readonly OffsetEntry[]): Promise<readonly OffsetRecord[]>
  offsetsCommitted(entries: readonly OffsetEntry[]): void
  /** settles when every dead letter written so far is with the broker */
  lettersSafe(): Promise<void>
}

const IGNORED = () => {}

export class SourceTransaction {
  readonly #o: SourceTransactionOptions
  readonly #requests: BoundaryRequests | null
  #done: [record: SourceRecord, metadata: RecordMetadata | null][] = []
  #lastCommitMs = 0
  /** records of the open transaction */
  #size = 0

  constructor(options: SourceTransactionOptions) {
    this.#o = options
    this.#requests = options.plan.boundary === 'connector' ? new BoundaryRequests() : null
  }

  /** for the task; null where it has no say */
  get context(): TransactionContext | null {
    return this.#requests
  }

  /**
   * Before the task starts, so that it reads offsets that no older task can move any more. Between the two questions to the supervisor a newer
   * task may have begun: then this one has fenced it by mistake, fails, and the newer one is started again.
   */
  async prepare(): Promise<void> {
    const { producer, fence, confirmStart, isStopping } = this.#o
    await fence()
    // A stopped task must not fence the one that came after it.
    if (isStopping()) return
    await producer.init()
    await confirmStart()
  }

  /** The loop begins, or goes on after a pause. */
  begin(): void {
    this.#lastCommitMs = this.#o.clock.monotonicMs()
  }

  /** Before a record goes to the producer. @throws ConnectError where it is for the offsets topic: its reader would wait for this transaction */
  open(topic: string): void {
    const { producer, plan } = this.#o
    if (topic === plan.offsetsTopic) {
      const text = `Source tasks may not produce to their own offsets topics when exactly-once support is enabled: ${topic}`
      throw new ConnectError(text, { code: 'CONNECT_OFFSETS_TOPIC' })
    }
    if (!producer.isOpen) producer.begin()
  }

  /** The producer has so many records more. Those of offsets do not count, as in Java. */
  took(count: number): void {
    this.#size += count
  }

  /** What the task wants behind this record, which the producer has taken or which was dropped. */
  boundaryAt(record: SourceRecord): Boundary | null {
    return this.#requests?.takeRecord(record) ?? null
  }

  /** The record is written (metadata) or will never be (null): the task hears of it after the commit. */
  done(record: SourceRecord, metadata: RecordMetadata | null): void {
    if (this.#o.task.commitRecord !== undefined) this.#done.push([record, metadata])
  }

  /** After each poll, its records sent; after one without records, too. */
  async batchSent(): Promise<void> {
    const { plan, clock } = this.#o
    if (plan.boundary === 'connector') return this.#endIfAsked()
    if (plan.boundary === 'interval') {
      const nowMs = clock.monotonicMs()
      if (nowMs < this.#lastCommitMs + plan.intervalMs) return
      this.#lastCommitMs = nowMs
    }
    await this.#commit()
  }

  /** Before a pause and at the orderly end: a transaction must not stay open. What a task with boundaries of its own did not end is dropped then. */
  async rest(): Promise<void> {
    if (this.#requests === null) await this.#commit()
    else await this.#endIfAsked()
  }

  async end(how: Boundary): Promise<void> {
    if (how === 'abort') await this.#abort()
    await this.#commit()
  }

  async #endIfAsked(): Promise<void> {
    const asked = this.#requests?.takeBatch() ?? null
    if (asked !== null) await this.end(asked)
  }

  async #abort(): Promise<void> {
    const { producer, logger } = this.#o
    if (!producer.isOpen) return
    logger.info('the connector wants the transaction aborted: its records are dropped, their offsets are committed')
    try {
      await producer.abort()
      this.#size = 0
    } catch (error) {
      throw this.#failureOf('could not abort its transaction', error)
    }
  }

  async #commit(): Promise<void> {
    const { producer, submitted, clock, logger, metrics, task, offsetsCommitted } = this.#o
    const startedMs = clock.monotonicMs()
    const entries = submitted.take()
    if (entries.length > 0 || producer.isOpen) {
      try {
        await this.#write(entries)
        this.#noteSize()
      } catch (error) {
        metrics.add('commitFailures', 1)
        throw this.#failureOf('could not commit records and offsets', error)
      }
    }
    const tookMs = clock.monotonicMs() - startedMs
    metrics.add('commitCount', 1)
    metrics.add('commitTimeMs', tookMs)
    metrics.max('commitTimeMsMax', tookMs)
    metrics.took('commitTime', tookMs)
    if (entries.length > 0) offsetsCommitted(entries)
    for (const [record, metadata] of this.#done.splice(0)) task.commitRecord?.(record, metadata)
    try {
      await task.commit?.()
    } catch (error) {
      logger.error({ error: toError(error) }, "the task's commit() failed")
    }
  }

  async #write(entries: readonly OffsetEntry[]): Promise<void> {
    const { producer, plan, clock, offsetRecords, lettersSafe } = this.#o
    checkOffsets(entries)
    // An offset may stand behind records that are in the dead letters only: those come first.
    await lettersSafe()
    const records = entries.length === 0 ? [] : await offsetRecords(entries)
    if (!producer.isOpen) producer.begin()
    for (const { key, value } of records) {
      const wait = producer.producer.append(
        plan.offsetsTopic,
        null,
        clock.now(),
        buffer(key),
        value && buffer(value),
        [],
        IGNORED,
      )
      if (wait !== undefined) await wait
    }
    await producer.commit()
  }

  /** Also of one that holds offsets alone, behind records that were dropped or aborted. Java: TransactionMetricsGroup */
  #noteSize(): void {
    const { metrics } = this.#o
    metrics.add('transactionCount', 1)
    metrics.add('transactionRecords', this.#size)
    metrics.max('transactionRecordsMax', this.#size)
    metrics.min('transactionRecordsMin', this.#size)
    this.#size = 0
  }

  #failureOf(what: string, error: unknown): ConnectError {
    const { name } = this.#o
    const code = codeOf(error) ?? 'CONNECT_PRODUCE'
    if (!isFenced(error)) return new ConnectError(`The task ${name} ${what}: ${toError(error).message}`, { code, cause: error })
    const text =
      `The task ${name} was unable to finish writing records to Kafka before its producer transaction expired, or a newer task has its ` +
      'transactional id. If no other worker runs the task now, then records come too slowly for the transaction: tune producer.override.* ' +
      'for throughput, raise producer.override.transaction.timeout.ms, lower transaction.boundary.interval.ms, or use ' +
      'transaction.boundary=poll'
    return new ConnectError(text, { code, cause: error })
  }
}

/** Bytes that crossed from the supervisor are a plain Uint8Array. */
function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

// One source task: polls, sends, flushes offsets, and carries out the supervisor's messages. Task thread; made by workers/task.ts.
// Java: WorkerSourceTask (at least once).
import type { ActorHost } from '../../actor/actor-host.ts'
import type { FromTask, OffsetMap, OffsetRecord, TaskSpec, ToTask } from '../../actor/messages.ts'
import type { SourceTask, SourceTaskContext } from '../../api/source-task.ts'
import { type Clock, yieldToEventLoop } from '../../base/clock.ts'
import { codeOf, isRetriable, toError } from '../../base/errors.ts'
import { Wake } from '../../base/wake.ts'
import type { SourceRecord } from '../../data/record.ts'
import { TextRecords } from '../../data/text-records.ts'
import type { Producer } from '../../kafka/producer.ts'
import type { TransactionalProducer } from '../../kafka/transactional-producer.ts'
import type { Chain } from '../chain.ts'
import { type Obeying, obey } from '../commands.ts'
import type { DeadLetters } from '../dead-letters.ts'
import { noteActive } from '../note-active.ts'
import { StateTimes } from '../state-times.ts'
import { Submitted } from '../submitted.ts'
import type { Tolerance } from '../tolerance.ts'
import { OffsetFlusher } from './offset-flusher.ts'
import { polledOf } from './polled.ts'
import { Sender } from './sender.ts'
import { SourceTransaction, type TransactionPlan } from './source-transaction.ts'
import type { TopicCreator } from './topic-creator.ts'

export interface SourceParts {
  readonly host: ActorHost<ToTask, FromTask>
  readonly spec: TaskSpec
  readonly clock: Clock
  readonly task: SourceTask
  /** for messages */
  readonly taskClassName: string
  readonly chain: Chain
  readonly tolerance: Tolerance
  readonly toleratesAll: boolean
  readonly deadLetters: DeadLetters | null
  readonly topics: TopicCreator | null
  readonly producer: Producer
  /** null: at least once. Else `producer` is its producer's */
  readonly exactlyOnce: { readonly producer: TransactionalProducer; readonly plan: TransactionPlan } | null
  /** closes the connections */
  close(): Promise<void>
  /** aborted when the task stops: ends retries and waits */
  readonly stopping: AbortController
  readonly limits: {
    readonly flushIntervalMs: number
    readonly flushTimeoutMs: number
  }
}

/** The class that Java's reports name for stage KAFKA_PRODUCE. */
const PRODUCER_CLASS = 'org.apache.kafka.clients.producer.KafkaProducer'
/** A poll that came back at once with nothing must not spin: the next one waits this long. */
const EMPTY_POLL_WAIT_MS = 50
/** Of the time that a stop may take: waiting for the send in hand, and as much again for acknowledgements; the rest is for the offsets. */
const WAIT_SHARE = 0.3
/** After a failure there is little time (ActorHost). */
const CLEAN_UP_WAIT_MS = 500
/** A poll that failed with RetriableError is tried again after this long. */
const RETRY_POLL_WAIT_MS = 100

export class SourceRunner implements Obeying {
  readonly #parts: SourceParts
  readonly #submitted = new Submitted()
  readonly #sender: Sender
  readonly #transaction: SourceTransaction | null
  /** at least once only */
  readonly #flusher: OffsetFlusher
  readonly #wake: Wake
  readonly #states: StateTimes
  #isPaused: boolean
  #isStarted = false
  #isPluginStarted = false
  #isEnding = false
  /** the loop ran to its end without a failure: what it sent may be committed */
  #hasLoopEnded = false
  #loop: Promise<void> = Promise.resolve()

  constructor(parts: SourceParts) {
    this.#parts = parts
    const { host, clock, task, taskClassName, chain, tolerance, toleratesAll, deadLetters, topics, producer, limits } = parts
    const { metrics, logger } = host
    this.#isPaused = parts.spec.targetState === 'PAUSED'
    this.#states = new StateTimes(host, clock, () => this.#sample())
    this.#wake = new Wake(clock)
    this.#transaction = this.#openTransaction()
    this.#sender = new Sender({
      task,
      taskClassName,
      chain,
      tolerance,
      toleratesAll,
      hasDeadLetters: deadLetters !== null,
      topics,
      producer,
      producerClassName: PRODUCER_CLASS,
      submitted: this.#submitted,
      transaction: this.#transaction,
      clock,
      metrics,
      onTopicUsed: topic => host.post({ type: 'topicUsed', topic }),
      onError: error => this.onError(error),
    })
    this.#flusher = new OffsetFlusher({
      task,
      submitted: this.#submitted,
      clock,
      logger,
      metrics,
      intervalMs: limits.flushIntervalMs,
      timeoutMs: limits.flushTimeoutMs,
      put: async entries => {
        await host.ask<null>({ type: 'offsetsPut', entries })
      },
      lettersSafe: async () => deadLetters?.flush(),
      onError: error => this.onError(error),
    })
  }

  #openTransaction(): SourceTransaction | null {
    const { host, spec, clock, task, exactlyOnce, deadLetters } = this.#parts
    if (exactlyOnce === null) return null
    const { metrics, logger } = host
    return new SourceTransaction({
      ...exactlyOnce,
      task,
      name: `${spec.connector}-${spec.task}`,
      submitted: this.#submitted,
      clock,
      logger,
      metrics,
      fence: () => host.ask<void>({ type: 'fencingRequested' }),
      confirmStart: () => host.ask<void>({ type: 'startConfirmationRequested' }),
      isStopping: () => this.#isEnding,
      offsetRecords: entries => host.ask<OffsetRecord[]>({ type: 'offsetRecordsRequested', entries }),
      offsetsCommitted: entries => host.post({ type: 'offsetsCommitted', entries }),
      lettersSafe: async () => deadLetters?.flush(),
    })
  }

  async start(): Promise<void> {
    const { host } = this.#parts
    obey(host, this)
    if (this.#isPaused) this.#states.enter('PAUSED')
    else await this.#startTask()
  }

  onError(error: unknown): void {
    if (!this.#isEnding) this.#parts.host.fail(error)
  }

  async #startTask(): Promise<void> {
    this.#isStarted = true
    const { task, spec, host } = this.#parts
    const context: SourceTaskContext = {
      logger: host.pluginLogger,
      offsets: partitions => host.ask<(OffsetMap | null)[]>({ type: 'offsetsRequested', partitions }),
      transactions: this.#transaction?.context ?? null,
    }
    if (this.#transaction !== null && !(await this.#isPrepared(this.#transaction))) return
    this.#isPluginStarted = true
    await task.start(spec.taskProps, context)
    if (this.#isEnding) return
    this.#states.enter('RUNNING')
    if (this.#transaction === null) this.#flusher.start()
    this.#loop = this.#run()
    this.#loop.catch(error => this.onError(error))
  }

  /** false: the task was stopped meanwhile */
  async #isPrepared(transaction: SourceTransaction): Promise<boolean> {
    try {
      await transaction.prepare()
    } catch (error) {
      if (!this.#isEnding) throw error
    }
    return !this.#isEnding
  }

  setPaused(isPaused: boolean): void {
    if (this.#isPaused === isPaused || this.#isEnding) return
    this.#isPaused = isPaused
    if (!this.#isStarted) {
      this.#startTask().catch(error => this.onError(error))
      return
    }
    this.#wake.ring()
  }

  async #run(): Promise<void> {
    const { stopping, clock, host } = this.#parts
    this.#transaction?.begin()
    while (!this.#isEnding) {
      if (this.#isPaused) {
        await this.#transaction?.rest()
        await this.#pause()
        continue
      }
      const records = await this.#poll()
      if (records !== null) {
        const startedMs = clock.monotonicMs()
        if (records instanceof TextRecords) await this.#sender.sendTexts(records, stopping.signal, yieldToEventLoop)
        else await this.#sender.send(records, stopping.signal, yieldToEventLoop)
        host.metrics.add('sendTimeMs', clock.monotonicMs() - startedMs)
        this.#sample()
      }
      await this.#transaction?.batchSent()
      await yieldToEventLoop()
    }
    this.#hasLoopEnded = true
  }

  /** PAUSED is true once the batch in hand is sent: nothing comes behind it. */
  async #pause(): Promise<void> {
    this.#states.enter('PAUSED')
    while (this.#isPaused && !this.#isEnding) await this.#wake.wait()
    this.#transaction?.begin()
    if (!this.#isEnding) this.#states.enter('RUNNING')
  }

  #sample(): void {
    const { host, producer } = this.#parts
    noteActive(host.metrics, this.#sender.activeCount)
    host.metrics.set('produceMemoryBytes', producer.bufferedBytes)
    host.metrics.set('produceMemoryMaxBytes', producer.bufferMemoryBytes)
  }

  async #poll(): Promise<readonly SourceRecord[] | TextRecords | null> {
    const { task, taskClassName, clock, stopping, host } = this.#parts
    const startedMs = clock.monotonicMs()
    let returned: unknown
    try {
      if (this.#sender.takesTexts && task.pollTexts !== undefined) returned = await task.pollTexts(stopping.signal)
      else returned = await task.poll(stopping.signal)
    } catch (error) {
      if (this.#isEnding) return null
      if (!isRetriable(error)) throw error
      host.logger.warn({ error: toError(error) }, `poll failed and is tried again: ${toError(error).message}`)
      await clock.sleep(RETRY_POLL_WAIT_MS)
      return null
    }
    const records = polledOf(returned, taskClassName)
    const tookMs = clock.monotonicMs() - startedMs
    const count = records === null ? 0 : records instanceof TextRecords ? records.count : records.length
    if (count === 0) {
      if (tookMs < EMPTY_POLL_WAIT_MS && !this.#isEnding) await clock.sleep(EMPTY_POLL_WAIT_MS)
      return null
    }
    const { metrics } = host
    metrics.add('recordsRead', count)
    metrics.add('pollCount', 1)
    metrics.add('pollTimeMs', tookMs)
    metrics.max('pollTimeMsMax', tookMs)
    metrics.add('batchCount', 1)
    metrics.add('batchRecords', count)
    metrics.max('batchRecordsMax', count)
    return records
  }

  /** Orderly: the poll in hand ends, what was sent is acknowledged, its offsets are flushed, the thread exits. */
  async stop(deadlineMs: number): Promise<void> {
    if (this.#isEnding) return
    this.#isEnding = true
    const { host, chain } = this.#parts
    try {
      this.#flusher.stop()
      this.#parts.stopping.abort()
      this.#wake.ring()
      // With the broker gone a send may wait for ever: what it holds is not acknowledged, so it is read again.
      const ended = this.#loop.catch(error => this.#failedAtEnd(error))
      await Promise.race([ended, this.#parts.clock.sleep(deadlineMs * WAIT_SHARE)])
      await this.#finish(deadlineMs * WAIT_SHARE)
      chain.close()
      await this.#parts.close()
      host.exit()
    } catch (error) {
      host.fail(error)
    }
  }

  /** A wait that the stop ended is no failure; anything else is told, though the task ends anyway. */
  #failedAtEnd(error: unknown): void {
    if (codeOf(error) !== 'CONNECT_ABORTED')
      this.#parts.host.logger.warn({ error: toError(error) }, 'the last batch failed while the task stopped: it is read again')
  }

  /** Commits what the loop left open, if it ended well; else the transaction is dropped, its records are read again. */
  async #finishTransaction(transaction: SourceTransaction, waitMs: number): Promise<void> {
    const { task, exactlyOnce, clock } = this.#parts
    if (this.#hasLoopEnded) {
      const rested = transaction.rest().catch(error => this.#failedAtEnd(error))
      await Promise.race([rested, clock.sleep(waitMs)])
    }
    if (this.#isPluginStarted) await task.stop()
    await exactlyOnce?.producer.close(waitMs)
  }

  /** Waits for acknowledgements for a while, then flushes what is there. */
  async #finish(waitMs: number): Promise<void> {
    if (!this.#isStarted) return
    if (this.#transaction !== null) return this.#finishTransaction(this.#transaction, waitMs)
    const { task, producer, clock, deadLetters } = this.#parts
    // Under errors.tolerance=none the record that ended the task has just been reported.
    const sent = Promise.all([producer.flush(), deadLetters?.flush()])
    await Promise.race([sent, clock.sleep(waitMs)]).catch(() => undefined)
    await this.#flusher.flush()
    await task.stop()
    await producer.close(0)
  }

  async cleanUp(): Promise<void> {
    this.#isEnding = true
    this.#flusher.stop()
    this.#parts.stopping.abort()
    await this.#finish(CLEAN_UP_WAIT_MS)
  }
}

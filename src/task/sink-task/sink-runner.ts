// One sink task: wires group membership, fetcher, converter, deliverer and committer, and carries out the supervisor's messages.
// Task thread; made by workers/task.ts. Java: WorkerSinkTask. The picture is HOUSE section 2.
import type { ActorHost } from '../../actor/actor-host.ts'
import type { FromTask, TaskSpec, ToTask } from '../../actor/messages.ts'
import type { SinkTask, TopicPartition } from '../../api/sink-task.ts'
import type { Clock } from '../../base/clock.ts'
import { codeOf, toError } from '../../base/errors.ts'
import { Mailbox } from '../../base/mailbox.ts'
import { isWrongReturn } from '../../base/wrong-return.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import { INDEX_BYTES_PER_RECORD } from '../../kafka/codec/record-index.ts'
import type { ConsumerMembership } from '../../kafka/consumer-membership.ts'
import type { Fetcher } from '../../kafka/fetcher.ts'
import type { RawBatch } from '../../kafka/types.ts'
import type { Chain } from '../chain.ts'
import { ColumnPath } from '../column-path.ts'
import { type Obeying, obey } from '../commands.ts'
import type { DeadLetters } from '../dead-letters.ts'
import { StateTimes } from '../state-times.ts'
import type { Tolerance } from '../tolerance.ts'
import { TopicUses } from '../topic-uses.ts'
import { Assignment, type Held } from './assignment.ts'
import { Committer } from './committer.ts'
import { TaskContext } from './context.ts'
import { ConverterStage } from './converter.ts'
import { Deliverer } from './deliverer.ts'
import type { ErrantReporter } from './errant-reporter.ts'
import { LagReport } from './lag-report.ts'
import type { MemoryBudget } from './memory-budget.ts'
import { type Converted, type Fetched, isStale, Turns } from './stages.ts'

/** How membership and fetcher report to the runner; the opener passes these to their constructors. */
export interface SinkEvents {
  onAssigned(partitions: readonly TopicPartition[]): Promise<void>
  onRevoked(partitions: readonly TopicPartition[]): Promise<void>
  onLost(partitions: readonly TopicPartition[]): Promise<void>
  deliver(batch: RawBatch): void
  mayFetch(): boolean
  onError(error: unknown): void
}

export interface SinkParts {
  readonly host: ActorHost<ToTask, FromTask>
  readonly spec: TaskSpec
  readonly clock: Clock
  readonly task: SinkTask
  /** for messages */
  readonly taskClassName: string
  readonly chain: Chain
  readonly tolerance: Tolerance
  readonly cluster: Cluster
  readonly deadLetters: DeadLetters | null
  /** settled before each commit; also the context's errantRecordReporter where configured */
  errantReporter(inHand: () => readonly Converted[]): ErrantReporter | null
  membership(events: SinkEvents): ConsumerMembership
  fetcher(events: SinkEvents): Fetcher
  /** closes producers and connections */
  close(): Promise<void>
  /** aborted when the task stops: ends retries and waits */
  readonly stopping: AbortController
  readonly budget: MemoryBudget
  readonly limits: {
    readonly putRecordsMax: number
    readonly flushIntervalMs: number
    readonly flushTimeoutMs: number
  }
}

/**
 * Bytes, as fetched, of converted records that wait before the deliverer: a chunk or two. The next chunk is converted while a put is
 * under way; more of them would only outlive V8's young generation (2 MiB here cost a third of the throughput in copying).
 */
const CONVERTED_BYTES_MAX = 64 * 1024

/** Of the time that a stop may take: waiting for the last commit's answer. */
const COMMIT_SHARE = 0.4

/** After a failure there is little time (ActorHost), and a put may hang: then nothing is committed. */
const LET_GO_AFTER_FAILURE_MS = 700

export class SinkRunner implements SinkEvents, Obeying {
  readonly #parts: SinkParts
  readonly #assignment = new Assignment()
  readonly #fetched: Mailbox<Fetched>
  readonly #converted: Mailbox<Converted>
  readonly #deliverer: Deliverer
  readonly #columnPath: ColumnPath | null
  readonly #converter: ConverterStage
  readonly #committer: Committer
  readonly #context: TaskContext
  readonly #errantReporter: ErrantReporter | null
  readonly #fetcher: Fetcher
  readonly #membership: ConsumerMembership
  readonly #topicUses: TopicUses
  readonly #lags: LagReport
  readonly #states: StateTimes
  #isPaused: boolean
  #isStarted = false
  #isDelivering = false
  #isEnding = false
  #delivering: Promise<void> = Promise.resolve()
  /** settles when a task that ends has committed its last */
  #lettingGo: Promise<void> = Promise.resolve()

  constructor(parts: SinkParts) {
    this.#parts = parts
    const { host, clock, task, chain, tolerance, limits, budget } = parts
    const { metrics, logger } = host
    this.#isPaused = parts.spec.targetState === 'PAUSED'
    this.#topicUses = new TopicUses(clock, topic => host.post({ type: 'topicUsed', topic }))
    this.#states = new StateTimes(host, clock, () => this.#lags.update())
    this.#fetched = new Mailbox<Fetched>(budget.queueBytesMax, m => m.batch.bytes)
    this.#converted = new Mailbox<Converted>(CONVERTED_BYTES_MAX, m => m.bytes)
    const turns = new Turns(clock)
    const onTaken = () => this.#bufferChanged()
    this.#deliverer = new Deliverer({
      inbox: this.#converted,
      ...{ task, turns, clock, logger, metrics },
      putRecordsMax: limits.putRecordsMax,
      afterPut: () => this.#applyContextActions(),
      onTaken,
    })
    const columnPath = ColumnPath.of(chain, task)
    this.#columnPath = columnPath
    const [inbox, outbox] = [this.#fetched, this.#converted]
    this.#converter = new ConverterStage({
      inbox,
      outbox,
      chain,
      columnPath,
      tolerance,
      turns,
      clock,
      metrics,
      chunkRecordsMax: limits.putRecordsMax,
      onConverted: () => this.#deliverer.wake(),
      onTaken,
    })
    this.#errantReporter = parts.errantReporter(() => this.#deliverer.inHand)
    this.#committer = new Committer({
      ...{ task, taskClassName: parts.taskClassName },
      assignment: this.#assignment,
      clock,
      logger,
      metrics,
      intervalMs: limits.flushIntervalMs,
      timeoutMs: limits.flushTimeoutMs,
      control: run => this.#deliverer.control(() => this.#commitBy(run)),
      send: offsets => {
        this.#lags.update()
        return this.#membership.commit(offsets)
      },
      reportsSafe: () => this.#reportsSafe(),
      rewind: (held, offset) => this.#rewind(held, offset),
      onError: error => this.onError(error),
    })
    this.#context = new TaskContext({
      logger: host.pluginLogger,
      assignment: this.#assignment,
      errantRecordReporter: this.#errantReporter,
      setWait: delayMs => this.#deliverer.setWait(delayMs),
      requestCommit: () => this.#committer.request(),
      bufferBytesMax: budget.sinkBytesMax,
      setBufferedBytes: bytes => {
        budget.holds(bytes)
        metrics.set('bufferedBytes', bytes)
        this.#bufferChanged()
      },
    })
    metrics.set('bufferTotalBytes', budget.bytesMax)
    this.#lags = this.#lagReport()
    this.#membership = parts.membership(this)
    this.#fetcher = parts.fetcher(this)
  }

  #lagReport(): LagReport {
    const { host } = this.#parts
    return new LagReport({
      slab: host.metrics,
      assignment: this.#assignment,
      highWatermark: held => this.#fetcher.highWatermark(held),
      onRowsAssigned: (generation, partitions) => host.post({ type: 'lagRowsAssigned', generation, partitions }),
    })
  }

  /** Starts the task, or waits for the first resume where it is created paused. */
  async start(): Promise<void> {
    const { host } = this.#parts
    obey(host, this)
    if (this.#isPaused) this.#states.enter('PAUSED')
    else await this.#startTask()
  }

  async #startTask(): Promise<void> {
    this.#isStarted = true
    const { task, spec } = this.#parts
    await task.start(spec.taskProps, this.#context)
    if (this.#isEnding) return
    this.#states.enter('RUNNING')
    this.#isDelivering = true
    this.#delivering = this.#deliverer.run()
    for (const loop of [this.#converter.run(), this.#delivering]) loop.catch(error => this.onError(error))
    this.#committer.start()
    this.#fetcher.start()
    this.#membership.start()
  }

  setPaused(isPaused: boolean): void {
    if (this.#isPaused === isPaused || this.#isEnding) return
    this.#isPaused = isPaused
    if (!this.#isStarted) {
      this.#startTask().catch(error => this.onError(error))
      return
    }
    this.#deliverer.setPaused(isPaused)
    // The state is told behind the put in hand: PAUSED means that none comes any more.
    this.#deliverer.control(() => this.#states.enter(this.#isPaused ? 'PAUSED' : 'RUNNING')).catch(() => undefined)
    if (isPaused) this.#committer.request()
    this.#bufferChanged()
  }

  // ---- fetcher and membership call these

  deliver(batch: RawBatch): void {
    const held = this.#assignment.get(batch.topic, batch.partition)
    if (held === undefined || batch.epoch !== held.generation || this.#isEnding) return
    // The first batch tells where the reset policy put us.
    held.start ??= batch.index.offsets[0] ?? batch.nextOffset
    held.delivered ??= held.start
    const { host } = this.#parts
    host.metrics.add('bytesRead', batch.bytes)
    host.metrics.add('recordsConsumed', batch.count)
    host.metrics.add('bytesConsumed', batch.bytes - batch.count * INDEX_BYTES_PER_RECORD)
    this.#topicUses.used(batch.topic)
    this.#fetched.push({ held, generation: held.generation, batch })
    this.#parts.budget.fetched()
    this.#noteMailboxes()
  }

  mayFetch(): boolean {
    return !this.#isPaused && !this.#isEnding && this.#parts.budget.mayFetch(this.#queuedBytes)
  }

  get #queuedBytes(): number {
    return this.#fetched.bytes + this.#converted.bytes
  }

  async onAssigned(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0 || this.#isEnding) return
    const committed = await this.#membership.committed(partitions)
    const added = partitions.map((tp, i) => this.#assignment.add(tp, committed[i] ?? null))
    this.#parts.host.metrics.set('partitionCount', this.#assignment.size)
    await this.#deliverer.control(async () => {
      await this.#parts.task.open?.(partitions)
      // Sinks with offsets of their own rewind here: before the first fetch.
      this.#applyContextActions()
    })
    this.#fetcher.assign(
      added.map(held => ({ topic: held.topic, partition: held.partition, offset: held.delivered, epoch: held.generation })),
    )
  }

  async onRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    // A task that ends lets go of everything itself, and serves no control behind that. Meanwhile the group has to wait, as for any
    // revocation: joined anew, or without these partitions, the member could not commit for them any more.
    if (this.#isEnding) return this.#lettingGo
    const held = this.#holdOf(partitions)
    if (held.length === 0) return
    this.#fetcher.unassign(partitions)
    await this.#deliverer.control(() => this.#letGo(held, this.#parts.limits.flushTimeoutMs))
  }

  async onLost(partitions: readonly TopicPartition[]): Promise<void> {
    const held = this.#holdOf(partitions)
    if (held.length === 0) return
    this.#fetcher.unassign(partitions)
    for (const one of held) this.#assignment.remove(one)
    this.#discardStale()
    this.#parts.host.metrics.set('partitionCount', this.#assignment.size)
    if (!this.#isEnding) await this.#deliverer.control(() => this.#parts.task.close?.(partitions))
  }

  /** Any failure that nothing tolerates: the task ends. A control given up by a deliverer that failed is not the failure itself. */
  onError(error: unknown): void {
    if (this.#isEnding || codeOf(error) === 'CONNECT_ABORTED') return
    this.#parts.host.fail(error)
  }

  // ---- between puts

  /** preCommit, close, then a commit that is waited for: the next owner starts where we ended. */
  async #letGo(held: readonly Held[], commitMs: number): Promise<void> {
    const { task, host } = this.#parts
    let offsets: Awaited<ReturnType<Committer['commitLast']>> = []
    try {
      await task.drain?.()
    } catch (error) {
      host.logger.warn({ error: toError(error) }, 'the task could not finish what was under way')
    }
    try {
      offsets = await this.#committer.commitLast(held)
    } catch (error) {
      host.logger.warn({ error: toError(error) }, 'no offsets are committed for the partitions that go: preCommit failed')
      if (isWrongReturn(error)) this.onError(error)
    }
    for (const one of held) this.#assignment.remove(one)
    this.#discardStale()
    host.metrics.set('partitionCount', this.#assignment.size)
    await task.close?.(held.map(({ topic, partition }) => ({ topic, partition })))
    await this.#committer.sendLast(offsets, commitMs)
  }

  #applyContextActions(): void {
    for (const action of this.#context.takeActions()) {
      const { topic, partition } = action.partition
      const held = this.#assignment.get(topic, partition)
      if (held === undefined) {
        this.#parts.host.logger.warn({ topic, partition }, `context.${action.type}: the partition is not assigned; ignored`)
        continue
      }
      if (action.type === 'offset') {
        held.committed = action.offset
        this.#rewind(held, action.offset)
      } else if (action.type === 'pause' && !held.isPausedByTask) {
        // Read ahead is dropped and read again: after a pause no record of the partition may be put.
        held.isPausedByTask = true
        this.#rewind(held, held.delivered)
        this.#fetcher.pause([held])
      } else if (action.type === 'resume' && held.isPausedByTask) {
        held.isPausedByTask = false
        this.#fetcher.resume([held])
      }
    }
  }

  #rewind(held: Held, offset: number | null): void {
    held.generation++
    held.delivered = offset
    this.#discardStale()
    this.#fetcher.assign([{ topic: held.topic, partition: held.partition, offset, epoch: held.generation }])
    if (held.isPausedByTask) this.#fetcher.pause([held])
  }

  #discardStale(): void {
    this.#fetched.discard(isStale)
    if (this.#converted.discard(isStale) > 0) this.#columnPath?.renew()
    this.#bufferChanged()
  }

  async #reportsSafe(): Promise<void> {
    await this.#errantReporter?.settled()
    await this.#parts.deadLetters?.flush()
  }

  #holdOf(partitions: readonly TopicPartition[]): Held[] {
    return partitions.map(tp => this.#assignment.get(tp.topic, tp.partition)).filter(held => held !== undefined)
  }

  async #commitBy<T>(run: () => Promise<T>): Promise<T> {
    const outcome = await run()
    this.#parts.budget.committed()
    this.#bufferChanged()
    return outcome
  }

  #bufferChanged(): void {
    this.#noteMailboxes()
    if (!this.#isPaused && !this.#isEnding && this.#parts.budget.needsCommit(this.#queuedBytes)) this.#committer.request()
    if (this.mayFetch()) this.#fetcher.wake()
  }

  #noteMailboxes(): void {
    this.#parts.host.metrics.set('mailboxBytes', this.#queuedBytes)
  }

  // ---- the end

  /** Orderly: what was put is pre-committed and committed, the group is left, the thread exits. */
  async stop(deadlineMs: number): Promise<void> {
    if (this.#isEnding) return
    this.#isEnding = true
    const { host, task, chain } = this.#parts
    this.#parts.stopping.abort()
    try {
      this.#committer.stop()
      if (this.#isStarted) {
        const ending = this.#letGoAtStop(deadlineMs)
        this.#lettingGo = ending.catch(() => undefined)
        await ending
        this.#fetched.close()
        this.#converted.close()
        await task.stop()
        await this.#membership.stop()
      }
      chain.close()
      await this.#parts.close()
      host.exit()
    } catch (error) {
      host.fail(error)
    }
  }

  async #letGoAtStop(deadlineMs: number): Promise<void> {
    await this.#fetcher.stop()
    const ending = this.#deliverer.control(async () => {
      await this.#letGo(this.#assignment.all(), deadlineMs * COMMIT_SHARE)
      this.#deliverer.stop()
    })
    // A deliverer that failed before serves no controls.
    await Promise.race([ending, this.#delivering])
  }

  /** As Java: what was put before the failure is pre-committed, the partitions closed, the offsets committed. */
  async #letGoAfterFailure(): Promise<void> {
    const run = () => this.#letGo(this.#assignment.all(), LET_GO_AFTER_FAILURE_MS)
    try {
      if (this.#deliverer.hasEnded) await run()
      else if (this.#isDelivering) await this.#deliverer.control(run)
    } catch (error) {
      this.#parts.host.logger.warn({ error: toError(error) }, "the task's close() failed after its failure")
    }
    this.#deliverer.stop()
  }

  /** After a failure: lets the sink close and leaves the group, so that others take over at once. */
  async cleanUp(): Promise<void> {
    this.#isEnding = true
    this.#parts.stopping.abort()
    this.#committer.stop()
    if (!this.#isStarted) return
    this.#lettingGo = Promise.race([this.#letGoAfterFailure(), this.#parts.clock.sleep(LET_GO_AFTER_FAILURE_MS)])
    await this.#lettingGo
    // Nothing is held any more: leaving the group must not wait for a deliverer that may be stuck.
    for (const held of this.#assignment.all()) this.#assignment.remove(held)
    const left = this.#membership.stop().catch(() => undefined)
    try {
      await this.#parts.task.stop()
    } catch (error) {
      this.#parts.host.logger.warn({ error: toError(error) }, "the task's stop() failed after its failure")
    }
    await left
  }
}

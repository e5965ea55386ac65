// Commits a sink task's offsets: on the timer, on request, and when partitions go. Only what preCommit names as durable is
// committed, never above what was put. Task thread. Java: WorkerSinkTask.commitOffsets, CONNECT.md 5.3.
import type { MetricsSlab } from '../../actor/metrics-slab.ts'
import type { Offsets, SinkTask, TopicPartition } from '../../api/sink-task.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { toError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { kindOf, wrongReturn, wrongReturnError } from '../../base/wrong-return.ts'
import { Assignment, type Held } from './assignment.ts'

export interface CommitterOptions {
  readonly task: SinkTask
  /** for messages */
  readonly taskClassName: string
  readonly assignment: Assignment
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsSlab
  readonly intervalMs: number
  readonly timeoutMs: number
  /** runs between two puts */
  control<T>(run: () => Promise<T>): Promise<T>
  /** sends the offsets to the group's coordinator */
  send(offsets: Offsets): Promise<void>
  /** settles when every dead letter and errant report is safe */
  reportsSafe(): Promise<void>
  /** reads the partition again from this offset */
  rewind(held: Held, offset: number | null): void
  /** a failure that must end the task */
  onError(error: unknown): void
}

/** A commit on its way; in an object, so that nobody awaits it by returning it. */
interface Sending {
  readonly answered: Promise<void>
}

export class Committer {
  readonly #options: CommitterOptions
  #timer: Timer | null = null
  /** from preCommit until the coordinator answered or the answer is overdue */
  #isCommitting = false
  /** a commit fell due meanwhile */
  #isDue = false
  #isRequested = false
  #sequence = 0
  #isStopped = false

  constructor(options: CommitterOptions) {
    this.#options = options
  }

  start(): void {
    const { clock, intervalMs } = this.#options
    this.#timer = clock.after(intervalMs, () => {
      this.#commitSoon()
      if (!this.#isStopped) this.start()
    })
  }

  /** context.requestCommit: the next commit comes between this put and the next. */
  request(): void {
    if (this.#isRequested) return
    this.#isRequested = true
    this.#commitSoon()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  /** Called from inside a control, when `held` go away or the task stops: the commit is waited for. */
  async commitLast(held: readonly Held[]): Promise<Offsets> {
    const { reportsSafe, metrics } = this.#options
    try {
      await reportsSafe()
      return held.every(one => one.delivered === null) ? [] : this.#committable(held, await this.#named(held))
    } catch (error) {
      metrics.add('commitFailures', 1)
      throw error
    }
  }

  /** The last commit of `commitLast`'s offsets; a failure is logged: the next owner reads these records again. */
  async sendLast(offsets: Offsets, timeoutMs: number): Promise<void> {
    if (offsets.length > 0) await this.#send(offsets, ++this.#sequence, Math.min(timeoutMs, this.#options.timeoutMs))
  }

  #commitSoon(): void {
    if (this.#isStopped) return
    if (this.#isCommitting) {
      this.#isDue = true
      return
    }
    this.#isCommitting = true
    this.#options
      .control(() => this.#commit())
      .then(
        sending => this.#committed(sending),
        error => {
          this.#isCommitting = false
          this.#options.onError(error)
        },
      )
  }

  async #committed(sending: Sending | null): Promise<void> {
    await sending?.answered
    this.#isCommitting = false
    if (!this.#isDue) return
    this.#isDue = false
    this.#commitSoon()
  }

  /** What it sends is not awaited here: puts go on while the coordinator works. */
  async #commit(): Promise<Sending | null> {
    if (this.#isStopped) return null
    this.#isRequested = false
    const { assignment, metrics, logger, rewind, reportsSafe } = this.#options
    await reportsSafe()
    const held = assignment.all()
    if (held.every(one => one.delivered === null)) return null
    let named: unknown
    try {
      named = await this.#named(held)
    } catch (error) {
      metrics.add('commitFailures', 1)
      logger.error({ error }, 'preCommit failed; reading again from the last committed offsets, or from where reading began')
      for (const one of held) rewind(one, one.committed ?? one.start)
      return null
    }
    const offsets = this.#committable(held, named)
    // Overtaken by the last commit of partitions that go, it only counts as skipped.
    return offsets.length > 0 ? { answered: this.#send(offsets, ++this.#sequence) } : null
  }

  /** What preCommit calls durable. */
  async #named(held: readonly Held[]): Promise<unknown> {
    const { task } = this.#options
    const current = Assignment.delivered(held)
    if (task.preCommit !== undefined) return task.preCommit(current)
    await task.flush?.(current)
    return current
  }

  /** Of what preCommit named, what is not unchanged, not held, or above what was put. @throws ConnectError where it named no offsets at all */
  #committable(held: readonly Held[], named: unknown): Offsets {
    const { taskClassName, logger, assignment } = this.#options
    return offsetsOf(named, taskClassName).filter(({ topic, partition, offset }) => {
      const one = held.find(h => h.topic === topic && h.partition === partition)
      if (one === undefined || assignment.get(topic, partition) !== one) {
        logger.warn({ topic, partition, offset }, 'preCommit named a partition that is not assigned; ignored')
        return false
      }
      if (one.delivered === null || offset > one.delivered) {
        logger.warn(
          { topic, partition, offset, delivered: one.delivered },
          'preCommit named an offset above what was put; ignored',
        )
        return false
      }
      // as Java: where nothing was put since reading began nothing is committed, not even the beginning
      return offset !== (one.committed ?? one.start)
    })
  }

  async #send(offsets: Offsets, sequence: number, timeoutMs = this.#options.timeoutMs): Promise<void> {
    const { clock, metrics, logger, send, assignment } = this.#options
    const startedMs = clock.monotonicMs()
    try {
      await this.#withinTimeout(send(offsets), timeoutMs)
      const tookMs = clock.monotonicMs() - startedMs
      if (sequence < this.#sequence) metrics.add('commitSkips', 1)
      else metrics.add('commitCount', 1)
      metrics.set('commitSequence', sequence)
      metrics.add('commitTimeMs', tookMs)
      metrics.max('commitTimeMsMax', tookMs)
      metrics.took('commitTime', tookMs)
      if (sequence < this.#sequence) return
      for (const { topic, partition, offset } of offsets) {
        const held = assignment.get(topic, partition)
        if (held !== undefined) held.committed = offset
      }
    } catch (error) {
      metrics.add('commitFailures', 1)
      logger.warn(
        { error: toError(error), offsets },
        `committing offsets failed; the next commit covers them: ${toError(error).message}`,
      )
    }
  }

  /** A commit older than offset.flush.timeout.ms counts as failed. */
  #withinTimeout(sent: Promise<void>, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(timeoutMs, () =>
        reject(new Error(`no answer within ${timeoutMs} ms (offset.flush.timeout.ms)`)),
      )
      sent.then(resolve, reject).finally(() => timer.cancel())
    })
  }
}

/**
 * What is no list of offsets ends the task: read again, the same records would only come to the same end (Java: NullPointerException).
 * @throws ConnectError naming the task's class and the field
 */
function offsetsOf(named: unknown, taskClass: string): Offsets {
  if (!Array.isArray(named))
    throw wrongReturn(
      `${taskClass}.preCommit`,
      named,
      'a list of { topic, partition, offset }, an empty one where nothing is durable',
    )
  for (const one of named as unknown[]) {
    const { topic, partition, offset } = (one ?? {}) as Partial<Record<keyof TopicPartition | 'offset', unknown>>
    if (typeof topic === 'string' && isCount(partition) && isCount(offset)) continue
    const fault = `topic ${shown(topic)}, partition ${shown(partition)}, offset ${shown(offset)}`
    const text = `${taskClass}.preCommit returned a list with ${fault}: partition and offset must be whole numbers and not negative`
    throw wrongReturnError(text)
  }
  return named as Offsets
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? JSON.stringify(value) : kindOf(value)
}

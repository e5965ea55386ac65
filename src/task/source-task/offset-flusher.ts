// Commits a source task's offsets: every offset.flush.interval.ms what is acknowledged goes to the offset store, and is durable there
// before the task hears of it. Task thread. Java: SourceTaskOffsetCommitter, CONNECT.md 5.4.
import type { OffsetEntry } from '../../actor/messages.ts'
import type { MetricsSlab } from '../../actor/metrics-slab.ts'
import type { SourceTask } from '../../api/source-task.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { toError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Submitted } from '../submitted.ts'
import { checkOffsets } from './polled.ts'

export interface OffsetFlusherOptions {
  readonly task: SourceTask
  readonly submitted: Submitted
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: MetricsSlab
  readonly intervalMs: number
  readonly timeoutMs: number
  /** resolves once the offsets are durable */
  put(entries: readonly OffsetEntry[]): Promise<void>
  /** settles when every dead letter written so far is with the broker */
  lettersSafe(): Promise<void>
  /** a failure that must end the task */
  onError(error: unknown): void
}

export class OffsetFlusher {
  readonly #options: OffsetFlusherOptions
  #timer: Timer | null = null
  #isStopped = false
  #flushing: Promise<void> = Promise.resolve()

  constructor(options: OffsetFlusherOptions) {
    this.#options = options
  }

  /** The next flush comes `intervalMs` after the end of the last one. */
  start(): void {
    if (this.#isStopped) return
    this.#timer = this.#options.clock.after(this.#options.intervalMs, () => {
      void this.flush().finally(() => this.start())
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  /** Flushes now. Never rejects: a failed flush is logged and its offsets go with the next. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flush())
    return this.#flushing
  }

  async #flush(): Promise<void> {
    const { submitted, clock, metrics, logger, task } = this.#options
    const entries = submitted.take()
    const startedMs = clock.monotonicMs()
    try {
      if (entries.length > 0) {
        await this.#withinTimeout(this.#put(entries))
        metrics.add('commitCount', 1)
        metrics.add('commitTimeMs', clock.monotonicMs() - startedMs)
        metrics.max('commitTimeMsMax', clock.monotonicMs() - startedMs)
        metrics.took('commitTime', clock.monotonicMs() - startedMs)
      }
    } catch (error) {
      submitted.putBack(entries)
      metrics.add('commitFailures', 1)
      logger.error(
        { error: toError(error) },
        `flushing source offsets failed, they go with the next flush: ${toError(error).message}`,
      )
      return
    }
    try {
      await task.commit?.()
    } catch (error) {
      logger.error({ error: toError(error) }, "the task's commit() failed")
    }
  }

  /** An offset may stand behind records that are in the dead letters only: those come first. One that cannot be stored would never be. */
  async #put(entries: readonly OffsetEntry[]): Promise<void> {
    const { lettersSafe, put, onError } = this.#options
    try {
      checkOffsets(entries)
      await lettersSafe()
    } catch (error) {
      onError(error)
      throw error
    }
    await put(entries)
  }

  #withinTimeout(put: Promise<void>): Promise<void> {
    const { clock, timeoutMs } = this.#options
    return new Promise((resolve, reject) => {
      const timer = clock.after(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs} ms (offset.flush.timeout.ms)`)))
      put.then(resolve, reject).finally(() => timer.cancel())
    })
  }
}

// What happens to a record whose conversion or transformation failed: retried, reported, then skipped or the task's end.
// Only made use of after a throw, so the good path pays nothing. Task threads. Java: RetryWithToleranceOperator (KIP-298).
import type { MetricsSlab } from '../actor/metrics-slab.ts'
import { NeedsSchema } from '../api/needs-schema.ts'
import type { Clock } from '../base/clock.ts'
import { AbortedError, codeOf, isRetriable, type Stage, ToleranceExceededError, toError } from '../base/errors.ts'
import type { Origin } from './origin.ts'

export interface Failure {
  readonly stage: Stage
  /** the class that failed, with its Java name */
  readonly className: string
  readonly error: Error
  readonly origin: Origin
}

export interface Reporter {
  /** Resolves once the report is safe; a reject fails the task. */
  report(failure: Failure): Promise<void> | void
}

export interface ToleranceOptions {
  readonly tolerance: 'none' | 'all'
  /** errors.retry.timeout: 0 no retry, -1 for ever */
  readonly retryTimeoutMs: number
  readonly retryDelayMaxMs: number
  readonly reporters: readonly Reporter[]
  readonly metrics: MetricsSlab
  readonly clock: Clock
  /** aborts waits when the task stops */
  readonly signal: AbortSignal
  readonly random?: () => number
}

/** The record was given up; the caller goes on with the next. */
export const SKIPPED = Symbol('skipped')

const RETRY_DELAY_MIN_MS = 300
/** A converter that asks for the same schema again and again is broken. */
const SCHEMA_LOADS_MAX = 5

export class Tolerance {
  readonly #options: ToleranceOptions

  constructor(options: ToleranceOptions) {
    this.#options = options
  }

  /**
   * Handles what `attempt` just threw. Returns its result where a retry succeeded, SKIPPED where the record is given up.
   * @throws ToleranceExceededError under errors.tolerance=none, AbortedError when the task stops while waiting
   */
  async recover<T>(
    failed: Failure,
    where: () => Pick<Failure, 'stage' | 'className'>,
    attempt: () => T,
  ): Promise<T | typeof SKIPPED> {
    const { clock, retryTimeoutMs, metrics } = this.#options
    const deadlineMs = retryTimeoutMs < 0 ? Number.POSITIVE_INFINITY : clock.monotonicMs() + retryTimeoutMs
    let failure = failed
    let schemaLoads = 0
    metrics.add('recordFailures', 1)
    for (let tries = 1; ; ) {
      if (failure.error instanceof NeedsSchema && schemaLoads++ < SCHEMA_LOADS_MAX) {
        await failure.error.load()
      } else {
        if (!isRetriable(failure.error)) break
        const delayMs = this.#delayMs(tries++, deadlineMs)
        if (delayMs === null) break
        metrics.add('retries', 1)
        await clock.sleep(delayMs, this.#options.signal)
      }
      try {
        return attempt()
      } catch (error) {
        metrics.add('recordFailures', 1)
        failure = { ...failure, ...where(), error: toError(error) }
      }
    }
    return this.giveUp(failure)
  }

  /** Reports the failure, then skips the record or fails the task. */
  async giveUp(failure: Failure): Promise<typeof SKIPPED> {
    const { metrics, clock, tolerance, signal } = this.#options
    const code = codeOf(failure.error)
    if (code === 'CONNECT_ASSERTION') throw failure.error
    // Only the task's own stop: an error of a plugin may have this code, too, and would end the task unnoticed.
    if (signal.aborted) throw new AbortedError()
    metrics.add('recordErrors', 1)
    metrics.set('lastErrorTimestampMs', clock.now())
    for (const reporter of this.#options.reporters) await reporter.report(failure)
    if (tolerance === 'all') {
      metrics.add('recordsSkipped', 1)
      return SKIPPED
    }
    const place = failure.origin.describe()
    throw new ToleranceExceededError(
      failure.stage,
      `Tolerance exceeded in error handler: ${failure.stage} failed in ${failure.className} for ${place}: ${failure.error.message.replace(/\.$/, '')}. ` +
        'Set errors.tolerance=all to skip such records (and errors.deadletterqueue.topic.name to keep them).',
      failure.error,
    )
  }

  /** 300 ms doubling; above the maximum a random wait below it; null once the deadline would pass. */
  #delayMs(tries: number, deadlineMs: number): number | null {
    const { clock, retryDelayMaxMs, random = Math.random } = this.#options
    const leftMs = deadlineMs - clock.monotonicMs()
    if (leftMs <= 0) return null
    const doubled = RETRY_DELAY_MIN_MS * 2 ** Math.min(tries - 1, 40)
    const delayMs = doubled > retryDelayMaxMs ? random() * retryDelayMaxMs : doubled
    return Math.min(delayMs, leftMs)
  }
}

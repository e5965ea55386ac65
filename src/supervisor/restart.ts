// D13: a failed task or connector comes back by itself. The n-th restart in a row waits n^2+n times the unit, an hour at most; after ten
// healthy minutes the count starts anew. A bad configuration, or records that errors.tolerance does not cover, would only fail again and
// stay FAILED. Main thread; called by the herder, which publishes FAILED first.
import type { WireError } from '../actor/wire-error.ts'
import { quadraticBackoffMs } from '../base/backoff.ts'
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'

export interface RestartPolicy {
  /** false: Java's behaviour, what failed stays FAILED until someone restarts it */
  readonly enabled: boolean
  readonly unitMs: number
  /** this many in a row, then it stays FAILED */
  readonly max: number
  /** having run this long clears the count */
  readonly healthyMs: number
}

const BACKOFF_MAX_MS = 3_600_000
const PERMANENT_CODES = new Set(['CONNECT_CONFIG', 'CONNECT_BAD_REQUEST', 'CONNECT_TOLERANCE_EXCEEDED', 'CONNECT_TOO_MANY_TASKS'])

interface Attempts {
  count: number
  runningSinceMs: number | null
  timer: Timer | null
}

/** Key of the connector itself beside its tasks' numbers. */
export const CONNECTOR = -1

export class Restarts {
  readonly #policy: RestartPolicy
  readonly #clock: Clock
  readonly #log: Logger
  readonly #attempts = new Map<string, Map<number, Attempts>>()
  /** restarts done, by connector; for the metrics */
  readonly #done = new Map<string, number>()

  constructor(policy: RestartPolicy, clock: Clock, log: Logger) {
    this.#policy = policy
    this.#clock = clock
    this.#log = log
  }

  /** It runs: from now on it may become healthy. */
  started(connector: string, part: number): void {
    this.#of(connector, part).runningSinceMs = this.#clock.monotonicMs()
  }

  /** Plans `restart`, unless policy or error forbid it. Calling it again replaces the plan. */
  failed(connector: string, part: number, error: WireError, restart: () => void): void {
    const attempts = this.#of(connector, part)
    const { runningSinceMs } = attempts
    if (runningSinceMs !== null && this.#clock.monotonicMs() - runningSinceMs >= this.#policy.healthyMs) attempts.count = 0
    attempts.runningSinceMs = null
    attempts.timer?.cancel()
    attempts.timer = null
    if (!this.#policy.enabled) return
    const where = part === CONNECTOR ? { connector } : { connector, task: part }
    const reason = this.#reasonToStay(attempts, error)
    if (reason !== null) {
      this.#log.error(where, `stays FAILED: ${reason}`)
      return
    }
    attempts.count++
    const delayMs = quadraticBackoffMs(attempts.count, this.#policy.unitMs, BACKOFF_MAX_MS)
    this.#log.warn(where, `is restarted in ${delayMs} ms (restart ${attempts.count} of at most ${this.#policy.max} in a row)`)
    attempts.timer = this.#clock.after(delayMs, () => {
      attempts.timer = null
      this.#done.set(connector, this.doneOf(connector) + 1)
      restart()
    })
  }

  /** Somebody restarted or removed it: the plan is void and the count starts anew. */
  forget(connector: string, part: number): void {
    const parts = this.#attempts.get(connector)
    parts?.get(part)?.timer?.cancel()
    parts?.delete(part)
  }

  forgetTasks(connector: string): void {
    for (const part of [...(this.#attempts.get(connector)?.keys() ?? [])]) if (part !== CONNECTOR) this.forget(connector, part)
  }

  forgetAll(connector: string): void {
    this.forgetTasks(connector)
    this.forget(connector, CONNECTOR)
    this.#attempts.delete(connector)
    this.#done.delete(connector)
  }

  /** Restarts of the connector and its tasks that were carried out. */
  doneOf(connector: string): number {
    return this.#done.get(connector) ?? 0
  }

  /** The worker stops. */
  cancel(): void {
    for (const connector of [...this.#attempts.keys()]) this.forgetAll(connector)
  }

  #reasonToStay(attempts: Attempts, error: WireError): string | null {
    if (isPermanent(error)) return `a restart would fail again (${error.code}); change the configuration`
    return attempts.count >= this.#policy.max ? `${attempts.count} restarts in a row did not help` : null
  }

  #of(connector: string, part: number): Attempts {
    const parts = this.#attempts.get(connector) ?? new Map<number, Attempts>()
    this.#attempts.set(connector, parts)
    const attempts = parts.get(part) ?? { count: 0, runningSinceMs: null, timer: null }
    parts.set(part, attempts)
    return attempts
  }
}

/** The error or one of its causes names a reason that a restart does not remove. */
function isPermanent(error: WireError): boolean {
  for (let e: WireError | undefined = error; e !== undefined; e = e.cause) if (PERMANENT_CODES.has(e.code)) return true
  return false
}

// Values of config providers that have a time to live are looked up again when it is over; a connector whose values have changed is
// restarted, with its tasks, unless its config.action.reload says none. Main thread; called by a connector's lifecycle.
// Java: WorkerConfigTransformer, which restarts the connector whether or not anything changed, and leaves the tasks as they are.
import { createHash } from 'node:crypto'
import type { Clock, Timer } from '../base/clock.ts'
import { toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { Variables } from '../config/variables.ts'
import type { Props } from '../store/config-store.ts'

export interface ReloadsOptions {
  readonly variables: Pick<Variables, 'resolve' | 'ttlMs'>
  readonly clock: Clock
  readonly log: Logger
}

/** A timer a connector, at most. */
export class Reloads {
  readonly #o: ReloadsOptions
  readonly #timers = new Map<string, Timer>()

  constructor(options: ReloadsOptions) {
    this.#o = options
  }

  /** Called with the connector's config before it is started with it. `restart` is called once, when its values have changed. */
  watch(connector: string, written: Props, restart: () => void): void {
    this.forget(connector)
    if (written['config.action.reload']?.trim().toLowerCase() === 'none') return
    const ttlMs = this.#o.variables.ttlMs(written)
    if (ttlMs !== null) this.#wait(connector, ttlMs, () => this.#digest(written), this.#digest(written), restart)
  }

  /** It is stopped or gone. */
  forget(connector: string): void {
    this.#timers.get(connector)?.cancel()
    this.#timers.delete(connector)
  }

  /** The worker stops. */
  cancel(): void {
    for (const connector of [...this.#timers.keys()]) this.forget(connector)
  }

  #wait(connector: string, ttlMs: number, digest: () => string | null, before: string | null, restart: () => void): void {
    const timer = this.#o.clock.after(ttlMs, () => {
      this.#timers.delete(connector)
      const now = digest()
      if (now === null || now === before) return this.#wait(connector, ttlMs, digest, before, restart)
      this.#o.log.info({ connector }, 'values of config providers have changed: the connector is restarted')
      restart()
    })
    this.#timers.set(connector, timer)
  }

  /** Of the values, which are not kept. null: they cannot be had just now. */
  #digest(written: Props): string | null {
    try {
      return createHash('sha256')
        .update(JSON.stringify(this.#o.variables.resolve(written)))
        .digest('hex')
    } catch (error) {
      this.#o.log.warn(`values of config providers cannot be looked up: ${toError(error).message}`)
      return null
    }
  }
}

// For how long something has been out of reach, and a call when that was long enough. Any thread; used by group-coordinator.ts for its coordinator.
import type { Clock, Timer } from '../base/clock.ts'

export class Outage {
  readonly #clock: Clock
  readonly #limitMs: number | null
  readonly #onLimit: () => void
  #timer: Timer | null = null
  #isOn = false

  /** @param limitMs after this time `onLimit` is called, once an outage; null: never */
  constructor(clock: Clock, limitMs: number | null, onLimit: () => void) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#onLimit = onLimit
  }

  get isOn(): boolean {
    return this.#isOn
  }

  /** A try failed. The first one counts. */
  begin(): void {
    if (this.#isOn) return
    this.#isOn = true
    if (this.#limitMs !== null) this.#timer = this.#clock.after(this.#limitMs, this.#onLimit)
  }

  end(): void {
    this.#isOn = false
    this.#timer?.cancel()
    this.#timer = null
  }
}

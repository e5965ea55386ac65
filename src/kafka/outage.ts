// For how long something has been out of reach, and a call when that was long enough. Any thread; used by group-coordinator.ts for its coordinator.
import type { Clock, Timer } from '../base/clock.ts'

export class Outage {
  readonly #clock: Clock
  readonly #limitMs: number | null
  readonly #onLimit: () => void
  readonly #lastAnswerMs: () => number
  #timer: Timer | null = null
  #isOn = false

  /**
   * @param limitMs after this time `onLimit` is called, once an outage; null: never
   * @param lastAnswerMs when somebody else was answered last, on the monotonic clock: the time counts from there
   */
  constructor(clock: Clock, limitMs: number | null, onLimit: () => void, lastAnswerMs: () => number = () => -Infinity) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#onLimit = onLimit
    this.#lastAnswerMs = lastAnswerMs
  }

  get isOn(): boolean {
    return this.#isOn
  }

  /** A try failed. The first one counts. */
  begin(): void {
    if (this.#isOn) return
    this.#isOn = true
    if (this.#limitMs !== null) this.#wait(this.#limitMs, this.#limitMs)
  }

  #wait(ms: number, limitMs: number): void {
    this.#timer = this.#clock.after(ms, () => {
      const leftMs = this.#lastAnswerMs() + limitMs - this.#clock.monotonicMs()
      if (leftMs > 0) this.#wait(leftMs, limitMs)
      else this.#onLimit()
    })
  }

  end(): void {
    this.#isOn = false
    this.#timer?.cancel()
    this.#timer = null
  }
}

// A bell for one sleeping loop: rings that come while it is awake are remembered, so none is lost. One waiter; any thread.
import type { Clock, Timer } from './clock.ts'

export class Wake {
  readonly #clock: Clock
  #rung = false
  #waiter: (() => void) | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  ring(): void {
    this.#rung = true
    this.#waiter?.()
  }

  /** Settles at the next ring, at once if it rang since the last wait, or after `timeoutMs`. */
  wait(timeoutMs?: number): Promise<void> {
    if (this.#rung) {
      this.#rung = false
      return Promise.resolve()
    }
    return new Promise(resolve => {
      let timer: Timer | null = null
      this.#waiter = () => {
        this.#waiter = null
        this.#rung = false
        timer?.cancel()
        resolve()
      }
      if (timeoutMs !== undefined) timer = this.#clock.after(timeoutMs, () => this.#waiter?.())
    })
  }
}

// The clock of one simulated process on the clock of the world: a process that is stopped (SIGSTOP) gets its timers late, one that is
// killed never again. Main thread of the simulation.
import type { Clock, Timer } from '../../src/base/clock.ts'
import { AbortedError } from '../../src/base/errors.ts'

export type ProcessState = 'up' | 'frozen' | 'dead'

export class WorkerClock implements Clock {
  readonly #world: Clock
  #state: ProcessState = 'up'
  #late: { run: () => void }[] = []

  constructor(world: Clock) {
    this.#world = world
  }

  get state(): ProcessState {
    return this.#state
  }

  set state(state: ProcessState) {
    this.#state = state
    if (state === 'up') for (const { run } of this.#late.splice(0)) run()
    if (state === 'dead') this.#late = []
  }

  now(): number {
    return this.#world.now()
  }

  monotonicMs(): number {
    return this.#world.monotonicMs()
  }

  after(delayMs: number, run: () => void): Timer {
    const late = { run }
    const timer = this.#world.after(delayMs, () => {
      if (this.#state === 'up') run()
      else if (this.#state === 'frozen') this.#late.push(late)
    })
    return {
      cancel: () => {
        timer.cancel()
        this.#late = this.#late.filter(one => one !== late)
      },
    }
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new AbortedError())
      const timer = this.after(delayMs, resolve)
      signal?.addEventListener(
        'abort',
        () => {
          timer.cancel()
          reject(new AbortedError())
        },
        { once: true },
      )
    })
  }
}

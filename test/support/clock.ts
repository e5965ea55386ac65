// A clock that tests turn by hand: nothing fires before `advance`.
import type { Clock, Timer } from '../../src/base/clock.ts'
import { AbortedError } from '../../src/base/errors.ts'

interface Due {
  readonly atMs: number
  readonly run: () => void
}

export class TestClock implements Clock {
  #nowMs: number
  #due: Due[] = []

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs
  }

  /** whole, as Date.now() */
  now(): number {
    return Math.floor(this.#nowMs)
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): Timer {
    const due: Due = { atMs: this.#nowMs + Math.max(delayMs, 0), run }
    this.#due.push(due)
    return { cancel: () => void (this.#due = this.#due.filter(d => d !== due)) }
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new AbortedError())
      const timer = this.after(delayMs, resolve)
      signal?.addEventListener('abort', () => {
        timer.cancel()
        reject(new AbortedError())
      })
    })
  }

  /** Number of timers that wait. */
  get waiting(): number {
    return this.#due.length
  }

  /** Lets `ms` pass; timers fire in order, and promises that hang on them run in between. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    for (;;) {
      await settle()
      const next = this.#due.filter(d => d.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      this.#due = this.#due.filter(d => d !== next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.run()
    }
    this.#nowMs = endMs
    await settle()
  }
}

/** Runs everything that is ready: promises and immediates. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise(resolve => setImmediate(resolve))
}

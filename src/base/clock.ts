// The only door to time: everything that waits or reads the hour takes a Clock, so tests and the simulator can drive it.
// Any thread.
import { AbortedError } from './errors.ts'

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** wall-clock milliseconds since the epoch */
  now(): number
  /** milliseconds of a clock that never goes back; only differences mean anything */
  monotonicMs(): number
  /** calls `run` once after `delayMs`; an unref'd timer would not keep the process alive */
  after(delayMs: number, run: () => void): Timer
  /** resolves after `delayMs`; rejects with AbortedError when `signal` aborts first */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
}

/** Node limits timers to 2^31-1 ms and fires longer ones at once. */
const TIMER_MS_MAX = 2_147_483_647

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), TIMER_MS_MAX))
    return { cancel: () => clearTimeout(timer) }
  },
  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new AbortedError())
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
        Math.min(Math.max(delayMs, 0), TIMER_MS_MAX),
      )
      const onAbort = () => {
        clearTimeout(timer)
        reject(new AbortedError())
      }
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  },
}

/** Lets timers, sockets and messages of this thread run: a macrotask turn. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

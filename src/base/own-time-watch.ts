// What takes longer than it may in another thread, watched from outside: one that spins lets its own thread look at no clock. What counts is time that the
// thread had, of processor for instance: a process that was stopped, or a machine with more to do than it can, makes nothing one that hangs.
// Any thread, beside the one it watches; ModuleWatch and JobWatch.
import type { Worker } from 'node:worker_threads'
import type { Clock, Timer } from './clock.ts'

/** No more counts from one look to the next: the process may have been stopped meanwhile, and a loop that waits takes all of that for waiting. */
export const OWN_TIME_LOOK_MS = 1_000
/**
 * So much counts in any case: a thread that a call of the operating system holds uses no processor and gives no answer, and looks like one that the
 * machine has no time for. With 30 s of its own time it has five minutes.
 */
const COUNTED_MS_MIN = 100

export interface OwnTimeWatchOptions<K> {
  readonly clock: Clock
  /** how long the thread had what counts, ms since any fixed time; it need not answer */
  ownTimeMs(): Promise<number>
  /** called again for the same one after as much time, if it does not end; `isAtIt` says later whether it still has not */
  onOver(key: K, isAtIt: () => boolean): void
}

/** A thread that is in one call for long does not answer. */
export async function cpuTimeMs(thread: Worker): Promise<number> {
  const { user, system } = await thread.cpuUsage()
  return (user + system) / 1_000
}

/** Of processor and of waiting in its loop. */
export async function ownTimeMs(thread: Worker): Promise<number> {
  return (await cpuTimeMs(thread)) + thread.performance.eventLoopUtilization().idle
}

export class OwnTimeWatch<K> {
  readonly #o: OwnTimeWatchOptions<K>
  readonly #watched = new Map<K, { readonly limitMs: number; leftMs: number }>()
  #timer: Timer | null = null
  /** null: not known yet */
  #ownMs: number | null = null
  #countedMs: number | null = null
  #isAsking = false

  constructor(options: OwnTimeWatchOptions<K>) {
    this.#o = options
  }

  begun(key: K, limitMs: number): void {
    if (this.#watched.has(key)) return
    this.#watched.set(key, { limitMs, leftMs: limitMs })
    if (this.#timer === null) this.#lookLater()
  }

  ended(key: K): void {
    this.#watched.delete(key)
    if (this.#watched.size === 0) this.#rest()
  }

  /** The thread is gone. */
  cancel(): void {
    this.#watched.clear()
    this.#rest()
  }

  #rest(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#ownMs = null
    this.#countedMs = null
  }

  #lookLater(): void {
    this.#ask()
    this.#timer = this.#o.clock.after(OWN_TIME_LOOK_MS, () => {
      this.#look()
      if (this.#watched.size > 0) this.#lookLater()
      else this.#rest()
    })
  }

  #ask(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    const answered = (ms: number | null) => {
      this.#isAsking = false
      this.#ownMs = ms ?? this.#ownMs
      this.#countedMs ??= ms
    }
    this.#o.ownTimeMs().then(answered, () => answered(null))
  }

  #look(): void {
    const usedMs = (this.#ownMs ?? 0) - (this.#countedMs ?? 0)
    this.#countedMs = this.#ownMs
    const ms = Math.min(OWN_TIME_LOOK_MS, Math.max(COUNTED_MS_MIN, usedMs))
    for (const [key, one] of this.#watched) {
      one.leftMs -= ms
      if (one.leftMs > 0) continue
      one.leftMs = one.limitMs
      this.#o.onOver(key, () => this.#watched.get(key) === one)
    }
  }
}

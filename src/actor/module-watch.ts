// How long a plugin's module may take to load in the thread of a connector or task, or of a scan. Watched from outside: one that spins while it loads lets its own
// thread look at no clock. What counts is the thread's own time, in which it had a processor or its loop waited: a process that was stopped, or a
// machine with more to do than it can, makes no module one that hangs. What the plugin does later, in `start` and so on, has no limit. Main
// thread; one for each ActorRef and each scan.
import type { Worker } from 'node:worker_threads'
import type { Clock, Timer } from '../base/clock.ts'
import { TaskThreadError } from '../base/errors.ts'
import type { FromAnyActor } from './messages.ts'

type Loading = Extract<FromAnyActor, { type: 'moduleLoading' }>

/** No more counts from one look to the next: the process may have been stopped meanwhile, and a loop that waits takes all of that for waiting. */
export const MODULE_LOOK_MS = 1_000
/**
 * So much counts in any case: a thread that a call of the operating system holds uses no processor and gives no answer, and looks like one that the
 * machine has no time for. With 30 s of its own time it has five minutes.
 */
const COUNTED_MS_MIN = 100

export interface ModuleWatchOptions {
  readonly clock: Clock
  /** how long the thread had a processor or waited in its loop, ms since any fixed time; it need not answer */
  ownTimeMs(): Promise<number>
  /** the thread must end, unless `isLoading` says meanwhile that it is through; called again for another module, if it does not end */
  onHung(error: TaskThreadError, isLoading: () => boolean): void
}

/** Of processor and of waiting in its loop. A thread that is in one call for long does not answer. */
export async function ownTimeMs(thread: Worker): Promise<number> {
  const { user, system } = await thread.cpuUsage()
  return (user + system) / 1_000 + thread.performance.eventLoopUtilization().idle
}

export class ModuleWatch {
  readonly #o: ModuleWatchOptions
  /** by file: a task loads several at once, one file at most once at a time */
  readonly #loading = new Map<string, { readonly module: Loading; leftMs: number }>()
  #timer: Timer | null = null
  /** null: not known yet */
  #ownMs: number | null = null
  #countedMs: number | null = null
  #isAsking = false

  constructor(options: ModuleWatchOptions) {
    this.#o = options
  }

  begun(module: Loading): void {
    if (this.#loading.has(module.file)) return
    this.#loading.set(module.file, { module, leftMs: module.limitMs })
    if (this.#timer === null) this.#lookLater()
  }

  ended(file: string): void {
    this.#loading.delete(file)
    if (this.#loading.size === 0) this.#rest()
  }

  /** The thread is gone. */
  cancel(): void {
    this.#loading.clear()
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
    this.#timer = this.#o.clock.after(MODULE_LOOK_MS, () => {
      this.#look()
      if (this.#loading.size > 0) this.#lookLater()
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
    const ms = Math.min(MODULE_LOOK_MS, Math.max(COUNTED_MS_MIN, usedMs))
    for (const one of this.#loading.values()) {
      one.leftMs -= ms
      if (one.leftMs > 0) continue
      const { className, file, limitMs } = one.module
      one.leftMs = limitMs
      const message = `${className} could not be loaded: ${file} did not finish loading within ${limitMs} ms, and its thread was terminated`
      const isLoading = () => this.#loading.get(file) === one
      this.#o.onHung(new TaskThreadError(message, { code: 'CONNECT_TASK_STUCK_ON_LOAD' }), isLoading)
    }
  }
}

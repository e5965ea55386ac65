// Threads that have loaded the code of tasks and connectors and wait for one: what is started in a spare thread runs after 50 ms of CPU instead
// of 200 (docs/decisions/0023). New ones are made when nothing was started for a while, so that they take nothing from what starts. Main
// thread; one a process, used by ActorRef. Limit: `count` threads that wait.
import type { Worker } from 'node:worker_threads'
import type { Clock, Timer } from '../base/clock.ts'
import { toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { makeThread } from './make-thread.ts'
import type { ConnectorSpec, TaskSpec } from './messages.ts'

/** The first message to a spare thread: what it is from now on. */
export type Begin =
  | { readonly entry: 'task'; readonly data: TaskSpec }
  | { readonly entry: 'connector'; readonly data: ConnectorSpec }

/** What a spare thread is made with. */
export interface SpareData {
  readonly converters: readonly string[]
}

export interface SpareThreadsOptions {
  /** how many wait at most */
  readonly count: number
  /** module of the thread: workers/spare */
  readonly entry: URL
  /** limit of the JS heap, the same for all tasks and connectors of a worker */
  readonly memoryMaxMb: number
  /** what most tasks of this worker will load besides: classes of converters; those that are not built in are left alone */
  readonly converters: readonly string[]
  readonly clock: Clock
  readonly log: Logger
}

/** Nothing was started for so long: a thread more is made. What starts together does so within a second or two. */
const QUIET_MS = 2_000
/** Before the next one, that it has loaded its code by then: they do not need all processors. */
const NEXT_MS = 500

export class SpareThreads {
  readonly #o: SpareThreadsOptions
  readonly #waiting: Worker[] = []
  #timer: Timer | null = null
  #isClosed = false
  /** what a spare thread failed with is told once: it would fail again and again */
  #hasFailed = false

  constructor(options: SpareThreadsOptions) {
    this.#o = options
    this.#later(QUIET_MS)
  }

  /** How many wait. */
  get count(): number {
    return this.#waiting.length
  }

  /** A thread that begins with this; null where none waits. Others are made later in either case. */
  take(begin: Begin): Worker | null {
    this.#later(QUIET_MS)
    const thread = this.#waiting.shift()
    if (thread === undefined) return null
    thread.ref()
    thread.postMessage(begin)
    return thread
  }

  /** Ends those that wait; no other is made. */
  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    for (const thread of this.#waiting.splice(0)) void thread.terminate()
  }

  #later(delayMs: number): void {
    this.#timer?.cancel()
    this.#timer = null
    if (!this.#isClosed && !this.#hasFailed) this.#timer = this.#o.clock.after(delayMs, () => this.#makeOne())
  }

  #makeOne(): void {
    const { entry, memoryMaxMb, converters, count } = this.#o
    if (this.#waiting.length >= count) return
    try {
      const thread = makeThread(entry, 'spare', { converters } satisfies SpareData, memoryMaxMb)
      thread.on('error', error => this.#lost(thread, error))
      thread.on('exit', code => this.#lost(thread, new Error(`it ended with exit code ${code}`)))
      // It is nobody's: the process may end.
      thread.unref()
      this.#waiting.push(thread)
    } catch (error) {
      return this.#failed(toError(error))
    }
    this.#later(NEXT_MS)
  }

  #lost(thread: Worker, error: Error): void {
    const place = this.#waiting.indexOf(thread)
    if (place < 0) return
    this.#waiting.splice(place, 1)
    this.#failed(error)
  }

  #failed(error: Error): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#timer?.cancel()
    this.#o.log.warn({ error }, `a spare thread failed, no more are made, and tasks start more slowly: ${error.message}`)
  }
}

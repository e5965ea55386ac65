// What a job may use of its thread, watched from outside, since the thread may look at nothing any more: Buffers, which the limit of the heap does not
// count, and time of processor. Any thread; ThreadPool, and ActorRef for Buffers.
import type { Worker } from 'node:worker_threads'
import type { Clock, Timer } from './clock.ts'
import { cpuTimeMs, OwnTimeWatch } from './own-time-watch.ts'
import { formatBytes } from './units.ts'

/** How often the memory of a thread is looked at. It can fill some hundred MB in this time. */
export const MEMORY_LOOK_MS = 250

export interface JobLimits {
  /** of memory outside of the heap; what jobs before it left to the garbage collector counts */
  readonly buffersBytes: number
  /** of processor; a thread that waits or gives no answer has ten times as long. Infinity: whoever gives the job has a limit of its own */
  readonly cpuMs: number
}

export interface JobWatchOptions {
  readonly clock: Clock
  /** what is at the job: one that died before it began is replaced */
  thread(): Worker | undefined
  /** the job is over a limit: its thread must end */
  onOver(error: Error): void
}

/** What a thread holds in Buffers, in words, where it is over a limit; a thread that is in one call for long does not answer. */
export async function overBuffers(thread: Worker, limitBytes: number): Promise<string | null> {
  const heap = await thread.getHeapStatistics().catch(() => null)
  const bytes = heap?.external_memory ?? 0
  return bytes <= limitBytes ? null : `it holds ${formatBytes(bytes)} in Buffers, over the limit of ${formatBytes(limitBytes)}`
}

/** One for each job, from when the thread is at it: a thread that is gone may leave a question without an answer. */
export class JobWatch {
  readonly #limits: JobLimits
  readonly #o: JobWatchOptions
  readonly #times: OwnTimeWatch<'job'>
  #timer: Timer | null = null
  #isAsking = false
  #isOver = false

  constructor(limits: JobLimits, options: JobWatchOptions) {
    this.#limits = limits
    this.#o = options
    this.#times = new OwnTimeWatch({
      clock: options.clock,
      ownTimeMs: async () => {
        const thread = options.thread()
        return thread === undefined ? 0 : cpuTimeMs(thread)
      },
      onOver: () => {
        const limit = `${(limits.cpuMs / 1_000).toFixed(1)} s of processor time`
        options.onOver(
          new Error(`it was not through with a job after ${limit}, or ten times as long at rest or without an answer`),
        )
      },
    })
    if (limits.cpuMs !== Number.POSITIVE_INFINITY) this.#times.begun('job', limits.cpuMs)
    this.#lookLater()
  }

  /** The job is over. */
  cancel(): void {
    this.#isOver = true
    this.#timer?.cancel()
    this.#times.cancel()
  }

  #lookLater(): void {
    this.#timer = this.#o.clock.after(MEMORY_LOOK_MS, () => {
      // Not waited for: a thread that a call of the operating system holds gives no answer.
      void this.#lookAtMemory()
      this.#lookLater()
    })
  }

  async #lookAtMemory(): Promise<void> {
    const thread = this.#o.thread()
    if (thread === undefined || this.#isAsking) return
    this.#isAsking = true
    const held = await overBuffers(thread, this.#limits.buffersBytes)
    this.#isAsking = false
    if (held !== null && !this.#isOver) this.#o.onOver(new Error(held))
  }
}

// One thread for short stateless jobs: a piscina pool made at the first job, its thread gone when none came for a while. `atomics: 'disabled'`
// because piscina's default parks idle threads so that their timers do not fire (D6). Any thread; supervisor/job-pool.ts and the Parquet format.
import type { Transferable } from 'node:worker_threads'
import type { Piscina } from 'piscina'
import { endedOrAbandoned } from './abandoned-threads.ts'
import { systemClock } from './clock.ts'
import { AbortedError, ConnectError, codeOf, toError } from './errors.ts'
import { type JobLimits, JobWatch } from './job-watch.ts'
import { requirePackage } from './layout.ts'

export interface ThreadPoolOptions {
  readonly entry: URL
  /** for messages: what the thread does, "validates configs" */
  readonly does: string
  readonly resourceLimits: { readonly maxOldGenerationSizeMb: number; readonly maxYoungGenerationSizeMb?: number }
  /** Infinity: the thread stays */
  readonly idleMs: number
  /** of a job that takes so many bytes along; over them its thread is ended */
  limitsOf(bytes: number): JobLimits
  /** for messages: what to do where the thread fails */
  readonly advice?: string
  /** told once for each thread that failed */
  onBroken?(error: ConnectError): void
}

interface Job {
  readonly limits: JobLimits
  reject(error: Error): void
}

export class ThreadPool {
  readonly #o: ThreadPoolOptions
  #watch: { readonly job: Job; readonly of: JobWatch } | null = null
  #pool: Piscina | null = null
  #isClosed = false
  /** oldest first: the thread is at the first */
  readonly #jobs = new Set<Job>()

  constructor(options: ThreadPoolOptions) {
    this.#o = options
  }

  /** @param name of the entry's exported function; default: its default export. Rejects with CONNECT_JOB_FAILED where the thread fails. */
  run<T>(job: object, name = 'default', transferList: readonly Transferable[] = []): Promise<T> {
    if (this.#isClosed) return Promise.reject(new AbortedError(`the thread that ${this.#o.does} was ended`))
    this.#pool ??= this.#open()
    // What is transferred has no bytes here afterwards.
    const limits = this.#o.limitsOf(bytesOf(transferList))
    const running: Promise<T> = this.#pool.run(job, { name, transferList: [...transferList] })
    return new Promise<T>((resolve, reject) => {
      const one: Job = { limits, reject }
      this.#jobs.add(one)
      this.#watchFirst()
      running
        .then(resolve, error => reject(codeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY' ? this.#failure(toError(error)) : error))
        .finally(() => {
          this.#jobs.delete(one)
          this.#watchFirst()
        })
    })
  }

  /**
   * Gives the thread up and tells those who wait for it; the next job gets a new one. Also where it failed outside of a job (it did not load, or
   * code did something behind a job's back): piscina alone would start one thread after the other for ever while they wait.
   */
  giveUp(cause: Error): void {
    const pool = this.#pool
    if (pool === null) return
    this.#pool = null
    const error = this.#failure(cause)
    this.#o.onBroken?.(error)
    for (const { reject } of this.#jobs) reject(error)
    this.#jobs.clear()
    this.#watchFirst()
    void endedOrAbandoned(pool.destroy(), systemClock)
  }

  /** Ends the thread, whatever it is at, or leaves it behind. Jobs in hand and jobs that come later reject. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#pool !== null) await endedOrAbandoned(this.#pool.destroy(), systemClock)
  }

  #watchFirst(): void {
    const [job] = this.#jobs
    if (job === this.#watch?.job) return
    this.#watch?.of.cancel()
    const thread = () => this.#pool?.threads[0]
    const onOver = (error: Error) => this.giveUp(error)
    this.#watch = job === undefined ? null : { job, of: new JobWatch(job.limits, { clock: systemClock, thread, onOver }) }
  }

  #failure(cause: Error): ConnectError {
    const { does, advice = '' } = this.#o
    const message = `the thread that ${does} failed: ${cause.message}${advice === '' ? '' : `; ${advice}`}`
    return new ConnectError(message, { code: 'CONNECT_JOB_FAILED', cause })
  }

  #open(): Piscina {
    const { entry, resourceLimits, idleMs } = this.#o
    const pool = new (requirePackage('piscina') as typeof import('piscina')).Piscina({
      filename: entry.href,
      atomics: 'disabled',
      minThreads: 0,
      maxThreads: 1,
      resourceLimits,
      idleTimeout: idleMs,
    })
    pool.on('error', error => {
      if (this.#pool === pool) this.giveUp(toError(error))
    })
    return pool
  }
}

const bytesOf = (transferList: readonly Transferable[]): number =>
  transferList.reduce((sum, one) => sum + (one instanceof ArrayBuffer ? one.byteLength : 0), 0)

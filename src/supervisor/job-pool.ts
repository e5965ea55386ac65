// Short jobs that need plugin code, kept off the main thread: validation and plugin descriptions. A thread over workers/job.ts, and others while jobs
// in it take long. Main thread.
import { RemoteError, type WireError } from '../actor/wire-error.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { AbortedError, ConnectError } from '../base/errors.ts'
import { ownModule } from '../base/layout.ts'
import type { Logger } from '../base/log.ts'
import { ThreadPool } from '../base/thread-pool.ts'
import { MIB } from '../base/units.ts'
import type { ConfigInfos, ConfigKeyInfo } from '../config/infos.ts'
import type { WorkerMode } from '../plugins/client-overrides.ts'
import type { Props } from '../store/config-store.ts'
import type { PluginInfo } from './herder.ts'

/** What the herder must know of a connector's class without loading it. */
export interface ConnectorPlugin {
  readonly kind: 'sink' | 'source'
  readonly className: string
  readonly version: string
  /** keys of the connector's config that hold secrets, as validation found them */
  readonly secretKeys?: readonly string[]
}

export interface JobPool {
  /** @throws ConfigError for a missing or unknown connector.class */
  validate(props: Props): Promise<ConfigInfos>
  plugins(): Promise<readonly PluginInfo[]>
  /** null: no such plugin */
  pluginConfig(name: string, version: string): Promise<readonly ConfigKeyInfo[] | null>
  /** @throws ConfigError for an unknown class or version; `version`: what connector.plugin.version asks for */
  connector(className: string, version: string | undefined): Promise<ConnectorPlugin>
  close(): Promise<void>
}

export interface JobPoolOptions {
  /** what configs are validated for; standalone unless given */
  readonly mode?: WorkerMode
  readonly entry?: URL
  readonly clock?: Clock
  readonly jobMsMax?: number | undefined
  /** the first thread stays when it is idle: a worker of a cluster validates for each change of a connector, and should not begin with a thread */
  readonly keepsThread?: boolean
  readonly idleMs?: number
}

interface JobThread {
  readonly pool: ThreadPool
  isBusy: boolean
}

type JobReply<T> = { readonly value: T; readonly error?: undefined } | { readonly error: WireError }

/** Requests come from people and deploy scripts; more than this waiting at once is refused. */
const WAITING_MAX = 1_000
/** Validation takes milliseconds, seconds with thousands of transforms; a REST request waits for 90 s. */
const JOB_MS_MAX = 30_000
/** A job that takes longer has its thread for itself: those behind it get another. */
const LONG_JOB_MS = 1_000
const THREADS_MAX = 4
/** Heap of the thread, and its Buffers: plugins and their definitions. */
const HEAP_MB_MAX = 512
/** The thread with all plugin definitions in it takes some 30 MB: it goes when nothing was validated for a while, unless it is kept. */
const IDLE_MS = 60_000

const ENTRY = ownModule('workers/job')

export class PiscinaJobPool implements JobPool {
  readonly #workerProps: Props
  readonly #mode: WorkerMode
  readonly #clock: Clock
  readonly #jobMsMax: number
  /** not begun yet, oldest first */
  readonly #waiting: ((thread: JobThread) => Promise<void>)[] = []
  readonly #threads: JobThread[] = []
  readonly #makeThread: () => JobThread
  /** the job that the next one waits for */
  #current: symbol | null = null
  #isClosed = false
  #plugins: Promise<readonly PluginInfo[]> | null = null

  constructor(workerProps: Props, log: Logger, options: JobPoolOptions = {}) {
    const {
      entry = ENTRY,
      clock = systemClock,
      jobMsMax = JOB_MS_MAX,
      mode = 'standalone',
      keepsThread = false,
      idleMs = IDLE_MS,
    } = options
    this.#workerProps = workerProps
    this.#mode = mode
    const pool = () =>
      new ThreadPool({
        entry,
        does: 'validates configs',
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
        // Its time has a limit here, since a plugin may wait for something outside.
        limitsOf: () => ({ buffersBytes: HEAP_MB_MAX * MIB, cpuMs: Number.POSITIVE_INFINITY }),
        idleMs: keepsThread && this.#threads.length === 0 ? Number.POSITIVE_INFINITY : idleMs,
        onBroken: error => log.error({ error }, error.message),
      })
    this.#makeThread = () => ({ pool: pool(), isBusy: false })
    this.#clock = clock
    this.#jobMsMax = jobMsMax
  }

  validate(props: Props): Promise<ConfigInfos> {
    return this.#run('validate', { props, mode: this.#mode })
  }

  /** Asked once: what is installed does not change while the worker runs. */
  plugins(): Promise<readonly PluginInfo[]> {
    this.#plugins ??= this.#run<readonly PluginInfo[]>('plugins', {}).catch(error => {
      this.#plugins = null
      throw error
    })
    return this.#plugins
  }

  pluginConfig(name: string, version: string): Promise<readonly ConfigKeyInfo[] | null> {
    return this.#run('pluginConfig', { name, version })
  }

  connector(className: string, version: string | undefined): Promise<ConnectorPlugin> {
    return this.#run('connector', { className, version })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#threads.map(({ pool }) => pool.close()))
  }

  /** One after the other, but for those that take long; each within its time. */
  #run<T>(name: string, request: object): Promise<T> {
    if (this.#isClosed) return Promise.reject(new AbortedError('the threads that validate configs were ended'))
    if (this.#waiting.length >= WAITING_MAX) {
      const message = `more than ${WAITING_MAX} requests wait for the thread that validates configs`
      return Promise.reject(new ConnectError(message, { code: 'CONNECT_BUSY' }))
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push(thread => this.#runIn<T>(thread, name, request).then(resolve, reject))
      this.#next()
    })
  }

  #next(): void {
    if (this.#current !== null || this.#waiting.length === 0) return
    let thread = this.#threads.find(({ isBusy }) => !isBusy)
    if (thread === undefined) {
      if (this.#threads.length === THREADS_MAX) return
      thread = this.#makeThread()
      this.#threads.push(thread)
    }
    const taken = thread
    const job = Symbol('job')
    this.#current = job
    taken.isBusy = true
    const goOn = () => {
      if (this.#current === job) this.#current = null
      this.#next()
    }
    const long = this.#clock.after(LONG_JOB_MS, goOn)
    void this.#waiting
      .shift()?.(taken)
      .finally(() => {
        long.cancel()
        taken.isBusy = false
        goOn()
      })
  }

  #runIn<T>({ pool }: JobThread, name: string, request: object): Promise<T> {
    const late = this.#clock.after(this.#jobMsMax, () => {
      const why = 'a plugin or a pattern in the config takes too long'
      pool.giveUp(new Error(`a ${name} job did not end within ${this.#jobMsMax} ms: ${why}`))
    })
    return pool
      .run<JobReply<T>>({ ...request, workerProps: this.#workerProps }, name)
      .then(reply => {
        if (reply.error !== undefined) throw new RemoteError(reply.error)
        return reply.value
      })
      .finally(() => late.cancel())
  }
}

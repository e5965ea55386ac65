// Short jobs that need plugin code, kept off the main thread: validation and plugin descriptions. A piscina pool of one thread over
// workers/job.ts; `atomics: 'disabled'` because piscina's default parks idle threads so that their timers do not fire (D6). Main thread.
import type { Piscina } from 'piscina'
import { RemoteError, type WireError } from '../actor/wire-error.ts'
import { ConnectError, toError } from '../base/errors.ts'
import { ownModule, requirePackage } from '../base/layout.ts'
import type { Logger } from '../base/log.ts'
import type { ConfigInfos, ConfigKeyInfo } from '../config/infos.ts'
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

type JobReply<T> = { readonly value: T; readonly error?: undefined } | { readonly error: WireError }

/** Requests come from people and deploy scripts; more than this waiting at once is refused by piscina. */
const WAITING_MAX = 1_000
/** The thread with all plugin definitions in it takes some 30 MB: it goes when nothing was validated for a while. */
const IDLE_MS = 60_000

const ENTRY = ownModule('workers/job')

export class PiscinaJobPool implements JobPool {
  readonly #workerProps: Props
  readonly #log: Logger
  readonly #entry: URL
  #pool: Piscina | null = null
  readonly #waiting = new Set<(error: Error) => void>()
  #plugins: Promise<readonly PluginInfo[]> | null = null

  constructor(workerProps: Props, log: Logger, entry: URL = ENTRY) {
    this.#workerProps = workerProps
    this.#log = log
    this.#entry = entry
  }

  validate(props: Props): Promise<ConfigInfos> {
    return this.#run('validate', { props })
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
    await this.#pool?.destroy()
  }

  #run<T>(name: string, request: object): Promise<T> {
    this.#pool ??= this.#open()
    const running: Promise<JobReply<T>> = this.#pool.run({ ...request, workerProps: this.#workerProps }, { name })
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject)
      running
        .then(reply => (reply.error === undefined ? resolve(reply.value) : reject(new RemoteError(reply.error))), reject)
        .finally(() => this.#waiting.delete(reject))
    })
  }

  #open(): Piscina {
    const pool = new (requirePackage('piscina') as typeof import('piscina')).Piscina({
      filename: this.#entry.href,
      atomics: 'disabled',
      minThreads: 0,
      maxThreads: 1,
      maxQueue: WAITING_MAX,
      idleTimeout: IDLE_MS,
    })
    pool.on('error', error => this.#broken(pool, toError(error)))
    return pool
  }

  /**
   * The thread failed outside of a job: it did not load, or a plugin did something behind the job's back. The worker goes on, and the jobs
   * are told: piscina alone would start one thread after the other for ever while they wait.
   */
  #broken(pool: Piscina, error: Error): void {
    if (this.#pool !== pool) return
    this.#pool = null
    const message = `the thread that validates configs failed: ${error.message}`
    this.#log.error({ error }, message)
    for (const reject of this.#waiting) reject(new ConnectError(message, { code: 'CONNECT_JOB_FAILED', cause: error }))
    this.#waiting.clear()
    void pool.destroy().catch(() => undefined)
  }
}

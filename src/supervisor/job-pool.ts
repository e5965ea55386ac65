// Short jobs that need plugin code, kept off the main thread: validation and plugin descriptions. A piscina pool of one thread over
// workers/job.ts; `atomics: 'disabled'` because piscina's default parks idle threads so that their timers do not fire (D6). Main thread.
import { Piscina } from 'piscina'
import { RemoteError, type WireError } from '../actor/wire-error.ts'
import type { Logger } from '../base/log.ts'
import type { ConfigInfos, ConfigKeyInfo } from '../config/infos.ts'
import type { Props } from '../store/config-store.ts'
import type { PluginInfo } from './herder.ts'

/** What the herder must know of a connector's class without loading it. */
export interface ConnectorPlugin {
  readonly kind: 'sink' | 'source'
  readonly className: string
  readonly version: string
  readonly taskClass: string
}

export interface JobPool {
  /** @throws ConfigError for a missing or unknown connector.class */
  validate(props: Props): Promise<ConfigInfos>
  plugins(): Promise<readonly PluginInfo[]>
  /** null: no such plugin */
  pluginConfig(name: string): Promise<readonly ConfigKeyInfo[] | null>
  /** @throws ConfigError for an unknown class */
  connector(className: string): Promise<ConnectorPlugin>
  close(): Promise<void>
}

type JobReply<T> = { readonly value: T; readonly error?: undefined } | { readonly error: WireError }

/** Requests come from people and deploy scripts; more than this waiting at once is refused by piscina. */
const WAITING_MAX = 1_000
/** The thread with all plugin definitions in it takes some 30 MB: it goes when nothing was validated for a while. */
const IDLE_MS = 60_000

const ENTRY = new URL(`../../workers/job.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)

export class PiscinaJobPool implements JobPool {
  readonly #pool: Piscina
  readonly #workerProps: Props
  #plugins: Promise<readonly PluginInfo[]> | null = null

  constructor(workerProps: Props, log: Logger) {
    this.#workerProps = workerProps
    this.#pool = new Piscina({
      filename: ENTRY.href,
      atomics: 'disabled',
      minThreads: 0,
      maxThreads: 1,
      maxQueue: WAITING_MAX,
      idleTimeout: IDLE_MS,
    })
    // What a plugin does behind a job's back (an error nobody awaited) ends the job thread, not the worker.
    this.#pool.on('error', error => log.error({ error }, 'the thread that validates configs failed'))
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

  pluginConfig(name: string): Promise<readonly ConfigKeyInfo[] | null> {
    return this.#run('pluginConfig', { name })
  }

  connector(className: string): Promise<ConnectorPlugin> {
    return this.#run('connector', { className })
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }

  async #run<T>(name: string, request: object): Promise<T> {
    const reply = (await this.#pool.run({ ...request, workerProps: this.#workerProps }, { name })) as JobReply<T>
    if (reply.error !== undefined) throw new RemoteError(reply.error)
    return reply.value
  }
}

// What this worker knows of the classes of the cluster's connectors: of those it runs also which keys hold secrets, of all others the kind.
// Configs come from the config topic, written by any worker, so each asks its own job thread. Main thread; owned by the herder.
import { ConfigError } from '../../base/errors.ts'
import type { Variables } from '../../config/variables.ts'
import type { ConfigStore, Props } from '../../store/config-store.ts'
import * as check from '../config-check.ts'
import type { ConnectorType } from '../herder.ts'
import type { ConnectorPlugin, JobPool } from '../job-pool.ts'
import type { LogLevels } from '../log-levels.ts'
import type { Redaction } from '../redaction.ts'

export interface KnownPluginsOptions {
  readonly configs: Pick<ConfigStore, 'get'>
  readonly jobs: Pick<JobPool, 'validate' | 'connector'>
  readonly variables: Pick<Variables, 'resolve'>
  readonly redaction: Pick<Redaction, 'know' | 'forget'>
  readonly logLevels: Pick<LogLevels, 'know'>
  /** by connector, of those that run here */
  readonly plugins: Map<string, ConnectorPlugin>
}

/** Classes with versions; there are as many as plugins, more are names that somebody makes up. */
const CLASSES_MAX = 1_000

export class KnownPlugins {
  readonly #o: KnownPluginsOptions
  /** by connector: the config that `plugins` was learnt of */
  readonly #learnt = new Map<string, Props>()
  readonly #classes = new Map<string, Promise<ConnectorPlugin>>()
  /** what was asked about a config that nothing has started with yet */
  readonly #foreseen = new WeakMap<Props, Promise<ConnectorPlugin>>()

  constructor(options: KnownPluginsOptions) {
    this.#o = options
  }

  /** Its config has come, and something of it may start here soon: what `learn` will ask is asked now, while old tasks stop and the group confers. */
  foresee(name: string): void {
    const config = this.#o.configs.get(name)?.config
    if (config === undefined || this.#learnt.get(name) === config) return
    const asked = this.#ask(config)
    this.#foreseen.set(config, asked)
    // Then learn asks again, and tells.
    asked.catch(() => this.#foreseen.delete(config))
  }

  /** Before anything of the connector is started with its present config. @throws ConfigError for a class that is not here */
  async learn(name: string): Promise<void> {
    const config = this.#o.configs.get(name)?.config
    if (config === undefined) throw new ConfigError('name', `Connector ${name} is gone`)
    if (this.#learnt.get(name) === config) return
    const plugin = await (this.#foreseen.get(config) ?? this.#ask(config))
    this.#foreseen.delete(config)
    this.#learnt.set(name, config)
    this.#o.plugins.set(name, plugin)
    this.#o.redaction.know(name, config, plugin.secretKeys)
    this.#o.logLevels.know(plugin.className)
  }

  async #ask(config: Props): Promise<ConnectorPlugin> {
    const infos = await this.#o.jobs.validate(config)
    return { ...(await this.#classOf(config)), secretKeys: check.secretKeysOf(infos) }
  }

  /** Nothing of the connector runs here any more. */
  forget(name: string): void {
    this.#learnt.delete(name)
    this.#o.plugins.delete(name)
    this.#o.redaction.forget(name)
  }

  /** `unknown` for a connector that is gone, and for a class that is not installed here. */
  async typeOf(name: string): Promise<ConnectorType> {
    const config = this.#o.configs.get(name)?.config
    return config === undefined ? 'unknown' : this.typeOfConfig(config)
  }

  async typeOfConfig(config: Props): Promise<ConnectorType> {
    try {
      return (await this.#classOf(config)).kind
    } catch {
      return 'unknown'
    }
  }

  #classOf(config: Props): Promise<ConnectorPlugin> {
    const { 'connector.class': className = '', 'connector.plugin.version': version } = this.#o.variables.resolve(config)
    const key = JSON.stringify([className, version])
    const known = this.#classes.get(key)
    if (known !== undefined) return known
    if (this.#classes.size >= CLASSES_MAX) this.#classes.clear()
    const asked = this.#o.jobs.connector(className, version)
    this.#classes.set(key, asked)
    asked.catch(() => this.#classes.delete(key))
    return asked
  }
}

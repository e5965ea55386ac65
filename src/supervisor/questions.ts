// What REST asks and what is answered from stores, plugins and loggers alone: the same for every herder, which extends this. No connector is
// changed here. Main thread.
import { NotFoundError } from '../base/errors.ts'
import type { ConfigStore, ConnectorEntry, Props } from '../store/config-store.ts'
import type { StatusStore } from '../store/status-store.ts'
import * as check from './config-check.ts'
import { entryOf } from './connector-lifecycle.ts'
import type {
  ConfigInfos,
  ConfigKeyInfo,
  ConnectorInfo,
  ConnectorStateInfo,
  ConnectorType,
  LoggerLevel,
  PluginInfo,
  RequestedConfig,
  TaskInfo,
  TaskState,
} from './herder.ts'
import type { JobPool } from './job-pool.ts'
import type { LogLevels } from './log-levels.ts'
import { stateInfo, stateOf } from './states.ts'

export interface QuestionsOptions {
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly jobs: JobPool
  readonly logLevels: LogLevels
}

export class Questions {
  readonly #o: QuestionsOptions
  readonly #typeOf: (connector: string) => Promise<ConnectorType>

  /** @param typeOf `unknown` for a connector that is gone or whose class is not there */
  constructor(options: QuestionsOptions, typeOf: (connector: string) => Promise<ConnectorType>) {
    this.#o = options
    this.#typeOf = typeOf
  }

  connectors(): string[] {
    return this.#o.configs.names()
  }

  async connectorInfo(name: string): Promise<ConnectorInfo> {
    const entry = this.#entry(name)
    const tasks = entry.tasks.map((_, task) => ({ connector: name, task }))
    return { name, config: entry.config, tasks, type: await this.#typeOf(name) }
  }

  async connectorConfig(name: string): Promise<Props> {
    return this.#entry(name).config
  }

  async connectorStatus(name: string): Promise<ConnectorStateInfo> {
    const info = stateInfo(this.#o.statuses, name, await this.#typeOf(name))
    if (info === undefined) throw new NotFoundError(`No status found for connector ${name}`)
    return info
  }

  async taskInfos(name: string): Promise<TaskInfo[]> {
    return this.#entry(name).tasks.map((config, task) => ({ id: { connector: name, task }, config }))
  }

  async taskStatus(name: string, task: number): Promise<TaskState> {
    const status = this.#o.statuses.task(name, task)
    if (status === undefined) throw new NotFoundError(`No status found for task ${name}-${task}`)
    return { id: task, ...stateOf(status) }
  }

  async activeTopics(name: string): Promise<string[]> {
    return this.#o.statuses.topics(name).map(use => use.topic)
  }

  async resetActiveTopics(name: string): Promise<void> {
    this.#o.statuses.resetTopics(name)
  }

  plugins(): Promise<readonly PluginInfo[]> {
    return this.#o.jobs.plugins()
  }

  async pluginConfig(plugin: string, version: string): Promise<readonly ConfigKeyInfo[]> {
    const config = await this.#o.jobs.pluginConfig(plugin, version)
    if (config === null) throw new NotFoundError(`Unknown plugin ${plugin}.`)
    return config
  }

  async validate(config: RequestedConfig): Promise<ConfigInfos> {
    const { props, nullKeys } = check.splitNulls(config)
    return check.withNullErrors(await this.#o.jobs.validate(props), nullKeys)
  }

  async loggers(): Promise<Readonly<Record<string, LoggerLevel>>> {
    return this.#o.logLevels.all()
  }

  async logger(name: string): Promise<LoggerLevel> {
    const level = this.#o.logLevels.one(name)
    if (level === null) throw new NotFoundError(`Logger ${name} not found.`)
    return level
  }

  /** Of this worker. */
  async setLogLevel(logger: string, level: string): Promise<string[]> {
    return this.#o.logLevels.set(logger, level)
  }

  #entry(name: string): ConnectorEntry {
    return entryOf(this.#o.configs, name)
  }
}

// What REST, the CLI and metrics see of a worker: one interface for standalone and (later) distributed, and the objects it answers with,
// in the JSON form of Kafka Connect's REST API. Main thread. Every method may reject with NotFoundError (404), ConflictError (409),
// BadRequestError or ConfigError (400); anything else is a 500.

import type { NumberText } from '../base/number-text.ts'
import type { ConfigInfos, ConfigKeyInfo } from '../config/infos.ts'
import type { Props } from '../store/config-store.ts'
import type { OffsetEntry, OffsetValue } from '../store/offset-store.ts'
import type { StateName } from '../store/status-store.ts'

export type { ConfigInfos, ConfigKeyInfo, OffsetEntry, Props, StateName }

export type ConnectorType = 'source' | 'sink' | 'unknown'

export interface ServerInfo {
  readonly version: string
  readonly commit: string
  readonly kafka_cluster_id: string | null
}

export interface Health {
  readonly status: 'healthy' | 'starting' | 'unhealthy'
  readonly message: string
}

export interface TaskId {
  readonly connector: string
  readonly task: number
}

export interface ConnectorInfo {
  readonly name: string
  readonly config: Props
  readonly tasks: readonly TaskId[]
  readonly type: ConnectorType
}

export interface TaskInfo {
  readonly id: TaskId
  readonly config: Props
}

/** `trace` is absent where there is none; `version` is null where no instance was there to ask. */
export interface ConnectorState {
  readonly state: StateName
  readonly worker_id: string
  readonly version: string | null
  readonly trace?: string
}

export interface TaskState extends ConnectorState {
  readonly id: number
}

export interface ConnectorStateInfo {
  readonly name: string
  readonly connector: ConnectorState
  readonly tasks: readonly TaskState[]
  readonly type: ConnectorType
}

export type PluginType = 'sink' | 'source' | 'transformation' | 'predicate' | 'converter' | 'header_converter'

export interface PluginInfo {
  readonly class: string
  readonly type: PluginType
  readonly version?: string
}

export interface LoggerLevel {
  readonly level: string
  readonly last_modified: number | null
}

export type InitialState = 'RUNNING' | 'PAUSED' | 'STOPPED'

/** A config as a request carries it: null values are errors, except in a patch, where they remove the key. */
export type RequestedConfig = Readonly<Record<string, string | null>>

export interface PutOptions {
  /** false: a connector of this name must not exist yet */
  readonly allowReplace: boolean
  readonly initialState?: InitialState | undefined
}

export interface PutResult {
  readonly created: boolean
  readonly info: ConnectorInfo
}

export interface RestartOptions {
  readonly includeTasks: boolean
  readonly onlyFailed: boolean
}

/** A partition or offset of a request: its numbers may be beyond JavaScript's. */
export type AskedOffsetMap = Readonly<Record<string, OffsetValue | NumberText>>

export interface AskedOffset {
  readonly partition: AskedOffsetMap
  /** null: it is removed */
  readonly offset: AskedOffsetMap | null
}

export interface Herder {
  serverInfo(): Promise<ServerInfo>
  health(): Promise<Health>
  /** what the worker is busy with, for the text of a request that timed out */
  stage(): string

  connectors(): string[]
  connectorInfo(name: string): Promise<ConnectorInfo>
  connectorConfig(name: string): Promise<Props>
  connectorStatus(name: string): Promise<ConnectorStateInfo>
  taskInfos(name: string): Promise<TaskInfo[]>
  taskStatus(name: string, task: number): Promise<TaskState>

  /** `config.name` must be `name`. Settles when the connector has started and its tasks are known. */
  putConfig(name: string, config: RequestedConfig, options: PutOptions): Promise<PutResult>
  patchConfig(name: string, patch: RequestedConfig): Promise<ConnectorInfo>
  deleteConnector(name: string): Promise<void>
  /** pause and resume settle when the wish is noted; the status follows */
  pause(name: string): Promise<void>
  resume(name: string): Promise<void>
  stopConnector(name: string): Promise<void>
  restartConnector(name: string): Promise<void>
  /** Settles with the state in which the affected parts are RESTARTING; the restart itself goes on. */
  restartParts(name: string, options: RestartOptions): Promise<ConnectorStateInfo>
  restartTask(name: string, task: number): Promise<void>

  activeTopics(name: string): Promise<string[]>
  resetActiveTopics(name: string): Promise<void>
  offsets(name: string): Promise<OffsetEntry[]>
  /** the answer is a sentence for the operator */
  alterOffsets(name: string, offsets: readonly AskedOffset[]): Promise<string>
  resetOffsets(name: string): Promise<string>

  plugins(): Promise<readonly PluginInfo[]>
  /** `version`: a version, a range or `latest` */
  pluginConfig(plugin: string, version: string): Promise<readonly ConfigKeyInfo[]>
  validate(config: RequestedConfig): Promise<ConfigInfos>

  logger(name: string): Promise<LoggerLevel>
  loggers(): Promise<Readonly<Record<string, LoggerLevel>>>
  /** of this worker; names of the loggers that changed */
  setLogLevel(logger: string, level: string): Promise<string[]>
  /** of all workers of the cluster (KIP-976) */
  setClusterLogLevel(logger: string, level: string): Promise<void>
}

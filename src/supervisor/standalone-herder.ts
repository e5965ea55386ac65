// The herder of a standalone worker: keeps configs, decides what runs, publishes states. Each connector's requests run one after the
// other in its own queue, so that no race of PUT, DELETE and restart can leave a thread behind that nobody owns; what threads do by
// themselves (fail, ask for new task configs) comes through the worker's listener and queues up like a request. Main thread.
import type { WireError } from '../actor/wire-error.ts'
import { ConflictError, NotFoundError } from '../base/errors.ts'
import { unknownConnectorKeys, unknownKeyMessage } from '../config/unknown-keys.ts'
import type { ConnectorEntry, Props, TargetState } from '../store/config-store.ts'
import * as check from './config-check.ts'
import { ConnectorLifecycle, entryOf } from './connector-lifecycle.ts'
import { ConnectorQueues } from './connector-queues.ts'
import type {
  ConfigInfos,
  ConfigKeyInfo,
  ConnectorInfo,
  ConnectorStateInfo,
  ConnectorType,
  Health,
  Herder,
  LoggerLevel,
  OffsetEntry,
  PluginInfo,
  PutOptions,
  PutResult,
  RequestedConfig,
  RestartOptions,
  ServerInfo,
  TaskInfo,
  TaskState,
} from './herder.ts'
import type { ConnectorPlugin } from './job-pool.ts'
import { OffsetRequests } from './offset-requests.ts'
import { Publisher } from './publisher.ts'
import { CONNECTOR, Restarts } from './restart.ts'
import type { StandaloneOptions } from './standalone-options.ts'
import { restartPlan, stateInfo, stateOf } from './states.ts'
import type { WorkerListener } from './worker.ts'

interface Checked {
  readonly props: Props
  readonly plugin: ConnectorPlugin
}

const TARGETS: Readonly<Record<string, TargetState>> = { RUNNING: 'STARTED', PAUSED: 'PAUSED', STOPPED: 'STOPPED' }

export class StandaloneHerder implements Herder, WorkerListener {
  readonly #o: StandaloneOptions
  readonly #restarts: Restarts
  readonly #offsetRequests: OffsetRequests
  readonly #publish: Publisher
  readonly #queues: ConnectorQueues
  readonly #lifecycle: ConnectorLifecycle
  readonly #plugins: Map<string, ConnectorPlugin>
  /** connectors whose wish for new task configs is in the queue already */
  readonly #reconfiguring = new Set<string>()

  constructor(options: StandaloneOptions) {
    this.#o = options
    this.#plugins = options.plugins
    this.#restarts = new Restarts(options.restarts, options.clock, options.log)
    this.#offsetRequests = new OffsetRequests(options)
    this.#publish = new Publisher(options, name => this.#plugins.get(name)?.version ?? null)
    this.#queues = new ConnectorQueues(options, name => options.worker.interruptConnector(name))
    this.#lifecycle = new ConnectorLifecycle(options, this.#queues, this.#restarts, this.#publish)
    options.worker.listen(this)
  }

  /** How often the connector or one of its tasks was restarted after a failure, without being asked. */
  automaticRestarts(name: string): number {
    return this.#restarts.doneOf(name)
  }

  /** Stops everything within the shutdown time. Requests that still wait fail. Last call. */
  async close(): Promise<void> {
    this.#queues.close()
    this.#restarts.cancel()
    this.#lifecycle.reloads.cancel()
    await this.#o.worker.close(this.#o.shutdownTimeoutMs)
    await this.#o.offsets.stop()
    await this.#o.jobs.close()
  }

  // --- questions

  serverInfo(): Promise<ServerInfo> {
    return this.#o.serverInfo()
  }

  async health(): Promise<Health> {
    return { status: 'healthy', message: 'Worker has completed startup and is ready to handle requests.' }
  }

  stage(): string {
    return this.#queues.stage()
  }

  connectors(): string[] {
    return this.#o.configs.names()
  }

  async connectorInfo(name: string): Promise<ConnectorInfo> {
    const entry = this.#entry(name)
    return {
      name,
      config: entry.config,
      tasks: entry.tasks.map((_, task) => ({ connector: name, task })),
      type: this.#typeOf(name),
    }
  }

  async connectorConfig(name: string): Promise<Props> {
    return this.#entry(name).config
  }

  async connectorStatus(name: string): Promise<ConnectorStateInfo> {
    const info = stateInfo(this.#o.statuses, name, this.#typeOf(name))
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

  async setLogLevel(logger: string, level: string): Promise<string[]> {
    return this.#o.logLevels.set(logger, level)
  }

  /** One standalone worker is the whole cluster. */
  async setClusterLogLevel(logger: string, level: string): Promise<void> {
    this.#o.logLevels.set(logger, level)
  }

  // --- changes

  async putConfig(name: string, config: RequestedConfig, options: PutOptions): Promise<PutResult> {
    const checked = await this.#checked(config)
    return this.#queues.run(name, `configuring connector ${name}`, true, () => this.#put(name, checked, options))
  }

  /** The patch is applied when its turn comes: of two at the same time neither loses. */
  async patchConfig(name: string, patch: RequestedConfig): Promise<ConnectorInfo> {
    const { info } = await this.#queues.run(name, `patching connector ${name}`, true, async () => {
      const checked = await this.#checked(check.patched(this.#entry(name).config, patch))
      return this.#put(name, checked, { allowReplace: true })
    })
    return info
  }

  deleteConnector(name: string): Promise<void> {
    return this.#queues.run(name, `deleting connector ${name}`, true, async () => {
      this.#entry(name)
      this.#restarts.forgetAll(name)
      this.#lifecycle.reloads.forget(name)
      await Promise.all([this.#lifecycle.removeTasks(name), this.#o.worker.stopConnector(name)])
      await this.#o.configs.remove(name)
      this.#o.statuses.remove(name)
      this.#plugins.delete(name)
      this.#o.redaction.forget(name)
    })
  }

  pause(name: string): Promise<void> {
    return this.#aim(name, 'PAUSED')
  }

  resume(name: string): Promise<void> {
    return this.#aim(name, 'STARTED')
  }

  stopConnector(name: string): Promise<void> {
    return this.#queues.run(name, `stopping connector ${name}`, true, async () => {
      if (this.#o.configs.get(name) === undefined) throw new NotFoundError(`Unknown connector ${name}`)
      this.#restarts.forgetAll(name)
      this.#lifecycle.reloads.forget(name)
      await this.#o.configs.putTarget(name, 'STOPPED')
      await Promise.all([this.#lifecycle.removeTasks(name), this.#o.worker.stopConnector(name)])
      this.#publish.connector(name, 'STOPPED')
    })
  }

  restartConnector(name: string): Promise<void> {
    return this.#queues.run(name, `restarting connector ${name}`, true, async () => {
      this.#entry(name)
      this.#restarts.forget(name, CONNECTOR)
      await this.#o.worker.stopConnector(name)
      await this.#lifecycle.startConnector(name)
      await this.#lifecycle.updateTasks(name)
    })
  }

  restartParts(name: string, options: RestartOptions): Promise<ConnectorStateInfo> {
    return new Promise((resolve, reject) => {
      const work = async () => {
        if (this.#o.configs.get(name) === undefined) throw new NotFoundError(`Unknown connector: ${name}`)
        const plan = restartPlan(this.#o.statuses, name, options)
        if (plan.connector) this.#restarts.forget(name, CONNECTOR)
        for (const task of plan.tasks) this.#restarts.forget(name, task)
        if (plan.connector) this.#publish.connector(name, 'RESTARTING')
        for (const task of plan.tasks) this.#publish.task(name, task, 'RESTARTING')
        const info = stateInfo(this.#o.statuses, name, this.#typeOf(name))
        if (info === undefined) throw new NotFoundError(`Status for connector ${name} not found`)
        resolve(info)
        await Promise.all([
          plan.connector ? this.#o.worker.stopConnector(name) : undefined,
          this.#o.worker.stopTasks(name, this.#o.shutdownTimeoutMs, plan.tasks),
        ])
        // The tasks first: they must not stay RESTARTING when the connector fails to start.
        for (const task of plan.tasks) this.#lifecycle.startTask(name, task)
        if (!plan.connector) return
        await this.#lifecycle.startConnector(name)
        await this.#lifecycle.updateTasks(name)
      }
      // A failure after the answer stands in the status already.
      this.#queues.run(name, `restarting connector ${name} and its tasks`, true, work).catch(reject)
    })
  }

  restartTask(name: string, task: number): Promise<void> {
    return this.#queues.run(name, `restarting task ${name}-${task}`, false, async () => {
      if (this.#entry(name).tasks[task] === undefined) throw new NotFoundError(`Task ${name}-${task} not found`)
      this.#restarts.forget(name, task)
      await this.#o.worker.stopTasks(name, this.#o.shutdownTimeoutMs, [task])
      this.#publish.task(name, task, 'RESTARTING')
      this.#lifecycle.startTask(name, task)
    })
  }

  offsets(name: string): Promise<OffsetEntry[]> {
    const entry = this.#entry(name)
    return this.#offsetRequests.read(name, entry, this.#typeOf(name))
  }

  alterOffsets(name: string, offsets: readonly OffsetEntry[]): Promise<string> {
    return this.#changeOffsets(name, offsets)
  }

  resetOffsets(name: string): Promise<string> {
    return this.#changeOffsets(name, null)
  }

  #changeOffsets(name: string, offsets: readonly OffsetEntry[] | null): Promise<string> {
    return this.#queues.run(name, `changing the offsets of connector ${name}`, false, () => {
      const entry = this.#entry(name)
      return this.#offsetRequests.change(name, entry, this.#typeOf(name), offsets)
    })
  }

  // --- what actors do by themselves

  connectorFailed(name: string, error: WireError): void {
    if (this.#o.configs.get(name) !== undefined) this.#lifecycle.connectorFailed(name, error)
  }

  reconfigurationRequested(name: string): void {
    if (this.#reconfiguring.has(name)) return
    this.#reconfiguring.add(name)
    this.#queues.runInternal(name, `reconfiguring the tasks of connector ${name}`, () => {
      this.#reconfiguring.delete(name)
      return this.#lifecycle.updateTasks(name)
    })
  }

  taskStateChanged(name: string, task: number, state: 'RUNNING' | 'PAUSED'): void {
    if (this.#o.configs.get(name)?.tasks[task] === undefined) return
    this.#restarts.started(name, task)
    this.#publish.task(name, task, state)
  }

  taskFailed(name: string, task: number, error: WireError): void {
    this.#lifecycle.taskFailed(name, task, error)
  }

  topicUsed(connector: string, task: number, topic: string): void {
    if (!this.#o.topicTracking || this.#o.configs.get(connector) === undefined) return
    this.#o.statuses.putTopic({ connector, task, topic, discoveredAtMs: this.#o.clock.now() })
  }

  // --- steps of the above; each runs inside the connector's queue

  async #put(name: string, { props, plugin }: Checked, options: PutOptions): Promise<PutResult> {
    const created = this.#o.configs.get(name) === undefined
    if (!created && !options.allowReplace) throw new ConflictError(`Connector ${name} already exists`)
    this.#restarts.forget(name, CONNECTOR)
    await this.#o.worker.stopConnector(name)
    await this.#o.configs.putConfig(name, props, options.initialState === undefined ? undefined : TARGETS[options.initialState])
    this.#plugins.set(name, plugin)
    this.#o.redaction.know(name, props, plugin.secretKeys)
    this.#o.logLevels.know(plugin.className)
    await this.#lifecycle.startConnector(name)
    await this.#lifecycle.updateTasks(name)
    return { created, info: await this.connectorInfo(name) }
  }

  async #aim(name: string, target: 'STARTED' | 'PAUSED'): Promise<void> {
    if (this.#o.configs.get(name) === undefined) throw new NotFoundError(`Unknown connector ${name}`)
    this.#queues.checkOpen()
    await this.#o.configs.putTarget(name, target)
    // The newest wish counts: each transition looks at the target when its turn comes.
    this.#queues.runInternal(name, `bringing connector ${name} to ${target}`, () => this.#lifecycle.transition(name))
  }

  async #checked(config: RequestedConfig): Promise<Checked> {
    this.#queues.checkOpen()
    try {
      const infos = await this.validate(config)
      check.refuseErrors(infos)
      const { props } = check.splitNulls(config)
      const known = infos.configs.map(info => info.value.name)
      for (const unknown of unknownConnectorKeys(props, known))
        this.#o.log.warn({ connector: props.name }, unknownKeyMessage(unknown))
      const { 'connector.class': className = '', 'connector.plugin.version': version } = this.#o.variables.resolve(props)
      const plugin = await this.#o.jobs.connector(className, version)
      return { props, plugin: { ...plugin, secretKeys: check.secretKeysOf(infos) } }
    } catch (error) {
      throw check.asBadRequest(error)
    }
  }

  #entry(name: string): ConnectorEntry {
    return entryOf(this.#o.configs, name)
  }

  #typeOf(name: string): ConnectorType {
    return this.#plugins.get(name)?.kind ?? 'unknown'
  }
}

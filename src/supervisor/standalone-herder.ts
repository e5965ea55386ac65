// The herder of a standalone worker: keeps configs, decides what runs, publishes states. Each connector's requests run one after the
// other in its own queue, so that no race of PUT, DELETE and restart can leave a thread behind that nobody owns; what threads do by
// themselves (fail, ask for new task configs) comes through the worker's listener and queues up like a request. Main thread.
import { toWireError, traceOf, type WireError } from '../actor/wire-error.ts'
import { AssertionError, ConflictError, ConnectError, codeOf, NotFoundError, toError } from '../base/errors.ts'
import { unknownConnectorKeys, unknownKeyMessage } from '../config/unknown-keys.ts'
import { withVariables } from '../config/variables.ts'
import type { ConnectorEntry, Props, TargetState } from '../store/config-store.ts'
import * as check from './config-check.ts'
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
  readonly #plugins: Map<string, ConnectorPlugin>
  /** connectors whose wish for new task configs is in the queue already */
  readonly #reconfiguring = new Set<string>()
  #isStopping = false

  constructor(options: StandaloneOptions) {
    this.#o = options
    this.#plugins = options.plugins
    this.#restarts = new Restarts(options.restarts, options.clock, options.log)
    this.#offsetRequests = new OffsetRequests(options)
    this.#publish = new Publisher(options, name => this.#plugins.get(name)?.version ?? null)
    this.#queues = new ConnectorQueues(options.clock, name => options.worker.interruptConnector(name))
    options.worker.listen(this)
  }

  /** Stops everything within the shutdown time. Requests that still wait fail. Last call. */
  async close(): Promise<void> {
    this.#isStopping = true
    this.#restarts.cancel()
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

  async pluginConfig(plugin: string): Promise<readonly ConfigKeyInfo[]> {
    const config = await this.#o.jobs.pluginConfig(plugin)
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

  async setLogLevel(logger: string, level: string): Promise<string[]> {
    const changed = this.#o.logLevels.set(logger, level)
    this.#o.worker.setLogLevel(this.#o.logLevels.pinoLevel)
    return changed
  }

  // --- changes

  async putConfig(name: string, config: RequestedConfig, options: PutOptions): Promise<PutResult> {
    const checked = await this.#checked(config)
    return this.#run(name, `configuring connector ${name}`, true, () => this.#put(name, checked, options))
  }

  /** The patch is applied when its turn comes: of two at the same time neither loses. */
  async patchConfig(name: string, patch: RequestedConfig): Promise<ConnectorInfo> {
    const { info } = await this.#run(name, `patching connector ${name}`, true, async () => {
      const checked = await this.#checked(check.patched(this.#entry(name).config, patch))
      return this.#put(name, checked, { allowReplace: true })
    })
    return info
  }

  deleteConnector(name: string): Promise<void> {
    return this.#run(name, `deleting connector ${name}`, true, async () => {
      this.#entry(name)
      this.#restarts.forgetAll(name)
      await Promise.all([this.#removeTasks(name), this.#o.worker.stopConnector(name)])
      await this.#o.configs.remove(name)
      this.#o.statuses.remove(name)
      this.#plugins.delete(name)
    })
  }

  pause(name: string): Promise<void> {
    return this.#aim(name, 'PAUSED')
  }

  resume(name: string): Promise<void> {
    return this.#aim(name, 'STARTED')
  }

  stopConnector(name: string): Promise<void> {
    return this.#run(name, `stopping connector ${name}`, true, async () => {
      if (this.#o.configs.get(name) === undefined) throw new NotFoundError(`Unknown connector ${name}`)
      this.#restarts.forgetAll(name)
      await this.#o.configs.putTarget(name, 'STOPPED')
      await Promise.all([this.#removeTasks(name), this.#o.worker.stopConnector(name)])
      this.#publish.connector(name, 'STOPPED')
    })
  }

  restartConnector(name: string): Promise<void> {
    return this.#run(name, `restarting connector ${name}`, true, async () => {
      this.#entry(name)
      this.#restarts.forget(name, CONNECTOR)
      await this.#o.worker.stopConnector(name)
      await this.#startConnector(name)
      await this.#updateTasks(name)
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
        for (const task of plan.tasks) this.#startTask(name, task)
        if (!plan.connector) return
        await this.#startConnector(name)
        await this.#updateTasks(name)
      }
      // A failure after the answer stands in the status already.
      this.#run(name, `restarting connector ${name} and its tasks`, true, work).catch(reject)
    })
  }

  restartTask(name: string, task: number): Promise<void> {
    return this.#run(name, `restarting task ${name}-${task}`, false, async () => {
      if (this.#entry(name).tasks[task] === undefined) throw new NotFoundError(`Task ${name}-${task} not found`)
      this.#restarts.forget(name, task)
      await this.#o.worker.stopTasks(name, this.#o.shutdownTimeoutMs, [task])
      this.#publish.task(name, task, 'RESTARTING')
      this.#startTask(name, task)
    })
  }

  offsets(name: string): Promise<OffsetEntry[]> {
    const entry = this.#entry(name)
    return this.#offsetRequests.read(name, this.#resolved(entry), this.#typeOf(name))
  }

  alterOffsets(name: string, offsets: readonly OffsetEntry[]): Promise<string> {
    return this.#changeOffsets(name, offsets)
  }

  resetOffsets(name: string): Promise<string> {
    return this.#changeOffsets(name, null)
  }

  #changeOffsets(name: string, offsets: readonly OffsetEntry[] | null): Promise<string> {
    return this.#run(name, `changing the offsets of connector ${name}`, false, () => {
      const entry = this.#entry(name)
      return this.#offsetRequests.change(name, this.#resolved(entry), this.#typeOf(name), offsets)
    })
  }

  // --- what actors do by themselves

  connectorFailed(name: string, error: WireError): void {
    if (this.#o.configs.get(name) !== undefined) this.#connectorHasFailed(name, error)
  }

  reconfigurationRequested(name: string): void {
    if (this.#reconfiguring.has(name)) return
    this.#reconfiguring.add(name)
    this.#runInternal(name, `reconfiguring the tasks of connector ${name}`, () => {
      this.#reconfiguring.delete(name)
      return this.#updateTasks(name)
    })
  }

  taskStateChanged(name: string, task: number, state: 'RUNNING' | 'PAUSED'): void {
    if (this.#o.configs.get(name)?.tasks[task] === undefined) return
    this.#restarts.started(name, task)
    this.#publish.task(name, task, state)
  }

  taskFailed(name: string, task: number, error: WireError): void {
    if (this.#o.configs.get(name)?.tasks[task] === undefined || this.#isStopping) return
    this.#o.log.error({ connector: name, task, code: error.code }, `task failed: ${traceOf(error)}`)
    this.#publish.task(name, task, 'FAILED', traceOf(error))
    this.#restarts.failed(name, task, error, () => {
      this.#runInternal(name, `restarting failed task ${name}-${task}`, async () => {
        if (this.#o.statuses.task(name, task)?.state !== 'FAILED' || this.#o.worker.hasTask(name, task)) return
        this.#publish.task(name, task, 'RESTARTING')
        this.#startTask(name, task)
      })
    })
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
    await this.#startConnector(name)
    await this.#updateTasks(name)
    return { created, info: await this.connectorInfo(name) }
  }

  /** Brings the connector to its target state. On failure it is FAILED and the error is thrown on. */
  async #startConnector(name: string): Promise<void> {
    const { target, config } = this.#entry(name)
    if (target !== 'STARTED') return this.#publish.connector(name, target)
    try {
      if (this.#o.worker.hasConnector(name)) await this.#o.worker.resumeConnector(name)
      else await this.#o.worker.startConnector(name, this.#o.variables.resolve(config))
    } catch (error) {
      throw this.#callFailed(name, error, `Failed to transition connector ${name} to state STARTED`)
    }
    this.#restarts.started(name, CONNECTOR)
    this.#publish.connector(name, 'RUNNING')
  }

  /** Asks the connector for its task configs and replaces the tasks if anything changed. */
  async #updateTasks(name: string): Promise<void> {
    const entry = this.#o.configs.get(name)
    if (entry === undefined || entry.target !== 'STARTED' || !this.#o.worker.hasConnector(name)) return
    let tasks: Props[]
    try {
      const props = this.#o.variables.resolve(entry.config)
      const generated = await this.#o.worker.taskConfigs(name, check.tasksMax(props))
      check.checkTaskCount(name, props, generated.length)
      tasks = generated.map(task => withVariables(task, entry.config))
    } catch (error) {
      await this.#o.worker.stopConnector(name)
      throw this.#callFailed(name, error, `Failed to get task configs from connector ${name}`)
    }
    if (!check.taskConfigsChanged(entry, tasks)) return
    await this.#removeTasks(name)
    await this.#o.configs.putTasks(name, tasks)
    for (const task of tasks.keys()) this.#startTask(name, task)
  }

  async #removeTasks(name: string): Promise<void> {
    this.#restarts.forgetTasks(name)
    await this.#o.worker.stopTasks(name, this.#o.shutdownTimeoutMs)
    await this.#o.configs.putTasks(name, [])
    for (const [task] of this.#o.statuses.tasks(name)) this.#o.statuses.removeTask(name, task)
  }

  #startTask(connector: string, task: number): void {
    const { tasks, config, target } = this.#entry(connector)
    const plugin = this.#plugins.get(connector)
    const taskProps = tasks[task]
    if (plugin === undefined || taskProps === undefined) return
    try {
      this.#o.worker.startTask({
        kind: plugin.kind,
        connector,
        task,
        taskProps: this.#o.variables.resolve(taskProps),
        connectorProps: this.#o.variables.resolve(config),
        targetState: target === 'PAUSED' ? 'PAUSED' : 'STARTED',
      })
    } catch (error) {
      if (codeOf(error) === 'CONNECT_STOPPING') throw error
      this.taskFailed(connector, task, toWireError(error))
    }
  }

  async #aim(name: string, target: 'STARTED' | 'PAUSED'): Promise<void> {
    if (this.#o.configs.get(name) === undefined) throw new NotFoundError(`Unknown connector ${name}`)
    this.#checkOpen()
    await this.#o.configs.putTarget(name, target)
    // The newest wish counts: each transition looks at the target when its turn comes.
    this.#runInternal(name, `bringing connector ${name} to ${target}`, () => this.#transition(name))
  }

  async #transition(name: string): Promise<void> {
    const entry = this.#o.configs.get(name)
    if (entry === undefined || entry.target === 'STOPPED') return
    if (entry.target === 'PAUSED') this.#o.worker.pauseTasks(name)
    else this.#o.worker.resumeTasks(name)
    const state = this.#o.statuses.connector(name)?.state
    if (state === 'FAILED' || state === (entry.target === 'PAUSED' ? 'PAUSED' : 'RUNNING')) return
    if (entry.target === 'STARTED') {
      await this.#startConnector(name)
      return this.#updateTasks(name)
    }
    try {
      if (this.#o.worker.hasConnector(name)) await this.#o.worker.suspendConnector(name)
    } catch (error) {
      throw this.#callFailed(name, error, `Failed to transition connector ${name} to state PAUSED`)
    }
    this.#publish.connector(name, 'PAUSED')
  }

  /** FAILED is published, a restart planned; returns what the requester is told. */
  #callFailed(name: string, error: unknown, what: string): Error {
    if (codeOf(error) === 'CONNECT_STOPPING' || error instanceof AssertionError) return error as Error
    const wire = toWireError(error)
    this.#connectorHasFailed(name, wire)
    return new ConnectError(`${what}: ${wire.message}`, { code: 'CONNECT_CONNECTOR_FAILED', cause: error })
  }

  #connectorHasFailed(name: string, error: WireError): void {
    if (this.#isStopping) return
    this.#o.log.error({ connector: name, code: error.code }, `connector failed: ${traceOf(error)}`)
    this.#publish.connector(name, 'FAILED', traceOf(error))
    this.#restarts.failed(name, CONNECTOR, error, () => {
      this.#runInternal(name, `restarting failed connector ${name}`, async () => {
        if (this.#o.statuses.connector(name)?.state !== 'FAILED' || this.#o.configs.get(name) === undefined) return
        await this.#o.worker.stopConnector(name)
        this.#publish.connector(name, 'RESTARTING')
        await this.#startConnector(name)
        await this.#updateTasks(name)
      })
    })
  }

  async #checked(config: RequestedConfig): Promise<Checked> {
    this.#checkOpen()
    try {
      const infos = await this.validate(config)
      check.refuseErrors(infos)
      const { props } = check.splitNulls(config)
      const known = infos.configs.map(info => info.value.name)
      for (const unknown of unknownConnectorKeys(props, known))
        this.#o.log.warn({ connector: props.name }, unknownKeyMessage(unknown))
      return { props, plugin: await this.#o.jobs.connector(this.#o.variables.resolve(props)['connector.class'] ?? '') }
    } catch (error) {
      throw check.asBadRequest(error)
    }
  }

  #run<T>(name: string, label: string, isUrgent: boolean, work: () => Promise<T>): Promise<T> {
    return this.#queues.run(name, label, isUrgent, () => this.#guarded(work))
  }

  #runInternal(name: string, label: string, work: () => Promise<void>): void {
    if (this.#isStopping) return
    this.#queues
      .runInternal(name, label, () => this.#guarded(work))
      .catch(error => {
        // Failures of the plugin are in the status; this line is for the rest.
        if (!this.#isStopping) this.#o.log.warn({ connector: name }, `${label}: ${toError(error).message}`)
      })
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    this.#checkOpen()
    try {
      return await work()
    } catch (error) {
      if (error instanceof AssertionError || error instanceof TypeError) this.#o.onBug(error)
      throw error
    }
  }

  #checkOpen(): void {
    if (this.#isStopping) throw stopping()
  }

  #entry(name: string): ConnectorEntry {
    const entry = this.#o.configs.get(name)
    if (entry === undefined) throw new NotFoundError(`Connector ${name} not found`)
    return entry
  }

  #resolved(entry: ConnectorEntry): ConnectorEntry {
    return { ...entry, config: this.#o.variables.resolve(entry.config) }
  }

  #typeOf(name: string): ConnectorType {
    return this.#plugins.get(name)?.kind ?? 'unknown'
  }
}

function stopping(): ConnectError {
  return new ConnectError('the worker is stopping', { code: 'CONNECT_STOPPING' })
}

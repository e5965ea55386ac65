// The herder of a standalone worker: keeps configs, decides what runs, publishes states. Each connector's requests run one after the
// other in its own queue, so that no race of PUT, DELETE and restart can leave a thread behind that nobody owns; what threads do by
// themselves (fail, ask for new task configs) comes through the worker's listener and queues up like a request. Main thread.
import type { WireError } from '../actor/wire-error.ts'
import { ConflictError, NotFoundError } from '../base/errors.ts'
import type { ConnectorEntry, Props } from '../store/config-store.ts'
import { type CheckedConfig, checkedConfig } from './checked-config.ts'
import * as check from './config-check.ts'
import { ConnectorLifecycle, entryOf, type Parts } from './connector-lifecycle.ts'
import { ConnectorQueues } from './connector-queues.ts'
import type {
  AskedOffset,
  ConnectorInfo,
  ConnectorStateInfo,
  ConnectorType,
  Health,
  Herder,
  OffsetEntry,
  PutOptions,
  PutResult,
  RequestedConfig,
  RestartOptions,
  ServerInfo,
} from './herder.ts'
import type { HerderOptions } from './herder-options.ts'
import type { ConnectorPlugin } from './job-pool.ts'
import { OffsetRequests } from './offset-requests.ts'
import { Publisher } from './publisher.ts'
import { Questions } from './questions.ts'
import { CONNECTOR, Restarts } from './restart.ts'
import { restartPlan, stateInfo, TARGET_OF } from './states.ts'
import type { WorkerListener } from './worker.ts'

export class StandaloneHerder extends Questions implements Herder, WorkerListener {
  readonly #o: HerderOptions
  readonly #restarts: Restarts
  readonly #offsetRequests: OffsetRequests
  readonly #publish: Publisher
  readonly #queues: ConnectorQueues
  readonly #lifecycle: ConnectorLifecycle
  readonly #plugins: Map<string, ConnectorPlugin>
  /** connectors whose wish for new task configs is in the queue already */
  readonly #reconfiguring = new Set<string>()

  constructor(options: HerderOptions) {
    super(options, async name => options.plugins.get(name)?.kind ?? 'unknown')
    this.#o = options
    this.#plugins = options.plugins
    this.#restarts = new Restarts(options.restarts, options.clock, options.log)
    this.#offsetRequests = new OffsetRequests(options)
    this.#publish = new Publisher(options, name => this.#plugins.get(name)?.version ?? null)
    this.#queues = new ConnectorQueues(options, name => options.worker.interruptConnector(name))
    const parts: Parts = {
      hasConnector: () => true,
      tasks: name => this.#o.configs.get(name)?.tasks.keys() ?? [],
      tasksWanted: (name, tasks) => this.#replaceTasks(name, tasks),
    }
    this.#lifecycle = new ConnectorLifecycle(options, parts, this.#queues, this.#restarts, this.#publish)
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
      await Promise.all([this.#removeTasks(name), this.#o.worker.stopConnector(name)])
      await this.#o.configs.remove(name)
      this.#o.statuses.remove(name)
      this.#publish.forget(name)
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
      await Promise.all([this.#removeTasks(name), this.#o.worker.stopConnector(name)])
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

  alterOffsets(name: string, offsets: readonly AskedOffset[]): Promise<string> {
    return this.#changeOffsets(name, offsets)
  }

  resetOffsets(name: string): Promise<string> {
    return this.#changeOffsets(name, null)
  }

  #changeOffsets(name: string, offsets: readonly AskedOffset[] | null): Promise<string> {
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

  async #put(name: string, { props, plugin }: CheckedConfig, options: PutOptions): Promise<PutResult> {
    const created = this.#o.configs.get(name) === undefined
    if (!created && !options.allowReplace) throw new ConflictError(`Connector ${name} already exists`)
    this.#restarts.forget(name, CONNECTOR)
    await this.#o.worker.stopConnector(name)
    await this.#o.configs.putConfig(name, props, options.initialState && TARGET_OF[options.initialState])
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

  #checked(config: RequestedConfig): Promise<CheckedConfig> {
    this.#queues.checkOpen()
    return checkedConfig(this.#o, this, config)
  }

  async #replaceTasks(name: string, tasks: readonly Props[]): Promise<void> {
    await this.#removeTasks(name)
    await this.#o.configs.putTasks(name, tasks)
    for (const task of tasks.keys()) this.#lifecycle.startTask(name, task)
  }

  async #removeTasks(name: string): Promise<void> {
    this.#restarts.forgetTasks(name)
    await this.#o.worker.stopTasks(name, this.#o.shutdownTimeoutMs)
    await this.#o.configs.putTasks(name, [])
    for (const [task] of this.#o.statuses.tasks(name)) this.#o.statuses.removeTask(name, task)
  }

  #entry(name: string): ConnectorEntry {
    return entryOf(this.#o.configs, name)
  }

  #typeOf(name: string): ConnectorType {
    return this.#plugins.get(name)?.kind ?? 'unknown'
  }
}

// What happens to one connector and its tasks: bringing it to its target state, replacing its tasks, what follows a failure. Every step runs
// inside the connector's queue. Main thread; called by the herders.
import { toWireError, traceOf, type WireError } from '../actor/wire-error.ts'
import { AssertionError, ConnectError, codeOf, NotFoundError } from '../base/errors.ts'
import type { ConfigStore, ConnectorEntry, Props } from '../store/config-store.ts'
import * as check from './config-check.ts'
import type { ConnectorQueues } from './connector-queues.ts'
import type { HerderOptions } from './herder-options.ts'
import type { Publisher } from './publisher.ts'
import { Reloads } from './reloads.ts'
import { CONNECTOR, type Restarts } from './restart.ts'

/** @throws NotFoundError */
export function entryOf(configs: ConfigStore, name: string): ConnectorEntry {
  const entry = configs.get(name)
  if (entry === undefined) throw new NotFoundError(`Connector ${name} not found`)
  return entry
}

/** What differs between herders: which parts of a connector are this worker's, and what becomes of new task configs. */
export interface Parts {
  hasConnector(name: string): boolean
  /** those of its tasks that this worker has to run */
  tasks(name: string): Iterable<number>
  /** The connector wants other tasks than are stored, or those with another config of its own. */
  tasksWanted(name: string, tasks: readonly Props[]): Promise<void>
  /** sources send records and offsets in transactions */
  readonly isExactlyOnce?: boolean
  /** A task of this worker is about to be started with the configs that are stored now. */
  taskStarting?(name: string, task: number): void
}

export class ConnectorLifecycle {
  readonly #o: HerderOptions
  readonly #parts: Parts
  readonly #queues: ConnectorQueues
  readonly #restarts: Restarts
  readonly #publish: Publisher
  readonly reloads: Reloads

  constructor(options: HerderOptions, parts: Parts, queues: ConnectorQueues, restarts: Restarts, publish: Publisher) {
    this.#o = options
    this.#parts = parts
    this.#queues = queues
    this.#restarts = restarts
    this.#publish = publish
    this.reloads = new Reloads(options)
  }

  /** Brings the connector to its target state. On failure it is FAILED and the error is thrown on. */
  async startConnector(name: string): Promise<void> {
    const { target, config } = entryOf(this.#o.configs, name)
    if (target !== 'STARTED') return this.#publish.connector(name, target)
    try {
      if (this.#o.worker.hasConnector(name)) await this.#o.worker.resumeConnector(name)
      else await this.#startThread(name, config)
    } catch (error) {
      throw this.#callFailed(name, error, `Failed to transition connector ${name} to state STARTED`)
    }
    this.#restarts.started(name, CONNECTOR)
    this.#publish.connector(name, 'RUNNING')
  }

  async #startThread(name: string, config: Props): Promise<void> {
    const secretKeys = this.#o.plugins.get(name)?.secretKeys ?? []
    this.#o.redaction.know(name, config, secretKeys)
    this.reloads.watch(name, config, () => {
      this.#queues.runInternal(name, `restarting connector ${name} with new values`, () => this.#reload(name))
    })
    await this.#o.worker.startConnector(name, config, secretKeys)
  }

  /** The connector and its tasks, with what config providers say now. */
  async #reload(name: string): Promise<void> {
    const entry = this.#o.configs.get(name)
    if (entry === undefined || entry.target === 'STOPPED') return
    this.#restarts.forgetAll(name)
    await Promise.all([this.#o.worker.stopConnector(name), this.#o.worker.stopTasks(name, this.#o.shutdownTimeoutMs)])
    // The tasks first: they must not stay away when the connector fails to start.
    for (const task of this.#parts.tasks(name)) {
      this.#publish.task(name, task, 'RESTARTING')
      this.startTask(name, task)
    }
    if (!this.#parts.hasConnector(name)) return
    await this.startConnector(name)
    await this.updateTasks(name)
  }

  /** Asks the connector for its task configs, and has the tasks replaced if anything changed. */
  async updateTasks(name: string): Promise<void> {
    const entry = this.#o.configs.get(name)
    if (entry === undefined || entry.target !== 'STARTED' || !this.#o.worker.hasConnector(name)) return
    let tasks: Props[]
    try {
      const props = this.#o.variables.resolve(entry.config)
      tasks = await this.#o.worker.taskConfigs(name, check.tasksMax(props))
      this.#checkTaskCount(name, props, tasks.length)
    } catch (error) {
      await this.#o.worker.stopConnector(name)
      throw this.#callFailed(name, error, `Failed to get task configs from connector ${name}`)
    }
    if (check.taskConfigsChanged(entry, tasks)) await this.#parts.tasksWanted(name, tasks)
  }

  startTask(connector: string, task: number): void {
    const { tasks, config, target } = entryOf(this.#o.configs, connector)
    const plugin = this.#o.plugins.get(connector)
    const taskProps = tasks[task]
    if (plugin === undefined || taskProps === undefined) return
    this.#parts.taskStarting?.(connector, task)
    try {
      // A stored set may be larger than tasks.max by now, or come from a worker that did not look. One task never is.
      if (tasks.length > 1) this.#checkTaskCount(connector, this.#o.variables.resolve(config), tasks.length)
      this.#o.worker.startTask({
        kind: plugin.kind,
        connector,
        task,
        taskProps,
        connectorProps: config,
        secretKeys: plugin.secretKeys ?? [],
        targetState: target === 'PAUSED' ? 'PAUSED' : 'STARTED',
        exactlyOnce: plugin.kind === 'source' && this.#parts.isExactlyOnce === true,
      })
    } catch (error) {
      if (codeOf(error) === 'CONNECT_STOPPING') throw error
      this.taskFailed(connector, task, toWireError(error))
    }
  }

  #checkTaskCount(name: string, props: Props, count: number): void {
    check.checkTaskCount(name, props, count, message => this.#o.log.warn({ connector: name }, message))
  }

  /** After pause or resume. */
  async transition(name: string): Promise<void> {
    const entry = this.#o.configs.get(name)
    if (entry === undefined || entry.target === 'STOPPED') return
    if (entry.target === 'PAUSED') this.#o.worker.pauseTasks(name)
    else this.#o.worker.resumeTasks(name)
    if (!this.#parts.hasConnector(name)) return
    const state = this.#publish.last(name, null)
    if (state === 'FAILED' || state === (entry.target === 'PAUSED' ? 'PAUSED' : 'RUNNING')) return
    if (entry.target === 'STARTED') {
      await this.startConnector(name)
      return this.updateTasks(name)
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
    // One that was given up meanwhile (that may be why the call failed) is another worker's to tell about.
    if (this.#parts.hasConnector(name)) this.connectorFailed(name, wire)
    return new ConnectError(`${what}: ${wire.message}`, { code: 'CONNECT_CONNECTOR_FAILED', cause: error })
  }

  /** FAILED is published, a restart planned. */
  connectorFailed(name: string, error: WireError): void {
    if (this.#queues.isClosed) return
    this.#o.log.error({ connector: name, code: error.code }, `connector failed: ${traceOf(error)}`)
    this.#publish.connector(name, 'FAILED', traceOf(error))
    this.#restarts.failed(name, CONNECTOR, error, () => {
      this.#queues.runInternal(name, `restarting failed connector ${name}`, async () => {
        if (this.#publish.last(name, null) !== 'FAILED' || this.#o.configs.get(name) === undefined) return
        await this.#o.worker.stopConnector(name)
        this.#publish.connector(name, 'RESTARTING')
        await this.startConnector(name)
        await this.updateTasks(name)
      })
    })
  }

  /** As connectorFailed; nothing for a task that is gone. */
  taskFailed(name: string, task: number, error: WireError): void {
    if (this.#o.configs.get(name)?.tasks[task] === undefined || this.#queues.isClosed) return
    this.#o.log.error({ connector: name, task, code: error.code }, `task failed: ${traceOf(error)}`)
    this.#publish.task(name, task, 'FAILED', traceOf(error))
    this.#restarts.failed(name, task, error, () => {
      this.#queues.runInternal(name, `restarting failed task ${name}-${task}`, async () => {
        if (this.#publish.last(name, task) !== 'FAILED' || this.#o.worker.hasTask(name, task)) return
        if (![...this.#parts.tasks(name)].includes(task)) return
        this.#publish.task(name, task, 'RESTARTING')
        this.startTask(name, task)
      })
    })
  }
}

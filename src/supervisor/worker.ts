// Holds the actors (threads) of one worker process and nothing else: starts and stops connectors and tasks, answers the offset questions
// of source tasks, reports what happens to its listener. It knows no configs and no policy; the herder does. Main thread.
import type { ActorHandle, ActorOptions, Exit, Usage } from '../actor/actor-ref.ts'
import type {
  FromConnector,
  FromTask,
  OffsetEntry,
  Props,
  TaskDescription,
  TaskSpec,
  ToConnector,
  ToTask,
} from '../actor/messages.ts'
import { MetricsSlab } from '../actor/metrics-slab.ts'
import { toWireError, type WireError } from '../actor/wire-error.ts'
import { assert } from '../base/assert.ts'
import type { Clock } from '../base/clock.ts'
import { ConnectError, TaskThreadError, toError } from '../base/errors.ts'
import type { Levels, Logger } from '../base/log.ts'
import type { OffsetStore } from '../store/offset-store.ts'

/** Told of everything that actors do by themselves. Each call is about the present instance: late words of a replaced one are dropped. */
export interface WorkerListener {
  /** the connector's thread ended, or the plugin raised an error, outside of a call */
  connectorFailed(connector: string, error: WireError): void
  reconfigurationRequested(connector: string): void
  taskStateChanged(connector: string, task: number, state: 'RUNNING' | 'PAUSED'): void
  taskFailed(connector: string, task: number, error: WireError): void
  topicUsed(connector: string, task: number, topic: string): void
  /** For an exactly-once task: settles when the leader has fenced older producers of the connector (Java: fenceZombieSourceTasks). */
  fence?(connector: string, task: number): Promise<void>
  /** For an exactly-once task that has its producer: rejects unless it is still the one to run (Java: verifyTaskGenerationAndOwnership). */
  confirmStart?(connector: string, task: number): Promise<void>
}

export type SpawnActor = <To, From>(options: ActorOptions<From>) => ActorHandle<To>

export interface WorkerOptions {
  readonly spawn: SpawnActor
  readonly offsets: OffsetStore
  readonly clock: Clock
  readonly log: Logger
  readonly workerProps: Props
  readonly memoryMaxMb: number
  readonly stuckTimeoutMs: number
  readonly logLevels: Levels
  /** one JSON line of an actor's logger */
  writeLog(line: string): void
  /** takes a member out of a consumer group of this connector, on behalf of a thread that cannot any more */
  removeGroupMember(groupId: string, memberId: string, connectorProps: Props): Promise<void>
}

export type TaskStart = Pick<
  TaskSpec,
  'kind' | 'connector' | 'task' | 'taskProps' | 'connectorProps' | 'secretKeys' | 'targetState' | 'exactlyOnce'
>

/** Java waits as long for a connector before it is abandoned. */
export const CONNECTOR_STOP_MS = 5_000

interface ConnectorActor {
  readonly handle: ActorHandle<ToConnector>
  /** calls in progress: an exit meanwhile is reported by their rejection */
  calls: number
  isStopping: boolean
}

interface TaskActor {
  readonly handle: ActorHandle<ToTask>
  readonly metrics: MetricsSlab
  readonly kind: 'sink' | 'source'
  readonly connectorProps: Props
  /** a sink's place in its consumer group */
  member: { readonly groupId: string; readonly memberId: string } | null
  readonly startedMs: number
  description: TaskDescription | null
  lagRows: TaskFigures['lagRows']
  /** it was RUNNING or PAUSED once */
  hasStarted: boolean
  isStopping: boolean
}

/** For metrics. */
export interface TaskFigures {
  readonly connector: string
  readonly task: number
  readonly kind: 'sink' | 'source'
  readonly metrics: MetricsSlab
  /** on the clock's monotonic time */
  readonly startedMs: number
  /** null until its plugins are loaded */
  readonly description: TaskDescription | null
  readonly lagRows: {
    readonly generation: number
    readonly partitions: readonly { readonly topic: string; readonly partition: number }[]
  }
  usage(): Promise<Usage>
}

export class Worker {
  readonly #options: WorkerOptions
  readonly #connectors = new Map<string, ConnectorActor>()
  readonly #tasks = new Map<string, Map<number, TaskActor>>()
  readonly counts = { connectorStartups: 0, connectorStartupFailures: 0, taskStartups: 0, taskStartupFailures: 0 }
  #listener: WorkerListener | null = null
  #logLevels: Levels
  #isClosed = false

  constructor(options: WorkerOptions) {
    this.#options = options
    this.#logLevels = options.logLevels
  }

  /** Called once, before anything is started. */
  listen(listener: WorkerListener): void {
    assert(this.#listener === null, 'a worker has one listener')
    this.#listener = listener
  }

  hasConnector(name: string): boolean {
    return this.#connectors.has(name)
  }

  hasTask(name: string, task: number): boolean {
    return this.#tasks.get(name)?.has(task) === true
  }

  /** Starts a thread and the connector in it. Rejects with the plugin's error, the thread gone. */
  async startConnector(name: string, props: Props, secretKeys: readonly string[]): Promise<void> {
    this.#checkOpen()
    assert(!this.#connectors.has(name), `connector ${name} has a thread already`)
    this.counts.connectorStartups++
    try {
      this.#spawnConnector(name, props, secretKeys)
      await this.#call<null>(name, { type: 'start' })
    } catch (error) {
      this.counts.connectorStartupFailures++
      throw error
    }
  }

  /** After suspend: starts the connector again in the thread it has. */
  async resumeConnector(name: string): Promise<void> {
    this.#checkOpen()
    await this.#call<null>(name, { type: 'start' })
  }

  async suspendConnector(name: string): Promise<void> {
    await this.#call<null>(name, { type: 'suspend' })
  }

  taskConfigs(name: string, maxTasks: number): Promise<Props[]> {
    return this.#call<Props[]>(name, { type: 'taskConfigs', maxTasks })
  }

  /**
   * Asks the connector's own hook, in a thread of its own when the connector is stopped. True: the connector looked after its offsets
   * itself as well.
   */
  async alterOffsets(name: string, props: Props, offsets: readonly OffsetEntry[]): Promise<boolean> {
    this.#checkOpen()
    const isBorrowed = this.#connectors.has(name)
    if (!isBorrowed) this.#spawnConnector(name, props, [])
    try {
      return (await this.#call<unknown>(name, { type: 'alterOffsets', offsets })) === true
    } finally {
      if (!isBorrowed) await this.stopConnector(name)
    }
  }

  /** Settles when the thread is gone, at the latest after `deadlineMs`. Nothing to do for a connector without a thread. */
  async stopConnector(name: string, deadlineMs = CONNECTOR_STOP_MS): Promise<void> {
    const actor = this.#connectors.get(name)
    if (actor === undefined) return
    actor.isStopping = true
    const exit = await actor.handle.stop(deadlineMs)
    if (this.#connectors.get(name) === actor) this.#connectors.delete(name)
    this.#warnOfExit(exit, { connector: name })
  }

  /** Ends a connector thread that sits in a call; the call rejects. For a request that must not wait for ever behind it. */
  interruptConnector(name: string): void {
    const actor = this.#connectors.get(name)
    if (actor === undefined || actor.calls === 0) return
    this.#options.log.warn(
      { connector: name },
      'the connector does not answer; its thread is terminated because another request waits',
    )
    void actor.handle.stop(0)
  }

  /** Throws when the thread cannot be made; later failures go to the listener. */
  startTask(start: TaskStart): void {
    this.#checkOpen()
    const { connector, task } = start
    this.counts.taskStartups++
    assert(!this.hasTask(connector, task), `task ${connector}-${task} has a thread already`)
    const metrics = new MetricsSlab()
    const { workerProps } = this.#options
    const data: TaskSpec = { ...start, workerProps, logLevels: this.#logLevels, metrics: metrics.shared }
    const options = this.#actorOptions('task', data)
    const handle = this.#options.spawn<ToTask, FromTask>({
      ...options,
      onMessage: message => this.#receiveFromTask(connector, task, actor, message),
      onExit: exit => this.#taskEnded(connector, task, actor, exit),
    })
    const actor: TaskActor = {
      handle,
      metrics,
      kind: start.kind,
      connectorProps: start.connectorProps,
      member: null,
      startedMs: this.#options.clock.monotonicMs(),
      description: null,
      lagRows: { generation: 0, partitions: [] },
      hasStarted: false,
      isStopping: false,
    }
    const tasks = this.#tasks.get(connector) ?? new Map<number, TaskActor>()
    this.#tasks.set(connector, tasks.set(task, actor))
  }

  /** Stops the named tasks (default: all of the connector) at the same time within one deadline. */
  async stopTasks(name: string, deadlineMs: number, tasks?: readonly number[]): Promise<void> {
    const actors = [...(this.#tasks.get(name) ?? [])].filter(([task]) => tasks === undefined || tasks.includes(task))
    await Promise.all(
      actors.map(async ([task, actor]) => {
        actor.isStopping = true
        const exit = await actor.handle.stop(deadlineMs)
        this.#forgetTask(name, task, actor)
        this.#warnOfExit(exit, { connector: name, task })
        this.#leaveGroupFor(actor, exit)
      }),
    )
  }

  pauseTasks(name: string): void {
    for (const actor of this.#tasks.get(name)?.values() ?? []) actor.handle.send({ type: 'pause' })
  }

  resumeTasks(name: string): void {
    for (const actor of this.#tasks.get(name)?.values() ?? []) actor.handle.send({ type: 'resume' })
  }

  /** For the threads there are, and those to come. */
  setLogLevels(levels: Levels): void {
    this.#logLevels = levels
    for (const actor of this.#connectors.values()) actor.handle.send({ type: 'setLogLevels', levels })
    for (const tasks of this.#tasks.values())
      for (const actor of tasks.values()) actor.handle.send({ type: 'setLogLevels', levels })
  }

  /** The worker ends: nothing starts any more, everything stops within the deadline. */
  async close(tasksDeadlineMs: number): Promise<void> {
    this.#isClosed = true
    const connectors = [...this.#connectors.keys()].map(name =>
      this.stopConnector(name, Math.min(tasksDeadlineMs, CONNECTOR_STOP_MS)),
    )
    const tasks = [...this.#tasks.keys()].map(name => this.stopTasks(name, tasksDeadlineMs))
    await Promise.all([...connectors, ...tasks])
  }

  figures(): TaskFigures[] {
    const figures: TaskFigures[] = []
    for (const [connector, tasks] of this.#tasks) {
      for (const [task, { kind, metrics, handle, startedMs, description, lagRows }] of tasks)
        figures.push({ connector, task, kind, metrics, startedMs, description, lagRows, usage: () => handle.usage() })
    }
    return figures
  }

  get connectorCount(): number {
    return this.#connectors.size
  }

  get taskCount(): number {
    let count = 0
    for (const tasks of this.#tasks.values()) count += tasks.size
    return count
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new ConnectError('the worker is stopping', { code: 'CONNECT_STOPPING' })
  }

  #actorOptions<E extends 'task' | 'connector', D>(entry: E, data: D) {
    const { memoryMaxMb, stuckTimeoutMs, clock } = this.#options
    return { entry, data, memoryMaxMb, stuckTimeoutMs, clock, onLog: (line: string) => this.#options.writeLog(line) }
  }

  #spawnConnector(name: string, connectorProps: Props, secretKeys: readonly string[]): void {
    const { workerProps } = this.#options
    const data = {
      connector: name,
      connectorProps,
      workerProps,
      secretKeys,
      logLevels: this.#logLevels,
      metrics: new MetricsSlab().shared,
    }
    const handle = this.#options.spawn<ToConnector, FromConnector>({
      ...this.#actorOptions('connector', data),
      onMessage: message => {
        if (message.type === 'reconfigurationRequested' && !actor.isStopping) this.#listener?.reconfigurationRequested(name)
      },
      onExit: exit => this.#connectorEnded(name, actor, exit),
    })
    const actor: ConnectorActor = { handle, calls: 0, isStopping: false }
    this.#connectors.set(name, actor)
  }

  /** A call to the connector; when it fails the connector has failed, and its thread is stopped before the rejection. */
  async #call<T>(name: string, message: Parameters<ActorHandle<ToConnector>['ask']>[0]): Promise<T> {
    const actor = this.#connectors.get(name)
    if (actor === undefined) throw new ConnectError(`connector ${name} is not running`, { code: 'CONNECT_NOT_RUNNING' })
    actor.calls++
    try {
      return await actor.handle.ask<T>(message)
    } catch (error) {
      await this.stopConnector(name)
      throw error
    } finally {
      actor.calls--
    }
  }

  #connectorEnded(name: string, actor: ConnectorActor, exit: Exit): void {
    if (this.#connectors.get(name) === actor) this.#connectors.delete(name)
    if (actor.isStopping || actor.calls > 0) return
    this.#listener?.connectorFailed(name, failureOf(exit))
  }

  #taskEnded(name: string, task: number, actor: TaskActor, exit: Exit): void {
    this.#forgetTask(name, task, actor)
    if (actor.isStopping) return
    this.#leaveGroupFor(actor, exit)
    if (!actor.hasStarted) this.counts.taskStartupFailures++
    this.#listener?.taskFailed(name, task, failureOf(exit))
  }

  /** A thread that died (out of memory, stuck, gone) has not left its group: the next one would wait for the session timeout. */
  #leaveGroupFor({ member, connectorProps }: TaskActor, exit: Exit): void {
    if (member === null || exit.reason !== 'failed' || !exit.error.code.startsWith('CONNECT_TASK_')) return
    const { log, removeGroupMember } = this.#options
    removeGroupMember(member.groupId, member.memberId, connectorProps).catch(error =>
      log.info(
        { ...member, error: toError(error).message },
        'a dead task could not be taken out of its group; the session timeout will',
      ),
    )
  }

  #forgetTask(name: string, task: number, actor: TaskActor): void {
    const tasks = this.#tasks.get(name)
    if (tasks?.get(task) !== actor) return
    tasks.delete(task)
    if (tasks.size === 0) this.#tasks.delete(name)
  }

  #warnOfExit(exit: Exit, where: object): void {
    if (exit.reason === 'failed') this.#options.log.warn(where, `did not stop in order: ${exit.error.message}`)
  }

  #receiveFromTask(connector: string, task: number, actor: TaskActor, message: FromTask): void {
    switch (message.type) {
      case 'offsetsRequested':
        return this.#reply(actor, message.id, this.#options.offsets.get(connector, message.partitions))
      case 'offsetsPut':
        return this.#reply(actor, message.id, this.#options.offsets.put(connector, message.entries))
      case 'offsetRecordsRequested':
        return this.#reply(actor, message.id, this.#offsetRecords(connector, message.entries))
      case 'offsetsCommitted':
        return this.#options.offsets.committed?.(connector, message.entries)
      case 'fencingRequested':
        return this.#reply(actor, message.id, this.#listener?.fence?.(connector, task) ?? this.#standalone())
      case 'startConfirmationRequested':
        return this.#reply(actor, message.id, this.#listener?.confirmStart?.(connector, task) ?? this.#standalone())
      case 'stateChanged':
        actor.hasStarted = true
        if (!actor.isStopping) this.#listener?.taskStateChanged(connector, task, message.state)
        return
      case 'groupJoined':
        actor.member = message
        return
      case 'described':
        actor.description = message.description
        return
      case 'lagRowsAssigned':
        actor.lagRows = message
        return
      case 'topicUsed':
        return this.#listener?.topicUsed(connector, task, message.topic)
    }
  }

  async #offsetRecords(connector: string, entries: readonly OffsetEntry[]): Promise<unknown> {
    const { offsets } = this.#options
    return offsets.records === undefined ? this.#standalone() : offsets.records(connector, entries)
  }

  #standalone(): Promise<never> {
    return Promise.reject(new ConnectError('exactly-once source tasks run in distributed workers only'))
  }

  #reply(actor: TaskActor, id: number, result: Promise<unknown>): void {
    void result.then(
      value => actor.handle.send({ type: 'reply', id, value: value ?? null }),
      error => actor.handle.send({ type: 'reply', id, value: null, error: toWireError(error) }),
    )
  }
}

function failureOf(exit: Exit): WireError {
  if (exit.reason === 'failed') return exit.error
  return toWireError(new TaskThreadError('the thread ended without being asked to', { code: 'CONNECT_TASK_EXIT' }))
}

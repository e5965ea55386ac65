// What the group gave this worker to run, and how it follows the config topic: connectors and tasks are started, replaced in place, stopped
// for a rebalance, given up. Every step runs in the connector's queue, so that a round, a config record and a request cannot cross each
// other. Main thread; owned by the herder. Java: the config callbacks, startWork and stopReconfiguredTasks of DistributedHerder.
//
// A record about a connector that the last round did not know (or with another number of tasks) needs a new round; everything else is
// done where the connector and its tasks are, without one.
import { toWireError } from '../../actor/wire-error.ts'
import { ConnectError } from '../../base/errors.ts'
import { type ClusterConfig, EMPTY_CLUSTER_CONFIG } from '../../store/cluster-config.ts'
import type { RestartScope } from '../../store/config-records.ts'
import type { Props } from '../../store/config-store.ts'
import type { ConnectorLifecycle, Parts } from '../connector-lifecycle.ts'
import type { ConnectorQueues } from '../connector-queues.ts'
import type { TaskId } from '../herder.ts'
import type { Publisher } from '../publisher.ts'
import { CONNECTOR, type Restarts } from '../restart.ts'
import type { DistributedOptions } from './distributed-options.ts'
import type { KnownPlugins } from './known-plugins.ts'
import type { TaskPublisher } from './task-publisher.ts'
import type { Work } from './work.ts'
import { taskKey } from './work-set.ts'

export interface OwnWorkParts {
  readonly queues: ConnectorQueues
  readonly restarts: Restarts
  readonly publish: Publisher
  readonly known: KnownPlugins
  readonly taskPublisher: TaskPublisher
  /** the group must share the work out anew */
  rejoin(reason: string): void
}

export class OwnWork implements Parts {
  readonly #o: DistributedOptions
  readonly #p: OwnWorkParts
  #lifecycle: ConnectorLifecycle | null = null
  readonly #connectors = new Set<string>()
  readonly #tasks = new Map<string, Set<number>>()
  /** tasks of ours without a thread that the connector's next turn is to start */
  readonly #waiting = new Map<string, Set<number>>()
  /** by task key: which commit of task configs each was started with */
  readonly #startedWith = new Map<string, number>()
  /** what the last round shared out */
  #shared: ClusterConfig = EMPTY_CLUSTER_CONFIG

  constructor(options: DistributedOptions, parts: OwnWorkParts) {
    this.#o = options
    this.#p = parts
  }

  /** Once, before anything else: each of the two needs the other. */
  use(lifecycle: ConnectorLifecycle): void {
    this.#lifecycle = lifecycle
  }

  hasConnector(name: string): boolean {
    return this.#connectors.has(name)
  }

  hasTask(name: string, task: number): boolean {
    return this.#tasks.get(name)?.has(task) === true
  }

  tasks(name: string): number[] {
    return [...(this.#tasks.get(name) ?? [])].sort((a, b) => a - b)
  }

  /** Whether the connector or a task of it is this worker's. */
  isConcerned(name: string): boolean {
    return this.hasConnector(name) || this.#tasks.has(name)
  }

  /** Connectors of which anything runs here. */
  names(): string[] {
    return [...new Set([...this.#connectors, ...this.#tasks.keys()])]
  }

  /** After a request about a connector that may run elsewhere. */
  releaseOffsets(name: string): void {
    if (!this.isConcerned(name)) this.#o.releaseOffsets(name)
  }

  async tasksWanted(name: string, tasks: readonly Props[]): Promise<void> {
    this.#p.taskPublisher.publish(name, tasks)
  }

  get isExactlyOnce(): boolean {
    return this.#o.isExactlyOnce
  }

  taskStarting(name: string, task: number): void {
    this.#startedWith.set(taskKey({ connector: name, task }), this.#o.configs.snapshot().get(name)?.taskGeneration ?? -1)
  }

  /**
   * For an exactly-once task that has taken its transactional id: whether it is still the one to run.
   * @throws ConnectError where newer task configs have come, or the task is another worker's now
   */
  async confirmStart(name: string, task: number): Promise<void> {
    const config = await this.#o.configs.refresh(this.#o.syncTimeoutMs)
    if (config.get(name)?.taskGeneration !== this.#startedWith.get(taskKey({ connector: name, task })))
      throw new ConnectError(`Cannot start source task ${name}-${task} with exactly-once support: it has newer task configs`)
    if (!this.hasTask(name, task))
      throw new ConnectError(
        `Cannot start source task ${name}-${task} with exactly-once support: it is not assigned to this worker`,
      )
  }

  /** The config topic has a connector, or a number of tasks, that the last round did not know. */
  get isRebalanceExpected(): boolean {
    const now = this.#o.configs.snapshot()
    if (now === this.#shared) return false
    const names = now.names()
    if (names.length !== this.#shared.names().length) return true
    return names.some(name => this.#isUnknown(name) || this.#sharedCount(name) !== now.get(name)?.tasks.length)
  }

  // ---- the group

  /** Settles when all of it has stopped. */
  async giveUp(work: Work, isLost: boolean): Promise<void> {
    const byName = new Map<string, { connector: boolean; tasks: number[] }>()
    const of = (name: string) => {
      const found = byName.get(name) ?? { connector: false, tasks: [] }
      byName.set(name, found)
      return found
    }
    for (const name of work.connectors) of(name).connector = true
    for (const { connector, task } of work.tasks) of(connector).tasks.push(task)
    await Promise.all([...byName].map(([name, parts]) => this.#giveUpOf(name, parts, isLost)))
  }

  #giveUpOf(name: string, { connector, tasks }: { connector: boolean; tasks: number[] }, isLost: boolean): Promise<void> {
    const { queues, restarts, publish, known, taskPublisher } = this.#p
    const { worker, shutdownTimeoutMs, plugins } = this.#o
    if (connector) {
      this.#connectors.delete(name)
      taskPublisher.cancel(name)
      this.#needed.reloads.forget(name)
      restarts.forget(name, CONNECTOR)
    }
    for (const task of tasks) {
      this.#drop(this.#tasks, name, task)
      this.#drop(this.#waiting, name, task)
      restarts.forget(name, task)
    }
    const stop = async () => {
      // A source that runs elsewhere already must not write its offsets back over the newer ones.
      const deadlineMs = isLost && plugins.get(name)?.kind !== 'sink' ? 0 : shutdownTimeoutMs
      await Promise.all([connector ? worker.stopConnector(name) : null, worker.stopTasks(name, deadlineMs, tasks)])
      // The leader may have taken away the status of what is gone already: nothing may come after.
      const isGone = this.#o.configs.get(name) === undefined
      if (connector && !isLost && !isGone && !this.hasConnector(name)) publish.connector(name, 'UNASSIGNED')
      for (const task of tasks)
        if (!isLost && this.#isConfigured(name, task) && !this.hasTask(name, task)) publish.task(name, task, 'UNASSIGNED')
      if (connector) publish.forget(name, null)
      for (const task of tasks) publish.forget(name, task)
      for (const task of tasks) if (!this.hasTask(name, task)) this.#startedWith.delete(taskKey({ connector: name, task }))
      if (!this.isConcerned(name)) {
        known.forget(name)
        this.#o.releaseOffsets(name)
      }
    }
    // Tasks alone do not wait for a connector that takes its time to start, nor may it lose its thread over them. Nothing in its queue starts
    // a task that is not in #tasks any more.
    return connector ? queues.command(name, `giving up connector ${name}`, stop) : stop()
  }

  /** Notes it; the work starts in the connectors' queues, of different connectors at the same time. */
  assigned(added: Work, all: Work, config: ClusterConfig): void {
    this.#shared = config
    this.#connectors.clear()
    this.#tasks.clear()
    for (const name of all.connectors) this.#connectors.add(name)
    for (const id of all.tasks) this.#add(this.#tasks, id)
    for (const id of added.tasks) this.#add(this.#waiting, id)
    const connectors = new Set(added.connectors)
    for (const name of new Set([...connectors, ...this.#waiting.keys()]))
      this.#p.queues.runInternal(name, `starting connector ${name} or tasks of it`, () => this.#begin(name, connectors.has(name)))
  }

  /** After a round, which says for certain what is whose: no other worker's word hides what this one said of its own. */
  insistOnStatuses(): void {
    for (const name of this.#connectors) this.#p.publish.insist(name, null)
    for (const [name, tasks] of this.#tasks) for (const task of tasks) this.#p.publish.insist(name, task)
  }

  async #begin(name: string, isConnector: boolean): Promise<void> {
    if (this.#o.configs.get(name) === undefined) return
    try {
      await this.#p.known.learn(name)
    } catch (error) {
      return this.#fail(name, isConnector, error)
    }
    // The tasks first: they must not stay away when the connector fails to start.
    this.#startWaiting(name)
    if (!isConnector || !this.hasConnector(name)) return
    await this.#needed.startConnector(name)
    await this.#needed.updateTasks(name)
  }

  /** Its class is not here, or its config provider does not answer. */
  #fail(name: string, isConnector: boolean, error: unknown): void {
    const wire = toWireError(error)
    if (isConnector) this.#needed.connectorFailed(name, wire)
    for (const task of this.#takeWaiting(name)) this.#needed.taskFailed(name, task, wire)
  }

  #startWaiting(name: string): void {
    for (const task of this.#takeWaiting(name)) if (!this.#o.worker.hasTask(name, task)) this.#needed.startTask(name, task)
  }

  #takeWaiting(name: string): number[] {
    const waiting = [...(this.#waiting.get(name) ?? [])].filter(task => this.hasTask(name, task))
    this.#waiting.delete(name)
    return waiting.sort((a, b) => a - b)
  }

  // ---- the config topic

  connectorChanged(name: string): void {
    const isNew = this.#isUnknown(name)
    if (isNew) this.#p.rejoin(`connector ${name} is new`)
    if (isNew || this.isConcerned(name)) this.#p.known.foresee(name)
    if (!this.hasConnector(name)) return
    this.#p.taskPublisher.cancel(name)
    this.#p.queues.runInternal(name, `reconfiguring connector ${name}`, async () => {
      this.#p.restarts.forget(name, CONNECTOR)
      await this.#o.worker.stopConnector(name)
      if (this.hasConnector(name)) await this.#begin(name, true)
    })
  }

  /** Nothing of it is to run on, whoever gets told first; the round that follows takes it from this worker. */
  connectorRemoved(name: string): void {
    this.#p.rejoin(`connector ${name} is removed`)
    if (!this.isConcerned(name)) return
    this.#p.taskPublisher.cancel(name)
    void this.#p.queues
      .command(name, `stopping connector ${name}, which is removed`, async () => {
        if (this.#o.configs.get(name) !== undefined) return
        this.#p.restarts.forgetAll(name)
        this.#needed.reloads.forget(name)
        const { worker, shutdownTimeoutMs, statuses } = this.#o
        await Promise.all([worker.stopConnector(name), worker.stopTasks(name, shutdownTimeoutMs)])
        statuses.resetTopics(name)
        this.#p.publish.forget(name)
        this.#p.known.forget(name)
        this.#o.releaseOffsets(name)
      })
      .catch(this.#noteRefusal)
  }

  /** New task configs: the old tasks stop at once. As many as before start again where they were; else the group shares out first. */
  tasksChanged(name: string): void {
    if (!this.#isSharedOut(name)) this.#p.rejoin(`connector ${name} has other tasks`)
    if (this.tasks(name).length > 0)
      // It does not insist: what the connector is at may be the very call that these configs come from.
      this.#p.queues.runInternal(name, `replacing tasks of connector ${name}`, () => this.#replaceTasks(name))
    this.#mendTasks(name)
  }

  async #replaceTasks(name: string): Promise<void> {
    this.#p.restarts.forgetTasks(name)
    await this.#o.worker.stopTasks(name, this.#o.shutdownTimeoutMs)
    // They wait from now on and not before: what the connector did first has seen them run, and would have taken them for started.
    const tasks = this.tasks(name)
    for (const task of tasks) this.#add(this.#waiting, { connector: name, task })
    // The group may have shared out meanwhile: that began only what is new here.
    if (this.#isSharedOut(name)) return this.#begin(name, false)
    for (const task of tasks) if (this.#isConfigured(name, task)) this.#p.publish.task(name, task, 'UNASSIGNED')
  }

  /**
   * A commit that did not find its task configs leaves a connector that is RUNNING without tasks: that of a leader which stood still between the two
   * while another one wrote, say. Whoever has the connector makes them anew.
   */
  #mendTasks(name: string): void {
    const isInconsistent = this.#o.configs.snapshot().get(name)?.isInconsistent === true
    if (!isInconsistent || !this.hasConnector(name)) return
    this.#o.log.warn({ connector: name }, 'its task configs in the config topic are incomplete; making them anew')
    this.#p.queues.runInternal(name, `making the tasks of connector ${name} anew`, async () => {
      if (this.hasConnector(name)) await this.#needed.updateTasks(name)
    })
  }

  targetChanged(name: string): void {
    if (!this.isConcerned(name)) return
    this.#p.queues.runInternal(name, `bringing connector ${name} to its target state`, async () => {
      const entry = this.#o.configs.get(name)
      if (entry === undefined) return
      if (entry.target !== 'STOPPED') {
        if (entry.target === 'STARTED') await this.#p.known.learn(name)
        return this.#needed.transition(name)
      }
      if (!this.hasConnector(name)) return
      this.#p.taskPublisher.cancel(name)
      this.#p.restarts.forget(name, CONNECTOR)
      this.#needed.reloads.forget(name)
      await this.#o.worker.stopConnector(name)
      this.#p.publish.connector(name, 'STOPPED')
    })
  }

  /** This worker's share of a restart that somebody asked the leader for. */
  restartRequested(name: string, { includeTasks, onlyFailed }: RestartScope): void {
    if (!this.isConcerned(name)) return
    void this.#p.queues
      .command(name, `restarting connector ${name} and its tasks`, () => {
        const isMeant = (part: number | null) => !onlyFailed || this.#p.publish.last(name, part) === 'FAILED'
        const tasks = includeTasks ? this.tasks(name).filter(isMeant) : []
        return this.restart(name, this.hasConnector(name) && isMeant(null), tasks)
      })
      .catch(this.#noteRefusal)
  }

  /** In the connector's queue: these parts of ours, with states to show for it. */
  async restart(name: string, connector: boolean, tasks: readonly number[]): Promise<void> {
    const { restarts, publish } = this.#p
    const { worker, shutdownTimeoutMs } = this.#o
    if (connector) {
      restarts.forget(name, CONNECTOR)
      publish.connector(name, 'RESTARTING')
    }
    for (const task of tasks) {
      restarts.forget(name, task)
      publish.task(name, task, 'RESTARTING')
    }
    await Promise.all([connector ? worker.stopConnector(name) : null, worker.stopTasks(name, shutdownTimeoutMs, tasks)])
    for (const task of tasks) this.#add(this.#waiting, { connector: name, task })
    await this.#begin(name, connector)
  }

  get #needed(): ConnectorLifecycle {
    if (this.#lifecycle === null) throw new Error('use() comes first')
    return this.#lifecycle
  }

  #isUnknown(name: string): boolean {
    return (this.#shared.get(name)?.config ?? null) === null
  }

  #isConfigured(name: string, task: number): boolean {
    return task < (this.#o.configs.get(name)?.tasks.length ?? 0)
  }

  /** The last round knew as many tasks as there are now. */
  #isSharedOut(name: string): boolean {
    return this.#sharedCount(name) === this.#o.configs.get(name)?.tasks.length
  }

  /** 0 where the last round did not know the connector. */
  #sharedCount(name: string): number {
    return this.#shared.get(name)?.tasks.length ?? 0
  }

  #add(to: Map<string, Set<number>>, { connector, task }: TaskId): void {
    const tasks = to.get(connector) ?? new Set()
    to.set(connector, tasks.add(task))
  }

  #drop(from: Map<string, Set<number>>, name: string, task: number): void {
    const tasks = from.get(name)
    tasks?.delete(task)
    if (tasks?.size === 0) from.delete(name)
  }

  /** The worker stops: whatever was to be done, it is done with. */
  readonly #noteRefusal = (error: Error): void => {
    if (!this.#p.queues.isClosed) this.#o.log.warn(error.message)
  }
}

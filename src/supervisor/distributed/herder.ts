// The herder of a worker in a cluster: answers questions from the topics' stores, takes or refers requests by who leads and who owns,
// follows the group and the config topic through OwnWork. Main thread; made by cli/distributed.ts. Java: DistributedHerder.
//
// Writes go by way of the leader, one connector's after the other; REST sends on what this worker may not answer (WrongWorkerError).
// Configs are stored and shown as written, resolved when something starts.
import type { WireError } from '../../actor/wire-error.ts'
import type { Timer } from '../../base/clock.ts'
import { toError } from '../../base/errors.ts'
import type { ClusterView } from '../../metrics/table.ts'
import type { ClusterConfig, SessionKey } from '../../store/cluster-config.ts'
import type { RestartScope } from '../../store/config-records.ts'
import type { ConfigListener } from '../../store/config-topic.ts'
import { ConnectorLifecycle, entryOf } from '../connector-lifecycle.ts'
import { ConnectorQueues } from '../connector-queues.ts'
import type {
  AskedOffset,
  ConnectorInfo,
  ConnectorStateInfo,
  Health,
  Herder,
  OffsetEntry,
  PutOptions,
  PutResult,
  RequestedConfig,
  RestartOptions,
  ServerInfo,
} from '../herder.ts'
import { checkLevel } from '../log-levels.ts'
import { OffsetRequests } from '../offset-requests.ts'
import { Publisher } from '../publisher.ts'
import { Questions } from '../questions.ts'
import { Restarts } from '../restart.ts'
import type { WorkerListener } from '../worker.ts'
import { Changes } from './changes.ts'
import type { DistributedOptions } from './distributed-options.ts'
import { KnownPlugins } from './known-plugins.ts'
import { OwnWork } from './own-work.ts'
import type { SignedRequest } from './request-signature.ts'
import { SessionKeys } from './session-keys.ts'
import { TaskPublisher } from './task-publisher.ts'
import type { GroupRound, Work, WorkerGroup, WorkerGroupListener } from './work.ts'

/** The last words of who gave something up may come behind those that a round brought: all look again when they must have been read. */
const LOOK_AGAIN_MS = 10_000
/** How long a rebalance waits for the statuses of what was given up. */
const FLUSH_MS = 5_000
/** Leaving the group and the last statuses have so long besides the tasks' own time. */
const LEAVE_MS = 5_000

export class DistributedHerder extends Questions implements Herder, WorkerListener, ConfigListener {
  readonly #o: DistributedOptions
  readonly #restarts: Restarts
  readonly #publish: Publisher
  /** what this worker does with its connectors and tasks */
  readonly #queues: ConnectorQueues
  readonly #lifecycle: ConnectorLifecycle
  readonly #offsetRequests: OffsetRequests
  readonly #changes: Changes
  readonly #known: KnownPlugins
  readonly #taskPublisher: TaskPublisher
  readonly #sessionKeys: SessionKeys
  readonly #own: OwnWork
  readonly #group: WorkerGroup
  /** connectors whose wish for new task configs is in the queue already */
  readonly #reconfiguring = new Set<string>()
  #hasJoined = false
  #lookingAgain: Timer | null = null
  #lastGeneration = 0
  #failure: Error | null = null

  constructor(options: DistributedOptions) {
    const known = new KnownPlugins(options)
    super(options, name => known.typeOf(name))
    this.#o = options
    const { clock, log, configs, worker, plugins } = options
    this.#restarts = new Restarts(options.restarts, clock, log)
    const generation = () => this.#group?.round?.generation ?? this.#lastGeneration
    this.#publish = new Publisher(options, name => plugins.get(name)?.version ?? null, generation)
    this.#queues = new ConnectorQueues(options, name => worker.interruptConnector(name))
    this.#known = known
    this.#offsetRequests = new OffsetRequests(options)
    this.#taskPublisher = new TaskPublisher({ clock, log, publish: (name, tasks) => this.#changes.publishTasks(name, tasks) })
    this.#sessionKeys = new SessionKeys({
      config: options.signatures,
      ttlMs: options.sessionKeyTtlMs,
      clock,
      log,
      put: key => this.#changes.putSessionKey(key),
    })
    this.#sessionKeys.learn(configs.snapshot().sessionKey)
    this.#own = new OwnWork(options, {
      queues: this.#queues,
      restarts: this.#restarts,
      publish: this.#publish,
      known: this.#known,
      taskPublisher: this.#taskPublisher,
      rejoin: reason => this.#group.requestRejoin(reason),
    })
    this.#lifecycle = new ConnectorLifecycle(options, this.#own, this.#queues, this.#restarts, this.#publish)
    this.#own.use(this.#lifecycle)
    worker.listen(this)
    this.#group = options.openGroup(this.#groupListener())
    this.#changes = new Changes(options, {
      group: this.#group,
      own: this.#own,
      known: this.#known,
      questions: this,
      queues: this.#queues,
      offsetRequests: this.#offsetRequests,
      sessionKeys: this.#sessionKeys,
    })
  }

  /** Joins the group; what it assigns begins to run. */
  start(): void {
    this.#group.start()
  }

  get group(): WorkerGroup {
    return this.#group
  }

  /** Connectors of which anything runs here. */
  ownConnectors(): string[] {
    return this.#own.names()
  }

  ownTasks(name: string): number[] {
    return this.#own.tasks(name)
  }

  /** Whether the connector itself runs here. */
  hasConnector(name: string): boolean {
    return this.#own.hasConnector(name)
  }

  /** For the metrics. */
  clusterView(): ClusterView {
    const { round, work } = this.#group
    return {
      leaderUrl: round?.leaderUrl ?? '',
      generation: round?.generation ?? -1,
      protocol: round?.protocol ?? '',
      isRebalancing: this.#group.isRebalancing,
      connectors: work.connectors.length,
      tasks: work.tasks.length,
    }
  }

  automaticRestarts(name: string): number {
    return this.#restarts.doneOf(name)
  }

  /** Gives the work up and says good-bye, so that others take over at once; within the shutdown time and a little. Last call. */
  async close(): Promise<void> {
    this.#lookingAgain?.cancel()
    this.#changes.close()
    this.#sessionKeys.stop()
    this.#taskPublisher.stop()
    this.#restarts.cancel()
    this.#lifecycle.reloads.cancel()
    const { clock, log, shutdownTimeoutMs, worker } = this.#o
    const limit = new AbortController()
    const left = this.#group.leave().catch(error => log.warn(`the group was not left in order: ${toError(error).message}`))
    await Promise.race([left, clock.sleep(shutdownTimeoutMs + LEAVE_MS, limit.signal).catch(() => undefined)])
    limit.abort()
    this.#queues.close()
    await worker.close(shutdownTimeoutMs)
    await this.#o.statuses.stop(LEAVE_MS)
    await Promise.all([this.#o.offsets.stop(), this.#o.configs.stop(LEAVE_MS), this.#o.jobs.close()])
    await this.#o.onClosed?.()
  }

  // --- the group

  #groupListener(): WorkerGroupListener {
    const { configs } = this.#o
    return {
      config: () => configs.snapshot(),
      readConfig: timeoutMs => configs.refresh(timeoutMs),
      giveUp: (work, isLost) => this.#giveUp(work, isLost),
      assigned: (round, added, all) => this.#assigned(round, added, all),
      failed: error => this.failed(error),
    }
  }

  /** Its last statuses are written before others may get it. */
  async #giveUp(work: Work, isLost: boolean): Promise<void> {
    await this.#own.giveUp(work, isLost)
    await this.#o.statuses.flush(FLUSH_MS)
  }

  async #assigned(round: GroupRound, added: Work, all: Work): Promise<void> {
    const config = this.#o.configs.snapshot()
    // Generations that were read before this worker was in the group, or go down, tell of a former life of the group.
    if (!this.#hasJoined || round.generation < this.#lastGeneration) this.#o.statuses.outdate(round.generation)
    this.#lastGeneration = round.generation
    this.#own.assigned(added, all, config)
    this.#hasJoined = true
    this.#changes.open()
    const { isLeader } = this.#group
    this.#sessionKeys.lead(isLeader && round.protocol === 'sessioned')
    this.#taskPublisher.hurry()
    this.#correctStatuses(config)
    this.#lookingAgain?.cancel()
    this.#lookingAgain = this.#o.clock.after(LOOK_AGAIN_MS, () => this.#correctStatuses(this.#o.configs.snapshot()))
    // Now, not with the first write: a leader before this one that does not know yet must not write any more.
    void this.#o.configs.claimWrites(isLeader).catch(error => this.#o.log.warn(toError(error).message))
  }

  /** After each round and a while later. */
  #correctStatuses(config: ClusterConfig): void {
    if (this.#group.isLeader) this.#forgetStatuses(config)
    this.#own.insistOnStatuses()
  }

  /** By the leader: statuses of connectors and tasks that are gone. */
  #forgetStatuses(config: ClusterConfig): void {
    const { statuses } = this.#o
    for (const name of statuses.connectors()) {
      const connector = config.get(name)
      if (connector === undefined || connector.config === null) statuses.remove(name)
      else for (const task of statuses.storedTasks(name)) if (task >= connector.tasks.length) statuses.removeTask(name, task)
    }
  }

  // --- the config topic

  connectorChanged(name: string): void {
    this.#own.connectorChanged(name)
  }

  connectorRemoved(name: string): void {
    this.#own.connectorRemoved(name)
  }

  tasksChanged(name: string): void {
    this.#own.tasksChanged(name)
  }

  targetChanged(name: string): void {
    this.#own.targetChanged(name)
  }

  sessionKeyChanged(key: SessionKey): void {
    this.#sessionKeys.learn(key)
  }

  restartRequested(name: string, scope: RestartScope): void {
    this.#own.restartRequested(name, scope)
  }

  loggerLevelChanged(namespace: string, level: string): void {
    try {
      this.#o.logLevels.set(namespace, level)
    } catch (error) {
      this.#o.log.warn(`the level of logger ${namespace} in the config topic is not used: ${toError(error).message}`)
    }
  }

  failed(error: Error): void {
    this.#failure = error
    this.#o.onFailed(error)
  }

  // --- what actors do by themselves

  connectorFailed(name: string, error: WireError): void {
    if (this.#own.hasConnector(name)) this.#lifecycle.connectorFailed(name, error)
  }

  reconfigurationRequested(name: string): void {
    if (this.#reconfiguring.has(name)) return
    this.#reconfiguring.add(name)
    this.#queues.runInternal(name, `reconfiguring the tasks of connector ${name}`, async () => {
      this.#reconfiguring.delete(name)
      if (this.#own.hasConnector(name)) await this.#lifecycle.updateTasks(name)
    })
  }

  taskStateChanged(name: string, task: number, state: 'RUNNING' | 'PAUSED'): void {
    if (!this.#own.hasTask(name, task)) return
    this.#restarts.started(name, task)
    this.#publish.task(name, task, state)
  }

  taskFailed(name: string, task: number, error: WireError): void {
    if (this.#own.hasTask(name, task)) this.#lifecycle.taskFailed(name, task, error)
  }

  /** For an exactly-once task before it takes its transactional id (KIP-618). */
  fence(connector: string): Promise<void> {
    return this.#changes.fence(connector)
  }

  /** For an exactly-once task that has taken it. */
  confirmStart(connector: string, task: number): Promise<void> {
    return this.#own.confirmStart(connector, task)
  }

  topicUsed(connector: string, task: number, topic: string): void {
    if (!this.#o.topicTracking || this.#o.configs.get(connector) === undefined) return
    this.#o.statuses.putTopic({ connector, task, topic, discoveredAtMs: this.#o.clock.now() })
  }

  // --- questions

  serverInfo(): Promise<ServerInfo> {
    return this.#o.serverInfo()
  }

  async health(): Promise<Health> {
    if (this.#failure !== null) return { status: 'unhealthy', message: `The worker ends: ${this.#failure.message}` }
    if (this.#hasJoined) return { status: 'healthy', message: 'Worker has completed startup and is ready to handle requests.' }
    return { status: 'starting', message: `Worker is still starting up. ${this.stage()}` }
  }

  stage(): string {
    return this.#hasJoined ? this.#queues.stage() : 'The worker is currently joining the group of workers'
  }

  async setClusterLogLevel(logger: string, level: string): Promise<void> {
    checkLevel(level)
    await this.#o.configs.putLoggerLevel(logger, level.toUpperCase())
  }

  async offsets(name: string): Promise<OffsetEntry[]> {
    const entry = entryOf(this.#o.configs, name)
    const type = await this.#known.typeOf(name)
    return this.#offsetRequests.read(name, entry, type).finally(() => this.#own.releaseOffsets(name))
  }

  // --- changes

  putConfig(name: string, config: RequestedConfig, options: PutOptions): Promise<PutResult> {
    return this.#changes.putConfig(name, config, options)
  }

  patchConfig(name: string, patch: RequestedConfig): Promise<ConnectorInfo> {
    return this.#changes.patchConfig(name, patch)
  }

  deleteConnector(name: string): Promise<void> {
    return this.#changes.deleteConnector(name)
  }

  pause(name: string): Promise<void> {
    return this.#changes.aim(name, 'PAUSED')
  }

  resume(name: string): Promise<void> {
    return this.#changes.aim(name, 'STARTED')
  }

  stopConnector(name: string): Promise<void> {
    return this.#changes.stopConnector(name)
  }

  restartConnector(name: string): Promise<void> {
    return this.#changes.restartConnector(name)
  }

  restartParts(name: string, options: RestartOptions): Promise<ConnectorStateInfo> {
    return this.#changes.restartParts(name, options)
  }

  restartTask(name: string, task: number): Promise<void> {
    return this.#changes.restartTask(name, task)
  }

  alterOffsets(name: string, offsets: readonly AskedOffset[]): Promise<string> {
    return this.#changes.changeOffsets(name, offsets)
  }

  resetOffsets(name: string): Promise<string> {
    return this.#changes.changeOffsets(name, null)
  }

  /** Of a follower's connector; signed. */
  putTaskConfigs(name: string, read: () => readonly RequestedConfig[], request: SignedRequest): Promise<void> {
    return this.#changes.putTaskConfigs(name, read, request)
  }

  /** Of a follower's exactly-once source task; signed. */
  answerFence(name: string, request: SignedRequest): Promise<void> {
    return this.#changes.answerFence(name, request)
  }

  /** For the leader's rounds of fencing: with its right to write. */
  putTaskCount(name: string, count: number): Promise<void> {
    return this.#changes.putTaskCount(name, count)
  }
}

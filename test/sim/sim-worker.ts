// One simulated worker: the real herder, group member, assignor and topics, on fake actors, a coordinator and logs in memory, and a
// clock of its own. Main thread of the simulation; made by world.ts.
import type { ConnectorSpec } from '../../src/actor/messages.ts'
import { ConnectError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/log.ts'
import type { SessionKey } from '../../src/store/cluster-config.ts'
import type { Props } from '../../src/store/config-store.ts'
import { ConfigTopic } from '../../src/store/config-topic.ts'
import { StatusTopic } from '../../src/store/status-topic.ts'
import { DistributedHerder } from '../../src/supervisor/distributed/herder.ts'
import { signedHeaders } from '../../src/supervisor/distributed/request-signature.ts'
import { KafkaWorkerGroup } from '../../src/supervisor/distributed/worker-group.ts'
import { LogLevels } from '../../src/supervisor/log-levels.ts'
import { Redaction } from '../../src/supervisor/redaction.ts'
import { Worker } from '../../src/supervisor/worker.ts'
import { type FakeActor, FakeCast } from '../supervisor/fake-actors.ts'
import { FakeJobs, fakeVariables, type MemoryOffsets } from '../supervisor/fake-worker.ts'
import type { MemoryCoordinator } from './memory-coordinator.ts'
import type { MemoryLog, MemoryReplica } from './memory-log.ts'
import type { WorkerClock } from './worker-clock.ts'

export const SESSION_MS = 10_000
export const HEARTBEAT_MS = 3_000
export const SHUTDOWN_MS = 5_000

/** Connectors make as many tasks as their config says, each with the config's version. */
export class SimCast extends FakeCast {
  readonly #clock: WorkerClock
  /** how long a connector takes to start, as of now */
  startMs = 0

  constructor(clock: WorkerClock, born: (actor: FakeActor) => void) {
    super()
    this.#clock = clock
    this.onBorn = born
    this.onSent = (actor, { type }) => {
      const state = type === 'pause' ? 'PAUSED' : type === 'resume' ? 'RUNNING' : null
      if (state !== null && actor.entry === 'task')
        queueMicrotask(() => {
          if (actor.exit === null) actor.say({ type: 'stateChanged', state })
        })
    }
  }

  override async answer(actor: FakeActor, message: { readonly type: string }): Promise<unknown> {
    if (message.type === 'start' && this.startMs > 0) await this.#clock.sleep(this.startMs)
    if (message.type !== 'taskConfigs') return message.type === 'alterOffsets' ? false : null
    const { connectorProps } = actor.data as ConnectorSpec
    return Array.from({ length: Number(connectorProps['tasks.max']) }, () => ({ version: connectorProps.version ?? '' }))
  }
}

export interface SimWorkerOptions {
  readonly name: string
  readonly clock: WorkerClock
  readonly coordinator: MemoryCoordinator
  readonly log: MemoryLog
  readonly statusLog: MemoryLog
  readonly offsets: MemoryOffsets
  readonly maxDelayMs: number
  readonly delayMs: () => number
  /** writes are transactions, which fence older leaders */
  readonly isFencing: boolean
  /** a thread has started */
  born(worker: SimWorker, actor: FakeActor): void
  bug(worker: SimWorker, error: Error): void
  putTaskConfigs(from: SimWorker, url: string, connector: string, tasks: readonly Props[], headers: Record<string, string>, body: Buffer): Promise<void> // biome-ignore format: one line is easier to read
}

export class SimWorker {
  readonly name: string
  readonly url: string
  readonly workerId: string
  readonly clock: WorkerClock
  readonly cast: SimCast
  readonly configs: ConfigTopic
  readonly statuses: StatusTopic
  readonly #makeHerder: () => DistributedHerder
  #herder: DistributedHerder | null = null
  /** until then it may run what others run, too */
  disturbedUntilMs = 0
  /** it says good-bye, and is up until it has */
  isLeaving = false
  readonly #replicas: MemoryReplica[] = []

  constructor(o: SimWorkerOptions) {
    const { clock, name } = o
    const log = silentLogger
    this.name = name
    this.clock = clock
    this.workerId = `${name}:8083`
    this.url = `http://${this.workerId}/`
    this.cast = new SimCast(clock, actor => o.born(this, actor))
    const open = (topic: MemoryLog) => topic.opener({ delayMs: o.delayMs }, replica => void this.#replicas.push(replica))
    const onFailed = (error: Error) => o.bug(this, error)
    this.statuses = new StatusTopic({ open: open(o.statusLog), topic: 'statuses', clock, log, onFailed })
    this.configs = new ConfigTopic({
      open: open(o.log),
      topic: 'configs',
      clock,
      log,
      ...(o.isFencing ? { openWriter: () => o.log.openWriter('connect-cluster-sim') } : {}),
      listener: {
        connectorChanged: one => this.#herder?.connectorChanged(one),
        connectorRemoved: one => this.#herder?.connectorRemoved(one),
        tasksChanged: one => this.#herder?.tasksChanged(one),
        targetChanged: one => this.#herder?.targetChanged(one),
        sessionKeyChanged: key => this.#herder?.sessionKeyChanged(key),
        restartRequested: (one, scope) => this.#herder?.restartRequested(one, scope),
        loggerLevelChanged: (namespace, level) => this.#herder?.loggerLevelChanged(namespace, level),
        failed: onFailed,
      },
    })
    const worker = new Worker({
      spawn: this.cast.spawn,
      offsets: o.offsets,
      clock,
      log,
      workerProps: { 'bootstrap.servers': 'nowhere:1' },
      memoryMaxMb: 512,
      stuckTimeoutMs: 0,
      logLevels: { root: 'INFO' },
      writeLog: () => undefined,
      removeGroupMember: async () => undefined,
    })
    // The herder looks at the config when it is made, so that is read first.
    this.#makeHerder = () =>
      new DistributedHerder({
        workerId: this.workerId,
        serverInfo: async () => ({ version: '0.1.0', commit: 'unknown', kafka_cluster_id: 'cluster' }),
        clock,
        log,
        worker,
        jobs: new FakeJobs(),
        plugins: new Map(),
        configs: this.configs,
        statuses: this.statuses,
        offsets: o.offsets,
        groupOffsets: null,
        restarts: { enabled: true, unitMs: 1_000, max: 10, healthyMs: 600_000 },
        logLevels: new LogLevels({ root: 'INFO' }, clock, levels => worker.setLogLevels(levels)),
        redaction: new Redaction({ secrets: () => new Map() }, {}),
        variables: fakeVariables,
        shutdownTimeoutMs: SHUTDOWN_MS,
        topicTracking: false,
        onBug: error => o.bug(this, error),
        client: {
          putTaskConfigs: (url: string, connector: string, tasks: readonly Props[], key: SessionKey | null) => {
            const body = Buffer.from(JSON.stringify(tasks))
            const headers = key === null ? {} : signedHeaders('HmacSHA256', key, body)
            const lower = Object.fromEntries(Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value]))
            return o.putTaskConfigs(this, url, connector, tasks, lower, body)
          },
          fence: async () => {
            throw new ConnectError('the simulation has no exactly-once sources')
          },
        },
        isExactlyOnce: false,
        fencing: null,
        releaseOffsets: () => undefined,
        signatures: { keyAlgorithm: 'HmacSHA256', keyBits: null, algorithm: 'HmacSHA256', accepted: ['HmacSHA256'] },
        sessionKeyTtlMs: 3_600_000,
        syncTimeoutMs: 3_000,
        openGroup: listener =>
          new KafkaWorkerGroup({
            cluster: o.coordinator.client(name),
            log,
            clock,
            listener,
            groupId: 'sim',
            protocol: 'sessioned',
            restUrl: this.url,
            sessionTimeoutMs: SESSION_MS,
            rebalanceTimeoutMs: 60_000,
            heartbeatIntervalMs: HEARTBEAT_MS,
            syncTimeoutMs: 3_000,
            unsyncBackoffMs: 300_000,
            maxDelayMs: o.maxDelayMs,
          }),
        onFailed,
      })
  }

  async start(): Promise<void> {
    await Promise.all([this.configs.start(), this.statuses.start()])
    this.#herder = this.#makeHerder()
    this.#herder.start()
  }

  get hasStarted(): boolean {
    return this.#herder !== null
  }

  get herder(): DistributedHerder {
    if (this.#herder === null) throw new ConnectError(`${this.name} is starting`)
    return this.#herder
  }

  setReachable(isReachable: boolean): void {
    for (const replica of this.#replicas) replica.setReachable(isReachable)
  }

  get isUp(): boolean {
    return this.clock.state === 'up'
  }

  /** `connector a`, `task a-0` */
  get alive(): readonly string[] {
    return this.cast.alive
  }
}

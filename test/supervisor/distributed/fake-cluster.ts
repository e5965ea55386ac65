// Several distributed herders on fake actors, one config topic and one status store in memory, and a coordinator that shares the work out
// by itself: what is held stays, the rest goes to who has least. A clock that the test turns. Main thread of a test file.
import { RetriableError } from '../../../src/base/errors.ts'
import { type Logger, silentLogger } from '../../../src/base/log.ts'
import type { SessionKey } from '../../../src/store/cluster-config.ts'
import type { Props } from '../../../src/store/config-store.ts'
import { ConfigTopic } from '../../../src/store/config-topic.ts'
import { MemoryStatusStore, type Status } from '../../../src/store/status-store.ts'
import type { DistributedOptions, LeaderClient } from '../../../src/supervisor/distributed/distributed-options.ts'
import { DistributedHerder } from '../../../src/supervisor/distributed/herder.ts'
import { signedHeaders } from '../../../src/supervisor/distributed/request-signature.ts'
import {
  type GroupRound,
  NO_WORK,
  type Work,
  type WorkerGroup,
  type WorkerGroupListener,
} from '../../../src/supervisor/distributed/work.ts'
import type { TaskId } from '../../../src/supervisor/herder.ts'
import type { ConnectorPlugin } from '../../../src/supervisor/job-pool.ts'
import { LogLevels } from '../../../src/supervisor/log-levels.ts'
import { Redaction } from '../../../src/supervisor/redaction.ts'
import { Worker } from '../../../src/supervisor/worker.ts'
import { MemoryLog, type MemoryReplica } from '../../sim/memory-log.ts'
import { settle, TestClock } from '../../support/clock.ts'
import { FakeCast } from '../fake-actors.ts'
import { FakeJobs, fakeVariables, MemoryOffsets } from '../fake-worker.ts'

/** What all workers read and write. */
class SharedStatuses extends MemoryStatusStore {
  readonly writes: string[] = []
  #names = new Set<string>()
  connectors(): string[] {
    return [...this.#names].filter(name => this.connector(name) !== undefined || this.tasks(name).length > 0)
  }
  storedTasks(name: string): number[] {
    return this.tasks(name).map(([task]) => task)
  }
  override putConnector(name: string, status: Status): void {
    this.#names.add(name)
    this.writes.push(`${name} ${status.state} by ${status.workerId} in ${status.generation}`)
    super.putConnector(name, status)
  }
  override putTask(name: string, task: number, status: Status): void {
    this.#names.add(name)
    this.writes.push(`${name}-${task} ${status.state} by ${status.workerId} in ${status.generation}`)
    super.putTask(name, task, status)
  }
  /** Nothing here is of a former life. */
  outdate(): void {}
  /** set: statuses are under way until it settles */
  flushing: Promise<void> | null = null
  async flush(): Promise<void> {
    await this.flushing
  }
  async stop(): Promise<void> {}
}

const key = ({ connector, task }: TaskId) => `${connector}\n${task}`

class FakeGroup implements WorkerGroup {
  round: GroupRound | null = null
  work: Work = NO_WORK
  readonly isRebalancing = false
  readonly listener: WorkerGroupListener
  readonly url: string
  readonly #coordinator: FakeCoordinator

  constructor(coordinator: FakeCoordinator, listener: WorkerGroupListener, url: string) {
    this.#coordinator = coordinator
    this.listener = listener
    this.url = url
  }

  get isLeader(): boolean {
    return this.round !== null && this.round.leaderId === this.url
  }
  get members(): ReadonlyMap<string, string> {
    return new Map(this.#coordinator.members.map(({ url }) => [url, url]))
  }
  start(): void {
    this.#coordinator.members.push(this)
    this.requestRejoin('new')
  }
  requestRejoin(reason: string): void {
    this.#coordinator.reasons.push(`${this.url}: ${reason}`)
    this.#coordinator.rebalanceSoon()
  }
  async leave(): Promise<void> {
    await this.listener.giveUp(this.work, false)
    this.#coordinator.remove(this)
  }
  ownerUrl(connector: string, task?: number): string | null {
    const owns = ({ work }: FakeGroup) =>
      task === undefined
        ? work.connectors.includes(connector)
        : work.tasks.some(id => id.connector === connector && id.task === task)
    return this.isLeader ? (this.#coordinator.members.find(owns)?.url ?? null) : null
  }
}

class FakeCoordinator {
  readonly members: FakeGroup[] = []
  readonly reasons: string[] = []
  generation = 0
  /** set: rounds wait */
  isHeld = false
  readonly #clock: TestClock
  #isPlanned = false

  constructor(clock: TestClock) {
    this.#clock = clock
  }

  remove(member: FakeGroup): void {
    this.members.splice(this.members.indexOf(member), 1)
    member.round = null
    member.work = NO_WORK
    this.rebalanceSoon()
  }

  rebalanceSoon(): void {
    if (this.#isPlanned || this.isHeld) return
    this.#isPlanned = true
    this.#clock.after(1, () => {
      this.#isPlanned = false
      void this.#rebalance()
    })
  }

  async #rebalance(): Promise<void> {
    const members = [...this.members]
    const [leader] = members
    if (leader === undefined) return
    const config = await leader.listener.readConfig(1_000)
    await Promise.all(members.map(({ listener }) => listener.readConfig(1_000)))
    this.generation++
    const tasks = config.names().flatMap(name => (config.get(name)?.tasks ?? []).map((_, task) => ({ connector: name, task })))
    const connectors = shareOut(
      config.names(),
      members.map(({ work }) => work.connectors),
      name => name,
    )
    const shared = shareOut(
      tasks,
      members.map(({ work }) => work.tasks),
      key,
    )
    const shares = members.map((_, i) => ({ connectors: connectors[i] ?? [], tasks: shared[i] ?? [] }))
    await Promise.all(members.map((member, i) => member.listener.giveUp(minus(member.work, shares[i] ?? NO_WORK), false)))
    for (const [i, member] of members.entries()) {
      const share = shares[i] ?? NO_WORK
      const added = minus(share, member.work)
      member.round = {
        generation: this.generation,
        memberId: member.url,
        leaderId: leader.url,
        leaderUrl: leader.url,
        configOffset: config.offset,
        protocol: 'sessioned',
        isConfigMismatch: false,
      }
      if (member.listener.config().offset !== config.offset) {
        this.rebalanceSoon()
        continue
      }
      member.work = share
      await member.listener.assigned(member.round, added, share)
    }
  }
}

function minus(work: Work, other: Work): Work {
  const kept = new Set(other.tasks.map(key))
  return {
    connectors: work.connectors.filter(name => !other.connectors.includes(name)),
    tasks: work.tasks.filter(id => !kept.has(key(id))),
  }
}

function shareOut<T>(all: readonly T[], held: readonly (readonly T[])[], id: (one: T) => string): T[][] {
  const wanted = new Set(all.map(id))
  const shares = held.map(one => one.filter(each => wanted.has(id(each))))
  const taken = new Set(shares.flat().map(id))
  for (const one of all) if (!taken.has(id(one))) [...shares].sort((a, b) => a.length - b.length)[0]?.push(one)
  return shares
}

export interface ClusterWorker {
  readonly herder: DistributedHerder
  readonly cast: FakeCast
  readonly configs: ConfigTopic
  readonly replica: MemoryReplica
  readonly plugins: Map<string, ConnectorPlugin>
  readonly url: string
  /** what threads there are: `connector c, task c-0` */
  alive(): string
  readonly failures: Error[]
}

export class FakeCluster {
  readonly clock = new TestClock()
  readonly log = new MemoryLog({ clock: this.clock })
  readonly statuses = new SharedStatuses()
  readonly offsets = new MemoryOffsets()
  readonly workers: ClusterWorker[] = []
  readonly bugs: Error[] = []
  /** calls from follower to leader: `url connector count` */
  readonly calls: string[] = []
  readonly coordinator = new FakeCoordinator(this.clock)
  /** set: calls to the leader fail */
  isLeaderAway = false

  async add(options: Partial<DistributedOptions> = {}, log: Logger = silentLogger): Promise<ClusterWorker> {
    const { clock, statuses, offsets } = this
    const workerId = `w${this.workers.length + 1}:8083`
    const url = `http://${workerId}/`
    const cast = new FakeCast()
    const worker = new Worker({
      spawn: cast.spawn,
      offsets,
      clock,
      log,
      workerProps: { 'bootstrap.servers': 'nowhere:1' },
      memoryMaxMb: 512,
      stuckTimeoutMs: 0,
      logLevels: { root: 'INFO' },
      writeLog: () => undefined,
      removeGroupMember: async () => undefined,
    })
    const replicas: MemoryReplica[] = []
    let herder: DistributedHerder
    const configs = new ConfigTopic({
      open: this.log.opener({}, one => replicas.push(one)),
      topic: 'configs',
      clock,
      log,
      listener: {
        connectorChanged: name => herder.connectorChanged(name),
        connectorRemoved: name => herder.connectorRemoved(name),
        tasksChanged: name => herder.tasksChanged(name),
        targetChanged: name => herder.targetChanged(name),
        sessionKeyChanged: sessionKey => herder.sessionKeyChanged(sessionKey),
        restartRequested: (name, scope) => herder.restartRequested(name, scope),
        loggerLevelChanged: (namespace, level) => herder.loggerLevelChanged(namespace, level),
        failed: error => herder.failed(error),
      },
    })
    await configs.start()
    const plugins = new Map<string, ConnectorPlugin>()
    const failures: Error[] = []
    herder = new DistributedHerder({
      workerId,
      serverInfo: async () => ({ version: '0.1.0', commit: 'unknown', kafka_cluster_id: 'cluster' }),
      clock,
      log,
      worker,
      jobs: new FakeJobs(),
      plugins,
      configs,
      statuses,
      offsets,
      groupOffsets: null,
      restarts: { enabled: true, unitMs: 10_000, max: 10, healthyMs: 600_000 },
      logLevels: new LogLevels({ root: 'INFO' }, clock, levels => worker.setLogLevels(levels)),
      redaction: new Redaction({ secrets: () => new Map() }, {}),
      variables: fakeVariables,
      shutdownTimeoutMs: 5_000,
      topicTracking: true,
      onBug: error => this.bugs.push(error),
      client: this.#client(),
      signatures: { keyAlgorithm: 'HmacSHA256', keyBits: null, algorithm: 'HmacSHA256', accepted: ['HmacSHA256'] },
      sessionKeyTtlMs: 3_600_000,
      syncTimeoutMs: 3_000,
      isExactlyOnce: false,
      releaseOffsets: () => undefined,
      fencing: { fence: async connector => void this.calls.push(`fenced ${connector} by ${url}`) },
      openGroup: listener => new FakeGroup(this.coordinator, listener, url),
      onFailed: error => failures.push(error),
      ...options,
    })
    const alive = () => cast.alive.toSorted().join(', ')
    const added = { herder, cast, configs, replica: replicas[0] as MemoryReplica, plugins, url, alive, failures }
    this.workers.push(added)
    herder.start()
    return added
  }

  /** Lets rounds and everything that follows from them go by. */
  async quiet(): Promise<void> {
    for (let i = 0; i < 10; i++) {
      await settle()
      await this.clock.advance(1)
    }
  }

  /** `connector state | task states` */
  states(name: string): string {
    const tasks = this.statuses.tasks(name).map(([task, status]) => `${task} ${status.state}`)
    return `${this.statuses.connector(name)?.state ?? 'none'} | ${tasks.join(', ')}`
  }

  /** By its REST URL. */
  worker(url: string): ClusterWorker {
    const found = this.workers.find(worker => worker.url === url)
    if (found === undefined) throw new Error(`no worker ${url}`)
    return found
  }

  get leader(): ClusterWorker {
    return this.worker(this.coordinator.members[0]?.url ?? '')
  }

  /** Straight into the leader's herder, signed as over HTTP. */
  #client(): LeaderClient {
    return {
      putTaskConfigs: async (leaderUrl: string, connector: string, tasks: readonly Props[], sessionKey: SessionKey | null) => {
        this.calls.push(`${leaderUrl} ${connector} ${tasks.length}`)
        if (this.isLeaderAway) throw new Error('connection refused')
        const body = Buffer.from(JSON.stringify(tasks))
        const headers = sessionKey === null ? {} : signedHeaders('HmacSHA256', sessionKey, body)
        const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
        await this.worker(leaderUrl).herder.putTaskConfigs(connector, () => tasks, { headers: lower, body })
      },
      fence: async (leaderUrl: string, connector: string, sessionKey: SessionKey | null) => {
        if (this.isLeaderAway) throw new RetriableError('connection refused')
        const body = Buffer.alloc(0)
        const headers = sessionKey === null ? {} : signedHeaders('HmacSHA256', sessionKey, body)
        const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
        await this.worker(leaderUrl).herder.answerFence(connector, { headers: lower, body })
      },
    }
  }
}

// A worker's membership in the group of workers: from JoinGroup to the herder's work, by the rules of CONNECT.md 4.2. Main thread; made by
// the distributed herder, stands on kafka/group-member.ts. Java: WorkerCoordinator and WorkerGroupMember, with the parts of
// DistributedHerder's tick that deal with rounds.
//
// The member loop of GroupMember calls in, one thing after the other; what comes from timers goes through the same queue, so that the
// listener's calls never overlap:
//   config -> JoinGroup -> (leader: share out) -> SyncGroup -> giveUp what goes -> config as new as the assignment's? -> assigned
// With the cooperative protocols work goes on over rebalances, and even when the coordinator has forgotten this member (it comes back
// under a new id and claims what it runs; the leader settles what two claim). It stops when the coordinator is out of reach, since then
// nobody could say that it must.
import { exponentialBackoffMs } from '../../base/backoff.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { AbortedError, toError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { SerialQueue } from '../../base/serial-queue.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import type { GroupFigures } from '../../kafka/figures.ts'
import { type GroupAssignment, GroupMember, type JoinedMember } from '../../kafka/group-member.ts'
import type { GroupPulse } from '../../kafka/group-pulse.ts'
import type { ClusterConfig } from '../../store/cluster-config.ts'
import { type ConnectProtocolSetting, decodeAssignment, protocolNamed } from './connect-protocol.ts'
import { LeaderState, type LeaderView, NO_VIEW } from './leader-state.ts'
import { MemberState } from './member-state.ts'
import type { GroupRound, Work, WorkerGroup, WorkerGroupListener } from './work.ts'
import { common, isNoWork } from './work-set.ts'

export interface WorkerGroupOptions {
  readonly cluster: Cluster
  readonly log: Logger
  readonly clock: Clock
  readonly listener: WorkerGroupListener
  readonly figures?: GroupFigures
  /** beats for the worker from another thread */
  readonly pulse?: GroupPulse
  readonly groupId: string
  /** connect.protocol */
  readonly protocol: ConnectProtocolSetting
  /** where other workers reach this one, as advertised */
  readonly restUrl: string
  readonly sessionTimeoutMs: number
  /** how long a call of the listener may take, too: then the worker leaves the group until it is over */
  readonly rebalanceTimeoutMs: number
  /** how long the coordinator may be out of reach before all work stops, too */
  readonly heartbeatIntervalMs: number
  /** worker.sync.timeout.ms */
  readonly syncTimeoutMs: number
  /** worker.unsync.backoff.ms; with the eager protocol only */
  readonly unsyncBackoffMs: number
  /** scheduled.rebalance.max.delay.ms */
  readonly maxDelayMs: number
  readonly retryBackoffMs?: number
  readonly retryBackoffMaxMs?: number
}

/** Waits of a cooperative worker that cannot read the config topic, before it gives its work up (Java's BACKOFF_RETRIES). */
const BACKOFF_RETRIES = 5
/** They are a tenth of the maximal delay, divided by the tries left. */
const BACKOFF_SHARE = 10

export class KafkaWorkerGroup implements WorkerGroup {
  readonly #o: WorkerGroupOptions
  readonly #member: GroupMember
  readonly #state: MemberState
  readonly #leader: LeaderState
  /** calls of the listener; bounded by its callers: the member loop, and one outage at a time */
  readonly #calls = new SerialQueue(0)
  readonly #stop = new AbortController()
  #view: LeaderView = NO_VIEW
  /** of the round under way; in force when its assignment comes */
  #nextView: LeaderView = NO_VIEW
  #joinedWith: ClusterConfig | null = null
  #canReadConfig = true
  #isRebalancing = false
  #retriesLeft = BACKOFF_RETRIES
  /** rounds in a row that could not be acted on */
  #unfitRounds = 0
  #delayed: Timer | null = null

  constructor(options: WorkerGroupOptions) {
    this.#o = options
    this.#state = new MemberState(options.protocol, options.restUrl)
    this.#leader = new LeaderState(options.clock, options.log, options.maxDelayMs)
    this.#member = new GroupMember({
      ...options,
      protocolType: 'connect',
      unreachableTimeoutMs: options.heartbeatIntervalMs,
      listener: {
        protocols: () => this.#protocols(),
        assign: (protocol, members) => this.#assign(protocol, members),
        onRevoked: leaving => this.#onRevoked(leaving),
        onAssigned: assignment => this.#onAssigned(assignment),
        onLost: (_why, code) => this.#onLost(code),
        onUnreachable: () => void this.#onUnreachable(),
        onError: error => void this.#onError(error),
      },
    })
  }

  get round(): GroupRound | null {
    return this.#member.generation < 0 ? null : this.#state.round
  }

  get isRebalancing(): boolean {
    return this.#isRebalancing
  }

  get isLeader(): boolean {
    const { round } = this
    return round !== null && round.leaderId === round.memberId && round.memberId === this.#member.memberId
  }

  get work(): Work {
    return this.#state.running
  }

  get members(): ReadonlyMap<string, string> {
    return this.isLeader ? this.#view.members : NO_VIEW.members
  }

  ownerUrl(connector: string, task?: number): string | null {
    return this.isLeader ? this.#view.ownerUrl(connector, task) : null
  }

  start(): void {
    this.#member.start()
  }

  requestRejoin(reason: string): void {
    this.#member.requestRejoin(reason)
  }

  async leave(): Promise<void> {
    this.#stop.abort()
    this.#delayed?.cancel()
    await this.#member.leave()
    await this.#giveUpAll(false)
    this.#state.forget()
    this.#state.leaveRound()
    this.#view = NO_VIEW
  }

  // ---- called by the member loop

  async #protocols() {
    this.#isRebalancing = true
    this.#view = NO_VIEW
    if (!this.#canReadConfig) await this.#readConfig()
    this.#joinedWith = this.#o.listener.config()
    return this.#state.offer(this.#joinedWith.offset)
  }

  async #assign(protocol: string, members: readonly JoinedMember[]): Promise<ReadonlyMap<string, Buffer>> {
    const { listener } = this.#o
    const { assignments, view } = await this.#leader.shareOut({
      protocol: protocolNamed(protocol),
      leaderId: this.#member.memberId,
      generation: this.#member.generation,
      lastGeneration: this.#state.lastGeneration,
      members,
      config: this.#joinedWith ?? listener.config(),
      freshConfig: () => this.#read().catch(() => listener.config()),
    })
    this.#nextView = view
    return assignments
  }

  async #onAssigned({ generation, memberId, leaderId, protocol, assignment }: GroupAssignment): Promise<void> {
    const { log, clock } = this.#o
    const answer = decodeAssignment(assignment)
    this.#isRebalancing = false
    const gone = this.#state.take(answer, protocolNamed(protocol), generation, memberId)
    this.#view = leaderId === memberId ? this.#nextView : NO_VIEW
    log.info(
      { generation, protocol, leader: answer.leaderUrl, error: answer.error, offset: answer.configOffset, delayMs: answer.delayMs, assigned: answer.assigned, revoked: answer.revoked }, // biome-ignore format: one line is easier to read
      'joined the group of workers',
    )
    this.#delayed?.cancel()
    this.#delayed =
      answer.delayMs > 0 ? clock.after(answer.delayMs, () => this.requestRejoin('the delayed rebalance is due')) : null
    await this.#giveUp(() => gone, false)
    if (!(await this.#isActedOn())) return
    if (this.#state.hasForgotten) this.requestRejoin('work was given up while the round was under way')
    else if (!isNoWork(answer.revoked)) this.requestRejoin('work was taken away for others to have')
  }

  /** Brings the config up to the assignment's and starts the work, or joins again. */
  async #isActedOn(): Promise<boolean> {
    const { listener, log, clock, retryBackoffMs = 100, retryBackoffMaxMs = 1000 } = this.#o
    if (this.#state.fitness(listener.config().offset) === 'behind') {
      await this.#readConfig()
      // Left the group meanwhile: the member loop knows.
      if (this.#member.generation < 0) return false
    }
    const { offset } = listener.config()
    const round = this.#state.round
    if (round === null || this.#state.fitness(offset) !== 'fits') {
      log.info({ offset, wanted: round?.configOffset ?? null }, 'the config is not that of the assignment; joining again')
      if (this.#unfitRounds++ > 0)
        await clock.sleep(exponentialBackoffMs(this.#unfitRounds - 2, retryBackoffMs, retryBackoffMaxMs), this.#stop.signal)
      this.requestRejoin('the config is not that of the assignment')
      return false
    }
    this.#unfitRounds = 0
    await this.#call('starting work after a rebalance', () => {
      const { added, all } = this.#state.start()
      return listener.assigned(round, added, all)
    })
    return true
  }

  async #onRevoked(leaving: boolean): Promise<void> {
    if (leaving || this.#state.isEager) await this.#giveUpAll(false)
  }

  /** @param code the coordinator's: this member is not in the group any more; 0: it may be, but nobody answers */
  async #onLost(code: number): Promise<void> {
    this.#state.leaveRound()
    this.#view = NO_VIEW
    if (code !== 0 && !this.#state.isEager) return
    await this.#giveUpAll(true)
    this.#state.forget()
  }

  // ---- called by timers and at the end

  /** Nobody could tell this worker that its work is another's now (CONNECT.md 4.2 rule 6). */
  async #onUnreachable(): Promise<void> {
    const { log, heartbeatIntervalMs } = this.#o
    if (!isNoWork(this.#state.running))
      log.warn(
        { work: this.#state.running },
        `the group coordinator is out of reach for ${heartbeatIntervalMs} ms; stopping all work`,
      )
    try {
      await this.#giveUpAll(false)
    } catch (error) {
      return this.#o.listener.failed(toError(error))
    }
    // Not before it has stopped: others may be given what is not claimed.
    this.#state.forget()
    this.requestRejoin('the group coordinator was out of reach')
  }

  async #onError(error: Error): Promise<void> {
    this.#delayed?.cancel()
    this.#state.leaveRound()
    this.#view = NO_VIEW
    await this.#giveUpAll(true).catch(thrown =>
      this.#o.log.error({ error: toError(thrown) }, 'could not give up the work of a group that is left for good'),
    )
    this.#o.listener.failed(error)
  }

  // ---- calls of the listener

  /** @param chosen looked at when it is this call's turn: another one may have given it up meanwhile */
  #giveUp(chosen: () => Work, isLost: boolean): Promise<void> {
    return this.#call('stopping connectors and tasks', async () => {
      const work = common(this.#state.running, chosen())
      if (isNoWork(work)) return
      this.#state.stopped(work)
      await this.#o.listener.giveUp(work, isLost)
    })
  }

  #giveUpAll(isLost: boolean): Promise<void> {
    return this.#giveUp(() => this.#state.running, isLost)
  }

  /** Reads to the end, out of the group and with waits if need be, until it succeeds or the worker leaves. */
  async #readConfig(): Promise<void> {
    const { log, clock, maxDelayMs, unsyncBackoffMs } = this.#o
    for (;;) {
      if (this.#stop.signal.aborted) throw new AbortedError()
      try {
        await this.#read()
        this.#canReadConfig = true
        this.#retriesLeft = BACKOFF_RETRIES
        return
      } catch (error) {
        if (this.#stop.signal.aborted) throw error
        this.#canReadConfig = false
        log.warn({ error: toError(error).message }, 'the config topic could not be read to its end; leaving the group for now')
      }
      this.#member.leaveForNow('taking too long to read the config topic')
      if (this.#state.isEager) await clock.sleep(unsyncBackoffMs, this.#stop.signal)
      else if (this.#retriesLeft > 0)
        await clock.sleep(Math.floor(maxDelayMs / BACKOFF_SHARE / this.#retriesLeft--), this.#stop.signal)
      else {
        log.warn({ work: this.#state.running }, `no config after ${BACKOFF_RETRIES} tries; stopping all work`)
        await this.#giveUpAll(false)
        this.#retriesLeft = BACKOFF_RETRIES
      }
    }
  }

  #read(): Promise<ClusterConfig> {
    const { listener, syncTimeoutMs } = this.#o
    return this.#call('reading the config topic to its end', () => listener.readConfig(syncTimeoutMs))
  }

  /** In turn, and not for longer than a rebalance may take: a worker that is stuck must not hold the others up. */
  #call<T>(what: string, run: () => Promise<T>): Promise<T> {
    const { clock, log, rebalanceTimeoutMs } = this.#o
    const call = async () => {
      const tooLong = clock.after(rebalanceTimeoutMs, () => {
        log.warn(
          { what },
          `still at it after ${rebalanceTimeoutMs} ms (rebalance.timeout.ms); leaving the group until it is done`,
        )
        this.#member.leaveForNow('worker poll timeout has expired')
      })
      try {
        return await run()
      } finally {
        tooLong.cancel()
      }
    }
    return this.#calls.run(what, call, true)
  }
}

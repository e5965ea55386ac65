// One member of a Kafka group under the classic protocol, whatever the protocol type: sink tasks join as `consumer`, workers as `connect`.
// Runs in the thread that made it (task thread or supervisor); consumer-membership.ts and the distributed herder stand on it.
//
// Two loops. The member loop alone calls the listener, so its callbacks never overlap:
//   onRevoked -> JoinGroup -> (leader: assign) -> SyncGroup -> onAssigned -> wait for a reason to rejoin -> onRevoked ...
// The beat loop sends heartbeats on its timer from the first generation on, also while onRevoked is busy putting and committing, and
// is silent only while JoinGroup or SyncGroup is in flight (the coordinator counts those as life). It never calls the listener: it
// sets what it learnt and wakes the member loop. A generation is void from the moment its loss is known, so that a commit racing with the
// loss is refused here already.
import { exponentialBackoffMs } from '../base/backoff.ts'
import { AbortedError, isRetriable, KafkaError, toError } from '../base/errors.ts'
import { kafkaError } from './codec/errors.ts'
import { E, isFatalForMember } from './codec/group-errors.ts'
import type { MemberIdentity } from './codec/group-heartbeat.ts'
import type { JoinAnswer } from './codec/group-join.ts'
import { GroupCoordinator, type GroupCoordinatorOptions } from './group-coordinator.ts'
import { GroupOffsets } from './group-offsets.ts'
import type { OffsetAndMetadata, TopicPartition } from './types.ts'

export interface GroupProtocol {
  readonly name: string
  readonly metadata: Buffer
}

export interface JoinedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly metadata: Buffer
}

export interface GroupAssignment {
  readonly generation: number
  readonly memberId: string
  readonly leaderId: string
  readonly protocol: string
  /** empty where the leader gave this member nothing */
  readonly assignment: Buffer
}

export interface GroupListener {
  /** the protocols offered, most wanted first; asked before every JoinGroup */
  protocols(): readonly GroupProtocol[] | Promise<readonly GroupProtocol[]>
  /** called on the leader between JoinGroup and SyncGroup; a retriable throw makes the member join again after a back-off */
  assign(protocol: string, members: readonly JoinedMember[]): ReadonlyMap<string, Buffer> | Promise<ReadonlyMap<string, Buffer>>
  /** before JoinGroup of a rebalance, or before leaving: give up what must be given up, commit for it. JoinGroup waits for it */
  onRevoked(leaving: boolean): Promise<void>
  onAssigned(assignment: GroupAssignment): Promise<void>
  /**
   * What was assigned may belong to others already: drop it, commit nothing. Called at most once for an assignment.
   * @param code the coordinator's, 0: it has not answered for the session timeout
   */
  onLost(why: string, code: number): Promise<void>
  /** the coordinator was out of reach for `unreachableTimeoutMs`, whether this member is in a generation or not; not awaited, comes from a timer */
  onUnreachable?(): void
  /** the member has given up for good (not authorised, fenced, incompatible group); nothing else is called afterwards */
  onError(error: Error): void
}

export interface GroupMemberOptions extends GroupCoordinatorOptions {
  readonly retryBackoffMs?: number
  readonly retryBackoffMaxMs?: number
  /** with onUnreachable; without it, silence for the session timeout is a loss */
  readonly unreachableTimeoutMs?: number
  readonly listener: GroupListener
}

/** Heartbeats in the time of one while they fail: the coordinator's return is seen before `unreachableTimeoutMs` is over. */
const BEATS_IN_OUTAGE = 4

export class GroupMember {
  readonly #o: GroupMemberOptions
  readonly #coordinator: GroupCoordinator
  readonly #offsets: GroupOffsets
  readonly #stop = new AbortController()
  readonly #stopBeat = new AbortController()
  #running: Promise<void> | null = null
  #beating: Promise<void> = Promise.resolve()
  #memberId = ''
  #generation = -1
  /** onAssigned was called and neither onLost nor onRevoked-for-good since */
  #holds = false
  /** onRevoked was called for the rebalance in hand */
  #prepared = false
  #exchanging = false
  #beatInFlight = false
  #rejoinReason: string | null = null
  #lost: { readonly why: string; readonly code: number } | null = null
  #wake: (() => void) | null = null
  #lastContactMs = 0
  #failure: Error | null = null

  constructor(options: GroupMemberOptions) {
    this.#o = options
    this.#offsets = new GroupOffsets(options)
    this.#coordinator = new GroupCoordinator(options, this.#stop.signal, {
      afterMs: options.unreachableTimeoutMs ?? null,
      onLimit: () => options.listener.onUnreachable?.(),
    })
  }

  get generation(): number {
    return this.#generation
  }

  get memberId(): string {
    return this.#memberId
  }

  start(): void {
    this.#lastContactMs = this.#o.clock.monotonicMs()
    this.#running = this.#run()
    this.#beating = this.#beat()
  }

  /** Makes the member join again soon; many requests before the next JoinGroup are one. */
  requestRejoin(reason: string): void {
    this.#rejoinReason ??= reason
    this.#wakeUp()
  }

  /**
   * Says good-bye at once and goes on: joins again under a new id as soon as the listener lets it. For a member that cannot keep up; what it
   * holds counts as lost (onLost with UNKNOWN_MEMBER_ID).
   */
  leaveForNow(reason: string): void {
    const memberId = this.#memberId
    if (memberId === '' || this.#stop.signal.aborted) return
    this.#lose(reason, E.UNKNOWN_MEMBER_ID)
    if (!this.#o.groupInstanceId) void this.#coordinator.leave(memberId)
  }

  /** Gives up everything (onRevoked), says good-bye and settles when all is quiet. A static member does not say good-bye (KIP-345). */
  async leave(): Promise<void> {
    if (this.#stop.signal.aborted) return this.#running ?? undefined
    this.#stop.abort()
    this.#coordinator.close()
    this.#wakeUp()
    await this.#running
    try {
      if (this.#failure === null) await this.#giveUp(true)
    } finally {
      this.#stopBeat.abort()
      await this.#beating
      const memberId = this.#memberId
      this.#generation = -1
      this.#keepPulse()
      if (memberId !== '' && !this.#o.groupInstanceId && this.#failure === null) await this.#coordinator.leave(memberId)
    }
  }

  /**
   * Commits under the present generation. Fails with a retriable KafkaError when a rebalance came between (22, 25, 27): nothing was
   * committed then, and the records come again to whoever holds the partitions.
   */
  async commit(offsets: readonly (TopicPartition & OffsetAndMetadata)[]): Promise<void> {
    const generation = this.#generation
    if (generation < 0)
      throw kafkaError('OffsetCommit', E.UNKNOWN_MEMBER_ID, `not a member of group ${this.#o.groupId} at present`, true)
    try {
      await this.#offsets.commit(offsets, this.#identity(), () => this.#generation === generation)
      this.#touch()
    } catch (error) {
      if (this.#generation === generation) this.#learnFromCommit(error)
      throw error
    }
  }

  fetchCommitted(partitions: readonly TopicPartition[]): Promise<Map<string, OffsetAndMetadata>> {
    return this.#offsets.fetch(partitions)
  }

  #learnFromCommit(error: unknown): void {
    // A JoinGroup in flight will be told the same, and knows what to do.
    if (this.#exchanging) return
    const code = error instanceof KafkaError ? error.errorCode : 0
    if (code === E.REBALANCE_IN_PROGRESS) this.requestRejoin('a commit met a rebalance')
    else if (code === E.UNKNOWN_MEMBER_ID || code === E.ILLEGAL_GENERATION)
      this.#lose(`a commit was refused: ${toError(error).message}`, code)
  }

  async #run(): Promise<void> {
    let failures = 0
    while (!this.#stop.signal.aborted) {
      try {
        await this.#rebalance()
        failures = 0
        await this.#untilRejoin()
      } catch (error) {
        if (this.#stop.signal.aborted) return
        if (!(error instanceof KafkaError) || !isRetriable(error)) return this.#fail(toError(error))
        this.#checkSession()
        this.#o.log[failures === 0 ? 'info' : 'debug'](
          { group: this.#o.groupId, error: error.message },
          'joining the group again',
        )
        await this.#sleep(exponentialBackoffMs(failures++, this.#o.retryBackoffMs ?? 100, this.#o.retryBackoffMaxMs ?? 1000))
      }
    }
  }

  /** One rebalance to its end, or a throw: retriable ones come back here, with onRevoked not called a second time. */
  async #rebalance(): Promise<void> {
    if (!this.#prepared) {
      await this.#giveUp(false)
      this.#prepared = true
    }
    await this.#settleLoss()
    this.#throwIfStopped()
    const protocols = await this.#o.listener.protocols()
    await this.#settleLoss()
    this.#throwIfStopped()
    this.#exchanging = true
    const { figures, clock } = this.#o
    const startedMs = clock.monotonicMs()
    try {
      this.#rejoinReason = null
      const joined = await this.#join(protocols)
      const joinedMs = clock.monotonicMs()
      figures?.joined(joinedMs - startedMs)
      const assignment = await this.#sync(joined)
      this.#touch()
      figures?.synced(clock.monotonicMs() - joinedMs)
      figures?.rebalanced(clock.monotonicMs() - startedMs)
      this.#exchanging = false
      this.#holds = true
      this.#prepared = false
      await this.#o.listener.onAssigned({ ...joined, protocol: joined.protocol, assignment })
    } catch (error) {
      if (this.#exchanging && !this.#stop.signal.aborted) figures?.rebalanceFailed()
      throw error
    } finally {
      this.#exchanging = false
    }
  }

  #identity(): MemberIdentity {
    return { generation: this.#generation, memberId: this.#memberId, groupInstanceId: this.#o.groupInstanceId ?? null }
  }

  async #join(protocols: readonly GroupProtocol[]): Promise<JoinAnswer> {
    for (;;) {
      const answer = await this.#coordinator.join(this.#memberId, protocols)
      this.#throwIfStopped()
      if (answer.errorCode === E.NONE) {
        this.#memberId = answer.memberId
        this.#generation = answer.generation
        this.#touch()
        this.#keepPulse()
        return answer
      }
      // At most two rounds follow one another without a back-off: UNKNOWN_MEMBER_ID empties the id, an empty id is answered by this.
      if (answer.errorCode === E.MEMBER_ID_REQUIRED) this.#memberId = answer.memberId
      else throw await this.#refused('JoinGroup', answer.errorCode)
    }
  }

  async #sync({ generation, memberId, leaderId, protocol, members }: JoinAnswer): Promise<Buffer> {
    const assignments = memberId === leaderId ? await this.#o.listener.assign(protocol, members) : new Map<string, Buffer>()
    const answer = await this.#coordinator.sync({ ...this.#identity(), generation, memberId }, assignments)
    this.#throwIfStopped()
    if (answer.errorCode !== E.NONE) throw await this.#refused('SyncGroup', answer.errorCode)
    return answer.assignment
  }

  /** Draws the consequences of an error code of JoinGroup or SyncGroup and gives the error to throw. */
  async #refused(api: string, code: number): Promise<KafkaError> {
    if (code === E.NOT_COORDINATOR || code === E.COORDINATOR_NOT_AVAILABLE) this.#coordinator.miss()
    if (code === E.UNKNOWN_MEMBER_ID || code === E.ILLEGAL_GENERATION) {
      this.#lose(`${api} was refused (${code})`, code)
      await this.#settleLoss()
    }
    return kafkaError(api, code, `group ${this.#o.groupId}`, !isFatalForMember(code))
  }

  async #beat(): Promise<void> {
    const { clock, heartbeatIntervalMs } = this.#o
    while (!this.#stopBeat.signal.aborted) {
      await clock.sleep(heartbeatIntervalMs, this.#stopBeat.signal).catch(() => undefined)
      if (this.#stopBeat.signal.aborted) return
      this.#keepPulse()
      if (this.#generation < 0 || this.#exchanging) continue
      // Not awaited: an answer that does not come must not keep the session from running out. At most one is under way.
      if (!this.#beatInFlight) void this.#beatOnce()
      this.#checkSession()
    }
  }

  /** One heartbeat; after a failure more of them, sooner, until one is answered or the place in the group is lost or asked for anew. */
  async #beatOnce(): Promise<void> {
    const { clock, heartbeatIntervalMs, retryBackoffMaxMs = 1000 } = this.#o
    this.#beatInFlight = true
    try {
      for (;;) {
        await this.#tryBeat()
        if (!this.#coordinator.isAway) return
        const pauseMs = Math.min(retryBackoffMaxMs, heartbeatIntervalMs / BEATS_IN_OUTAGE)
        await clock.sleep(pauseMs, this.#stopBeat.signal).catch(() => undefined)
        if (this.#generation < 0 || this.#exchanging || this.#stopBeat.signal.aborted) return
      }
    } finally {
      this.#beatInFlight = false
    }
  }

  async #tryBeat(): Promise<void> {
    try {
      await this.#heartbeat()
    } catch (error) {
      this.#o.log.debug({ group: this.#o.groupId, error: toError(error).message }, 'a heartbeat failed')
      this.#coordinator.miss()
    }
  }

  async #heartbeat(): Promise<void> {
    const generation = this.#generation
    // A heartbeat that JoinGroup has overtaken would wait behind it in the lane, so it is not sent any more.
    const isDue = () => !this.#exchanging && generation === this.#generation
    const code = await this.#coordinator.heartbeat(this.#identity(), isDue)
    if (code === null || !isDue()) return
    switch (code) {
      case E.NONE:
        return this.#touch()
      case E.REBALANCE_IN_PROGRESS:
        this.#touch()
        return this.requestRejoin('the group is rebalancing')
      case E.ILLEGAL_GENERATION:
      case E.UNKNOWN_MEMBER_ID:
        return this.#lose(`the coordinator does not know this member any more (${code})`, code)
      case E.FENCED_INSTANCE_ID:
      case E.GROUP_AUTHORIZATION_FAILED:
        this.#failure = kafkaError('Heartbeat', code, `group ${this.#o.groupId}`, false)
        return this.#lose(this.#failure.message, code)
      default:
        this.#coordinator.miss()
    }
  }

  #keepPulse(): void {
    this.#o.pulse?.keep(this.#generation < 0 ? null : this.#identity())
  }

  #touch(): void {
    this.#lastContactMs = this.#o.clock.monotonicMs()
  }

  /**
   * Nobody answered for the session timeout: the coordinator has given our partitions away, as far as we can know. A member that is told when the
   * coordinator is out of reach keeps its work: it may only have got no processor, and the next answer says what it has lost (as in Java).
   */
  #checkSession(): void {
    if (this.#o.unreachableTimeoutMs !== undefined) return
    const silentMs = this.#o.clock.monotonicMs() - this.#lastContactMs
    if (this.#generation < 0 || this.#exchanging || silentMs <= this.#o.sessionTimeoutMs) return
    this.#lose(
      `no answer from the group coordinator for ${Math.round(silentMs)} ms, session.timeout.ms is ${this.#o.sessionTimeoutMs}`,
      0,
    )
  }

  #lose(why: string, code: number): void {
    if (code === E.UNKNOWN_MEMBER_ID) this.#memberId = ''
    this.#generation = -1
    this.#keepPulse()
    this.#lost ??= { why, code }
    this.#wakeUp()
  }

  /** Tells the listener of a loss, once, in the member loop. */
  async #settleLoss(): Promise<void> {
    const lost = this.#lost
    this.#lost = null
    if (this.#failure !== null) throw this.#failure
    if (lost === null || !this.#holds) return
    this.#holds = false
    this.#o.log.warn({ group: this.#o.groupId, why: lost.why }, 'the place in the group is lost')
    await this.#o.listener.onLost(lost.why, lost.code)
  }

  async #giveUp(leaving: boolean): Promise<void> {
    if (this.#lost !== null) await this.#settleLoss()
    else if (this.#holds) await this.#o.listener.onRevoked(leaving)
  }

  async #untilRejoin(): Promise<void> {
    while (this.#rejoinReason === null && this.#lost === null && !this.#stop.signal.aborted)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    if (this.#rejoinReason !== null) this.#o.log.debug({ group: this.#o.groupId, why: this.#rejoinReason }, 'rejoining')
  }

  #wakeUp(): void {
    this.#wake?.()
    this.#wake = null
  }

  async #fail(error: Error): Promise<void> {
    this.#failure = error
    this.#generation = -1
    this.#keepPulse()
    this.#stopBeat.abort()
    this.#coordinator.close()
    try {
      if (this.#holds) await this.#o.listener.onLost(error.message, error instanceof KafkaError ? error.errorCode : 0)
    } catch (thrown) {
      this.#o.log.error({ group: this.#o.groupId, error: toError(thrown) }, 'onLost failed')
    }
    this.#holds = false
    this.#o.listener.onError(error)
  }

  #throwIfStopped(): void {
    if (this.#stop.signal.aborted) throw new AbortedError()
  }

  async #sleep(ms: number): Promise<void> {
    await this.#o.clock.sleep(ms, this.#stop.signal).catch(() => undefined)
  }
}

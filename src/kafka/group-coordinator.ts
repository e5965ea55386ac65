// What one member asks of its group's coordinator: a request each, to whoever coordinates just now, and for how long nobody answered. What an
// answer means for the membership is group-member.ts's, which alone uses this, in its thread.
import type { Clock } from '../base/clock.ts'
import { AbortedError, toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { Cluster } from './cluster.ts'
import { E } from './codec/group-errors.ts'
import { decodeHeartbeat, encodeHeartbeat, heartbeatApi, type MemberIdentity } from './codec/group-heartbeat.ts'
import { decodeJoinGroup, encodeJoinGroup, type JoinAnswer, joinGroupApi } from './codec/group-join.ts'
import { decodeLeaveGroup, encodeLeaveGroup, leaveGroupApi } from './codec/group-leave.ts'
import { decodeSyncGroup, encodeSyncGroup, syncGroupApi } from './codec/group-sync.ts'
import type { GroupFigures } from './figures.ts'
import type { GroupPulse } from './group-pulse.ts'
import { Outage } from './outage.ts'
import type { Api } from './types.ts'

export interface GroupCoordinatorOptions {
  readonly cluster: Cluster
  readonly log: Logger
  readonly clock: Clock
  readonly groupId: string
  readonly groupInstanceId?: string | null
  readonly protocolType: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly figures?: GroupFigures
  /** beats for the member, too */
  readonly pulse?: GroupPulse
}

/** How long leaving may take when the coordinator does not answer; the session timeout covers the rest. */
const LEAVE_TIMEOUT_MS = 5000
/** JoinGroup is answered when the last member has joined: the rebalance timeout, and some for the way (Java's figure). */
const JOIN_EXTRA_MS = 5000

export class GroupCoordinator {
  readonly #o: GroupCoordinatorOptions
  readonly #outage: Outage
  readonly #stopped: AbortSignal

  /**
   * @param stopped ends the waiting for join and sync
   * @param unreachable called once in each outage that lasts for `afterMs`; null: never
   */
  constructor(
    options: GroupCoordinatorOptions,
    stopped: AbortSignal,
    unreachable: { readonly afterMs: number | null; onLimit(): void },
  ) {
    this.#o = options
    this.#stopped = stopped
    this.#outage = new Outage(
      options.clock,
      unreachable.afterMs,
      unreachable.onLimit,
      () => options.pulse?.lastAnswerMs ?? -Infinity,
    )
  }

  /** the last call failed */
  get isAway(): boolean {
    return this.#outage.isOn
  }

  /** Outages are not watched any more. */
  close(): void {
    this.#outage.end()
  }

  /** It is elsewhere or away: to be looked for at the next call. */
  miss(): void {
    this.#o.cluster.forgetCoordinator('group', this.#o.groupId)
    if (!this.#stopped.aborted) this.#outage.begin()
  }

  /** @param memberId '' for a new member */
  async join(memberId: string, protocols: readonly { name: string; metadata: Buffer }[]): Promise<JoinAnswer> {
    const { groupId, sessionTimeoutMs, rebalanceTimeoutMs, groupInstanceId = null, protocolType } = this.#o
    const request = { groupId, sessionTimeoutMs, rebalanceTimeoutMs, memberId, groupInstanceId, protocolType, protocols }
    return decodeJoinGroup(await this.#call(joinGroupApi, encodeJoinGroup(request)))
  }

  /** @param assignments by member id; empty unless the member leads */
  async sync(
    identity: MemberIdentity,
    assignments: ReadonlyMap<string, Buffer>,
  ): Promise<{ errorCode: number; assignment: Buffer }> {
    return decodeSyncGroup(
      await this.#call(syncGroupApi, encodeSyncGroup({ groupId: this.#o.groupId, ...identity, assignments })),
    )
  }

  /**
   * The error code of the answer.
   * @param isDue asked just before it is sent; null where it was not sent
   */
  async heartbeat(identity: MemberIdentity, isDue: () => boolean): Promise<number | null> {
    const { cluster, groupId, clock, heartbeatIntervalMs, sessionTimeoutMs, figures } = this.#o
    const body = encodeHeartbeat({ groupId, ...identity })
    const timeoutMs = Math.max(heartbeatIntervalMs, sessionTimeoutMs / 3)
    const node = await cluster.coordinator('group', groupId)
    if (!isDue()) return null
    const sentMs = clock.monotonicMs()
    const code = decodeHeartbeat(await cluster.call(node, 'group', heartbeatApi, body, timeoutMs))
    this.#outage.end()
    figures?.heartbeat(clock.monotonicMs() - sentMs)
    return code
  }

  /** Says good-bye for a member. Never rejects. On the lane `meta`: a JoinGroup in flight would hold it up in `group`. */
  async leave(memberId: string): Promise<void> {
    const { cluster, groupId, log } = this.#o
    try {
      const node = await cluster.coordinator('group', groupId)
      const body = encodeLeaveGroup({ groupId, members: [{ memberId, groupInstanceId: null }] })
      const code = decodeLeaveGroup(await cluster.call(node, 'meta', leaveGroupApi, body, LEAVE_TIMEOUT_MS))
      if (code !== E.NONE) log.debug({ group: groupId, code }, 'LeaveGroup was answered by an error')
    } catch (error) {
      log.info({ group: groupId, error: toError(error).message }, 'could not say good-bye to the group; the session timeout will')
    }
  }

  async #call(api: Api, body: Buffer): Promise<Buffer> {
    const { cluster, groupId, rebalanceTimeoutMs } = this.#o
    try {
      const node = await this.#unlessStopped(cluster.coordinator('group', groupId))
      const call = cluster.call(node, 'group', api, body, rebalanceTimeoutMs + JOIN_EXTRA_MS)
      const answer = await this.#unlessStopped(call)
      this.#outage.end()
      return answer
    } catch (error) {
      if (!this.#stopped.aborted) this.miss()
      throw error
    }
  }

  /** leave() of the member does not wait for a JoinGroup that may take minutes. */
  #unlessStopped<T>(answer: Promise<T>): Promise<T> {
    const signal = this.#stopped
    return new Promise<T>((resolve, reject) => {
      const onAbort = () => reject(new AbortedError())
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    })
  }
}

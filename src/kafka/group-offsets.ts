// Commits and reads a group's offsets, with the retries that are safe. Runs in the thread of its GroupMember.
//
// On the lane `meta`: a JoinGroup may wait in `group` for minutes, and the broker answers a connection in order.
import { exponentialBackoffMs } from '../base/backoff.ts'
import type { Clock } from '../base/clock.ts'
import { isRetriable, KafkaError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { Cluster } from './cluster.ts'
import { kafkaError } from './codec/errors.ts'
import {
  decodeOffsetCommit,
  decodeOffsetFetch,
  encodeOffsetCommit,
  encodeOffsetFetch,
  offsetCommitApi,
  offsetFetchApi,
} from './codec/group-commit.ts'
import { E } from './codec/group-errors.ts'
import type { MemberIdentity } from './codec/group-heartbeat.ts'
import { type OffsetAndMetadata, partitionKey, type TopicPartition } from './types.ts'

export interface GroupOffsetsOptions {
  readonly cluster: Cluster
  readonly log: Logger
  readonly clock: Clock
  readonly groupId: string
  readonly retryBackoffMs?: number
  readonly retryBackoffMaxMs?: number
}

/** Java's default.api.timeout.ms: how long one commit or fetch is tried. */
const TRY_MS = 60_000

const COORDINATOR_AWAY: ReadonlySet<number> = new Set([E.COORDINATOR_NOT_AVAILABLE, E.NOT_COORDINATOR, E.REQUEST_TIMED_OUT, -1])
const WAIT: ReadonlySet<number> = new Set([E.COORDINATOR_LOAD_IN_PROGRESS, E.UNKNOWN_TOPIC_OR_PARTITION])
/** The membership changed meanwhile: another try under another generation may go through, this one never. */
const OVERTAKEN: ReadonlySet<number> = new Set([E.ILLEGAL_GENERATION, E.UNKNOWN_MEMBER_ID, E.REBALANCE_IN_PROGRESS])

export class GroupOffsets {
  readonly #o: GroupOffsetsOptions
  constructor(options: GroupOffsetsOptions) {
    this.#o = options
  }

  /** @param isCurrent false ends the retries: the generation has passed */
  async commit(
    offsets: readonly (TopicPartition & OffsetAndMetadata)[],
    member: MemberIdentity,
    isCurrent: () => boolean,
  ): Promise<void> {
    if (offsets.length === 0) return
    const body = encodeOffsetCommit(this.#o.groupId, member, offsets)
    await this.#try('OffsetCommit', isCurrent, async node => {
      const answer = decodeOffsetCommit(await this.#o.cluster.call(node, 'meta', offsetCommitApi, body))
      const failed = answer.find(p => p.errorCode !== E.NONE)
      if (failed === undefined) return
      const where = `group ${this.#o.groupId}, ${partitionKey(failed)}`
      const retriable = OVERTAKEN.has(failed.errorCode) ? true : undefined
      throw kafkaError('OffsetCommit', failed.errorCode, where, retriable)
    })
  }

  /** Committed offsets by partitionKey; partitions without one are left out. null: all of the group's. */
  async fetch(partitions: readonly TopicPartition[] | null): Promise<Map<string, TopicPartition & OffsetAndMetadata>> {
    if (partitions !== null && partitions.length === 0) return new Map()
    const body = encodeOffsetFetch(this.#o.groupId, partitions)
    return this.#try(
      'OffsetFetch',
      () => true,
      async node => {
        const answer = decodeOffsetFetch(await this.#o.cluster.call(node, 'meta', offsetFetchApi, body))
        const failed = answer.offsets.find(p => p.errorCode !== E.NONE)
        const code = answer.errorCode || (failed?.errorCode ?? 0)
        if (code !== E.NONE)
          throw kafkaError('OffsetFetch', code, `group ${this.#o.groupId}${failed ? `, ${partitionKey(failed)}` : ''}`)
        return new Map(answer.offsets.filter(p => p.offset >= 0).map(p => [partitionKey(p), p]))
      },
    )
  }

  async #try<T>(api: string, isCurrent: () => boolean, once: (node: number) => Promise<T>): Promise<T> {
    const { cluster, clock, groupId } = this.#o
    const endMs = clock.monotonicMs() + TRY_MS
    for (let failures = 0; ; failures++) {
      try {
        return await once(await cluster.coordinator('group', groupId))
      } catch (error) {
        const code = error instanceof KafkaError ? error.errorCode : undefined
        if (code === undefined || OVERTAKEN.has(code) || !(isRetriable(error) || WAIT.has(code))) throw error
        if (COORDINATOR_AWAY.has(code)) cluster.forgetCoordinator('group', groupId)
        if (!isCurrent() || clock.monotonicMs() > endMs) throw error
        this.#o.log.debug({ api, group: groupId, error: (error as Error).message }, 'trying again')
      }
      await clock.sleep(exponentialBackoffMs(failures, this.#o.retryBackoffMs ?? 100, this.#o.retryBackoffMaxMs ?? 1000))
    }
  }
}

// Administration: topics, configs, groups and offsets, for the supervisor, for internal topics and for tests. Any thread that has a Cluster.
// Each call is tried until `timeoutMs` while its error is retriable, with exponential back-off between the tries.
import { exponentialBackoffMs } from '../base/backoff.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { isRetriable, KafkaError } from '../base/errors.ts'
import { type Logger, silentLogger } from '../base/log.ts'
import type { Cluster } from './cluster.ts'
import {
  alterConfigsApi,
  BROKER,
  type ConfigEntry,
  decodeAlterConfigs,
  decodeDescribeConfigs,
  describeConfigsApi,
  encodeAlterConfigs,
  encodeDescribeConfigs,
  TOPIC,
} from './codec/admin-configs.ts'
import {
  decodeDeleteGroups,
  decodeDescribeGroups,
  decodeOffsetDelete,
  deleteGroupsApi,
  describeGroupsApi,
  encodeDeleteGroups,
  encodeDescribeGroups,
  encodeOffsetDelete,
  type GroupInfo,
  offsetDeleteApi,
} from './codec/admin-groups.ts'
import { decodeListOffsets, encodeListOffsets, listOffsetsApi } from './codec/admin-list-offsets.ts'
import {
  createPartitionsApi,
  createTopicsApi,
  decodeDeleteRecords,
  decodeDeleteTopics,
  decodeNamedOutcomes,
  deleteRecordsApi,
  deleteTopicsApi,
  encodeCreatePartitions,
  encodeCreateTopics,
  encodeDeleteRecords,
  encodeDeleteTopics,
  type NamedOutcome,
} from './codec/admin-topics.ts'
import { ErrorCode, kafkaError } from './codec/errors.ts'
import { E } from './codec/group-errors.ts'
import { decodeLeaveGroup, encodeLeaveGroup, leaveGroupApi } from './codec/group-leave.ts'
import { GroupOffsets } from './group-offsets.ts'
import { takeTransactionalId } from './transactions.ts'
import { type Api, type OffsetAndMetadata, partitionKey, type TopicMetadata, type TopicPartition } from './types.ts'

export interface AdminOptions {
  readonly clock?: Clock
  readonly log?: Logger
  readonly timeoutMs?: number
  readonly retryBackoffMs?: number
  readonly retryBackoffMaxMs?: number
}

export interface TopicToCreate {
  readonly topic: string
  /** -1: the broker's default */
  readonly partitions?: number
  readonly replicationFactor?: number
  readonly configs?: Readonly<Record<string, string>>
}

/** Offsets asked for by name instead of by timestamp. */
export const EARLIEST = -2
export const LATEST = -1

/** Java's default.api.timeout.ms. */
const TIMEOUT_MS = 60_000
const FENCED_AT_ONCE = 100

export class Admin {
  readonly #cluster: Cluster
  readonly #clock: Clock
  readonly #log: Logger
  readonly #o: AdminOptions
  readonly #timeoutMs: number

  constructor(cluster: Cluster, options: AdminOptions = {}) {
    this.#cluster = cluster
    this.#o = options
    this.#clock = options.clock ?? systemClock
    this.#log = options.log ?? silentLogger
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  }

  /** Creates the topics and waits until a leader of every partition is known. Fails with the first error, also when a topic exists. */
  async createTopics(topics: readonly TopicToCreate[]): Promise<void> {
    const wanted = topics.map(({ topic, ...rest }) => ({ name: topic, ...rest }))
    const body = encodeCreateTopics(wanted, this.#brokerTimeoutMs, false)
    await this.#named(createTopicsApi, body, decodeNamedOutcomes)
    await this.#ready(topics.map(t => t.topic))
  }

  /** true: created, false: it was there already, whatever its settings. */
  async createTopicIfAbsent(topic: TopicToCreate): Promise<boolean> {
    try {
      await this.createTopics([topic])
      return true
    } catch (error) {
      if (!(error instanceof KafkaError) || error.errorCode !== ErrorCode.TOPIC_ALREADY_EXISTS) throw error
      await this.#ready([topic.topic])
      return false
    }
  }

  async deleteTopics(topics: readonly string[]): Promise<void> {
    await this.#named(deleteTopicsApi, encodeDeleteTopics(topics, this.#brokerTimeoutMs), decodeDeleteTopics)
  }

  async createPartitions(topic: string, count: number): Promise<void> {
    await this.#named(createPartitionsApi, encodeCreatePartitions(topic, count, this.#brokerTimeoutMs), decodeNamedOutcomes)
  }

  /** null where the topic does not exist; other errors of a topic are thrown. */
  async describeTopics(topics: readonly string[]): Promise<(TopicMetadata | null)[]> {
    const found = await this.#try('Metadata', () => this.#cluster.metadata(topics))
    return topics.map(name => {
      const topic = found.find(t => t.name === name)
      if (topic === undefined || topic.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return null
      if (topic.errorCode !== ErrorCode.NONE) throw kafkaError('Metadata', topic.errorCode, name)
      return topic
    })
  }

  async listTopics(): Promise<TopicMetadata[]> {
    return this.#try('Metadata', () => this.#cluster.metadata(null))
  }

  /** The topic's settings by name, defaults included. */
  async topicConfigs(topic: string, keys: readonly string[] | null = null): Promise<Map<string, ConfigEntry>> {
    return this.#configs(TOPIC, topic, keys, this.#cluster.anyNode())
  }

  async brokerConfigs(node: number, keys: readonly string[] | null = null): Promise<Map<string, ConfigEntry>> {
    return this.#configs(BROKER, String(node), keys, node)
  }

  /** @param changes null removes a setting */
  async alterTopicConfigs(topic: string, changes: Readonly<Record<string, string | null>>): Promise<void> {
    await this.#named(alterConfigsApi, encodeAlterConfigs(TOPIC, topic, changes), decodeAlterConfigs)
  }

  /** @param at EARLIEST, LATEST, or a timestamp: the first offset not older, -1 where there is none */
  async listOffsets(
    partitions: readonly TopicPartition[],
    at: number,
    isolation: 'read_uncommitted' | 'read_committed' = 'read_uncommitted',
  ): Promise<Map<string, number>> {
    const result = new Map<string, number>()
    await this.#atLeaders('ListOffsets', partitions, async (node, list) => {
      const body = encodeListOffsets(
        isolation,
        list.map(p => ({ ...p, timestamp: at })),
      )
      const answer = decodeListOffsets(await this.#cluster.call(node, 'meta', listOffsetsApi, body))
      for (const p of answer) if (p.errorCode === ErrorCode.NONE) result.set(partitionKey(p), p.offset)
      return answer
    })
    return result
  }

  /** Removes what lies before the given offsets. */
  async deleteRecords(before: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    await this.#atLeaders('DeleteRecords', before, async (node, list) => {
      const body = encodeDeleteRecords(list, this.#brokerTimeoutMs)
      return decodeDeleteRecords(await this.#cluster.call(node, 'meta', deleteRecordsApi, body))
    })
  }

  async describeGroup(groupId: string): Promise<GroupInfo> {
    return this.#atCoordinator('DescribeGroups', groupId, async node => {
      const [group] = decodeDescribeGroups(
        await this.#cluster.call(node, 'meta', describeGroupsApi, encodeDescribeGroups([groupId])),
      )
      if (group === undefined) throw kafkaError('DescribeGroups', ErrorCode.UNKNOWN_SERVER_ERROR, groupId)
      // Newer versions answer this for a group that is not there; older ones call it Dead.
      if (group.errorCode !== ErrorCode.NONE && group.errorCode !== E.GROUP_ID_NOT_FOUND)
        throw kafkaError('DescribeGroups', group.errorCode, groupId)
      return group
    })
  }

  /** A group that does not exist counts as deleted; one with members fails (NON_EMPTY_GROUP). */
  async deleteGroup(groupId: string): Promise<void> {
    await this.#atCoordinator('DeleteGroups', groupId, async node => {
      const [outcome] = decodeDeleteGroups(await this.#cluster.call(node, 'meta', deleteGroupsApi, encodeDeleteGroups([groupId])))
      const code = outcome?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
      if (code !== ErrorCode.NONE && code !== E.GROUP_ID_NOT_FOUND) throw kafkaError('DeleteGroups', code, groupId)
    })
  }

  /** Takes a member out of a group on its behalf; one that is not there any more counts as removed. */
  async removeGroupMember(groupId: string, memberId: string): Promise<void> {
    await this.#atCoordinator('LeaveGroup', groupId, async node => {
      const body = encodeLeaveGroup({ groupId, members: [{ memberId, groupInstanceId: null }] })
      const code = decodeLeaveGroup(await this.#cluster.call(node, 'meta', leaveGroupApi, body))
      if (code !== ErrorCode.NONE && code !== E.UNKNOWN_MEMBER_ID) throw kafkaError('LeaveGroup', code, groupId)
    })
  }

  async deleteGroups(groupIds: readonly string[]): Promise<void> {
    for (const groupId of groupIds) await this.deleteGroup(groupId)
  }

  /** Committed offsets by partitionKey(). @param partitions null: all of the group's */
  async groupOffsets(
    groupId: string,
    partitions: readonly TopicPartition[] | null = null,
  ): Promise<Map<string, TopicPartition & OffsetAndMetadata>> {
    const found = await this.#offsetsOf(groupId).fetch(partitions)
    return found
  }

  /** Sets offsets of a group without members; with members it fails (UNKNOWN_MEMBER_ID). */
  async alterGroupOffsets(groupId: string, offsets: readonly (TopicPartition & OffsetAndMetadata)[]): Promise<void> {
    await this.#offsetsOf(groupId).commit(offsets, { generation: -1, memberId: '', groupInstanceId: null }, () => true)
  }

  /** Removes committed offsets; topics the group is subscribed to fail (GROUP_SUBSCRIBED_TO_TOPIC). */
  async deleteGroupOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
    await this.#atCoordinator('OffsetDelete', groupId, async node => {
      const answer = decodeOffsetDelete(
        await this.#cluster.call(node, 'meta', offsetDeleteApi, encodeOffsetDelete(groupId, partitions)),
      )
      const failed = answer.partitions.find(
        p => p.errorCode !== ErrorCode.NONE && p.errorCode !== ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      )
      const code = answer.errorCode || (failed?.errorCode ?? 0)
      if (code !== ErrorCode.NONE && code !== E.GROUP_ID_NOT_FOUND) throw kafkaError('OffsetDelete', code, groupId)
    })
  }

  /** Fences whoever holds one of these transactional ids; their open transactions are aborted (Java: Admin.fenceProducers). */
  async fenceProducers(transactionalIds: readonly string[]): Promise<void> {
    const fence = (id: string) => this.#try('InitProducerId', () => takeTransactionalId(this.#cluster, id, this.#brokerTimeoutMs))
    for (let i = 0; i < transactionalIds.length; i += FENCED_AT_ONCE)
      await Promise.all(transactionalIds.slice(i, i + FENCED_AT_ONCE).map(fence))
  }

  get #brokerTimeoutMs(): number {
    return Math.min(this.#timeoutMs, 30_000)
  }

  #offsetsOf(groupId: string): GroupOffsets {
    return new GroupOffsets({ ...this.#o, cluster: this.#cluster, log: this.#log, clock: this.#clock, groupId })
  }

  async #configs(type: number, name: string, keys: readonly string[] | null, node: number): Promise<Map<string, ConfigEntry>> {
    return this.#try('DescribeConfigs', async () => {
      const body = encodeDescribeConfigs(type, [name], keys)
      const [found] = decodeDescribeConfigs(await this.#cluster.call(node, 'meta', describeConfigsApi, body))
      if (found === undefined) throw kafkaError('DescribeConfigs', ErrorCode.UNKNOWN_SERVER_ERROR, name)
      if (found.errorCode !== ErrorCode.NONE)
        throw kafkaError('DescribeConfigs', found.errorCode, `${name}${found.message ? `: ${found.message}` : ''}`)
      return new Map(found.configs.map(c => [c.name, c]))
    })
  }

  /** Partitions created a moment ago may be without a leader, and other brokers may not know them yet. */
  async #ready(topics: readonly string[]): Promise<void> {
    await this.#try('Metadata', async () => {
      const found = await this.#cluster.metadata(topics)
      for (const { name, errorCode, partitions } of found) {
        const code = errorCode || (partitions.some(p => p.leader < 0) ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.NONE)
        if (code !== ErrorCode.NONE) throw kafkaError('Metadata', code, name)
      }
    })
  }

  async #named(api: Api, body: Buffer, decode: (answer: Buffer) => NamedOutcome[]): Promise<void> {
    await this.#try(api.name, async () => {
      const answer = decode(await this.#cluster.call(this.#cluster.anyNode(), 'meta', api, body))
      const failed = answer.find(o => o.errorCode !== ErrorCode.NONE)
      if (failed === undefined) return
      const where = `${failed.name}${failed.message ? `: ${failed.message}` : ''}`
      // From the controller "unknown topic" is no passing state.
      const retriable = failed.errorCode === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION ? false : undefined
      throw kafkaError(api.name, failed.errorCode, where, retriable)
    })
  }

  async #atLeaders<P extends TopicPartition>(
    api: string,
    partitions: readonly P[],
    ask: (node: number, list: P[]) => Promise<readonly (TopicPartition & { readonly errorCode: number })[]>,
  ): Promise<void> {
    let left = [...partitions]
    await this.#try(api, async () => {
      if (left.some(p => this.#cluster.leaderOf(p.topic, p.partition) < 0))
        await this.#cluster.refresh([...new Set(left.map(p => p.topic))])
      const byNode = Map.groupBy(left, p => this.#cluster.leaderOf(p.topic, p.partition))
      let failure: KafkaError | null = null
      for (const [node, list] of byNode) {
        if (node < 0) {
          failure ??= kafkaError(api, ErrorCode.LEADER_NOT_AVAILABLE, list[0] && partitionKey(list[0]))
          continue
        }
        const failed = new Map(
          (await ask(node, list)).filter(p => p.errorCode !== ErrorCode.NONE).map(p => [partitionKey(p), p.errorCode]),
        )
        left = left.filter(p => !list.includes(p) || failed.has(partitionKey(p)))
        for (const [key, code] of failed) failure ??= kafkaError(api, code, key)
      }
      if (failure === null) return
      await this.#cluster.refresh([...new Set(left.map(p => p.topic))]).catch(() => undefined)
      throw failure
    })
  }

  async #atCoordinator<T>(api: string, groupId: string, once: (node: number) => Promise<T>): Promise<T> {
    return this.#try(api, async () => {
      try {
        return await once(await this.#cluster.coordinator('group', groupId))
      } catch (error) {
        if (isRetriable(error)) this.#cluster.forgetCoordinator('group', groupId)
        throw error
      }
    })
  }

  async #try<T>(api: string, once: () => Promise<T>): Promise<T> {
    const { retryBackoffMs = 100, retryBackoffMaxMs = 1000 } = this.#o
    const endMs = this.#clock.monotonicMs() + this.#timeoutMs
    for (let failures = 0; ; failures++) {
      try {
        return await once()
      } catch (error) {
        if (!isRetriable(error) || this.#clock.monotonicMs() >= endMs) throw error
        this.#log.debug({ api, error: (error as Error).message }, 'trying again')
      }
      await this.#clock.sleep(exponentialBackoffMs(failures, retryBackoffMs, retryBackoffMaxMs))
    }
  }
}

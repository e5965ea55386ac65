// A consumer's place in its group: which partitions are ours, from subscription to commit. Speaks protocol type `consumer`, so Java
// consumers may share the group. Runs in a task thread; called by task/sink-task.
//
// With eager rebalancing (any assignor of the list being eager, as Java chooses) everything is revoked before joining. With cooperative
// rebalancing (KIP-429) only what the new assignment lacks is revoked, and the member joins once more so that others can have it.
import type { Clock } from '../base/clock.ts'
import { toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { Wake } from '../base/wake.ts'
import { assignorNamed } from './assignors/assignors.ts'
import type { Assignor } from './assignors/types.ts'
import type { Cluster } from './cluster.ts'
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from './codec/group-consumer.ts'
import type { GroupFigures } from './figures.ts'
import { type GroupAssignment, GroupMember, type JoinedMember } from './group-member.ts'
import { type OffsetAndMetadata, partitionKey, type TopicPartition } from './types.ts'

export type CommitOffset = TopicPartition & OffsetAndMetadata

export interface ConsumerMembershipOptions {
  readonly cluster: Cluster
  readonly log: Logger
  readonly clock: Clock
  readonly groupId: string
  readonly groupInstanceId?: string | null
  /** names, or a pattern that must match the whole name; internal topics never match a pattern */
  readonly topics: readonly string[] | RegExp
  /** names in the group protocol, or Java class names, most wanted first */
  readonly assignors?: readonly string[]
  readonly sessionTimeoutMs?: number
  /** Java's max.poll.interval.ms: how long onRevoked may take while others wait */
  readonly rebalanceTimeoutMs?: number
  readonly heartbeatIntervalMs?: number
  readonly metadataMaxAgeMs?: number
  /** Java's allow.auto.create.topics: named topics that are missing are made by a broker that does so */
  readonly allowAutoCreate?: boolean
  readonly figures?: GroupFigures
  /** `added` may be empty; with eager rebalancing it is the whole assignment */
  onAssigned(added: readonly TopicPartition[]): Promise<void>
  /** still ours while it runs: put, commit, close */
  onRevoked(revoked: readonly TopicPartition[]): Promise<void>
  /** others may have them already: drop, commit nothing */
  onLost(lost: readonly TopicPartition[]): Promise<void>
  /** the group knows us by this id from now on */
  onJoined?(memberId: string): void
  /** the member has given up for good */
  onError(error: Error): void
}

/** While a subscribed topic is missing the metadata is looked at this often. */
const MISSING_CHECK_MS = 1000

export class ConsumerMembership {
  readonly #o: ConsumerMembershipOptions
  readonly #assignors: readonly Assignor[]
  readonly #cooperative: boolean
  readonly #pattern: RegExp | null
  readonly #member: GroupMember
  readonly #stop = new AbortController()
  /** rung when the metadata is to be looked at sooner, or no more */
  readonly #watchChanged: Wake
  #watching: Promise<void> = Promise.resolve()
  #topics: readonly string[] | null
  #toldMemberId = ''
  #owned = new Map<string, TopicPartition>()
  /** on the leader: the partition counts of all the group's topics as they were assigned */
  #assignedCounts: Map<string, number> | null = null
  #isMissingTopics = false

  constructor(options: ConsumerMembershipOptions) {
    this.#o = options
    this.#assignors = (options.assignors ?? ['range', 'cooperative-sticky']).map(assignorNamed)
    this.#cooperative = this.#assignors.every(a => a.cooperative)
    this.#pattern = options.topics instanceof RegExp ? wholeName(options.topics) : null
    this.#topics = options.topics instanceof RegExp ? null : [...new Set(options.topics)]
    this.#watchChanged = new Wake(options.clock)
    this.#member = new GroupMember({
      ...options,
      protocolType: 'consumer',
      sessionTimeoutMs: options.sessionTimeoutMs ?? 45_000,
      rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 300_000,
      heartbeatIntervalMs: options.heartbeatIntervalMs ?? 3000,
      listener: {
        protocols: () => this.#protocols(),
        assign: (protocol, members) => this.#assign(protocol, members),
        onRevoked: leaving => this.#onRevoked(leaving),
        onAssigned: assignment => this.#onAssigned(assignment),
        onLost: () => this.#onLost(),
        onError: error => options.onError(error),
      },
    })
  }

  get assignment(): readonly TopicPartition[] {
    return [...this.#owned.values()]
  }

  get generation(): number {
    return this.#member.generation
  }

  get memberId(): string {
    return this.#member.memberId
  }

  start(): void {
    this.#member.start()
    this.#watching = this.#watch()
  }

  /** Revokes what is held (onRevoked), leaves the group, settles when all is quiet. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#watchChanged.ring()
    await this.#member.leave()
    await this.#watching
  }

  /**
   * Commits those of `offsets` that are ours; the others are left out, for their new owner counts on its own. A rebalance in between
   * fails it with a retriable KafkaError: the next commit does it.
   */
  async commit(offsets: readonly CommitOffset[]): Promise<void> {
    const ours = offsets.filter(o => this.#owned.has(partitionKey(o)))
    if (ours.length < offsets.length)
      this.#o.log.info(
        { group: this.#o.groupId, left: offsets.length - ours.length },
        'not committing for partitions that are not ours any more',
      )
    if (ours.length > 0) await this.#member.commit(ours)
  }

  /** The committed offset of each of `partitions`, in their order; null where there is none. */
  async committed(partitions: readonly TopicPartition[]): Promise<(number | null)[]> {
    const found = await this.#member.fetchCommitted(partitions)
    return partitions.map(p => found.get(partitionKey(p))?.offset ?? null)
  }

  requestRejoin(reason: string): void {
    this.#member.requestRejoin(reason)
  }

  async #protocols(): Promise<{ name: string; metadata: Buffer }[]> {
    const topics = this.#topics ?? (await this.#matchingTopics())
    this.#topics = topics
    this.#assignedCounts = null
    const owned = this.#cooperative ? [...this.#owned.values()] : []
    const { generation } = this.#member
    return this.#assignors.map(a => ({
      name: a.name,
      metadata: encodeSubscription({ topics, userData: a.userData(generation), owned, generation }),
    }))
  }

  async #assign(protocol: string, members: readonly JoinedMember[]): Promise<Map<string, Buffer>> {
    const assignor = assignorNamed(protocol)
    const subscribed = members.map(({ memberId, groupInstanceId, metadata }) => {
      const { topics, userData, owned, generation } = decodeSubscription(metadata)
      const told = generation < 0 && assignor.cooperative && userData?.length === 4 ? userData.readInt32BE(0) : generation
      return { memberId, groupInstanceId, topics, owned, generation: told }
    })
    const wanted = [...new Set(subscribed.flatMap(s => s.topics))]
    const counts = await this.#countsOf(wanted)
    const missing = wanted.filter(topic => !counts.has(topic))
    if (missing.length > 0) this.#o.log.warn({ group: this.#o.groupId, topics: missing }, 'subscribed topics do not exist')
    this.#isMissingTopics = missing.length > 0
    if (this.#isMissingTopics) this.#watchChanged.ring()
    this.#assignedCounts = new Map(wanted.map(topic => [topic, counts.get(topic) ?? 0]))
    const assignment = assignor.assign(counts, subscribed)
    return new Map([...assignment].map(([memberId, partitions]) => [memberId, encodeAssignment(partitions, null)]))
  }

  async #onRevoked(leaving: boolean): Promise<void> {
    const held = [...this.#owned.values()]
    const going = this.#cooperative && !leaving ? held.filter(p => !this.#topics?.includes(p.topic)) : held
    await this.#revoke(going)
  }

  async #revoke(going: readonly TopicPartition[]): Promise<void> {
    if (going.length === 0) return
    try {
      await this.#o.onRevoked(going)
    } finally {
      for (const p of going) this.#owned.delete(partitionKey(p))
    }
  }

  async #onAssigned({ assignment, generation, protocol }: GroupAssignment): Promise<void> {
    if (this.memberId !== this.#toldMemberId) {
      this.#toldMemberId = this.memberId
      this.#o.onJoined?.(this.memberId)
    }
    const given = new Map(decodeAssignment(assignment).map(p => [partitionKey(p), p]))
    const lacking = [...this.#owned].filter(([key]) => !given.has(key)).map(([, p]) => p)
    await this.#revoke(lacking)
    const added = [...given].filter(([key]) => !this.#owned.has(key)).map(([, p]) => p)
    this.#owned = given
    if (this.#cooperative && lacking.length > 0) this.#member.requestRejoin('gave up partitions for others to take')
    this.#o.log.info(
      { group: this.#o.groupId, generation, protocol, held: given.size, added: added.length, revoked: lacking.length },
      'assigned',
    )
    try {
      await this.#o.onAssigned(added)
    } catch (error) {
      // Not taken on: the next round must offer them again.
      for (const p of added) this.#owned.delete(partitionKey(p))
      throw error
    }
  }

  async #onLost(): Promise<void> {
    const lost = [...this.#owned.values()]
    this.#owned.clear()
    if (lost.length > 0) await this.#o.onLost(lost)
  }

  /** Looks for topics and partitions that came or went: a pattern's on every member, everybody's on the leader. */
  async #watch(): Promise<void> {
    const { clock, log, groupId, metadataMaxAgeMs = 300_000 } = this.#o
    let lookedMs = clock.monotonicMs()
    while (!this.#stop.signal.aborted) {
      const everyMs = this.#isMissingTopics ? Math.min(MISSING_CHECK_MS, metadataMaxAgeMs) : metadataMaxAgeMs
      const leftMs = lookedMs + everyMs - clock.monotonicMs()
      if (leftMs > 0) {
        await this.#watchChanged.wait(leftMs)
        continue
      }
      lookedMs = clock.monotonicMs()
      try {
        await this.#look()
      } catch (error) {
        log.debug({ group: groupId, error: toError(error).message }, 'could not look at the metadata')
      }
    }
  }

  async #look(): Promise<void> {
    if (this.#pattern !== null && this.#topics !== null) {
      const topics = await this.#matchingTopics()
      if (topics.join() !== this.#topics.join()) {
        this.#topics = topics
        this.#member.requestRejoin('other topics match the pattern')
      }
    }
    const before = this.#assignedCounts
    if (before === null || before.size === 0) return
    const now = await this.#countsOf([...before.keys()])
    if (this.#assignedCounts !== before) return
    const changed = [...before].filter(([topic, count]) => (now.get(topic) ?? 0) !== count).map(([topic]) => topic)
    if (changed.length > 0) this.#member.requestRejoin(`partitions of ${changed.join(', ')} changed`)
  }

  async #matchingTopics(): Promise<string[]> {
    const all = await this.#o.cluster.metadata(null)
    return all
      .filter(t => !t.internal && this.#pattern?.test(t.name))
      .map(t => t.name)
      .sort()
  }

  async #countsOf(topics: readonly string[]): Promise<Map<string, number>> {
    if (topics.length === 0) return new Map()
    const found = await this.#o.cluster.metadata(topics, this.#pattern === null && this.#o.allowAutoCreate !== false)
    return new Map(found.filter(t => t.partitions.length > 0).map(t => [t.name, t.partitions.length]))
  }
}

/** Java's Pattern.matches: the whole name, whatever the expression's own anchors. */
function wholeName(pattern: RegExp): RegExp {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, ''))
}

// A sink connector's consumer group, by an admin client that lives as long as one request: committed offsets for offset-requests.ts, and
// members that died for worker.ts. Main thread.
import type { Clock } from '../base/clock.ts'
import { ConnectError, KafkaError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { prefixed } from '../config/prefixed.ts'
import { Admin } from '../kafka/admin.ts'
import { clientConfigFrom } from '../kafka/client-config.ts'
import { Cluster } from '../kafka/cluster.ts'
import { E } from '../kafka/codec/group-errors.ts'
import type { Props } from '../store/config-store.ts'
import type { GroupOffset } from './asked-offsets.ts'
import { GroupInUseError, type GroupOffsets, type SinkGroup } from './offset-requests.ts'

/** Well below the 90 s a REST request may take. */
const TIMEOUT_MS = 30_000

/** What a broker says to who is no member of a group that has some: to a commit, a removal of the group, a removal of offsets. */
const HAS_MEMBERS: ReadonlySet<number> = new Set([E.UNKNOWN_MEMBER_ID, E.NON_EMPTY_GROUP, E.GROUP_SUBSCRIBED_TO_TOPIC])

export class KafkaGroupOffsets implements GroupOffsets {
  readonly #props: Props
  readonly #log: Logger
  readonly #clock: Clock

  constructor(workerProps: Props, log: Logger, clock: Clock) {
    this.#props = { ...workerProps, ...prefixed(workerProps, 'admin.') }
    this.#log = log
    this.#clock = clock
  }

  committed({ groupId, config }: SinkGroup): Promise<GroupOffset[]> {
    return this.#with(config, async admin => {
      const offsets = await admin.groupOffsets(groupId)
      return [...offsets.values()].map(({ topic, partition, offset }) => ({ topic, partition, offset }))
    })
  }

  /** @throws ConnectError for a topic or partition that does not exist, GroupInUseError while the group has members */
  alter({ groupId, config }: SinkGroup, offsets: readonly GroupOffset[]): Promise<void> {
    return this.#with(config, async admin => {
      await this.#checkPartitions(admin, offsets)
      const removed = offsets.filter(({ offset }) => offset === null)
      if (removed.length > 0) await admin.deleteGroupOffsets(groupId, removed)
      const set = offsets.flatMap(({ topic, partition, offset }) => (offset === null ? [] : [{ topic, partition, offset }]))
      if (set.length > 0) await admin.alterGroupOffsets(groupId, set)
    })
  }

  /** @throws GroupInUseError while the group has members */
  deleteGroup({ groupId, config }: SinkGroup): Promise<void> {
    return this.#with(config, admin => admin.deleteGroup(groupId))
  }

  /** For a task thread that died without leaving its group: the others need not wait for the session timeout. */
  removeMember({ groupId, config }: SinkGroup, memberId: string): Promise<void> {
    return this.#with(config, admin => admin.removeGroupMember(groupId, memberId))
  }

  async #checkPartitions(admin: Admin, offsets: readonly GroupOffset[]): Promise<void> {
    const names = [...new Set(offsets.map(({ topic }) => topic))]
    const topics = await admin.describeTopics(names)
    for (const { topic, partition } of offsets) {
      const found = topics[names.indexOf(topic)]
      if (found?.partitions.some(p => p.partition === partition) === true) continue
      throw new ConnectError(`The partition ${topic}-${partition} does not exist, so it can have no offset`)
    }
  }

  async #with<T>(config: Props, use: (admin: Admin) => Promise<T>): Promise<T> {
    const props = { ...this.#props, ...prefixed(config, 'admin.override.') }
    const cluster = new Cluster(clientConfigFrom(props, 'sluice-group-offsets'), this.#log, this.#clock)
    try {
      await cluster.connect()
      return await use(new Admin(cluster, { clock: this.#clock, log: this.#log, timeoutMs: TIMEOUT_MS }))
    } catch (error) {
      if (error instanceof KafkaError && HAS_MEMBERS.has(error.errorCode))
        throw new GroupInUseError(error.message, { cause: error })
      throw error
    } finally {
      await cluster.close().catch(() => undefined)
    }
  }
}

// A sink connector's consumer group, by an admin client that lives as long as one request: committed offsets for offset-requests.ts, and
// members that died for worker.ts. Main thread.
import type { Clock } from '../base/clock.ts'
import { ConnectError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { prefixed } from '../config/prefixed.ts'
import { Admin } from '../kafka/admin.ts'
import { clientConfigFrom } from '../kafka/client-config.ts'
import { Cluster } from '../kafka/cluster.ts'
import type { Props } from '../store/config-store.ts'
import type { GroupOffset, GroupOffsets } from './offset-requests.ts'

/** Well below the 90 s a REST request may take. */
const TIMEOUT_MS = 30_000

export class KafkaGroupOffsets implements GroupOffsets {
  readonly #props: Props
  readonly #log: Logger
  readonly #clock: Clock

  constructor(workerProps: Props, log: Logger, clock: Clock) {
    this.#props = { ...workerProps, ...prefixed(workerProps, 'admin.') }
    this.#log = log
    this.#clock = clock
  }

  committed(groupId: string): Promise<GroupOffset[]> {
    return this.#with(async admin => {
      const offsets = await admin.groupOffsets(groupId)
      return [...offsets.values()].map(({ topic, partition, offset }) => ({ topic, partition, offset }))
    })
  }

  /** @throws ConnectError for a topic or partition that does not exist */
  alter(groupId: string, offsets: readonly GroupOffset[]): Promise<void> {
    return this.#with(async admin => {
      await this.#checkPartitions(admin, offsets)
      const removed = offsets.filter(({ offset }) => offset === null)
      if (removed.length > 0) await admin.deleteGroupOffsets(groupId, removed)
      const set = offsets.flatMap(({ topic, partition, offset }) => (offset === null ? [] : [{ topic, partition, offset }]))
      if (set.length > 0) await admin.alterGroupOffsets(groupId, set)
    })
  }

  deleteGroup(groupId: string): Promise<void> {
    return this.#with(admin => admin.deleteGroup(groupId))
  }

  /** For a task thread that died without leaving its group: the others need not wait for the session timeout. */
  removeMember(groupId: string, memberId: string): Promise<void> {
    return this.#with(admin => admin.removeGroupMember(groupId, memberId))
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

  async #with<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    const cluster = new Cluster(clientConfigFrom(this.#props, 'sluice-group-offsets'), this.#log, this.#clock)
    try {
      await cluster.connect()
      return await use(new Admin(cluster, { clock: this.#clock, log: this.#log, timeoutMs: TIMEOUT_MS }))
    } finally {
      await cluster.close().catch(() => undefined)
    }
  }
}

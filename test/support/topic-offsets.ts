// Source offsets in a topic, as little of it as an exactly-once task needs: the store of the broker tests of tasks without a whole worker. Main
// thread of a test file.
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import type { Cluster } from '../../src/kafka/cluster.ts'
import { TopicLog } from '../../src/kafka/topic-log.ts'
import { mapText } from '../../src/store/java-json.ts'
import { canonicalKey, newKeyBytes, parseKey, parseOffset } from '../../src/store/offset-json.ts'
import type { OffsetEntry, OffsetMap, OffsetRecord, OffsetStore } from '../../src/store/offset-store.ts'

export class TopicOffsets implements OffsetStore {
  readonly #log: TopicLog
  readonly #offsets = new Map<string, OffsetMap | null>()
  /** what tasks said they have committed */
  readonly told: OffsetEntry[] = []

  constructor(cluster: Cluster, topic: string) {
    this.#log = new TopicLog({
      cluster,
      log: silentLogger,
      clock: systemClock,
      topic,
      topicKey: 'offset.storage.topic',
      create: { partitions: 5, replicationFactor: 1 },
      isolation: 'read_committed',
      onRecord: ({ key, value }) => {
        const known = key && parseKey(key)
        if (known) this.#offsets.set(canonicalKey(known.connector, known.partition), value && parseOffset(value))
      },
      onError: error => {
        throw error
      },
    })
  }

  start(): Promise<void> {
    return this.#log.start()
  }

  stop(): Promise<void> {
    return this.#log.stop()
  }

  async get(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]> {
    await this.#log.readToEnd()
    return partitions.map(partition => this.#offsets.get(canonicalKey(connector, partition)) ?? null)
  }

  records(connector: string, entries: readonly OffsetEntry[]): OffsetRecord[] {
    return entries.map(({ partition, offset }) => ({
      key: newKeyBytes(connector, partition),
      value: offset && Buffer.from(mapText(offset)),
    }))
  }

  committed(_connector: string, entries: readonly OffsetEntry[]): void {
    this.told.push(...entries)
  }

  async put(): Promise<void> {
    throw new Error('an exactly-once task puts its offsets into its transactions')
  }

  async all(): Promise<OffsetEntry[]> {
    throw new Error('not asked here')
  }
}

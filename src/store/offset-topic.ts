// Source offsets of a cluster in Java's offset topic (Java: KafkaOffsetBackingStore; CONNECT.md 3.2), or of one connector in a topic of its own.
// Offsets are found by what their partition says, whatever the order of its keys; they are written under the key bytes that are
// there already, so that Java finds its own again. Main thread; called by supervisor/worker.ts and the herder.
// Limits: all offsets are in memory, as in Java; ENTRIES_WAITING_MAX entries are on their way to the broker, and one put more.
import { RetriableError, toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { LogRecord } from '../kafka/topic-log.ts'
import { mapText } from './java-json.ts'
import { canonicalKey, newKeyBytes, parseKey, parseOffset } from './offset-json.ts'
import type { OffsetEntry, OffsetMap, OffsetStore } from './offset-store.ts'
import type { OpenReplica, ReplicaRecord, TopicReplica } from './topic-replica.ts'

export interface OffsetTopicOptions {
  readonly open: OpenReplica
  readonly topic: string
  readonly log: Logger
  /** the topic cannot be read any more: for the worker's own topic, the worker must end */
  onFailed(error: Error): void
}

/** Java's default.api.timeout.ms: what a question of a task may take. */
const READ_TIMEOUT_MS = 60_000
const ENTRIES_WAITING_MAX = 10_000

interface Stored {
  readonly partition: OffsetMap
  /** of the newest record */
  keyBytes: Buffer
  valueBytes: Buffer
  timestampMs: number
  /**
   * Other bytes of the same partition that have a value: a Java task may have written its keys in another order after a restart. Removed
   * with the next put, or compaction of the newest would bring them back.
   */
  others: Buffer[]
}

export class OffsetTopic implements OffsetStore {
  readonly #o: OffsetTopicOptions
  readonly #replica: TopicReplica
  /** by connector, then by canonical key */
  readonly #stored = new Map<string, Map<string, Stored>>()
  #entriesWaiting = 0
  #reading: Promise<void> | null = null
  #nextReading: Promise<void> | null = null

  constructor(options: OffsetTopicOptions) {
    this.#o = options
    this.#replica = options.open({ onRecord: record => this.#read(record), onError: error => options.onFailed(error) })
  }

  /** @throws ConfigError where the topic is not compacted */
  start(): Promise<void> {
    return this.#replica.start()
  }

  /** Waits up to `timeoutMs` for what was put. */
  stop(timeoutMs?: number): Promise<void> {
    return this.#replica.stop(timeoutMs)
  }

  /** Reads to the end first: another worker may have run the task until now. */
  async get(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]> {
    await this.#readToEnd()
    const stored = this.#stored.get(connector)
    return partitions.map(partition => {
      const found = stored?.get(canonicalKey(connector, partition))
      return found === undefined ? null : parseOffset(found.valueBytes)
    })
  }

  async all(connector: string): Promise<OffsetEntry[]> {
    await this.#readToEnd()
    const stored = [...(this.#stored.get(connector)?.values() ?? [])]
    return stored.map(({ partition, valueBytes }) => ({ partition, offset: parseOffset(valueBytes) }))
  }

  async put(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    const records = this.records(connector, entries)
    if (this.#entriesWaiting >= ENTRIES_WAITING_MAX)
      throw new RetriableError(`${this.#entriesWaiting} offsets wait for topic ${this.#o.topic}: the broker does not take them`)
    this.#entriesWaiting += records.length
    const sent = records.map(async ({ key, value }) => {
      try {
        await this.#replica.send(key, value)
      } finally {
        this.#entriesWaiting--
      }
    })
    await Promise.all(sent)
  }

  /**
   * What put appends, for whom a transaction appends it: in this order.
   * @throws DataError for an offset that JSON cannot hold
   */
  records(connector: string, entries: readonly OffsetEntry[]): ReplicaRecord[] {
    const stored = this.#stored.get(connector)
    return entries.flatMap(({ partition, offset }) => {
      const known = stored?.get(canonicalKey(connector, partition))
      const key = known?.keyBytes ?? newKeyBytes(connector, partition)
      const others = (known?.others ?? []).map((key): ReplicaRecord => ({ key, value: null }))
      return [...others, { key, value: offset === null ? null : Buffer.from(mapText(offset)) }]
    })
  }

  /** A reading that has begun may end before the newest record, so a question waits for the next; all that come meanwhile share that one. */
  #readToEnd(): Promise<void> {
    this.#nextReading ??= (this.#reading ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        this.#nextReading = null
        this.#reading = this.#replica.readToEnd(READ_TIMEOUT_MS).finally(() => {
          this.#reading = null
        })
        return this.#reading
      })
    return this.#nextReading
  }

  #read({ key: keyBytes, value, timestamp, offset }: LogRecord): void {
    const key = keyBytes && parseKey(keyBytes)
    if (keyBytes === null || key === null) {
      this.#o.log.warn(
        { topic: this.#o.topic, offset },
        'a record of the offset topic whose key is not [connector, partition] is ignored',
      )
      return
    }
    const id = canonicalKey(key.connector, key.partition)
    const stored = this.#stored.get(key.connector) ?? new Map<string, Stored>()
    const known = stored.get(id)
    if (value === null) return this.#removed(key.connector, id, known, keyBytes)
    if (!this.#isOffset(value, offset)) return
    this.#stored.set(key.connector, stored)
    const isNewest = known === undefined || known.keyBytes.equals(keyBytes) || timestamp >= known.timestampMs
    const older = isNewest ? known?.keyBytes : keyBytes
    const others = [...(known?.others ?? []), ...(older === undefined ? [] : [older])]
    const newest = isNewest ? { keyBytes, valueBytes: value, timestampMs: timestamp } : known
    stored.set(id, { ...newest, partition: key.partition, others: distinctBut(newest.keyBytes, others) })
  }

  #removed(connector: string, id: string, known: Stored | undefined, keyBytes: Buffer): void {
    if (known === undefined) return
    if (!known.keyBytes.equals(keyBytes)) known.others = known.others.filter(other => !other.equals(keyBytes))
    else {
      const stored = this.#stored.get(connector)
      stored?.delete(id)
      if (stored?.size === 0) this.#stored.delete(connector)
    }
  }

  #isOffset(value: Buffer, offset: number): boolean {
    try {
      parseOffset(value)
      return true
    } catch (error) {
      const at = { topic: this.#o.topic, offset, error: toError(error).message }
      this.#o.log.error(at, 'a record of the offset topic is ignored')
      return false
    }
  }
}

function distinctBut(newest: Buffer, others: readonly Buffer[]): Buffer[] {
  const byText = new Map(others.map(other => [other.toString('latin1'), other]))
  byText.delete(newest.toString('latin1'))
  return [...byText.values()]
}

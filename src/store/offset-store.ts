// What the supervisor asks of a place that keeps source offsets: standalone has a file, distributed will have a topic.
// Main thread; called by supervisor/worker.ts for its source tasks and by the herder for the offsets endpoints.

export type OffsetValue = string | number | bigint | boolean | null
export type OffsetMap = Readonly<Record<string, OffsetValue>>

export interface OffsetEntry {
  readonly partition: OffsetMap
  /** null: there is no offset, or (in a put) it is removed */
  readonly offset: OffsetMap | null
}

/** A record of an offsets topic. */
export interface OffsetRecord {
  readonly key: Buffer
  /** null removes the offset */
  readonly value: Buffer | null
}

export interface OffsetStore {
  /** Reads what is there. Called once, before anything else; throws ConfigError naming the place when it is not usable. */
  start(): Promise<void>
  /** The offset of each partition in the order asked, null where there is none. */
  get(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]>
  /** Settles once the entries are durable. A rejection means they are not, yet later reads may see them. */
  put(connector: string, entries: readonly OffsetEntry[]): Promise<void>
  /**
   * Stores in topics, for exactly-once tasks: what put would append, for the task's own transaction to append. Settles when what must come before
   * is written. @throws DataError for an offset that JSON cannot hold
   */
  records?(connector: string, entries: readonly OffsetEntry[]): OffsetRecord[] | Promise<OffsetRecord[]>
  /** Told when that transaction is committed. */
  committed?(connector: string, entries: readonly OffsetEntry[]): void
  /** Every partition of the connector that has an offset; null where what is stored cannot be read: it can be removed only. */
  all(connector: string): Promise<OffsetEntry[]>
  /** Writes what is pending. Last call. */
  stop(): Promise<void>
}

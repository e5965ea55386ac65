// A source's task: polls an outside system for records. One instance a task thread.
// Java: org.apache.kafka.connect.source.{SourceTask,SourceTaskContext}.
import type { Logger } from '../base/log.ts'
import type { SourceMap, SourceRecord } from '../data/record.ts'
import type { TextRecords } from '../data/text-records.ts'
import type { Async, Props } from './connector.ts'

export interface SourceTaskContext {
  readonly logger: Logger
  /** The last committed offset of each partition, null where there is none; same order as asked. */
  offsets(partitions: readonly SourceMap[]): Promise<(SourceMap | null)[]>
  /** Where transactions begin and end: for the task to say under `transaction.boundary=connector`, else null. */
  readonly transactions: TransactionContext | null
}

/**
 * A request without a record holds for the batch that the next or present poll returns, with a record for that record of it: the transaction ends behind
 * it. Both for the same end is a failure of the task.
 */
export interface TransactionContext {
  /** Everything since the last end becomes visible, and its offsets with it. */
  commitTransaction(record?: SourceRecord): void
  /** Everything since the last end is dropped; its offsets are committed all the same, so it is not read again. */
  abortTransaction(record?: SourceRecord): void
}

/** Where an acknowledged record went. */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  /** -1 under acks=0 */
  readonly offset: number
}

/** `C`: as in Connector. */
export interface SourceTask<C = Props> {
  start: (config: C, context: SourceTaskContext) => Async<void>
  /**
   * The next records, or null/empty when there are none for now; may wait, but must end soon after `signal` aborts.
   * A RetriableError counts as null.
   */
  poll(signal: AbortSignal): Async<SourceRecord[] | null>
  /**
   * As poll, called in its place where the texts go to the topic as they are (no transforms, a converter that writes UTF-8): the same records in
   * the same order, as ranges of bytes. Internal: may change.
   */
  pollTexts?(signal: AbortSignal): Async<TextRecords | SourceRecord[] | null>
  /** After each successful offset flush. */
  commit?(): Async<void>
  /** Once a record is acknowledged (metadata) or was dropped or tolerated (null). */
  commitRecord?(record: SourceRecord, metadata: RecordMetadata | null): void
  stop(): Async<void>
}

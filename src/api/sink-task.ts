// A sink's task: takes batches of records to an outside system. One instance a task thread.
// Java: org.apache.kafka.connect.sink.{SinkTask,SinkTaskContext,ErrantRecordReporter}.
import type { Logger } from '../base/log.ts'
import type { ColumnBatch } from '../data/columns.ts'
import type { SinkRecord } from '../data/record.ts'
import type { Async, Props } from './connector.ts'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** Offsets by topic and partition: the next offset to read. */
export type Offsets = readonly (TopicPartition & { readonly offset: number })[]

export interface ErrantRecordReporter {
  /** Hands a bad record to errors.log and the dead-letter topic; awaited before the next commit. Throws ToleranceExceededError under errors.tolerance=none, ConnectError where it is given no record. */
  report(record: SinkRecord, error: Error): Promise<void>
}

export interface SinkTaskContext {
  readonly logger: Logger
  readonly assignment: readonly TopicPartition[]
  /** Absent unless a dead-letter topic or errors.log.enable is configured. */
  readonly errantRecordReporter: ErrantRecordReporter | null
  /** Rewinds to an offset: takes effect before the next fetch, drops what was read ahead. */
  offset(partition: TopicPartition, offset: number): void
  /** Tries a put that failed with RetriableError again after this long instead of at once. */
  timeout(timeoutMs: number): void
  pause(...partitions: TopicPartition[]): void
  resume(...partitions: TopicPartition[]): void
  /** Asks for a commit soon, e.g. because a file was just finished. */
  requestCommit(): void
  /**
   * Bytes this task may hold that are not durable yet: its share of the worker's `task.buffer.memory.bytes`. A sink that collects makes some of
   * them durable before it holds more, whatever its own keys say. Java has no such figure.
   */
  readonly bufferBytesMax: number
  /**
   * Bytes this task holds and has not made durable (open files, batches). Where they and the fetched bytes exceed `task.buffer.memory.bytes`,
   * nothing more is fetched until a commit was asked for and `preCommit` returned. Call it after each change; Java has no such call.
   */
  reportBufferedBytes(bytes: number): void
}

/** `C`: as in Connector. */
export interface SinkTask<C = Props> {
  /** First call. A ConfigError leaves the task FAILED without automatic restart. */
  start: (config: C, context: SinkTaskContext) => Async<void>
  /** Partitions were assigned; called before any put with their records. */
  open?(partitions: readonly TopicPartition[]): Async<void>
  /**
   * A batch in offset order per partition; possibly empty (the clock-driven work of a sink happens then, at least once every
   * `offset.flush.interval.ms` and usually every 500 ms). RetriableError: the same records are put again later, in a list of their own; any other error fails the task.
   * Records hold views into the fetch buffer: encode them now, keep no record.
   */
  put(records: readonly SinkRecord[]): Async<void>
  /**
   * The same for records as columns (D3), where the chain offers them: one partition's records, in offset order, never empty. Everything that
   * is said of put holds; a task that has this has put too, for records that come as such. The batch and its bytes are valid until
   * putColumns settles: copy what is kept. Internal: may change.
   */
  putColumns?(batch: ColumnBatch): Async<void>
  /** After start: whether this configuration takes columns. Absent: where there is putColumns. */
  readonly takesColumns?: boolean
  /** The offsets that are durable, not above `current`. Default: flush(current), then `current`. Empty: nothing to commit. */
  preCommit?(current: Offsets): Async<Offsets>
  flush?(current: Offsets): Async<void>
  /**
   * Partitions are about to be taken away, or the task ends: finish what is under way in the background. Called before the last preCommit;
   * what it throws is logged. Not in Java.
   */
  drain?(): Async<void>
  /** Partitions are taken away: after preCommit, or without it where they were lost. */
  close?(partitions: readonly TopicPartition[]): Async<void>
  /** Last call. */
  stop(): Async<void>
}

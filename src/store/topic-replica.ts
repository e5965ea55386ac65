// What the topic-backed stores stand on: kafka/topic-log.ts in a worker, a log in memory in the simulation. Main thread.
import type { LogRecord } from '../kafka/topic-log.ts'

export interface ReplicaRecord {
  readonly key: Buffer
  /** null: a tombstone */
  readonly value: Buffer | null
}

export interface TopicReplica {
  /** known after start */
  readonly partitionCount: number
  /** makes or checks the topic and reads it to its present end */
  start(): Promise<void>
  /** settles when everything in the topic at the time of the call was handed on; rejects (retriable) after `timeoutMs` */
  readToEnd(timeoutMs?: number): Promise<void>
  /** settles when acknowledged and handed on */
  append(key: Buffer | null, value: Buffer | null, timeoutMs?: number): Promise<void>
  /** settles when acknowledged; one attempt in order with the others of this replica */
  send(key: Buffer | null, value: Buffer | null): Promise<{ partition: number; offset: number }>
  stop(timeoutMs?: number): Promise<void>
}

export interface ReplicaListener {
  /** in offset order within a partition */
  onRecord(record: LogRecord): void
  /** reading cannot go on: the replica is not to be trusted any more */
  onError(error: Error): void
}

export type OpenReplica = (listener: ReplicaListener) => TopicReplica

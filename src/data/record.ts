// The records that SMTs and tasks see. One constructor sets every field, so V8 keeps one hidden class; a change makes a new record.
// Task threads. Java: org.apache.kafka.connect.{connector.ConnectRecord, sink.SinkRecord, source.SourceRecord}.
import type { Headers } from './headers.ts'
import type { Schema } from './schema.ts'

export type TimestampType = 'NoTimestampType' | 'CreateTime' | 'LogAppendTime'

/** What an SMT may change; what is absent stays. */
export interface RecordChange {
  readonly topic?: string
  readonly kafkaPartition?: number | null
  readonly keySchema?: Schema | null
  readonly key?: unknown
  readonly valueSchema?: Schema | null
  readonly value?: unknown
  readonly timestamp?: number | null
  readonly headers?: Headers
}

/** A flat JSON object: a source's partition (which file, which table) or its offset in it. */
export type SourceMap = Readonly<Record<string, string | number | bigint | boolean | null>>

export class SinkRecord {
  readonly topic: string
  readonly kafkaPartition: number
  readonly keySchema: Schema | null
  readonly key: unknown
  readonly valueSchema: Schema | null
  readonly value: unknown
  readonly kafkaOffset: number
  readonly timestamp: number | null
  readonly timestampType: TimestampType
  readonly headers: Headers
  /** Where the record was read from; SMTs cannot touch these, commits count by them (KIP-793). */
  readonly originalTopic: string
  readonly originalKafkaPartition: number
  readonly originalKafkaOffset: number

  constructor(
    topic: string,
    kafkaPartition: number,
    keySchema: Schema | null,
    key: unknown,
    valueSchema: Schema | null,
    value: unknown,
    kafkaOffset: number,
    timestamp: number | null,
    timestampType: TimestampType,
    headers: Headers,
    originalTopic: string,
    originalKafkaPartition: number,
    originalKafkaOffset: number,
  ) {
    this.topic = topic
    this.kafkaPartition = kafkaPartition
    this.keySchema = keySchema
    this.key = key
    this.valueSchema = valueSchema
    this.value = value
    this.kafkaOffset = kafkaOffset
    this.timestamp = timestamp
    this.timestampType = timestampType
    this.headers = headers
    this.originalTopic = originalTopic
    this.originalKafkaPartition = originalKafkaPartition
    this.originalKafkaOffset = originalKafkaOffset
  }

  with(c: RecordChange): SinkRecord {
    return new SinkRecord(
      c.topic ?? this.topic,
      c.kafkaPartition ?? this.kafkaPartition,
      c.keySchema === undefined ? this.keySchema : c.keySchema,
      c.key === undefined ? this.key : c.key,
      c.valueSchema === undefined ? this.valueSchema : c.valueSchema,
      c.value === undefined ? this.value : c.value,
      this.kafkaOffset,
      c.timestamp === undefined ? this.timestamp : c.timestamp,
      this.timestampType,
      c.headers ?? this.headers,
      this.originalTopic,
      this.originalKafkaPartition,
      this.originalKafkaOffset,
    )
  }
}

export class SourceRecord {
  readonly sourcePartition: SourceMap
  readonly sourceOffset: SourceMap
  readonly topic: string
  /** null: the producer's partitioner decides */
  readonly kafkaPartition: number | null
  readonly keySchema: Schema | null
  readonly key: unknown
  readonly valueSchema: Schema | null
  readonly value: unknown
  readonly timestamp: number | null
  readonly headers: Headers

  constructor(
    sourcePartition: SourceMap,
    sourceOffset: SourceMap,
    topic: string,
    kafkaPartition: number | null,
    keySchema: Schema | null,
    key: unknown,
    valueSchema: Schema | null,
    value: unknown,
    timestamp: number | null,
    headers: Headers,
  ) {
    this.sourcePartition = sourcePartition
    this.sourceOffset = sourceOffset
    this.topic = topic
    this.kafkaPartition = kafkaPartition
    this.keySchema = keySchema
    this.key = key
    this.valueSchema = valueSchema
    this.value = value
    this.timestamp = timestamp
    this.headers = headers
  }

  with(c: RecordChange): SourceRecord {
    return new SourceRecord(
      this.sourcePartition,
      this.sourceOffset,
      c.topic ?? this.topic,
      c.kafkaPartition === undefined ? this.kafkaPartition : c.kafkaPartition,
      c.keySchema === undefined ? this.keySchema : c.keySchema,
      c.key === undefined ? this.key : c.key,
      c.valueSchema === undefined ? this.valueSchema : c.valueSchema,
      c.value === undefined ? this.value : c.value,
      c.timestamp === undefined ? this.timestamp : c.timestamp,
      c.headers ?? this.headers,
    )
  }
}

/** What SMTs and predicates work on: either kind. */
export type ConnectRecord = SinkRecord | SourceRecord

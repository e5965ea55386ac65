// Where a failed record came from, for messages, logs and dead letters. Made only after a failure. Task threads.
import { anyJson, anyText } from '../base/any-text.ts'
import type { SinkRecord, SourceMap, SourceRecord } from '../data/record.ts'
import { readHeaders } from '../kafka/codec/record-batch.ts'
import type { RawBatch, RawHeader } from '../kafka/types.ts'

/** A sink record's bytes and coordinates in its topic. */
export interface SinkOrigin {
  readonly kind: 'sink'
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** -1: none */
  readonly timestamp: number
  readonly timestampType: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RawHeader[]
  /** "topic a, partition 0, offset 7" */
  describe(): string
}

export interface SourceOrigin {
  readonly kind: 'source'
  readonly record: SourceRecord | null
  describe(): string
}

export type Origin = SinkOrigin | SourceOrigin

export function sinkOrigin(batch: RawBatch, i: number): SinkOrigin {
  const { topic, partition, buffer, index } = batch
  const offset = index.offsets[i] ?? -1
  return {
    kind: 'sink',
    topic,
    partition,
    offset,
    timestamp: index.timestamps[i] ?? -1,
    timestampType: batch.timestampType,
    key: slice(buffer, index.keyStart[i] ?? 0, index.keyLength[i] ?? -1),
    value: slice(buffer, index.valueStart[i] ?? 0, index.valueLength[i] ?? -1),
    headers: readHeaders(batch, i),
    describe: () => `topic ${topic}, partition ${partition}, offset ${offset}`,
  }
}

/** For a record whose bytes are no longer at hand: encoded again by the task's converters. */
export function encodedOrigin(
  record: SinkRecord,
  key: Buffer | null,
  value: Buffer | null,
  headers: readonly RawHeader[],
): SinkOrigin {
  const { originalTopic: topic, originalKafkaPartition: partition, originalKafkaOffset: offset } = record
  const timestamp = record.timestamp ?? -1
  const describe = () => `topic ${topic}, partition ${partition}, offset ${offset}`
  return { kind: 'sink', topic, partition, offset, timestamp, timestampType: record.timestampType, key, value, headers, describe }
}

export function sourceOrigin(record: SourceRecord): SourceOrigin {
  const { topic, sourcePartition, sourceOffset } = record
  return { ...sentOrigin(topic, sourcePartition, sourceOffset, sourceOffset), record }
}

/** For source records that are not kept while they are on their way: one of those between two source offsets. */
export function sentOrigin(topic: string, partition: SourceMap, from: SourceMap, to: SourceMap): SourceOrigin {
  const offsets = from === to ? `offset ${anyJson(from)}` : `offset from ${anyJson(from)} to ${anyJson(to)}`
  const describe = () => `the record for topic ${anyText(topic)} at source partition ${anyJson(partition)}, source ${offsets}`
  return { kind: 'source', record: null, describe }
}

function slice(buffer: Buffer, start: number, length: number): Buffer | null {
  return length < 0 ? null : buffer.subarray(start, start + length)
}

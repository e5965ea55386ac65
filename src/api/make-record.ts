// Records by named parts: for sources, for SMTs that make records, for authors' tests. Task threads; the record path uses the constructors.
import { type Headers, NO_HEADERS } from '../data/headers.ts'
import { SinkRecord, type SourceMap, SourceRecord, type TimestampType } from '../data/record.ts'
import type { Schema } from '../data/schema.ts'

interface RecordParts {
  readonly topic: string
  readonly keySchema?: Schema | null
  readonly key?: unknown
  readonly valueSchema?: Schema | null
  readonly value?: unknown
  /** milliseconds since the epoch */
  readonly timestamp?: number | null
  readonly headers?: Headers
}

export interface SinkRecordParts extends RecordParts {
  readonly kafkaPartition?: number
  readonly kafkaOffset?: number
  readonly timestampType?: TimestampType
}

export interface SourceRecordParts extends RecordParts {
  /** which file, which table; an offset is kept for each */
  readonly sourcePartition: SourceMap
  /** where to go on after this record */
  readonly sourceOffset: SourceMap
  readonly kafkaPartition?: number | null
}

export function sinkRecord(parts: SinkRecordParts): SinkRecord {
  const { topic, kafkaPartition = 0, kafkaOffset = 0, timestamp = null } = parts
  return new SinkRecord(
    topic,
    kafkaPartition,
    parts.keySchema ?? null,
    parts.key ?? null,
    parts.valueSchema ?? null,
    parts.value ?? null,
    kafkaOffset,
    timestamp,
    parts.timestampType ?? (timestamp === null ? 'NoTimestampType' : 'CreateTime'),
    parts.headers ?? NO_HEADERS,
    topic,
    kafkaPartition,
    kafkaOffset,
  )
}

export function sourceRecord(parts: SourceRecordParts): SourceRecord {
  return new SourceRecord(
    parts.sourcePartition,
    parts.sourceOffset,
    parts.topic,
    parts.kafkaPartition ?? null,
    parts.keySchema ?? null,
    parts.key ?? null,
    parts.valueSchema ?? null,
    parts.value ?? null,
    parts.timestamp ?? null,
    parts.headers ?? NO_HEADERS,
  )
}

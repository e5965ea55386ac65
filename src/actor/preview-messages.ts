// What crosses between the supervisor and a preview thread: what to preview, and the report. No record crosses (D1): the thread renders
// each into text and numbers of bounded size, secrets taken out. Both sides; the report is the body of POST …/preview.
import type { Stage } from '../base/errors.ts'
import type { ConnectorSpec, FromTask } from './messages.ts'

/** What is asked for. */
export interface PreviewAsk {
  readonly records: number
  /** sinks: where in each partition to read */
  readonly from: 'first' | 'newest'
  /** sinks: only these of the connector's topics; empty: all */
  readonly topics: readonly string[]
  /** sinks: only this partition of each topic */
  readonly partition: number | null
  /** reading or polling ends after this long, with what is there */
  readonly readMs: number
}

/** What a preview thread is started with. Configs as written: it resolves variables itself, and knows what not to show. */
export interface PreviewSpec extends ConnectorSpec {
  readonly kind: 'sink' | 'source'
  readonly ask: PreviewAsk
}

export type ToPreview = { readonly type: 'stop'; readonly deadlineMs: number }

export type FromPreview =
  /** source tasks read committed offsets; they are never written */
  | Extract<FromTask, { type: 'offsetsRequested' }>
  /** what the thread is busy with, for the message when it has to be ended */
  | { readonly type: 'entered'; readonly step: string }
  | { readonly type: 'previewed'; readonly report: PreviewReport }

/** A Connect value as JSON; a bigint is an int64 beyond 2^53. */
export type Shown = null | boolean | number | bigint | string | readonly Shown[] | { readonly [name: string]: Shown }

export interface ShownPart {
  /** in the form of JsonConverter's envelope; null: schemaless */
  readonly schema: Shown
  readonly value: Shown
}

export interface ShownRecord {
  readonly topic: string
  readonly partition: number | null
  readonly timestamp: number | null
  readonly key: ShownPart
  readonly value: ShownPart
  readonly headers: readonly (ShownPart & { readonly name: string })[]
}

export interface PreviewError {
  readonly stage: Stage
  readonly class: string
  /** alias of the transform that failed */
  readonly transform?: string
  readonly message: string
}

export interface PreviewStep {
  readonly alias: string
  readonly class: string
  /** not_applied: its predicate said no */
  readonly result: 'changed' | 'unchanged' | 'not_applied' | 'dropped' | 'failed'
  /** the record after it, where it changed */
  readonly record?: ShownRecord
}

/** Where a sink would write a record; what its plugin tells, with the store or system it names. */
export type ShownTarget = { readonly [name: string]: Shown }

interface Outcome {
  /** ignored: the sink itself leaves it out */
  readonly outcome: 'ok' | 'dropped' | 'ignored' | 'failed'
  /** after the converters, or as the source polled it; null where a converter failed */
  readonly record: ShownRecord | null
  readonly transforms: readonly PreviewStep[]
  readonly error?: PreviewError
}

export interface SinkRecordPreview extends Outcome {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number | null
  readonly timestamp_type: string
  readonly key_bytes: number | null
  readonly value_bytes: number | null
  /** key and value as they are in the topic, where a converter failed */
  readonly raw?: { readonly key: Shown; readonly value: Shown }
  readonly target?: ShownTarget
}

export interface SourceRecordPreview extends Outcome {
  readonly source_partition: Shown
  readonly source_offset: Shown
  /** what would be sent to Kafka; partition null: the producer's partitioner decides */
  readonly produced?: {
    readonly topic: string
    readonly partition: number | null
    readonly timestamp: number | null
    readonly key_bytes: number | null
    readonly value_bytes: number | null
    readonly key: Shown
    readonly value: Shown
    readonly headers: readonly { readonly name: string; readonly value: Shown }[]
  }
}

export type RecordPreview = SinkRecordPreview | SourceRecordPreview

export interface PreviewSummary {
  readonly read: number
  readonly ok: number
  readonly dropped: number
  readonly ignored: number
  readonly failed: number
  readonly failed_by_stage: Readonly<Record<string, number>>
  /** why no more was read */
  readonly ended: 'records' | 'end' | 'time' | 'bytes' | 'error'
  readonly ms: number
}

export interface PreviewReport {
  readonly name: string
  readonly type: 'sink' | 'source'
  readonly class: string
  readonly summary: PreviewSummary
  /** in sentences: what the reader should know of these records */
  readonly notes: readonly string[]
  readonly records: readonly RecordPreview[]
}

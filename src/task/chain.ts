// The record path of one task: converters and SMTs in order, as plain calls in a loop (D4). Which step runs is kept in two fields,
// so that a failure knows its stage without a try or a context object per record. Task threads; called by the stages.
import type { Converter, HeaderConverter } from '../api/converter.ts'
import type { Predicate, Transformation } from '../api/transformation.ts'
import type { Stage } from '../base/errors.ts'
import { Headers, NO_HEADERS } from '../data/headers.ts'
import { type ConnectRecord, SinkRecord, type SourceRecord } from '../data/record.ts'
import { readHeaders } from '../kafka/codec/record-batch.ts'
import type { RawBatch, RawHeader } from '../kafka/types.ts'

export interface NamedConverter<C> {
  readonly className: string
  readonly converter: C
}

export interface TransformStep {
  readonly alias: string
  readonly className: string
  readonly transform: Transformation
  readonly predicate: Predicate | null
  readonly negate: boolean
}

export interface ChainParts {
  readonly key: NamedConverter<Converter>
  readonly value: NamedConverter<Converter>
  readonly header: NamedConverter<HeaderConverter>
  readonly steps: readonly TransformStep[]
}

/** A source record's bytes, ready for the producer; a text stands for its UTF-8. */
export interface EncodedRecord {
  readonly topic: string
  readonly partition: number | null
  readonly key: Buffer | null
  readonly value: Buffer | string | null
  readonly headers: readonly RawHeader[]
  readonly timestamp: number | null
}

const NO_RAW_HEADERS: readonly RawHeader[] = []

export class Chain {
  readonly parts: ChainParts
  /** the step that ran last; read after a throw */
  stage: Stage = 'KEY_CONVERTER'
  className = ''

  constructor(parts: ChainParts) {
    this.parts = parts
  }

  /** Record `i` of the batch after converters and SMTs, or null where an SMT dropped it. */
  sink(batch: RawBatch, i: number): SinkRecord | null {
    return this.transform(this.convert(batch, i))
  }

  /** Record `i` of the batch after the converters alone. */
  convert(batch: RawBatch, i: number): SinkRecord {
    const { key, value } = this.parts
    const { topic, partition, buffer, index } = batch
    const rawHeaders = readHeaders(batch, i)
    // Converters that look at headers get the raw ones, as in Java.
    const seen = rawHeaders.length === 0 ? NO_HEADERS : rawView(rawHeaders)
    this.stage = 'KEY_CONVERTER'
    this.className = key.className
    const k = convertAt(key.converter, topic, buffer, index.keyStart[i] as number, index.keyLength[i] as number, seen)
    this.stage = 'VALUE_CONVERTER'
    this.className = value.className
    const v = convertAt(value.converter, topic, buffer, index.valueStart[i] as number, index.valueLength[i] as number, seen)
    const headers = rawHeaders.length === 0 ? NO_HEADERS : this.#sinkHeaders(topic, rawHeaders)
    const timestamp = index.timestamps[i] as number
    const offset = index.offsets[i] as number
    return new SinkRecord(
      topic,
      partition,
      k.schema,
      k.value,
      v.schema,
      v.value,
      offset,
      timestamp === -1 ? null : timestamp,
      batch.timestampType,
      headers,
      topic,
      partition,
      offset,
    )
  }

  /** The SMTs alone; null where one dropped the record. */
  transform<R extends ConnectRecord>(record: R): R | null {
    const { steps } = this.parts
    let current: R | null = record
    for (let s = 0; s < steps.length && current !== null; s++) {
      const step = steps[s] as TransformStep
      this.stage = 'TRANSFORMATION'
      this.className = step.className
      if (step.predicate !== null && step.predicate.test(current) === step.negate) continue
      current = step.transform.apply(current)
    }
    return current
  }

  /** A record after its SMTs, as bytes (Java's order: headers, key, value). */
  encode(record: SourceRecord): EncodedRecord {
    const { key, value } = this.parts
    const headers = record.headers.size === 0 ? NO_RAW_HEADERS : this.encodeHeaders(record.topic, record.headers)
    this.stage = 'KEY_CONVERTER'
    this.className = key.className
    const k = key.converter.fromConnectData(record.topic, record.keySchema, record.key, record.headers)
    this.stage = 'VALUE_CONVERTER'
    this.className = value.className
    const v = bytesOrText(value.converter, record)
    return { topic: record.topic, partition: record.kafkaPartition, key: k, value: v, headers, timestamp: record.timestamp }
  }

  encodeHeaders(topic: string, headers: Headers): RawHeader[] {
    const { header } = this.parts
    this.stage = 'HEADER_CONVERTER'
    this.className = header.className
    return headers.entries.map(h => ({
      key: h.key,
      value: header.converter.fromConnectHeader(topic, h.key, h.schema, h.value),
    }))
  }

  close(): void {
    for (const step of this.parts.steps) {
      step.transform.close?.()
      step.predicate?.close?.()
    }
  }

  #sinkHeaders(topic: string, rawHeaders: readonly RawHeader[]): Headers {
    const { header } = this.parts
    this.stage = 'HEADER_CONVERTER'
    this.className = header.className
    return new Headers(
      rawHeaders.map(h => {
        const { schema, value } = header.converter.toConnectHeader(topic, h.key, h.value)
        return { key: h.key, schema, value }
      }),
    )
  }
}

function bytesOrText(converter: Converter, { topic, valueSchema, value, headers }: SourceRecord): Buffer | string | null {
  if (converter.textFromConnectData !== undefined) return converter.textFromConnectData(topic, valueSchema, value, headers)
  return converter.fromConnectData(topic, valueSchema, value, headers)
}

function rawView(rawHeaders: readonly RawHeader[]): Headers {
  return new Headers(rawHeaders.map(h => ({ key: h.key, schema: null, value: h.value })))
}

function convertAt(converter: Converter, topic: string, buffer: Buffer, start: number, length: number, headers: Headers) {
  if (length < 0) return converter.toConnectData(topic, null, headers)
  if (converter.toConnectDataAt !== undefined) return converter.toConnectDataAt(topic, buffer, start, start + length, headers)
  return converter.toConnectData(topic, buffer.subarray(start, start + length), headers)
}

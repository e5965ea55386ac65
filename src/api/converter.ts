// Converters: between bytes in a topic and Connect data. Synchronous by contract; task threads.
// Java: org.apache.kafka.connect.storage.{Converter,HeaderConverter}.
import type { ColumnValues } from '../data/columns.ts'
import type { Headers } from '../data/headers.ts'
import type { Schema, SchemaAndValue } from '../data/schema.ts'
import type { Props } from './connector.ts'

/** `C`: as in Connector. */
export interface Converter<C = Props> {
  /** Called once before use, with the keys below `key.converter.` or `value.converter.`. Throws ConfigError. */
  configure: (config: C, isKey: boolean) => void
  /** @throws DataError for bytes that do not parse, NeedsSchema for an id not in the cache */
  toConnectData(topic: string, bytes: Buffer | null, headers: Headers): SchemaAndValue
  /**
   * The same for the bytes [start, end) of a fetch buffer, without a Buffer object a record; optional, must mean the same.
   * The buffer is reused never, but is large: keep no view of it beyond the batch.
   */
  toConnectDataAt?(topic: string, buffer: Buffer, start: number, end: number, headers: Headers): SchemaAndValue
  /** @throws DataError for a value that does not fit its schema */
  fromConnectData(topic: string, schema: Schema | null, value: unknown, headers: Headers): Buffer | null
  /**
   * As fromConnectData, but may give a text in place of its UTF-8 bytes, which are then written where they are needed; optional. Called for the
   * values of sources.
   */
  textFromConnectData?(topic: string, schema: Schema | null, value: unknown, headers: Headers): Buffer | string | null
  /** A reader of many values at a time (D3), or null where this configuration has none. Internal: may change. */
  columns?(): ColumnReader | null
  /** fromConnectData gives a string's UTF-8: a source's text that is UTF-8 already goes to the topic as it is. Internal: may change. */
  readonly writesTextAsUtf8?: boolean
  /** Any bytes convert: a value that nobody asks for need not be converted to know that it is no bad one. */
  readonly neverFails?: boolean
}

/** Where documents stand in a buffer. By index; a length of -1 is null. */
export interface DocumentRanges {
  readonly buffer: Buffer
  readonly starts: Int32Array
  readonly lengths: Int32Array
}

/** Reads values as columns: the same meaning as toConnectData a record. */
export interface ColumnReader {
  /**
   * Values of documents `from`, `from`+1 ... below `to`, as many as are alike enough, at most ROWS_MAX; null where the first one must go the row
   * path. The arrays are the reader's: it fills two sets of them in turn, so a result holds until the call after the next.
   */
  read(documents: DocumentRanges, from: number, to: number): ColumnValues | null
  /** What was read so far is kept by others for longer: the arrays are theirs now. */
  renew(): void
}

export interface HeaderConverter<C = Props> {
  configure: (config: C) => void
  toConnectHeader(topic: string, key: string, bytes: Buffer | null): SchemaAndValue
  fromConnectHeader(topic: string, key: string, schema: Schema | null, value: unknown): Buffer | null
  /** As of a Converter. */
  readonly neverFails?: boolean
}

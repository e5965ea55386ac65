// Converters: between bytes in a topic and Connect data. Synchronous by contract; task threads.
// Java: org.apache.kafka.connect.storage.{Converter,HeaderConverter}.
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
}

export interface HeaderConverter<C = Props> {
  configure: (config: C) => void
  toConnectHeader(topic: string, key: string, bytes: Buffer | null): SchemaAndValue
  fromConnectHeader(topic: string, key: string, schema: Schema | null, value: unknown): Buffer | null
}

// ByteArrayConverter: bytes pass through as they are. Also a header converter. Task threads.
// Java: org.apache.kafka.connect.converters.ByteArrayConverter.
import type { ColumnReader, Converter, HeaderConverter } from '../api/converter.ts'
import type { Plugin } from '../api/plugin.ts'
import { DataError } from '../base/errors.ts'
import { defineConfig } from '../config/define.ts'
import { BYTES } from '../data/columns.ts'
import { OPTIONAL_BYTES, type Schema, type SchemaAndValue } from '../data/schema.ts'
import { javaClassOf } from '../data/validate-value.ts'
import { converterType } from './converter-type.ts'
import { SingleColumns } from './single-columns.ts'

const bytesConfig = defineConfig(converterType)

export class ByteArrayConverter implements Converter, HeaderConverter {
  readonly neverFails = true

  configure(): void {}

  toConnectData(_topic: string, bytes: Buffer | null): SchemaAndValue {
    return { schema: OPTIONAL_BYTES, value: bytes }
  }

  /** A view, valid as long as the fetch buffer: sinks encode in put and keep no record. */
  toConnectDataAt(_topic: string, buffer: Buffer, start: number, end: number): SchemaAndValue {
    return { schema: OPTIONAL_BYTES, value: buffer.subarray(start, end) }
  }

  columns(): ColumnReader {
    return new SingleColumns(OPTIONAL_BYTES, BYTES)
  }

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Buffer | null {
    if (schema !== null && schema.type !== 'bytes') {
      throw new DataError(`Invalid schema type for ByteArrayConverter: ${schema.type.toUpperCase()}`)
    }
    if (value === null || value === undefined) return null
    if (Buffer.isBuffer(value)) return value
    if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length)
    throw new DataError(`ByteArrayConverter is not compatible with objects of type ${javaClassOf(value)}`)
  }

  toConnectHeader(topic: string, _key: string, bytes: Buffer | null): SchemaAndValue {
    return this.toConnectData(topic, bytes)
  }

  fromConnectHeader(topic: string, _key: string, schema: Schema | null, value: unknown): Buffer | null {
    return this.fromConnectData(topic, schema, value)
  }
}

const common = {
  className: 'org.apache.kafka.connect.converters.ByteArrayConverter',
  aliases: ['ByteArrayConverter', 'ByteArray'],
  version: '4.3.0',
  config: bytesConfig,
  create: () => new ByteArrayConverter(),
}

export const plugins: readonly Plugin[] = [
  { kind: 'converter', ...common },
  { kind: 'header_converter', ...common },
]

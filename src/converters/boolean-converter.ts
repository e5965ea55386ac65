// BooleanConverter: one byte, 1 or 0. Also a header converter. Task threads.
// Java: org.apache.kafka.connect.converters.BooleanConverter.
import type { Props } from '../api/connector.ts'
import type { Converter, HeaderConverter } from '../api/converter.ts'
import type { Plugin } from '../api/plugin.ts'
import { DataError } from '../base/errors.ts'
import { defineConfig } from '../config/define.ts'
import { OPTIONAL_BOOLEAN, type Schema, type SchemaAndValue } from '../data/schema.ts'
import { JAVA_TYPE_NAME, javaClassOf } from '../data/validate-value.ts'
import { converterType, withConverterType } from './converter-type.ts'

const booleanConfig = defineConfig(converterType)

const NULL: SchemaAndValue = { schema: OPTIONAL_BOOLEAN, value: null }
const TRUE: SchemaAndValue = { schema: OPTIONAL_BOOLEAN, value: true }
const FALSE: SchemaAndValue = { schema: OPTIONAL_BOOLEAN, value: false }

export class BooleanConverter implements Converter, HeaderConverter {
  configure(props: Props, isKey?: boolean): void {
    booleanConfig.parse(withConverterType(props, isKey))
  }

  toConnectData(topic: string, bytes: Buffer | null): SchemaAndValue {
    return bytes === null ? NULL : this.toConnectDataAt(topic, bytes, 0, bytes.length)
  }

  toConnectDataAt(_topic: string, buffer: Buffer, start: number, end: number): SchemaAndValue {
    if (end - start === 1) {
      if (buffer[start] === 1) return TRUE
      if (buffer[start] === 0) return FALSE
    }
    const found = end - start === 1 ? `the byte ${buffer[start]}` : `${end - start} bytes`
    throw new DataError(`BooleanConverter reads one byte, 0 or 1, but was given ${found}`)
  }

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Buffer | null {
    if (schema !== null && schema.type !== 'boolean') {
      throw new DataError(`BooleanConverter writes booleans only, but was given the schema ${JAVA_TYPE_NAME[schema.type]}`)
    }
    if (value === null || value === undefined) return null
    if (typeof value !== 'boolean') {
      throw new DataError(`BooleanConverter writes booleans only, but was given ${javaClassOf(value)}`)
    }
    return Buffer.of(value ? 1 : 0)
  }

  toConnectHeader(topic: string, _key: string, bytes: Buffer | null): SchemaAndValue {
    return this.toConnectData(topic, bytes)
  }

  fromConnectHeader(topic: string, _key: string, schema: Schema | null, value: unknown): Buffer | null {
    return this.fromConnectData(topic, schema, value)
  }
}

const common = {
  className: 'org.apache.kafka.connect.converters.BooleanConverter',
  aliases: ['BooleanConverter', 'Boolean'],
  version: '4.3.0',
  config: booleanConfig,
  create: () => new BooleanConverter(),
}

export const plugins: readonly Plugin[] = [
  { kind: 'converter', ...common },
  { kind: 'header_converter', ...common },
]

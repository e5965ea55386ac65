// StringConverter: any value as its text, bytes as a string. Also a header converter. Task threads.
// Java: org.apache.kafka.connect.storage.StringConverter.
import type { Props } from '../api/connector.ts'
import type { ColumnReader, Converter, HeaderConverter } from '../api/converter.ts'
import type { Plugin } from '../api/plugin.ts'
import { ConfigError } from '../base/errors.ts'
import { defineConfig } from '../config/define.ts'
import { TEXT } from '../data/columns.ts'
import { javaString } from '../data/java-string.ts'
import { OPTIONAL_STRING, type Schema, type SchemaAndValue } from '../data/schema.ts'
import { wellFormed } from '../data/well-formed.ts'
import { type Charset, charsetOf, utf8 } from './charset.ts'
import { converterType, withConverterType } from './converter-type.ts'
import { SingleColumns } from './single-columns.ts'

const stringConfig = defineConfig({
  ...converterType,
  'converter.encoding': {
    type: 'string',
    default: 'UTF-8',
    importance: 'high',
    width: 'medium',
    displayName: 'Encoding',
    doc: 'The character set of the bytes: UTF-8, UTF-16, UTF-16BE, UTF-16LE, ISO-8859-1, US-ASCII or a common single-byte set.',
    check: (_name, value) =>
      typeof value !== 'string' || charsetOf(value) !== undefined ? null : `Unsupported encoding ${value}`,
  },
})

const NULL: SchemaAndValue = { schema: OPTIONAL_STRING, value: null }

export class StringConverter implements Converter, HeaderConverter {
  readonly neverFails = true
  #charset: Charset = utf8

  configure(props: Props, isKey?: boolean): void {
    const name = stringConfig.parse(withConverterType(props, isKey))['converter.encoding']
    const charset = charsetOf(name)
    if (charset === undefined) {
      throw new ConfigError(
        'converter.encoding',
        `Invalid value ${name} for configuration converter.encoding: Unsupported encoding`,
      )
    }
    this.#charset = charset
  }

  get writesTextAsUtf8(): boolean {
    return this.#charset === utf8
  }

  toConnectData(_topic: string, bytes: Buffer | null): SchemaAndValue {
    return bytes === null ? NULL : { schema: OPTIONAL_STRING, value: this.#charset.decode(bytes, 0, bytes.length) }
  }

  toConnectDataAt(_topic: string, buffer: Buffer, start: number, end: number): SchemaAndValue {
    return { schema: OPTIONAL_STRING, value: this.#charset.decode(buffer, start, end) }
  }

  columns(): ColumnReader | null {
    return this.#charset === utf8 ? new SingleColumns(OPTIONAL_STRING, TEXT) : null
  }

  fromConnectData(_topic: string, schema: Schema | null, value: unknown): Buffer | null {
    return value === null || value === undefined ? null : this.#charset.encode(javaString(value, schema))
  }

  textFromConnectData(topic: string, schema: Schema | null, value: unknown): Buffer | string | null {
    if (this.#charset !== utf8 || value === null || value === undefined) return this.fromConnectData(topic, schema, value)
    return wellFormed(javaString(value, schema))
  }

  toConnectHeader(topic: string, _key: string, bytes: Buffer | null): SchemaAndValue {
    return this.toConnectData(topic, bytes)
  }

  fromConnectHeader(topic: string, _key: string, schema: Schema | null, value: unknown): Buffer | null {
    return this.fromConnectData(topic, schema, value)
  }
}

const common = {
  className: 'org.apache.kafka.connect.storage.StringConverter',
  aliases: ['StringConverter', 'String'],
  version: '4.3.0',
  config: stringConfig,
  create: () => new StringConverter(),
}

export const plugins: readonly Plugin[] = [
  { kind: 'converter', ...common },
  { kind: 'header_converter', ...common },
]

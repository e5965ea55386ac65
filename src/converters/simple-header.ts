// SimpleHeaderConverter, the default header converter: values as text, text back as values with guessed schemas. Task threads.
// Java: org.apache.kafka.connect.storage.SimpleHeaderConverter.
import type { HeaderConverter } from '../api/converter.ts'
import type { Plugin } from '../api/plugin.ts'
import { defineConfig } from '../config/define.ts'
import { NULL_SCHEMA_AND_VALUE, type Schema, type SchemaAndValue } from '../data/schema.ts'
import { parseString } from '../data/values.ts'
import { valueText } from '../data/values-text.ts'
import { utf8 } from './charset.ts'

export class SimpleHeaderConverter implements HeaderConverter {
  readonly neverFails = true

  configure(): void {}

  toConnectHeader(_topic: string, _key: string, bytes: Buffer | null): SchemaAndValue {
    return bytes === null ? NULL_SCHEMA_AND_VALUE : parseString(utf8.decode(bytes, 0, bytes.length))
  }

  fromConnectHeader(_topic: string, _key: string, schema: Schema | null, value: unknown): Buffer | null {
    const text = valueText(schema, value)
    return text === null ? null : utf8.encode(text)
  }
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'header_converter',
    className: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    aliases: ['SimpleHeaderConverter', 'Simple'],
    version: '4.3.0',
    config: defineConfig({}),
    create: () => new SimpleHeaderConverter(),
  },
]

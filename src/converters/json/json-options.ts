// The configuration of JsonConverter. Task threads, and the job thread for validation.
// Java: org.apache.kafka.connect.json.JsonConverterConfig.
import type { Props } from '../../api/connector.ts'
import { defineConfig, oneOfIgnoringCase } from '../../config/define.ts'
import { parseExact } from '../../data/json-parser.ts'
import type { Schema } from '../../data/schema.ts'
import { converterType, withConverterType } from '../converter-type.ts'
import { readSchema } from './schema-json.ts'

export interface JsonOptions {
  readonly schemasEnable: boolean
  readonly schemasCacheSize: number
  /** decimals as numbers (NUMERIC) instead of base64 (BASE64) */
  readonly numericDecimals: boolean
  readonly replaceNullWithDefault: boolean
  /** what every value has; the bytes then hold the payload alone */
  readonly schemaContent: Schema | null
}

export const jsonConfig = defineConfig({
  ...converterType,
  'schemas.enable': {
    type: 'boolean',
    default: true,
    importance: 'high',
    doc: 'Whether schemas are written into and expected in each value, in an envelope {"schema": ..., "payload": ...}.',
    group: 'Schemas',
    width: 'medium',
    displayName: 'Enable Schemas',
  },
  'schemas.cache.size': {
    type: 'int',
    default: 1000,
    importance: 'high',
    doc: 'How many schemas this converter keeps at most, in each direction.',
    group: 'Schemas',
    width: 'medium',
    displayName: 'Schema Cache Size',
  },
  'schema.content': {
    type: 'string',
    default: null,
    importance: 'high',
    doc: 'A schema in JSON, in the form of the envelope\'s "schema", that all values of the topic have. Values then come without envelope. For sinks only.',
    group: 'Schemas',
    width: 'medium',
    displayName: 'Schema Content',
    check: (_name, value) => (typeof value === 'string' ? schemaFault(value) : null),
  },
  'decimal.format': {
    type: 'string',
    default: 'BASE64',
    importance: 'low',
    doc: 'How decimals are written: BASE64 (bytes of the unscaled value) or NUMERIC (a JSON number). Either is read.',
    group: 'Serialization',
    width: 'medium',
    displayName: 'Decimal Format',
    check: oneOfIgnoringCase('NUMERIC', 'BASE64'),
  },
  'replace.null.with.default': {
    type: 'boolean',
    default: true,
    importance: 'low',
    doc: 'Whether a null in a field that has a default stands for the default.',
    group: 'Serialization',
    width: 'medium',
    displayName: 'Replace null with default',
  },
})

function readContent(content: string, replaceNullWithDefault: boolean): Schema | null {
  return content === '' ? null : readSchema(parseExact(content, 'tree').value, replaceNullWithDefault)
}

/** Why the text is no schema, without the text. */
function schemaFault(content: string): string | null {
  try {
    readContent(content, true)
    return null
  } catch (error) {
    return `schema.content must be a schema in JSON: ${(error as Error).message}`
  }
}

/** @throws ConfigError */
export function jsonOptions(props: Props, isKey: boolean | undefined): JsonOptions {
  const config = jsonConfig.parse(withConverterType(props, isKey))
  const replaceNullWithDefault = config['replace.null.with.default']
  return {
    schemasEnable: config['schemas.enable'],
    // Java takes a negative size too, as 0
    schemasCacheSize: Math.max(0, config['schemas.cache.size']),
    numericDecimals: config['decimal.format'].toUpperCase() === 'NUMERIC',
    replaceNullWithDefault,
    schemaContent: readContent(config['schema.content'] ?? '', replaceNullWithDefault),
  }
}

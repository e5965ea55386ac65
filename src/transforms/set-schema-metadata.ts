// SetSchemaMetadata: gives the schema of the key or value another name or version. Task threads, every record.
import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { ColumnStep, Transformation } from '../api/transformation.ts'
import { ConfigError, DataError } from '../base/errors.ts'
import { defineConfig } from '../config/define.ts'
import type { ConnectRecord } from '../data/record.ts'
import type { Schema } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { keyAndValue, replaceNullWithDefault } from './definition.ts'
import { copyValues } from './operand.ts'
import { SchemaCache } from './schema-cache.ts'

export const setSchemaMetadataConfig = defineConfig({
  'schema.name': { type: 'string', default: null, importance: 'high', doc: 'New name of the schema; not set: stays.' },
  'schema.version': { type: 'int', default: null, importance: 'high', doc: 'New version of the schema; not set: stays.' },
  'replace.null.with.default': replaceNullWithDefault,
})

class SetSchemaMetadata implements Transformation {
  readonly #onKey: boolean
  readonly #schemas = new SchemaCache(schema => this.#renamed(schema))
  #name: string | null = null
  #version: number | null = null
  #replaceNull = true

  constructor(onKey: boolean) {
    this.#onKey = onKey
  }

  configure(props: Props): void {
    const config = setSchemaMetadataConfig.parse(props)
    this.#name = config['schema.name']
    this.#version = config['schema.version']
    this.#replaceNull = config['replace.null.with.default']
    if (this.#name === null && this.#version === null) throw new ConfigError('', 'Neither schema name nor version configured')
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#onKey ? record.key : record.value
    const schema = this.#onKey ? record.keySchema : record.valueSchema
    if (schema === null) {
      if (value === null || value === undefined) return record
      throw new DataError('Schema required for [updating schema metadata]')
    }
    const renamed = this.#schemas.get(schema)
    const updated =
      value instanceof Struct ? new Struct(renamed, copyValues(value, renamed.fields.length, this.#replaceNull)) : value
    return record.with(this.#onKey ? { keySchema: renamed, key: updated } : { valueSchema: renamed, value: updated }) as R
  }

  columns(): ColumnStep | null {
    if (this.#onKey) return null
    return batch => {
      // Without a schema each record is refused.
      if (batch.schema === null) return false
      batch.schema = this.#schemas.get(batch.schema)
      return true
    }
  }

  #renamed(schema: Schema): Schema {
    // Java asks any schema for its fields, which only structs have.
    if (schema.type !== 'struct') throw new DataError('Cannot list fields on non-struct type')
    const renamed = schema.with({ name: this.#name ?? schema.name, version: this.#version ?? schema.version, default: null })
    // A default must be of the schema it stands in, or writing the schema as JSON fails on it.
    return schema.default instanceof Struct
      ? renamed.with({ default: new Struct(renamed, schema.default.values) })
      : renamed.with({ default: schema.default })
  }
}

export const plugins: readonly Plugin[] = keyAndValue(
  'SetSchemaMetadata',
  setSchemaMetadataConfig,
  onKey => new SetSchemaMetadata(onKey),
)

// InsertField: adds topic, partition, offset, timestamp of the record or a fixed text to its key or value. Task threads, every record.
import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { ColumnStep, Transformation } from '../api/transformation.ts'
import { literalOf } from '../base/code-generation.ts'
import { ConfigError, DataError } from '../base/errors.ts'
import { defineConfig, type KeyDef } from '../config/define.ts'
import { type Column, type ColumnBatch, constantColumn, INT, numberColumn } from '../data/columns.ts'
import { timestampSchema } from '../data/logical.ts'
import { type ConnectRecord, SinkRecord } from '../data/record.ts'
import { INT32, INT64, OPTIONAL_INT32, OPTIONAL_INT64, OPTIONAL_STRING, type Schema, STRING } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { FieldSetter, layoutOfFields } from './column-fields.ts'
import { compileSet } from './compiled-copy.ts'
import { keyAndValue, replaceNullWithDefault } from './definition.ts'
import { deriveStruct, fieldsOf } from './derived-schema.ts'
import { copyValues, type PlainObject, requireMap, requireStruct, setField } from './operand.ts'
import { SchemaCache } from './schema-cache.ts'

const PURPOSE = 'field insertion'

const fieldName = (what: string): KeyDef & { readonly type: 'string'; readonly default: null } => ({
  type: 'string',
  default: null,
  importance: 'medium',
  doc: `Name of the field that takes ${what}. A \`!\` at its end makes the field required, a \`?\` (or nothing) optional. Not set: no such field.`,
})

export const insertFieldConfig = defineConfig({
  'topic.field': fieldName("the record's topic"),
  'partition.field': fieldName("the record's partition"),
  'offset.field': fieldName("the record's offset; sinks only"),
  'timestamp.field': fieldName("the record's timestamp"),
  'static.field': fieldName('the text of static.value'),
  'static.value': { type: 'string', default: null, importance: 'medium', doc: 'Text for the field that static.field names.' },
  'replace.null.with.default': replaceNullWithDefault,
})

type Source = 'topic' | 'partition' | 'offset' | 'timestamp' | 'static'

interface Insertion {
  readonly source: Source
  readonly name: string
  readonly schema: Schema
}

const SCHEMAS: Readonly<Record<Source, readonly [required: Schema, optional: Schema]>> = {
  topic: [STRING, OPTIONAL_STRING],
  partition: [INT32, OPTIONAL_INT32],
  offset: [INT64, OPTIONAL_INT64],
  timestamp: [timestampSchema(), timestampSchema({ optional: true })],
  static: [STRING, OPTIONAL_STRING],
}

/** Where a record has each source; the static text is written out. */
const EXPRESSIONS: Readonly<Record<Source, string | null>> = {
  topic: 'record.topic',
  partition: 'record.kafkaPartition',
  offset: 'record.kafkaOffset',
  timestamp: 'record.timestamp',
  static: null,
}

class InsertField implements Transformation {
  readonly #onKey: boolean
  readonly #schemas = new SchemaCache(schema => deriveStruct(schema, [...fieldsOf(schema), ...this.#insertedFields()]))
  #insertions: Insertion[] = []
  #setAll: ReturnType<typeof compileSet> = null
  #staticValue = ''
  #wantsOffset = false
  #replaceNull = true

  constructor(onKey: boolean) {
    this.#onKey = onKey
  }

  configure(props: Props): void {
    const config = insertFieldConfig.parse(props)
    this.#insertions = []
    for (const source of ['topic', 'partition', 'offset', 'timestamp', 'static'] as const) {
      const spec = config[`${source}.field`]
      if (spec !== null) this.#insertions.push(insertion(source, spec))
    }
    if (this.#insertions.length === 0) throw new ConfigError('', 'No field insertion configured')
    const { 'static.field': staticField, 'static.value': staticValue } = config
    if (staticField !== null && staticValue === null) {
      throw new ConfigError(
        'static.value',
        `Invalid value null for configuration static.value: No value specified for static field: ${staticField}`,
      )
    }
    this.#staticValue = staticValue ?? ''
    this.#wantsOffset = this.#insertions.some(({ source }) => source === 'offset')
    const text = literalOf(this.#staticValue)
    this.#setAll = compileSet(this.#insertions.map(({ source, name }) => ({ name, expression: EXPRESSIONS[source] ?? text })))
    this.#replaceNull = config['replace.null.with.default']
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#onKey ? record.key : record.value
    if (value === null || value === undefined) return record
    const schema = this.#onKey ? record.keySchema : record.valueSchema
    if (schema === null) {
      const updated = this.#insertIntoMap(record, requireMap(value, PURPOSE))
      return record.with(this.#onKey ? { key: updated } : { value: updated }) as R
    }
    const updated = this.#insertIntoStruct(record, requireStruct(value, PURPOSE))
    return record.with(
      this.#onKey ? { keySchema: updated.schema, key: updated } : { valueSchema: updated.schema, value: updated },
    ) as R
  }

  columns(): ColumnStep | null {
    if (this.#onKey) return null
    const setters = this.#insertions.map(({ source, name }) => ({ source, name, setter: new FieldSetter(name) }))
    const fixed = constantColumn('', this.#staticValue)
    return batch => {
      if (batch.form !== 'rows') return false
      if (batch.schema !== null) return this.#insertIntoStructs(batch, fixed)
      for (const { source, name, setter } of setters) {
        const column = source === 'static' ? fixed.renamed(name) : columnOf(batch, source, name)
        if (column === null || !setter.set(batch, column)) return false
      }
      return true
    }
  }

  /** Fields that the schema has not yet, behind the others. */
  #insertIntoStructs(batch: ColumnBatch, fixed: Column): boolean {
    if (batch.schema === null || batch.layout === null) return false
    const schema = this.#schemas.get(batch.schema)
    const added = this.#insertions.map(({ source, name }) =>
      source === 'static' ? fixed.renamed(name) : columnOf(batch, source, name),
    )
    if (!added.every(column => column !== null)) return false
    const columns = batch.layout.slots.map(slot => batch.columns[slot] as Column)
    batch.columns = [...columns, ...added]
    batch.layout = layoutOfFields(schema)
    batch.schema = schema
    return true
  }

  #insertIntoMap(record: ConnectRecord, value: PlainObject): PlainObject {
    if (this.#wantsOffset) requireSinkRecord(record)
    if (this.#setAll !== null && record.kafkaPartition !== null && record.timestamp !== null) return this.#setAll(value, record)
    const updated = { ...value }
    for (const { source, name } of this.#insertions) {
      const inserted = this.#valueOf(record, source)
      if (inserted !== null) setField(updated, name, inserted)
    }
    return updated
  }

  #insertIntoStruct(record: ConnectRecord, value: Struct): Struct {
    const schema = this.#schemas.get(value.schema)
    const values = copyValues(value, schema.fields.length, this.#replaceNull)
    const insertions = this.#insertions
    const from = value.schema.fields.length
    for (let i = 0; i < insertions.length; i++) {
      const { source } = insertions[i] as Insertion
      const inserted = this.#valueOf(record, source)
      values[from + i] = source === 'timestamp' && inserted !== null ? new Date(inserted as number) : inserted
    }
    return new Struct(schema, values)
  }

  #valueOf(record: ConnectRecord, source: Source): string | number | null {
    switch (source) {
      case 'topic':
        return record.topic
      case 'partition':
        return record.kafkaPartition
      case 'offset':
        return requireSinkRecord(record).kafkaOffset
      case 'timestamp':
        return record.timestamp
      case 'static':
        return this.#staticValue
    }
  }

  #insertedFields(): [string, Schema][] {
    return this.#insertions.map(({ name, schema }) => [name, schema])
  }
}

function requireSinkRecord(record: ConnectRecord): SinkRecord {
  if (record instanceof SinkRecord) return record
  throw new DataError(`Only SinkRecord supported for [${PURPOSE}], found: org.apache.kafka.connect.source.SourceRecord`)
}

/** Null where some record lacks it, or what it is needs a bigint. */
function columnOf(batch: ColumnBatch, source: Exclude<Source, 'static'>, name: string): Column | null {
  switch (source) {
    case 'topic':
      return constantColumn(name, batch.topic)
    case 'partition':
      return constantColumn(name, batch.partition)
    case 'offset':
      return numberColumn(name, INT, batch.offsets)
    case 'timestamp':
      return batch.timestamps.subarray(0, batch.count).includes(-1) ? null : numberColumn(name, INT, batch.timestamps)
  }
}

/** `name`, `name?` or `name!`. */
function insertion(source: Source, spec: string): Insertion {
  const [required, optional] = SCHEMAS[source]
  if (spec.endsWith('!')) return { source, name: spec.slice(0, -1), schema: required }
  return { source, name: spec.endsWith('?') ? spec.slice(0, -1) : spec, schema: optional }
}

export const plugins: readonly Plugin[] = keyAndValue('InsertField', insertFieldConfig, onKey => new InsertField(onKey))

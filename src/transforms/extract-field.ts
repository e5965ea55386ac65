// ExtractField: makes a field of the key or value the whole key or value. Task threads, every record.

import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { ColumnStep, Transformation } from '../api/transformation.ts'
import { ConnectError } from '../base/errors.ts'
import { defineConfig, oneOfIgnoringCase } from '../config/define.ts'
import { ABSENT, NULL } from '../data/columns.ts'
import type { ConnectRecord } from '../data/record.ts'
import type { Schema } from '../data/schema.ts'
import { slotOf } from './column-fields.ts'
import { keyAndValue, replaceNullWithDefault } from './definition.ts'
import { FieldPath } from './field-path.ts'
import { requireMap, requireStruct } from './operand.ts'
import { SchemaCache } from './schema-cache.ts'

const PURPOSE = 'field extraction'

export const extractFieldConfig = defineConfig({
  field: { type: 'string', importance: 'medium', doc: 'Name of the field, or its path with field.syntax.version V2.' },
  'replace.null.with.default': replaceNullWithDefault,
  'field.syntax.version': {
    type: 'string',
    default: 'V1',
    importance: 'high',
    check: oneOfIgnoringCase('V1', 'V2'),
    doc: 'V1: `field` is a name at the top. V2: a path into nested fields, steps separated by dots, back-ticks around names with dots.',
  },
})

const NO_VALUE = (1 << ABSENT) | (1 << NULL)

class ExtractField implements Transformation {
  readonly #onKey: boolean
  readonly #fieldSchemas = new SchemaCache(schema => this.#fieldSchema(schema))
  #path = new FieldPath('', 'V1')
  #field = ''
  #replaceNull = true

  constructor(onKey: boolean) {
    this.#onKey = onKey
  }

  configure(props: Props): void {
    const config = extractFieldConfig.parse(props)
    this.#field = config.field
    this.#path = new FieldPath(config.field, config['field.syntax.version'].toUpperCase() === 'V2' ? 'V2' : 'V1')
    this.#replaceNull = config['replace.null.with.default']
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#onKey ? record.key : record.value
    const schema = this.#onKey ? record.keySchema : record.valueSchema
    const isNull = value === null || value === undefined
    let fieldSchema: Schema | null = null
    let extracted: unknown = null
    if (schema === null) {
      if (!isNull) extracted = this.#path.inMap(requireMap(value, PURPOSE))
    } else {
      const struct = isNull ? null : requireStruct(value, PURPOSE)
      fieldSchema = this.#fieldSchemas.get(schema)
      if (struct !== null) extracted = this.#path.inStruct(struct, this.#replaceNull)
    }
    return record.with(
      this.#onKey ? { keySchema: fieldSchema, key: extracted } : { valueSchema: fieldSchema, value: extracted },
    ) as R
  }

  columns(): ColumnStep | null {
    if (this.#onKey || !this.#path.isPlain) return null
    return batch => {
      if (batch.schema !== null || batch.form !== 'rows') return false
      const column = batch.columns[slotOf(batch, this.#path.name)]
      // Values that are null are no columns.
      if (column === undefined || (column.tagsIn(0, batch.count) & NO_VALUE) !== 0) return false
      batch.form = 'single'
      batch.columns = [column]
      batch.layout = null
      batch.layouts = []
      return true
    }
  }

  #fieldSchema(schema: Schema): Schema {
    const field = this.#path.inSchema(schema)
    if (field === undefined) throw new ConnectError(`Unknown field: ${this.#field}`, { code: 'CONNECT_ILLEGAL_ARGUMENT' })
    return field.schema
  }
}

export const plugins: readonly Plugin[] = keyAndValue('ExtractField', extractFieldConfig, onKey => new ExtractField(onKey))

// HoistField: wraps the key or value, nulls too, as the only field of a struct or object. Task threads, every record.

import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { ColumnStep, Transformation } from '../api/transformation.ts'
import { defineConfig } from '../config/define.ts'
import { Layout } from '../data/columns.ts'
import type { ConnectRecord } from '../data/record.ts'
import { Struct } from '../data/struct.ts'
import { validateValue } from '../data/validate-value.ts'
import { keyAndValue } from './definition.ts'
import { deriveStruct } from './derived-schema.ts'
import { type PlainObject, setField } from './operand.ts'
import { SchemaCache } from './schema-cache.ts'

export const hoistFieldConfig = defineConfig({
  field: { type: 'string', importance: 'medium', doc: 'Name of the field that takes the whole key or value.' },
})

class HoistField implements Transformation {
  readonly #onKey: boolean
  readonly #schemas = new SchemaCache(schema => deriveStruct(null, [[this.#field, schema]]))
  #field = ''

  constructor(onKey: boolean) {
    this.#onKey = onKey
  }

  configure(props: Props): void {
    this.#field = hoistFieldConfig.parse(props).field
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#onKey ? record.key : record.value
    const schema = this.#onKey ? record.keySchema : record.valueSchema
    if (schema === null) {
      const hoisted: PlainObject = {}
      setField(hoisted, this.#field, value)
      return record.with(this.#onKey ? { key: hoisted } : { value: hoisted }) as R
    }
    const wrapper = this.#schemas.get(schema)
    validateValue(schema, value, this.#field)
    const hoisted = new Struct(wrapper, [value])
    return record.with(this.#onKey ? { keySchema: wrapper, key: hoisted } : { valueSchema: wrapper, value: hoisted }) as R
  }

  /** What has fields already would be nested: that is the row path's. */
  columns(): ColumnStep | null {
    if (this.#onKey) return null
    return batch => {
      const column = batch.columns[0]
      if (batch.schema !== null || batch.form !== 'single' || column === undefined) return false
      batch.form = 'rows'
      batch.columns = [column.renamed(this.#field)]
      batch.layout = ONLY
      return true
    }
  }
}

const ONLY = new Layout([0])

export const plugins: readonly Plugin[] = keyAndValue('HoistField', hoistFieldConfig, onKey => new HoistField(onKey))

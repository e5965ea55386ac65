// TimestampConverter: turns a field or the whole key or value from one form of a point in time into another. Task threads, every record.

import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { ColumnStep, Transformation } from '../api/transformation.ts'
import { ConfigError, DataError } from '../base/errors.ts'
import { defineConfig, oneOf } from '../config/define.ts'
import { type Column, constantColumn } from '../data/columns.ts'
import { JavaDateFormat } from '../data/java-date-format.ts'
import type { ConnectRecord } from '../data/record.ts'
import type { Schema } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { FieldSetter, mappedColumn, slotOf } from './column-fields.ts'
import { compileChange } from './compiled-copy.ts'
import { keyAndValue, replaceNullWithDefault } from './definition.ts'
import { deriveStruct } from './derived-schema.ts'
import { copyValues, requireMap, requireStruct } from './operand.ts'
import { SchemaCache } from './schema-cache.ts'
import { inferForm, type Precision, schemaForm, type TimeForm, TimeForms, timeSchemaOf } from './time-forms.ts'

const PURPOSE = 'converting timestamp formats'

export const timestampConverterConfig = defineConfig({
  field: { type: 'string', default: '', importance: 'high', doc: 'Name of the field; empty for the whole key or value.' },
  'target.type': {
    type: 'string',
    importance: 'high',
    check: oneOf('string', 'unix', 'Date', 'Time', 'Timestamp'),
    doc: 'Form to turn into: string, unix (a number), or the logical types Date, Time, Timestamp.',
  },
  format: {
    type: 'string',
    default: '',
    importance: 'medium',
    doc: "Pattern of texts in the notation of Java's SimpleDateFormat, in UTC. Needed where the source or the target is a text.",
  },
  'unix.precision': {
    type: 'string',
    default: 'milliseconds',
    importance: 'low',
    check: oneOf('nanoseconds', 'microseconds', 'milliseconds', 'seconds'),
    doc: 'Unit of unix numbers, read or written. Finer parts than milliseconds are lost.',
  },
  'replace.null.with.default': replaceNullWithDefault,
})

/** The new schema of a struct, where the field stands (-1: not there), and what it is now. */
interface Plan {
  readonly schema: Schema
  readonly index: number
  readonly fieldSchema: Schema | null
}

class TimestampConverter implements Transformation {
  readonly #onKey: boolean
  readonly #plans = new SchemaCache(schema => this.#planFor(schema))
  #field = ''
  #convertField = compileChange([], value => value)
  #target: TimeForm = 'unix'
  #forms = new TimeForms(null, 'milliseconds')
  #replaceNull = true

  constructor(onKey: boolean) {
    this.#onKey = onKey
  }

  configure(props: Props): void {
    const config = timestampConverterConfig.parse(props)
    this.#field = config.field
    this.#convertField = compileChange([config.field], value => this.#convert(value, null))
    this.#target = config['target.type'] as TimeForm
    const hasFormat = config.format.trim() !== ''
    if (this.#target === 'string' && !hasFormat) {
      throw new ConfigError('format', 'TimestampConverter requires format option to be specified when using string timestamps')
    }
    this.#forms = new TimeForms(hasFormat ? dateFormat(config.format) : null, config['unix.precision'] as Precision)
    this.#replaceNull = config['replace.null.with.default']
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#onKey ? record.key : record.value
    const schema = this.#onKey ? record.keySchema : record.valueSchema
    if (schema === null) {
      const converted = this.#convertSchemaless(value)
      return record.with(this.#onKey ? { keySchema: null, key: converted } : { valueSchema: null, value: converted }) as R
    }
    if (this.#field !== '') {
      const struct = value === null || value === undefined ? null : requireStruct(value, PURPOSE)
      const plan = this.#plans.get(schema)
      const converted = struct === null ? null : this.#convertStruct(struct, plan)
      return record.with(
        this.#onKey ? { keySchema: plan.schema, key: converted } : { valueSchema: plan.schema, value: converted },
      ) as R
    }
    const target = timeSchemaOf(this.#target, schema.optional)
    const converted = this.#convert(value, schemaForm(schema))
    return record.with(this.#onKey ? { keySchema: target, key: converted } : { valueSchema: target, value: converted }) as R
  }

  columns(): ColumnStep | null {
    if (this.#onKey) return null
    const setter = new FieldSetter(this.#field)
    const convert = (column: Column, count: number) => mappedColumn(column, count, value => this.#convert(value, null))
    return batch => {
      if (batch.schema !== null) return false
      if (this.#field === '') {
        const column = batch.columns[0]
        if (batch.form !== 'single' || column === undefined) return false
        batch.columns = [convert(column, batch.count)]
        return true
      }
      if (batch.form !== 'rows') return false
      const column = batch.columns[slotOf(batch, this.#field)]
      return setter.set(batch, column === undefined ? constantColumn(this.#field, null) : convert(column, batch.count))
    }
  }

  #convertSchemaless(value: unknown): unknown {
    if (value === null || value === undefined) return null
    if (this.#field === '') return this.#convert(value, null)
    return this.#convertField(requireMap(value, PURPOSE))
  }

  #convertStruct(struct: Struct, plan: Plan): Struct {
    const values = copyValues(struct, struct.schema.fields.length, this.#replaceNull)
    if (plan.fieldSchema !== null) values[plan.index] = this.#convert(values[plan.index], schemaForm(plan.fieldSchema))
    return new Struct(plan.schema, values)
  }

  /** @param form what the schema says; null: told by the value */
  #convert(value: unknown, form: TimeForm | null): unknown {
    if (value === null || value === undefined) return null
    return this.#forms.write(this.#forms.read(value, form ?? inferForm(value)), this.#target)
  }

  #planFor(schema: Schema): Plan {
    if (schema.type !== 'struct') throw new DataError('Cannot list fields on non-struct type')
    const converted = schema.fields.map((field): [string, Schema] => [
      field.name,
      field.name === this.#field ? timeSchemaOf(this.#target, field.schema.optional) : field.schema,
    ])
    const plain = deriveStruct(schema, converted, { optional: schema.optional })
    const plan = { schema: plain, index: schema.indexOf(this.#field), fieldSchema: schema.field(this.#field)?.schema ?? null }
    if (!(schema.default instanceof Struct)) return plan
    return { ...plan, schema: plain.with({ default: this.#convertStruct(schema.default, plan) }) }
  }
}

function dateFormat(pattern: string): JavaDateFormat {
  try {
    return new JavaDateFormat(pattern)
  } catch (error) {
    const reason = (error as Error).message
    throw new ConfigError(
      'format',
      `Invalid value ${pattern} for configuration format: TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: ${reason}`,
    )
  }
}

export const plugins: readonly Plugin[] = keyAndValue(
  'TimestampConverter',
  timestampConverterConfig,
  onKey => new TimestampConverter(onKey),
)

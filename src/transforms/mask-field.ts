// MaskField: puts a zero, an empty text or a given replacement in the place of fields. Task threads, every record.
import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { ColumnStep, Transformation } from '../api/transformation.ts'
import { DataError } from '../base/errors.ts'
import { defineConfig, filledList, ifPresent, nonEmpty } from '../config/define.ts'
import { ABSENT, Column, type ColumnBatch, constantColumn, DOUBLE, FALSE, INT, NULL, OTHER, TEXT, TRUE } from '../data/columns.ts'
import { Decimal, Float64 } from '../data/decimal.ts'
import type { ConnectRecord } from '../data/record.ts'
import { DECIMAL_NAME, type Schema } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { javaClassOf } from '../data/validate-value.ts'
import { FieldSetter, replaceColumn, slotOf } from './column-fields.ts'
import { compileChange } from './compiled-copy.ts'
import { keyAndValue, replaceNullWithDefault } from './definition.ts'
import { MaskReplacement } from './mask-replacement.ts'
import { copyValues, isPlainObject, requireMap, requireStruct } from './operand.ts'
import { SchemaCache } from './schema-cache.ts'

const PURPOSE = 'mask fields'
const ZERO = new Float64(0)
const DECIMAL_ZERO = new Decimal(0n, 0)

export const maskFieldConfig = defineConfig({
  fields: { type: 'list', importance: 'high', check: filledList, doc: 'Names of the fields to mask.' },
  replacement: {
    type: 'string',
    default: null,
    importance: 'low',
    check: ifPresent(nonEmpty),
    doc: 'What stands in the place of the values, read as a number for numbers. Texts and numbers only. Not set: 0, an empty text, the epoch ...',
  },
  'replace.null.with.default': replaceNullWithDefault,
})

class MaskField implements Transformation {
  readonly #onKey: boolean
  /** indices of the fields to mask */
  readonly #masked = new SchemaCache(schema => schema.fields.filter(f => this.#names.has(f.name)).map(f => f.index))
  #maskMap = compileChange([], value => value)
  #names: ReadonlySet<string> = new Set()
  #replacement: MaskReplacement | null = null
  #replaceNull = true

  constructor(onKey: boolean) {
    this.#onKey = onKey
  }

  configure(props: Props): void {
    const config = maskFieldConfig.parse(props)
    this.#names = new Set(config.fields)
    this.#maskMap = compileChange([...this.#names], value => this.#mask(value, null))
    this.#replacement = config.replacement === null ? null : new MaskReplacement(config.replacement)
    this.#replaceNull = config['replace.null.with.default']
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#onKey ? record.key : record.value
    const schema = this.#onKey ? record.keySchema : record.valueSchema
    const masked = schema === null ? this.#maskMap(requireMap(value, PURPOSE)) : this.#maskStruct(requireStruct(value, PURPOSE))
    return record.with(this.#onKey ? { key: masked } : { value: masked }) as R
  }

  columns(): ColumnStep | null {
    if (this.#onKey) return null
    const setters = [...this.#names].map(name => ({ name, setter: new FieldSetter(name) }))
    const text = constantColumn('', this.#replacement === null ? '' : String(this.#replacement.for('', null)))
    return batch => {
      if (batch.form !== 'rows') return false
      if (batch.schema !== null) return this.#maskStructs(batch, text)
      for (const { name, setter } of setters) {
        const column = this.#maskColumn(batch, name, text)
        if (column === null || !setter.set(batch, column)) return false
      }
      return true
    }
  }

  /** A struct keeps its schema and its nulls. */
  #maskStructs(batch: ColumnBatch, text: Column): boolean {
    if (batch.layout === null || batch.schema === null) return false
    for (const index of this.#masked.get(batch.schema)) {
      const slot = batch.layout.slots[index] ?? -1
      const field = batch.schema.fields[index]
      const column = batch.columns[slot]
      if (column === undefined || field === undefined) return false
      const masked = this.#maskColumn(batch, column.name, text)
      if (masked === null) return false
      replaceColumn(batch, slot, masked)
    }
    return true
  }

  /** Null for values that are masked one by one. */
  #maskColumn(batch: ColumnBatch, name: string, text: Column): Column | null {
    const slot = slotOf(batch, name)
    if (slot < 0) return constantColumn(name, null)
    const column = batch.columns[slot] as Column
    if (column.mask === 1 << TEXT) return text.renamed(name)
    const known = this.#replacement === null ? PLAIN : TEXT_OR_NULL
    return (column.tagsIn(0, batch.count) & ~known) !== 0 ? null : maskedColumn(column, text, batch.count)
  }

  #maskStruct(value: Struct): Struct {
    const { fields } = value.schema
    const values = copyValues(value, fields.length, this.#replaceNull)
    const masked = this.#masked.get(value.schema)
    for (let i = 0; i < masked.length; i++) {
      const index = masked[i] as number
      values[index] = this.#mask(values[index], fields[index]?.schema ?? null)
    }
    return new Struct(value.schema, values)
  }

  #mask(value: unknown, schema: Schema | null): unknown {
    if (value === null || value === undefined) return null
    if (this.#replacement !== null) return this.#replacement.for(value, schema)
    switch (typeof value) {
      case 'string':
        return ''
      case 'number':
        // Without a schema a number that is no integer is a double: Java writes 0.0 for it.
        return schema !== null || Number.isInteger(value) ? 0 : ZERO
      case 'boolean':
        return false
      case 'bigint':
        return 0
    }
    if (value instanceof Float64) return ZERO
    if (value instanceof Date) return new Date(0)
    if (value instanceof Decimal || schema?.name === DECIMAL_NAME) return DECIMAL_ZERO
    if (Array.isArray(value)) return []
    if (value instanceof Map) return new Map()
    if (isPlainObject(value)) return {}
    throw new DataError(`Cannot mask value of type: ${javaClassOf(value)}`)
  }
}

/** OTHER: a text that had escapes; what else it may be is masked one by one */
const TEXT_OR_NULL = (1 << TEXT) | (1 << OTHER) | (1 << NULL) | (1 << ABSENT)
const PLAIN = TEXT_OR_NULL | (1 << INT) | (1 << DOUBLE) | (1 << TRUE) | (1 << FALSE)

/** A text for texts, zeros for numbers, false for booleans; null where there is nothing, missing fields included. */
function maskedColumn(column: Column, text: Column, count: number): Column | null {
  const masked = Column.empty(column.name)
  masked.buffer = text.buffer
  masked.mayNeedEscapes = true
  for (let row = 0; row < count; row++) {
    const given = column.tags[row]!
    if (given === OTHER && typeof column.others[row] !== 'string') return null
    const tag = maskOf(given)
    masked.tags[row] = tag
    masked.mask |= 1 << tag
    masked.starts[row] = tag === TEXT ? 0 : -1
    masked.ends[row] = text.buffer.length
  }
  return masked
}

function maskOf(tag: number): number {
  switch (tag) {
    case ABSENT:
      return NULL
    case TRUE:
      return FALSE
    case OTHER:
      return TEXT
    case INT:
    case DOUBLE:
    case TEXT:
    case FALSE:
      return tag
    default:
      return NULL
  }
}

export const plugins: readonly Plugin[] = keyAndValue('MaskField', maskFieldConfig, onKey => new MaskField(onKey))

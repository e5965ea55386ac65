// Cast: turns the key or value, or top-level fields of it, into other primitive types. Task threads, every record.

import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { ColumnStep, Transformation } from '../api/transformation.ts'
import { ConfigError, DataError, SchemaError, toError } from '../base/errors.ts'
import { type Check, defineConfig } from '../config/define.ts'
import { type Column, constantColumn, DOUBLE, FALSE, INT, TEXT, TRUE } from '../data/columns.ts'
import type { ConnectRecord } from '../data/record.ts'
import { Schema } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { isOfType } from '../data/validate-value.ts'
import { type CastType, castTypeOf, castValue } from './cast-value.ts'
import { FieldSetter, mappedColumn, slotOf } from './column-fields.ts'
import { compileChange } from './compiled-copy.ts'
import { keyAndValue, replaceNullWithDefault } from './definition.ts'
import { deriveStruct } from './derived-schema.ts'
import { copyValues, requireMap, requireStruct } from './operand.ts'
import { SchemaCache } from './schema-cache.ts'

const PURPOSE = 'cast types'

const validSpec: Check = (_name, value) => {
  if (!Array.isArray(value)) return null
  try {
    readSpec(value)
    return null
  } catch (error) {
    return { message: toError(error).message }
  }
}

export const castConfig = defineConfig({
  spec: {
    type: 'list',
    importance: 'high',
    check: validSpec,
    doc: 'Either field:type pairs, or one type for the whole key or value. Types: int8, int16, int32, int64, float32, float64, boolean, string.',
  },
  'replace.null.with.default': replaceNullWithDefault,
})

/** The new schema of a struct, and the type each field turns into (null: stays). */
interface Plan {
  readonly schema: Schema
  readonly casts: readonly (CastType | null)[]
}

class Cast implements Transformation {
  readonly #onKey: boolean
  readonly #plans = new SchemaCache(schema => this.#planFor(schema))
  readonly #wholeSchemas = new SchemaCache(schema => recast(schema, this.#whole ?? 'string'))
  #whole: CastType | null = null
  #casts: ReadonlyMap<string, CastType> = new Map()
  #castFields = compileChange([], value => value)
  #replaceNull = true

  constructor(onKey: boolean) {
    this.#onKey = onKey
  }

  configure(props: Props): void {
    const config = castConfig.parse(props)
    const { whole, casts } = readSpec(config.spec)
    this.#whole = whole
    this.#casts = casts
    this.#replaceNull = config['replace.null.with.default']
    const types = [...casts.values()]
    this.#castFields = compileChange([...casts.keys()], (value, i) => castValue(null, value, types[i] ?? 'string'))
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#onKey ? record.key : record.value
    if (value === null || value === undefined) return record
    const schema = this.#onKey ? record.keySchema : record.valueSchema
    if (schema === null) {
      const cast = this.#whole === null ? this.#castFields(requireMap(value, PURPOSE)) : castValue(null, value, this.#whole)
      return record.with(this.#onKey ? { key: cast } : { value: cast }) as R
    }
    if (this.#whole !== null) {
      const wholeSchema = this.#wholeSchemas.get(schema)
      const cast = castValue(schema, value, this.#whole)
      return record.with(this.#onKey ? { keySchema: wholeSchema, key: cast } : { valueSchema: wholeSchema, value: cast }) as R
    }
    const cast = this.#castStruct(value, schema)
    return record.with(this.#onKey ? { keySchema: cast.schema, key: cast } : { valueSchema: cast.schema, value: cast }) as R
  }

  columns(): ColumnStep | null {
    if (this.#onKey) return null
    const whole = this.#whole
    const casts = [...this.#casts].map(([name, type]) => ({ name, type, setter: new FieldSetter(name) }))
    return batch => {
      if (batch.schema !== null) return false
      if (whole !== null) {
        const column = batch.columns[0]
        if (batch.form !== 'single' || column === undefined) return false
        batch.columns = [castColumn(column, batch.count, whole)]
        return true
      }
      if (batch.form !== 'rows') return false
      for (const { name, type, setter } of casts) {
        const column = batch.columns[slotOf(batch, name)]
        const cast = column === undefined ? constantColumn(name, null) : castColumn(column, batch.count, type)
        if (!setter.set(batch, cast)) return false
      }
      return true
    }
  }

  #castStruct(value: unknown, valueSchema: Schema): Struct {
    if (valueSchema.type !== 'struct') throw new DataError('Cannot list fields on non-struct type')
    const struct = requireStruct(value, PURPOSE)
    const { schema, casts } = this.#plans.get(valueSchema)
    const values = copyValues(struct, schema.fields.length, this.#replaceNull)
    for (let i = 0; i < casts.length; i++) {
      const type = casts[i] ?? null
      if (type !== null) values[i] = castValue(valueSchema.fields[i]?.schema ?? null, values[i] ?? null, type)
    }
    return new Struct(schema, values)
  }

  #planFor(schema: Schema): Plan {
    const casts = schema.fields.map(field => this.#casts.get(field.name) ?? null)
    const derived = deriveStruct(
      schema,
      schema.fields.map((field, i) => {
        const type = casts[i] ?? null
        return [field.name, type === null ? field.schema : recastField(field.schema, type)]
      }),
      { optional: schema.optional },
    )
    return { schema: derived, casts }
  }
}

/** Values that a type leaves as they are: Java's long and double are what JSON holds. */
const UNCHANGED: Partial<Record<CastType, number>> = {
  int64: 1 << INT,
  float64: 1 << DOUBLE,
  boolean: (1 << TRUE) | (1 << FALSE),
  string: 1 << TEXT,
}

/** @throws DataError for a value that cannot be cast: the row path tells of which record */
function castColumn(column: Column, count: number, type: CastType): Column {
  if ((column.tagsIn(0, count) & ~(UNCHANGED[type] ?? 0)) === 0) return column
  return mappedColumn(column, count, value => castValue(null, value, type))
}

/** A field's schema with another type: only optional and the default stay. */
function recastField(schema: Schema, type: CastType): Schema {
  return new Schema({ type, optional: schema.optional, default: castValue(schema, schema.default, type) })
}

/**
 * The same schema with another type: whatever else it says stays, its default is cast.
 * @throws SchemaError where the name stands for a logical type, whose default the cast one cannot be
 */
function recast(schema: Schema, type: CastType): Schema {
  const { optional, name, version, doc, parameters } = schema
  const given = castValue(schema, schema.default, type)
  const plain = new Schema({ type, optional, name, version, doc, parameters })
  if (given === null) return plain
  if (!isOfType(plain, given)) throw new SchemaError('Invalid default value')
  return plain.with({ default: given })
}

function readSpec(spec: readonly string[]): { whole: CastType | null; casts: Map<string, CastType> } {
  if (spec.length === 0) throw new ConfigError('spec', 'Must specify at least one field to cast.')
  const casts = new Map<string, CastType>()
  let whole: CastType | null = null
  for (const item of spec) {
    const parts = item.split(':')
    while (parts.length > 1 && parts[parts.length - 1] === '') parts.pop()
    if (parts.length > 2) {
      throw new ConfigError('spec', `Invalid value [${spec.join(', ')}] for configuration spec: Invalid cast: ${item}`)
    }
    const type = castTypeOf(parts[parts.length - 1] ?? '')
    if (parts.length === 1) whole = type
    else casts.set((parts[0] ?? '').trim(), type)
  }
  if (whole !== null && spec.length > 1) {
    throw new ConfigError(
      'spec',
      'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec',
    )
  }
  return { whole, casts }
}

export const plugins: readonly Plugin[] = keyAndValue('Cast', castConfig, onKey => new Cast(onKey))

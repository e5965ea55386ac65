// Flatten: lifts the fields of nested structs and objects to the top, their names joined. Task threads, every record.
import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { Transformation } from '../api/transformation.ts'
import { DataError } from '../base/errors.ts'
import { defineConfig } from '../config/define.ts'
import { Decimal } from '../data/decimal.ts'
import type { ConnectRecord } from '../data/record.ts'
import type { Schema } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { JAVA_TYPE_NAME, javaClassOf, validateValue } from '../data/validate-value.ts'
import { keyAndValue } from './definition.ts'
import { deriveStruct } from './derived-schema.ts'
import { isPlainObject, type PlainObject, requireMap, requireStruct, setField } from './operand.ts'
import { SchemaCache } from './schema-cache.ts'

const PURPOSE = 'flattening'

export const flattenConfig = defineConfig({
  delimiter: {
    type: 'string',
    default: '.',
    importance: 'medium',
    doc: 'Stands between the names of the outer and the inner field.',
  },
})

class Flatten implements Transformation {
  readonly #onKey: boolean
  readonly #schemas = new SchemaCache(schema => this.#flatSchema(schema))
  #delimiter = '.'

  constructor(onKey: boolean) {
    this.#onKey = onKey
  }

  configure(props: Props): void {
    this.#delimiter = flattenConfig.parse(props).delimiter
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#onKey ? record.key : record.value
    if (value === null || value === undefined) return record
    const schema = this.#onKey ? record.keySchema : record.valueSchema
    if (schema === null) {
      const flat: PlainObject = {}
      this.#flattenMap(requireMap(value, PURPOSE), '', flat)
      return record.with(this.#onKey ? { key: flat } : { value: flat }) as R
    }
    const struct = requireStruct(value, PURPOSE)
    const flatSchema = this.#schemas.get(schema)
    const values: unknown[] = []
    this.#flattenStruct(struct, flatSchema, values)
    const flat = new Struct(flatSchema, values)
    return record.with(this.#onKey ? { keySchema: flatSchema, key: flat } : { valueSchema: flatSchema, value: flat }) as R
  }

  #nameOf(prefix: string, name: string): string {
    return prefix === '' ? name : prefix + this.#delimiter + name
  }

  #flattenMap(object: PlainObject, prefix: string, flat: PlainObject): void {
    for (const name in object) {
      const value = object[name]
      const flatName = this.#nameOf(prefix, name)
      if (isPlainObject(value)) this.#flattenMap(value, flatName, flat)
      else if (value instanceof Date || value instanceof Decimal) {
        throw new DataError(
          `Flatten transformation was passed a value of type ${javaClassOf(value)} which is not supported by Connect's data API`,
        )
      } else setField(flat, flatName, value)
    }
  }

  /** Values in the order of the flat schema's fields; a nested struct that is null leaves nulls. */
  #flattenStruct(struct: Struct, flat: Schema, values: unknown[]): void {
    for (const field of struct.schema.fields) {
      if (field.schema.type === 'struct') {
        // As Java's getStruct: a nested struct's own default does not step in for null, those of its fields stand in the flat schema.
        const nested = struct.values[field.index]
        if (nested instanceof Struct) this.#flattenStruct(nested, flat, values)
        else for (let n = leavesOf(field.schema); n > 0; n--) values.push(null)
        continue
      }
      const value = struct.get(field.name)
      const target = flat.fields[values.length]
      if (value === null && target !== undefined) validateValue(target.schema, null, target.name)
      values.push(value)
    }
  }

  #flatSchema(schema: Schema): Schema {
    const fields: [string, Schema][] = []
    this.#collect(schema, '', schema.optional, schema.default, fields)
    return deriveStruct(schema, fields)
  }

  #collect(schema: Schema, prefix: string, isOptional: boolean, given: unknown, fields: [string, Schema][]): void {
    for (const field of schema.fields) {
      const name = this.#nameOf(prefix, field.name)
      const optional = isOptional || field.schema.optional
      const inherited = given instanceof Struct ? given.get(field.name) : null
      const defaultValue = field.schema.default ?? inherited
      if (field.schema.type === 'struct') this.#collect(field.schema, name, optional, defaultValue, fields)
      else if (field.schema.type === 'map') {
        throw new DataError(
          `Flatten transformation does not support ${JAVA_TYPE_NAME.map} for record with schemas (for field ${name}).`,
        )
      } else fields.push([name, field.schema.with({ optional, default: defaultValue })])
    }
  }
}

/** How many flat fields a nested struct makes. */
function leavesOf(schema: Schema): number {
  let leaves = 0
  for (const field of schema.fields) leaves += field.schema.type === 'struct' ? leavesOf(field.schema) : 1
  return leaves
}

export const plugins: readonly Plugin[] = keyAndValue('Flatten', flattenConfig, onKey => new Flatten(onKey))

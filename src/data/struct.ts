// A value with a struct schema: one slot a field, in the schema's order. Any thread. Java: org.apache.kafka.connect.data.Struct.
import { DataError } from '../base/errors.ts'
import type { Schema } from './schema.ts'

export class Struct {
  readonly schema: Schema
  /** one value a field, in order; null where unset */
  readonly values: unknown[]

  /** @param values taken over, not copied; must have one slot a field */
  constructor(schema: Schema, values: unknown[] = new Array(schema.fields.length).fill(null)) {
    if (schema.type !== 'struct') throw new DataError(`Not a struct schema: ${schema.type}`)
    this.schema = schema
    this.values = values
  }

  /** The field's value, or its schema's default where it is null. Throws DataError for an unknown field, as Java's get does. */
  get(field: string): unknown {
    const index = this.#indexOf(field)
    const value = this.values[index]
    return value ?? this.schema.fields[index]?.schema.default ?? null
  }

  getWithoutDefault(field: string): unknown {
    return this.values[this.#indexOf(field)] ?? null
  }

  set(field: string, value: unknown): this {
    this.values[this.#indexOf(field)] = value
    return this
  }

  #indexOf(field: string): number {
    const index = this.schema.indexOf(field)
    if (index < 0) throw new DataError(`${field} is not a valid field name`)
    return index
  }
}

// What a transform worked out for a schema, kept by the schema's identity: converters hand out one object for equal schemas, so the
// usual hit is one comparison. Limit 16, as in Java; the least recently used goes. Task threads.
import type { Schema } from '../data/schema.ts'
import { schemaEquals } from '../data/schema-equality.ts'

const LIMIT = 16

export class SchemaCache<V> {
  readonly #make: (schema: Schema) => V
  readonly #entries = new Map<Schema, V>()
  #lastSchema: Schema | null = null
  #lastValue: V | null = null

  constructor(make: (schema: Schema) => V) {
    this.#make = make
  }

  get(schema: Schema): V {
    if (schema === this.#lastSchema) return this.#lastValue as V
    const known = this.#entries.get(schema)
    const value = known ?? this.#equalOne(schema) ?? this.#make(schema)
    this.#entries.delete(schema)
    this.#entries.set(schema, value)
    if (this.#entries.size > LIMIT) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest)
        break
      }
    }
    this.#lastSchema = schema
    this.#lastValue = value
    return value
  }

  /** The value of an equal schema: a source may build its schema anew for each record, and the derived one should stay one object. */
  #equalOne(schema: Schema): V | undefined {
    for (const [other, value] of this.#entries) if (schemaEquals(other, schema)) return value
    return undefined
  }
}

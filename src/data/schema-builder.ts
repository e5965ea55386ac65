// Short ways to write schemas of arrays, maps and structs in connectors, transforms and tests. Any thread.
// Java: org.apache.kafka.connect.data.SchemaBuilder.
import { SchemaError } from '../base/errors.ts'
import { Schema, type SchemaParts } from './schema.ts'

type Extra = Omit<SchemaParts, 'type' | 'fields' | 'keySchema' | 'valueSchema'>

export const arrayOf = (element: Schema, extra: Extra = {}): Schema =>
  new Schema({ ...extra, type: 'array', valueSchema: element })

export const mapOf = (key: Schema, value: Schema, extra: Extra = {}): Schema =>
  new Schema({ ...extra, type: 'map', keySchema: key, valueSchema: value })

/** @throws SchemaError for a field named twice */
export function structOf(
  fields: Readonly<Record<string, Schema>> | readonly (readonly [string, Schema])[],
  extra: Extra = {},
): Schema {
  const list = Array.isArray(fields) ? (fields as readonly (readonly [string, Schema])[]) : Object.entries(fields)
  const seen = new Set<string>()
  for (const [name] of list) {
    if (seen.has(name)) throw new SchemaError(`Cannot create field because of field name duplication ${name}`)
    seen.add(name)
  }
  return new Schema({ ...extra, type: 'struct', fields: list.map(([name, schema]) => ({ name, schema })) })
}

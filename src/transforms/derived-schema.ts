// Struct schemas made from others: name, version, doc and parameters stay, fields are given. Task threads; once per schema.
import { SchemaError } from '../base/errors.ts'
import type { Schema } from '../data/schema.ts'
import { structOf } from '../data/schema-builder.ts'

export type FieldList = readonly (readonly [string, Schema])[]

/**
 * Optional and default do not carry over unless given, as in Java.
 * @throws SchemaError for a field without a name or named twice
 */
export function deriveStruct(
  source: Schema | null,
  fields: FieldList,
  extra: { optional?: boolean; default?: unknown } = {},
): Schema {
  if (fields.some(([name]) => name === '')) throw new SchemaError('fieldName cannot be null.')
  if (source === null) return structOf(fields, extra)
  const { name, version, doc, parameters } = source
  return structOf(fields, { name, version, doc, parameters, ...extra })
}

export const fieldsOf = (schema: Schema): [string, Schema][] => schema.fields.map(field => [field.name, field.schema])

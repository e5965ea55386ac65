// Whether a value fits its schema, by Java's rules (ConnectSchema.validateValue): exact kinds, no widening. Called where data is
// made from outside input: sources, SMTs, converters writing. Task threads.
import { DataError } from '../base/errors.ts'
import { Decimal, Float64 } from './decimal.ts'
import { DATE_NAME, DECIMAL_NAME, type Schema, TIME_NAME, TIMESTAMP_NAME, type Type } from './schema.ts'
import { schemaEquals } from './schema-equality.ts'
import { Struct } from './struct.ts'

/** Java's names of the types, as its messages write them. */
export const JAVA_TYPE_NAME: Readonly<Record<Type, string>> = {
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float32: 'FLOAT32',
  float64: 'FLOAT64',
  boolean: 'BOOLEAN',
  string: 'STRING',
  bytes: 'BYTES',
  array: 'ARRAY',
  map: 'MAP',
  struct: 'STRUCT',
}

/** The Java class a value would have; for messages. */
export function javaClassOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'class java.lang.String'
    case 'boolean':
      return 'class java.lang.Boolean'
    case 'bigint':
      return 'class java.lang.Long'
    case 'number':
      return Number.isInteger(value) ? 'class java.lang.Long' : 'class java.lang.Double'
  }
  if (value instanceof Float64) return 'class java.lang.Double'
  if (value instanceof Decimal) return 'class java.math.BigDecimal'
  if (value instanceof Date) return 'class java.util.Date'
  if (value instanceof Uint8Array) return 'class [B'
  if (value instanceof Struct) return 'class org.apache.kafka.connect.data.Struct'
  if (Array.isArray(value)) return 'class java.util.ArrayList'
  return value === null || value === undefined ? 'null' : 'class java.util.HashMap'
}

const INT64_MIN = -(2n ** 63n)
const INT64_MAX = 2n ** 63n - 1n

/** Whether the value is of the kind its schema names; the parts of lists, maps and structs are not looked at. */
export function isOfType(schema: Schema, value: unknown): boolean {
  switch (schema.name) {
    case DECIMAL_NAME:
      return value instanceof Decimal
    case DATE_NAME:
    case TIME_NAME:
    case TIMESTAMP_NAME:
      return value instanceof Date
  }
  switch (schema.type) {
    case 'int8':
      return typeof value === 'number' && (value << 24) >> 24 === value
    case 'int16':
      return typeof value === 'number' && (value << 16) >> 16 === value
    case 'int32':
      return typeof value === 'number' && (value | 0) === value
    case 'int64':
      return Number.isSafeInteger(value) || (typeof value === 'bigint' && value >= INT64_MIN && value <= INT64_MAX)
    case 'float32':
    case 'float64':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'string':
      return typeof value === 'string'
    case 'bytes':
      return value instanceof Uint8Array
    case 'array':
      return Array.isArray(value)
    case 'map':
      return value instanceof Map
    case 'struct':
      return value instanceof Struct
  }
}

/**
 * @param field names the value in the message
 * @param place of the value in the field, in Java's words
 * @throws DataError naming the field, the schema and what was met
 */
export function validateValue(schema: Schema, value: unknown, field: string | null = null, place = 'field'): void {
  if (value === null || value === undefined) {
    if (schema.optional) return
    throw new DataError(`Invalid value: null used for required ${place}: "${field}", schema type: ${JAVA_TYPE_NAME[schema.type]}`)
  }
  if (!isOfType(schema, value)) {
    const name = schema.name === null ? '' : ` "${schema.name}"`
    throw new DataError(
      `Invalid Java object for schema${name} with type ${JAVA_TYPE_NAME[schema.type]}: ${javaClassOf(value)}` +
        (field === null ? '' : ` for ${place}: "${field}"`),
    )
  }
  if (Array.isArray(value) && schema.valueSchema !== null) {
    const element = `element of array ${place}`
    for (const item of value) validateValue(schema.valueSchema, item, field, element)
  } else if (value instanceof Map) {
    const [ofKey, ofValue] = [`key of map ${place}`, `value of map ${place}`]
    for (const [key, item] of value) {
      if (schema.keySchema !== null) validateValue(schema.keySchema, key, field, ofKey)
      if (schema.valueSchema !== null) validateValue(schema.valueSchema, item, field, ofValue)
    }
  } else if (value instanceof Struct) {
    if (!schemaEquals(value.schema, schema)) throw new DataError('Struct schemas do not match.')
    validateStruct(value)
  }
}

/** Struct.validate: every field's value against its schema. A null is fine where the field has a default. */
export function validateStruct(struct: Struct): void {
  for (const field of struct.schema.fields) {
    const value = struct.values[field.index] ?? null
    if (value === null && (field.schema.optional || field.schema.default !== null)) continue
    validateValue(field.schema, value, field.name)
  }
}

// What a transform asks of the key or value it works on, and safe reading and writing of fields. Hot: task threads, every record.
import { DataError } from '../base/errors.ts'
import type { Schema } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { javaClassOf, validateValue } from '../data/validate-value.ts'

/** A schemaless object. Names are data: read them with `fieldOf`, write them with `setField`. */
export type PlainObject = Record<string, unknown>

/** Whether the value is what Java would have as a Map: an object literal, no list, date, struct or number in an object. */
export function isPlainObject(value: unknown): value is PlainObject {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** @throws DataError naming the purpose, as Java does, where the value is no schemaless object */
export function requireMap(value: unknown, purpose: string): PlainObject {
  if (isPlainObject(value)) return value
  throw new DataError(`Only Map objects supported in absence of schema for [${purpose}], found: ${javaClassName(value)}`)
}

/** @throws DataError naming the purpose where the value is no Struct */
export function requireStruct(value: unknown, purpose: string): Struct {
  if (value instanceof Struct) return value
  throw new DataError(`Only Struct objects supported for [${purpose}], found: ${javaClassName(value)}`)
}

/** Java's Class.getName of a value, `null` for null. */
export function javaClassName(value: unknown): string {
  return value === null || value === undefined ? 'null' : javaClassOf(value).replace('class ', '')
}

/** A field of a schemaless object; null where it is missing or only inherited (`constructor`). */
export function fieldOf(object: PlainObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : null
}

/** Sets a field of an object that nobody else sees yet. A name such as `__proto__` becomes an own field like any other. */
export function setField(object: PlainObject, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  } else object[name] = value
}

/**
 * A struct's value on its way into another struct: the schema's default for null if asked, and no null where the field is required.
 */
export function copiedValue(
  values: readonly unknown[],
  index: number,
  name: string,
  schema: Schema,
  replaceNull: boolean,
): unknown {
  const value = values[index]
  if (value !== null && value !== undefined) return value
  const given = replaceNull ? schema.default : null
  if (given === null && !schema.optional) validateValue(schema, null, name)
  return given
}

/** A struct's values, each as by `copiedValue`, with room for more behind them. */
export function copyValues(struct: Struct, length: number, replaceNull: boolean): unknown[] {
  const { fields } = struct.schema
  const source = struct.values
  const values: unknown[] = new Array(length)
  for (let i = 0; i < fields.length; i++) {
    const value = source[i]
    if (value !== null && value !== undefined) {
      values[i] = value
      continue
    }
    const field = fields[i]
    if (field !== undefined) values[i] = copiedValue(source, i, field.name, field.schema, replaceNull)
  }
  return values
}

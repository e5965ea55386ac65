// Columns of a Connect schema: exact types, required stays required, logical types keep their meaning. Hot: putTyped. Task threads.
import { DataError } from '../../../base/errors.ts'
import { Decimal } from '../../../data/decimal.ts'
import { dateToDays, timeToMs } from '../../../data/logical.ts'
import { DATE_NAME, DECIMAL_NAME, type Schema, TIME_NAME, TIMESTAMP_NAME, type Type } from '../../../data/schema.ts'
import { Struct } from '../../../data/struct.ts'
import { jsonText } from '../json-text.ts'
import type { Leaf } from './leaf.ts'
import {
  BOOLEAN_TYPE,
  BYTES_TYPE,
  DATE_TYPE,
  DOUBLE_TYPE,
  decimalType,
  FLOAT_TYPE,
  INT8_TYPE,
  INT16_TYPE,
  INT32_TYPE,
  INT64_TYPE,
  type LeafType,
  TEXT_TYPE,
  TIME_TYPE,
  TIMESTAMP_TYPE,
} from './leaf-type.ts'
import {
  addChild,
  defOf,
  elementPlace,
  keyPlace,
  type Node,
  newGroup,
  newLeaf,
  newList,
  type Place,
  putNull,
  valuePlace,
} from './node.ts'

/** A node and the schema that fills it. */
export interface TypedColumn {
  readonly node: Node
  readonly schema: Schema
  readonly parentDef: number
  /** of a struct its fields, of a list the element, of a map key and value */
  readonly parts: readonly TypedColumn[]
}

const LEAF_TYPES: Partial<Record<Type, LeafType>> = {
  int8: INT8_TYPE,
  int16: INT16_TYPE,
  int32: INT32_TYPE,
  int64: INT64_TYPE,
  float32: FLOAT_TYPE,
  float64: DOUBLE_TYPE,
  boolean: BOOLEAN_TYPE,
  string: TEXT_TYPE,
  bytes: BYTES_TYPE,
}

function leafType(schema: Schema): LeafType | null {
  switch (schema.name) {
    case DECIMAL_NAME:
      return decimalType(schema) ?? TEXT_TYPE
    case DATE_NAME:
      return DATE_TYPE
    case TIME_NAME:
      return TIME_TYPE
    case TIMESTAMP_NAME:
      return TIMESTAMP_TYPE
  }
  // Parquet has no group without columns.
  if (schema.type === 'struct' && schema.fields.length === 0) return TEXT_TYPE
  return LEAF_TYPES[schema.type] ?? null
}

export function typedColumn(schema: Schema, place: Place): TypedColumn {
  const { parentDef } = place
  const type = leafType(schema)
  if (type !== null) return { node: newLeaf(place, type), schema, parentDef, parts: [] }
  if (schema.type === 'struct') {
    const group = newGroup(place)
    const parts = schema.fields.map(field =>
      typedColumn(field.schema, { name: field.name, isOptional: field.schema.optional, parentDef: group.def, rep: place.rep }),
    )
    for (const part of parts) addChild(group, part.node)
    return { node: group, schema, parentDef, parts }
  }
  const valueSchema = schema.valueSchema
  if (valueSchema === null) throw new DataError(`the schema of ${place.name} does not say what its elements are`)
  if (schema.type === 'array') {
    const element = typedColumn(valueSchema, elementPlace(place, valueSchema.optional))
    return { node: newList(place, element.node), schema, parentDef, parts: [element] }
  }
  if (schema.keySchema === null) throw new DataError(`the schema of ${place.name} does not say what its keys are`)
  const key = typedColumn(schema.keySchema, keyPlace(place))
  const value = typedColumn(valueSchema, valuePlace(place, valueSchema.optional))
  return {
    node: { ...place, kind: 'map', def: defOf(place), key: key.node, value: value.node },
    schema,
    parentDef,
    parts: [key, value],
  }
}

/** @throws DataError for a value that does not fit its schema; the row is taken back then */
export function putTyped(column: TypedColumn, given: unknown, rep: number): void {
  const { node, schema } = column
  const value = given ?? schema.default
  if (value === null || value === undefined) {
    const isOptional = node.kind === 'leaf' ? node.isOptional : node.isOptional
    if (!isOptional) throw new DataError(`the field ${node.name} is null, but its schema requires a value`)
    return putNull(node, rep, column.parentDef)
  }
  switch (node.kind) {
    case 'leaf':
      return putLeaf(node, schema, value, rep)
    case 'group':
      return putStruct(column, value, rep)
    case 'list': {
      if (!Array.isArray(value)) throw mismatch(node.name, schema)
      const element = column.parts[0] as TypedColumn
      if (value.length === 0) return putNull(node.element, rep, node.def)
      for (let i = 0; i < value.length; i++) putTyped(element, value[i], i === 0 ? rep : node.rep + 1)
      return
    }
    case 'map': {
      if (!(value instanceof Map)) throw mismatch(node.name, schema)
      if (value.size === 0) return putNull(node, rep, node.def)
      let at = rep
      for (const [key, item] of value) {
        putTyped(column.parts[0] as TypedColumn, key, at)
        putTyped(column.parts[1] as TypedColumn, item, at)
        at = node.rep + 1
      }
    }
  }
}

export function putStruct(column: TypedColumn, value: unknown, rep: number): void {
  if (!(value instanceof Struct) || value.values.length !== column.parts.length) throw mismatch(column.node.name, column.schema)
  const parts = column.parts
  for (let i = 0; i < parts.length; i++) putTyped(parts[i] as TypedColumn, value.values[i], rep)
}

function putLeaf(leaf: Leaf, schema: Schema, value: unknown, rep: number): void {
  switch (typeof value) {
    case 'string':
      if (schema.type === 'string') return leaf.pushText(value, rep)
      break
    case 'number':
      if (leaf.type === DOUBLE_TYPE || leaf.type === FLOAT_TYPE) return leaf.pushNumber(value, rep)
      if (leaf.type.store === 'numbers' && Number.isSafeInteger(value) && schema.type !== 'boolean') {
        if (leaf.type.physical === 'INT32' && (value | 0) !== value) break
        return leaf.pushNumber(value, rep)
      }
      break
    case 'bigint':
      if (leaf.type.physical === 'INT64' && BigInt.asIntN(64, value) === value) return leaf.pushBig(value, rep)
      break
    case 'boolean':
      if (leaf.type === BOOLEAN_TYPE) return leaf.pushNumber(value ? 1 : 0, rep)
      break
    case 'object':
      return putLeafObject(leaf, schema, value as object, rep)
  }
  throw mismatch(leaf.name, schema)
}

function putLeafObject(leaf: Leaf, schema: Schema, value: object, rep: number): void {
  if (value instanceof Date) {
    if (leaf.type === DATE_TYPE) return leaf.pushNumber(dateToDays(value), rep)
    if (leaf.type === TIME_TYPE) return leaf.pushNumber(timeToMs(value), rep)
    if (leaf.type === TIMESTAMP_TYPE) return leaf.pushNumber(value.getTime(), rep)
  } else if (value instanceof Decimal) {
    if (leaf.type.meaning === 'decimal') return leaf.pushBytes(decimalBytes(leaf, value), rep)
    if (schema.name === DECIMAL_NAME) return leaf.pushText(value.toPlainString(), rep)
  } else if (value instanceof Uint8Array) {
    if (leaf.type === BYTES_TYPE) return leaf.pushBytes(value, rep)
  } else if (value instanceof Struct && schema.type === 'struct') {
    return leaf.pushText(jsonText(value, schema, 'BASE64'), rep)
  }
  throw mismatch(leaf.name, schema)
}

/** Big-endian two's complement over the column's fixed width. */
function decimalBytes(leaf: Leaf, value: Decimal): Buffer {
  const { fixedBytes = 16, precision = 0, scale = 0 } = leaf.type
  const unscaled = value.withScale(scale)?.unscaled
  if (unscaled === undefined) throw new DataError(`the decimal ${value} of ${leaf.name} does not fit its schema's scale ${scale}`)
  if ((unscaled < 0n ? -unscaled : unscaled) >= 10n ** BigInt(precision)) {
    throw new DataError(`the decimal ${value} of ${leaf.name} has more than the ${precision} digits that its column holds`)
  }
  return Buffer.from(
    BigInt.asUintN(fixedBytes * 8, unscaled)
      .toString(16)
      .padStart(fixedBytes * 2, '0'),
    'hex',
  )
}

const mismatch = (name: string, schema: Schema): DataError =>
  new DataError(`the value of ${name} does not fit its schema of type ${schema.name ?? schema.type}`)

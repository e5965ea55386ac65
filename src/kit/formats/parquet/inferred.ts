// Columns inferred from schemaless values as they come. A column begins as all nulls, takes the kind of its first value, and widens
// in place: integers and doubles become doubles, anything else that differs becomes JSON text. Hot: put. Task threads.
import { DataError } from '../../../base/errors.ts'
import { Decimal, Float64 } from '../../../data/decimal.ts'
import { Struct } from '../../../data/struct.ts'
import { jsonText } from '../json-text.ts'
import type { Leaf } from './leaf.ts'
import {
  BOOLEAN_TYPE,
  BYTES_TYPE,
  DOUBLE_TYPE,
  INT64_TYPE,
  JSON_TYPE,
  type LeafType,
  NULL_TYPE,
  TEXT_TYPE,
  TIMESTAMP_TYPE,
} from './leaf-type.ts'
import {
  addChild,
  copyLevels,
  elementPlace,
  firstLeaf,
  type Group,
  type List,
  markerOf,
  type Node,
  newGroup,
  newLeaf,
  newList,
  placeOf,
  putNull,
} from './node.ts'
import { toJsonLeaf } from './reassemble.ts'

/** A group with more names than this holds a map, not columns: it becomes JSON text; at the top it is an error. */
export const CHILDREN_MAX = 1000
/** Deeper values become JSON text; levels are bytes. */
const DEF_MAX = 60
export const INT64_MIN = -(2n ** 63n)
export const INT64_MAX = 2n ** 63n - 1n

/** Adds a value (null where its parent is there and it is not) and returns the node that now stands in this place. */
export function put(node: Node, value: unknown, rep: number): Node {
  switch (typeof value) {
    case 'string':
      return putText(node, value, rep)
    case 'number':
      return putNumber(node, value, rep, Number.isSafeInteger(value))
    case 'boolean':
      return putScalar(node, value ? 1 : 0, rep, BOOLEAN_TYPE, value)
    case 'bigint':
      return putBig(node, value, rep)
    case 'undefined':
      break
    case 'object':
      if (value !== null) return putObject(node, value, rep)
      break
    default:
      throw new DataError(`a ${typeof value} cannot be written`)
  }
  putNull(node, rep, placeOf(node).parentDef)
  return node
}

function putText(node: Node, value: string, rep: number): Node {
  const leaf = leafOf(node, TEXT_TYPE)
  leaf.pushText(leaf.type === JSON_TYPE ? jsonText(value, null, 'BASE64') : value, rep)
  return leaf
}

function putNumber(node: Node, value: number, rep: number, isInteger: boolean): Node {
  if (node.kind === 'leaf' && (node.type === DOUBLE_TYPE || (isInteger && node.type === INT64_TYPE))) {
    node.pushNumber(value, rep)
    return node
  }
  if (!isInteger && node.kind === 'leaf' && node.type === INT64_TYPE) node.retype(DOUBLE_TYPE)
  return putScalar(node, value, rep, isInteger ? INT64_TYPE : DOUBLE_TYPE, isInteger ? value : new Float64(value))
}

function putBig(node: Node, value: bigint, rep: number): Node {
  const isDouble = node.kind === 'leaf' && node.type === DOUBLE_TYPE
  if (isDouble || value < INT64_MIN || value > INT64_MAX) return putNumber(node, Number(value), rep, false)
  const leaf = leafOf(node, INT64_TYPE)
  if (leaf.type === JSON_TYPE) leaf.pushText(value.toString(), rep)
  else leaf.pushBig(value, rep)
  return leaf
}

function putScalar(node: Node, number: number, rep: number, type: LeafType, value: unknown): Node {
  const leaf = leafOf(node, type)
  if (leaf.type === JSON_TYPE) leaf.pushText(jsonText(value, null, 'BASE64'), rep)
  else leaf.pushNumber(number, rep)
  return leaf
}

/** The node as a leaf of this type, or of JSON text where it is of another. */
function leafOf(node: Node, type: LeafType): Leaf {
  if (node.kind === 'leaf') {
    if (node.type === type || node.type === JSON_TYPE) return node
    if (node.type === NULL_TYPE) {
      node.retype(type)
      return node
    }
  }
  return toJsonLeaf(node)
}

function putObject(node: Node, value: object, rep: number): Node {
  if (Array.isArray(value)) return putList(node, value, rep)
  if (value instanceof Float64) return putNumber(node, value.value, rep, false)
  if (value instanceof Date) return putScalar(node, value.getTime(), rep, TIMESTAMP_TYPE, value)
  if (value instanceof Uint8Array) return putBytes(node, value, rep)
  if (value instanceof Decimal) return putText(node, value.toString(), rep)
  if (value instanceof Map) return putObject(node, Object.fromEntries(value), rep)
  if (value instanceof Struct) {
    const struct = value
    return putObject(node, Object.fromEntries(struct.schema.fields.map(f => [f.name, struct.get(f.name)])), rep)
  }
  const group = groupOf(node)
  if (group.kind === 'leaf') {
    group.pushText(jsonText(value, null, 'BASE64'), rep)
    return group
  }
  putFields(group, value as Record<string, unknown>, rep)
  return group.children.length <= CHILDREN_MAX ? group : groupToJson(group, value, rep)
}

/** Not all names of the value became columns: its text is made from itself. */
function groupToJson(group: Group, value: object, rep: number): Leaf {
  const json = toJsonLeaf(group)
  json.pop()
  json.pushText(jsonText(value, null, 'BASE64'), rep)
  return json
}

function putBytes(node: Node, value: Uint8Array, rep: number): Node {
  const leaf = leafOf(node, BYTES_TYPE)
  if (leaf.type === JSON_TYPE) leaf.pushText(jsonText(value, null, 'BASE64'), rep)
  else leaf.pushBytes(value, rep)
  return leaf
}

/** The node as a group, or as JSON text where it is something else already. */
function groupOf(node: Node): Group | Leaf {
  if (node.kind === 'group') return node
  if (node.kind === 'leaf' && node.type === JSON_TYPE) return node
  if (node.kind !== 'leaf' || node.type !== NULL_TYPE || node.maxDef > DEF_MAX) return toJsonLeaf(node)
  const group = newGroup(placeOf(node))
  group.marker = markerOf(group)
  copyLevels(node, group.marker, node.entries, group.def)
  return group
}

/** Fields in the order of the columns cost a comparison each; a new name takes the slow way at the end. */
export function putFields(group: Group, value: Record<string, unknown>, rep: number): void {
  const { children, stamps } = group
  const stamp = ++group.stamp
  let expected = 0
  let seen = 0
  let added: string[] | null = null
  for (const name in value) {
    let index = expected
    if (children[index]?.name !== name) {
      const found = group.indexes.get(name)
      if (found === undefined) {
        if (added === null) added = [name]
        else added.push(name)
        continue
      }
      index = found
    }
    expected = index + 1
    const child = children[index] as Node
    const now = put(child, value[name], rep)
    if (now !== child) children[index] = now
    stamps[index] = stamp
    seen++
  }
  if (seen < children.length) {
    for (let i = 0; i < children.length; i++) if (stamps[i] !== stamp) putNull(children[i] as Node, rep, group.def)
  }
  group.marker?.pushNull(rep, group.def)
  if (added !== null) putAdded(group, value, added, rep)
}

/** New columns are null at all places before this one. */
function putAdded(group: Group, value: Record<string, unknown>, names: readonly string[], rep: number): void {
  // Before any is added: columns of a refused record would leave no room for those of the records behind it, in this file and the next ones.
  if (!group.isOptional && group.children.length + names.length > CHILDREN_MAX + 1) {
    throw new DataError(
      `the topic's values have more than ${CHILDREN_MAX} fields; Parquet columns are not for them, JSON lines are`,
    )
  }
  const template = firstLeaf(group)
  // The template has this place already: it is its last entry of the group's repetition.
  let before = template.entries - 1
  while (template.repAt(before) > group.rep) before--
  for (const name of names) {
    if (group.children.length > CHILDREN_MAX) break
    const leaf = newLeaf({ name, isOptional: true, parentDef: group.def, rep: group.rep }, NULL_TYPE)
    copyLevels(template, leaf, before, group.def)
    addChild(group, put(leaf, value[name], rep))
  }
  group.marker = null
}

function putList(node: Node, values: readonly unknown[], rep: number): Node {
  const list = listOf(node)
  if (list.kind === 'leaf') {
    list.pushText(jsonText(values, null, 'BASE64'), rep)
    return list
  }
  if (values.length === 0) putNull(list.element, rep, list.def)
  for (let i = 0; i < values.length; i++) list.element = put(list.element, values[i], i === 0 ? rep : list.rep + 1)
  return list
}

function listOf(node: Node): List | Leaf {
  if (node.kind === 'list') return node
  if (node.kind === 'leaf' && node.type === JSON_TYPE) return node
  if (node.kind !== 'leaf' || node.type !== NULL_TYPE || node.maxDef > DEF_MAX) return toJsonLeaf(node)
  const place = placeOf(node)
  const element = newLeaf(elementPlace(place), NULL_TYPE)
  copyLevels(node, element, node.entries, place.parentDef)
  return newList(place, element)
}

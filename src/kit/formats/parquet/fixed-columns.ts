// Whether values can stand in columns as these are: with a file's first row group written, none may widen or come any more. Says beforehand what
// put (inferred.ts) and putColumns (batch-columns.ts) would do. Hot in files of several row groups. Task threads.
import { ABSENT, type Column, type ColumnBatch, DOUBLE, FALSE, INT, NULL, TEXT, TRUE } from '../../../data/columns.ts'
import { Decimal, Float64 } from '../../../data/decimal.ts'
import { Struct } from '../../../data/struct.ts'
import { slotsOf } from './batch-columns.ts'
import { INT64_MAX, INT64_MIN } from './inferred.ts'
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
import type { Group, Node } from './node.ts'

const NOTHING = (1 << ABSENT) | (1 << NULL)
const ANY = -1
const TAGS: ReadonlyMap<LeafType, number> = new Map([
  [NULL_TYPE, NOTHING],
  [TEXT_TYPE, NOTHING | (1 << TEXT)],
  [INT64_TYPE, NOTHING | (1 << INT)],
  [DOUBLE_TYPE, NOTHING | (1 << INT) | (1 << DOUBLE)],
  [BOOLEAN_TYPE, NOTHING | (1 << TRUE) | (1 << FALSE)],
  [JSON_TYPE, ANY],
])

export function standsIn(node: Node, value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return isOf(node, TEXT_TYPE)
    case 'number':
      return isNumber(node, Number.isSafeInteger(value))
    case 'boolean':
      return isOf(node, BOOLEAN_TYPE)
    case 'bigint':
      return isNumber(node, value >= INT64_MIN && value <= INT64_MAX)
    case 'object':
      return value === null || objectStandsIn(node, value)
    default:
      // nothing, or what put refuses
      return true
  }
}

function objectStandsIn(node: Node, value: object): boolean {
  if (isOf(node, JSON_TYPE)) return true
  if (Array.isArray(value)) return node.kind === 'list' && value.every(item => standsIn(node.element, item))
  if (value instanceof Float64) return isNumber(node, false)
  if (value instanceof Date) return isOf(node, TIMESTAMP_TYPE)
  if (value instanceof Uint8Array) return isOf(node, BYTES_TYPE)
  if (value instanceof Decimal) return isOf(node, TEXT_TYPE)
  if (node.kind !== 'group') return false
  if (value instanceof Map) return fieldsStandIn(node, Object.fromEntries(value))
  if (!(value instanceof Struct)) return fieldsStandIn(node, value as Record<string, unknown>)
  return value.schema.fields.every(({ name }) => fieldStandsIn(node, name, value.get(name)))
}

function fieldsStandIn(group: Group, fields: Record<string, unknown>): boolean {
  for (const name in fields) if (!fieldStandsIn(group, name, fields[name])) return false
  return true
}

function fieldStandsIn(group: Group, name: string, value: unknown): boolean {
  const index = group.indexes.get(name)
  return index !== undefined && standsIn(group.children[index] as Node, value)
}

const isOf = (node: Node, type: LeafType): boolean => node.kind === 'leaf' && (node.type === type || node.type === JSON_TYPE)

const isNumber = (node: Node, isInteger: boolean): boolean =>
  isOf(node, DOUBLE_TYPE) || (isInteger && node.kind === 'leaf' && node.type === INT64_TYPE)

/** Up to which row of [from, to) schemaless objects need no other columns than those below the root. */
export function fittingRows(root: Group, batch: ColumnBatch, from: number, to: number): number {
  let end = to
  for (const slot of slotsOf(batch, from, to)) end = fittingOf(root, batch.columns[slot] as Column, from, end)
  return end
}

function fittingOf(root: Group, column: Column, from: number, to: number): number {
  const index = root.indexes.get(column.name)
  const node = index === undefined ? null : (root.children[index] as Node)
  const tags = node === null ? 1 << ABSENT : node.kind === 'leaf' ? (TAGS.get(node.type) ?? NOTHING) : NOTHING
  if (tags === ANY || (column.tagsIn(from, to) & ~tags) === 0) return to
  for (let row = from; row < to; row++) {
    if ((tags & (1 << column.tags[row]!)) !== 0) continue
    if (node === null || !standsIn(node, column.valueAt(row))) return row
  }
  return to
}

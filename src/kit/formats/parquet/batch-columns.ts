// Rows that come as columns (D3), into a file's columns: a loop a column instead of a call a value. The outcome is that of putFields (inferred.ts)
// for each row; whatever has no loop here is put value by value. Hot. Task threads; the Parquet format.
import {
  ABSENT,
  BYTES,
  type Column,
  type ColumnBatch,
  DOUBLE,
  FALSE,
  INT,
  NULL,
  OTHER,
  TEXT,
  TRUE,
} from '../../../data/columns.ts'
import { CHILDREN_MAX, put } from './inferred.ts'
import type { Leaf } from './leaf.ts'
import { BOOLEAN_TYPE, BYTES_TYPE, DOUBLE_TYPE, INT64_TYPE, type LeafType, NULL_TYPE, TEXT_TYPE } from './leaf-type.ts'
import { addChild, type Group, type Node, newLeaf, putNull } from './node.ts'
import type { TypedColumn } from './typed.ts'

const NOTHING = (1 << ABSENT) | (1 << NULL)
const NUMBERS = (1 << INT) | (1 << DOUBLE)
/** OTHER: with a schema it is a string that had escapes */
const TEXTS = (1 << TEXT) | (1 << OTHER)
const BOOLEANS = (1 << TRUE) | (1 << FALSE)

/**
 * Appends rows [from, to) of a batch of schemaless objects to the columns below the root, which has `rows` rows. False, and nothing done, where
 * there are too many names for columns.
 */
export function putColumns(root: Group, rows: number, batch: ColumnBatch, from: number, to: number): boolean {
  const slots = slotsOf(batch, from, to)
  const added = slots.filter(slot => !root.indexes.has((batch.columns[slot] as Column).name))
  if (root.children.length + added.length > CHILDREN_MAX) return false
  for (const slot of added) {
    const { name } = batch.columns[slot] as Column
    const leaf = newLeaf({ name, isOptional: true, parentDef: root.def, rep: root.rep }, NULL_TYPE)
    leaf.pushNulls(rows, 0, root.def)
    addChild(root, leaf)
  }
  root.stamp++
  for (const slot of slots) {
    const column = batch.columns[slot] as Column
    const index = root.indexes.get(column.name) as number
    root.children[index] = putColumn(root.children[index] as Node, column, from, to, root.def)
    root.stamps[index] = root.stamp
  }
  for (const [i, child] of root.children.entries()) if (root.stamps[i] !== root.stamp) putNulls(child, to - from, root.def)
  if (root.children.length > 0) root.marker = null
  else root.marker?.pushNulls(to - from, 0, root.def)
  return true
}

/** The same for rows with the schema that the columns were made for. False, and nothing done, for values that are put one by one. */
export function putTypedColumns(root: TypedColumn, batch: ColumnBatch, from: number, to: number): boolean {
  const columns = batch.form === 'single' ? batch.columns : (batch.layout?.slots ?? []).map(slot => batch.columns[slot] as Column)
  if (columns.length !== root.parts.length) return false
  if (!root.parts.every((part, i) => isTypedAs(part, columns[i] as Column, from, to))) return false
  for (const [i, part] of root.parts.entries()) putLeaf(part.node as Leaf, columns[i] as Column, from, to, part.parentDef)
  return true
}

function isTypedAs({ node }: TypedColumn, column: Column, from: number, to: number): boolean {
  if (node.kind !== 'leaf') return false
  const found = column.tagsIn(from, to)
  if (!node.isOptional && (found & NOTHING) !== 0) return false
  const values = found & ~NOTHING
  if (node.type === BOOLEAN_TYPE) return (values & ~BOOLEANS) === 0
  if (node.type === TEXT_TYPE) return (values & ~TEXTS) === 0
  if (node.type === BYTES_TYPE) return (values & ~(1 << BYTES)) === 0
  const isDouble = node.type.physical === 'DOUBLE' || node.type.physical === 'FLOAT'
  return node.type.store === 'numbers' && (values & ~(isDouble ? 1 << DOUBLE : 1 << INT)) === 0
}

function putLeaf(leaf: Leaf, column: Column, from: number, to: number, def: number): void {
  const found = column.tagsIn(from, to)
  if ((found & ~NOTHING) === 0) return leaf.pushNulls(to - from, 0, def)
  const isFull = (found & NOTHING) === 0
  if (isFull) leaf.pushDefined(to - from)
  else leaf.pushDefinedWhere(column.tags, NULL, from, to, def)
  if (leaf.texts !== null) putTexts(leaf, column, from, to, isFull)
  else if (leaf.type === BOOLEAN_TYPE) putBooleans(leaf, column.tags, from, to)
  else putNumbers(leaf, column, from, to, isFull)
}

/** The columns of the rows, in the order in which the rows bring them. */
export function slotsOf(batch: ColumnBatch, from: number, to: number): readonly number[] {
  if (batch.layout !== null) return batch.layout.slots
  const layouts = new Set(batch.layoutOf.subarray(from, to))
  const slots = new Set<number>()
  for (const layout of layouts) for (const slot of batch.layouts[layout]?.slots ?? []) slots.add(slot)
  return [...slots]
}

function putNulls(node: Node, count: number, def: number): void {
  if (node.kind === 'leaf') node.pushNulls(count, 0, def)
  else for (let i = 0; i < count; i++) putNull(node, 0, def)
}

/** Returns the node that now stands in this place. */
function putColumn(node: Node, column: Column, from: number, to: number, def: number): Node {
  const found = column.tagsIn(from, to)
  const values = found & ~NOTHING
  if (values === 0) {
    putNulls(node, to - from, def)
    return node
  }
  const type = typeOf(values)
  if (node.kind !== 'leaf' || type === null || !takes(node, type)) return putEach(node, column, from, to)
  putLeaf(node, column, from, to, def)
  return node
}

/** The type that a column of these values has; null where only value by value tells. */
function typeOf(values: number): LeafType | null {
  if (values === 1 << INT) return INT64_TYPE
  if ((values & ~NUMBERS) === 0) return DOUBLE_TYPE
  if (values === 1 << TEXT) return TEXT_TYPE
  return (values & ~BOOLEANS) === 0 ? BOOLEAN_TYPE : null
}

/** Gives the leaf the type where it can have it; integers go into a column of doubles as they are. */
function takes(leaf: Leaf, type: LeafType): boolean {
  if (leaf.type === type || (leaf.type === DOUBLE_TYPE && type === INT64_TYPE)) return true
  if (leaf.type !== NULL_TYPE && !(leaf.type === INT64_TYPE && type === DOUBLE_TYPE)) return false
  leaf.retype(type)
  return true
}

function putEach(node: Node, column: Column, from: number, to: number): Node {
  let current = node
  for (let row = from; row < to; row++) current = put(current, column.valueAt(row), 0)
  return current
}

function putTexts(
  leaf: Leaf,
  { buffer, tags, starts, ends, others, isConstant }: Column,
  from: number,
  to: number,
  isFull: boolean,
): void {
  const { texts } = leaf
  if (texts === null) return
  if (isConstant && isFull) return texts.pushSame(buffer, starts[from]!, ends[from]!, to - from)
  for (let row = from; row < to; row++) {
    const tag = tags[row]
    if (tag === TEXT) texts.pushRange(buffer, starts[row]!, ends[row]!)
    else if (tag === BYTES) texts.pushBytes(buffer.subarray(starts[row], ends[row]))
    else if (tag === OTHER) texts.pushText(others[row] as string)
  }
}

function putBooleans(leaf: Leaf, tags: Uint8Array, from: number, to: number): void {
  const { numbers } = leaf
  if (numbers === null) return
  for (let row = from; row < to; row++) {
    const tag = tags[row]!
    if (tag === TRUE) numbers.push(1)
    else if (tag === FALSE) numbers.push(0)
  }
}

function putNumbers(leaf: Leaf, column: Column, from: number, to: number, isFull: boolean): void {
  const { numbers } = leaf
  if (numbers === null) return
  if (isFull) return numbers.pushAll(column.numbers, from, to)
  for (let row = from; row < to; row++) if (column.tags[row]! > NULL) numbers.push(column.numbers[row]!)
}

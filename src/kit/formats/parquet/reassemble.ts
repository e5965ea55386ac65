// Values read back from columns in the making: needed where a column's values turn out to have no type in common, so that what is
// there becomes JSON text. Rare. Task threads.

import { schemalessDouble } from '../../../data/decimal.ts'
import { jsonText } from '../json-text.ts'
import type { Leaf } from './leaf.ts'
import { BOOLEAN_TYPE, DOUBLE_TYPE, JSON_TYPE, TEXT_TYPE } from './leaf-type.ts'
import { firstLeaf, leavesOf, type Node, newLeaf, placeOf } from './node.ts'

interface Cursor {
  entry: number
  readonly values: Iterator<unknown>
}

/** A leaf of JSON text with the node's values, in its place. */
export function toJsonLeaf(node: Node): Leaf {
  const json = newLeaf(placeOf(node), JSON_TYPE)
  const cursors = new Map<Leaf, Cursor>()
  for (const leaf of leavesOf(node)) cursors.set(leaf, { entry: 0, values: valuesOf(leaf) })
  const first = firstLeaf(node)
  const parentDef = placeOf(node).parentDef
  while ((cursors.get(first)?.entry ?? 0) < first.entries) {
    const entry = cursors.get(first)?.entry ?? 0
    const rep = first.repAt(entry)
    const def = first.defAt(entry)
    const value = read(node, cursors)
    if (value === undefined) json.pushNull(rep, Math.min(def, parentDef))
    else json.pushText(jsonText(value, null, 'BASE64'), rep)
  }
  return json
}

function* valuesOf(leaf: Leaf): Generator<unknown> {
  const { numbers, texts } = leaf
  if (numbers !== null) for (let i = 0; i < numbers.count; i++) yield scalarOf(leaf, numbers.at(i))
  else if (texts === null) return
  else if (leaf.type === JSON_TYPE) for (const text of texts.values(true)) yield parseExactly(String(text))
  else yield* texts.values(leaf.type === TEXT_TYPE)
}

/** Integers and doubles stay what they were. */
function parseExactly(text: string): unknown {
  const revive = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value !== 'number' || context?.source === undefined) return value
    if (!/^-?\d+$/.test(context.source)) return schemalessDouble(value)
    return Number.isSafeInteger(value) ? value : BigInt(context.source)
  }
  return JSON.parse(text, revive)
}

function scalarOf(leaf: Leaf, value: number | bigint): unknown {
  if (leaf.type === BOOLEAN_TYPE) return value !== 0
  return leaf.type === DOUBLE_TYPE && typeof value === 'number' ? schemalessDouble(value) : value
}

/** The value at the cursors' place, which they leave behind; undefined: null. */
function read(node: Node, cursors: Map<Leaf, Cursor>): unknown {
  if (node.kind === 'leaf') {
    const cursor = cursors.get(node) as Cursor
    return node.defAt(cursor.entry++) < node.maxDef ? undefined : cursor.values.next().value
  }
  const first = firstLeaf(node)
  const cursor = cursors.get(first) as Cursor
  const def = first.defAt(cursor.entry)
  const isEmptyList = node.kind !== 'group' && def === node.def
  if (def < node.def || isEmptyList) {
    for (const leaf of leavesOf(node)) (cursors.get(leaf) as Cursor).entry++
    return isEmptyList ? (node.kind === 'list' ? [] : {}) : undefined
  }
  if (node.kind === 'group') {
    const object: Record<string, unknown> = {}
    if (node.marker !== null) (cursors.get(node.marker) as Cursor).entry++
    for (const child of node.children) {
      const value = read(child, cursors)
      if (value !== undefined)
        Object.defineProperty(object, child.name, { value, enumerable: true, configurable: true, writable: true })
    }
    return object
  }
  const items: unknown[] = []
  const repeated = node.rep + 1
  do {
    if (node.kind === 'list') items.push(read(node.element, cursors) ?? null)
    else items.push([read(node.key, cursors), read(node.value, cursors) ?? null])
  } while (cursor.entry < first.entries && first.repAt(cursor.entry) >= repeated)
  return node.kind === 'list' ? items : Object.fromEntries(items as [string, unknown][])
}

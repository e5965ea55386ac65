// The tree of a file's columns: groups, lists and maps around leaves, with their levels. Task threads.
//
// Levels: an optional node adds one definition level, and so does the repeated part of a list or map, which adds the repetition
// level as well. `def` is the level of a node that is there; `parentDef` that of a node that is null while its parent is there.
import { Leaf } from './leaf.ts'
import { type LeafType, NULL_TYPE } from './leaf-type.ts'

export interface Place {
  readonly name: string
  readonly isOptional: boolean
  /** definition level of the node's parent, repetition level around it */
  readonly parentDef: number
  readonly rep: number
}

export interface Group extends Place {
  readonly kind: 'group'
  readonly def: number
  readonly children: Node[]
  readonly indexes: Map<string, number>
  /** which put last wrote each child */
  readonly stamps: number[]
  stamp: number
  /** holds the levels while there are no children; a file shows such a group as JSON text */
  marker: Leaf | null
}

export interface List extends Place {
  readonly kind: 'list'
  readonly def: number
  /** replaced when its type widens */
  element: Node
}

export interface MapNode extends Place {
  readonly kind: 'map'
  readonly def: number
  readonly key: Node
  readonly value: Node
}

export type Node = Leaf | Group | List | MapNode

export const defOf = (place: Place): number => place.parentDef + (place.isOptional ? 1 : 0)

export const newLeaf = (place: Place, type: LeafType): Leaf =>
  new Leaf(place.name, place.isOptional, defOf(place), place.rep, type)

export function newGroup(place: Place): Group {
  return { ...place, kind: 'group', def: defOf(place), children: [], indexes: new Map(), stamps: [], stamp: 0, marker: null }
}

/** The places of a list's element and of a map's key and value. */
export const elementPlace = (list: Place, isOptional = true): Place => ({
  name: 'element',
  isOptional,
  parentDef: defOf(list) + 1,
  rep: list.rep + 1,
})
export const keyPlace = (map: Place): Place => ({ name: 'key', isOptional: false, parentDef: defOf(map) + 1, rep: map.rep + 1 })
export const valuePlace = (map: Place, isOptional: boolean): Place => ({
  name: 'value',
  isOptional,
  parentDef: defOf(map) + 1,
  rep: map.rep + 1,
})

export const newList = (place: Place, element: Node): List => ({ ...place, kind: 'list', def: defOf(place), element })

export const placeOf = (node: Node): Place =>
  node.kind === 'leaf'
    ? { name: node.name, isOptional: node.isOptional, parentDef: node.maxDef - (node.isOptional ? 1 : 0), rep: node.maxRep }
    : { name: node.name, isOptional: node.isOptional, parentDef: node.parentDef, rep: node.rep }

export function addChild(group: Group, child: Node): number {
  const index = group.children.push(child) - 1
  group.indexes.set(child.name, index)
  group.stamps.push(group.stamp)
  return index
}

/** An entry without value in every leaf below. */
export function putNull(node: Node, rep: number, def: number): void {
  switch (node.kind) {
    case 'leaf':
      return node.pushNull(rep, def)
    case 'group':
      node.marker?.pushNull(rep, def)
      for (const child of node.children) putNull(child, rep, def)
      return
    case 'list':
      return putNull(node.element, rep, def)
    case 'map':
      putNull(node.key, rep, def)
      return putNull(node.value, rep, def)
  }
}

export function* leavesOf(node: Node): Generator<Leaf> {
  switch (node.kind) {
    case 'leaf':
      yield node
      return
    case 'group':
      if (node.marker !== null) yield node.marker
      for (const child of node.children) yield* leavesOf(child)
      return
    case 'list':
      return yield* leavesOf(node.element)
    case 'map':
      yield* leavesOf(node.key)
      yield* leavesOf(node.value)
  }
}

/** Held in memory. By recursion: a generator costs microseconds. */
export function bytesOf(node: Node): number {
  switch (node.kind) {
    case 'leaf':
      return node.bytes
    case 'group': {
      let bytes = node.marker?.bytes ?? 0
      for (let i = 0; i < node.children.length; i++) bytes += bytesOf(node.children[i] as Node)
      return bytes
    }
    case 'list':
      return bytesOf(node.element)
    case 'map':
      return bytesOf(node.key) + bytesOf(node.value)
  }
}

/** Any leaf below: all have an entry at each place of the node. */
export function firstLeaf(node: Node): Leaf {
  for (const leaf of leavesOf(node)) return leaf
  throw new Error('a column group without leaves')
}

/** The levels of a node's places as entries of a new leaf: defined as far as the node's parent is, no values. */
export function copyLevels(from: Leaf, to: Leaf, entries: number, defMax: number): void {
  if (from.maxRep === 0 && from.defs() === null) return to.pushNulls(entries, 0, Math.min(from.maxDef, defMax))
  for (let i = 0; i < entries; i++) {
    const rep = from.repAt(i)
    if (rep <= to.maxRep) to.pushNull(rep, Math.min(from.defAt(i), defMax))
  }
}

/** The same columns without entries, for the topic's next file. */
export function emptyCopy(node: Node): Node {
  switch (node.kind) {
    case 'leaf':
      return new Leaf(node.name, node.isOptional, node.maxDef, node.maxRep, node.type)
    case 'group': {
      const copy = newGroup(placeOf(node))
      for (const child of node.children) addChild(copy, emptyCopy(child))
      if (node.marker !== null) copy.marker = markerOf(copy)
      return copy
    }
    case 'list':
      return newList(placeOf(node), emptyCopy(node.element))
    case 'map':
      return { ...placeOf(node), kind: 'map', def: node.def, key: emptyCopy(node.key), value: emptyCopy(node.value) }
  }
}

/** An all-null leaf that remembers the levels of a group without children. Its maxDef is never reached. */
export const markerOf = (group: Group): Leaf => new Leaf(group.name, true, group.def + 1, group.rep, NULL_TYPE)

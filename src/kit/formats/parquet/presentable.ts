// The columns as a file can have them, and its leaves with their paths. Task threads; the Parquet format.
import type { Leaf } from './leaf.ts'
import { TEXT_TYPE } from './leaf-type.ts'
import { type Group, type Node, newLeaf, placeOf } from './node.ts'

/** A group without columns is shown as text, `{}` where it is there. */
export function presentable(root: Group): Node[] {
  if (root.children.length > 0) return root.children.map(presentableNode)
  return [emptyGroupText({ ...root, name: 'value', isOptional: true, def: 1 }, root.def)]
}

function presentableNode(node: Node): Node {
  switch (node.kind) {
    case 'leaf':
      return node
    case 'group':
      return node.children.length === 0
        ? emptyGroupText(node, node.def)
        : { ...node, children: node.children.map(presentableNode) }
    case 'list':
      return { ...node, element: presentableNode(node.element) }
    case 'map':
      return { ...node, value: presentableNode(node.value) }
  }
}

/** @param presentDef definition level from which on the group is there */
function emptyGroupText(group: Group, presentDef: number): Leaf {
  const text = newLeaf(placeOf(group), TEXT_TYPE)
  const { marker } = group
  for (let i = 0; marker !== null && i < marker.entries; i++) {
    if (marker.defAt(i) >= presentDef) text.pushText('{}', marker.repAt(i))
    else text.pushNull(marker.repAt(i), marker.defAt(i))
  }
  return text
}

export function* leafPaths(node: Node, above: readonly string[]): Generator<{ leaf: Leaf; path: string[] }> {
  const path = [...above, node.name]
  switch (node.kind) {
    case 'leaf':
      yield { leaf: node, path }
      return
    case 'group':
      for (const child of node.children) yield* leafPaths(child, path)
      return
    case 'list':
      return yield* leafPaths(node.element, [...path, 'list'])
    case 'map':
      yield* leafPaths(node.key, [...path, 'key_value'])
      yield* leafPaths(node.value, [...path, 'key_value'])
  }
}

// What is known of the documents of a topic: which bytes may follow a value (a comma, the next key, spaces, the end), and in which sequences
// these come. A sequence that many documents have is worth a compiled reader (compiled.ts). Task threads; one a column reader.
import { Layout, ROWS_MAX } from '../../../data/columns.ts'
import { utf8Slice } from '../../text-slices.ts'

/** Keys that objects may have together; more is a map by id, not columns. */
const COLUMNS_MAX = 512
/** Objects with more keys go the row path: nothing is gained that the length of their sequences does not cost. */
export const KEYS_MAX = 128
/** Beyond, they are forgotten: fields that come and go at random make ever new ones. */
const LAYOUTS_MAX = 8192
const SEQUENCES_MAX = 32_768
const PREFIX_BYTES_MAX = 300
/** Keys that may follow a value. */
const EDGES_MAX = 64

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Behind a value, or at the beginning of a document. */
interface Place {
  readonly edges: ShapeEdge[]
}

/** Bytes that may come next, and what stands behind them. */
export interface ShapeEdge {
  /** up to the next value, or up to the end of the document */
  readonly prefix: Uint8Array
  /** the column of the value, -1 at the end */
  readonly slot: number
  readonly next: Place
}

/** Where a document stands after some edges: documents of one sequence have one layout. */
export interface Sequence {
  readonly path: readonly ShapeEdge[]
  readonly edges: ShapeEdge[]
  readonly nexts: Sequence[]
  /** at the end of a document: index of `layouts`, else -1 */
  layout: number
  /** documents that ended here since it was last asked */
  hits: number
}

const newSequence = (path: readonly ShapeEdge[]): Sequence => ({ path, edges: [], nexts: [], layout: -1, hits: 0 })

export class Shapes {
  readonly start: Place = { edges: [] }
  readonly names: string[] = []
  layouts: Layout[] = []
  sequences: Sequence = newSequence([])
  /** grows when layouts were forgotten: what was kept of them no longer holds */
  generation = 0
  readonly #places: Place[] = []
  readonly #end: Place = { edges: [] }
  readonly #slots = new Map<string, number>()
  readonly #layoutIndexes = new Map<string, number>()
  #sequenceCount = 0

  /** The column of this key, new ones included; -1 when there are too many. */
  slotOf(name: string): number {
    const known = this.#slots.get(name)
    if (known !== undefined) return known
    if (this.names.length >= COLUMNS_MAX) return -1
    const slot = this.names.push(name) - 1
    this.#places.push({ edges: [] })
    this.#slots.set(name, slot)
    return slot
  }

  /** Index of the layout with these columns in this order; -1 when there are too many until `forget` is called. */
  layoutOf(slots: readonly number[]): number {
    const key = slots.join(',')
    const known = this.#layoutIndexes.get(key)
    if (known !== undefined) return known
    if (this.layouts.length >= LAYOUTS_MAX) return -1
    const index = this.layouts.push(new Layout(slots)) - 1
    this.#layoutIndexes.set(key, index)
    return index
  }

  /** Between two batches: makes room where objects come in very many layouts. */
  forgetIfFull(): void {
    if (this.layouts.length < LAYOUTS_MAX - ROWS_MAX && this.#sequenceCount < SEQUENCES_MAX) return
    this.generation++
    this.layouts = []
    this.#layoutIndexes.clear()
    this.sequences = newSequence([])
    this.#sequenceCount = 0
  }

  /** The edge whose bytes stand at `at`, learned where it is new; null where they are not what an object goes on with. */
  follow(place: Place, bytes: Buffer, at: number, end: number): ShapeEdge | null {
    const { edges } = place
    for (let e = 0; e < edges.length; e++) {
      const edge = edges[e] as ShapeEdge
      const { prefix } = edge
      let i = 0
      while (i < prefix.length && bytes[at + i] === prefix[i]) i++
      if (i === prefix.length) return edge
    }
    return this.#learn(place, bytes, at, end)
  }

  /** The sequence that goes on with this edge; null when there are too many. */
  advance(sequence: Sequence, edge: ShapeEdge): Sequence | null {
    const { edges, nexts } = sequence
    for (let i = 0; i < edges.length; i++) if (edges[i] === edge) return nexts[i] as Sequence
    if (this.#sequenceCount >= SEQUENCES_MAX || sequence.path.length > KEYS_MAX) return null
    this.#sequenceCount++
    const next = newSequence([...sequence.path, edge])
    if (edge.slot < 0) {
      next.layout = this.layoutOf(
        inKeyOrder(
          sequence.path.map(one => one.slot),
          this.names,
        ),
      )
    }
    edges.push(edge)
    nexts.push(next)
    return next
  }

  #learn(place: Place, bytes: Buffer, at: number, end: number): ShapeEdge | null {
    if (place.edges.length >= EDGES_MAX) return null
    const isFirst = place === this.start
    let p = skipSpace(bytes, at, end)
    if (isFirst) {
      if (bytes[p] !== 0x7b) return null
      p = skipSpace(bytes, p + 1, end)
    }
    if (p < end && bytes[p] === 0x7d) return this.#add(place, bytes, at, p + 1, -1)
    if (!isFirst) {
      if (bytes[p] !== 0x2c) return null
      p = skipSpace(bytes, p + 1, end)
    }
    const close = closingQuote(bytes, p, end)
    if (close < 0) return null
    const name = utf8Slice(bytes, p + 1, close)
    p = skipSpace(bytes, close + 1, end)
    if (bytes[p] !== 0x3a) return null
    p = skipSpace(bytes, p + 1, end)
    if (p >= end || p - at > PREFIX_BYTES_MAX || name.includes('\ufffd') || name === '__proto__') return null
    const slot = this.slotOf(name)
    return slot < 0 ? null : this.#add(place, bytes, at, p, slot)
  }

  #add(place: Place, bytes: Buffer, from: number, to: number, slot: number): ShapeEdge {
    const next = slot < 0 ? this.#end : (this.#places[slot] as Place)
    const edge: ShapeEdge = { prefix: Uint8Array.from(bytes.subarray(from, to)), slot, next }
    place.edges.push(edge)
    return edge
  }
}

/** Columns as a JavaScript object lists its keys, which is what the row path gives: whole numbers first. */
export function inKeyOrder(slots: readonly number[], names: readonly string[]): readonly number[] {
  if (!slots.some(slot => /^\d/.test(names[slot] ?? ''))) return slots
  const byName = Object.create(null) as Record<string, number>
  for (const slot of slots) byName[names[slot] ?? ''] = slot
  return Object.values(byName)
}

function skipSpace(bytes: Buffer, at: number, end: number): number {
  let p = at
  while (p < end && (bytes[p] === 0x20 || bytes[p] === 0x0a || bytes[p] === 0x0d || bytes[p] === 0x09)) p++
  return p
}

/** Of a string without escapes that begins at `at`, else -1. */
function closingQuote(bytes: Buffer, at: number, end: number): number {
  if (bytes[at] !== QUOTE) return -1
  for (let p = at + 1; p < end; p++) {
    const c = bytes[p]!
    if (c === QUOTE) return p
    if (c === BACKSLASH || c < 0x20) return -1
  }
  return -1
}

// Schemaless JSON as columns (D3): compiled shapes read records in a row, one that has another shape is walked edge by edge, the row path's
// own parser reads what is odd. A record that is no object, or no JSON, ends the batch: the row path takes it. Task threads; one a converter.
import type { ColumnReader, DocumentRanges } from '../../../api/converter.ts'
import { ABSENT, Column, type ColumnValues, type Layout, OTHER, ROWS_MAX } from '../../../data/columns.ts'
import { Float64 } from '../../../data/decimal.ts'
import { parseData } from '../json-text.ts'
import { ShapeReader } from '../shape-reader.ts'
import { type CompiledShape, compileShape } from './compiled.ts'
import { LEFT, Scalars } from './scalars.ts'
import { inKeyOrder, KEYS_MAX, type Sequence, Shapes } from './shapes.ts'

/** A shape met so often is worth compiling. */
const COMPILE_AT = 16
/** Compiled shapes kept; then a shape must be met this often to take the place of the least used one. */
const COMPILED_MAX = 8
const REPLACE_AT = 4096
/** Larger documents gain nothing from columns. */
const DOCUMENT_BYTES_MAX = 1 << 20
/** After so many documents it is seen whether columns pay. */
const TRIAL = 2048
const SLOW_SHARE_MAX = 0.5
const REST = 32_768
const NO_LAYOUTS = new Uint16Array(0)

/** What is filled at a time: two take turns, so that one can be filled while the other is put. */
class Filling {
  readonly columns: Column[] = []
  /** by row */
  readonly layoutOf = new Uint16Array(ROWS_MAX)
  buffer: Buffer = Buffer.alloc(0)

  begin(buffer: Buffer, names: readonly string[]): void {
    this.buffer = buffer
    for (const column of this.columns) {
      column.tags.fill(ABSENT)
      column.buffer = buffer
      if ((column.mask & (1 << OTHER)) !== 0) column.others.length = 0
      column.mask = 0
    }
    this.grow(names)
  }

  grow(names: readonly string[]): void {
    while (this.columns.length < names.length) {
      const column = Column.empty(names[this.columns.length] as string)
      column.buffer = this.buffer
      this.columns.push(column)
    }
  }
}

export class JsonColumns implements ColumnReader {
  readonly #isWhole: boolean
  readonly #givesUp: boolean
  readonly #shapes = new Shapes()
  readonly #scalars = new Scalars()
  /** the row path's reader, for odd documents */
  readonly #oddities = new ShapeReader()
  #fillings: readonly [Filling, Filling] = [new Filling(), new Filling()]
  #turn = 0
  /** documents since the last trial ended, and those of them that no compiled shape took */
  #tried = 0
  #slow = 0
  /** documents, about, that still go the row path */
  #rest = 0
  readonly #compiled: CompiledShape[] = []
  #current: CompiledShape | null = null
  /** of the current shape, in `Shapes.layouts` of that generation */
  #currentLayout = -1
  #generation = 0

  /**
   * @param isWhole nothing may stand behind the object, as in an envelope; by itself a document may go on after it
   * @param givesUp documents that do not pay go the row path for a while; false: for tests */
  constructor({ isWhole = false, givesUp = true } = {}) {
    this.#isWhole = isWhole
    this.#givesUp = givesUp
  }

  read(documents: DocumentRanges, from: number, to: number): ColumnValues | null {
    if (this.#rest > 0) {
      this.#rest -= to - from
      return null
    }
    this.#turn = 1 - this.#turn
    const filling = this.#fillings[this.#turn] as Filling
    const { buffer, starts, lengths } = documents
    this.#shapes.forgetIfFull()
    filling.begin(buffer, this.#shapes.names)
    const { layoutOf } = filling
    const last = Math.min(to, from + ROWS_MAX)
    let isUniform = true
    let i = from
    let row = 0
    while (i < last) {
      const count = this.#readAlike(filling, documents, i, last, row)
      if (count > 0) {
        layoutOf.fill(this.#currentLayout, row, row + count)
        isUniform &&= layoutOf[0] === this.#currentLayout
        i += count
        row += count
        if (i >= last) break
      }
      const layout = this.#readOne(filling, starts[i]!, lengths[i]!, row)
      if (layout < 0) break
      layoutOf[row++] = layout
      isUniform &&= layoutOf[0] === layout
      i++
    }
    this.#note(i - from)
    return row === 0 ? null : this.#valuesOf(filling, row, isUniform)
  }

  /** Documents that compiled shapes do not take are read faster by the row path: with many of them, columns are tried again only after a while. */
  #note(documents: number): void {
    this.#tried += Math.max(documents, 1)
    if (this.#tried < TRIAL) return
    if (this.#givesUp && this.#slow > this.#tried * SLOW_SHARE_MAX) this.#rest = REST
    this.#tried = 0
    this.#slow = 0
  }

  renew(): void {
    this.#fillings = [new Filling(), new Filling()]
  }

  #valuesOf({ columns, layoutOf }: Filling, count: number, isUniform: boolean): ColumnValues {
    const { layouts } = this.#shapes
    const values = { count, form: 'rows' as const, schema: null, columns, layouts }
    if (isUniform) {
      const layout = layouts[layoutOf[0]!] as Layout
      if (layout.slots.length < columns.length) markAbsent(columns, [layout])
      return { ...values, layout, layoutOf: NO_LAYOUTS }
    }
    markAbsent(
      columns,
      [...new Set(layoutOf.subarray(0, count))].map(index => layouts[index] as Layout),
    )
    return { ...values, layout: null, layoutOf }
  }

  /** By the current compiled shape: how many fit. */
  #readAlike(filling: Filling, { buffer, starts, lengths }: DocumentRanges, i: number, to: number, row: number): number {
    const shape = this.#current
    if (shape === null) return 0
    if (this.#generation !== this.#shapes.generation) this.#makeCurrent(shape)
    const count = shape.run(buffer, starts, lengths, i, to, row, filling.columns, this.#scalars)
    shape.hits += count
    return count
  }

  #makeCurrent(shape: CompiledShape): void {
    this.#current = shape
    this.#currentLayout = this.#shapes.layoutOf(shape.slots)
    this.#generation = this.#shapes.generation
  }

  /** Any document; returns its layout, or -1 for what the row path must take. */
  #readOne(filling: Filling, start: number, length: number, row: number): number {
    this.#slow++
    if (length <= 0 || length > DOCUMENT_BYTES_MAX) return -1
    const end = start + length
    // What a compiled shape wrote before it met another one.
    for (const column of filling.columns) column.tags[row] = ABSENT
    const sequence = this.#walk(filling, start, end, row)
    if (sequence === null) return this.#spread(filling, start, end, row)
    sequence.hits++
    this.#consider(sequence, filling.columns, row)
    return sequence.layout
  }

  /** Edge by edge; null where that does not go to the end. */
  #walk(filling: Filling, start: number, end: number, row: number): Sequence | null {
    const shapes = this.#shapes
    const { columns, buffer } = filling
    let place = shapes.start
    let sequence: Sequence | null = shapes.sequences
    let p = start
    for (;;) {
      const edge = shapes.follow(place, buffer, p, end)
      if (edge === null) return null
      sequence = shapes.advance(sequence, edge)
      p += edge.prefix.length
      if (sequence === null || p > end) return null
      const { slot } = edge
      if (slot < 0) return this.#isWhole && p !== end ? null : sequence
      if (slot >= columns.length) filling.grow(shapes.names)
      // A key that comes again replaces the value: the slow road knows.
      if ((columns[slot] as Column).tags[row] !== ABSENT) return null
      p = this.#scalars.read(columns, slot, buffer, p, end, row)
      if (p === LEFT) return null
      place = edge.next
    }
  }

  /** Makes the shape the current one, compiled where that pays. */
  #consider(sequence: Sequence, columns: readonly Column[], row: number): void {
    const known = this.#compiled.find(shape => shape.sequence === sequence)
    if (known !== undefined) return this.#makeCurrent(known)
    const isFull = this.#compiled.length >= COMPILED_MAX
    const layout = this.#shapes.layouts[sequence.layout]
    if (layout === undefined || sequence.hits < (isFull ? REPLACE_AT : COMPILE_AT)) return
    sequence.hits = 0
    const tags = sequence.path.map(({ slot }) => (slot < 0 ? ABSENT : (columns[slot] as Column).tags[row]!))
    const shape = compileShape(sequence, layout.slots, tags, this.#isWhole)
    if (shape === null) return
    if (isFull) this.#dropLeastUsed()
    this.#compiled.push(shape)
    this.#makeCurrent(shape)
  }

  #dropLeastUsed(): void {
    let least = 0
    for (const [i, shape] of this.#compiled.entries()) if (shape.hits < (this.#compiled[least] as CompiledShape).hits) least = i
    this.#compiled.splice(least, 1)
    for (const shape of this.#compiled) shape.hits = 0
  }

  /** By the row path's parser; -1 for what is no object, too wide, or wrong. */
  #spread(filling: Filling, start: number, end: number, row: number): number {
    // Behind an object of its own reading the row path's parser does not look.
    if (this.#isWhole) return -1
    const { columns, buffer } = filling
    for (const column of columns) column.tags[row] = ABSENT
    let value: unknown
    try {
      value = parseData(this.#oddities, buffer, start, end)
    } catch {
      return -1
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Float64) return -1
    const entries = Object.entries(value)
    if (entries.length > KEYS_MAX) return -1
    const slots: number[] = []
    for (const [name, item] of entries) {
      const slot = this.#shapes.slotOf(name)
      if (slot < 0) return -1
      if (slot >= columns.length) filling.grow(this.#shapes.names)
      ;(columns[slot] as Column).put(row, item)
      slots.push(slot)
    }
    return this.#shapes.layoutOf(inKeyOrder(slots, this.#shapes.names))
  }
}

/** Columns that some row lacks say so in their mask. @param used the layouts that rows have */
function markAbsent(columns: readonly Column[], used: readonly Layout[]): void {
  const counts = new Uint16Array(columns.length)
  for (const { slots } of used) for (const slot of slots) counts[slot]!++
  for (const [slot, column] of columns.entries()) {
    if (counts[slot] === 0) column.mask = 1 << ABSENT
    else if (counts[slot]! < used.length) column.mask |= 1 << ABSENT
  }
}

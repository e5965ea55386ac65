// Values that are one text or some bytes each, as a column of ranges: nothing is decoded or copied. Texts must be valid UTF-8, which what copies them
// relies on; one that is not goes the row path. Task threads; StringConverter and ByteArrayConverter.
import { isUtf8 } from 'node:buffer'
import type { ColumnReader, DocumentRanges } from '../api/converter.ts'
import { type BYTES, Column, type ColumnValues, ROWS_MAX, TEXT } from '../data/columns.ts'
import type { Schema } from '../data/schema.ts'

const NO_LAYOUTS = new Uint16Array(0)
const HIGH_BITS = 0x80808080 | 0

export class SingleColumns implements ColumnReader {
  readonly #schema: Schema
  readonly #tag: typeof TEXT | typeof BYTES
  #columns: readonly [Column, Column]
  #turn = 0
  #view: DataView = new DataView(new ArrayBuffer(0))
  #viewed: Buffer | null = null

  constructor(schema: Schema, tag: typeof TEXT | typeof BYTES) {
    this.#schema = schema
    this.#tag = tag
    this.#columns = [this.#newColumn(), this.#newColumn()]
  }

  renew(): void {
    this.#columns = [this.#newColumn(), this.#newColumn()]
  }

  #newColumn(): Column {
    const column = Column.empty('')
    column.tags.fill(this.#tag)
    column.mask = 1 << this.#tag
    column.mayNeedEscapes = true
    return column
  }

  read({ buffer, starts, lengths }: DocumentRanges, from: number, to: number): ColumnValues | null {
    this.#turn = 1 - this.#turn
    const column = this.#columns[this.#turn] as Column
    column.buffer = buffer
    const most = Math.min(to - from, ROWS_MAX)
    let row = 0
    for (; row < most; row++) {
      const start = starts[from + row]!
      const length = lengths[from + row]!
      if (length < 0 || (this.#tag === TEXT && !this.#isText(buffer, start, start + length))) break
      column.starts[row] = start
      column.ends[row] = start + length
    }
    if (row === 0) return null
    return {
      count: row,
      form: 'single',
      schema: this.#schema,
      columns: [column],
      layout: null,
      layoutOf: NO_LAYOUTS,
      layouts: [],
    }
  }

  /** Four bytes at a time while they are ASCII. */
  #isText(buffer: Buffer, start: number, end: number): boolean {
    if (this.#viewed !== buffer) {
      this.#viewed = buffer
      this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
    }
    const view = this.#view
    let at = start
    for (; at + 4 <= end; at += 4) if ((view.getInt32(at) & HIGH_BITS) !== 0) return isUtf8(buffer.subarray(start, end))
    for (; at < end; at++) if (buffer[at]! >= 0x80) return isUtf8(buffer.subarray(start, end))
    return true
  }
}

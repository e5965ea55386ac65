// Records that are columns as lines of text: Java's toString of maps (file sink), or JSON (lake sinks). The bytes of texts and of most numbers are
// copied from where they were read; the same bytes as writing batch.valueAt(row) the row path's way. Hot: append. Task threads.
import { ABSENT, type Column, type ColumnBatch, DOUBLE, FALSE, INT, type Layout, NULL, OTHER, TEXT, TRUE } from './columns.ts'

/** Where the bytes go. */
export interface TextTarget {
  /** A buffer with room for so many bytes from `at` on. */
  reserve(bytes: number): Buffer
  readonly at: number
  /** So many bytes were written. */
  advance(bytes: number): void
  appendText(text: string): void
}

export interface RowStyle {
  readonly separator: string
  key(name: string): string
  /** stands before and behind texts; '' for none */
  readonly quote: '' | '"'
  /** of values without bytes of their own to copy; of texts that may need escapes, where there are quotes */
  text(value: unknown): string
}

interface Part {
  readonly column: Column
  /** the key, with what stands before it and behind it */
  readonly prefix: Buffer
  /** texts must go through `RowStyle.text` */
  readonly isEscaped: boolean
}

const [OPEN, CLOSE, LF, QUOTE] = [0x7b, 0x7d, 10, 0x22]
/** Up to here a loop costs less than the call of a native copy. */
const LOOP_BYTES_MAX = 48
/** Quotes, and what ends a row. */
const ROOM = 5

/** By tag: what always has the same text. Kept apart from TEXT and numbers, which have none here. */
const WORDS: readonly (Buffer | undefined)[] = Array.from({ length: OTHER + 1 }, (_, tag) => {
  const word = { [ABSENT]: 'null', [NULL]: 'null', [TRUE]: 'true', [FALSE]: 'false' }[tag]
  return word === undefined ? undefined : Buffer.from(word)
})

export class RowText {
  readonly #style: RowStyle
  /** prefixes by layout, and the names they were made of */
  readonly #prefixes = new WeakMap<Layout, { readonly names: readonly string[]; readonly prefixes: readonly Buffer[] }>()

  constructor(style: RowStyle) {
    this.#style = style
  }

  /** Rows [from, to) of a batch of schemaless objects, a line each. */
  append(target: TextTarget, batch: ColumnBatch, from: number, to: number): void {
    const { layout } = batch
    if (layout !== null) return this.#append(target, this.#partsOf(batch, layout), from, to)
    // Rows of different layouts mostly share few of them.
    const partsByLayout = new Map<Layout, Part[]>()
    for (let row = from; row < to; row++) {
      const its = batch.layoutAt(row)
      let parts = partsByLayout.get(its)
      if (parts === undefined) {
        parts = this.#partsOf(batch, its)
        partsByLayout.set(its, parts)
      }
      this.#append(target, parts, row, row + 1)
    }
  }

  /** Texts [from, to) of a column that is the whole value, a line each. Not for styles with quotes. */
  appendTexts(target: TextTarget, { buffer, starts, ends }: Column, from: number, to: number): void {
    for (let row = from; row < to; row++) {
      const start = starts[row]!
      const length = ends[row]! - start
      const bytes = target.reserve(length + 1)
      const { at } = target
      if (length <= LOOP_BYTES_MAX) for (let i = 0; i < length; i++) bytes[at + i] = buffer[start + i]!
      else buffer.copy(bytes, at, start, start + length)
      bytes[at + length] = LF
      target.advance(length + 1)
    }
  }

  #partsOf({ columns }: ColumnBatch, layout: Layout): Part[] {
    const { slots } = layout
    let known = this.#prefixes.get(layout)
    if (known === undefined || !slots.every((slot, i) => columns[slot]?.name === known?.names[i])) {
      const names = slots.map(slot => (columns[slot] as Column).name)
      const { separator } = this.#style
      known = { names, prefixes: names.map((name, i) => Buffer.from((i === 0 ? '{' : separator) + this.#style.key(name))) }
      this.#prefixes.set(layout, known)
    }
    const { prefixes } = known
    const isQuoted = this.#style.quote !== ''
    return slots.map((slot, i) => {
      const column = columns[slot] as Column
      return { column, prefix: prefixes[i] as Buffer, isEscaped: isQuoted && column.mayNeedEscapes }
    })
  }

  /** One function over all, so that the buffer and the place in it stay in registers. */
  #append(target: TextTarget, parts: readonly Part[], from: number, to: number): void {
    const isQuoted = this.#style.quote !== ''
    let bytes = target.reserve(ROOM)
    let first = target.at
    let at = first
    for (let row = from; row < to; row++) {
      if (parts.length === 0) bytes[at++] = OPEN
      for (let p = 0; p < parts.length; p++) {
        const { column, prefix, isEscaped } = parts[p] as Part
        const tag = column.tags[row]!
        let source = column.buffer
        let start = column.starts[row]!
        let end = column.ends[row]!
        const isSlow = tag >= OTHER || (tag === TEXT ? isEscaped : (tag === INT || tag === DOUBLE) && start < 0)
        const word = WORDS[tag]
        if (word !== undefined) {
          source = word
          start = 0
          end = word.length
        } else if (isSlow) end = start
        const needed = prefix.length + (end - start) + ROOM
        if (at + needed > bytes.length) {
          target.advance(at - first)
          bytes = target.reserve(needed)
          first = target.at
          at = first
        }
        for (let i = 0; i < prefix.length; i++) bytes[at++] = prefix[i]!
        if (isSlow) {
          target.advance(at - first)
          target.appendText(this.#style.text(column.valueAt(row)))
          bytes = target.reserve(ROOM)
          first = target.at
          at = first
          continue
        }
        if (isQuoted && tag === TEXT) bytes[at++] = QUOTE
        if (end - start <= LOOP_BYTES_MAX) for (let i = start; i < end; i++) bytes[at++] = source[i]!
        else at += source.copy(bytes, at, start, end)
        if (isQuoted && tag === TEXT) bytes[at++] = QUOTE
      }
      bytes[at++] = CLOSE
      bytes[at++] = LF
      if (at + ROOM > bytes.length) {
        target.advance(at - first)
        bytes = target.reserve(ROOM)
        first = target.at
        at = first
      }
    }
    target.advance(at - first)
  }
}

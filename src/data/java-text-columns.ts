// Java's toString of records that are columns, appended as UTF-8: the bytes of texts and of most numbers are copied from where they were read.
// The same text as JavaTextBuffer.append(batch.valueAt(row), batch.schema). Task threads; for sinks that write the text of each record.
import { ABSENT, type Column, type ColumnBatch, DOUBLE, FALSE, INT, type Layout, NULL, OTHER, TEXT, TRUE } from './columns.ts'
import { javaString } from './java-string.ts'
import type { JavaTextBuffer } from './java-text-buffer.ts'

/** Up to here a loop costs less than the call of a native copy. */
const LOOP_BYTES_MAX = 48
const LF = 10
/** Room that is made before a part: what ends a row fits in it, too. */
const NUMBER_BYTES_MAX = 32
/** By tag: what always has the same text. */
const WORDS: readonly (Buffer | undefined)[] = wordsOf({ [ABSENT]: 'null', [NULL]: 'null', [TRUE]: 'true', [FALSE]: 'false' })

function wordsOf(words: Readonly<Record<number, string>>): (Buffer | undefined)[] {
  return Array.from({ length: OTHER + 1 }, (_, tag) => (words[tag] === undefined ? undefined : Buffer.from(words[tag])))
}

interface Part {
  readonly column: Column
  /** the key, with what stands before it and behind it */
  readonly prefix: Buffer
}

/** A line a row. */
export function appendLines(lines: JavaTextBuffer, batch: ColumnBatch): void {
  const { count, layout } = batch
  if (batch.form === 'single' || batch.schema !== null) {
    for (let row = 0; row < count; row++) {
      lines.append(batch.valueAt(row), batch.schema)
      lines.appendByte(LF)
    }
    return
  }
  if (layout !== null) return appendObjects(lines, partsOf(batch, layout), 0, count)
  for (let row = 0; row < count; row++) appendObjects(lines, partsOf(batch, batch.layoutAt(row)), row, row + 1)
}

const prefixes = new WeakMap<Layout, { readonly columns: readonly Column[]; readonly prefixes: readonly Buffer[] }>()

/** Names are the same for a layout as long as its columns are. */
function partsOf(batch: ColumnBatch, layout: Layout): Part[] {
  const { columns } = batch
  let known = prefixes.get(layout)
  if (known === undefined || !layout.slots.every(slot => known?.columns[slot]?.name === columns[slot]?.name)) {
    const made = layout.slots.map((slot, i) => Buffer.from(`${i === 0 ? '{' : ', '}${(columns[slot] as Column).name}=`))
    known = { columns: [...columns], prefixes: made }
    prefixes.set(layout, known)
  }
  const texts = known.prefixes
  return layout.slots.map((slot, i) => ({ column: columns[slot] as Column, prefix: texts[i] as Buffer }))
}

/** Hot: one function over all, so that the buffer and the place in it stay in registers. */
function appendObjects(lines: JavaTextBuffer, parts: readonly Part[], from: number, to: number): void {
  let bytes = lines.reserve(0)
  let at = lines.length
  for (let row = from; row < to; row++) {
    if (at + 3 > bytes.length) bytes = grown(lines, at, 3)
    if (parts.length === 0) bytes[at++] = 0x7b
    for (let p = 0; p < parts.length; p++) {
      const { column, prefix } = parts[p] as Part
      if (at + prefix.length + NUMBER_BYTES_MAX > bytes.length) bytes = grown(lines, at, prefix.length + NUMBER_BYTES_MAX)
      for (let i = 0; i < prefix.length; i++) bytes[at++] = prefix[i]!
      const tag = column.tags[row]!
      let source = column.buffer
      let start = column.starts[row]!
      let end = column.ends[row]!
      if (tag !== TEXT && (tag > DOUBLE || tag < INT || start < 0)) {
        const word = WORDS[tag]
        if (word === undefined) {
          lines.advance(at - lines.length)
          appendSlowly(lines, column, row)
          bytes = lines.reserve(3)
          at = lines.length
          continue
        }
        source = word
        start = 0
        end = word.length
      }
      const length = end - start
      if (at + length + 3 > bytes.length) bytes = grown(lines, at, length + 3)
      if (length <= LOOP_BYTES_MAX) for (let i = start; i < end; i++) bytes[at++] = source[i]!
      else at += source.copy(bytes, at, start, end)
    }
    bytes[at++] = 0x7d
    bytes[at++] = LF
  }
  lines.advance(at - lines.length)
}

function grown(lines: JavaTextBuffer, at: number, needed: number): Buffer {
  lines.advance(at - lines.length)
  return lines.reserve(needed)
}

/** Numbers whose text stands nowhere, and values that are objects. */
function appendSlowly(lines: JavaTextBuffer, column: Column, row: number): void {
  const tag = column.tags[row]
  if (tag === INT) lines.append(column.numbers[row])
  else lines.append(tag === DOUBLE ? column.valueAt(row) : javaString(column.others[row]))
}

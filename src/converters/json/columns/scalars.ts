// One JSON value of a document into a row of a column, by the meaning of the exact parser (mode 'data'). What it cannot read for sure is
// left to the caller: the whole document then goes the slow road. Hot where a record has no compiled shape. Task threads.
import { isUtf8 } from 'node:buffer'
import { type Column, DOUBLE, FALSE, INT, NULL, OTHER, TEXT, TRUE } from '../../../data/columns.ts'
import { int64 } from '../../../data/decimal.ts'
import { latin1Slice, utf8Slice } from '../../text-slices.ts'
import { MISS, ShapeReader } from '../shape-reader.ts'

/** What `read` returns for a value that it leaves to others. */
export const LEFT = -1

const QUOTE = 0x22
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const BACKSLASH = 0x5c

/** 0 for bytes that stand for themselves in a string and end nothing: ASCII but for quote, backslash and control characters. */
export const ENDS_PLAIN_TEXT: Uint8Array = Uint8Array.from({ length: 256 }, (_, c) =>
  c < 0x20 || c >= 0x80 || c === QUOTE || c === BACKSLASH ? 1 : 0,
)

export const POWERS_OF_TEN: Float64Array = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))
/** Digits that a double always holds: a number of so many is exact, and so is what it is divided by. */
export const EXACT_DIGITS = 15

export class Scalars {
  /** by slot, for objects and lists */
  readonly #nested: ShapeReader[] = []

  /** Reads the value at `at` into the row; returns where it ends, or LEFT. `end`: of the document. */
  read(columns: readonly Column[], slot: number, bytes: Buffer, at: number, end: number, row: number): number {
    const column = columns[slot] as Column
    let p = at
    let c = bytes[p]!
    while (p < end && (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09)) c = bytes[++p]!
    if (p >= end) return LEFT
    if (c === QUOTE) return readText(column, bytes, p, end, row)
    if (c === MINUS || (c >= ZERO && c <= 0x39)) return readNumber(column, bytes, p, end, row)
    if (c === 0x7b || c === 0x5b) return this.#readNested(column, slot, bytes, p, end, row)
    if (isWord(bytes, p, 0x74, 0x72, 0x75, 0x65)) return put(column, row, TRUE, p + 4, end)
    if (isWord(bytes, p, 0x66, 0x61, 0x6c, 0x73) && bytes[p + 4] === 0x65) return put(column, row, FALSE, p + 5, end)
    if (isWord(bytes, p, 0x6e, 0x75, 0x6c, 0x6c)) return put(column, row, NULL, p + 4, end)
    return LEFT
  }

  #readNested(column: Column, slot: number, bytes: Buffer, at: number, end: number, row: number): number {
    const reader = (this.#nested[slot] ??= new ShapeReader())
    const value = reader.read(bytes, at, end)
    if (value === MISS) return LEFT
    column.others[row] = value
    return put(column, row, OTHER, reader.position, end)
  }
}

/** A word or value that ends with the document is not the end of an object. */
function put(column: Column, row: number, tag: number, after: number, end: number): number {
  if (after >= end) return LEFT
  column.tags[row] = tag
  column.mask |= 1 << tag
  return after
}

function isWord(bytes: Buffer, at: number, first: number, second: number, third: number, fourth: number): boolean {
  return bytes[at] === first && bytes[at + 1] === second && bytes[at + 2] === third && bytes[at + 3] === fourth
}

function readText(column: Column, bytes: Buffer, quote: number, end: number, row: number): number {
  const from = quote + 1
  let to = from
  let seen = 0
  for (; to < end; to++) {
    const c = bytes[to]!
    if (c === QUOTE) break
    if (c === BACKSLASH) return readEscaped(column, bytes, quote, to, end, row)
    if (c < 0x20) return LEFT
    seen |= c
  }
  if (to >= end || (seen >= 0x80 && !isUtf8(bytes.subarray(from, to)))) return LEFT
  column.starts[row] = from
  column.ends[row] = to
  return put(column, row, TEXT, to + 1, end)
}

/** JSON.parse reads it, once its end is found. */
function readEscaped(column: Column, bytes: Buffer, quote: number, backslash: number, end: number, row: number): number {
  let to = backslash
  while (to < end && bytes[to] !== QUOTE) to += bytes[to] === BACKSLASH ? 2 : 1
  if (to >= end) return LEFT
  const quoted = utf8Slice(bytes, quote, to + 1)
  if (quoted.includes('\ufffd')) return LEFT
  try {
    column.others[row] = JSON.parse(quoted)
  } catch {
    return LEFT
  }
  return put(column, row, OTHER, to + 1, end)
}

function readNumber(column: Column, bytes: Buffer, from: number, end: number, row: number): number {
  const isNegative = bytes[from] === MINUS
  const first = isNegative ? from + 1 : from
  let at = first
  let mantissa = 0
  let c = bytes[at]!
  while (c >= ZERO && c <= 0x39) {
    mantissa = mantissa * 10 + (c - ZERO)
    c = bytes[++at]!
  }
  const digits = at - first
  if (digits === 0 || digits > 18 || at >= end) return LEFT
  const hasLeadingZero = digits > 1 && bytes[first] === ZERO
  if (c === POINT) return readFraction(column, bytes, from, first, at, mantissa, end, row)
  if ((c | 0x20) === 0x65) return LEFT
  if (digits > EXACT_DIGITS) return readLong(column, bytes, from, at, end, row)
  column.numbers[row] = isNegative && mantissa > 0 ? -mantissa : mantissa
  column.starts[row] = hasLeadingZero || (isNegative && mantissa === 0) ? -1 : from
  column.ends[row] = at
  return put(column, row, INT, at, end)
}

function readLong(column: Column, bytes: Buffer, from: number, to: number, end: number, row: number): number {
  const value = int64(BigInt(latin1Slice(bytes, from, to)))
  if (typeof value === 'bigint') {
    column.others[row] = value
    return put(column, row, OTHER, to, end)
  }
  column.numbers[row] = value
  column.starts[row] = -1
  return put(column, row, INT, to, end)
}

function readFraction(
  column: Column,
  bytes: Buffer,
  from: number,
  first: number,
  point: number,
  whole: number,
  end: number,
  row: number,
): number {
  let mantissa = whole
  let at = point + 1
  let c = bytes[at]!
  while (c >= ZERO && c <= 0x39) {
    mantissa = mantissa * 10 + (c - ZERO)
    c = bytes[++at]!
  }
  const scale = at - point - 1
  if (scale === 0 || at >= end || (c | 0x20) === 0x65) return LEFT
  const digits = point - first + scale
  const isNegative = first > from
  // Both are exact, so the quotient is rounded once: the nearest double. More digits: the runtime's own reader.
  let value = digits <= EXACT_DIGITS ? mantissa / POWERS_OF_TEN[scale]! : Number(latin1Slice(bytes, first, at))
  if (isNegative && mantissa > 0) value = -value
  column.numbers[row] = value
  const hasLeadingZero = point - first > 1 && bytes[first] === ZERO
  column.starts[row] = digits <= EXACT_DIGITS && !hasLeadingZero && isPlainDouble(value, scale, bytes[at - 1]!) ? from : -1
  column.ends[row] = at
  return put(column, row, DOUBLE, at, end)
}

/** Whether Java prints a double as it was written: point notation, no zeros at the end but a single one. */
function isPlainDouble(value: number, scale: number, last: number): boolean {
  const size = value < 0 ? -value : value
  return size >= 1e-3 && size < 1e7 && (last !== ZERO || scale === 1)
}

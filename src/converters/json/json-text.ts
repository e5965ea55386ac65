// From the bytes of a JSON document to values, by the shortest road that means the same as the exact parser: the shape reader, else
// JSON.parse where it cannot differ, else the exact parser itself. Hot: a schemaless record goes through `parseData`. Task threads.
import { isUtf8 } from 'node:buffer'
import { DataError } from '../../base/errors.ts'
import { utf8Slice } from '../text-slices.ts'
import { NAME_LENGTH_MAX, type NumberMode, type ParsedDocument, parseExact, STRING_LENGTH_MAX } from './exact-parser.ts'
import { NEEDS_EXACT } from './reader.ts'
import { MISS, type ShapeReader } from './shape-reader.ts'

/**
 * Holds wherever JSON.parse could give another value than the exact parser: integers that may exceed 2^53, -0, and doubles that are or
 * round to an integral value, which must stay doubles (1.0, 1e3, 0.99999999999999999). Also for some texts where it would not
 * (`"at 1.0"`): that costs time only.
 *
 * A double of k digits before the point rounds to an integral one only if its fraction begins with 15-k zeros or nines.
 */
const MAY_DIFFER = /-0(?!\.)|\d(?:\.(?:0+(?!\d)|0{5}|9{5})|[eE][-+\d]|\d{10}(?:\.|\d{6}))|9\d{15}/

/** Texts up to this length cannot meet the exact parser's limits on depth and on the length of numbers and names. */
const SHORT = 1000

/** Schemaless data of the document in bytes [start, end); null for none. @throws DataError */
export function parseData(shapes: ShapeReader, buffer: Buffer, start: number, end: number): unknown {
  const value = shapes.read(buffer, start, end)
  if (value !== MISS) return value
  const text = utf8Slice(buffer, start, end)
  if (!MAY_DIFFER.test(text) && isPlain(text)) {
    try {
      return JSON.parse(text)
    } catch {
      // the exact parser takes more texts, and says what is wrong with the others
    }
  }
  return parseDocument(buffer, start, end, 'data').document.value ?? null
}

/** The one value in bytes [start, end) as schemaless data, by a fast reader. @throws for all that these leave to others */
export function parseFast(shapes: ShapeReader, buffer: Buffer, start: number, end: number): unknown {
  const value = shapes.read(buffer, start, end)
  if (value !== MISS && shapes.position === end) return value
  const text = utf8Slice(buffer, start, end)
  if (MAY_DIFFER.test(text) || !isPlain(text)) throw NEEDS_EXACT
  return JSON.parse(text)
}

/** The same by the exact parser, of a value that is a member of an object. @throws for what is not one value in UTF-8 */
export function parseMember(buffer: Buffer, start: number, end: number, mode: NumberMode): unknown {
  const text = utf8Slice(buffer, start, end)
  if (text.includes('\ufffd')) throw NEEDS_EXACT
  const parsed = parseExact(text, mode, 1)
  if (parsed.end !== text.length) throw NEEDS_EXACT
  return parsed.value
}

/** No replacement characters (the bytes may not be UTF-8), and no chance of meeting a limit. */
function isPlain(text: string): boolean {
  return !text.includes('\ufffd') && (text.length <= SHORT || isWithinLimits(text))
}

function isWithinLimits(text: string): boolean {
  if (text.length > STRING_LENGTH_MAX) return false
  let open = 0
  let run = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x7b || c === 0x5b) open++
    run = c >= 0x2b && c <= 0x39 ? run + 1 : 0
    if (run === SHORT) return false
  }
  return open < SHORT && (text.length <= NAME_LENGTH_MAX || !/"[^"]{50000}/.test(text))
}

/** The document in bytes [start, end) by the exact parser, and its text. @throws DataError */
export function parseDocument(
  buffer: Buffer,
  start: number,
  end: number,
  mode: NumberMode,
): { readonly text: string; readonly document: ParsedDocument } {
  const { text, invalid } = decode(buffer.subarray(start, end))
  try {
    return { text, document: parseExact(text, mode) }
  } catch (error) {
    throw invalid ?? error
  }
}

interface Decoded {
  readonly text: string
  /** why the text ends where it does: with a character that no document may hold, in case the parser gets there */
  readonly invalid: DataError | null
}

/** The document's text. Jackson looks for a byte order mark and for the zero bytes of UTF-16 and UTF-32. */
function decode(bytes: Buffer): Decoded {
  const wide = wideEncoding(bytes)
  if (wide !== null) return { text: wide, invalid: null }
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  const text = bytes.toString('utf8', from)
  if (!text.includes('\ufffd') || isUtf8(bytes)) return { text, invalid: null }
  const at = invalidUtf8At(bytes)
  const hex = (bytes[at] ?? 0).toString(16).padStart(2, '0')
  const invalid = new DataError(`invalid UTF-8: byte 0x${hex} at byte ${at}`, { code: 'CONNECT_JSON_SYNTAX' })
  return { text: `${bytes.toString('utf8', from, at)}\u0000`, invalid }
}

function wideEncoding(bytes: Buffer): string | null {
  const [a, b, c, d] = bytes
  if (a === 0xff && b === 0xfe) return utf16le(bytes.subarray(2))
  if (a === 0xfe && b === 0xff) return swapped(bytes.subarray(2))
  if (bytes.length < 2 || a === undefined || b === undefined) return null
  // Without a mark, Jackson looks at the first four bytes, or two: ASCII in UTF-16 has a zero in each pair.
  if (bytes.length >= 4 && a === 0 && b === 0 && c === 0) return utf32(bytes, true)
  if (bytes.length >= 4 && b === 0 && c === 0 && d === 0) return utf32(bytes, false)
  if (a === 0 && b !== 0) return swapped(bytes)
  if (a !== 0 && b === 0) return utf16le(bytes)
  return null
}

function utf16le(bytes: Buffer): string {
  return `${bytes.toString('utf16le')}${bytes.length % 2 === 0 ? '' : '\ufffd'}`
}

function swapped(bytes: Buffer): string {
  const even = Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16()
  return `${even.toString('utf16le')}${bytes.length % 2 === 0 ? '' : '\ufffd'}`
}

function utf32(bytes: Buffer, bigEndian: boolean): string {
  let text = ''
  for (let i = 0; i + 4 <= bytes.length; i += 4) {
    const code = bigEndian ? bytes.readUInt32BE(i) : bytes.readUInt32LE(i)
    if (code > 0x10ffff) throw new DataError(`invalid UTF-32: code ${code} at byte ${i}`, { code: 'CONNECT_JSON_SYNTAX' })
    text += String.fromCodePoint(code)
  }
  return text
}

/** The first byte that begins no valid character. */
function invalidUtf8At(bytes: Buffer): number {
  let at = 0
  while (at < bytes.length) {
    const c = bytes[at] ?? 0
    const length = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4
    if (!isUtf8(bytes.subarray(at, at + length))) return at
    at += length
  }
  return at
}

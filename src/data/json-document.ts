// The bytes of a JSON document, decoded as Jackson decodes them and read by the exact parser: what Java's JsonDeserializer does with a
// record. Any thread; called by the JsonConverter and by the stores of the internal topics.
import { isUtf8 } from 'node:buffer'
import { DataError } from '../base/errors.ts'
import { type NumberMode, type ParsedDocument, parseExact } from './json-parser.ts'

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

/** Jackson looks for no byte order mark in shorter ones. */
const MARKED_MIN = 4

/** The document's text. Jackson looks for a byte order mark and for the zero bytes of UTF-16 and UTF-32. */
function decode(bytes: Buffer): Decoded {
  const wide = wideEncoding(bytes)
  if (wide !== null) return { text: wide, invalid: null }
  const from = bytes.length >= MARKED_MIN && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  const text = bytes.toString('utf8', from)
  if (!text.includes('\ufffd') || isUtf8(bytes)) return { text, invalid: null }
  const at = invalidUtf8At(bytes)
  const hex = (bytes[at] ?? 0).toString(16).padStart(2, '0')
  const invalid = new DataError(`invalid UTF-8: byte 0x${hex} at byte ${at}`, { code: 'CONNECT_JSON_SYNTAX' })
  return { text: `${bytes.toString('utf8', from, at)}\u0000`, invalid }
}

function wideEncoding(bytes: Buffer): string | null {
  const [a, b, c, d] = bytes
  if (bytes.length >= MARKED_MIN) {
    if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? utf32(bytes.subarray(4), false) : utf16le(bytes.subarray(2))
    if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return utf32(bytes.subarray(4), true)
    if (a === 0xfe && b === 0xff) return swapped(bytes.subarray(2))
  }
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

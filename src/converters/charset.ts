// Character sets under the names Java knows, for StringConverter's `converter.encoding`. What a set cannot hold becomes '?', bytes
// that mean nothing become U+FFFD, as in Java. Task threads.
import { wellFormed } from '../data/well-formed.ts'
import { utf8Slice } from './text-slices.ts'

export interface Charset {
  decode(buffer: Buffer, start: number, end: number): string
  encode(text: string): Buffer
}

/** The set of that name, in any case, or undefined. */
export function charsetOf(name: string): Charset | undefined {
  const key = name.toLowerCase().replaceAll('_', '-')
  const direct = DIRECT[key]
  if (direct !== undefined) return direct
  const label = SINGLE_BYTE.find(names => names.includes(key))?.[0]
  return label === undefined ? undefined : singleByte(label)
}

export const utf8: Charset = {
  decode: utf8Slice,
  encode: text => Buffer.from(wellFormed(text), 'utf8'),
}

/** One byte a character, the code points below `limit`. */
const codePoints = (limit: number): Charset => ({
  decode: (buffer, start, end) => {
    const text = buffer.toString('latin1', start, end)
    return limit === 256 ? text : text.replace(/[\u0080-\u00ff]/g, '\ufffd')
  },
  encode: text => Buffer.from(Array.from(text, c => ((c.codePointAt(0) ?? 0) < limit ? c : '?')).join(''), 'latin1'),
})

const utf16le: Charset = {
  decode: (buffer, start, end) => wideText(buffer.subarray(start, end)),
  encode: text => Buffer.from(replaced16(text), 'utf16le'),
}

const utf16be: Charset = {
  decode: (buffer, start, end) => wideText(swapped(buffer.subarray(start, end))),
  encode: text => Buffer.from(replaced16(text), 'utf16le').swap16(),
}

/** Written big-endian with a mark; read by the mark, big-endian without one. */
const utf16: Charset = {
  decode: (buffer, start, end) => {
    const mark = end - start >= 2 ? buffer.readUInt16BE(start) : 0
    if (mark === 0xfffe) return utf16le.decode(buffer, start + 2, end)
    return utf16be.decode(buffer, mark === 0xfeff ? start + 2 : start, end)
  },
  encode: text => (text === '' ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0xfe, 0xff]), utf16be.encode(text)])),
}

/** In UTF-16 Java writes U+FFFD for a surrogate without its pair. */
const replaced16 = (text: string): string => text.toWellFormed()

function wideText(bytes: Buffer): string {
  const text = bytes.toString('utf16le').toWellFormed()
  return bytes.length % 2 === 0 ? text : `${text}\ufffd`
}

/** Pairs of bytes swapped; a byte left over stays. */
function swapped(bytes: Buffer): Buffer {
  const even = bytes.length & ~1
  return Buffer.concat([Buffer.from(bytes.subarray(0, even)).swap16(), bytes.subarray(even)])
}

const latin1 = codePoints(256)
const ascii = codePoints(128)

const DIRECT: Readonly<Record<string, Charset>> = {
  'utf-8': utf8,
  utf8,
  'iso-8859-1': latin1,
  iso8859_1: latin1,
  'iso8859-1': latin1,
  latin1,
  l1: latin1,
  'us-ascii': ascii,
  ascii,
  'iso646-us': ascii,
  'utf-16': utf16,
  utf16,
  'utf-16be': utf16be,
  'utf-16le': utf16le,
}

/** Single-byte sets that Node's ICU can decode; the first name is ICU's, all are Java's. */
const SINGLE_BYTE: readonly (readonly string[])[] = [
  ['windows-1250', 'cp1250'],
  ['windows-1251', 'cp1251'],
  ['windows-1252', 'cp1252'],
  ['windows-1253', 'cp1253'],
  ['windows-1254', 'cp1254'],
  ['windows-1257', 'cp1257'],
  ['iso-8859-2', 'latin2', 'iso8859-2'],
  ['iso-8859-4', 'latin4', 'iso8859-4'],
  ['iso-8859-5', 'cyrillic', 'iso8859-5'],
  ['iso-8859-7', 'greek', 'iso8859-7'],
  ['iso-8859-15', 'latin9', 'iso8859-15'],
  ['koi8-r', 'koi8'],
  ['koi8-u'],
]

function singleByte(label: string): Charset {
  const decoder = new TextDecoder(label)
  const byteOf = new Map<string, number>()
  for (let byte = 255; byte >= 0; byte--) byteOf.set(decoder.decode(Uint8Array.of(byte)), byte)
  byteOf.delete('\ufffd')
  // Where Java leaves a byte undefined, the web's tables have the control character of that number.
  const holes = label.startsWith('windows') ? /[\u0080-\u009f]/g : /\ufffd/g
  for (const c of byteOf.keys()) if (c.match(holes)) byteOf.delete(c)
  return {
    decode: (buffer, start, end) => decoder.decode(buffer.subarray(start, end)).replace(holes, '\ufffd'),
    encode: text => Buffer.from(Array.from(text, c => byteOf.get(c) ?? 0x3f)),
  }
}

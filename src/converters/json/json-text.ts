// From the bytes of a JSON document to values, by the shortest road that means the same as the exact parser: the shape reader, else
// JSON.parse where it cannot differ, else the exact parser itself. Hot: a schemaless record goes through `parseData`. Task threads.
import { parseDocument } from '../../data/json-document.ts'
import { NAME_LENGTH_MAX, type NumberMode, parseExact, STRING_LENGTH_MAX } from '../../data/json-parser.ts'
import { utf8Slice } from '../text-slices.ts'
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

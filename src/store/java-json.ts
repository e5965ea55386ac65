// JSON text as Java's schemaless JsonConverter (Jackson) writes and reads it: the internal topics and the offset file hold it, and offset keys
// are found by their bytes. Main thread; called by the stores.
import { DataError } from '../base/errors.ts'
import { kindOf } from '../base/wrong-return.ts'
import { parseDocument } from '../data/json-document.ts'
import { faultWithoutText } from '../data/json-parser.ts'

export type Scalar = string | number | bigint | boolean | null

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters JSON must escape
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/g

/** As Jackson: control characters and surrogates as \uXXXX in capitals, everything else as it is. */
export function stringText(text: string): string {
  const escaped = text.replace(
    ESCAPED,
    c => SHORT_ESCAPES[c] ?? `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
  return `"${escaped}"`
}

/** As Double.toString: 1.5, 1.0E10, 1.0E-5; the digits of both languages are the shortest that read back the same. */
function doubleText(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude >= 1e-3 && magnitude < 1e7) return String(value)
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
}

/** @throws DataError for a number that JSON cannot hold, and for what is no scalar: values of plugins come here unchecked by any compiler */
export function scalarText(value: Scalar): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return stringText(value)
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'number')
    throw new DataError(`${kindOf(value)} cannot be stored: only text, numbers, true, false and null can`)
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '-0.0' : String(value)
  if (!Number.isFinite(value)) throw new DataError(`the number ${value} cannot stand in an offset: JSON has no form for it`)
  return doubleText(value)
}

/** `{"a":1,"b":"x"}`, keys in the map's own order. */
export function mapText(map: Readonly<Record<string, Scalar>>): string {
  const parts: string[] = []
  for (const [key, value] of Object.entries(map)) parts.push(`${stringText(key)}:${scalarText(value)}`)
  return `{${parts.join(',')}}`
}

/**
 * The first value that the bytes hold, as Java's workers read records of the internal topics (JsonConverter without schemas): a byte order
 * mark and whatever follows the value are passed over, integers beyond 2^53 are bigint and wrap at 64 bits. Null for bytes without any value.
 *
 * @param what for the message: "a record of the config topic"
 * @throws DataError, without the text, for bytes that are no JSON to Java either
 */
export function parseJsonBytes(bytes: Buffer, what: string): unknown {
  try {
    return parseDocument(bytes, 0, bytes.length, 'plain').document.value ?? null
  } catch (error) {
    throw new DataError(`${what} is not JSON: ${faultWithoutText(error)}`)
  }
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

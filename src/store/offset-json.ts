// JSON text of offset keys and values, byte for byte as Java's schemaless JsonConverter (Jackson) writes it, because offsets are found
// by their key's bytes. Main thread; called by the offset stores.
import { DataError } from '../base/errors.ts'
import type { OffsetMap, OffsetValue } from './offset-store.ts'

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
function stringText(text: string): string {
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

function valueText(value: OffsetValue): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return stringText(value)
  if (typeof value !== 'number') return String(value)
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '-0.0' : String(value)
  if (!Number.isFinite(value)) throw new DataError(`the number ${value} cannot stand in an offset: JSON has no form for it`)
  return doubleText(value)
}

/** `{"a":1,"b":"x"}`, keys in the map's own order. */
export function offsetMapText(map: OffsetMap): string {
  const parts: string[] = []
  for (const [key, value] of Object.entries(map)) parts.push(`${stringText(key)}:${valueText(value)}`)
  return `{${parts.join(',')}}`
}

/** The same text for equal maps, whatever their key order. */
function canonicalMapText(map: OffsetMap): string {
  const sorted = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return offsetMapText(Object.fromEntries(sorted))
}

/** Identity of an offset: connector and partition, independent of the order in which the partition's keys were given. */
export function canonicalKey(connector: string, partition: OffsetMap): string {
  return `[${stringText(connector)},${canonicalMapText(partition)}]`
}

function javaStringHash(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}

/** Keys in the order a java.util.HashMap iterates them: by bucket (h ^ h>>>16) & (n-1), in a bucket as inserted. */
export function javaHashMapOrder(keys: readonly string[]): string[] {
  let buckets = 16
  while (keys.length > buckets * 0.75) buckets *= 2
  const bucketOf = (key: string) => {
    const hash = javaStringHash(key)
    return (hash ^ (hash >>> 16)) & (buckets - 1)
  }
  return keys
    .map((key, inserted) => ({ key, inserted, bucket: bucketOf(key) }))
    .sort((a, b) => a.bucket - b.bucket || a.inserted - b.inserted)
    .map(entry => entry.key)
}

/** Key bytes for a partition never stored before, as Java would write them for the same map. */
export function newKeyBytes(connector: string, partition: OffsetMap): Buffer {
  const ordered = Object.fromEntries(javaHashMapOrder(Object.keys(partition)).map(key => [key, partition[key] as OffsetValue]))
  return Buffer.from(`[${stringText(connector)},${offsetMapText(ordered)}]`)
}

/** JSON.parse, with integers beyond 2^53 as bigint. */
function parseJson(text: string): unknown {
  return JSON.parse(text, (_key: string, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || context?.source === undefined) return value
    return /^-?\d+$/.test(context.source) ? BigInt(context.source) : value
  })
}

function isOffsetMap(value: unknown): value is OffsetMap {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every(v => v === null || typeof v !== 'object')
}

/** Connector and partition of a stored key, or null for bytes of another form (a foreign entry is kept, not understood). */
export function parseKey(bytes: Buffer): { connector: string; partition: OffsetMap } | null {
  try {
    const parsed = parseJson(bytes.toString())
    if (!Array.isArray(parsed) || parsed.length !== 2) return null
    const [connector, partition] = parsed as [unknown, unknown]
    return typeof connector === 'string' && isOffsetMap(partition) ? { connector, partition } : null
  } catch {
    return null
  }
}

/** @throws DataError for bytes that are no flat JSON object */
export function parseOffset(bytes: Buffer): OffsetMap {
  let parsed: unknown
  try {
    parsed = parseJson(bytes.toString())
  } catch (error) {
    throw new DataError(`a stored offset is not JSON: ${(error as Error).message}`, { cause: error })
  }
  if (!isOffsetMap(parsed)) throw new DataError('a stored offset is not a flat JSON object')
  return parsed
}

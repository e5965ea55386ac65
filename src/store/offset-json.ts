// JSON text of offset keys and values, byte for byte as Java's schemaless JsonConverter (Jackson) writes it, because offsets are found
// by their key's bytes. Main thread; called by the offset stores.
import { DataError } from '../base/errors.ts'
import { isJsonObject, mapText, parseJsonBytes, stringText } from './java-json.ts'
import type { OffsetMap, OffsetValue } from './offset-store.ts'

/** The same text for equal maps, whatever their key order. */
function canonicalMapText(map: OffsetMap): string {
  const sorted = Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return mapText(Object.fromEntries(sorted))
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
  return Buffer.from(`[${stringText(connector)},${mapText(ordered)}]`)
}

function isOffsetMap(value: unknown): value is OffsetMap {
  return isJsonObject(value) && Object.values(value).every(v => v === null || typeof v !== 'object')
}

/** Connector and partition of a stored key, or null for bytes of another form (a foreign entry is kept, not understood). */
export function parseKey(bytes: Buffer): { connector: string; partition: OffsetMap } | null {
  try {
    const parsed = parseJsonBytes(bytes, 'the key of a stored offset')
    if (!Array.isArray(parsed) || parsed.length !== 2) return null
    const [connector, partition] = parsed as [unknown, unknown]
    return typeof connector === 'string' && isOffsetMap(partition) ? { connector, partition } : null
  } catch {
    return null
  }
}

/** @throws DataError for bytes that are no flat JSON object */
export function parseOffset(bytes: Buffer): OffsetMap {
  const parsed = parseJsonBytes(bytes, 'a stored offset')
  if (!isOffsetMap(parsed)) throw new DataError('a stored offset is not a flat JSON object')
  return parsed
}

// The order in which a Java HashMap, filled with these names, gives them back. ValueToKey writes schemaless keys in that order, and the
// key's bytes decide the partition; the leader of a group of workers takes work from the members in that order. Any thread.
//
// Not mimicked: nine or more names with the very same hash code, which Java would keep as a tree.

/** String.hashCode. */
export function javaHashCode(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}

/** The table of HashMap(capacity) after `count` puts: the next power of two, doubled whenever more than three quarters are taken. */
function tableSize(capacity: number, count: number): number {
  let size = 1
  while (size < capacity) size *= 2
  while (count > size * 0.75) size *= 2
  return size
}

/**
 * Distinct names in the order of Java's HashMap.
 * @param capacity the map's initial one: `new HashMap<>(names.size())` where not given, 16 for `new HashMap<>()`
 */
export function javaHashOrder(names: readonly string[], capacity = names.length): string[] {
  const distinct = [...new Set(names)]
  const size = tableSize(capacity, distinct.length)
  const buckets = new Map<string, number>()
  for (const name of distinct) {
    const hash = javaHashCode(name)
    buckets.set(name, (hash ^ (hash >>> 16)) & (size - 1))
  }
  // Names of one bucket stay in the order they were put: the sort is stable.
  return distinct.sort((a, b) => (buckets.get(a) ?? 0) - (buckets.get(b) ?? 0))
}

// Where a record goes: Java's murmur2 of the key (so that keys land as they do with Java producers), or a sticky choice
// without a key. Runs in the producer's thread (a task thread); called by producer.ts for every record.

const M = 0x5bd1e995
const SEED = 0x9747b28c

/** MurmurHash2, 32 bits, as org.apache.kafka.common.utils.Utils.murmur2; signed like Java's int. */
export function murmur2(data: Uint8Array): number {
  const length = data.length
  let h = SEED ^ length
  const words = length & ~3
  for (let i = 0; i < words; i += 4) {
    let k = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24)
    k = Math.imul(k, M)
    k ^= k >>> 24
    h = Math.imul(h, M) ^ Math.imul(k, M)
  }
  const rest = length & 3
  if (rest > 0) {
    if (rest === 3) h ^= data[words + 2]! << 16
    if (rest >= 2) h ^= data[words + 1]! << 8
    h = Math.imul(h ^ data[words]!, M)
  }
  h = Math.imul(h ^ (h >>> 13), M)
  return h ^ (h >>> 15)
}

/** The partition of a keyed record among `partitions` of them. */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}

/** The next partition for records without a key: uniform among the others, so that one partition is never chosen twice running. */
export function nextStickyPartition(previous: number, partitions: number, random: () => number): number {
  if (partitions <= 1) return 0
  if (previous < 0 || previous >= partitions) return Math.floor(random() * partitions)
  const step = 1 + Math.floor(random() * (partitions - 1))
  return (previous + step) % partitions
}

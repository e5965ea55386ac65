// Hashes of a dictionary's entries, with numbers of this thread's own: with known ones whoever sends records could choose thousands of values with
// one hash, each of which would be compared with all those before it (20,000 such strings took 7 s instead of 40 ms). Files do not depend on
// them: entries stand in the order in which they came. Hot. Task threads.

const word = (): number => Math.floor(Math.random() * 2 ** 32)

const SEED = word() | 0
/** Odd, and neither small nor nearly a power of two. A secret start alone would not do: of it only the lowest byte meets bytes. */
const MULTIPLIER = (word() & ~7) | 0x01000105

/** Of the bytes [start, end). */
export function hashOfBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED ^ (end - start)
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, MULTIPLIER)
  return hash ^ (hash >>> 15)
}

/** Of a double, by the halves of its bits. */
export function hashOfDouble(low: number, high: number): number {
  const hash = Math.imul(low ^ Math.imul(high ^ SEED, 0x9e3779b1), 0x85ebca6b)
  return hash ^ (hash >>> 15)
}

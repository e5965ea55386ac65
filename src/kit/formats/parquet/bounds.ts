// Smallest and largest values of a column: of the values of a page as they are written, and of the whole chunk. Numbers are looked at once, page
// by page; strings of a page by the ranks of a small dictionary, else only those of the chunk are known. Hot. Task threads.
import type { ByteDictionary } from './byte-dictionary.ts'
import type { Leaf } from './leaf.ts'
import type { Physical } from './leaf-type.ts'
import { bytesOf, plainNumbers } from './page-values.ts'

export type Value = number | bigint | Buffer

/** As values are, not as they are written. */
export interface Extremes {
  readonly min: Value
  readonly max: Value
}

/** As they are written. */
export interface Bounds {
  readonly min: Buffer
  readonly max: Buffer
}

/** Of the values [from, to); null where there is none, or none that a reader could compare. */
export type ExtremesOf = (from: number, to: number) => Extremes | null

/** Longer bounds of strings are left out: they help no reader enough. */
const BOUND_BYTES_MAX = 256
/** Sorting more entries than that, or for so few values, would be felt. */
const RANKED_MAX = 512
const VALUES_PER_RANK_MIN = 256

/** Of one column. */
export function isLess(a: Value, b: Value): boolean {
  return typeof a === 'object' ? a.compare(b as Buffer) < 0 : a < (b as number | bigint)
}

/** Null where pages of the column have no bounds of their own. */
export function pageExtremes({ type, numbers, texts }: Leaf): ExtremesOf | null {
  if (!isCompared(type)) return null
  const floats = numbers?.floats() ?? null
  if (floats !== null) return (from, to) => ofFloats(floats, from, to)
  const bigs = numbers?.bigs() ?? null
  if (bigs !== null) return (from, to) => ofBigs(bigs, from, to)
  const dictionary = type.meaning === 'string' ? (texts?.dictionary() ?? null) : null
  return texts === null || dictionary === null ? null : ranked(dictionary, texts.indexes())
}

/** @param pages what pageExtremes said of the pages, where it could */
export function chunkExtremes({ type, texts }: Leaf, pages: readonly (Extremes | null)[]): Extremes | null {
  if (!isCompared(type)) return null
  if (type.meaning === 'string') return ofTexts(texts?.dictionary() ?? null)
  return pages.reduce((all, page) => (all === null || page === null ? (all ?? page) : joined(all, page)), null)
}

/** Of the two zeros of doubles either may be there: the bounds hold both. */
export function boundsOf({ min, max }: Extremes, physical: Physical): Bounds {
  const isFloat = physical === 'DOUBLE' || physical === 'FLOAT'
  return {
    min: written(isFloat && min === 0 ? -0 : min, physical),
    max: written(isFloat && max === 0 ? 0 : max, physical),
  }
}

/** Readers compare booleans and decimals in ways of their own. */
const isCompared = ({ physical, meaning }: Leaf['type']) => physical !== 'BOOLEAN' && meaning !== 'decimal'

const joined = (a: Extremes, b: Extremes): Extremes => ({
  min: isLess(b.min, a.min) ? b.min : a.min,
  max: isLess(a.max, b.max) ? b.max : a.max,
})

function written(value: Value, physical: Physical): Buffer {
  if (typeof value === 'number') return plainNumbers(Float64Array.of(value), physical)
  return typeof value === 'bigint' ? bytesOf(BigInt64Array.of(value)) : value
}

function ofFloats(values: Float64Array, from: number, to: number): Extremes | null {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (let i = from; i < to; i++) {
    const value = values[i]!
    // Not-a-number is neither: both comparisons are false.
    if (value < min) min = value
    if (value > max) max = value
  }
  return min > max ? null : { min, max }
}

function ofBigs(values: BigInt64Array, from: number, to: number): Extremes | null {
  if (from === to) return null
  let min = values[from]!
  let max = min
  for (let i = from + 1; i < to; i++) {
    const value = values[i]!
    if (value < min) min = value
    else if (value > max) max = value
  }
  return { min, max }
}

function ofTexts(entries: ByteDictionary | null): Extremes | null {
  let min: Buffer | null = null
  let max: Buffer | null = null
  for (let i = 0; entries !== null && i < entries.count; i++) {
    const bytes = entries.entry(i)
    if (bytes.length > BOUND_BYTES_MAX) return null
    if (min === null || bytes.compare(min) < 0) min = bytes
    if (max === null || bytes.compare(max) > 0) max = bytes
  }
  // Copies: views would take the whole dictionary along.
  return min === null || max === null ? null : { min: Buffer.from(min), max: Buffer.from(max) }
}

function ranked(entries: ByteDictionary, indexes: Uint16Array): ExtremesOf | null {
  if (entries.count > RANKED_MAX || entries.count * VALUES_PER_RANK_MIN > indexes.length) return null
  const sorted = Array.from({ length: entries.count }, (_, i) => entries.entry(i))
    .map((bytes, entry) => ({ bytes, entry }))
    .toSorted((a, b) => a.bytes.compare(b.bytes))
  const ranks = new Uint16Array(entries.count)
  for (const [rank, { entry }] of sorted.entries()) ranks[entry] = rank
  const top = entries.count - 1
  return (from, to) => {
    let first = RANKED_MAX
    let last = -1
    // Of few strings a page soon has met both ends.
    for (let i = from; i < to && (first > 0 || last < top); i++) {
      const rank = ranks[indexes[i]!]!
      if (rank < first) first = rank
      if (rank > last) last = rank
    }
    const min = sorted[first]?.bytes
    const max = sorted[last]?.bytes
    if (min === undefined || max === undefined || Math.max(min.length, max.length) > BOUND_BYTES_MAX) return null
    return { min: Buffer.from(min), max: Buffer.from(max) }
  }
}

// The distinct numbers of a column, found by their bits, so that the two zeros and all integers stay what they are. Hot. Task threads.
import { hashOfDouble } from './entry-hash.ts'

const TABLE_MIN = 1024
/** The table is kept at most so full. */
const FILL_MAX = 0.5

export interface NumberEntries {
  readonly entries: Float64Array<ArrayBuffer>
  /** of each value: its entry */
  readonly indexes: Uint16Array
}

/** @param entriesMax up to 65,535; null where there are more */
export function numberEntries(values: Float64Array, entriesMax: number): NumberEntries | null {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  const indexes = new Uint16Array(values.length)
  let entries = new Uint32Array(TABLE_MIN)
  let count = 0
  /** by hash: entry + 1, 0 for none */
  let table = new Uint16Array(TABLE_MIN)
  let mask = table.length - 1
  for (let i = 0; i < indexes.length; i++) {
    const low = words[i * 2]!
    const high = words[i * 2 + 1]!
    let slot = hashOfDouble(low, high) & mask
    let found = table[slot]!
    while (found !== 0 && (entries[found * 2 - 2] !== low || entries[found * 2 - 1] !== high)) {
      slot = (slot + 1) & mask
      found = table[slot]!
    }
    if (found === 0) {
      if (count === entriesMax) return null
      if (count * 2 === entries.length) entries = larger(entries)
      entries[count * 2] = low
      entries[count * 2 + 1] = high
      found = ++count
      table[slot] = found
      if (count > table.length * FILL_MAX) {
        table = rehashed(entries, count, table.length * 4)
        mask = table.length - 1
      }
    }
    indexes[i] = found - 1
  }
  return { entries: new Float64Array(entries.buffer, 0, count), indexes }
}

function larger(entries: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(entries.length * 2)
  copy.set(entries)
  return copy
}

function rehashed(entries: Uint32Array, count: number, size: number): Uint16Array<ArrayBuffer> {
  const table = new Uint16Array(size)
  for (let i = 0; i < count; i++) {
    let slot = hashOfDouble(entries[i * 2]!, entries[i * 2 + 1]!) & (size - 1)
    while (table[slot] !== 0) slot = (slot + 1) & (size - 1)
    table[slot] = i + 1
  }
  return table
}

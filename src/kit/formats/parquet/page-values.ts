// The values of a leaf as Parquet writes them: dictionaries, plain values of a page. Hot. Task threads.
// Numbers are written from typed arrays: this file takes the machine to be little-endian, as all that Node.js supports are.
import type { ByteDictionary } from './byte-dictionary.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { Leaf } from './leaf.ts'
import type { Physical } from './leaf-type.ts'
import { numberEntries } from './number-dictionary.ts'
import { bitWidthOf, writeRunLengths } from './run-lengths.ts'

/** A dictionary and the index of each value, or null where plain values are smaller. */
export interface Dictionary {
  readonly count: number
  readonly plain: Buffer
  readonly indexes: Uint16Array
}

const SAMPLE = 1024
const SAMPLE_SHARE = 0.25
const ENTRIES_MAX = 65_535

export function dictionaryOf(leaf: Leaf): Dictionary | null {
  if (leaf.texts !== null) return textDictionary(leaf.texts.dictionary(), leaf.texts.indexes())
  const floats = leaf.numbers?.floats() ?? null
  if (floats === null || leaf.type.physical === 'BOOLEAN' || !isRepetitive(floats)) return null
  return numberDictionary(floats, leaf.type.physical)
}

function textDictionary(entries: ByteDictionary | null, indexes: Uint16Array): Dictionary | null {
  if (entries === null || entries.count === 0) return null
  return { count: entries.count, plain: entries.plain(), indexes }
}

function isRepetitive(values: Float64Array): boolean {
  if (values.length < 64) return false
  const seen = new Set<number>()
  const step = Math.max(1, Math.floor(values.length / SAMPLE))
  let looked = 0
  for (let i = 0; i < values.length; i += step) {
    seen.add(values[i]!)
    looked++
  }
  return seen.size <= looked * SAMPLE_SHARE
}

function numberDictionary(values: Float64Array, physical: Physical): Dictionary | null {
  const found = numberEntries(values, ENTRIES_MAX)
  if (found === null) return null
  return { count: found.entries.length, plain: plainNumbers(found.entries, physical), indexes: found.indexes }
}

/** Indexes of the values [from, to) with their bit width in front. */
export function writeIndexes(writer: ByteWriter, dictionary: Dictionary, from: number, to: number): void {
  const width = bitWidthOf(dictionary.count - 1)
  writer.uint8(width)
  writeRunLengths(writer, dictionary.indexes, from, to, width)
}

/** Plain values [from, to). For strings and bytes `offset` is where the first begins; the answer is where the next page's do. */
export function writePlain(writer: ByteWriter, leaf: Leaf, from: number, to: number, offset: number): number {
  const { texts, numbers } = leaf
  if (texts !== null) {
    const end = texts.offsetOf(to, from, offset)
    const plain = texts.plain()
    const fixed = leaf.type.fixedBytes
    if (leaf.type.physical !== 'FIXED' || fixed === undefined) writer.append(plain.subarray(offset, end))
    else for (let at = offset; at < end; at += 4 + fixed) writer.append(plain.subarray(at + 4, at + 4 + fixed))
    return end
  }
  const bigs = numbers?.bigs() ?? null
  const floats = numbers?.floats() ?? null
  if (bigs !== null) writer.append(bytesOf(bigs.subarray(from, to)))
  else if (floats !== null) writer.append(plainNumbers(floats.subarray(from, to), leaf.type.physical))
  return 0
}

export function bytesOf(array: BigInt64Array | Float64Array | Float32Array | Int32Array): Buffer {
  return Buffer.from(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength)
}

export function plainNumbers(values: Float64Array, physical: Physical): Buffer {
  switch (physical) {
    case 'DOUBLE':
      return bytesOf(values)
    case 'FLOAT':
      return bytesOf(Float32Array.from(values))
    case 'INT32':
      return bytesOf(Int32Array.from(values))
    case 'BOOLEAN':
      return packedBits(values)
    default:
      return int64s(values)
  }
}

/** Two halves a number: exact below 2^53, and far quicker than bigints. */
function int64s(values: Float64Array): Buffer {
  const halves = new Int32Array(values.length * 2)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    const low = value | 0
    halves[i * 2] = low
    halves[i * 2 + 1] = low === value ? low >> 31 : Math.floor(value / 4_294_967_296)
  }
  return bytesOf(halves)
}

function packedBits(values: Float64Array): Buffer {
  const bits = Buffer.alloc(Math.ceil(values.length / 8))
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) bits[i >> 3]! |= 1 << (i & 7)
  return bits
}

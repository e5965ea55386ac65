// The distinct strings of a column in Parquet's plain form (length and bytes each), found by their bytes: a string that is a range of a fetch buffer
// never becomes a JavaScript string. Hot: find. Task threads; one a text column in the making.
import { utf8Write } from '../../text-bytes.ts'
import { free, grownBuffer } from '../held-memory.ts'
import { hashOfBytes } from './entry-hash.ts'

/** Small at first: of a lake's many folders each has a file open, with a dictionary for each of its columns. */
const TABLE_MIN = 128
const PLAIN_BYTES_MIN = 512
const PLACES_MIN = 32
/** The table is kept at most so full. */
const FILL_MAX = 0.5
const LENGTH_BYTES = 4
/** Strings of the row path are remembered by themselves, too. */
const TEXTS_MAX = 65_536

/** What goes to another thread: the entries, without the means to find them. */
export interface PackedDictionary {
  readonly plain: Uint8Array<ArrayBuffer>
  readonly used: number
  readonly places: Uint32Array<ArrayBuffer>
  readonly count: number
}

export class ByteDictionary {
  /** entries one after the other: length, bytes */
  #plain: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(PLAIN_BYTES_MIN)
  #used = 0
  /** where each entry's length stands */
  #places = new Uint32Array(PLACES_MIN)
  /** each entry's: a larger table is filled without looking at the bytes again */
  #hashes = new Int32Array(PLACES_MIN)
  #count = 0
  /** by hash: entry + 1, 0 for none */
  #table = new Uint32Array(TABLE_MIN)
  readonly #texts = new Map<string, number>()

  get count(): number {
    return this.#count
  }

  /** Held in memory. */
  get bytes(): number {
    return this.#used + this.#count * 16 + this.#texts.size * 32
  }

  /** The arrays themselves: where they are transferred nothing may be asked of this object any more. */
  pack(): PackedDictionary {
    return { plain: this.#plain, used: this.#used, places: this.#places, count: this.#count }
  }

  /** To be read only: it finds nothing. */
  static unpack({ plain, used, places, count }: PackedDictionary): ByteDictionary {
    const dictionary = new ByteDictionary()
    dictionary.#plain = Buffer.from(plain.buffer, plain.byteOffset, plain.length)
    dictionary.#used = used
    dictionary.#places = places
    dictionary.#count = count
    return dictionary
  }

  free(): void {
    free(this.#plain)
    free(this.#table)
  }

  /** All entries as a dictionary page has them. */
  plain(): Buffer {
    return this.#plain.subarray(0, this.#used)
  }

  /** The bytes of an entry: a view. */
  entry(index: number): Buffer {
    const at = this.#places[index]!
    return this.#plain.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + this.#plain.readUInt32LE(at))
  }

  /** Index of the string, added where it is new. */
  indexOfText(text: string): number {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    this.#ensure(text.length * 3 + LENGTH_BYTES)
    const from = this.#used + LENGTH_BYTES
    const to = from + utf8Write(this.#plain, text, from)
    const index = this.indexOf(this.#plain, from, to)
    if (this.#texts.size < TEXTS_MAX) this.#texts.set(text, index)
    return index
  }

  /** Index of the bytes [start, end), added where they are new. */
  indexOf(bytes: Buffer, start: number, end: number): number {
    const hash = hashOfBytes(bytes, start, end)
    const mask = this.#table.length - 1
    const table = this.#table
    const plain = this.#plain
    let slot = hash & mask
    for (let found = table[slot]!; found !== 0; found = table[slot]!) {
      let at = this.#places[found - 1]!
      if (lengthAt(plain, at) === end - start) {
        at += LENGTH_BYTES
        let i = start
        while (i < end && plain[at] === bytes[i]) {
          i++
          at++
        }
        if (i === end) return found - 1
      }
      slot = (slot + 1) & mask
    }
    return this.#add(bytes, start, end, hash, slot)
  }

  #add(bytes: Buffer, start: number, end: number, hash: number, slot: number): number {
    this.#ensure(end - start + LENGTH_BYTES)
    const at = this.#used
    // Where it is a string just written behind the last entry, it stands in its place already.
    if (bytes.buffer !== this.#plain.buffer || start !== at + LENGTH_BYTES) bytes.copy(this.#plain, at + LENGTH_BYTES, start, end)
    this.#plain.writeUInt32LE(end - start, at)
    this.#used += end - start + LENGTH_BYTES
    if (this.#count === this.#places.length) {
      const places = new Uint32Array(this.#count * 2)
      places.set(this.#places)
      this.#places = places
      const hashes = new Int32Array(this.#count * 2)
      hashes.set(this.#hashes)
      this.#hashes = hashes
    }
    this.#hashes[this.#count] = hash
    this.#places[this.#count++] = at
    this.#table[slot] = this.#count
    if (this.#count > this.#table.length * FILL_MAX) this.#rehash()
    return this.#count - 1
  }

  #rehash(): void {
    const table = new Uint32Array(this.#table.length * 4)
    const mask = table.length - 1
    for (let index = 0; index < this.#count; index++) {
      let slot = this.#hashes[index]! & mask
      while (table[slot] !== 0) slot = (slot + 1) & mask
      table[slot] = index + 1
    }
    this.#table = table
  }

  #ensure(room: number): void {
    if (this.#plain.length - this.#used >= room) return
    this.#plain = grownBuffer(this.#plain, Math.max(this.#plain.length * 2, this.#used + room))
  }
}

const lengthAt = (plain: Buffer, at: number): number =>
  plain[at]! | (plain[at + 1]! << 8) | (plain[at + 2]! << 16) | (plain[at + 3]! << 24)

// A column's strings and bytes. Strings start as a dictionary; where too many differ they go over to Parquet's plain form (length
// and bytes), which byte values have from the start. Hot: a string is one look-up, or one copy. Task threads.
import { KIB, MIB } from '../../../base/units.ts'
import { utf8Slice, utf8Write } from '../../text-bytes.ts'
import { free, grownBuffer, grownIndexes } from '../held-memory.ts'
import { ByteDictionary, type PackedDictionary } from './byte-dictionary.ts'

/** 16-bit indexes; more entries seldom pay. */
const ENTRIES_MAX = 65_535
const DICTIONARY_BYTES_MAX = MIB
const INDEXES_MIN = 64
/** At this many values a dictionary must have proved itself. */
const TRIAL_COUNT = 4096
const TRIAL_SHARE = 0.6
/**
 * Long strings that nearly all differ need not wait for that: by now, were they drawn from few enough to fit a dictionary (a mebibyte), more than
 * a tenth would have come again.
 */
const EARLY_TRIAL_BYTES = 256 * KIB
const EARLY_TRIAL_SHARE = 0.9
/** Up to here a loop costs less than the call of a native copy. */
const LOOP_BYTES_MAX = 48

/** What goes to another thread. */
export interface PackedBytes {
  readonly dictionary: PackedDictionary | null
  readonly indexes: Uint16Array<ArrayBuffer>
  readonly plain: Uint8Array<ArrayBuffer>
  readonly used: number
  readonly count: number
}

export class ByteValues {
  #dictionary: ByteDictionary | null
  #indexes: Uint16Array<ArrayBuffer>
  #plain: Buffer<ArrayBuffer>
  #used = 0
  count = 0

  constructor(holdsText: boolean) {
    this.#dictionary = holdsText ? new ByteDictionary() : null
    this.#indexes = new Uint16Array(holdsText ? INDEXES_MIN : 0)
    this.#plain = holdsText ? Buffer.alloc(0) : Buffer.allocUnsafeSlow(KIB)
  }

  get bytes(): number {
    return this.#dictionary === null ? this.#used : this.count * 2 + this.#dictionary.bytes
  }

  pushText(text: string): void {
    const dictionary = this.#dictionary
    if (dictionary === null) return this.#pushPlainText(text)
    this.#pushIndex(dictionary, dictionary.indexOfText(text))
  }

  /** The string whose UTF-8 stands in [start, end). */
  pushRange(bytes: Buffer, start: number, end: number): void {
    const dictionary = this.#dictionary
    if (dictionary === null) this.#pushPlain(bytes, start, end)
    else this.#pushIndex(dictionary, dictionary.indexOf(bytes, start, end))
  }

  /** The same string many times. */
  pushSame(bytes: Buffer, start: number, end: number, times: number): void {
    for (let i = 0; i < times; i++) {
      const dictionary = this.#dictionary
      if (dictionary === null || i === 0) this.pushRange(bytes, start, end)
      else this.#pushIndex(dictionary, this.#indexes[this.count - 1]!)
    }
  }

  #pushIndex(dictionary: ByteDictionary, index: number): void {
    if (this.count === this.#indexes.length) {
      this.#indexes = grownIndexes(this.#indexes, this.count * 2)
    }
    // The one entry too many, which 16 bits do not hold, is the last value: it is written again below.
    this.#indexes[this.count++] = index
    if (index + 1 < dictionary.count) return
    const { bytes } = dictionary
    const isTooMany =
      index >= ENTRIES_MAX ||
      bytes > DICTIONARY_BYTES_MAX ||
      (this.count > TRIAL_COUNT && index > this.count * TRIAL_SHARE) ||
      (bytes > EARLY_TRIAL_BYTES && index > this.count * EARLY_TRIAL_SHARE)
    if (!isTooMany) return
    this.count--
    this.#toPlain(dictionary)
    const last = dictionary.entry(index)
    this.#pushPlain(last, 0, last.length)
  }

  pushBytes(bytes: Uint8Array): void {
    if (this.#dictionary !== null) this.#toPlain(this.#dictionary)
    this.#ensure(bytes.length + 4)
    this.#plain.writeUInt32LE(bytes.length, this.#used)
    this.#plain.set(bytes, this.#used + 4)
    this.#used += bytes.length + 4
    this.count++
  }

  /** The arrays themselves: where they are transferred nothing may be asked of this object any more. */
  pack(): PackedBytes {
    const dictionary = this.#dictionary?.pack() ?? null
    return { dictionary, indexes: this.#indexes, plain: this.#plain, used: this.#used, count: this.count }
  }

  /** To be read only. */
  static unpack({ dictionary, indexes, plain, used, count }: PackedBytes): ByteValues {
    const values = new ByteValues(false)
    values.#dictionary = dictionary === null ? null : ByteDictionary.unpack(dictionary)
    values.#indexes = indexes
    values.#plain = Buffer.from(plain.buffer, plain.byteOffset, plain.length)
    values.#used = used
    values.count = count
    return values
  }

  free(): void {
    free(this.#plain)
    free(this.#indexes)
    this.#dictionary?.free()
  }

  pop(): void {
    this.count--
    // The start of the last value is found from the first: only bad records take values back.
    if (this.#dictionary === null) this.#used = this.offsetOf(this.count, 0, 0)
  }

  /** The distinct strings by index, or null in plain form. */
  dictionary(): ByteDictionary | null {
    return this.#dictionary
  }

  indexes(): Uint16Array<ArrayBuffer> {
    return this.#indexes.subarray(0, this.count)
  }

  plain(): Buffer {
    return this.#plain.subarray(0, this.#used)
  }

  /** Where a value begins in the plain form, from a value whose place is known. */
  offsetOf(index: number, knownIndex: number, knownOffset: number): number {
    let offset = knownOffset
    const plain = this.#plain
    for (let i = knownIndex; i < index; i++) {
      offset += 4 + (plain[offset]! | (plain[offset + 1]! << 8) | (plain[offset + 2]! << 16) | (plain[offset + 3]! << 24))
    }
    return offset
  }

  /** All values in order; of text columns as strings, else as bytes. Not hot. */
  *values(isText: boolean): Generator<string | Buffer> {
    const dictionary = this.#dictionary
    const entries =
      dictionary === null ? null : Array.from({ length: dictionary.count }, (_, i) => dictionary.entry(i).toString())
    let offset = 0
    for (let i = 0; i < this.count; i++) {
      if (entries !== null) {
        yield entries[this.#indexes[i]!] as string
        continue
      }
      const end = offset + 4 + this.#plain.readUInt32LE(offset)
      yield isText ? utf8Slice(this.#plain, offset + 4, end) : this.#plain.subarray(offset + 4, end)
      offset = end
    }
  }

  #pushPlainText(text: string): void {
    this.#ensure(text.length * 3 + 4)
    const length = utf8Write(this.#plain, text, this.#used + 4)
    this.#plain.writeUInt32LE(length, this.#used)
    this.#used += length + 4
    this.count++
  }

  #pushPlain(bytes: Buffer, start: number, end: number): void {
    const length = end - start
    this.#ensure(length + 4)
    const plain = this.#plain
    let at = this.#used
    plain[at++] = length
    plain[at++] = length >>> 8
    plain[at++] = length >>> 16
    plain[at++] = length >>> 24
    if (length <= LOOP_BYTES_MAX) for (let i = start; i < end; i++) plain[at++] = bytes[i]!
    else bytes.copy(plain, at, start, end)
    this.#used += length + 4
    this.count++
  }

  #toPlain(dictionary: ByteDictionary): void {
    const indexes = this.#indexes
    const count = this.count
    const entries = dictionary.plain()
    const places = new Uint32Array(dictionary.count + 1)
    for (let i = 0, at = 0; i < dictionary.count; i++) {
      places[i] = at
      at += 4 + entries.readUInt32LE(at)
      places[i + 1] = at
    }
    this.#dictionary = null
    this.#indexes = new Uint16Array(0)
    this.count = 0
    for (let i = 0; i < count; i++) this.#pushPlain(entries, places[indexes[i]!]! + 4, places[indexes[i]! + 1]!)
  }

  #ensure(room: number): void {
    if (this.#plain.length - this.#used >= room) return
    this.#plain = grownBuffer(this.#plain, Math.max(this.#plain.length * 2, this.#used + room))
  }
}

// A column's strings and bytes. Strings start as a dictionary; where too many differ they go over to Parquet's plain form (length
// and bytes), which byte values have from the start. Hot: a string is one Map look-up, or one native write. Task threads.
import { KIB, MIB } from '../../../base/units.ts'
import { utf8Slice, utf8Write } from '../../text-bytes.ts'

/** 16-bit indexes; more entries seldom pay. */
const ENTRIES_MAX = 65_535
const ENTRY_UNITS_MAX = MIB
/** At this many values a dictionary must have proved itself. */
const TRIAL_COUNT = 4096
const TRIAL_SHARE = 0.6

export class ByteValues {
  #entries: Map<string, number> | null
  #entryUnits = 0
  #indexes: Uint16Array<ArrayBuffer>
  #plain: Buffer
  #used = 0
  count = 0

  constructor(holdsText: boolean) {
    this.#entries = holdsText ? new Map() : null
    this.#indexes = new Uint16Array(holdsText ? 256 : 0)
    this.#plain = holdsText ? Buffer.alloc(0) : Buffer.allocUnsafe(KIB)
  }

  get bytes(): number {
    return this.#entries === null ? this.#used : this.count * 2 + this.#entryUnits + this.#entries.size * 16
  }

  pushText(text: string): void {
    const entries = this.#entries
    if (entries === null) return this.#pushPlainText(text)
    let index = entries.get(text)
    if (index === undefined) {
      index = entries.size
      this.#entryUnits += text.length
      const isTooMany =
        index >= ENTRIES_MAX ||
        this.#entryUnits > ENTRY_UNITS_MAX ||
        (this.count >= TRIAL_COUNT && index > this.count * TRIAL_SHARE)
      if (isTooMany) {
        this.#toPlain(entries)
        return this.#pushPlainText(text)
      }
      entries.set(text, index)
    }
    if (this.count === this.#indexes.length) {
      const larger = new Uint16Array(this.count * 2)
      larger.set(this.#indexes)
      this.#indexes = larger
    }
    this.#indexes[this.count++] = index
  }

  pushBytes(bytes: Uint8Array): void {
    if (this.#entries !== null) this.#toPlain(this.#entries)
    this.#ensure(bytes.length + 4)
    this.#plain.writeUInt32LE(bytes.length, this.#used)
    this.#plain.set(bytes, this.#used + 4)
    this.#used += bytes.length + 4
    this.count++
  }

  pop(): void {
    this.count--
    // The start of the last value is found from the first: only bad records take values back.
    if (this.#entries === null) this.#used = this.offsetOf(this.count, 0, 0)
  }

  /** The distinct strings by index, or null in plain form. */
  dictionary(): string[] | null {
    return this.#entries === null ? null : [...this.#entries.keys()]
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
    for (let i = knownIndex; i < index; i++) offset += 4 + this.#plain.readUInt32LE(offset)
    return offset
  }

  /** All values in order; of text columns as strings, else as bytes. Not hot. */
  *values(isText: boolean): Generator<string | Buffer> {
    const entries = this.dictionary()
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

  #toPlain(entries: ReadonlyMap<string, number>): void {
    const texts = [...entries.keys()]
    const indexes = this.#indexes
    const count = this.count
    this.#entries = null
    this.#indexes = new Uint16Array(0)
    this.count = 0
    for (let i = 0; i < count; i++) this.#pushPlainText(texts[indexes[i]!] as string)
  }

  #ensure(room: number): void {
    if (this.#plain.length - this.#used >= room) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#plain.length * 2, this.#used + room))
    this.#plain.copy(larger, 0, 0, this.#used)
    this.#plain = larger
  }
}

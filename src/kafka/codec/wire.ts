// Kafka's primitive types, non-flexible encoding, over one Buffer: big-endian integers, strings behind an int16 length, byte
// arrays and lists behind an int32 one, -1 for null. Any thread; every codec of a request or answer stands on these two.
import { KafkaError } from '../../base/errors.ts'

const SAFE_HIGH = 0x1f_ffff

/** Grows as needed; `finish` gives what was written. */
export class Writer {
  #buffer: Buffer
  #at = 0

  constructor(initialBytes = 256) {
    this.#buffer = Buffer.allocUnsafe(initialBytes)
  }

  get length(): number {
    return this.#at
  }

  int8(value: number): this {
    this.#need(1)
    this.#at = this.#buffer.writeInt8(value, this.#at)
    return this
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  int16(value: number): this {
    this.#need(2)
    this.#at = this.#buffer.writeInt16BE(value, this.#at)
    return this
  }

  int32(value: number): this {
    this.#need(4)
    this.#at = this.#buffer.writeInt32BE(value, this.#at)
    return this
  }

  /** A safe integer (D10). */
  int64(value: number): this {
    this.#need(8)
    writeInt64(this.#buffer, this.#at, value)
    this.#at += 8
    return this
  }

  string(value: string): this {
    const bytes = Buffer.byteLength(value)
    if (bytes > 32_767) throw new RangeError(`a string of the Kafka protocol holds 32767 bytes at most, this one has ${bytes}`)
    this.int16(bytes).#need(bytes)
    this.#at += this.#buffer.write(value, this.#at, 'utf8')
    return this
  }

  nullableString(value: string | null): this {
    return value === null ? this.int16(-1) : this.string(value)
  }

  bytes(value: Uint8Array): this {
    return this.int32(value.length).raw(value)
  }

  nullableBytes(value: Uint8Array | null): this {
    return value === null ? this.int32(-1) : this.bytes(value)
  }

  /** Bytes without a length before them. */
  raw(value: Uint8Array): this {
    this.#need(value.length)
    this.#buffer.set(value, this.#at)
    this.#at += value.length
    return this
  }

  array<T>(items: readonly T[], write: (writer: this, item: T) => unknown): this {
    this.int32(items.length)
    for (const item of items) write(this, item)
    return this
  }

  nullableArray<T>(items: readonly T[] | null, write: (writer: this, item: T) => unknown): this {
    return items === null ? this.int32(-1) : this.array(items, write)
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }

  #need(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + bytes))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}

/** Reads in order and never beyond the end: an answer that is too short or names an impossible length is a KafkaError. */
export class Reader {
  readonly #buffer: Buffer
  #at: number
  readonly #end: number

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.#buffer = buffer
    this.#at = start
    this.#end = end
  }

  get offset(): number {
    return this.#at
  }

  get remaining(): number {
    return this.#end - this.#at
  }

  int8(): number {
    return this.#buffer.readInt8(this.#take(1))
  }

  boolean(): boolean {
    return this.int8() !== 0
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#take(2))
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#take(4))
  }

  /** As a number; beyond 2^53 the nearest one (Kafka's "none" values are -1 and 2^63-1, both told apart). */
  int64(): number {
    return readInt64(this.#buffer, this.#take(8))
  }

  string(): string {
    const value = this.nullableString()
    if (value === null) throw malformed('null where a string must be')
    return value
  }

  nullableString(): string | null {
    const length = this.int16()
    if (length < 0) return null
    const start = this.#take(length)
    return this.#buffer.toString('utf8', start, start + length)
  }

  /** A view of the answer, not a copy. */
  bytes(): Buffer {
    const value = this.nullableBytes()
    if (value === null) throw malformed('null where bytes must be')
    return value
  }

  nullableBytes(): Buffer | null {
    const length = this.int32()
    if (length < 0) return null
    const start = this.#take(length)
    return this.#buffer.subarray(start, start + length)
  }

  /** A null list reads as an empty one. */
  array<T>(read: () => T): T[] {
    const count = this.int32()
    if (count > this.remaining) throw malformed(`a list of ${count} entries in ${this.remaining} bytes`)
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(read())
    return items
  }

  skip(bytes: number): void {
    this.#take(bytes)
  }

  #take(bytes: number): number {
    const at = this.#at
    if (bytes < 0 || at + bytes > this.#end) throw malformed(`${bytes} bytes wanted where ${this.#end - at} are left`)
    this.#at = at + bytes
    return at
  }
}

/** Two 32-bit halves: 13 ns where a bigint takes 80 (D10). Exact for safe integers. */
export function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * 4_294_967_296 + buffer.readUInt32BE(at + 4)
}

export function writeInt64(buffer: Buffer, at: number, value: number): void {
  const high = Math.floor(value / 4_294_967_296)
  if (high > SAFE_HIGH || high < -SAFE_HIGH - 1 || !Number.isInteger(value)) throw new RangeError(`${value} is no safe integer`)
  buffer.writeInt32BE(high, at)
  buffer.writeUInt32BE(value - high * 4_294_967_296, at + 4)
}

function malformed(what: string): KafkaError {
  return new KafkaError('', -1, `the broker's answer cannot be read: ${what}`, true)
}

// Java's toString of values as UTF-8, appended to one growing buffer: for sinks that write the text of each record. Half the cost of
// making the string and encoding it, since no string is made. Task threads.
import { javaString } from './java-string.ts'
import type { Schema } from './schema.ts'
import { wellFormed } from './well-formed.ts'

/** Buffer.write without its argument handling. */
interface Direct {
  utf8Write(text: string, offset: number): number
}

/** Longer strings are written by one native call, which then costs less than a loop. */
const LOOP_MAX = 64

/** Whole numbers up to here are divided by ten without error. */
const DIGITS_MAX = 2 ** 53 - 1
const DIGITS_BYTES_MAX = 24
/** Double.toString writes numbers between these without an exponent. */
const PLAIN_MIN = 1e-3
const PLAIN_MAX = 1e7
const [MINUS, POINT, ZERO] = [0x2d, 0x2e, 0x30]

export class JavaTextBuffer {
  #bytes: Buffer
  #length = 0

  /** @param capacity bytes at the start; it doubles as needed */
  constructor(capacity = 65_536) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity)
  }

  get length(): number {
    return this.#length
  }

  /** What was appended: a view, valid until the next append or clear. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
  }

  /** Room for `bytes` more behind `length`; `advance` tells how many were written there. */
  reserve(bytes: number): Buffer {
    if (this.#length + bytes > this.#bytes.length) this.#grow(bytes)
    return this.#bytes
  }

  /** Where `reserve` has its room. */
  get at(): number {
    return this.#length
  }

  advance(bytes: number): void {
    this.#length += bytes
  }

  appendText(text: string): void {
    this.#text(text)
  }

  /** The value's text, as javaString gives it. */
  append(value: unknown, schema: Schema | null = null): void {
    if (typeof value === 'string') this.#text(value)
    else if (schema === null && isPlainObject(value)) this.#object(value)
    else this.#text(javaString(value, schema))
  }

  appendByte(byte: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1)
    this.#bytes[this.#length++] = byte
  }

  #object(value: Record<string, unknown>): void {
    let isFirst = true
    for (const key in value) {
      if (isFirst) this.appendByte(0x7b)
      else {
        this.appendByte(0x2c)
        this.appendByte(0x20)
      }
      isFirst = false
      this.#text(key)
      this.appendByte(0x3d)
      const item = value[key]
      if (typeof item === 'string') this.#text(item)
      else if (typeof item === 'number') this.#number(item)
      else this.#text(javaString(item))
    }
    if (isFirst) this.appendByte(0x7b)
    this.appendByte(0x7d)
  }

  /** A number of schemaless data, digit by digit where that is exact; the rest by its text. */
  #number(value: number): void {
    const magnitude = Math.abs(value)
    if (Number.isInteger(value)) {
      if (magnitude <= DIGITS_MAX && !Object.is(value, -0)) return this.#digits(value < 0, magnitude, 0)
    } else if (magnitude >= PLAIN_MIN && magnitude < PLAIN_MAX) {
      // Two decimals that read back as the same number are its shortest text.
      const hundredths = Math.round(magnitude * 100)
      if (hundredths / 100 === magnitude) {
        const hasOne = hundredths % 10 === 0
        return this.#digits(value < 0, hasOne ? hundredths / 10 : hundredths, hasOne ? 1 : 2)
      }
    }
    this.#text(javaString(value))
  }

  /** Writes `digits`, a whole number up to DIGITS_MAX, with a point before its last `decimals` digits. */
  #digits(isNegative: boolean, digits: number, decimals: number): void {
    if (this.#length + DIGITS_BYTES_MAX > this.#bytes.length) this.#grow(DIGITS_BYTES_MAX)
    const bytes = this.#bytes
    if (isNegative) bytes[this.#length++] = MINUS
    let length = decimals + 1
    for (let power = 10 ** length; digits >= power; power *= 10) length++
    let at = this.#length + length + (decimals > 0 ? 1 : 0)
    this.#length = at
    let left = digits
    for (let i = 0; i < length; i++) {
      if (i === decimals && decimals > 0) bytes[--at] = POINT
      const next = Math.floor(left / 10)
      bytes[--at] = ZERO + (left - next * 10)
      left = next
    }
  }

  #text(text: string): void {
    const length = text.length
    // No UTF-16 unit needs more than three bytes.
    if (this.#length + length * 3 > this.#bytes.length) this.#grow(length * 3)
    const bytes = this.#bytes
    const at = this.#length
    if (length <= LOOP_MAX) {
      let i = 0
      for (; i < length; i++) {
        const c = text.charCodeAt(i)
        if (c > 0x7f) break
        bytes[at + i] = c
      }
      if (i === length) {
        this.#length = at + length
        return
      }
    }
    this.#length = at + (bytes as unknown as Direct).utf8Write(wellFormed(text), at)
  }

  #grow(needed: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + needed))
    this.#bytes.copy(bytes, 0, 0, this.#length)
    this.#bytes = bytes
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

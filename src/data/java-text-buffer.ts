// Java's toString of values as UTF-8, appended to one growing buffer: for sinks that write the text of each record. Half the cost of
// making the string and encoding it, since no string is made. Task threads.
import { javaString } from './java-string.ts'
import type { Schema } from './schema.ts'

/** Buffer.write without its argument handling. */
interface Direct {
  utf8Write(text: string, offset: number): number
}

/** Longer strings are written by one native call, which then costs less than a loop. */
const LOOP_MAX = 64

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
      this.#text(typeof item === 'string' ? item : javaString(item))
    }
    if (isFirst) this.appendByte(0x7b)
    this.appendByte(0x7d)
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
    this.#length = at + (bytes as unknown as Direct).utf8Write(text, at)
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

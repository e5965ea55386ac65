// Splits a stream of bytes into lines, as java.io.BufferedReader does: \n, \r\n or a lone \r ends a line; a \r that is the last
// byte so far waits for the next one. Keeps the bytes of an unfinished line; positions are bytes. Task threads, file source only.
import { isAscii } from 'node:buffer'
import { ConnectError } from '../../base/errors.ts'
import { formatBytes, MIB } from '../../base/units.ts'
import { latin1Slice, utf8Slice } from '../../kit/text-bytes.ts'

/** A line longer than this fails the task: no broker takes such a record, and memory must have a limit. */
export const LINE_BYTES_MAX = 16 * MIB
const CHUNK_BYTES = MIB
const LF = 10
const CR = 13

export class LineSplitter {
  readonly #name: string
  #buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  /** bytes [start, end) are read and not handed out; [start, lineEnds) holds whole lines only */
  #start = 0
  #end = 0
  #lineEnds = 0
  /** the whole lines as one string, where they are ASCII: then a line is a slice of it */
  #text: string | null = null
  #textStart = 0
  #hasCr = false
  /** position in the file of #start */
  #position: number

  constructor(name: string, position: number) {
    this.#name = name
    this.#position = position
  }

  /** the byte after the last line handed out */
  get position(): number {
    return this.#position
  }

  get hasLine(): boolean {
    return this.#start < this.#lineEnds
  }

  get pendingBytes(): number {
    return this.#end - this.#start
  }

  /** Room to read into. Only while there is no whole line left. */
  space(): { readonly buffer: Buffer; readonly offset: number; readonly length: number } {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end)
      this.#end -= this.#start
      this.#start = 0
      this.#lineEnds = 0
    }
    if (this.#end > LINE_BYTES_MAX) {
      throw new ConnectError(
        `${this.#name}: the line at byte ${this.#position} is longer than ${formatBytes(LINE_BYTES_MAX)}; is this a text file?`,
      )
    }
    if (this.#buffer.length - this.#end < CHUNK_BYTES / 2) {
      const larger = Buffer.allocUnsafe(this.#buffer.length * 2)
      this.#buffer.copy(larger, 0, 0, this.#end)
      this.#buffer = larger
    }
    return { buffer: this.#buffer, offset: this.#end, length: Math.min(CHUNK_BYTES, this.#buffer.length - this.#end) }
  }

  /** `length` bytes were read into the space. */
  filled(length: number): void {
    // The unfinished line was searched before; its last byte may be a \r that waited.
    const searched = Math.max(this.#start, this.#end - 1)
    this.#end += length
    const fresh = this.#buffer.subarray(searched, this.#end)
    this.#hasCr = fresh.includes(CR)
    let last = fresh.lastIndexOf(LF)
    if (this.#hasCr && fresh.length > 1) {
      const cr = fresh.lastIndexOf(CR, fresh.length - 2)
      if (cr > last) last = cr
    }
    this.#lineEnds = last < 0 ? this.#start : searched + last + 1
    const whole = this.#buffer.subarray(this.#start, this.#lineEnds)
    this.#text = whole.length > 0 && isAscii(whole) ? latin1Slice(whole, 0, whole.length) : null
    this.#textStart = this.#start
  }

  /** The next line without its end. Only while hasLine. */
  next(): string {
    const start = this.#start
    let stop: number
    let next: number
    if (this.#hasCr) {
      stop = start
      while (this.#buffer[stop] !== LF && this.#buffer[stop] !== CR) stop++
      next = this.#buffer[stop] === CR && this.#buffer[stop + 1] === LF ? stop + 2 : stop + 1
    } else {
      stop =
        this.#text === null
          ? this.#buffer.indexOf(LF, start)
          : this.#text.indexOf('\n', start - this.#textStart) + this.#textStart
      next = stop + 1
    }
    this.#start = next
    this.#position += next - start
    if (this.#text !== null) return this.#text.substring(start - this.#textStart, stop - this.#textStart)
    return utf8Slice(this.#buffer, start, stop)
  }

  /** What is left of a file that ended: a last line without an end, or null. A \r that waited ends it. */
  rest(): string | null {
    if (this.#start === this.#end) return null
    const stop = this.#buffer[this.#end - 1] === CR ? this.#end - 1 : this.#end
    const line = utf8Slice(this.#buffer, this.#start, stop)
    this.#position += this.#end - this.#start
    this.#start = this.#end
    this.#lineEnds = this.#end
    return line
  }
}

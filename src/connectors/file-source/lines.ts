// Splits a stream of bytes into lines, as java.io.BufferedReader does: \n, \r\n or a lone \r ends a line; a \r that is the last
// byte so far waits for the next one. Lines come as strings or as ranges of bytes. Keeps the bytes of an unfinished line; positions are bytes.
// Task threads, file source only.
import { isAscii, isUtf8 } from 'node:buffer'
import { ConnectError } from '../../base/errors.ts'
import { formatBytes, MIB } from '../../base/units.ts'
import { latin1Slice, utf8Slice } from '../../kit/text-bytes.ts'

/** A line longer than this fails the task: no broker takes such a record, and memory must have a limit. */
export const LINE_BYTES_MAX = 16 * MIB
const CHUNK_BYTES = MIB
const LF = 10
const CR = 13

/** Lines as bytes: line i is `buffer` from starts[i] to ends[i]; the line behind it begins at position positions[i] of the file. */
export interface LineRanges {
  readonly buffer: Buffer
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly positions: Float64Array
  readonly count: number
}

/** At a time; a poll may always give fewer lines than it is asked for. */
const RANGES_MAX = 16_384

export class LineSplitter {
  readonly #name: string
  #buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  /** bytes [start, end) are read and not handed out; [start, lineEnds) holds whole lines only */
  #start = 0
  #end = 0
  #lineEnds = 0
  /** the whole lines as one string, where they are ASCII: then a line is a slice of it; undefined: nobody has asked yet */
  #text: string | null | undefined = null
  #textStart = 0
  #hasCr = false
  /** position in the file of #start */
  #position: number
  readonly #starts = new Int32Array(RANGES_MAX)
  readonly #ends = new Int32Array(RANGES_MAX)
  readonly #positions = new Float64Array(RANGES_MAX)
  #isUtf8: boolean | null = null

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
    this.#text = undefined
    this.#isUtf8 = null
  }

  /** Whether the lines at hand are valid UTF-8: then their bytes are what their texts are written as. */
  get isUtf8(): boolean {
    this.#isUtf8 ??= isUtf8(this.#buffer.subarray(this.#start, this.#lineEnds))
    return this.#isUtf8
  }

  /** Up to `limit` lines. The result's arrays are filled again by the next call, its bytes move with the next space(). */
  ranges(limit: number): LineRanges {
    const starts = this.#starts
    const ends = this.#ends
    const positions = this.#positions
    const buffer = this.#buffer
    const base = this.#position - this.#start
    const max = Math.min(limit, RANGES_MAX)
    let count = 0
    let start = this.#start
    for (; count < max && start < this.#lineEnds; count++) {
      const stop = this.#hasCr ? this.#stopWithCr(start) : buffer.indexOf(LF, start)
      starts[count] = start
      ends[count] = stop
      start = stop + (buffer[stop] === CR && buffer[stop + 1] === LF ? 2 : 1)
      positions[count] = base + start
    }
    this.#start = start
    this.#position = base + start
    return { buffer, starts, ends, positions, count }
  }

  #stopWithCr(start: number): number {
    const buffer = this.#buffer
    let stop = start
    while (buffer[stop] !== LF && buffer[stop] !== CR) stop++
    return stop
  }

  #sliceText(): string | null {
    const whole = this.#buffer.subarray(this.#start, this.#lineEnds)
    this.#textStart = this.#start
    return whole.length > 0 && isAscii(whole) ? latin1Slice(whole, 0, whole.length) : null
  }

  /** The next line without its end. Only while hasLine. */
  next(): string {
    if (this.#text === undefined) this.#text = this.#sliceText()
    const start = this.#start
    let stop: number
    let next: number
    if (this.#hasCr) {
      stop = this.#stopWithCr(start)
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

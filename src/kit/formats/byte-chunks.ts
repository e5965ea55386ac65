// Bytes of a growing file as a list of chunks: nothing is copied when it grows, and small files stay small. Hot: text is written
// straight into the last chunk. Task threads; text and bytes formats.
import { KIB, MIB } from '../../base/units.ts'
import { utf8Write } from '../text-bytes.ts'
import { free } from './held-memory.ts'

const CHUNK_BYTES_MIN = 16 * KIB
const LF = 10

export class ByteChunks {
  #full: Buffer<ArrayBuffer>[] = []
  #last = Buffer.allocUnsafeSlow(CHUNK_BYTES_MIN)
  #used = 0
  #fullBytes = 0
  /** of full chunks' memory, what they do not fill */
  #unfilledBytes = 0

  get bytes(): number {
    return this.#fullBytes + this.#used
  }

  /** Memory that holds none of these. */
  get spareBytes(): number {
    return this.#unfilledBytes + this.#last.length - this.#used
  }

  /** Text and a newline. */
  appendLine(text: string): void {
    // UTF-8 takes at most three bytes a UTF-16 unit.
    const most = text.length * 3 + 1
    if (this.#last.length - this.#used < most) this.#more(most)
    const used = this.#used + utf8Write(this.#last, text, this.#used)
    this.#last[used] = LF
    this.#used = used + 1
  }

  append(bytes: Uint8Array): void {
    if (this.#last.length - this.#used < bytes.length) this.#more(bytes.length)
    this.#last.set(bytes, this.#used)
    this.#used += bytes.length
  }

  /** A buffer with room for so many bytes from `at` on. */
  reserve(bytes: number): Buffer {
    if (this.#last.length - this.#used < bytes) this.#more(bytes)
    return this.#last
  }

  get at(): number {
    return this.#used
  }

  advance(bytes: number): void {
    this.#used += bytes
  }

  appendText(text: string): void {
    this.reserve(text.length * 3)
    this.#used += utf8Write(this.#last, text, this.#used)
  }

  /** The bytes so far; the list is good until the next append. */
  chunks(): Buffer<ArrayBuffer>[] {
    return this.#used === 0 ? this.#full : [...this.#full, this.#last.subarray(0, this.#used)]
  }

  free(): void {
    for (const chunk of this.chunks()) free(chunk)
  }

  #more(room: number): void {
    if (this.#used > 0) {
      this.#full.push(this.#last.subarray(0, this.#used))
      this.#fullBytes += this.#used
      this.#unfilledBytes += this.#last.length - this.#used
    }
    this.#last = Buffer.allocUnsafeSlow(Math.max(Math.min(this.#last.length * 4, MIB), room))
    this.#used = 0
  }
}

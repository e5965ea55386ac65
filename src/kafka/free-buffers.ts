// Buffers that are done with, for the next ones: a fresh buffer of some 100 KB costs its page faults and the garbage collector's
// time, 20 to 40 ns a record. Runs in the thread of its producer or cluster; one each.

/** Of all buffers kept, where not said otherwise: what a few partitions have on their way. */
const FREE_BYTES_MAX = 4 << 20
/** Smaller answers of a broker are not worth it. */
export const REUSED_BYTES_MIN = 64 << 10

export class FreeBuffers {
  readonly #buffers: Buffer[] = []
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax = FREE_BYTES_MAX) {
    this.#bytesMax = bytesMax
  }

  /** One of at least that size and not far above it, or undefined. Its bytes are whatever they were. */
  take(bytes: number): Buffer | undefined {
    const at = this.#buffers.findLastIndex(buffer => buffer.length >= bytes && buffer.length <= bytes * 4)
    if (at < 0) return undefined
    const [buffer] = this.#buffers.splice(at, 1)
    this.#bytes -= buffer?.length ?? 0
    return buffer
  }

  /** Nobody reads or writes the buffer any more. */
  give(buffer: Buffer): void {
    if (buffer.length > this.#bytesMax) return
    this.#buffers.push(buffer)
    this.#bytes += buffer.length
    while (this.#bytes > this.#bytesMax) this.#bytes -= this.#buffers.shift()?.length ?? 0
  }

  /** Gives all of them to the garbage collector. */
  clear(): void {
    this.#buffers.length = 0
    this.#bytes = 0
  }
}

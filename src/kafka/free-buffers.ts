// Buffers of batches that the broker has, for the next ones: a fresh buffer of some 100 KB costs its page faults and the garbage collector's
// time, 20 to 40 ns a record. Runs in the producer's thread; one a producer.

/** Of all buffers kept: what a few partitions have on their way. */
const FREE_BYTES_MAX = 4 << 20

export class FreeBuffers {
  readonly #buffers: Buffer[] = []
  #bytes = 0

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
    if (buffer.length > FREE_BYTES_MAX) return
    this.#buffers.push(buffer)
    this.#bytes += buffer.length
    while (this.#bytes > FREE_BYTES_MAX) this.#bytes -= this.#buffers.shift()?.length ?? 0
  }
}

// Bytes written one after the other into a growing buffer. Task threads; Parquet pages and footers.

export class ByteWriter {
  #buffer: Buffer
  #used = 0

  constructor(bytes = 1024) {
    this.#buffer = Buffer.allocUnsafe(bytes)
  }

  get length(): number {
    return this.#used
  }

  /** What was written, in place: valid until the next write. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#used)
  }

  clear(): void {
    this.#used = 0
  }

  uint8(value: number): void {
    this.#ensure(1)
    this.#buffer[this.#used++] = value
  }

  uint32(value: number): void {
    this.#ensure(4)
    this.#used = this.#buffer.writeUInt32LE(value, this.#used)
  }

  /** LEB128 of an unsigned number below 2^53. */
  varint(value: number): void {
    this.#ensure(10)
    let rest = value
    while (rest > 127) {
      this.#buffer[this.#used++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#buffer[this.#used++] = rest
  }

  append(bytes: Uint8Array): void {
    this.#ensure(bytes.length)
    this.#buffer.set(bytes, this.#used)
    this.#used += bytes.length
  }

  /** Leaves room for a number that is known later; returns its place. */
  reserve(bytes: number): number {
    this.#ensure(bytes)
    this.#used += bytes
    return this.#used - bytes
  }

  setUint32(at: number, value: number): void {
    this.#buffer.writeUInt32LE(value, at)
  }

  #ensure(room: number): void {
    if (this.#buffer.length - this.#used >= room) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#used + room))
    this.#buffer.copy(larger, 0, 0, this.#used)
    this.#buffer = larger
  }
}

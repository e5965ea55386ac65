// Lines as UTF-8 bytes in one growing buffer, taken out in large pieces. Hot: one native call a line. Task threads, file sink only.
import { MIB } from '../../base/units.ts'
import { utf8Write } from '../../kit/text-bytes.ts'

const LF = 10

export class LineBuffer {
  #buffer = Buffer.allocUnsafe(MIB)
  #used = 0

  get bytes(): number {
    return this.#used
  }

  append(line: string): void {
    // UTF-8 takes at most three bytes a UTF-16 unit.
    const most = line.length * 3 + 1
    if (this.#buffer.length - this.#used < most) this.#grow(most)
    const used = this.#used + utf8Write(this.#buffer, line, this.#used)
    this.#buffer[used] = LF
    this.#used = used + 1
  }

  /** What waits, in place: valid until the next append or drop. */
  peek(): Buffer {
    return this.#buffer.subarray(0, this.#used)
  }

  /** Forgets the first bytes: they are written. */
  drop(bytes: number): void {
    this.#buffer.copyWithin(0, bytes, this.#used)
    this.#used -= bytes
  }

  #grow(room: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#used + room))
    this.#buffer.copy(larger, 0, 0, this.#used)
    this.#buffer = larger
  }
}

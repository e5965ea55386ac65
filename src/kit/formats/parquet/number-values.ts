// A column's numbers: 64-bit floats while every one is exact in them, bigints from the first int64 that is not. Hot. Task threads.
import { free, grownBigs, grownFloats } from '../held-memory.ts'

const FIRST_ROOM = 32

/** What goes to another thread. */
export interface PackedNumbers {
  readonly floats: Float64Array<ArrayBuffer>
  readonly bigs: BigInt64Array<ArrayBuffer> | null
  readonly count: number
}

export class NumberValues {
  #floats: Float64Array<ArrayBuffer> = new Float64Array(FIRST_ROOM)
  #bigs: BigInt64Array<ArrayBuffer> | null = null
  count = 0

  get bytes(): number {
    return this.count * 8
  }

  push(value: number): void {
    if (this.#bigs !== null) return this.pushBig(BigInt(value))
    if (this.count === this.#floats.length) {
      this.#floats = grownFloats(this.#floats, this.count * 2)
    }
    this.#floats[this.count++] = value
  }

  /** Numbers [from, to). */
  pushAll(numbers: Float64Array, from: number, to: number): void {
    if (this.#bigs !== null) {
      for (let i = from; i < to; i++) this.push(numbers[i]!)
      return
    }
    const count = this.count + to - from
    if (count > this.#floats.length) {
      this.#floats = grownFloats(this.#floats, Math.max(this.#floats.length * 2, count))
    }
    this.#floats.set(numbers.subarray(from, to), this.count)
    this.count = count
  }

  /** Within 64 bits. */
  pushBig(value: bigint): void {
    if (this.#bigs === null) {
      this.#bigs = new BigInt64Array(this.#floats.length)
      for (let i = 0; i < this.count; i++) this.#bigs[i] = BigInt(this.#floats[i]!)
      this.#floats = new Float64Array(0)
    }
    if (this.count === this.#bigs.length) {
      this.#bigs = grownBigs(this.#bigs, this.count * 2)
    }
    this.#bigs[this.count++] = value
  }

  /** From now on doubles: an integer beyond 2^53 becomes the nearest one. */
  toDoubles(): void {
    if (this.#bigs === null) return
    const bigs = this.#bigs
    this.#bigs = null
    this.#floats = new Float64Array(bigs.length)
    for (let i = 0; i < this.count; i++) this.#floats[i] = Number(bigs[i]!)
  }

  /** The arrays themselves: where they are transferred nothing may be asked of this object any more. */
  pack(): PackedNumbers {
    return { floats: this.#floats, bigs: this.#bigs, count: this.count }
  }

  static unpack({ floats, bigs, count }: PackedNumbers): NumberValues {
    const values = new NumberValues()
    values.#floats = floats
    values.#bigs = bigs
    values.count = count
    return values
  }

  free(): void {
    free(this.#floats)
    if (this.#bigs !== null) free(this.#bigs)
  }

  pop(): void {
    this.count--
  }

  at(index: number): number | bigint {
    return this.#bigs === null ? this.#floats[index]! : this.#bigs[index]!
  }

  /** The values as floats, or null where they are bigints. */
  floats(): Float64Array<ArrayBuffer> | null {
    return this.#bigs === null ? this.#floats.subarray(0, this.count) : null
  }

  bigs(): BigInt64Array<ArrayBuffer> | null {
    return this.#bigs?.subarray(0, this.count) ?? null
  }
}

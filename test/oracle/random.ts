// Choices from a seed: the same seed makes the same run. Main thread of `npm run test:oracle`.
import { prng } from '../../src/base/prng.ts'

export class Random {
  readonly #next: () => number

  /** @param stream which of the independent sequences of the seed: a case of its own can be made again alone */
  constructor(seed: number, stream = 0) {
    this.#next = prng((Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b)) >>> 0)
    this.#next()
  }

  /** 0 to `below` - 1 */
  int(below: number): number {
    return Math.floor(this.#next() * below)
  }

  between(least: number, most: number): number {
    return least + this.int(most - least + 1)
  }

  chance(share: number): boolean {
    return this.#next() < share
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)] as T
  }

  /** `count` different ones, or all where there are fewer */
  some<T>(list: readonly T[], count: number): T[] {
    const rest = [...list]
    const chosen: T[] = []
    while (chosen.length < count && rest.length > 0) chosen.push(...rest.splice(this.int(rest.length), 1))
    return chosen
  }

  times<T>(count: number, make: (index: number) => T): T[] {
    return Array.from({ length: count }, (_, index) => make(index))
  }

  /** any 64 bits */
  bits64(): bigint {
    return BigInt(this.int(65_536)) | (BigInt(this.int(2 ** 24)) << 16n) | (BigInt(this.int(2 ** 24)) << 40n)
  }
}

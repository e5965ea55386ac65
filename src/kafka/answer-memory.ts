// The memory of one fetch answer and of the indexes of its batches, counted by those who read from it: when the last one is done it serves the next answer. V8 counts
// fresh memory for each against the heap's limit: a quarter of the collections of a JSON -> Parquet task (decision 21). Runs in the fetcher's thread.
//
// Nobody need release: what is kept, or forgotten, is left to the garbage collector as any buffer. Who does release must hold no view any more.
import type { FreeBuffers } from './free-buffers.ts'

/** Smaller ones are not worth it; sizes are multiples of it, so that batches of like sizes share them. */
const INDEX_BYTES_MIN = 4 << 10

export class AnswerMemory {
  readonly #whole: Buffer
  readonly #free: FreeBuffers
  readonly #indexes: Buffer[] = []
  #users = 1

  /** @param bytes a view of memory that is nobody else's; its maker is the first user */
  constructor(bytes: Buffer, free: FreeBuffers) {
    this.#whole = Buffer.from(bytes.buffer as ArrayBuffer)
    this.#free = free
  }

  use(): void {
    this.#users++
  }

  /** For the index of a batch of this answer; its bytes are whatever they were. */
  indexMemory(bytes: number): ArrayBuffer {
    if (bytes < INDEX_BYTES_MIN) return new ArrayBuffer(bytes)
    const memory = this.#free.take(bytes) ?? Buffer.allocUnsafeSlow(Math.ceil(bytes / INDEX_BYTES_MIN) * INDEX_BYTES_MIN)
    this.#indexes.push(memory)
    return memory.buffer as ArrayBuffer
  }

  /** Once for each use, and once by the maker. */
  release(): void {
    this.#users--
    if (this.#users !== 0) return
    this.#free.give(this.#whole)
    for (const index of this.#indexes.splice(0)) this.#free.give(index)
  }

  /** Views of it were handed out to somebody who may keep them. */
  keep(): void {
    this.#users = Number.POSITIVE_INFINITY
  }
}

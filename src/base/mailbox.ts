// A mailbox between two stages of one thread (D5): holds messages in order, bounded by bytes; barriers weigh nothing and keep
// their place, so "everything before this has been handled" needs no locks. One reader, any number of writers.
import { assert } from './assert.ts'

interface Waiter {
  resolve(): void
}

export class Mailbox<M> {
  /** above this many bytes waiting, `ready` makes writers wait */
  readonly bytesMax: number
  readonly #bytesOf: (message: M) => number
  #queue: M[] = []
  #head = 0
  #bytes = 0
  #closed = false
  #reader: Waiter | null = null
  #writers: Waiter[] = []

  /**
   * @param bytesMax above this many bytes waiting, `ready` makes writers wait. One message may overshoot, so that a message
   *   larger than the limit can still pass
   * @param bytesOf weight of a message; 0 for barriers
   */
  constructor(bytesMax: number, bytesOf: (message: M) => number) {
    this.bytesMax = bytesMax
    this.#bytesOf = bytesOf
  }

  get bytes(): number {
    return this.#bytes
  }

  get length(): number {
    return this.#queue.length - this.#head
  }

  get isFull(): boolean {
    return this.#bytes >= this.bytesMax
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Appends without waiting. Writers of data call `ready` first; barriers never wait. */
  push(message: M): void {
    assert(!this.#closed, 'push into a closed mailbox')
    this.#queue.push(message)
    this.#bytes += this.#bytesOf(message)
    this.#reader?.resolve()
    this.#reader = null
  }

  /** Settles when there is room (or the mailbox closed). */
  ready(): Promise<void> {
    if (!this.isFull || this.#closed) return Promise.resolve()
    return new Promise(resolve => this.#writers.push({ resolve }))
  }

  /** The next message, left in place, or undefined. */
  peek(): M | undefined {
    return this.#queue[this.#head]
  }

  /** The next message without waiting, or undefined. */
  shift(): M | undefined {
    if (this.#head >= this.#queue.length) return undefined
    const message = this.#queue[this.#head] as M
    this.#queue[this.#head] = undefined as M
    this.#head++
    if (this.#head > 64 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    this.#bytes -= this.#bytesOf(message)
    if (!this.isFull) this.#wakeWriters()
    return message
  }

  /** Settles when a message waits or the mailbox is closed. One reader only. */
  readable(): Promise<void> {
    if (this.length > 0 || this.#closed) return Promise.resolve()
    assert(this.#reader === null, 'a mailbox has one reader')
    return new Promise(resolve => {
      this.#reader = { resolve }
    })
  }

  /** Drops the messages for which `drop` holds and returns how many. */
  discard(drop: (message: M) => boolean): number {
    const kept: M[] = []
    let dropped = 0
    for (let i = this.#head; i < this.#queue.length; i++) {
      const message = this.#queue[i] as M
      if (drop(message)) {
        dropped++
        this.#bytes -= this.#bytesOf(message)
      } else kept.push(message)
    }
    this.#queue = kept
    this.#head = 0
    if (!this.isFull) this.#wakeWriters()
    return dropped
  }

  /** No more messages are taken; the reader may still drain what is there. */
  close(): void {
    this.#closed = true
    this.#reader?.resolve()
    this.#reader = null
    this.#wakeWriters()
  }

  #wakeWriters(): void {
    if (this.#writers.length === 0) return
    const writers = this.#writers
    this.#writers = []
    for (const writer of writers) writer.resolve()
  }
}

// What a sink task may hold in memory: fetched and waiting bytes have a share of their own, the sink's un-flushed bytes the rest, and together
// they stay within the budget. Task thread; SinkRunner asks it before each fetch.
//
// A sink keeps to its share by itself where it can (context.bufferBytesMax). One that cannot is asked for a commit, whose preCommit is where
// sinks flush; fetching waits for that. What it still holds then it needs to go on, so one fetch goes out, and it is asked again.

export interface BudgetOptions {
  /** task.buffer.memory.bytes */
  readonly bytesMax: number
  /** sink.buffer.max.bytes */
  readonly queueBytesMax: number
}

/** The queue takes at most this share of the budget. */
const QUEUE_SHARE_MAX = 1 / 2

export class MemoryBudget {
  readonly bytesMax: number
  /** fetched and waiting bytes */
  readonly queueBytesMax: number
  /** what the sink may hold */
  readonly sinkBytesMax: number
  #sinkBytes = 0
  #relief: 'none' | 'asked' | 'given' = 'none'

  constructor({ bytesMax, queueBytesMax }: BudgetOptions) {
    this.bytesMax = bytesMax
    this.queueBytesMax = Math.min(queueBytesMax, Math.floor(bytesMax * QUEUE_SHARE_MAX))
    this.sinkBytesMax = bytesMax - this.queueBytesMax
  }

  /** context.reportBufferedBytes */
  holds(sinkBytes: number): void {
    this.#sinkBytes = sinkBytes
    if (sinkBytes < this.bytesMax) this.#relief = 'none'
  }

  /** @param queuedBytes fetched and not put yet */
  mayFetch(queuedBytes: number): boolean {
    if (queuedBytes + this.#sinkBytes < this.bytesMax) return queuedBytes < this.queueBytesMax
    return queuedBytes === 0 && this.#relief === 'given'
  }

  /** True once where only the sink can make room: then a commit is to be asked for. */
  needsCommit(queuedBytes: number): boolean {
    if (queuedBytes > 0 || this.#sinkBytes < this.bytesMax || this.#relief !== 'none') return false
    this.#relief = 'asked'
    return true
  }

  /** preCommit was called: what the sink holds now it keeps. */
  committed(): void {
    if (this.#relief === 'asked') this.#relief = 'given'
  }

  /** Something was fetched after all. */
  fetched(): void {
    this.#relief = 'none'
  }
}

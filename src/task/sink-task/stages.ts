// What travels between the stages of a sink task (D5), and the turn-taking they share on one thread.
import { type Clock, yieldToEventLoop } from '../../base/clock.ts'
import type { ColumnBatch } from '../../data/columns.ts'
import type { SinkRecord } from '../../data/record.ts'
import type { RawBatch } from '../../kafka/types.ts'
import type { Held } from './assignment.ts'

/** Fetcher to converter: a batch as it came. */
export interface Fetched {
  readonly held: Held
  readonly generation: number
  readonly batch: RawBatch
}

/** Converter to deliverer: records of one partition, in offset order. */
export interface Converted {
  readonly held: Held
  readonly generation: number
  readonly batch: RawBatch
  /** empty where `columns` holds them */
  readonly records: readonly SinkRecord[]
  readonly columns: ColumnBatch | null
  /** offset after the last record looked at, dropped ones included */
  readonly nextOffset: number
  readonly bytes: number
}

/** True where the partition was revoked or rewound since the message was made. */
export function isStale(message: { readonly held: Held; readonly generation: number }): boolean {
  return message.generation !== message.held.generation
}

/** A stage gives the thread back after this long: heartbeats, sockets and timers live on the same event loop. */
const TURN_MS_MAX = 20

export class Turns {
  readonly #clock: Clock
  #startedMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedMs = clock.monotonicMs()
  }

  get isOver(): boolean {
    return this.#clock.monotonicMs() - this.#startedMs >= TURN_MS_MAX
  }

  async next(): Promise<void> {
    await yieldToEventLoop()
    this.#startedMs = this.#clock.monotonicMs()
  }
}

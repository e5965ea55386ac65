// Second stage of a sink task: raw batches to records, through the chain, in chunks of at most one put. Task thread.
// The loop is synchronous (D4); only a failed record, a full mailbox or the end of a turn awaits.
import type { MetricsSlab } from '../../actor/metrics-slab.ts'
import type { Clock } from '../../base/clock.ts'
import { toError } from '../../base/errors.ts'
import type { Mailbox } from '../../base/mailbox.ts'
import type { SinkRecord } from '../../data/record.ts'
import type { RawBatch } from '../../kafka/types.ts'
import type { Chain } from '../chain.ts'
import type { ColumnPath } from '../column-path.ts'
import { sinkOrigin } from '../origin.ts'
import { SKIPPED, type Tolerance } from '../tolerance.ts'
import { type Converted, type Fetched, isStale, type Turns } from './stages.ts'

export interface ConverterOptions {
  readonly inbox: Mailbox<Fetched>
  readonly outbox: Mailbox<Converted>
  readonly chain: Chain
  /** null: records go the row path only */
  readonly columnPath: ColumnPath | null
  readonly tolerance: Tolerance
  readonly turns: Turns
  readonly clock: Clock
  readonly metrics: MetricsSlab
  /** records a put may hold (max.poll.records) */
  readonly chunkRecordsMax: number
  /** after each chunk: wakes the deliverer */
  onConverted(): void
  /** after each batch left the inbox: the fetcher may have room again */
  onTaken(): void
}

export class ConverterStage {
  readonly #options: ConverterOptions
  #thrown: unknown = undefined
  #hasThrown = false

  constructor(options: ConverterOptions) {
    this.#options = options
  }

  /** Runs until the inbox is closed. Rejects where a failure is not tolerated. */
  async run(): Promise<void> {
    const { inbox, onTaken } = this.#options
    for (;;) {
      const message = inbox.shift()
      if (message === undefined) {
        if (inbox.isClosed) return
        await inbox.readable()
        continue
      }
      await this.#convert(message)
      onTaken()
    }
  }

  async #convert(message: Fetched): Promise<void> {
    const { outbox, turns, columnPath, chunkRecordsMax, metrics, clock, onConverted } = this.#options
    const { batch } = message
    let i = 0
    do {
      if (isStale(message)) return
      if (columnPath !== null) {
        // What was read before must be on its way: the reader fills two sets of columns in turn.
        await outbox.ready()
        if (outbox.isClosed || isStale(message)) return
        const taken = this.#pushColumns(message, columnPath, i)
        i += taken
        if (taken > 0) {
          if (turns.isOver) await turns.next()
          continue
        }
      }
      // Records hold views of the answer, and their task may keep them.
      batch.memory?.keep()
      const records: SinkRecord[] = []
      const from = i
      const startedMs = clock.monotonicMs()
      i = this.#convertSome(batch, i, records, Math.min(columnPath?.rowsFirst ?? chunkRecordsMax, chunkRecordsMax))
      metrics.add('convertTimeMs', clock.monotonicMs() - startedMs)
      if (this.#hasThrown) {
        const recovered = await this.#recover(batch, i)
        if (recovered !== null) records.push(recovered)
        i++
      }
      const taken = i - from
      metrics.add('recordsRead', taken)
      metrics.add('recordsFiltered', taken - records.length)
      await outbox.ready()
      if (outbox.isClosed || isStale(message)) return
      const bytes = bytesOf(batch, taken)
      const { held, generation } = message
      outbox.push({ held, generation, batch, records, columns: null, nextOffset: offsetAt(batch, i), bytes })
      onConverted()
      if (turns.isOver) await turns.next()
    } while (i < batch.count)
    batch.memory?.release()
  }

  /** Reads columns from record `from` on; returns how many records they hold, 0 where the first one must go the row path. */
  #pushColumns(message: Fetched, path: ColumnPath, from: number): number {
    const { outbox, metrics, clock, chunkRecordsMax, onConverted } = this.#options
    const { batch, held, generation } = message
    const startedMs = clock.monotonicMs()
    const read = path.read(batch, from, chunkRecordsMax)
    metrics.add('convertTimeMs', clock.monotonicMs() - startedMs)
    if (read === null) return 0
    const { columns, taken } = read
    metrics.add('recordsRead', taken)
    metrics.add('recordsFiltered', taken - columns.count)
    batch.memory?.use()
    // Weighs as much as the outbox takes: one at a time may wait there.
    const bytes = Math.max(bytesOf(batch, taken), outbox.bytesMax)
    outbox.push({ held, generation, batch, records: [], columns, nextOffset: offsetAt(batch, from + taken), bytes })
    onConverted()
    return taken
  }

  /** Converts from record `from` until `records` is full; returns the index after the last one, or of the one that threw. */
  #convertSome(batch: RawBatch, from: number, records: SinkRecord[], recordsMax: number): number {
    const { chain } = this.#options
    let i = from
    this.#hasThrown = false
    try {
      for (; i < batch.count && records.length < recordsMax; i++) {
        const record = chain.sink(batch, i)
        if (record !== null) records.push(record)
      }
    } catch (error) {
      this.#hasThrown = true
      this.#thrown = error
    }
    return i
  }

  async #recover(batch: RawBatch, i: number): Promise<SinkRecord | null> {
    const { chain, tolerance } = this.#options
    const where = () => ({ stage: chain.stage, className: chain.className })
    const failure = { ...where(), error: toError(this.#thrown), origin: sinkOrigin(batch, i) }
    const result = await tolerance.recover(failure, where, () => chain.sink(batch, i))
    return result === SKIPPED ? null : result
  }
}

/** The share of the batch's bytes that so many records have. */
function bytesOf(batch: RawBatch, records: number): number {
  return batch.count === 0 ? 0 : Math.ceil((batch.bytes * records) / batch.count)
}

/** Where reading goes on before record `i`. */
function offsetAt(batch: RawBatch, i: number): number {
  return i >= batch.count ? batch.nextOffset : (batch.index.offsets[i] as number)
}

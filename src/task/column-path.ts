// The record path by columns (D3): from the bytes of neighbouring records to what the sink's putColumns takes, where converter, every SMT and
// the sink offer it. What does not fit goes the row path, which is the oracle: same values, same errors. Task threads; used by the converter stage.
import type { ColumnReader, DocumentRanges } from '../api/converter.ts'
import type { SinkTask } from '../api/sink-task.ts'
import type { ColumnStep } from '../api/transformation.ts'
import { DataError } from '../base/errors.ts'
import { ColumnBatch, ROWS_MAX } from '../data/columns.ts'
import type { RawBatch } from '../kafka/types.ts'
import type { Chain } from './chain.ts'

interface Step {
  readonly change: ColumnStep
  /** whether the batch is changed at all */
  readonly applies: ((batch: ColumnBatch) => boolean) | null
}

/** Fewer records at a time are not worth trying columns after each that did not fit. */
const WORTHWHILE = 64
const ROWS_FIRST_MAX = 512

export class ColumnPath {
  readonly #chain: Chain
  readonly #task: SinkTask
  readonly #reader: ColumnReader
  readonly #steps: readonly Step[]
  /** records that go the row path after one that did not fit, before columns are tried again: more where they seldom help */
  rowsFirst = 1
  #documents: { readonly batch: RawBatch; readonly ranges: DocumentRanges } | null = null

  private constructor(chain: Chain, task: SinkTask, reader: ColumnReader, steps: readonly Step[]) {
    this.#chain = chain
    this.#task = task
    this.#reader = reader
    this.#steps = steps
  }

  /** Null where converters, an SMT or the sink have no column form. */
  static of(chain: Chain, task: SinkTask): ColumnPath | null {
    const { key, value, header } = chain.parts
    // Keys and headers are not converted: nobody sees them, and none can be bad.
    if (task.putColumns === undefined || key.converter.neverFails !== true || header.converter.neverFails !== true) return null
    const steps: Step[] = []
    for (const { transform, predicate, negate } of chain.parts.steps) {
      const change = transform.columns?.() ?? null
      const test = predicate?.columns?.() ?? null
      if (change === null || (predicate !== null && test === null)) return null
      steps.push({ change, applies: test === null ? null : batch => test(batch) !== negate })
    }
    const reader = value.converter.columns?.() ?? null
    return reader === null ? null : new ColumnPath(chain, task, reader, steps)
  }

  /** Batches read before may still wait, in another order than they were read: a partition's were discarded. */
  renew(): void {
    this.#reader.renew()
  }

  /** Records `from` on, as many as go together (at most `countMax`), after all SMTs; null where the first one must go the row path. */
  read(batch: RawBatch, from: number, countMax = ROWS_MAX): { readonly columns: ColumnBatch; readonly taken: number } | null {
    const to = Math.min(batch.count, from + countMax)
    const columns = this.#task.takesColumns === false ? null : this.#columnsOf(batch, from, to)
    const taken = columns?.taken ?? 0
    this.rowsFirst = taken >= WORTHWHILE ? 1 : Math.min(this.rowsFirst * 2, ROWS_FIRST_MAX)
    return columns
  }

  #columnsOf(batch: RawBatch, from: number, to: number): { readonly columns: ColumnBatch; readonly taken: number } | null {
    const values = this.#reader.read(this.#rangesOf(batch), from, to)
    if (values === null) return null
    const taken = values.count
    const { topic, partition, timestampType, index } = batch
    const columns = new ColumnBatch(
      topic,
      partition,
      timestampType,
      index.offsets.subarray(from, from + taken),
      index.timestamps.subarray(from, from + taken),
      values,
      row => {
        batch.memory?.keep()
        return this.#chain.sink(batch, from + row)
      },
    )
    try {
      for (const { change, applies } of this.#steps) {
        if (applies !== null && !applies(columns)) continue
        if (!change(columns)) return null
      }
    } catch (error) {
      // The row path says of which record.
      if (error instanceof DataError) return null
      throw error
    }
    return { columns, taken }
  }

  #rangesOf(batch: RawBatch): DocumentRanges {
    if (this.#documents?.batch === batch) return this.#documents.ranges
    const ranges = { buffer: batch.buffer, starts: batch.index.valueStart, lengths: batch.index.valueLength }
    this.#documents = { batch, ranges }
    return ranges
  }
}

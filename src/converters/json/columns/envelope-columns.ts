// JSON in envelopes as columns: records whose envelope is one that was met before (D11) have their payloads read together. The row path learns
// envelopes: the first record of each goes there. Task threads; one a converter with schemas.enable.
import type { ColumnReader, DocumentRanges } from '../../../api/converter.ts'
import { type ColumnValues, ROWS_MAX } from '../../../data/columns.ts'
import { type Envelope, type EnvelopeCache, fits } from '../envelope-cache.ts'
import { JsonColumns } from './json-columns.ts'
import { SchemaColumns } from './schema-columns.ts'

export class EnvelopeColumns implements ColumnReader {
  readonly #envelopes: EnvelopeCache
  readonly #payloads = new JsonColumns({ isWhole: true })
  readonly #schemas = new SchemaColumns()
  readonly #starts = new Int32Array(ROWS_MAX)
  readonly #lengths = new Int32Array(ROWS_MAX)

  constructor(envelopes: EnvelopeCache) {
    this.#envelopes = envelopes
  }

  read(documents: DocumentRanges, from: number, to: number): ColumnValues | null {
    const { buffer, starts, lengths } = documents
    if (lengths[from]! <= 0) return null
    const envelope = this.#envelopes.find(buffer, starts[from]!, starts[from]! + lengths[from]!)
    if (envelope === undefined) return null
    const count = this.#sharing(envelope, documents, from, Math.min(to, from + ROWS_MAX))
    const values = this.#payloads.read({ buffer, starts: this.#starts, lengths: this.#lengths }, 0, count)
    if (values === null || envelope.schema === null) return values
    return this.#schemas.conform(values, envelope.schema)
  }

  renew(): void {
    this.#payloads.renew()
  }

  /** How many records from `from` on are in this envelope; their payloads' places are in the arrays then. */
  #sharing(envelope: Envelope, { buffer, starts, lengths }: DocumentRanges, from: number, to: number): number {
    const { head, tail } = envelope
    const around = head.length + tail.length
    let count = 0
    for (let i = from; i < to; i++) {
      const start = starts[i]!
      const length = lengths[i]!
      if (length <= 0 || !fits(envelope, buffer, start, start + length)) break
      this.#starts[count] = start + head.length
      this.#lengths[count++] = length - around
    }
    return count
  }
}

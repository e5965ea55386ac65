// The same documents as records (the row path) and as column batches with records between them where columns do not serve. Main thread of a test.
import type { DocumentRanges } from '../../src/api/converter.ts'
import type { JsonColumns } from '../../src/converters/json/columns/json-columns.ts'
import { JsonConverter } from '../../src/converters/json/json-converter.ts'
import { ColumnBatch } from '../../src/data/columns.ts'
import { NO_HEADERS } from '../../src/data/headers.ts'
import type { SinkRecord } from '../../src/data/record.ts'
import { sinkRecord } from './task-contexts.ts'

export type Piece = { readonly batch: ColumnBatch } | { readonly record: SinkRecord }

export function jsonConverter(): JsonConverter {
  const converter = new JsonConverter()
  converter.configure({ 'schemas.enable': 'false' })
  return converter
}

const converter = jsonConverter()

/** The record of document `i`, or null where it is none. */
export function recordOf({ buffer, starts, lengths }: DocumentRanges, i: number): SinkRecord | null {
  if (lengths[i]! < 0) return null
  try {
    return sinkRecord(i, converter.toConnectDataAt('t', buffer, starts[i]!, starts[i]! + lengths[i]!, NO_HEADERS).value)
  } catch {
    return null
  }
}

export function recordsOf(documents: DocumentRanges): SinkRecord[] {
  return Array.from(documents.lengths, (_, i) => recordOf(documents, i)).filter(record => record !== null)
}

/** The same records in the same order. A batch is valid until the one after the next is taken. */
export function* piecesOf(reader: JsonColumns, documents: DocumentRanges): Generator<Piece> {
  const count = documents.lengths.length
  const offsets = Float64Array.from({ length: count }, (_, i) => i)
  const timestamps = new Float64Array(count).fill(1_700_000_000_000)
  for (let i = 0; i < count; ) {
    const from = i
    const values = reader.read(documents, from, count)
    if (values === null) {
      const record = recordOf(documents, i++)
      if (record !== null) yield { record }
      continue
    }
    const [at, times] = [offsets.subarray(from), timestamps.subarray(from)]
    yield { batch: new ColumnBatch('t', 0, 'CreateTime', at, times, values, row => recordOf(documents, from + row)) }
    i += values.count
  }
}

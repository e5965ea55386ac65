// The same documents as records (the row path) and as column batches with records between them where columns do not serve. Main thread of a test.
import type { ColumnReader, Converter, DocumentRanges } from '../../src/api/converter.ts'
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

/** The record of document `i`, or null where it is none. @param first offset of the first document */
export function recordOf(
  { buffer, starts, lengths }: DocumentRanges,
  i: number,
  first = 0,
  by: Converter = converter,
): SinkRecord | null {
  if (lengths[i]! < 0) return null
  try {
    const { schema, value } = by.toConnectData('t', buffer.subarray(starts[i]!, starts[i]! + lengths[i]!), NO_HEADERS)
    return sinkRecord(first + i, value, { valueSchema: schema })
  } catch {
    return null
  }
}

export function recordsOf(documents: DocumentRanges, first = 0, by: Converter = converter): SinkRecord[] {
  return Array.from(documents.lengths, (_, i) => recordOf(documents, i, first, by)).filter(record => record !== null)
}

/** The same records in the same order. A batch is valid until the one after the next is taken. */
export function* piecesOf(
  reader: ColumnReader,
  documents: DocumentRanges,
  first = 0,
  by: Converter = converter,
): Generator<Piece> {
  const count = documents.lengths.length
  const offsets = Float64Array.from({ length: count }, (_, i) => first + i)
  const timestamps = offsets.map(offset => 1_700_000_000_000 + offset)
  for (let i = 0; i < count; ) {
    const from = i
    const values = reader.read(documents, from, count)
    if (values === null) {
      const record = recordOf(documents, i++, first, by)
      if (record !== null) yield { record }
      continue
    }
    const [at, times] = [offsets.subarray(from), timestamps.subarray(from)]
    yield {
      batch: new ColumnBatch('events', 0, 'CreateTime', at, times, values, row => recordOf(documents, from + row, first, by)),
    }
    i += values.count
  }
}

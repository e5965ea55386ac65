// Holds a column reader against the row path's converter, document by document. Main thread of a test.
import assert from 'node:assert/strict'
import type { ColumnReader, DocumentRanges } from '../../src/api/converter.ts'
import type { JsonConverter } from '../../src/converters/json/json-converter.ts'
import { ColumnBatch } from '../../src/data/columns.ts'
import { NO_HEADERS } from '../../src/data/headers.ts'
import { schemaEquals } from '../../src/data/schema-equality.ts'
import { Struct } from '../../src/data/struct.ts'
import { jsonConverter } from './column-batches.ts'

export interface Compared {
  documents: number
  byColumns: number
  /** by both */
  refused: number
  /** objects that the column reader left to the row path for no reason but its limits */
  left: number
}

const FAILED = Symbol('failed')
const SCHEMALESS = jsonConverter()

function byRow(rows: JsonConverter, { buffer, starts, lengths }: DocumentRanges, i: number): unknown {
  if (lengths[i]! < 0) return null
  try {
    return rows.toConnectDataAt('t', buffer, starts[i]!, starts[i]! + lengths[i]!, NO_HEADERS).value
  } catch {
    return FAILED
  }
}

/** Throws with the document where the two differ. */
export function compareColumns(reader: ColumnReader, documents: DocumentRanges, seed: number, rows = SCHEMALESS): Compared {
  const count = documents.lengths.length
  const result = { documents: count, byColumns: 0, refused: 0, left: 0 }
  for (let i = 0; i < count; ) {
    const values = reader.read(documents, i, count)
    if (values === null) {
      const value = byRow(rows, documents, i)
      if (value === FAILED) result.refused++
      else if (typeof value === 'object' && value?.constructor === Object) result.left++
      i++
      continue
    }
    const batch = new ColumnBatch(
      't',
      0,
      'CreateTime',
      new Float64Array(values.count),
      new Float64Array(values.count),
      values,
      () => null,
    )
    for (let row = 0; row < values.count; row++, i++) {
      const expected = byRow(rows, documents, i)
      const found = batch.valueAt(row)
      if (isSame(found, expected)) continue
      const start = documents.starts[i]!
      const text = JSON.stringify(documents.buffer.toString('latin1', start, start + documents.lengths[i]!))
      assert.deepStrictEqual(found, expected === FAILED ? 'the row path refuses this' : expected, `seed ${seed}: ${text}`)
      assert.fail(`seed ${seed}: order of keys, or a number's kind, in ${text}`)
    }
    result.byColumns += values.count
  }
  return result
}

/** The same value to the bit and to the order of keys. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  if (a instanceof Date || b instanceof Date) return a instanceof Date && b instanceof Date && Object.is(a.getTime(), b.getTime())
  if (a instanceof Struct || b instanceof Struct) {
    return a instanceof Struct && b instanceof Struct && schemaEquals(a.schema, b.schema) && isSame(a.values, b.values)
  }
  const keys = Object.keys(a)
  const others = Object.keys(b)
  if (keys.length !== others.length) return false
  return keys.every((key, i) => {
    const [x, y] = [a, b].map(object => Object.getOwnPropertyDescriptor(object, key)?.value as unknown)
    return key === others[i] && isSame(x, y)
  })
}

// Parquet's page index: where the pages of a column chunk are and which values they hold, so that a reader who looks for few rows reads few pages.
// Column indexes (bounds and nulls by page) and offset indexes (places) stand between the last row group and the footer, which knows where.
// https://github.com/apache/parquet-format/blob/master/PageIndex.md. Task threads.
import { boundsOf, type Extremes, isLess } from './bounds.ts'
import type { ColumnChunk, FileOutput } from './column-chunk.ts'
import type { Physical } from './leaf-type.ts'
import { binary, bool, i32, i64, list, struct, thriftBytes } from './thrift.ts'

export interface PagePlace {
  /** of its header */
  readonly offset: number
  /** header and compressed body */
  readonly bytes: number
  /** in its row group */
  readonly firstRow: number
}

export interface PageStatistics {
  /** entries that have a value */
  readonly defined: number
  readonly nulls: number
  readonly extremes: Extremes | null
}

interface Range {
  readonly offset: number
  readonly bytes: number
}

/** Where a chunk's indexes are in the file. */
export interface IndexPlaces {
  readonly offsetIndex: Range
  readonly columnIndex: Range | null
}

const UNORDERED = 0
const ASCENDING = 1
const DESCENDING = 2
const NOTHING = Buffer.alloc(0)

/** Null without pages, and where one has values without bounds: a reader would have to take it for one without values. */
export function columnIndex(pages: readonly PageStatistics[], physical: Physical): Uint8Array | null {
  if (pages.length === 0 || pages.some(({ defined, extremes }) => defined > 0 && extremes === null)) return null
  const bounds = pages.map(({ extremes }) => (extremes === null ? null : boundsOf(extremes, physical)))
  const bytes = thriftBytes([
    [1, list(pages.map(({ defined }) => bool(defined === 0)))],
    [2, list(bounds.map(bound => binary(bound?.min ?? NOTHING)))],
    [3, list(bounds.map(bound => binary(bound?.max ?? NOTHING)))],
    [4, i32(orderOf(pages.flatMap(({ extremes }) => extremes ?? [])))],
    [5, list(pages.map(({ nulls }) => i64(nulls)))],
  ])
  // A copy of its own size: it may go to another thread, and stays until the file ends.
  return new Uint8Array(bytes)
}

/** Of the pages with values. */
function orderOf(pages: readonly Extremes[]): number {
  let ascends = true
  let descends = true
  for (let i = 1; i < pages.length; i++) {
    const [before, after] = [pages[i - 1]!, pages[i]!]
    if (isLess(after.min, before.min) || isLess(after.max, before.max)) ascends = false
    if (isLess(before.min, after.min) || isLess(before.max, after.max)) descends = false
  }
  return ascends ? ASCENDING : descends ? DESCENDING : UNORDERED
}

const offsetIndex = (pages: readonly PagePlace[]): Buffer =>
  thriftBytes([
    [1, list(pages.map(({ offset, bytes, firstRow }) => struct([1, i64(offset)], [2, i32(bytes)], [3, i64(firstRow)])))],
  ])

/** @returns by row group and chunk */
export async function writePageIndexes(
  output: FileOutput,
  groups: readonly { readonly chunks: readonly ColumnChunk[] }[],
): Promise<IndexPlaces[][]> {
  const pieces: Uint8Array[] = []
  let end = output.offset
  const placed = (bytes: Uint8Array): Range => {
    pieces.push(bytes)
    end += bytes.length
    return { offset: end - bytes.length, bytes: bytes.length }
  }
  const columnIndexes = groups.map(({ chunks }) => chunks.map(chunk => chunk.columnIndex && placed(chunk.columnIndex)))
  const places = groups.map(({ chunks }, g) =>
    chunks.map((chunk, c) => ({ columnIndex: columnIndexes[g]?.[c] ?? null, offsetIndex: placed(offsetIndex(chunk.pages)) })),
  )
  await output.write(Buffer.concat(pieces))
  return places
}

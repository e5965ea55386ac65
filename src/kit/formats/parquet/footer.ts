// A Parquet file's footer: the schema as a flat list of elements, and where the column chunks of its row groups are. Task threads.
import { CODEC_NUMBER, type ParquetCodec } from './codec.ts'
import type { ColumnChunk } from './column-chunk.ts'
import type { LeafType, Physical } from './leaf-type.ts'
import type { Node } from './node.ts'
import type { IndexPlaces } from './page-index.ts'
import { binary, bool, i8, i16, i32, i64, list, struct, type ThriftValue, text, thriftBytes } from './thrift.ts'

export interface RowGroup {
  readonly rows: number
  readonly chunks: readonly ColumnChunk[]
}

interface IndexedRowGroup extends RowGroup {
  /** by chunk */
  readonly indexes: readonly IndexPlaces[]
}

const PHYSICAL_NUMBER: Readonly<Record<Physical, number>> = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED: 7,
}
const REQUIRED = 0
const OPTIONAL = 1
const REPEATED = 2
const CONVERTED_MAP = 1
const CONVERTED_LIST = 3
const NOTHING = struct()
const ORDINAL_MAX = 32_767

/** The older and the newer way to say what a column means. */
function meaningOf(type: LeafType): { converted: number | undefined; logical: ThriftValue | undefined } {
  const utcMillis = struct([1, bool(true)], [2, struct([1, NOTHING])])
  switch (type.meaning) {
    case 'none':
      return { converted: undefined, logical: undefined }
    case 'string':
      return { converted: 0, logical: struct([1, NOTHING]) }
    case 'decimal':
      return { converted: 5, logical: struct([5, struct([1, i32(type.scale ?? 0)], [2, i32(type.precision ?? 0)])]) }
    case 'date':
      return { converted: 6, logical: struct([6, NOTHING]) }
    case 'timeMs':
      return { converted: 7, logical: struct([7, utcMillis]) }
    case 'timestampMs':
      return { converted: 9, logical: struct([8, utcMillis]) }
    case 'int8':
      return { converted: 15, logical: struct([10, struct([1, i8(8)], [2, bool(true)])]) }
    case 'int16':
      return { converted: 16, logical: struct([10, struct([1, i8(16)], [2, bool(true)])]) }
  }
}

function leafElement(name: string, isOptional: boolean, type: LeafType): ThriftValue {
  const { converted, logical } = meaningOf(type)
  return struct(
    [1, i32(PHYSICAL_NUMBER[type.physical])],
    [2, type.fixedBytes === undefined ? undefined : i32(type.fixedBytes)],
    [3, i32(isOptional ? OPTIONAL : REQUIRED)],
    [4, text(name)],
    [6, converted === undefined ? undefined : i32(converted)],
    [7, type.scale === undefined ? undefined : i32(type.scale)],
    [8, type.precision === undefined ? undefined : i32(type.precision)],
    [10, logical],
  )
}

function groupElement(
  name: string,
  repetition: number | null,
  children: number,
  converted?: number,
  logical?: ThriftValue,
): ThriftValue {
  return struct(
    [3, repetition === null ? undefined : i32(repetition)],
    [4, text(name)],
    [5, i32(children)],
    [6, converted === undefined ? undefined : i32(converted)],
    [10, logical],
  )
}

/** The schema's elements, parents before children. */
function* elementsOf(node: Node): Generator<ThriftValue> {
  const repetition = node.isOptional ? OPTIONAL : REQUIRED
  switch (node.kind) {
    case 'leaf':
      yield leafElement(node.name, node.isOptional, node.type)
      return
    case 'group':
      yield groupElement(node.name, repetition, node.children.length)
      for (const child of node.children) yield* elementsOf(child)
      return
    case 'list':
      yield groupElement(node.name, repetition, 1, CONVERTED_LIST, struct([3, NOTHING]))
      yield groupElement('list', REPEATED, 1)
      return yield* elementsOf(node.element)
    case 'map':
      yield groupElement(node.name, repetition, 1, CONVERTED_MAP, struct([2, NOTHING]))
      yield groupElement('key_value', REPEATED, 2)
      yield* elementsOf(node.key)
      yield* elementsOf(node.value)
  }
}

function chunkStruct(chunk: ColumnChunk, index: IndexPlaces | undefined, codec: ParquetCodec): ThriftValue {
  const { bounds } = chunk
  const columnIndex = index?.columnIndex ?? undefined
  const start = chunk.dictionaryOffset ?? chunk.dataOffset
  return struct(
    [2, i64(start)],
    [
      3,
      struct(
        [1, i32(PHYSICAL_NUMBER[chunk.type.physical])],
        [2, list(chunk.encodings.map(i32))],
        [3, list(chunk.path.map(text))],
        [4, i32(CODEC_NUMBER[codec])],
        [5, i64(chunk.values)],
        [6, i64(chunk.bytes)],
        [7, i64(chunk.compressedBytes)],
        [9, i64(chunk.dataOffset)],
        [11, chunk.dictionaryOffset === null ? undefined : i64(chunk.dictionaryOffset)],
        [
          12,
          struct(
            [3, i64(chunk.nulls)],
            [5, bounds === null ? undefined : binary(bounds.max)],
            [6, bounds === null ? undefined : binary(bounds.min)],
          ),
        ],
      ),
    ],
    [4, index && i64(index.offsetIndex.offset)],
    [5, index && i32(index.offsetIndex.bytes)],
    [6, columnIndex && i64(columnIndex.offset)],
    [7, columnIndex && i32(columnIndex.bytes)],
  )
}

function groupStruct({ rows, chunks, indexes }: IndexedRowGroup, ordinal: number, codec: ParquetCodec): ThriftValue {
  const start = chunks[0]?.dictionaryOffset ?? chunks[0]?.dataOffset
  return struct(
    [1, list(chunks.map((chunk, i) => chunkStruct(chunk, indexes[i], codec)))],
    [2, i64(chunks.reduce((sum, chunk) => sum + chunk.bytes, 0))],
    [3, i64(rows)],
    [5, start === undefined ? undefined : i64(start)],
    [6, i64(chunks.reduce((sum, chunk) => sum + chunk.compressedBytes, 0))],
    [7, ordinal > ORDINAL_MAX ? undefined : i16(ordinal)],
  )
}

export function footerBytes(columns: readonly Node[], groups: readonly IndexedRowGroup[], codec: ParquetCodec): Buffer {
  const elements = [groupElement('schema', null, columns.length)]
  for (const column of columns) elements.push(...elementsOf(column))
  return thriftBytes([
    [1, i32(2)],
    [2, list(elements)],
    [3, i64(groups.reduce((sum, group) => sum + group.rows, 0))],
    [4, list(groups.map((group, i) => groupStruct(group, i, codec)))],
    [6, text('sluice')],
    // Bounds are in the order of the columns' types.
    [7, list((groups[0]?.chunks ?? []).map(() => struct([1, NOTHING])))],
  ])
}

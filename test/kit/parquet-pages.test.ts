// The page index says of each page where it is and what it holds: what an independent reader finds there is compared with the values that went
// in, and that reader, left to choose pages by it, finds the same rows as one that reads everything.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { asyncBufferFromFile, parquetMetadata, parquetReadObjects, readColumnIndex, readOffsetIndex } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { type ParquetOptions, parquetFormat } from '../../src/kit/formats/parquet/parquet-format.ts'
import { duckRows } from '../support/parquet-reading.ts'
import { sinkRecord } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

const ROWS = 50_000
const CITIES = ['Bern', 'Aachen', 'Čáslav', 'Delft'] as const
const NAN_ROWS = [20_000, 40_000] as const

interface Row {
  readonly up: number
  readonly down: number
  readonly mixed: number
  readonly city: string
  readonly name: string
  readonly flag: boolean
  readonly odd: number
  readonly late: number | null
  readonly list: readonly number[]
}

const rowAt = (i: number): Row => ({
  up: i,
  down: -i / 2,
  mixed: (i * 7919) % 100_003,
  // the first page has no Delft, the last neither Aachen nor Bern
  city: i < ROWS / 2 ? (CITIES[i % 3] ?? '') : i % 3 === 0 ? 'Čáslav' : 'Delft',
  name: `name ${i}`,
  flag: i % 2 === 0,
  // a page of nothing that compares
  odd: i >= NAN_ROWS[0] && i < NAN_ROWS[1] ? Number.NaN : i + 0.5,
  late: i < ROWS / 2 ? null : i,
  list: Array.from({ length: i % 4 }, (_, k) => i + k),
})

async function written(folder: string, rows: readonly object[], options: Partial<ParquetOptions> = {}): Promise<string> {
  const file = parquetFormat({ codec: 'snappy', ...options }).open('t')
  for (const [i, row] of rows.entries()) {
    file.append(sinkRecord(i, row))
    if (options.rowGroupBytes !== undefined && (file.groupBytes ?? 0) >= options.rowGroupBytes) await file.endGroup?.()
  }
  const pieces: Buffer[] = []
  await file.encode(async bytes => void pieces.push(Buffer.from(bytes)))
  const path = join(folder, `${Math.random()}.parquet`)
  writeFileSync(path, Buffer.concat(pieces))
  return path
}

interface PageFound {
  readonly firstRow: number
  readonly rows: number
  readonly offset: number
  readonly bytes: number
}

interface ChunkFound {
  readonly firstRow: number
  readonly name: string
  readonly pages: readonly PageFound[]
  readonly column: ReturnType<typeof readColumnIndex> | null
  readonly dataOffset: number
  readonly end: number
}

/** What hyparquet finds in the indexes. */
function chunksOf(path: string): ChunkFound[] {
  const bytes = readFileSync(path)
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  const { row_groups: groups, schema } = parquetMetadata(file)
  const reader = (offset: bigint | undefined, length: number | undefined) => ({
    view: new DataView(file, Number(offset), Number(length)),
    offset: 0,
  })
  let firstRow = 0
  return groups.flatMap(group => {
    const rows = Number(group.num_rows)
    const found = group.columns.map(chunk => {
      const meta = chunk.meta_data
      assert.ok(meta !== undefined)
      const { page_locations: places } = readOffsetIndex(reader(chunk.offset_index_offset, chunk.offset_index_length))
      const name = meta.path_in_schema.join('.')
      const element = schema.find(one => one.name === meta.path_in_schema.at(-1))
      assert.ok(element !== undefined)
      const hasColumn = chunk.column_index_offset !== undefined
      const column = hasColumn ? readColumnIndex(reader(chunk.column_index_offset, chunk.column_index_length), element) : null
      const pages = places.map((place, i) => ({
        firstRow: Number(place.first_row_index),
        rows: Number(places[i + 1]?.first_row_index ?? rows) - Number(place.first_row_index),
        offset: Number(place.offset),
        bytes: place.compressed_page_size,
      }))
      const start = Number(meta.dictionary_page_offset ?? meta.data_page_offset)
      const end = start + Number(meta.total_compressed_size)
      return { firstRow, name, pages, column, dataOffset: Number(meta.data_page_offset), end }
    })
    firstRow += rows
    return found
  })
}

type Comparable = number | string

/** What a page's part of the column index must be; null: the reader learns nothing of the column. */
function wantedOf(values: readonly (Comparable | null)[]) {
  const comparable = values.filter(value => value !== null && !Number.isNaN(value)) as Comparable[]
  const by = (a: Comparable, b: Comparable) => Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
  const sorted = comparable.toSorted((a, b) => (typeof a === 'number' ? a - Number(b) : by(a, b)))
  return {
    isNull: values.every(value => value === null),
    nulls: values.filter(value => value === null).length,
    min: sorted[0],
    max: sorted.at(-1),
  }
}

const plain = (value: unknown) => (typeof value === 'bigint' ? Number(value) : value)

for (const options of [{}, { dataPageVersion: 2 }, { rowGroupBytes: 2_000_000 }, { codec: 'none' }] as const) {
  test(`each page has its place, rows, nulls and bounds in the index: ${JSON.stringify(options)}`, async t => {
    const rows = Array.from({ length: ROWS }, (_, i) => rowAt(i))
    const path = await written(tempFolder(t), rows, options)
    const chunks = chunksOf(path)
    assert.ok(chunks.some(({ pages }) => pages.length > 1))
    for (const { name, firstRow, pages, column, dataOffset, end } of chunks) {
      assert.equal(pages[0]?.offset, dataOffset, name)
      for (const [i, page] of pages.entries()) assert.equal(page.offset + page.bytes, pages[i + 1]?.offset ?? end, `${name} ${i}`)
      assert.equal(pages[0]?.firstRow, 0)
      if (column === null) continue
      const field = name.split('.')[0] as keyof Row
      for (const [i, page] of pages.entries()) {
        const inPage = rows.slice(firstRow + page.firstRow, firstRow + page.firstRow + page.rows)
        const values = inPage.flatMap((row): (Comparable | null)[] => {
          if (field === 'list') return row.list.length === 0 ? [null] : [...row.list]
          return [row[field] as Comparable | null]
        })
        const wanted = wantedOf(values)
        const found: { isNull: boolean; nulls: number } = {
          isNull: column.null_pages[i] === true,
          nulls: Number(column.null_counts?.[i]),
        }
        assert.deepEqual(found, { isNull: wanted.isNull, nulls: wanted.nulls }, `${name} ${i}`)
        if (wanted.isNull) continue
        // 0 and -0 are one bound
        assert.deepEqual(
          [plain(column.min_values[i]), plain(column.max_values[i])].map(v => (v === 0 ? 0 : v)),
          [wanted.min, wanted.max].map(v => (v === 0 ? 0 : v)),
          `${name} ${i}`,
        )
      }
    }
  })
}

test('order of the pages is told, and columns whose pages have no bounds have no column index', async t => {
  const rows = Array.from({ length: ROWS }, (_, i) => rowAt(i))
  const chunks = new Map(chunksOf(await written(tempFolder(t), rows)).map(chunk => [chunk.name, chunk.column]))
  const orders = Object.fromEntries([...chunks].map(([name, column]) => [name, column?.boundary_order]))
  assert.deepEqual(orders, {
    up: 'ASCENDING',
    down: 'DESCENDING',
    mixed: 'UNORDERED',
    city: 'ASCENDING',
    name: undefined,
    flag: undefined,
    odd: undefined,
    late: 'ASCENDING',
    'list.list.element': 'ASCENDING',
  })
})

test('a reader that goes by the index finds the same rows and reads less', async t => {
  const rows = Array.from({ length: ROWS }, (_, i) => rowAt(i))
  const path = await written(tempFolder(t), rows, { rowGroupBytes: 4_000_000 })
  const file = await asyncBufferFromFile(path)
  for (const [filter, holds] of [
    [{ up: { $gte: 30_000, $lt: 30_010 } }, (row: Row) => row.up >= 30_000 && row.up < 30_010],
    [{ down: { $lt: -24_990 } }, (row: Row) => row.down < -24_990],
    [{ late: { $gt: 49_990 } }, (row: Row) => row.late !== null && row.late > 49_990],
    [{ city: { $eq: 'Aachen' } }, (row: Row) => row.city === 'Aachen'],
    [{ mixed: { $eq: 7919 * 3 } }, (row: Row) => row.mixed === 7919 * 3],
  ] as const) {
    let bytes = 0
    const counting = {
      byteLength: file.byteLength,
      slice(start: number, end?: number) {
        bytes += (end ?? file.byteLength) - start
        return file.slice(start, end)
      },
    }
    const reading = { file: counting, compressors, filter, filterStrict: false, columns: ['up', 'city', 'name'] }
    const found = await parquetReadObjects({ ...reading, usePageIndex: true })
    const indexed = bytes
    bytes = 0
    const all = await parquetReadObjects(reading)
    assert.deepEqual(found, all)
    assert.equal(found.length, rows.filter(holds).length)
    assert.ok(found.length > 0)
    if (!('mixed' in filter))
      assert.ok(indexed < bytes, `${JSON.stringify(filter)}: ${indexed} bytes, ${bytes} without the index`)
  }
  const [duck] = await duckRows(`SELECT count(*) n FROM '${path}' WHERE up >= 30000 AND up < 30010 AND city <> 'Aachen'`)
  assert.equal(Number(duck?.n), 10)
})

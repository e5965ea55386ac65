// Goal: files of several row groups are what independent readers say, whatever the codec and the version of their pages; and a file takes a record
// if, and only if, its columns stay as they are.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { JsonColumns } from '../../src/converters/json/columns/json-columns.ts'
import * as leafTypes from '../../src/kit/formats/parquet/leaf-type.ts'
import { emptyCopy, type Group, type Node } from '../../src/kit/formats/parquet/node.ts'
import { type ParquetOptions, parquetFormat } from '../../src/kit/formats/parquet/parquet-format.ts'
import { RecordColumns } from '../../src/kit/formats/parquet/record-columns.ts'
import { piecesOf, recordsOf } from '../support/column-batches.ts'
import { Documents } from '../support/json-documents.ts'
import { duckRows, hyparquetRows } from '../support/parquet-reading.ts'
import { sinkRecord } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

const OPTIONS: readonly ParquetOptions[] = (['none', 'snappy', 'gzip', 'zstd', 'lz4'] as const).flatMap(codec => [
  { codec, rowGroupBytes: 100_000, dataPageVersion: 1 },
  { codec, rowGroupBytes: 100_000, dataPageVersion: 2 },
])

for (const options of OPTIONS) {
  test(`row groups with codec ${options.codec} and data pages ${options.dataPageVersion} are read by DuckDB and hyparquet`, async t => {
    const format = parquetFormat(options)
    const file = format.open('t')
    const count = 20_000
    const values = Array.from({ length: count }, (_, i) => ({
      id: i,
      few: `v${i % 7}`,
      many: `value number ${i}`,
      half: (i % 50) / 2 + 0.25,
      zero: i % 2 === 0 ? 0.5 : -0.5,
      sparse: i % 1000 === 0 ? i + 0.25 : null,
      list: i % 3 === 0 ? [] : [i, i + 1],
      never: null,
      at: i % 4 === 0 ? null : { x: i % 9, y: [{ z: 'a' }] },
    }))
    let groups = 0
    for (const [i, value] of values.entries()) {
      const record = sinkRecord(i, value)
      assert.equal(file.fits?.(record), true)
      file.append(record)
      if ((file.groupBytes ?? 0) < 100_000) continue
      await file.endGroup?.()
      assert.ok((file.groupBytes ?? 0) < 1000)
      groups++
    }
    const pieces: Buffer[] = []
    await file.encode(async bytes => void pieces.push(Buffer.from(bytes)))
    const path = join(tempFolder(t), `f${format.extension}`)
    writeFileSync(path, Buffer.concat(pieces))
    assert.ok(groups > 5)
    const [meta] = await duckRows(
      `SELECT count(DISTINCT row_group_id) g, sum(DISTINCT row_group_num_rows * 100000 + row_group_id) >= 0 r FROM parquet_metadata('${path}')`,
    )
    assert.equal(meta?.g, String(groups + 1))
    const duck = await duckRows(`SELECT * FROM '${path}'`)
    assert.equal(duck.length, count)
    assert.deepEqual(duck[19_999], duckForm(values[19_999]))
    for (const [i, row] of duck.entries()) assert.deepEqual(row, duckForm(values[i]))
    // bounds are used, not misleading
    assert.deepEqual(await duckRows(`SELECT id FROM '${path}' WHERE id = 777 OR half = -1 OR few = 'w' OR sparse = 19000.25`), [
      { id: '777' },
      { id: '19000' },
    ])
    const rows = await hyparquetRows(path)
    assert.deepEqual(
      rows.map(row => [Number(row.id), row.few, row.many, row.half, row.sparse ?? null]),
      values.map(({ id, few, many, half, sparse }) => [id, few, many, half, sparse]),
    )
  })
}

/** DuckDB shows 64-bit integers as text. */
function duckForm(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value
  if (Array.isArray(value)) return value.map(duckForm)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, duckForm(item)]))
}

function shapeOf(node: Node): unknown {
  switch (node.kind) {
    case 'leaf':
      // text and JSON text look alike: told apart by identity
      return [node.name, Object.values(leafTypes).indexOf(node.type)]
    case 'group':
      return [node.name, node.children.map(shapeOf)]
    case 'list':
      return [node.name, shapeOf(node.element)]
    case 'map':
      return [node.name, shapeOf(node.key), shapeOf(node.value)]
  }
}

for (const seed of [1, 2, 3, 4]) {
  test(`after the first row group of seed ${seed} a file takes what leaves its columns as they are, by rows and by columns`, () => {
    const documents = new Documents(seed)
    const begun = new RecordColumns(null, null)
    for (const record of recordsOf(documents.batch(60, 0))) begun.append(record)
    const fixed = begun.next()
    const before = JSON.stringify(shapeOf(fixed.root))
    const counts = { taken: 0, refused: 0 }
    const holds = (record: Parameters<typeof fixed.holds>[0]): boolean => {
      const trial = new RecordColumns(null, emptyCopy(fixed.root) as Group)
      trial.append(record)
      const isSame = JSON.stringify(shapeOf(trial.root)) === before
      assert.equal(fixed.holds(record), isSame, inspect(record.value, { depth: 9 }))
      counts[isSame ? 'taken' : 'refused']++
      return isSame
    }
    const reader = new JsonColumns()
    for (let i = 0; i < 10; i++) {
      const batch = documents.batch(200, 0.01)
      const records = recordsOf(batch)
      for (const piece of piecesOf(reader, batch)) {
        if ('record' in piece) {
          holds(piece.record)
          records.shift()
          continue
        }
        const expected = records.splice(0, piece.batch.count).map(holds)
        for (let from = 0; from < expected.length; from += 17) {
          const first = expected.indexOf(false, from)
          assert.equal(fixed.fitting(piece.batch, from, expected.length), first < 0 ? expected.length : first)
        }
      }
    }
    assert.ok(counts.taken > 50 && counts.refused > 50, JSON.stringify(counts))
  })
}

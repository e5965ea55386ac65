// Real data with its flaws as Parquet: mixed types, nested features, and as many rows and sums as the source has.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { schemalessDouble } from '../../src/api/index.ts'
import { parquetFormat } from '../../src/kit/formats/parquet/parquet-format.ts'
import { duckRows, duckTypes } from '../support/parquet-reading.ts'
import { sinkRecord } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

const folder = fileURLToPath(new URL('../../node_modules/vega-datasets/data', import.meta.url))
/** As the JSON converter leaves values: doubles without a fraction keep apart from integers. */
const parse = (file: string): unknown =>
  JSON.parse(readFileSync(join(folder, file), 'utf8'), (_key, value, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined && /[.eE]/.test(context.source) ? schemalessDouble(value) : value,
  )

async function written(target: string, values: readonly unknown[]): Promise<string> {
  const encoder = parquetFormat({ codec: 'zstd' }).open('topic')
  values.forEach((value, i) => {
    encoder.append(sinkRecord(i, value))
  })
  const pieces: Buffer[] = []
  encoder.seal?.()
  await encoder.encode(async bytes => void pieces.push(Buffer.from(bytes)))
  const file = join(target, 'data.parquet')
  writeFileSync(file, Buffer.concat(pieces))
  return file
}

test('movies: titles that are numbers, gaps everywhere', async t => {
  const movies = parse('movies.json') as Record<string, unknown>[]
  const file = await written(tempFolder(t), movies)
  const types = await duckTypes(file)
  assert.equal(types.Title, 'VARCHAR')
  assert.equal(types['IMDB Rating'], 'DOUBLE')
  const budget = movies.reduce((sum, m) => sum + Number(m['Production Budget'] ?? 0), 0)
  const titled = movies.filter(m => m.Title !== null)
  const [found] = await duckRows(`SELECT count(*) n, count(Title) titles, sum("Production Budget")::BIGINT budget FROM '${file}'`)
  assert.deepEqual(found, { n: String(movies.length), titles: String(titled.length), budget: String(budget) })
  const mixed = titled.some(m => typeof m.Title !== 'string')
  const rows = await duckRows(`SELECT Title AS t FROM '${file}' WHERE Title IS NOT NULL`)
  assert.deepEqual(
    rows.map(r => (mixed ? JSON.parse(String(r.t)) : r.t)),
    titled.map(m => m.Title),
  )
})

test('earthquakes: nested features with coordinates in lists', async t => {
  const { features } = parse('earthquakes.json') as {
    features: { geometry: { coordinates: unknown[] }; properties: { mag: unknown } }[]
  }
  const file = await written(tempFolder(t), features)
  const [found] = await duckRows(
    `SELECT count(*) n, sum(len(geometry.coordinates)) c, round(sum(properties.mag), 3) mag, max(geometry.coordinates[3]) deep FROM '${file}'`,
  )
  const mags = features.reduce((sum, f) => sum + Number(f.properties.mag ?? 0), 0)
  assert.deepEqual(found, {
    n: String(features.length),
    c: String(features.reduce((sum, f) => sum + f.geometry.coordinates.length, 0)),
    mag: Number(mags.toFixed(3)),
    deep: Math.max(...features.map(f => Number(f.geometry.coordinates[2]))),
  })
})

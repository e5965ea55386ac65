// The lines that flow in chaos runs, made from their number alone so that whoever finds one can tell whether it is whole; and what of
// them is in a lake or in a sink's file. Main thread.
import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { query } from '../../scripts/quickstart/lake.ts'

export interface Found {
  /** rows or whole lines */
  readonly rows: number
  /** ids that are not there, as ranges "from-to" */
  readonly missing: readonly string[]
  readonly missingCount: number
  /** rows whose content is not what the file had */
  readonly damaged: number
}

export interface FoundInFile extends Found {
  readonly torn: number
}

export const lineAt = (i: number): string =>
  JSON.stringify({ id: i, name: `name-${i}`, amount: (i % 1000) / 8, tags: ['a', `t${i % 7}`], text: 'x'.repeat(i % 90) })

/** A file of lines 0 to `records` - 1. */
export async function writeLines(file: string, records: number): Promise<void> {
  function* text() {
    for (let from = 0; from < records; from += 1000) {
      let chunk = ''
      for (let i = from; i < Math.min(records, from + 1000); i++) chunk += `${lineAt(i)}\n`
      yield chunk
    }
  }
  await pipeline(Readable.from(text()), createWriteStream(file))
}

/** What DuckDB finds of lines 0 to `records` - 1. */
export async function inLake(folder: string, format: 'parquet' | 'json', records: number): Promise<Found> {
  const pattern = join(folder, '**', `*.${format}*`)
  const table = format === 'parquet' ? `read_parquet('${pattern}', union_by_name = true)` : `read_json('${pattern}')`
  const [sums = {}] = await query(`select count(*)::int as n, count(distinct id)::int as ids,
    count(*) filter (where name is distinct from 'name-' || id or amount is distinct from (id % 1000) / 8.0
      or length(text) is distinct from id % 90 or tags[2] is distinct from 't' || (id % 7) or id < 0 or id >= ${records})::int as damaged from ${table}`)
  const gaps = await query(`select min(i)::int as first, max(i)::int as last from
    (select i, i - row_number() over (order by i) as island from range(${records}) t(i) where i not in (select id from ${table}))
    group by island order by 1`)
  return {
    rows: Number(sums.n),
    missing: gaps.map(gap => `${gap.first}-${gap.last}`),
    missingCount: records - Number(sums.ids),
    damaged: Number(sums.damaged),
  }
}

/**
 * What a FileStreamSink's file has of lines 0 to `records` - 1. A writer that is killed may leave half a line, before which or in which the next
 * writer's line begins: that one counts as whole, the half as `torn`.
 */
export async function inFile(path: string, records: number): Promise<FoundInFile> {
  const seen = new Uint8Array(records)
  let rows = 0
  let torn = 0
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    const begin = line.lastIndexOf('{"id":')
    const id = Number(/^\{"id":(\d+),/.exec(line.slice(begin))?.[1] ?? -1)
    const isWhole = begin >= 0 && id >= 0 && id < records && line.slice(begin) === lineAt(id)
    if (begin !== 0 || !isWhole) torn++
    if (!isWhole) continue
    rows++
    seen[id] = 1
  }
  const missing: string[] = []
  let missingCount = 0
  for (let i = 0; i < records; i++) {
    if (seen[i] === 1) continue
    const from = i
    while (i + 1 < records && seen[i + 1] === 0) i++
    missing.push(`${from}-${i}`)
    missingCount += i - from + 1
  }
  return { rows, missing, missingCount, damaged: 0, torn }
}

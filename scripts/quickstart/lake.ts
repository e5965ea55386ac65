// What DuckDB finds in the Parquet files, the comparison with the input, and the table. Main thread of the quickstart.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { HourOfDay } from './flights.ts'

export function parquetFiles(folder: string): string[] {
  return globSync('**/*.parquet', { cwd: folder }).map(file => join(folder, file))
}

export async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJS()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** `read_parquet` over the lake, folder names as columns. */
export function lakeTable(folder: string): string {
  return `read_parquet('${join(folder, '**', '*.parquet').replaceAll("'", "''")}', hive_partitioning = true, union_by_name = true)`
}

export async function lakePerHour(folder: string): Promise<HourOfDay[]> {
  const rows = await query(`
    select floor(departure)::int as hour, count(*)::int as flights, sum(delay)::double as delay,
           sum(distance)::double as distance, sum(round(departure * 60))::double as minutes
    from ${lakeTable(folder)} group by 1 order by 1`)
  return rows.map(row => row as unknown as HourOfDay)
}

/** Where lake and input differ, in words; empty when they are equal. */
export function differences(input: readonly HourOfDay[], lake: readonly HourOfDay[]): string[] {
  const found: string[] = []
  const inLake = new Map(lake.map(hour => [hour.hour, hour]))
  for (const wanted of input) {
    const given = inLake.get(wanted.hour)
    inLake.delete(wanted.hour)
    for (const key of ['flights', 'delay', 'distance', 'minutes'] as const)
      if (given?.[key] !== wanted[key])
        found.push(`departures in hour ${wanted.hour}: ${key} is ${given?.[key] ?? 0}, must be ${wanted[key]}`)
  }
  for (const hour of inLake.keys()) found.push(`departures in hour ${hour}: not in the input`)
  return found
}

/** Eight bands of three hours. */
export function printTable(hours: readonly HourOfDay[]): void {
  console.log('departure   flights   mean delay   mean distance')
  for (let from = 0; from < 24; from += 3) {
    const band = hours.filter(hour => hour.hour >= from && hour.hour < from + 3)
    const sum = (key: 'flights' | 'delay' | 'distance') => band.reduce((total, hour) => total + hour[key], 0)
    if (sum('flights') === 0) continue
    const label = `${String(from).padStart(2, '0')}-${String(from + 3).padStart(2, '0')} h`
    const delay = `${(sum('delay') / sum('flights')).toFixed(1)} min`
    const distance = `${Math.round(sum('distance') / sum('flights'))} miles`
    console.log(`${label}${String(sum('flights')).padStart(12)}${delay.padStart(13)}${distance.padStart(16)}`)
  }
}

// Parquet files read back by readers that are not ours: DuckDB and hyparquet. Test threads.
import { DuckDBInstance } from '@duckdb/node-api'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

/** Rows of a query as JSON-like values. */
export async function duckRows(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[]
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Column names and types as DuckDB sees them. */
export async function duckTypes(file: string): Promise<Record<string, string>> {
  const rows = await duckRows(`DESCRIBE SELECT * FROM '${file}'`)
  return Object.fromEntries(rows.map(row => [String(row.column_name), String(row.column_type)]))
}

export async function hyparquetRows(file: string): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: await asyncBufferFromFile(file), compressors })
}

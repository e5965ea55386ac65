// A topic through a real worker into a bucket and back, for the short test of CI (moto) and the longer one on another server. Main thread.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ObjectStore } from '../../src/kit/object-store/object-store.ts'
import { s3Store } from '../../src/kit/object-store/s3/s3-store.ts'
import { duckRows } from '../support/parquet-reading.ts'
import { settingsFor } from '../support/s3-buckets.ts'
import type { S3Server } from '../support/s3-server.ts'
import { until } from '../support/until.ts'

/** examples/s3-sink.json, as users find it. */
export const EXAMPLE = {
  'connector.class': 'io.confluent.connect.s3.S3SinkConnector',
  topics: 'events',
  's3.bucket.name': 'data-lake',
  's3.region': 'us-east-1',
  'format.class': 'io.confluent.connect.s3.format.parquet.ParquetFormat',
  'flush.size': '10000',
}

/** What the default credentials chain of a worker finds. */
export const credentialsOf = (server: S3Server) => ({
  AWS_ACCESS_KEY_ID: server.accessKeyId,
  AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
})

export interface Event {
  readonly n: number
  readonly city: string
  readonly degrees: number
}

export const eventsOf = (from: number, count: number): Event[] =>
  Array.from({ length: count }, (_, i) => ({
    n: from + i,
    city: ['Zürich', '東京', 'Lima'][i % 3] ?? '',
    degrees: (from + i) / 8,
  }))

export const storeOf = (server: S3Server, bucket: string): ObjectStore => s3Store(settingsFor(server, bucket))

export async function keysIn(store: ObjectStore, topic: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(`topics/${topic}/`)) keys.push(key)
  return keys.sort()
}

/** Waits for `objects` of partition 0 and reads their rows, in the order of their names. */
export async function rowsIn(store: ObjectStore, topic: string, objects: number, folder: string): Promise<Event[]> {
  const keys = await until(async () => {
    const found = await keysIn(store, topic)
    return found.length >= objects ? found : null
  })
  const local = join(folder, topic)
  mkdirSync(local, { recursive: true })
  const rows: Event[] = []
  for (const [i, key] of keys.entries()) {
    assert.match(key, new RegExp(`^topics/${topic}/partition=0/${topic}\\+0\\+\\d{10}\\.snappy\\.parquet$`))
    const file = join(local, `${i}.parquet`)
    writeFileSync(file, await store.read(key))
    for (const { n, city, degrees } of await duckRows(`SELECT * FROM '${file}'`)) {
      rows.push({ n: Number(n), city: String(city), degrees: Number(degrees) })
    }
  }
  return rows
}

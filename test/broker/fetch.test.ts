// Goal: against a real broker nothing is lost, doubled or out of order, whatever the compression, transactions, sizes, or the broker being
// killed under us; and Java reads what we write. Method: our builder and Java's producer write, our fetcher reads.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { clientConfigFrom } from '../../src/kafka/client-config.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { COMPRESSIONS } from '../../src/kafka/codec/compression.ts'
import { decodeProduce, encodeProduce, produceApi } from '../../src/kafka/codec/produce.ts'
import { Fetcher, type FetcherOptions } from '../../src/kafka/fetcher.ts'
import type { RawBatch } from '../../src/kafka/types.ts'
import { buildBatch, decoded, type PlainRecord } from '../support/batches.ts'
import { type Broker, broker, ownBroker } from '../support/broker.ts'
import { runJava } from '../support/java.ts'
import { createTopic, endOffsets, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'

let shared: Broker
before(async () => {
  shared = await broker()
})

interface Reading {
  readonly cluster: Cluster
  readonly fetcher: Fetcher
  readonly batches: RawBatch[]
  readonly errors: Error[]
  close(): Promise<void>
}

async function connected(bootstrap: string): Promise<Cluster> {
  const cluster = new Cluster(clientConfigFrom({ 'bootstrap.servers': bootstrap }, 'fetch-test'), silentLogger)
  await cluster.connect()
  return cluster
}

async function reading(
  bootstrap: string,
  topic: string,
  options: Partial<FetcherOptions> = {},
  offset: number | null = 0,
): Promise<Reading> {
  const cluster = await connected(bootstrap)
  const batches: RawBatch[] = []
  const errors: Error[] = []
  const fetcher = new Fetcher({
    cluster,
    log: silentLogger,
    clock: systemClock,
    isolation: 'read_uncommitted',
    fetchMinBytes: 1,
    fetchMaxWaitMs: 500,
    fetchMaxBytes: 8_000_000,
    maxPartitionFetchBytes: 1_048_576,
    autoOffsetReset: 'earliest',
    deliver: batch => void batches.push(batch),
    mayFetch: () => true,
    onError: error => void errors.push(error),
    ...options,
  })
  fetcher.assign([{ topic, partition: 0, offset, epoch: 1 }])
  fetcher.start()
  return {
    cluster,
    fetcher,
    batches,
    errors,
    close: async () => {
      await fetcher.stop()
      await cluster.close()
    },
  }
}

async function write(cluster: Cluster, topic: string, records: Buffer): Promise<void> {
  await cluster.refresh([topic])
  const body = encodeProduce(-1, 30_000, [{ topic, partition: 0, records }])
  const [answer] = decodeProduce(await cluster.call(cluster.leaderOf(topic, 0), 'produce', produceApi, body))
  assert.equal(answer?.errorCode, 0, answer?.message ?? '')
}

const now = Date.now()
const count = (batches: readonly RawBatch[]) => batches.reduce((sum, b) => sum + b.count, 0)
const valued = (from: number, n: number, size = 0): PlainRecord[] =>
  Array.from({ length: n }, (_, i) => ({
    // Not long ago: the broker deletes by age what is older than a week.
    timestamp: now + i,
    key: Buffer.from(`k${from + i}`),
    value: Buffer.from(`${from + i}`.padEnd(size)),
    headers: i % 2 === 0 ? [] : [{ key: 'h', value: Buffer.from('x') }],
  }))

test('batches of every compression are taken by the broker and come back as they were', async t => {
  const topic = uniqueName('codec')
  await createTopic(shared.bootstrap, topic)
  const r = await reading(shared.bootstrap, topic)
  t.after(() => r.close())
  for (const [i, compression] of COMPRESSIONS.entries())
    await write(r.cluster, topic, buildBatch(valued(i * 500, 500, 200), { compression }))
  await until(() => count(r.batches) === 2500 || r.errors.length > 0, 20)
  assert.deepEqual(r.errors, [])
  const read = decoded(r.batches)
  assert.deepEqual(
    read.map(x => x.offset),
    Array.from({ length: 2500 }, (_, i) => i),
  )
  assert.deepEqual(
    read.map(x => String(x.value).trim()),
    Array.from({ length: 2500 }, (_, i) => String(i)),
  )
  assert.equal(r.fetcher.lag({ topic, partition: 0 }), 0)
})

test('Java reads every record that we write', async () => {
  const records: PlainRecord[] = [
    ...valued(0, 200, 300),
    { timestamp: 5, key: null, value: null, headers: [{ key: 'ключ', value: null }] },
    { timestamp: 4_000_000_000_000, key: Buffer.alloc(0), value: Buffer.alloc(100_000, 'x') },
  ]
  const lines = COMPRESSIONS.map(compression =>
    buildBatch(records, { compression, baseOffset: 7, producerId: 4242 }).toString('base64'),
  )
  const out = await runJava(new URL('java/ReadBatches.java', import.meta.url), [], `${lines.join('\n')}\n`)
  const text = (b: Buffer | null | undefined) => (b == null ? '-' : b.toString('base64'))
  const expected = COMPRESSIONS.flatMap(compression => [
    `batch ${compression} 4242 0 0 4000000000000 208`,
    ...records.map((r, i) =>
      [7 + i, r.timestamp, text(r.key), text(r.value), ...(r.headers ?? []).map(h => `${h.key}=${text(h.value)}`)].join(' '),
    ),
  ])
  assert.deepEqual(out.trimEnd().split('\n'), expected)
})

test('a batch larger than max.partition.fetch.bytes and fetch.max.bytes still comes through', async t => {
  const topic = uniqueName('large')
  await createTopic(shared.bootstrap, topic)
  const r = await reading(shared.bootstrap, topic, { maxPartitionFetchBytes: 2000, fetchMaxBytes: 4000 })
  t.after(() => r.close())
  for (let i = 0; i < 4; i++) await write(r.cluster, topic, buildBatch(valued(i * 2, 2, 300_000)))
  await until(() => count(r.batches) === 8, 20)
  assert.deepEqual(
    decoded(r.batches).map(x => x.offset),
    [0, 1, 2, 3, 4, 5, 6, 7],
  )
})

test('read_committed sees committed transactions only, read_uncommitted all; no marker is ever delivered', async t => {
  const topic = uniqueName('txn')
  await createTopic(shared.bootstrap, topic)
  await runJava(new URL('java/Transactions.java', import.meta.url), [shared.bootstrap, topic])
  const committed = await reading(shared.bootstrap, topic, { isolation: 'read_committed' })
  const all = await reading(shared.bootstrap, topic)
  t.after(() => Promise.all([committed.close(), all.close()]))
  const end = (await endOffsets(shared.bootstrap, topic))[0]
  const atEnd = (r: Reading) => r.fetcher.position({ topic, partition: 0 }) === end
  await until(() => atEnd(committed) && atEnd(all), 20)
  const values = (r: Reading) => decoded(r.batches).map(x => String(x.value))
  assert.deepEqual(
    values(all).map(v => v.split('-')[1]),
    Array.from({ length: 60 }, (_, i) => String(i)),
  )
  assert.deepEqual(
    values(committed),
    values(all).filter(v => v.startsWith('yes')),
  )
  assert.equal(values(committed).length, 25)
})

test('a fetch from the middle of a batch begins at its offset; an offset beyond the end is reset', async t => {
  const topic = uniqueName('middle')
  await createTopic(shared.bootstrap, topic)
  const cluster = await connected(shared.bootstrap)
  await write(cluster, topic, buildBatch(valued(0, 100), { compression: 'lz4' }))
  await cluster.close()
  const middle = await reading(shared.bootstrap, topic, {}, 42)
  const beyond = await reading(shared.bootstrap, topic, {}, 5000)
  t.after(() => Promise.all([middle.close(), beyond.close()]))
  await until(() => count(middle.batches) === 58 && count(beyond.batches) === 100, 20)
  assert.equal(decoded(middle.batches)[0]?.offset, 42)
})

test('a broker killed while it is read from and written to: every acknowledged record is read once, in order', async t => {
  const own = await ownBroker({ heapMb: 512 })
  t.after(() => own.stop())
  const topic = uniqueName('killed')
  await createTopic(own.bootstrap, topic)
  const r = await reading(own.bootstrap, topic, { maxPartitionFetchBytes: 60_000 })
  t.after(() => r.close())
  for (let i = 0; i < 40; i++)
    await write(r.cluster, topic, buildBatch(valued(i * 100, 100, 250), { compression: i % 2 ? 'zstd' : 'none' }))
  await until(() => count(r.batches) > 1000, 1)
  await own.kill()
  await own.restart()
  const more = await connected(own.bootstrap)
  t.after(() => more.close())
  for (let i = 40; i < 60; i++) await write(more, topic, buildBatch(valued(i * 100, 100, 250)))
  await until(() => count(r.batches) >= 6000 || r.errors.length > 0, 20)
  assert.deepEqual(r.errors, [])
  assert.deepEqual(
    decoded(r.batches).map(x => Number(String(x.value))),
    Array.from({ length: 6000 }, (_, i) => i),
  )
})

test('a broker that hangs does not hang us: another request meanwhile ends by its own time-out', async t => {
  const own = await ownBroker({ heapMb: 512 })
  t.after(() => own.stop())
  const cluster = await connected(own.bootstrap)
  t.after(() => cluster.close())
  await cluster.metadata([])
  own.pause()
  t.after(() => own.resume())
  const body = encodeProduce(-1, 100, [])
  await assert.rejects(cluster.call(cluster.anyNode(), 'meta', produceApi, body, 300), (error: unknown) => {
    assert.match((error as Error).message, /Produce to broker 1 .*failed: no answer to Produce within 300 ms/)
    assert.equal((error as { retriable?: boolean }).retriable, true)
    return true
  })
})

test('no broker there: the error names bootstrap.servers and what was tried, and may be tried again', async () => {
  await assert.rejects(connected('127.0.0.1:1,127.0.0.1:2'), (error: unknown) => {
    assert.match(
      (error as Error).message,
      /bootstrap.servers 127.0.0.1:1,127.0.0.1:2 answered: .*ECONNREFUSED.*127.0.0.1:2: .*ECONNREFUSED/,
    )
    assert.equal((error as { retriable?: boolean }).retriable, true)
    return true
  })
})

// Which records a preview reads, on a cluster of arrays: shares of partitions, the newest behind gaps, damaged and missing data, time and size.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TopicReader } from '../../../src/task/preview/topic-reader.ts'
import { buildBatch, marker, numbered, resealed } from '../../support/batches.ts'
import { TestClock } from '../../support/clock.ts'
import { FakeFetch } from '../../support/fake-fetch.ts'

function setup() {
  const fake = new FakeFetch()
  fake.isOpen = true
  const stop = new AbortController()
  const reader = new TopicReader({
    cluster: fake.cluster,
    clock: new TestClock(),
    isolation: 'read_uncommitted',
    signal: stop.signal,
  })
  return { fake, stop, reader }
}

const partitions = (...numbers: number[]) => numbers.map(partition => ({ topic: 't', partition }))
const where = (records: readonly { partition: number; index: { offsets: Float64Array } }[]) =>
  records.map(record => `${record.partition}@${record.index.offsets[0]}`)

test('what a partition has too little of comes from those before it', async () => {
  const { fake, reader } = setup()
  fake.append('t', 0, buildBatch(numbered(10)), 10)
  fake.append('t', 1, buildBatch(numbered(1)), 1)
  fake.log('t', 2)
  const { records, ended } = await reader.read(partitions(0, 1, 2), 'first', 6)
  assert.deepEqual([where(records), ended], [['0@0', '0@1', '0@2', '0@3', '0@4', '1@0'], 'records'])
})

test('the newest are found behind markers, however many there are', async () => {
  const { fake, reader } = setup()
  fake.append('t', 0, buildBatch(numbered(3)), 3)
  for (let i = 0; i < 40; i++) fake.append('t', 0, marker('commit', 5, 0), 1)
  const { records, ended } = await reader.read(partitions(0), 'newest', 2)
  assert.deepEqual([where(records), ended], [['0@1', '0@2'], 'records'])
})

test('a damaged batch is told and ends its partition alone', async () => {
  const { fake, reader } = setup()
  const damaged = buildBatch(numbered(2))
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
  fake.append('t', 0, damaged, 2)
  fake.append('t', 1, resealed(buildBatch(numbered(2))), 2)
  const { records, problems } = await reader.read(partitions(0, 1), 'first', 4)
  assert.deepEqual(where(records), ['1@0', '1@1'])
  assert.match(problems.join(), /^t-0: the record batch at offset 0 of t-0 cannot be read: its checksum/)
})

test('a partition that does not answer costs the time there is, and what was read before is kept', async () => {
  const { fake, reader, stop } = setup()
  fake.append('t', 0, buildBatch(numbered(1)), 1)
  fake.append('t', 1, buildBatch(numbered(1)), 1)
  fake.isOpen = false
  const reading = reader.read(partitions(0, 1), 'first', 9)
  while (fake.waiting.length === 0) await new Promise(resolve => setImmediate(resolve))
  fake.waiting[0]?.answer()
  while (fake.calls.length < 2) await new Promise(resolve => setImmediate(resolve))
  stop.abort()
  const { records, ended } = await reading
  assert.deepEqual([where(records), ended], [['0@0'], 'time'])
})

test('records are kept up to a size, then reading ends', async () => {
  const { fake, reader } = setup()
  fake.maxPartitionBytes = 1
  const big = { value: Buffer.alloc(6 * 1024 * 1024) }
  for (let i = 0; i < 5; i++) fake.append('t', 0, buildBatch([big]), 1)
  const { records, ended } = await reader.read(partitions(0), 'first', 5)
  assert.deepEqual([where(records), ended], [['0@0', '0@1', '0@2'], 'bytes'])
})

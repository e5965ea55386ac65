// Goal: each partition's records are delivered once and in order whatever the brokers do, nothing of an assignment that has passed is
// delivered, and nothing is asked without need. Method: a cluster of arrays whose answers the test lets go, and a clock turned by hand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { KafkaError } from '../../src/base/errors.ts'
import { JsonLogger } from '../../src/base/logger.ts'
import { Fetcher, type FetcherOptions } from '../../src/kafka/fetcher.ts'
import type { RawBatch } from '../../src/kafka/types.ts'
import { buildBatch, decoded, numbered } from '../support/batches.ts'
import { TestClock } from '../support/clock.ts'
import { FakeFetch } from '../support/fake-fetch.ts'

interface Setup {
  readonly fake: FakeFetch
  readonly fetcher: Fetcher
  readonly clock: TestClock
  readonly delivered: RawBatch[]
  readonly errors: Error[]
  readonly logged: { level: number; msg: string }[]
  mayFetch: boolean
  onDeliver: (batch: RawBatch) => void
  /** lets everything that is due happen, without time passing */
  settle(): Promise<void>
  offsets(partition?: number): number[]
}

function setup(options: Partial<FetcherOptions> = {}): Setup {
  const fake = new FakeFetch()
  const clock = new TestClock()
  const logged: { level: number; msg: string }[] = []
  const log = new JsonLogger({ write: line => logged.push(JSON.parse(line)) }, {}, 'debug')
  const s: Setup = {
    fake,
    clock,
    logged,
    delivered: [],
    errors: [],
    mayFetch: true,
    onDeliver: () => {},
    settle: async () => {
      for (let i = 0; i < 20; i++) await turn()
    },
    offsets: partition =>
      decoded(s.delivered.filter(b => partition === undefined || b.partition === partition)).map(r => r.offset),
    fetcher: new Fetcher({
      cluster: fake.cluster,
      log,
      clock,
      isolation: 'read_uncommitted',
      fetchMinBytes: 1,
      fetchMaxWaitMs: 500,
      fetchMaxBytes: 1_000_000,
      maxPartitionFetchBytes: 1_000_000,
      autoOffsetReset: 'earliest',
      deliver: batch => {
        s.delivered.push(batch)
        s.onDeliver(batch)
      },
      mayFetch: () => s.mayFetch,
      onError: error => void s.errors.push(error),
      ...options,
    }),
  }
  s.fetcher.start()
  return s
}

const part = (partition: number, offset: number | null = 0, epoch = 1) => ({ topic: 't', partition, offset, epoch })
const warnings = (s: Setup) => s.logged.filter(line => line.level >= 40).map(line => line.msg)
const infos = (s: Setup) => s.logged.filter(line => line.level === 30).map(line => line.msg)
const fill = (s: Setup, partition: number, batches: number, count = 2) => {
  for (let i = 0; i < batches; i++) s.fake.append('t', partition, buildBatch(numbered(count)), count)
}

test('records come in order, once, with the assignment’s epoch, and the position follows', async () => {
  const s = setup()
  s.fake.isOpen = true
  fill(s, 0, 3)
  fill(s, 1, 1)
  s.fetcher.assign([part(0, 1, 7), part(1)])
  await s.settle()
  fill(s, 0, 2)
  await s.settle()
  assert.deepEqual(s.offsets(0), [1, 2, 3, 4, 5, 6, 7, 8, 9])
  assert.deepEqual(s.offsets(1), [0, 1])
  assert.deepEqual(new Set(s.delivered.map(b => `${b.partition} ${b.epoch}`)), new Set(['0 7', '1 1']))
  assert.equal(s.fetcher.position(part(0)), 10)
  assert.equal(s.fetcher.lag(part(0)), 0)
  assert.equal(s.fetcher.position(part(9)), undefined)
})

test('one fetch is in flight a broker, however often the fetcher is woken', async () => {
  const s = setup()
  fill(s, 0, 1)
  s.fake.log('t', 1).leader = 2
  await s.fake.refresh()
  s.fetcher.assign([part(0), part(1)])
  for (let i = 0; i < 10; i++) {
    s.fetcher.wake()
    await s.settle()
  }
  assert.deepEqual(
    s.fake.waiting.map(c => c.node),
    [1, 2],
  )
})

test('nothing is asked while there is no room, and what came meanwhile waits for it', async () => {
  const s = setup()
  s.fake.isOpen = true
  s.mayFetch = false
  fill(s, 0, 2)
  s.fetcher.assign([part(0)])
  await s.settle()
  assert.equal(s.fake.calls.length, 0)
  s.mayFetch = true
  s.onDeliver = () => (s.mayFetch = false)
  s.fetcher.wake()
  await s.settle()
  assert.deepEqual(s.offsets(), [0, 1, 2, 3])
  const asked = s.fake.calls.length
  s.fake.isOpen = false
  fill(s, 0, 3, 1)
  for (const call of [...s.fake.waiting]) call.answer()
  await s.settle()
  assert.equal(s.fake.calls.length, asked, 'a full sink asks for no more')
  assert.equal(s.delivered.length, 1)
  s.mayFetch = true
  s.fetcher.wake()
  await s.settle()
  assert.deepEqual(s.offsets(), [0, 1, 2, 3, 4, 5, 6])
})

test('an answer to a fetch from before a seek is dropped', async () => {
  const s = setup()
  fill(s, 0, 5)
  s.fetcher.assign([part(0)])
  await s.settle()
  s.fetcher.seek(part(0), 8)
  s.fake.waiting[0]?.answer()
  await s.settle()
  s.fake.waiting[0]?.answer()
  await s.settle()
  assert.deepEqual(s.offsets(), [8, 9])
  assert.throws(() => s.fetcher.seek(part(5), 0), /t-5 is not assigned/)
})

test('a seek while records are being delivered stops them at once', async () => {
  const s = setup()
  s.fake.isOpen = true
  for (let i = 0; i < 3; i++) s.fake.append('t', 0, buildBatch(numbered(2), { compression: 'zstd' }), 2)
  s.onDeliver = () => {
    if (s.delivered.length === 1) s.fetcher.seek(part(0), 5)
  }
  s.fetcher.assign([part(0)])
  await s.settle()
  // The next fetch was under way already, a long poll: the new position is asked for after it.
  for (const call of [...s.fake.waiting]) call.answer()
  await s.settle()
  assert.deepEqual(s.offsets(), [0, 1, 5])
})

test('nothing of a partition is delivered after unassign, and a new assignment gets its own epoch only', async () => {
  const s = setup()
  fill(s, 0, 2)
  fill(s, 1, 2)
  s.fetcher.assign([part(0), part(1)])
  await s.settle()
  s.fetcher.unassign([part(0), part(1)])
  s.fetcher.assign([part(1, 2, 2)])
  s.fake.waiting[0]?.answer()
  await s.settle()
  for (const call of [...s.fake.waiting]) call.answer()
  await s.settle()
  assert.deepEqual(
    s.delivered.map(b => [b.partition, b.epoch, b.index.offsets[0]]),
    [[1, 2, 2]],
  )
})

test('a paused partition delivers nothing, also of what is under way; resumed it goes on where it was', async () => {
  const s = setup()
  fill(s, 0, 2)
  fill(s, 1, 2)
  s.fetcher.assign([part(0), part(1)])
  await s.settle()
  s.fetcher.pause([part(0)])
  s.fake.waiting[0]?.answer()
  s.fake.isOpen = true
  await s.settle()
  assert.deepEqual([s.offsets(0), s.offsets(1)], [[], [0, 1, 2, 3]])
  s.fetcher.resume([part(0)])
  for (const call of [...s.fake.waiting]) call.answer()
  await s.settle()
  assert.deepEqual(s.offsets(0), [0, 1, 2, 3])
})

test('nothing is delivered after stop', async () => {
  const s = setup()
  fill(s, 0, 2)
  s.fetcher.assign([part(0)])
  await s.settle()
  await s.fetcher.stop()
  s.fake.waiting[0]?.answer()
  await s.settle()
  assert.equal(s.delivered.length, 0)
  assert.equal(s.fake.calls.length, 1)
})

// ---- brokers

test('a partition whose leader moved is asked for at the new one, without a word in the log', async () => {
  const s = setup()
  s.fake.isOpen = true
  fill(s, 0, 1)
  s.fetcher.assign([part(0)])
  await s.settle()
  s.fake.log('t', 0).leader = 2
  for (const call of [...s.fake.waiting]) call.answer()
  await s.settle()
  fill(s, 0, 1)
  await s.clock.advance(200)
  await s.settle()
  assert.deepEqual(s.offsets(), [0, 1, 2, 3])
  assert.equal(s.fake.calls.at(-1)?.node, 2)
  assert.deepEqual(warnings(s), [])
})

test('a partition without a leader is looked for with a back-off, told once, and told when it is back', async () => {
  const s = setup()
  s.fake.isOpen = true
  fill(s, 0, 1)
  s.fake.log('t', 0).leader = -1
  s.fake.forget('t', 0)
  s.fetcher.assign([part(0)])
  for (let i = 0; i < 50; i++) {
    await s.settle()
    await s.clock.advance(100)
  }
  assert.ok(s.fake.refreshes > 4 && s.fake.refreshes < 20, `${s.fake.refreshes} refreshes in 5 s`)
  assert.equal(warnings(s).length, 1)
  s.fake.log('t', 0).leader = 1
  for (let i = 0; i < 20; i++) {
    await s.settle()
    await s.clock.advance(100)
  }
  assert.deepEqual(s.offsets(), [0, 1])
  assert.deepEqual(infos(s), ['fetching again'])
})

test('a broker that is gone is tried with a back-off, told once, and goes on where it was when it is back', async () => {
  const s = setup()
  s.fake.isOpen = true
  fill(s, 0, 1)
  s.fetcher.assign([part(0)])
  await s.settle()
  s.fake.down.add(1)
  s.fake.waiting[0]?.fail()
  for (let i = 0; i < 100; i++) {
    await s.settle()
    await s.clock.advance(100)
  }
  assert.ok(s.fake.refreshes < 25, `${s.fake.refreshes} tries in 10 s`)
  assert.equal(warnings(s).length, 1)
  assert.equal(s.errors.length, 0)
  s.fake.down.clear()
  await s.clock.advance(2000)
  await s.settle()
  fill(s, 0, 1)
  await s.settle()
  assert.deepEqual(s.offsets(), [0, 1, 2, 3])
  assert.deepEqual(infos(s), ['fetching from the broker again'])
})

test('an error that trying again does not mend is told, and the partition is left alone', async () => {
  const s = setup()
  s.fake.isOpen = true
  fill(s, 0, 1)
  fill(s, 1, 1)
  s.fake.log('t', 0).error = 29
  s.fetcher.assign([part(0), part(1)])
  await s.settle()
  await s.clock.advance(5000)
  await s.settle()
  assert.deepEqual(
    s.errors.map(e => e.message),
    ['Fetch failed (t-0): not authorised for the topic [TOPIC_AUTHORIZATION_FAILED]'],
  )
  assert.deepEqual(s.offsets(1), [0, 1])
  assert.ok(s.fake.calls.length < 5)
})

test('a request that is refused for good is told once for all of its partitions', async () => {
  const s = setup()
  s.fetcher.assign([part(0), part(1)])
  fill(s, 0, 1)
  fill(s, 1, 1)
  await s.settle()
  s.fake.waiting[0]?.fail(new KafkaError('Fetch', 35, 'not spoken', false))
  await s.settle()
  await s.clock.advance(60_000)
  await s.settle()
  assert.equal(s.errors.length, 1)
  assert.equal(s.fake.calls.length, 1)
})

// ---- offsets

for (const [policy, first] of [
  ['earliest', 4],
  ['latest', 10],
] as const)
  test(`an offset that is not in the log any more is reset to ${policy}`, async () => {
    const s = setup({ autoOffsetReset: policy })
    s.fake.isOpen = true
    s.fake.log('t', 0).startOffset = 4
    fill(s, 0, 3)
    s.fetcher.assign([part(0, 2)])
    await s.settle()
    fill(s, 0, 1)
    await s.settle()
    assert.equal(s.offsets()[0], first)
    assert.equal(s.offsets().at(-1), 11)
    assert.deepEqual(warnings(s), ['the offset is not, or no longer, in the log'])
  })

test('without an offset and with policy none it is an error that says what to do', async () => {
  const s = setup({ autoOffsetReset: 'none' })
  s.fake.isOpen = true
  fill(s, 0, 1)
  fill(s, 1, 1)
  s.fetcher.assign([part(0, null), part(1, 99)])
  await s.settle()
  await s.clock.advance(60_000)
  await s.settle()
  assert.deepEqual(s.errors.map(e => e.message).sort(), [
    'Fetch failed (t-1 at offset 99): the offset is not, or no longer, in the log [OFFSET_OUT_OF_RANGE]',
    't-0 has no committed offset, and auto.offset.reset is none: commit one or choose earliest or latest',
  ])
})

test('a reset is asked once while a seek comes between, and the seek wins', async () => {
  const s = setup({ autoOffsetReset: 'latest' })
  s.fake.isOpen = true
  fill(s, 0, 3)
  s.fetcher.assign([part(0, null)])
  s.fetcher.seek(part(0), 1)
  await s.settle()
  assert.deepEqual(s.offsets(), [1, 2, 3, 4, 5])
})

// ---- data

test('a damaged batch is told with its place after the good ones before it, and the others go on', async () => {
  const s = setup()
  s.fake.isOpen = true
  fill(s, 0, 1)
  const spoilt = buildBatch(numbered(2))
  spoilt.writeUInt8(9, 65)
  s.fake.append('t', 0, spoilt, 2)
  fill(s, 1, 1)
  s.fetcher.assign([part(0), part(1)])
  await s.settle()
  await s.clock.advance(60_000)
  fill(s, 1, 1)
  await s.settle()
  assert.deepEqual(s.offsets(0), [0, 1])
  assert.deepEqual(s.offsets(1), [0, 1, 2, 3])
  assert.equal(s.errors.length, 1)
  assert.match(s.errors[0]?.message ?? '', /at offset 2 of t-0 cannot be read/)
  assert.equal(s.fetcher.position(part(0)), 2)
})

test('an answer that holds no whole batch is not asked for again at once', async () => {
  const s = setup()
  s.fake.isOpen = true
  s.fake.append('t', 0, buildBatch(numbered(2)).subarray(0, 50), 2)
  s.fetcher.assign([part(0)])
  for (let i = 0; i < 10; i++) {
    await s.settle()
    await s.clock.advance(100)
  }
  assert.ok(s.fake.calls.length <= 11, `${s.fake.calls.length} calls in a second`)
})

test('partitions that were served go to the end of the queue', async () => {
  const s = setup()
  for (const p of [0, 1, 2]) s.fake.log('t', p)
  fill(s, 0, 1)
  s.fetcher.assign([part(0), part(1), part(2)])
  await s.settle()
  s.fake.waiting[0]?.answer()
  await s.settle()
  assert.deepEqual(
    s.fake.waiting[0]?.asked.map(a => a.partition),
    [1, 2, 0],
  )
})

test('a consumer that throws is told of, not swallowed', async () => {
  const s = setup()
  s.fake.isOpen = true
  fill(s, 0, 1)
  s.onDeliver = () => {
    throw new Error('my own fault')
  }
  s.fetcher.assign([part(0)])
  await s.settle()
  assert.deepEqual(
    s.errors.map(e => e.message),
    ['my own fault'],
  )
})

test('the memory of an answer is used again only when all its batches were released', async () => {
  const s = setup()
  fill(s, 0, 2, 6000)
  s.fake.isOpen = true
  s.fetcher.assign([part(0)])
  await s.settle()
  const { freeAnswers } = s.fake
  const large = s.delivered.filter(batch => batch.memory !== undefined)
  assert.ok(large.length > 0 && s.offsets().length === 12_000)
  const bytes = Math.floor((large[0] as RawBatch).buffer.length / 2)
  assert.equal(freeAnswers.take(bytes), undefined)
  for (const batch of large) batch.memory?.release()
  assert.ok(freeAnswers.take(bytes) !== undefined)
})

// Goal: what a transaction holds is seen by readers of committed records as a whole or not at all, in order and once, whatever becomes of
// producer and broker; of two producers with one transactional id the older can write no more. Method: a real broker, restarted or told to be
// impatient where the test says so; topics are read back with read_committed.
import assert from 'node:assert/strict'
import { before, type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { Admin, LATEST } from '../../src/kafka/admin.ts'
import type { Cluster } from '../../src/kafka/cluster.ts'
import { INTERNAL_TOPIC_PRODUCER } from '../../src/kafka/producer-options.ts'
import {
  TransactionalProducer,
  type TransactionalProducerOptions,
  TransactionalWriter,
} from '../../src/kafka/transactional-producer.ts'
import { isFenced } from '../../src/kafka/transactions.ts'
import { type Broker, broker, ownBroker } from '../support/broker.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { connected, readTopic } from './producer-parts.ts'

let b: Broker
before(async () => {
  b = await broker()
})

const IGNORED = () => {}

interface Made {
  readonly cluster: Cluster
  readonly topic: string
  readonly id: string
  /** another producer of the same id; taken, unless the test does it */
  producer(options?: Partial<TransactionalProducerOptions>, isTaken?: boolean): Promise<TransactionalProducer>
  /** what is read once no transaction is open: a commit is answered before its markers are written */
  committed(): Promise<string[]>
}

async function made(t: TestContext, { bootstrap = b.bootstrap, partitions = 1 } = {}): Promise<Made> {
  const topic = uniqueName('tx')
  await createTopic(bootstrap, topic, { partitions })
  const cluster = await connected(bootstrap)
  const id = uniqueName('id')
  t.after(() => cluster.close())
  return {
    cluster,
    topic,
    id,
    producer: async (options = {}, isTaken = true) => {
      const producer = new TransactionalProducer({
        ...INTERNAL_TOPIC_PRODUCER,
        cluster,
        log: silentLogger,
        clock: systemClock,
        transactionalId: id,
        transactionTimeoutMs: 60_000,
        maxBlockMs: Number.POSITIVE_INFINITY,
        maxInFlight: 5,
        ...options,
      })
      t.after(() => producer.close(0))
      if (isTaken) await producer.init()
      return producer
    },
    committed: async () => {
      await untilDecided(cluster, topic)
      return (await readTopic(bootstrap, topic, 'read_committed')).map(r => r.value ?? '')
    },
  }
}

/** The ends of the topic's partitions for readers of all, and of committed records. */
async function endsOf(cluster: Cluster, topic: string): Promise<[all: number[], stable: number[]]> {
  const [found] = await cluster.metadata([topic])
  const partitions = (found?.partitions ?? []).map(p => ({ topic, partition: p.partition }))
  const admin = new Admin(cluster)
  const all = await admin.listOffsets(partitions, LATEST)
  const stable = await admin.listOffsets(partitions, LATEST, 'read_committed')
  return [[...all.values()], [...stable.values()]]
}

async function untilDecided(cluster: Cluster, topic: string): Promise<void> {
  await until(async () => {
    const [all, stable] = await endsOf(cluster, topic)
    return all.length > 0 && all.every((end, i) => end === stable[i])
  }, 10)
}

async function appendAll(producer: TransactionalProducer, topic: string, values: readonly string[]): Promise<void> {
  for (const value of values) await producer.producer.append(topic, null, 0, Buffer.from(value), Buffer.from(value), [], IGNORED)
}

/** `text-0`, `text-1`, … */
const named = (text: string, count: number) => Array.from({ length: count }, (_, i) => `${text}-${i}`)

test('committed transactions are read in full, aborted ones not at all, one after the other on many partitions', async t => {
  const m = await made(t, { partitions: 5 })
  const producer = await m.producer({ batchSizeBytes: 500 })
  const expected: string[] = []
  for (let round = 0; round < 20; round++) {
    producer.begin()
    const values = named(`${round}`, 60)
    await appendAll(producer, m.topic, values)
    if (round % 3 === 1) {
      // Half of them: records on their way, and records that never went.
      if (round % 2 === 0) await producer.producer.flush()
      await producer.abort()
    } else {
      await producer.commit()
      expected.push(...values)
    }
  }
  assert.deepEqual((await m.committed()).sort(), expected.sort())
  assert.equal(producer.producer.bufferedBytes, 0)
})

test('nothing of an open transaction is read, and its end shows all of it', async t => {
  const m = await made(t)
  const producer = await m.producer()
  producer.begin()
  await appendAll(producer, m.topic, named('a', 3))
  await producer.producer.flush()
  assert.deepEqual(await readTopic(b.bootstrap, m.topic, 'read_committed'), [])
  assert.equal((await readTopic(b.bootstrap, m.topic)).length, 3)
  await producer.commit()
  assert.deepEqual(await m.committed(), named('a', 3))
})

test('a transaction without records begins and ends, and appending outside of one is our own bug', async t => {
  const m = await made(t)
  const producer = await m.producer()
  producer.begin()
  await producer.commit()
  producer.begin()
  await producer.abort()
  assert.throws(() => producer.producer.append(m.topic, 0, 0, null, null, [], IGNORED), /no transaction .* is open for records/)
  assert.throws(() => producer.producer.append('unknown topic', 0, 0, null, null, [], IGNORED), /is open for records/)
  assert.equal(producer.producer.bufferedBytes, 0)
})

test('a zombie: taking the id again aborts what the older producer has open, and it commits no more', async t => {
  const m = await made(t)
  const old = await m.producer()
  old.begin()
  await appendAll(old, m.topic, named('old', 5))
  await old.producer.flush()
  const young = await m.producer()
  young.begin()
  await appendAll(young, m.topic, named('young', 5))
  await appendAll(old, m.topic, named('late', 5))
  await assert.rejects(old.commit(), isFenced)
  await young.commit()
  await old.abort()
  assert.throws(() => old.begin(), isFenced)
  assert.deepEqual(await m.committed(), named('young', 5))
})

test('a zombie that had written nothing yet cannot begin to write', async t => {
  const m = await made(t)
  const old = await m.producer()
  await m.producer()
  old.begin()
  const errors: (Error | null)[] = []
  await old.producer.append(m.topic, 0, 0, null, Buffer.from('late'), [], error => void errors.push(error))
  await assert.rejects(old.commit(), isFenced)
  assert.equal(errors.length, 1)
  assert.ok(isFenced(errors[0]))
  assert.deepEqual(await readTopic(b.bootstrap, m.topic), [])
})

test('the admin fences ids, known or not', async t => {
  const m = await made(t)
  const old = await m.producer()
  old.begin()
  await appendAll(old, m.topic, ['a'])
  await old.producer.flush()
  await new Admin(m.cluster).fenceProducers([m.id, uniqueName('nobody')])
  await assert.rejects(old.commit(), isFenced)
  const young = await m.producer()
  young.begin()
  await appendAll(young, m.topic, ['b'])
  await young.commit()
  assert.deepEqual(await m.committed(), ['b'])
})

test('a producer that is gone in the middle of a transaction leaves nothing for readers once the id is taken again', async t => {
  const m = await made(t)
  const gone = await m.producer()
  gone.begin()
  await appendAll(gone, m.topic, named('gone', 5))
  await gone.producer.flush()
  await gone.close(0)
  const next = await m.producer()
  next.begin()
  await appendAll(next, m.topic, ['next'])
  await next.commit()
  assert.deepEqual(await m.committed(), ['next'])
})

test('closing with time aborts the open transaction: readers need not wait for its time-out', async t => {
  const m = await made(t)
  const producer = await m.producer()
  producer.begin()
  await appendAll(producer, m.topic, ['a'])
  await producer.producer.flush()
  await producer.close(30_000)
  assert.deepEqual(await m.committed(), [])
  // The record and the marker.
  assert.deepEqual(await endsOf(m.cluster, m.topic), [[2], [2]])
})

test('a record that cannot be written makes the commit fail; aborted, none of its transaction is there', async t => {
  const m = await made(t)
  await new Admin(m.cluster).alterTopicConfigs(m.topic, { 'max.message.bytes': '2000' })
  const first = await m.producer()
  first.begin()
  await appendAll(first, m.topic, ['a', 'b'.repeat(5000), 'c'])
  await assert.rejects(first.commit(), /is larger than topic/)
  await first.abort()
  assert.throws(() => first.begin(), /is larger than topic/)
  // The same for one that is refused at once.
  const second = await m.producer()
  second.begin()
  await appendAll(second, m.topic, ['d'])
  await assert.rejects(appendAll(second, m.topic, ['e'.repeat(2_000_000)]), /larger than max.request.size/)
  await assert.rejects(second.commit(), /larger than max.request.size/)
  await second.close(30_000)
  const third = await m.producer()
  third.begin()
  await appendAll(third, m.topic, ['f'])
  await third.commit()
  assert.deepEqual(await m.committed(), ['f'])
})

test('a batch that the topic finds too large is halved within the transaction', async t => {
  const m = await made(t)
  await new Admin(m.cluster).alterTopicConfigs(m.topic, { 'max.message.bytes': '2000' })
  const producer = await m.producer({ batchSizeBytes: 100_000 })
  producer.begin()
  await appendAll(producer, m.topic, named('a', 300))
  await producer.commit()
  assert.deepEqual(await m.committed(), named('a', 300))
})

test('records for a topic that the broker makes at the first one are in the transaction', async t => {
  const m = await made(t)
  const producer = await m.producer()
  const topic = uniqueName('made')
  producer.begin()
  await appendAll(producer, topic, ['a', 'b'])
  await producer.commit()
  await untilDecided(m.cluster, topic)
  assert.deepEqual(
    (await readTopic(b.bootstrap, topic, 'read_committed')).map(r => r.value),
    ['a', 'b'],
  )
})

test('a transaction that outlives its time-out cannot be committed', async t => {
  const own = await ownBroker({ config: { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '200' } })
  t.after(() => own.stop())
  const m = await made(t, { bootstrap: own.bootstrap })
  const slow = await m.producer({ transactionTimeoutMs: 500 })
  slow.begin()
  await appendAll(slow, m.topic, ['a'])
  await slow.producer.flush()
  await untilDecided(m.cluster, m.topic)
  await assert.rejects(slow.commit(), isFenced)
  assert.deepEqual(await m.committed(), [])
})

test('a broker that dies in the middle of transactions loses and doubles none', async t => {
  const own = await ownBroker()
  t.after(() => own.stop())
  const m = await made(t, { bootstrap: own.bootstrap, partitions: 3 })
  const producer = await m.producer({ batchSizeBytes: 500 })
  const expected: string[] = []
  for (let round = 0; round < 4; round++) {
    producer.begin()
    const values = named(`${round}`, 100)
    await appendAll(producer, m.topic, values)
    const outage = round === 1 || round === 2 ? own.kill().then(() => own.restart()) : null
    if (round % 3 === 2) await producer.abort()
    else {
      await producer.commit()
      expected.push(...values)
    }
    await outage
  }
  assert.deepEqual((await m.committed()).sort(), expected.sort())
})

test('the writer writes all or none of a call, and a second one takes over', async t => {
  const m = await made(t)
  const open = () =>
    TransactionalWriter.open({
      cluster: m.cluster,
      log: silentLogger,
      clock: systemClock,
      topic: m.topic,
      transactionalId: m.id,
    })
  const records = (values: readonly string[]) => values.map(value => ({ key: Buffer.from('k'), value: Buffer.from(value) }))
  const first = await open()
  await first.write(records(['a', 'b']), 30_000)
  await first.write(records(['c']), 30_000)
  const second = await open()
  await assert.rejects(first.write(records(['d', 'e']), 30_000), isFenced)
  await first.close()
  await second.write(records(['f']), 30_000)
  await second.close()
  assert.deepEqual(await m.committed(), ['a', 'b', 'c', 'f'])
})

test('a writer whose broker is silent rejects in time, and the next one finds out what became of it', async t => {
  const own = await ownBroker()
  t.after(() => own.stop())
  const m = await made(t, { bootstrap: own.bootstrap })
  const options = { log: silentLogger, clock: systemClock, topic: m.topic, transactionalId: m.id }
  const first = await TransactionalWriter.open({ ...options, cluster: m.cluster })
  await first.write([{ key: null, value: Buffer.from('a') }], 30_000)
  own.pause()
  await assert.rejects(
    first.write([{ key: null, value: Buffer.from('b') }], 200),
    /not committed within 200 ms; they may still be/,
  )
  own.resume()
  const second = await TransactionalWriter.open({ ...options, cluster: m.cluster })
  await second.write([{ key: null, value: Buffer.from('c') }], 30_000)
  await Promise.all([first.close(), second.close()])
  const found = await m.committed()
  assert.deepEqual(
    found.filter(value => value !== 'b'),
    ['a', 'c'],
  )
  assert.ok(found.length <= 3)
})

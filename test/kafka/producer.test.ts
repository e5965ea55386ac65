// Goal: order and no duplicates under lost requests, lost answers and refusals, and the limits kept. Method: a fake broker that checks sequence
// numbers as Kafka does, with faults from a seed; its log is compared with what was appended.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { prng } from '../../src/base/prng.ts'
import { Producer, type ProducerOptions } from '../../src/kafka/producer.ts'
import { settle, TestClock } from '../support/clock.ts'
import { CALM, FakeLogBroker } from './fake-log-broker.ts'

function producerOn(broker: FakeLogBroker, options: Partial<ProducerOptions> = {}): Producer {
  return new Producer({
    cluster: broker.cluster,
    log: silentLogger,
    clock: systemClock,
    acks: -1,
    idempotent: false,
    lingerMs: 0,
    batchSizeBytes: 300,
    bufferMemoryBytes: 1_000_000,
    maxRequestSizeBytes: 2000,
    compression: 'none',
    deliveryTimeoutMs: Number.MAX_SAFE_INTEGER,
    maxInFlight: 1,
    retryBackoffMs: 1,
    retryBackoffMaxMs: 2,
    ...options,
  })
}

const PARTITIONS = 3
const COUNT = 600

for (let seed = 1; seed <= 12; seed++) {
  const idempotent = seed % 3 !== 0
  test(`faults from seed ${seed}: ${idempotent ? 'each record once, in order' : 'each record, first seen in order'}`, async () => {
    const random = prng(seed)
    const broker = new FakeLogBroker(PARTITIONS, random)
    broker.faults = { lostRequests: 0.15, lostAnswers: 0.15, refused: 0.1 }
    const maxInFlight = idempotent ? 1 + (seed % 5) : 1
    const producer = producerOn(broker, { idempotent, maxInFlight })
    const acked: string[][] = [[], [], []]
    for (let i = 0; i < COUNT; i++) {
      const partition = Math.floor(random() * PARTITIONS)
      await producer.append('t', partition, i, null, Buffer.from(`${partition}/${i}`), [], (error, meta) => {
        assert.equal(error, null)
        acked[partition]?.push(`${partition}/${i}`)
        if (idempotent) assert.equal(broker.logs.get(partition)?.[meta?.offset ?? -1], `${partition}/${i}`)
      })
      if (random() < 0.2) await settle()
    }
    await producer.flush()
    assert.equal(acked.flat().length, COUNT)
    assert.ok(broker.inFlightMost <= maxInFlight)
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const log = broker.logs.get(partition) ?? []
      assert.deepEqual([...new Set(log)], acked[partition])
      if (idempotent) assert.deepEqual(log, acked[partition])
    }
    assert.equal(producer.bufferedBytes, 0)
    await producer.close(0)
  })
}

test('a broker that forgets the producer gets a new epoch, and nothing is lost or doubled behind it', async () => {
  const broker = new FakeLogBroker(1, prng(5))
  const producer = producerOn(broker, { idempotent: true, maxInFlight: 5 })
  const expected: string[] = []
  for (let i = 0; i < 300; i++) {
    expected.push(`${i}`)
    await producer.append('t', 0, i, null, Buffer.from(`${i}`), [], error => assert.equal(error, null))
    if (i % 100 === 50) {
      await producer.flush()
      broker.forgetProducers()
    }
  }
  await producer.flush()
  assert.deepEqual(broker.logs.get(0), expected)
  await producer.close(0)
})

test('one request takes batches of several partitions, and no more than max.request.size', async () => {
  const broker = new FakeLogBroker(PARTITIONS, prng(2))
  const producer = producerOn(broker, { lingerMs: 10_000 })
  for (let i = 0; i < 30; i++) void producer.append('t', i % 3, 0, null, Buffer.alloc(10), [], () => {})
  await producer.flush()
  assert.equal(broker.requests, 1)
  assert.equal(broker.batchesMost, 3)
  for (let i = 0; i < 3; i++) void producer.append('t', i, 0, null, Buffer.alloc(1500), [], () => {})
  await producer.flush()
  assert.equal(broker.requests, 4)
  await producer.close(0)
})

test('linger waits for more, a full batch does not', async () => {
  const clock = new TestClock()
  const broker = new FakeLogBroker(PARTITIONS, prng(3))
  const producer = producerOn(broker, { clock, lingerMs: 50 })
  void producer.append('t', 0, 0, null, Buffer.alloc(10), [], () => {})
  await clock.advance(49)
  assert.equal(broker.requests, 0)
  void producer.append('t', 0, 0, null, Buffer.alloc(10), [], () => {})
  await clock.advance(1)
  assert.equal(broker.requests, 1)
  assert.equal(broker.logs.get(0)?.length, 2)
  void producer.append('t', 1, 0, null, Buffer.alloc(400), [], () => {})
  await settle()
  assert.equal(broker.requests, 2)
  await producer.close(0)
})

test('a batch that is older than delivery.timeout.ms fails each of its records once, and the next goes on', async () => {
  const clock = new TestClock()
  const broker = new FakeLogBroker(PARTITIONS, prng(4))
  broker.faults = { ...CALM, lostRequests: 1 }
  const producer = producerOn(broker, { clock, deliveryTimeoutMs: 500, idempotent: true, maxInFlight: 5 })
  const outcomes: string[] = []
  const note = (error: Error | null) =>
    void outcomes.push(error === null ? 'ok' : (error.message.match(/expired|closed/)?.[0] ?? error.message))
  void producer.append('t', 0, 0, null, Buffer.from('a'), [], note)
  void producer.append('t', 0, 0, null, Buffer.from('b'), [], note)
  await clock.advance(1000)
  assert.deepEqual(outcomes, ['expired', 'expired'])
  broker.faults = CALM
  void producer.append('t', 0, 0, null, Buffer.from('c'), [], note)
  await clock.advance(1000)
  assert.deepEqual(outcomes, ['expired', 'expired', 'ok'])
  assert.deepEqual(broker.logs.get(0), ['c'])
  assert.equal(producer.bufferedBytes, 0)
  await producer.close(0)
})

test('a timestamp that is none is refused and leaves nothing behind', async () => {
  const producer = producerOn(new FakeLogBroker(1, prng(6)))
  assert.throws(() => producer.append('t', 0, Number.NaN, null, null, [], () => {}), /NaN is no timestamp/)
  assert.equal(producer.bufferedBytes, 0)
  await producer.flush()
  await producer.close(0)
})

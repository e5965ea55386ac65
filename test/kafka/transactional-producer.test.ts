// Goal: transactions are whole, in order and once, under lost requests, lost answers and refusals; a failure is told at the commit and nothing goes on
// behind it. Method: a fake broker and coordinator that check as Kafka does, with faults from a seed; what was committed is compared.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { prng } from '../../src/base/prng.ts'
import { INTERNAL_TOPIC_PRODUCER } from '../../src/kafka/producer-options.ts'
import {
  TransactionalProducer,
  type TransactionalProducerOptions,
  TransactionalWriter,
} from '../../src/kafka/transactional-producer.ts'
import { isFenced } from '../../src/kafka/transactions.ts'
import { settle, TestClock } from '../support/clock.ts'
import { CALM, FakeLogBroker } from './fake-log-broker.ts'
import { FakeTransactions } from './fake-transactions.ts'

const PARTITIONS = 3

function brokerFrom(seed: number) {
  const random = prng(seed)
  const broker = new FakeLogBroker(PARTITIONS, random)
  const transactions = new FakeTransactions(random)
  broker.transactions = transactions
  return { random, broker, transactions }
}

function producerOn(broker: FakeLogBroker, options: Partial<TransactionalProducerOptions> = {}): TransactionalProducer {
  return new TransactionalProducer({
    ...INTERNAL_TOPIC_PRODUCER,
    cluster: broker.cluster,
    log: silentLogger,
    clock: systemClock,
    batchSizeBytes: 300,
    maxRequestSizeBytes: 2000,
    retryBackoffMs: 1,
    retryBackoffMaxMs: 2,
    transactionalId: 'id',
    transactionTimeoutMs: 60_000,
    maxBlockMs: Number.POSITIVE_INFINITY,
    ...options,
  })
}

for (let seed = 1; seed <= 12; seed++)
  test(`faults from seed ${seed}: committed transactions once and in order, aborted ones not`, async () => {
    const { random, broker, transactions } = brokerFrom(seed)
    broker.faults = { lostRequests: 0.15, lostAnswers: 0.15, refused: 0.1 }
    transactions.lostRequests = 0.2
    transactions.lostAnswers = 0.2
    const producer = producerOn(broker, { maxInFlight: 1 + (seed % 5) })
    await producer.init()
    const expected = new Map<number, string[]>()
    let ends = 0
    for (let round = 0; round < 25; round++) {
      producer.begin()
      const values: [partition: number, value: string][] = []
      const count = Math.floor(random() * 40)
      for (let i = 0; i < count; i++) {
        const partition = Math.floor(random() * PARTITIONS)
        values.push([partition, `${round}/${i}`])
        await producer.producer.append('t', partition, i, null, Buffer.from(`${round}/${i}`), [], () => {})
        if (random() < 0.2) await settle()
      }
      if (random() < 0.3) {
        await producer.abort()
        continue
      }
      await producer.commit()
      if (count > 0) ends++
      for (const [partition, value] of values) expected.set(partition, [...(expected.get(partition) ?? []), value])
    }
    for (let p = 0; p < PARTITIONS; p++) assert.deepEqual(transactions.committed.get(p) ?? [], expected.get(p) ?? [])
    assert.ok(transactions.ends >= ends)
    assert.equal(producer.producer.bufferedBytes, 0)
    await producer.close(0)
  })

test('every record of an aborted transaction is told so, once', async () => {
  const { broker } = brokerFrom(3)
  const producer = producerOn(broker, { lingerMs: 10_000 })
  await producer.init()
  producer.begin()
  const told: string[] = []
  for (let i = 0; i < 5; i++)
    await producer.producer.append('t', i % 2, 0, null, Buffer.from('x'), [], error => void told.push(error?.message ?? 'ok'))
  await producer.abort()
  assert.deepEqual(told, Array(5).fill('the transaction was aborted'))
  assert.equal(broker.requests, 0)
  producer.begin()
  await producer.commit()
  await producer.close(0)
})

test('records that expire fail the transaction, and what was behind them fails with it', async () => {
  const clock = new TestClock()
  const { broker, transactions } = brokerFrom(4)
  broker.faults = { ...CALM, lostRequests: 1 }
  const producer = producerOn(broker, { clock, deliveryTimeoutMs: 500 })
  const taken = producer.init()
  await clock.advance(1)
  await taken
  producer.begin()
  const told: string[] = []
  const note = (error: Error | null) => void told.push(error?.message ?? 'ok')
  void producer.producer.append('t', 0, 0, null, Buffer.from('a'), [], note)
  await clock.advance(300)
  void producer.producer.append('t', 1, 0, null, Buffer.from('b'), [], note)
  const commit = assert.rejects(producer.commit(), /expired/)
  await clock.advance(1000)
  await commit
  assert.equal(told.length, 2)
  assert.match(told[0] ?? '', /expired/)
  // By the failure of the transaction, or by that of its own last attempt where that came first.
  assert.match(told[1] ?? '', /expired|connection lost/)
  assert.throws(() => producer.producer.append('t', 0, 0, null, Buffer.from('c'), [], note), /expired/)
  broker.faults = CALM
  const closed = producer.close(1000)
  await clock.advance(2000)
  await closed
  assert.equal(transactions.committed.size, 0)
  assert.equal(transactions.ends, 1)
})

test('an id that cannot be had in time is given up, and the writer says so', async () => {
  const clock = new TestClock()
  const { broker, transactions } = brokerFrom(5)
  transactions.lostRequests = 1
  const options = { cluster: broker.cluster, log: silentLogger, clock, topic: 't', transactionalId: 'id' }
  const opened = assert.rejects(TransactionalWriter.open(options), /connection lost/)
  await clock.advance(62_000)
  await opened
})

test('closing ends a wait for the broker', async () => {
  const { broker, transactions } = brokerFrom(6)
  const producer = producerOn(broker)
  await producer.init()
  producer.begin()
  await producer.producer.append('t', 0, 0, null, Buffer.from('a'), [], () => {})
  await producer.producer.flush()
  transactions.lostRequests = 1
  const commit = assert.rejects(producer.commit(), /closed|stopped/)
  await settle()
  await producer.close(0)
  await commit
})

test('of two producers the older is fenced whether it adds partitions, sends or ends', async () => {
  for (const point of ['add', 'send', 'end'] as const) {
    const { broker, transactions } = brokerFrom(7)
    const old = producerOn(broker)
    await old.init()
    old.begin()
    const append = () => old.producer.append('t', 0, 0, null, Buffer.from(point), [], () => {})
    if (point !== 'add') await append()
    if (point !== 'add') await old.producer.flush()
    const young = producerOn(broker)
    await young.init()
    if (point !== 'end') await append()
    await assert.rejects(old.commit(), isFenced)
    await old.abort()
    assert.equal(transactions.committed.size, 0)
    await Promise.all([old.close(0), young.close(0)])
  }
})

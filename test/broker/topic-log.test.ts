// Goal: a replica holds all that its topic held when asked, and its own appends, also across an outage. Method: a real broker.
// Main thread of a test file.
import assert from 'node:assert/strict'
import { before, type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { Admin } from '../../src/kafka/admin.ts'
import { INTERNAL_TOPIC_PRODUCER } from '../../src/kafka/producer-options.ts'
import { TopicLog, type TopicLogOptions } from '../../src/kafka/topic-log.ts'
import { TransactionalProducer } from '../../src/kafka/transactional-producer.ts'
import { type Broker, broker, ownBroker } from '../support/broker.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { connected } from './producer-parts.ts'

let b: Broker
before(async () => {
  b = await broker()
})

async function logOn(t: TestContext, bootstrap: string, topic: string, options: Partial<TopicLogOptions> = {}) {
  const cluster = await connected(bootstrap)
  const table = new Map<string, string | null>()
  const errors: Error[] = []
  const log = new TopicLog({
    cluster,
    log: silentLogger,
    clock: systemClock,
    topic,
    topicKey: 'offset.storage.topic',
    create: { partitions: 3, replicationFactor: 1 },
    onRecord: r => void table.set(r.key?.toString() ?? '', r.value?.toString() ?? null),
    onError: error => void errors.push(error),
    ...options,
  })
  t.after(async () => {
    await log.stop()
    await cluster.close()
  })
  return { log, table, errors, cluster }
}

test('makes the topic compacted, and reads back what it appends', async t => {
  const topic = uniqueName('log')
  const { log, table, cluster } = await logOn(t, b.bootstrap, topic)
  await log.start()
  assert.equal(log.partitionCount, 3)
  assert.equal((await new Admin(cluster).topicConfigs(topic)).get('cleanup.policy')?.value, 'compact')
  for (let i = 0; i < 10; i++) {
    await log.append(Buffer.from(`k${i}`), Buffer.from(`v${i}`))
    assert.equal(table.get(`k${i}`), `v${i}`)
  }
  await log.append(Buffer.from('k3'), null)
  assert.equal(table.get('k3'), null)
})

test('a second replica starts with all that was written, and sees what others write', async t => {
  const topic = uniqueName('log')
  const first = await logOn(t, b.bootstrap, topic)
  await first.log.start()
  await Promise.all(Array.from({ length: 500 }, (_, i) => first.log.send(Buffer.from(`${i}`), Buffer.from(`${i}`))))
  const second = await logOn(t, b.bootstrap, topic, { isolation: 'read_committed' })
  await second.log.start()
  assert.equal(second.table.size, 500)
  await first.log.send(Buffer.from('late'), Buffer.from('late'))
  await second.log.readToEnd()
  assert.equal(second.table.get('late'), 'late')
})

test('refuses a topic that is not compacted, or has another number of partitions', async t => {
  const topic = uniqueName('deleting')
  await createTopic(b.bootstrap, topic, { partitions: 2 })
  const { log, cluster } = await logOn(t, b.bootstrap, topic)
  await assert.rejects(log.start(), /offset.storage.topic must have cleanup.policy=compact, it has cleanup.policy=delete/)
  await new Admin(cluster).alterTopicConfigs(topic, { 'cleanup.policy': 'compact' })
  const strict = await logOn(t, b.bootstrap, topic, { partitionsRequired: 1 })
  await assert.rejects(strict.log.start(), /must have 1 partition\(s\), it has 2/)
})

test('a topic whose beginning was deleted is read from what is left', async t => {
  const topic = uniqueName('trimmed')
  await createTopic(b.bootstrap, topic, { partitions: 1 })
  await produce(
    b.bootstrap,
    topic,
    Array.from({ length: 6 }, (_, i) => ({ key: `${i}`, value: `${i}` })),
  )
  const { log, table, cluster } = await logOn(t, b.bootstrap, topic)
  const admin = new Admin(cluster)
  await admin.deleteRecords([{ topic, partition: 0, offset: 4 }])
  await admin.alterTopicConfigs(topic, { 'cleanup.policy': 'compact' })
  await log.start()
  assert.deepEqual([...table.keys()], ['4', '5'])
})

test('an append while the broker is down goes through when it is back, or says that it took too long', async t => {
  const own = await ownBroker()
  t.after(() => own.stop())
  const { log, table, errors } = await logOn(t, own.bootstrap, uniqueName('down'))
  await log.start()
  await log.append(Buffer.from('a'), Buffer.from('1'))
  await own.kill()
  await assert.rejects(log.append(Buffer.from('a'), Buffer.from('2'), 300), /not acknowledged and read back within 300 ms/)
  const later = log.append(Buffer.from('a'), Buffer.from('3'))
  await own.restart()
  await later
  assert.equal(table.get('a'), '3')
  assert.deepEqual(errors, [])
})

test('a reader of committed records waits for what is being committed, and sees nothing of what was aborted', async t => {
  const topic = uniqueName('log')
  const replica = await logOn(t, b.bootstrap, topic, { isolation: 'read_committed' })
  await replica.log.start()
  const cluster = await connected(b.bootstrap)
  t.after(() => cluster.close())
  const producer = new TransactionalProducer({
    ...INTERNAL_TOPIC_PRODUCER,
    cluster,
    log: silentLogger,
    clock: systemClock,
    transactionalId: uniqueName('id'),
    transactionTimeoutMs: 60_000,
    maxBlockMs: 60_000,
  })
  t.after(() => producer.close(0))
  await producer.init()
  for (let round = 0; round < 10; round++) {
    producer.begin()
    await producer.producer.append(topic, 0, 0, Buffer.from('k'), Buffer.from(`committed ${round}`), [], () => {})
    await producer.producer.flush()
    const read = replica.log.readToEnd().then(() => replica.table.get('k'))
    await producer.commit()
    assert.equal(await read, `committed ${round}`)
    await replica.log.readToEnd()
    assert.equal(replica.table.get('k'), `committed ${round}`)
    producer.begin()
    await producer.producer.append(topic, 0, 0, Buffer.from('k'), Buffer.from('aborted'), [], () => {})
    await producer.producer.flush()
    await producer.abort()
    await replica.log.readToEnd()
    assert.equal(replica.table.get('k'), `committed ${round}`)
  }
})

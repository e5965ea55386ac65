// Goal: what the producer acknowledges is in the log, once where it says so, in order, whatever happens to the broker. Method: a real
// broker, killed and restarted mid-way where the test says so; the topic is read back.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { Admin } from '../../src/kafka/admin.ts'
import { COMPRESSIONS } from '../../src/kafka/codec/compression.ts'
import { partitionOfKey } from '../../src/kafka/partitioner.ts'
import { type Broker, broker, ownBroker } from '../support/broker.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { connected, producerOn, readTopic } from './producer-parts.ts'

let b: Broker
before(async () => {
  b = await broker()
})

const acked = () => assert.fail('no callback is expected here')

for (const compression of COMPRESSIONS)
  test(`keys, values, nulls, headers and time arrive as given, with compression ${compression}`, async t => {
    const topic = uniqueName('fields')
    await createTopic(b.bootstrap, topic, { partitions: 3 })
    const cluster = await connected(b.bootstrap)
    const producer = producerOn(cluster, { compression })
    t.after(() => cluster.close())
    const acks: (number | undefined)[] = []
    const headers = [
      { key: 'a', value: Buffer.from('1') },
      { key: 'a', value: null },
      { key: 'é', value: Buffer.from('') },
    ]
    for (let i = 0; i < 50; i++) {
      const key = i % 2 === 0 ? Buffer.from(`key-${i}`) : null
      const value = i % 7 === 0 ? null : Buffer.from(`value-${i}`)
      await producer.append(
        topic,
        key === null ? 2 : null,
        1_700_000_000_000 + i * 1000,
        key,
        value,
        i % 3 === 0 ? headers : [],
        (error, meta) => {
          assert.equal(error, null)
          assert.equal(meta?.timestamp, 1_700_000_000_000 + i * 1000)
          acks[i] = meta?.offset
        },
      )
    }
    await producer.flush()
    await producer.close(1000)
    const records = await readTopic(b.bootstrap, topic)
    assert.equal(records.length, 50)
    for (let i = 0; i < 50; i++) {
      const key = i % 2 === 0 ? `key-${i}` : null
      const partition = key === null ? 2 : partitionOfKey(Buffer.from(key), 3)
      assert.deepEqual(
        records.find(r => r.partition === partition && r.offset === acks[i]),
        {
          partition,
          offset: acks[i],
          timestamp: 1_700_000_000_000 + i * 1000,
          key,
          value: i % 7 === 0 ? null : `value-${i}`,
          headers:
            i % 3 === 0
              ? [
                  ['a', '1'],
                  ['a', null],
                  ['é', ''],
                ]
              : [],
        },
      )
    }
  })

test('callbacks come in append order, and offsets follow it', async t => {
  const topic = uniqueName('order')
  await createTopic(b.bootstrap, topic, { partitions: 1 })
  const cluster = await connected(b.bootstrap)
  const producer = producerOn(cluster, { batchSizeBytes: 1000 })
  t.after(() => cluster.close())
  const order: number[] = []
  for (let i = 0; i < 20_000; i++) {
    const wait = producer.append(topic, 0, i, null, Buffer.from(`${i}`), [], (error, meta) => {
      assert.equal(error, null)
      order.push(meta?.offset === i ? i : -1)
    })
    if (wait !== undefined) await wait
    if (i % 1000 === 0) await systemClock.sleep(1)
  }
  await producer.flush()
  assert.equal(producer.bufferedBytes, 0)
  assert.deepEqual(order, [...order.keys()])
  assert.equal(order.length, 20_000)
  await producer.close(0)
})

test('records without a key go to every partition, in runs', async t => {
  const topic = uniqueName('sticky')
  await createTopic(b.bootstrap, topic, { partitions: 4 })
  const cluster = await connected(b.bootstrap)
  const producer = producerOn(cluster, { batchSizeBytes: 2000 })
  t.after(() => cluster.close())
  for (let i = 0; i < 2000; i++) await producer.append(topic, null, 0, null, Buffer.alloc(50), [], () => {})
  await producer.close(10_000)
  const counts = new Map<number, number>()
  for (const r of await readTopic(b.bootstrap, topic)) counts.set(r.partition, (counts.get(r.partition) ?? 0) + 1)
  assert.equal(counts.size, 4)
  assert.equal(
    [...counts.values()].reduce((x, y) => x + y),
    2000,
  )
})

test('buffer.memory makes append wait, and what is buffered stays near it', async t => {
  const topic = uniqueName('memory')
  await createTopic(b.bootstrap, topic, { partitions: 2 })
  const cluster = await connected(b.bootstrap)
  const producer = producerOn(cluster, { bufferMemoryBytes: 100_000, lingerMs: 60_000 })
  t.after(() => cluster.close())
  let waits = 0
  let most = 0
  for (let i = 0; i < 3000; i++) {
    const wait = producer.append(topic, i % 2, 0, null, Buffer.alloc(1000), [], () => {})
    most = Math.max(most, producer.bufferedBytes)
    if (wait !== undefined) waits++
    await wait
  }
  assert.ok(waits > 5, `${waits} waits`)
  assert.ok(most < 110_000, `${most} bytes`)
  await producer.close(10_000)
  assert.equal((await readTopic(b.bootstrap, topic)).length, 3000)
})

test('a record larger than max.request.size is refused at once, naming topic and size', async t => {
  const cluster = await connected(b.bootstrap)
  t.after(() => cluster.close())
  const producer = producerOn(cluster)
  assert.throws(
    () => producer.append('any', 0, 0, null, Buffer.alloc(1024 * 1024), [], acked),
    /record of 10486\d\d bytes for topic any is larger than max.request.size, 1048576/,
  )
  await producer.close(0)
})

for (const idempotent of [false, true])
  test(`a record the topic finds too large fails alone, its batch is halved around it${idempotent ? ', with idempotence' : ''}`, async t => {
    const topic = uniqueName('large')
    await createTopic(b.bootstrap, topic, { partitions: 1 })
    const cluster = await connected(b.bootstrap)
    t.after(() => cluster.close())
    await new Admin(cluster).alterTopicConfigs(topic, { 'max.message.bytes': '5000' })
    const producer = producerOn(cluster, { batchSizeBytes: 100_000, idempotent, maxInFlight: idempotent ? 5 : 1 })
    const failed: number[] = []
    const passed: number[] = []
    for (let i = 0; i < 100; i++)
      await producer.append(topic, 0, i, null, Buffer.alloc(i === 37 ? 20_000 : 300, `${i} `), [], error => {
        if (error === null) return void passed.push(i)
        assert.match(error.message, new RegExp(`record of about 20\\d\\d\\d bytes is larger than topic ${topic} takes`))
        failed.push(i)
      })
    await producer.flush()
    assert.deepEqual(failed, [37])
    assert.equal(passed.length, 99)
    await producer.append(topic, 0, 100, null, Buffer.from('100'), [], error => assert.equal(error, null))
    await producer.close(10_000)
    const times = (await readTopic(b.bootstrap, topic)).map(r => r.timestamp)
    assert.deepEqual(
      times,
      Array.from({ length: 101 }, (_, i) => i).filter(i => i !== 37),
    )
  })

test('a topic that is missing is waited for, and a partition that does not exist fails the record', async t => {
  const topic = uniqueName('auto')
  const cluster = await connected(b.bootstrap)
  t.after(() => cluster.close())
  const producer = producerOn(cluster)
  const outcomes: string[] = []
  const note = (error: Error | null) => void outcomes.push(error === null ? 'ok' : error.message)
  await producer.append(topic, null, 0, null, Buffer.from('a'), [], note)
  await producer.append(topic, 7, 0, null, Buffer.from('b'), [], note)
  await producer.flush()
  assert.deepEqual(outcomes.sort(), ['ok', `topic ${topic} has 1 partitions, the record names partition 7`])
  await producer.append('not/a topic', 0, 0, null, null, [], note)
  assert.match(outcomes.at(-1) ?? '', /not\/a topic/)
  await producer.close(0)
})

test('acks=0 and acks=1 deliver as well', async t => {
  const topic = uniqueName('acks')
  await createTopic(b.bootstrap, topic, { partitions: 1 })
  const cluster = await connected(b.bootstrap)
  t.after(() => cluster.close())
  for (const acks of [0, 1] as const) {
    const producer = producerOn(cluster, { acks })
    let offset: number | undefined
    await producer.append(topic, 0, 0, null, Buffer.from(`${acks}`), [], (_error, meta) => {
      offset = meta?.offset
    })
    await producer.close(5000)
    assert.equal(offset, acks === 0 ? -1 : 1)
  }
  assert.equal((await readTopic(b.bootstrap, topic)).length, 2)
})

for (const idempotent of [false, true])
  test(`broker killed and restarted mid-way: nothing lost, order kept${idempotent ? ', nothing twice with five requests in flight' : ''}`, async t => {
    const own = await ownBroker()
    t.after(() => own.stop())
    const topic = uniqueName('killed')
    await createTopic(own.bootstrap, topic, { partitions: 3 })
    const cluster = await connected(own.bootstrap)
    t.after(() => cluster.close())
    const producer = producerOn(cluster, {
      idempotent,
      maxInFlight: idempotent ? 5 : 1,
      batchSizeBytes: 2000,
      bufferMemoryBytes: 200_000,
    })
    const order: number[][] = [[], [], []]
    let isOver = false
    const killing = (async () => {
      for (let round = 0; round < 2; round++) {
        await systemClock.sleep(700)
        await own.kill()
        await systemClock.sleep(300)
        await own.restart()
      }
      isOver = true
    })()
    // A broker that restarts forgets producers whose last records are older than a day: their numbers start in the present.
    const startMs = Date.now()
    let sent = 0
    for (; !isOver; sent++) {
      const i = sent
      await producer.append(topic, i % 3, startMs + i, null, Buffer.alloc(100, `${i} `), [], error => {
        assert.equal(error, null)
        order[i % 3]?.push(i)
      })
      if (i % 50 === 0) await systemClock.sleep(1)
    }
    await killing
    await producer.close(60_000)
    const all = Array.from({ length: sent }, (_, i) => i)
    for (const [partition, list] of order.entries())
      assert.deepEqual(
        list,
        all.filter(i => i % 3 === partition),
        `callbacks of partition ${partition} are complete and in order`,
      )
    const records = await readTopic(own.bootstrap, topic)
    for (let partition = 0; partition < 3; partition++) {
      const times = records.filter(r => r.partition === partition).map(r => r.timestamp - startMs)
      const first = [...new Set(times)]
      if (idempotent) assert.deepEqual(times, first, 'nothing twice')
      assert.deepEqual(
        first,
        all.filter(i => i % 3 === partition),
        `partition ${partition} has all of them, first seen in order`,
      )
    }
  })

test('idempotent: after a batch expired the partition goes on, in order and without duplicates', async t => {
  const own = await ownBroker()
  t.after(() => own.stop())
  const topic = uniqueName('expired')
  await createTopic(own.bootstrap, topic, { partitions: 1 })
  const cluster = await connected(own.bootstrap)
  t.after(() => cluster.close())
  const producer = producerOn(cluster, { idempotent: true, maxInFlight: 5, deliveryTimeoutMs: 1500 })
  const outcomes: (string | null)[] = []
  const append = (i: number) =>
    producer.append(topic, 0, i, null, Buffer.from(`${i}`), [], error => void (outcomes[i] = error?.message ?? null))
  await append(0)
  await producer.flush()
  await own.kill()
  await append(1)
  await producer.flush()
  assert.match(outcomes[1] ?? '', /1 record\(s\) for expired-.*-0 expired.*delivery.timeout.ms is 1500/)
  await own.restart()
  await cluster.refresh([topic])
  await append(2)
  await append(3)
  await producer.flush()
  assert.deepEqual([outcomes[0], outcomes[2], outcomes[3]], [null, null, null])
  assert.deepEqual(
    (await readTopic(own.bootstrap, topic)).map(r => r.value),
    ['0', '2', '3'],
  )
  await producer.close(0)
})

test('records deleted under an idempotent producer do not stop it', async t => {
  const topic = uniqueName('deleted')
  await createTopic(b.bootstrap, topic, { partitions: 1 })
  const cluster = await connected(b.bootstrap)
  t.after(() => cluster.close())
  const producer = producerOn(cluster, { idempotent: true, maxInFlight: 5 })
  const admin = new Admin(cluster)
  for (let i = 0; i < 5; i++) {
    await producer.append(topic, 0, i, null, Buffer.from(`${i}`), [], error => assert.equal(error, null))
    await producer.flush()
    if (i === 2) await admin.deleteRecords([{ topic, partition: 0, offset: 3 }])
  }
  await producer.close(0)
  assert.deepEqual(
    (await readTopic(b.bootstrap, topic)).map(r => r.value),
    ['3', '4'],
  )
})

test('closing fails what is not acknowledged, once, and frees its bytes', async t => {
  const cluster = await connected(b.bootstrap)
  t.after(() => cluster.close())
  const topic = uniqueName('closed')
  await createTopic(b.bootstrap, topic, { partitions: 1 })
  const producer = producerOn(cluster, { lingerMs: 60_000 })
  const outcomes: string[] = []
  await producer.append(topic, 0, 0, null, Buffer.from('a'), [], error => void outcomes.push(error?.message ?? 'ok'))
  await producer.append(topic, 0, 0, null, Buffer.from('b'), [], error => void outcomes.push(error?.message ?? 'ok'))
  await producer.close(0)
  assert.equal(outcomes.length, 2)
  assert.match(outcomes[0] ?? '', /closed before/)
  assert.equal(producer.bufferedBytes, 0)
  assert.throws(() => producer.append(topic, 0, 0, null, null, [], acked), /closed/)
})

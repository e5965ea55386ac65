// Topic -> S3 -> read back, with the config that users find in the field and an S3 server that starts in a second.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { broker } from '../support/broker.ts'
import { create, untilTasks } from '../support/connectors.ts'
import { startS3Server } from '../support/s3-server.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker } from '../support/worker.ts'
import { credentialsOf, EXAMPLE, eventsOf, rowsIn, storeOf } from './s3-parts.ts'

test('the S3 config of the field writes Parquet that reads back as the topic was, and commits no offset before', async t => {
  const kafka = await broker()
  const server = await startS3Server('moto')
  t.after(() => server.stop())
  await server.makeBucket(EXAMPLE['s3.bucket.name'])
  const worker = await startWorker({
    bootstrap: kafka.bootstrap,
    env: credentialsOf(server),
    worker: { 'offset.flush.interval.ms': '500' },
  })
  t.after(() => worker.stop())
  const topic = uniqueName('events')
  await createTopic(kafka.bootstrap, topic)
  const events = eventsOf(0, 25_000)
  await produce(
    kafka.bootstrap,
    topic,
    events.map(event => ({ value: JSON.stringify(event) })),
  )
  const answer = await create(worker, 's3-sink', { ...EXAMPLE, topics: topic, 'store.url': server.url })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  await untilTasks(worker, 's3-sink', 'RUNNING')
  const rows = await rowsIn(storeOf(server, EXAMPLE['s3.bucket.name']), topic, 2, tempFolder(t))
  assert.deepEqual(rows, events.slice(0, 20_000))
  const committed = await until(async () => {
    const { body } = await worker.rest<{ offsets: { offset: { kafka_offset: number } }[] }>('/connectors/s3-sink/offsets')
    return body.offsets[0]?.offset.kafka_offset
  })
  assert.ok(committed === 10_000 || committed === 20_000, `committed ${committed}`)
  assert.ok(!worker.logs().includes(server.secretAccessKey), 'the secret is in the log')
})

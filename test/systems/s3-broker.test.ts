// Goal: S3 going away and coming back, and bad credentials, as a user's worker meets them. Method: a real broker, worker and versitygw, whose
// files outlive its kills.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { credentialsOf, EXAMPLE, eventsOf, keysIn, rowsIn, storeOf } from '../broker/s3-parts.ts'
import { broker } from '../support/broker.ts'
import { create, untilFailed, untilTasks } from '../support/connectors.ts'
import { faultProxy } from '../support/fault-proxy.ts'
import { freshBucket, PART_BYTES_MIN, unfinishedUploads } from '../support/s3-buckets.ts'
import { startS3Server } from '../support/s3-server.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'

const kafka = await broker()
const server = await startS3Server('versitygw')
const worker = await startWorker({
  bootstrap: kafka.bootstrap,
  env: credentialsOf(server),
  worker: { 'offset.flush.interval.ms': '500', 'task.restart.enable': 'false' },
})
after(async () => {
  await worker.stop()
  await server.stop()
  await kafka.stop()
})

async function filledTopic(events: readonly unknown[]): Promise<string> {
  const topic = uniqueName('events')
  await createTopic(kafka.bootstrap, topic)
  const records = events.map(event => ({ value: JSON.stringify(event) }))
  await produce(kafka.bootstrap, topic, records)
  return topic
}

test('a server that is killed, comes back, and stalls for a while: every record once, in order', async t => {
  const bucket = await freshBucket(server)
  const events = eventsOf(0, 60_000)
  const topic = await filledTopic(events)
  const name = uniqueName('s3')
  const config = { ...EXAMPLE, topics: topic, 's3.bucket.name': bucket, 'store.url': server.url, 'flush.size': '500' }
  const quick = { 's3.retry.backoff.ms': '20', 'retry.backoff.ms': '200' }
  assert.equal((await create(worker, name, { ...config, ...quick })).status, 201)
  const store = storeOf(server, bucket)
  await until(async () => (await keysIn(store, topic)).length > 3)
  await server.kill()
  // the put fails, and is told to the log, before the server is there again
  await until(() => worker.logs().includes('no answer from'))
  await server.restart()
  const atRestart = (await keysIn(store, topic)).length
  await until(async () => (await keysIn(store, topic)).length > atRestart)
  server.pause()
  await new Promise(resolve => setTimeout(resolve, 1_000))
  server.resume()
  assert.deepEqual(await rowsIn(store, topic, 120, tempFolder(t)), events)
  assert.equal(await unfinishedUploads(server, bucket), 0)
  await untilTasks(worker, name, 'RUNNING')
})

test('a wrong secret and a missing bucket fail the task with what to do, and the secret is nowhere', async () => {
  const topic = await filledTopic(eventsOf(0, 1))
  const secret = 'a-wrong-secret-that-nobody-may-see'
  const name = uniqueName('s3')
  const config = { ...EXAMPLE, topics: topic, 'store.url': server.url }
  const keys = { 'aws.access.key.id': server.accessKeyId, 'aws.secret.access.key': secret }
  assert.equal((await create(worker, name, { ...config, ...keys })).status, 201)
  const trace = await untilFailed(worker, name)
  assert.match(trace, /SignatureDoesNotMatch \(HTTP 403\).*check aws\.access\.key\.id/)
  assert.ok(!trace.includes(secret) && !worker.logs().includes(secret))
  const other = uniqueName('s3')
  await create(worker, other, { ...config, 's3.bucket.name': 'no-such-bucket' })
  assert.match(await untilFailed(worker, other), /make the bucket no-such-bucket at http/)
})

/** Bytes that make 600 records an object of two parts. */
const PADDING = 'x'.repeat(10_000)

test('a worker killed amid its uploads, thrice: the next one ends what was unfinished, and every record is there once', async t => {
  const bucket = await freshBucket(server)
  const proxy = await faultProxy(t, server.url)
  const store = storeOf(server, bucket)
  const events = eventsOf(0, 6_000).map(event => ({ ...event, padding: PADDING }))
  const topic = await filledTopic(events)
  const name = uniqueName('s3')
  // before the folder, which goes in its turn
  let running: WorkerProcess | null = null
  t.after(() => running?.stop())
  const folder = tempFolder(t)
  const shape = { 'format.class': 'json', 'flush.size': '600', 's3.part.size': String(PART_BYTES_MIN) }
  const connectors = {
    [name]: { ...EXAMPLE, topics: topic, 's3.bucket.name': bucket, 'store.url': proxy.url, ...shape },
  }
  const options = { bootstrap: kafka.bootstrap, env: credentialsOf(server), folder, connectors }
  const start = () => startWorker({ ...options, worker: { 'consumer.session.timeout.ms': '6000' } })
  // the last request of an upload is never answered, or a part is not: the worker dies waiting
  for (const [objects, kind] of [
    [2, 'uploadId'],
    [4, 'partNumber=2'],
    [7, 'uploadId'],
  ] as const) {
    let isStuck = false
    const before = (await keysIn(store, topic)).length
    let left = objects - before
    proxy.plan = ({ method, path }) => {
      const isLast = method === 'POST' && path.includes('uploadId')
      if (isLast && left > 0) left--
      else if (left === 0 && (kind === 'uploadId' ? isLast : path.includes(kind))) isStuck = true
      return isStuck && path.includes('uploadId=') ? 'silence' : null
    }
    running = await start()
    await until(() => isStuck)
    await running.kill()
    running = null
    assert.equal(await unfinishedUploads(server, bucket), 1)
  }
  proxy.plan = () => null
  running = await start()
  const keys = await until(async () => {
    const found = await keysIn(store, topic)
    return found.length === 10 ? found : null
  })
  const text = await Promise.all(keys.map(async key => (await store.read(key)).toString()))
  const rows = text
    .join('')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as unknown)
  assert.deepEqual(rows, events)
  assert.equal(await unfinishedUploads(server, bucket), 0)
})

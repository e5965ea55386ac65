// Goal: a plugin's mistakes lose no record in silence: the task fails and names them, or the records are in the dead letters.
// Method: one worker with the plugins of test/support/plugins/careless.ts, on a real broker.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Broker, broker } from '../support/broker.ts'
import { create, untilFailed, untilTasks } from '../support/connectors.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'
import { connected, producerOn, readTopic } from './producer-parts.ts'

const PLUGINS = fileURLToPath(new URL('../support/plugins', import.meta.url))
let kafka: Broker
let worker: WorkerProcess
const topic = uniqueName('lines')

before(async () => {
  kafka = await broker()
  await createTopic(kafka.bootstrap, topic)
  const cluster = await connected(kafka.bootstrap)
  const producer = producerOn(cluster)
  for (const line of ['a', 'b', 'c']) producer.append(topic, 0, 1_000, null, Buffer.from(line), [], () => undefined)
  await producer.flush()
  await producer.close(0)
  await cluster.close()
  worker = await startWorker({
    bootstrap: kafka.bootstrap,
    worker: {
      'plugin.path': PLUGINS,
      'task.restart.enable': 'false',
      'offset.flush.interval.ms': '300',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    },
  })
})

after(async () => {
  await worker?.stop()
  await kafka?.stop()
})

const letters = (to: string) => ({
  'errors.tolerance': 'all',
  'errors.log.enable': 'true',
  'errors.log.include.messages': 'true',
  'errors.deadletterqueue.topic.name': to,
  'errors.deadletterqueue.topic.replication.factor': '1',
  'errors.deadletterqueue.context.headers.enable': 'true',
})

const linesOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [])

const committed = async (name: string) => {
  const { body } = await worker.rest<{ offsets: { offset: Record<string, unknown> }[] }>(`/connectors/${name}/offsets`)
  return body.offsets.map(({ offset }) => offset)
}

test('a sink that empties the list it is given and asks for a retry gets all records again', async () => {
  const name = uniqueName('splicing')
  const file = join(worker.folder, name)
  await create(worker, name, { 'connector.class': 'SplicingSink', topics: topic, file })
  await until(async () => (await committed(name))[0]?.kafka_offset === 3)
  assert.deepEqual(linesOf(file), ['a', 'b', 'c'])
})

for (const [change, told] of [
  ['async', /CarelessTransform\.apply returned a Promise: it must be synchronous/],
  ['nothing', /CarelessTransform\.apply returned undefined/],
] as const) {
  const transforms = { transforms: 'a', 'transforms.a.type': 'Careless', 'transforms.a.change': change }

  test(`records of a transform that returns ${change} are all in the dead letters under errors.tolerance=all, and else fail the task`, async () => {
    const name = uniqueName(change)
    const file = join(worker.folder, name)
    const config = { 'connector.class': 'FileStreamSink', topics: topic, file, ...transforms }
    await create(worker, name, { ...config, ...letters(`${name}-letters`) })
    await until(async () => (await committed(name))[0]?.kafka_offset === 3)
    const found = await readTopic(kafka.bootstrap, `${name}-letters`)
    assert.deepEqual(
      found.map(r => r.value),
      ['a', 'b', 'c'],
    )
    assert.match(Object.fromEntries(found[0]?.headers ?? [])['__connect.errors.exception.message'] ?? '', told)
    assert.deepEqual(linesOf(file), [])

    await create(worker, `${name}-strict`, config)
    assert.match(await untilFailed(worker, `${name}-strict`), told)
    assert.deepEqual([await committed(`${name}-strict`), linesOf(file)], [[], []])
  })
}

for (const [poll, told] of [
  ['negative partition', /Invalid partition: -1\. Partition number should always be non-negative or null\./],
  ['date offset', /Offsets may only contain primitive types as values, but field since contains a Date/],
  ['no headers', /CarelessSourceTask\.poll returned a list with a record that has null as headers/],
] as const) {
  test(`a source record with ${poll} fails its task whatever is tolerated, and no offset is stored`, async () => {
    const name = uniqueName('careless')
    await create(worker, name, { 'connector.class': 'CarelessSource', topic: `${name}-t`, poll, ...letters(`${name}-letters`) })
    assert.match(await untilFailed(worker, name), told)
    assert.deepEqual(await committed(name), [])
    // What failed is put right by nobody else: its offsets can be asked for and removed.
    assert.equal((await worker.rest(`/connectors/${name}/stop`, { method: 'PUT' })).status, 204)
    await until(async () => (await worker.rest(`/connectors/${name}/offsets`, { method: 'DELETE' })).status === 200)
  })
}

for (const [change, told] of [
  ['throw a long message', /^M{1000,}$/],
  ['throw null', /no Error was thrown: null/],
  ['throw no text', /message or name is no text/],
] as const) {
  test(`a transform that does "${change}" is tolerated: its records are in the dead letters`, async () => {
    const name = uniqueName('throwing')
    const transforms = { transforms: 'a', 'transforms.a.type': 'Careless', 'transforms.a.change': change }
    const file = join(worker.folder, name)
    await create(worker, name, {
      'connector.class': 'FileStreamSink',
      ...{ topics: topic, file },
      ...transforms,
      ...letters(`${name}-letters`),
    })
    await until(async () => (await committed(name))[0]?.kafka_offset === 3)
    const found = await readTopic(kafka.bootstrap, `${name}-letters`)
    assert.deepEqual(
      found.map(r => r.value),
      ['a', 'b', 'c'],
    )
    assert.match(Object.fromEntries(found[0]?.headers ?? [])['__connect.errors.exception.message'] ?? '', told)
  })
}

for (const poll of ['a timestamp of the next century', 'half a millisecond']) {
  test(`a source record with ${poll} is in the dead letters, without it, and its offset counts`, async () => {
    const name = uniqueName('timed')
    await create(worker, name, { 'connector.class': 'CarelessSource', topic: `${name}-t`, poll, ...letters(`${name}-letters`) })
    await until(async () => (await committed(name))[0]?.position === 1)
    const found = await readTopic(kafka.bootstrap, `${name}-letters`)
    assert.deepEqual(
      found.map(r => [r.timestamp, JSON.parse(r.value ?? '').payload]),
      [[-1, 'v']],
    )
    await untilTasks(worker, name, 'RUNNING')
  })
}

test('the worker goes on', async () => {
  const name = uniqueName('healthy')
  await create(worker, name, { 'connector.class': 'FileStreamSink', topics: topic, file: join(worker.folder, name) })
  await untilTasks(worker, name, 'RUNNING')
})

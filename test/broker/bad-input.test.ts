// Goal: every bad input gives an error that names the key or the record, the worker stays up, and nothing is lost.
// Method: one worker on the shared broker, a connector per case; the broker that goes away is a private one.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Broker, broker, ownBroker } from '../support/broker.ts'
import { type Config, create, metric, status, untilFailed, untilTasks } from '../support/connectors.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { createTopic, endOffsets, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'

let kafka: Broker
let worker: WorkerProcess

before(async () => {
  kafka = await broker()
  worker = await startWorker({ bootstrap: kafka.bootstrap, worker: { 'offset.flush.interval.ms': '200' } })
})

after(async () => {
  // It took all of this and still ends in order.
  assert.equal(await worker?.stop(), 0)
  await kafka?.stop()
})

const fileSink = (topics: string, file: string, more: Config = {}): Config => ({
  'connector.class': 'FileStreamSink',
  topics,
  file,
  ...more,
})
const linesOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [])
const stillUp = async () => assert.equal((await worker.rest('/connectors')).status, 200)

async function topicWith(...values: (string | Buffer | null)[]): Promise<string> {
  const topic = uniqueName('t')
  await createTopic(kafka.bootstrap, topic)
  await produce(
    kafka.bootstrap,
    topic,
    values.map(value => ({ key: null, value })),
  )
  return topic
}

async function refused(config: Config, message: RegExp): Promise<void> {
  const name = uniqueName('refused')
  const answer = await create(worker, name, config)
  assert.equal(answer.status, 400, JSON.stringify(answer.body))
  assert.match(String(answer.body.message), message)
  assert.equal((await worker.rest(`/connectors/${name}`)).status, 404)
  await stillUp()
}

test('an unknown connector class is refused with what there is and what was meant', () =>
  refused(
    { 'connector.class': 'FileStreamSnik', topics: 't' },
    /FileStreamSnik[\s\S]*FileStreamSinkConnector[\s\S]*Did you mean FileStreamSink/,
  ))

test('a missing connector.class is refused by name', () => refused({ topics: 't' }, /connector\.class|connector type/))

test('a missing key is refused by name', () =>
  refused({ 'connector.class': 'FileStreamSource', file: '/tmp/x' }, /Missing required configuration "topic"/))

test('a mistyped value is refused with key and value', () =>
  refused(
    { 'connector.class': 'FileStreamSource', topic: 't', 'tasks.max': 'many' },
    /Invalid value many for configuration tasks\.max/,
  ))

test('topics and topics.regex both missing are refused', () =>
  refused({ 'connector.class': 'FileStreamSink', file: '/tmp/x' }, /topics/))

test('a converter that is none is refused with its name', () =>
  refused(
    { ...fileSink('t', '/tmp/x'), 'value.converter': 'org.example.NoSuchConverter' },
    /value\.converter[\s\S]*NoSuchConverter|NoSuchConverter[\s\S]*value\.converter/,
  ))

test('an unknown transform is refused with its alias', () =>
  refused({ ...fileSink('t', '/tmp/x'), transforms: 'a', 'transforms.a.type': 'InsertFeild$Value' }, /transforms\.a\.type/))

test('a transform with a missing key is refused with key and alias', () =>
  refused({ ...fileSink('t', '/tmp/x'), transforms: 'a', 'transforms.a.type': 'MaskField$Value' }, /fields/))

test('a source file that is a folder fails its task with the path', async t => {
  const folder = tempFolder(t)
  const name = uniqueName('folder')
  await create(worker, name, { 'connector.class': 'FileStreamSource', file: folder, topic: uniqueName('t') })
  const failed = await until(async () => {
    const found = await status(worker, name)
    return [found?.connector, ...(found?.tasks ?? [])].find(part => part?.state === 'FAILED')
  })
  assert.ok(failed.trace?.includes(folder), failed.trace)
  await stillUp()
})

test('a source file that is not there is waited for', async t => {
  const file = join(tempFolder(t), 'later.txt')
  const topic = uniqueName('t')
  await createTopic(kafka.bootstrap, topic)
  const name = uniqueName('waits')
  const config = { 'connector.class': 'FileStreamSource', file, topic, 'value.converter': 'StringConverter' }
  await create(worker, name, config)
  await untilTasks(worker, name, 'RUNNING')
  writeFileSync(file, 'one\ntwo\n')
  await until(async () => (await endOffsets(kafka.bootstrap, topic))[0] === 2)
})

test('a record that does not parse fails the task naming topic, partition, offset and stage', async t => {
  const topic = await topicWith('{"a":1}', 'not json', '{"a":2}')
  const name = uniqueName('unparsable')
  await create(worker, name, fileSink(topic, join(tempFolder(t), 'out.txt')))
  const trace = await untilFailed(worker, name)
  assert.match(trace, new RegExp(`VALUE_CONVERTER.*JsonConverter.*topic ${topic}, partition 0, offset 1`))
  await stillUp()
})

test('under errors.tolerance=all bad records go to the dead-letter topic with their bytes and context, the good ones to the sink', async t => {
  const topic = await topicWith('{"a":1}', 'not json', '{"a":2}')
  const file = join(tempFolder(t), 'out.txt')
  const letters = uniqueName('letters')
  const name = uniqueName('tolerant')
  const tolerant = fileSink(topic, file, {
    'errors.tolerance': 'all',
    'errors.log.enable': 'true',
    'errors.deadletterqueue.topic.name': letters,
    'errors.deadletterqueue.topic.replication.factor': '1',
    'errors.deadletterqueue.context.headers.enable': 'true',
  })
  assert.equal((await create(worker, name, tolerant)).status, 201)
  await until(async () => (await endOffsets(kafka.bootstrap, letters))[0] === 1)
  await until(() => linesOf(file).length === 2)
  assert.deepEqual(linesOf(file), ['{a=1}', '{a=2}'])
  // The dead letter is read back by a sink that shows headers through an SMT's eyes: here by its bytes alone.
  const copy = join(tempFolder(t), 'letters.txt')
  await create(worker, `${name}-reader`, fileSink(letters, copy, { 'value.converter': 'StringConverter' }))
  await until(() => linesOf(copy).length === 1)
  assert.deepEqual(linesOf(copy), ['not json'])
  assert.equal(await metric(worker, 'kafka_connect_task_error_metrics_total_records_skipped', { connector: name }), 1)
  assert.equal(await metric(worker, 'kafka_connect_task_error_metrics_deadletterqueue_produce_requests', { connector: name }), 1)
})

test('a dead-letter topic that cannot be made fails the task naming its key', async t => {
  const topic = await topicWith('{"a":1}')
  const name = uniqueName('too-many-replicas')
  const config = fileSink(topic, join(tempFolder(t), 'out.txt'), {
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': uniqueName('letters'),
    'errors.deadletterqueue.topic.replication.factor': '3',
  })
  assert.equal((await create(worker, name, config)).status, 201)
  assert.match(await untilFailed(worker, name), /errors\.deadletterqueue\.topic\.replication\.factor=3/)
})

test('a source record larger than max.request.size fails the task naming topic and size; tolerated, the others go on', async t => {
  const file = join(tempFolder(t), 'in.txt')
  writeFileSync(file, `small\n${'x'.repeat(3_000)}\nlast\n`)
  const config = {
    'connector.class': 'FileStreamSource',
    file,
    'value.converter': 'StringConverter',
    'producer.override.max.request.size': '2000',
  }
  const strict = uniqueName('strict')
  const strictTopic = uniqueName('t')
  await create(worker, strict, { ...config, topic: strictTopic })
  assert.match(await untilFailed(worker, strict), new RegExp(`${strictTopic}[\\s\\S]*max\\.request\\.size`))
  const lenient = uniqueName('lenient')
  const lenientTopic = uniqueName('t')
  await create(worker, lenient, { ...config, topic: lenientTopic, 'errors.tolerance': 'all' })
  await until(async () => (await endOffsets(kafka.bootstrap, lenientTopic))[0] === 2)
  assert.equal((await status(worker, lenient))?.tasks[0]?.state, 'RUNNING')
})

test('a full disk is told with its path, the records are kept and tried again, and none of them is committed', async () => {
  const topic = await topicWith('{"a":1}', '{"a":2}')
  const name = uniqueName('full')
  await create(worker, name, fileSink(topic, '/dev/full'))
  const told = () =>
    worker
      .logs()
      .split('\n')
      .filter(line => line.includes(`"${name}"`) && line.includes('/dev/full') && line.includes('ENOSPC'))
  await until(() => told().length >= 2)
  const { body } = await worker.rest<{ offsets: { offset: { kafka_offset: number } }[] }>(`/connectors/${name}/offsets`)
  // 0, where reading began, may be committed: it is behind no record.
  assert.ok(
    body.offsets.every(one => one.offset.kafka_offset === 0),
    JSON.stringify(body.offsets),
  )
  await stillUp()
})

test('a lake folder that cannot be written fails the sink task with the path', async t => {
  const blocked = join(tempFolder(t), 'a-file')
  writeFileSync(blocked, 'not a folder')
  const topic = await topicWith('{"a":1}')
  const name = uniqueName('blocked')
  const config = { 'connector.class': 'LakeSink', topics: topic, 'store.url': blocked, 'format.class': 'json', 'flush.size': '1' }
  const answer = await create(worker, name, config)
  const told = answer.status === 201 ? await untilFailed(worker, name) : String(answer.body.message)
  assert.ok(told.includes(blocked), told)
})

test('a broker that goes away and comes back loses nothing', async t => {
  const own = await ownBroker()
  const folder = tempFolder(t)
  mkdirSync(folder, { recursive: true })
  const input = join(folder, 'in.txt')
  const output = join(folder, 'out.txt')
  const count = 20_000
  const topic = uniqueName('t')
  await createTopic(own.bootstrap, topic)
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}\n`).join('')
  writeFileSync(input, numbers(0, count / 2))
  const lonely = await startWorker({
    bootstrap: own.bootstrap,
    worker: { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter', 'offset.flush.interval.ms': '200' },
  })
  try {
    await create(lonely, 'in', { 'connector.class': 'FileStreamSource', file: input, topic })
    await create(lonely, 'out', fileSink(topic, output))
    await until(async () => (await endOffsets(own.bootstrap, topic))[0] === count / 2)
    await own.kill()
    writeFileSync(input, numbers(count / 2, count), { flag: 'a' })
    assert.equal((await lonely.rest('/connectors')).status, 200)
    await own.restart()
    const seen = await until(() => {
      const lines = new Set(linesOf(output))
      return lines.size === count ? lines : null
    })
    assert.ok(seen.has('0') && seen.has(String(count - 1)))
  } finally {
    await lonely.stop()
    await own.stop()
  }
})

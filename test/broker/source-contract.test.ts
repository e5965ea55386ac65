// Goal: a source task is called as Java's WorkerSourceTask calls it, makes its topics as topic.creation.* says (KIP-158), and keeps what
// it cannot send in the dead letters. Method: a source that polls a script and writes down every call, on a real worker and broker.
import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Admin } from '../../src/kafka/admin.ts'
import { type Broker, broker } from '../support/broker.ts'
import { create, untilFailed, untilTasks } from '../support/connectors.ts'
import { createTopic, endOffsets, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'
import { connected, readTopic } from './producer-parts.ts'

const SECRET = 'hunter2-of-the-source'
const PLUGINS = fileURLToPath(new URL('../support/plugins', import.meta.url))
let kafka: Broker
let worker: WorkerProcess
const workerKeys = {
  'plugin.path': PLUGINS,
  'task.restart.enable': 'false',
  'offset.flush.interval.ms': '300',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'true',
  'config.providers': 'env',
  'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
}

before(async () => {
  kafka = await broker()
  worker = await startWorker({ bootstrap: kafka.bootstrap, worker: workerKeys, env: { SOURCE_SECRET: SECRET } })
})

after(async () => {
  await worker?.stop()
  await kafka?.stop()
})

const ONE = { 'topic.creation.default.partitions': '1', 'topic.creation.default.replication.factor': '1' }

async function source(lines: readonly string[], config: Record<string, string> = {}, on = worker) {
  const name = uniqueName('source')
  const topic = config.topic ?? uniqueName('t')
  const script = join(on.folder, `${name}.script`)
  const log = join(on.folder, `${name}.log`)
  writeFileSync(script, lines.map(line => `${line}\n`).join(''))
  const answer = await create(on, name, { 'connector.class': 'ScriptedSource', topic, script, log, ...config })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  const told = (): { hook: string; what: unknown }[] =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .split('\n')
          .slice(0, -1)
          .map(line => JSON.parse(line))
      : []
  const committed = async () => {
    const { body } = await on.rest<{ offsets: { offset: { next: number } }[] }>(`/connectors/${name}/offsets`)
    return body.offsets[0]?.offset.next ?? null
  }
  const append = (...more: string[]) => appendFileSync(script, more.map(line => `${line}\n`).join(''))
  const hooksOf = (hook: string) =>
    told()
      .filter(t => t.hook === hook)
      .map(t => t.what)
  return { name, topic, told, hooksOf, committed, append }
}

async function withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
  const cluster = await connected(kafka.bootstrap)
  try {
    return await use(new Admin(cluster))
  } finally {
    await cluster.close()
  }
}

test('commit follows every flush, also with nothing to flush; commitRecord tells each record its offset; a retriable poll loses none', async () => {
  const { name, topic, told, hooksOf, committed, append } = await source(['a', 'retriable', 'b'])
  await until(async () => (await committed()) === 3)
  await until(() => hooksOf('commit').length >= 3)
  assert.deepEqual(hooksOf('commitRecord'), [
    ['a', 0],
    ['b', 1],
  ])
  // The last one is flushed by the stop, before the task's stop.
  append('c')
  await until(() => hooksOf('commitRecord').length === 3)
  assert.equal((await worker.rest(`/connectors/${name}/stop`, { method: 'PUT' })).status, 204)
  await until(() => hooksOf('stop').length === 1)
  assert.equal(await committed(), 4)
  assert.equal(told().at(-1)?.hook, 'stop')
  assert.deepEqual(
    (await readTopic(kafka.bootstrap, topic)).map(r => JSON.parse(r.value ?? '').payload),
    ['a', 'b', 'c'],
  )
})

test('a source that filters everything commits no offset, and is told of each record', async () => {
  const { hooksOf, committed } = await source(['a', 'b'], {
    transforms: 'none',
    'transforms.none.type': 'org.apache.kafka.connect.transforms.Filter',
  })
  await until(() => hooksOf('commit').length >= 2)
  assert.deepEqual(hooksOf('commitRecord'), [
    ['a', null],
    ['b', null],
  ])
  assert.equal(await committed(), null)
})

test('PAUSED is told when the batch in hand is sent: no record comes behind it', async () => {
  const { name, topic, append } = await source(['a'])
  await until(async () => (await endOffsets(kafka.bootstrap, topic))[0] === 1)
  await worker.rest(`/connectors/${name}/pause`, { method: 'PUT' })
  await untilTasks(worker, name, 'PAUSED')
  append('b')
  const before = await endOffsets(kafka.bootstrap, topic)
  const other = await source(['x'])
  await until(async () => (await endOffsets(kafka.bootstrap, other.topic))[0] === 1)
  assert.deepEqual(await endOffsets(kafka.bootstrap, topic), before)
  await worker.rest(`/connectors/${name}/resume`, { method: 'PUT' })
  await until(async () => (await endOffsets(kafka.bootstrap, topic))[0] === 2)
})

// ---- topic.creation.*

test('topics are made with partitions and settings of the first group that takes them; existing ones are left alone', async () => {
  const there = uniqueName('there')
  await createTopic(kafka.bootstrap, there)
  const prefix = uniqueName('made')
  const groups = {
    ...ONE,
    'topic.creation.default.retention.ms': '3600000',
    'topic.creation.groups': 'compacted',
    'topic.creation.compacted.include': `${prefix}-0, .*-nobody`,
    'topic.creation.compacted.partitions': '3',
    'topic.creation.compacted.cleanup.policy': 'compact',
    'topic.creation.compacted.min.cleanable.dirty.ratio': '0.25',
  }
  await source(['a', 'b'], { topic: `${prefix}-%`, ...groups })
  await source(['a'], { topic: there, ...groups, 'topic.creation.default.partitions': '5' })
  await until(async () => (await endOffsets(kafka.bootstrap, `${prefix}-1`))[0] === 1)
  await until(async () => (await endOffsets(kafka.bootstrap, there))[0] === 1)
  await withAdmin(async admin => {
    const [compacted, plain, existing] = await admin.describeTopics([`${prefix}-0`, `${prefix}-1`, there])
    assert.deepEqual([compacted?.partitions.length, plain?.partitions.length, existing?.partitions.length], [3, 1, 1])
    const settings = await admin.topicConfigs(`${prefix}-0`)
    assert.equal(settings.get('cleanup.policy')?.value, 'compact')
    assert.equal(settings.get('min.cleanable.dirty.ratio')?.value, '0.25')
    assert.equal((await admin.topicConfigs(`${prefix}-1`)).get('retention.ms')?.value, '3600000')
    assert.equal((await admin.topicConfigs(there)).get('retention.ms')?.value, '-1')
  })
})

test('tasks that make the same topic at the same time all go on', async () => {
  const topic = uniqueName('race')
  const name = uniqueName('racing')
  const config = {
    'connector.class': 'GeneratorSource',
    topic,
    messages: '10',
    'tasks.max': '4',
    ...ONE,
    'topic.creation.default.partitions': '2',
  }
  assert.equal((await create(worker, name, config)).status, 201)
  await until(async () => (await endOffsets(kafka.bootstrap, topic)).reduce((sum, end) => sum + end, 0) === 40)
  assert.equal((await endOffsets(kafka.bootstrap, topic)).length, 2)
  const tasks = await untilTasks(worker, name, 'RUNNING')
  assert.equal(tasks.length, 4)
})

for (const [what, keys, reason] of [
  ['more replicas than brokers', { 'topic.creation.default.replication.factor': '3' }, /replication\.factor=3/],
  ['a setting that is none', { 'topic.creation.default.cleanup.policy': 'nonsense' }, /cleanup\.policy=nonsense/],
] as const) {
  test(`a topic that cannot be made (${what}) fails the task with topic and settings named`, async () => {
    const { name, topic } = await source(['a'], { ...ONE, ...keys })
    const trace = await untilFailed(worker, name)
    assert.match(trace, new RegExp(`Task failed to create new topic ${topic}`))
    assert.match(trace, reason)
    assert.deepEqual(await endOffsets(kafka.bootstrap, topic), [])
  })
}

test('broken groups are refused when the connector is created', async () => {
  const refused = await create(worker, uniqueName('refused'), {
    'connector.class': 'ScriptedSource',
    topic: 't',
    script: '/dev/null',
    log: '/dev/null',
    'topic.creation.groups': 'g',
  })
  assert.equal(refused.status, 400)
  assert.match(refused.body.message ?? '', /topic\.creation\.default\.partitions/)
})

test('with topic.creation.enable=false the groups mean nothing: the broker makes the topic its way', async () => {
  const other = await startWorker({ bootstrap: kafka.bootstrap, worker: { ...workerKeys, 'topic.creation.enable': 'false' } })
  try {
    const { topic } = await source(['a'], { ...ONE, 'topic.creation.default.partitions': '7' }, other)
    await until(async () => (await endOffsets(kafka.bootstrap, topic))[0] === 1)
    assert.equal((await endOffsets(kafka.bootstrap, topic)).length, 1)
    // What is not looked at is not checked either.
    await source(['a'], { 'topic.creation.groups': 'g' }, other)
  } finally {
    await other.stop()
  }
})

// ---- dead letters

const letterKeys = (topic: string) => ({
  'errors.tolerance': 'all',
  'errors.deadletterqueue.topic.name': topic,
  'errors.deadletterqueue.topic.replication.factor': '1',
  'errors.deadletterqueue.context.headers.enable': 'true',
})

test('a record that does not convert is in the dead letters with its place in the source, and its offset counts', async () => {
  const letters = uniqueName('letters')
  const { topic, committed, name } = await source(['a', 'bad', 'b', 'bad'], letterKeys(letters))
  await until(async () => (await committed()) === 4)
  const found = await readTopic(kafka.bootstrap, letters)
  assert.equal((await endOffsets(kafka.bootstrap, letters)).length, 1)
  assert.deepEqual(
    found.map(r => [r.key, JSON.parse(r.value ?? '')]),
    ['k1', 'k3'].map(key => [
      JSON.stringify({ schema: { type: 'string', optional: false }, payload: key }),
      { schema: null, payload: 'bad' },
    ]),
  )
  const headers = Object.fromEntries(found[1]?.headers ?? [])
  assert.equal(headers.why, 'told so')
  assert.deepEqual(JSON.parse(headers['__connect.errors.source.offset'] ?? ''), { next: 4 })
  assert.match(headers['__connect.errors.source.partition'] ?? '', new RegExp(`${name}\\.script`))
  assert.equal(headers['__connect.errors.topic'], topic)
  assert.equal(headers['__connect.errors.stage'], 'VALUE_CONVERTER')
  assert.equal(headers['__connect.errors.class.name'], 'org.apache.kafka.connect.json.JsonConverter')
  assert.deepEqual(
    (await readTopic(kafka.bootstrap, topic)).map(r => JSON.parse(r.value ?? '').payload),
    ['a', 'b'],
  )
})

test('a record too large for the broker is in the dead letters too, cut, and the others go on', async () => {
  const letters = uniqueName('letters')
  const topic = uniqueName('small')
  await createTopic(kafka.bootstrap, topic, { config: { 'max.message.bytes': '5000' } })
  await createTopic(kafka.bootstrap, letters, { config: { 'max.message.bytes': '5000' } })
  const { committed } = await source(['a', 'x'.repeat(20_000), 'b'], { topic, ...letterKeys(letters) })
  await until(async () => (await committed()) === 3)
  const [letter] = await readTopic(kafka.bootstrap, letters)
  const headers = Object.fromEntries(letter?.headers ?? [])
  assert.equal(headers['__connect.errors.stage'], 'KAFKA_PRODUCE')
  assert.match(headers['__connect.errors.value.cut.from.bytes'] ?? '', /^20\d{3}$/)
  assert.match(letter?.value ?? '', /^\{"schema":.*x{500}/)
  assert.equal((await endOffsets(kafka.bootstrap, topic))[0], 2)
})

test('without tolerance the record that ends the task is in the dead letters, with no secret in them, and stays uncommitted', async () => {
  const letters = uniqueName('letters')
  const { name, committed } = await source(['a', 'bad'], {
    ...letterKeys(letters),
    'errors.tolerance': 'none',
    'errors.log.enable': 'true',
    'errors.log.include.messages': 'true',
    transforms: 'cast',
    'transforms.cast.type': 'org.apache.kafka.connect.transforms.TimestampConverter$Value',
    'transforms.cast.target.type': 'Date',
    // The transform's message repeats its format, which is the secret here.
    'transforms.cast.format': `'${['$', '{env:SOURCE_SECRET}'].join('')}'yyyy`,
  })
  await untilFailed(worker, name)
  await until(async () => (await endOffsets(kafka.bootstrap, letters))[0] === 1)
  const [letter] = await readTopic(kafka.bootstrap, letters)
  assert.equal(Object.fromEntries(letter?.headers ?? [])['__connect.errors.stage'], 'TRANSFORMATION')
  assert.ok(!JSON.stringify(letter).includes(SECRET), JSON.stringify(letter))
  assert.ok(!worker.logs().includes(SECRET))
  assert.equal(await committed(), null)
  assert.match(
    worker.logs(),
    new RegExp(
      `Error encountered in task ${name}-0\\. Executing stage 'TRANSFORMATION' with class '.*', where source record is = SourceRecord\\{sourcePartition=\\{script=`,
    ),
  )
})

// Goal: Kafka's own test connectors print the same lines, write the same records and fail in the same ways here as in Java, so that Java's system
// tests can be run against us. Method: the jar connect-test-plugins on the class path of Java's standalone worker, ours beside it; each
// connector runs on both, under the same name and with a topic of its own a side; times and the topic's name are taken out of what is compared.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import { create, status, untilFailed, untilTasks } from '../support/connectors.ts'
import { javaWorkerCommand, testConnectorsJar } from '../support/java.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'
import { readTopic } from './producer-parts.ts'

const PACKAGE = 'org.apache.kafka.connect.tools.'
const SIDES = ['java', 'sluice'] as const
type Side = (typeof SIDES)[number]
type Config = Record<string, string>

let kafka: Broker
let workers: Record<Side, WorkerProcess>

before(async () => {
  kafka = await broker()
  const [java, sluice] = await Promise.all([
    startWorker({ bootstrap: kafka.bootstrap, command: await javaWorkerCommand('Standalone', [await testConnectorsJar()]) }),
    startWorker({ bootstrap: kafka.bootstrap, worker: { 'task.restart.enable': 'false' } }),
  ])
  workers = { java, sluice }
})

after(async () => {
  await Promise.all(SIDES.map(side => workers?.[side].kill()))
  await kafka?.stop()
})

const WITH_SCHEMAS = {
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'true',
}

async function both<T>(run: (side: Side, worker: WorkerProcess) => Promise<T>): Promise<[java: T, sluice: T]> {
  return Promise.all([run('java', workers.java), run('sluice', workers.sluice)])
}

const topicOf = (name: string, side: Side) => `${name}-${side}`

async function createOnBoth(name: string, config: (side: Side) => Config): Promise<void> {
  for (const side of SIDES) {
    const answer = await create(workers[side], name, config(side))
    assert.equal(answer.status, 201, `${side}: ${JSON.stringify(answer.body)}`)
  }
}

/** What a connector printed, without the times and with one name for its topic. */
function printed(name: string, side: Side): string[] {
  const lines = workers[side].logs().split('\n')
  return lines
    .filter(line => line.includes(`"name":"${name}"`) && /^\{"(committed|task)":/.test(line))
    .map(line => line.replace(/"time_ms":\d{13}(?=,)/, '"time_ms":T').replaceAll(topicOf(name, side), 'TOPIC'))
}

const records = async (topic: string) => (await readTopic(kafka.bootstrap, topic)).map(({ timestamp: _, ...record }) => record)

async function finish(name: string): Promise<void> {
  await both((_, worker) => worker.rest(`/connectors/${name}`, { method: 'DELETE' }))
}

test('they are listed as Java lists them, with the same versions and without keys of their own', async () => {
  const [theirs, ours] = await both(async (_, worker) => {
    const { body } = await worker.rest<{ class: string }[]>('/connector-plugins')
    return body.filter(plugin => plugin.class.startsWith(PACKAGE))
  })
  assert.equal(theirs.length, 5)
  assert.deepEqual(ours, theirs)
  for (const name of ['VerifiableSource', 'MockSinkConnector', `${PACKAGE}SchemaSourceConnector`]) {
    const [their, our] = await both(async (_, worker) => {
      const { body } = await worker.rest<{ name: string }[]>(`/connector-plugins/${name}/config`)
      return body.map(key => key.name)
    })
    assert.deepEqual(our.toSorted(), their.toSorted(), name)
  }
})

test('VerifiableSource: the same lines in the same order, the same records, and it goes on where it stopped', async () => {
  const name = uniqueName('verifiable')
  for (const side of SIDES) await createTopic(kafka.bootstrap, topicOf(name, side))
  await createOnBoth(name, side => ({
    'connector.class': `${PACKAGE}VerifiableSourceConnector`,
    'tasks.max': '2',
    topic: topicOf(name, side),
    throughput: '100',
  }))
  const ofTask = (lines: readonly string[], task: number) => lines.filter(line => line.includes(`"task":${task},`))
  const kinds = (side: Side, task: number) => {
    const lines = ofTask(printed(name, side), task)
    return [lines.filter(line => !line.includes('"committed"')), lines.filter(line => line.includes('"committed"'))] as const
  }
  await until(() => SIDES.every(side => [0, 1].every(task => kinds(side, task)[1].length >= 30)))
  for (const task of [0, 1]) {
    for (const kind of [0, 1] as const)
      assert.deepEqual(kinds('sluice', task)[kind].slice(0, 30), kinds('java', task)[kind].slice(0, 30))
  }
  const [theirTasks, ourTasks] = await both(async (side, worker) => {
    const { body } = await worker.rest<unknown>(`/connectors/${name}/tasks`)
    return JSON.parse(JSON.stringify(body).replaceAll(topicOf(name, side), 'TOPIC')) as unknown
  })
  assert.deepEqual(ourTasks, theirTasks)

  await both((_, worker) => worker.rest(`/connectors/${name}/stop`, { method: 'PUT' }))
  await until(async () =>
    (await both(async (_, worker) => (await status(worker, name))?.connector.state)).every(s => s === 'STOPPED'),
  )
  const [theirs, ours] = await both(async side => {
    const found = await records(topicOf(name, side))
    // A line is printed for each record, before it is there.
    for (const task of [0, 1])
      assert.ok(kinds(side, task)[0].length >= found.filter(record => record.key === String(task)).length, side)
    return found
  })
  for (const key of ['0', '1']) {
    const values = (all: typeof ours) =>
      all.filter(record => record.key === key).map(({ value, headers }) => ({ value, headers }))
    assert.deepEqual(values(ours).slice(0, 30), values(theirs).slice(0, 30))
    assert.deepEqual(
      values(ours).map(record => record.value),
      values(ours).map((_, seqno) => String(seqno)),
    )
  }
  const counts = SIDES.map(side => kinds(side, 0)[0].length)
  await both((_, worker) => worker.rest(`/connectors/${name}/resume`, { method: 'PUT' }))
  await until(() => SIDES.every((side, i) => kinds(side, 0)[0].length > (counts[i] as number)))
  for (const [i, side] of SIDES.entries()) {
    const seqno = /"seqno":(\d+)/.exec(kinds(side, 0)[0][counts[i] as number] ?? '')?.[1]
    const [last] = (side === 'java' ? theirs : ours).filter(record => record.key === '0').slice(-1)
    assert.equal(Number(seqno), Number(last?.value) + 1, side)
  }
  await finish(name)
})

test('VerifiableSource with whole records: the same bytes, and the same words where a struct is no JSON', async () => {
  const name = uniqueName('whole')
  for (const side of SIDES) await createTopic(kafka.bootstrap, topicOf(name, side))
  const bad = (side: Side) => workers[side].logs().match(/^Bad data can't .*$/gm) ?? []
  await createOnBoth(name, side => ({
    'connector.class': `${PACKAGE}VerifiableSourceConnector`,
    topic: topicOf(name, side),
    throughput: '50',
    'complete.record.data': 'True',
    ...WITH_SCHEMAS,
  }))
  await until(() => SIDES.every(side => bad(side).length >= 5))
  await finish(name)
  assert.equal(bad('sluice')[0], bad('java')[0])
  const [theirs, ours] = await both(async side =>
    (await records(topicOf(name, side))).slice(0, 5).map(record => ({
      ...record,
      value: record.value?.replace(/"time_ms":\d{13}/, '"time_ms":T').replaceAll(topicOf(name, side), 'TOPIC'),
    })),
  )
  assert.equal(theirs.length, 5)
  assert.deepEqual(ours, theirs)
})

test('VerifiableSink: a line a record and once more when flushed, whatever the record is', async () => {
  const name = uniqueName('sink')
  const topic = `${name}-in`
  await createTopic(kafka.bootstrap, topic)
  const values = [
    '7',
    '"ä\\n\\u0001"',
    '1.5',
    '1.0',
    '1e300',
    'true',
    '{"a":[1,2,{"x":null}],"b":1}',
    '[]',
    '9007199254740993',
    '-3',
  ]
  await produce(kafka.bootstrap, topic, [
    ...values.map((value, i) => ({ key: i % 2 === 0 ? String(i) : 'key "x"', value })),
    { key: null, value: '0' },
    { key: 'tombstone', value: null },
  ])
  const count = values.length + 2
  await createOnBoth(name, side => ({
    'connector.class': `${PACKAGE}VerifiableSinkConnector`,
    topics: topic,
    'consumer.override.group.id': `${name}-${side}`,
  }))
  await until(() => SIDES.every(side => printed(name, side).length >= 2 * count))
  await finish(name)
  assert.equal(printed(name, 'java').length, 2 * count)
  assert.deepEqual(printed(name, 'sluice'), printed(name, 'java'))
})

test('SchemaSource: the same structs of two schemas, each task to its own partition, then nothing more', async () => {
  const name = uniqueName('schema')
  for (const side of SIDES) await createTopic(kafka.bootstrap, topicOf(name, side), { partitions: 2 })
  const lines = (side: Side) => workers[side].logs().match(/^\{"task": \d+, "seqno": \d+\}$/gm) ?? []
  await createOnBoth(name, side => ({
    'connector.class': `${PACKAGE}SchemaSourceConnector`,
    'tasks.max': '2',
    topic: topicOf(name, side),
    'num.messages': '5',
    'multiple.schema': 'true',
    'partition.count': '3',
    throughput: '-1',
    ...WITH_SCHEMAS,
  }))
  const contents = await both(async side =>
    until(async () => {
      const found = await records(topicOf(name, side))
      return found.length >= 10 ? found : null
    }),
  )
  assert.deepEqual(contents[1], contents[0])
  assert.deepEqual(lines('sluice').toSorted(), lines('java').toSorted())
  await both((_, worker) => untilTasks(worker, name, 'RUNNING'))
  await finish(name)
})

test('configurations that are no numbers fail the task with the same words', async () => {
  const cases: [string, Config][] = [
    ['VerifiableSource', { throughput: 'fast', topic: 't' }],
    ['VerifiableSource', { topic: 't' }],
    ['SchemaSource', { topic: 't', throughput: '1', 'num.messages': '99999999999999999999' }],
    ['SchemaSource', { topic: 't', throughput: '1', 'num.messages': '1', 'partition.count': '3000000000' }],
  ]
  for (const [connector, config] of cases) {
    const name = uniqueName('wrong')
    await createOnBoth(name, () => ({ 'connector.class': `${PACKAGE}${connector}Connector`, ...config }))
    const traces = await both((_, worker) => untilFailed(worker, name))
    const [theirs, ours] = traces.map(trace => /Invalid \w+ configuration/.exec(trace)?.[0])
    assert.ok(theirs)
    assert.equal(ours, theirs)
    await finish(name)
  }
})

for (const kind of ['Source', 'Sink'] as const) {
  for (const mode of ['connector-failure', 'task-failure', 'none'] as const) {
    test(`Mock${kind} in mode ${mode}: the same part fails, and only that one`, async () => {
      const name = uniqueName('mock')
      const topics = kind === 'Sink' ? { topics: uniqueName('empty') } : {}
      if (topics.topics !== undefined) await createTopic(kafka.bootstrap, topics.topics)
      await createOnBoth(name, side => ({
        'connector.class': `${PACKAGE}Mock${kind}Connector`,
        'tasks.max': '3',
        mock_mode: mode,
        delay_ms: '300',
        ...topics,
        ...(kind === 'Sink' ? { 'consumer.override.group.id': `${name}-${side}` } : {}),
      }))
      const expected = [mode === 'connector-failure' ? 'FAILED' : 'RUNNING', mode === 'task-failure' ? 'FAILED' : 'RUNNING']
      const states = await both((_, worker) =>
        until(async () => {
          const found = await status(worker, name)
          const seen = [found?.connector.state, ...(found?.tasks ?? []).map(task => task.state)]
          return seen.join() === expected.join() ? seen : null
        }),
      )
      assert.deepEqual(states[1], states[0])
      await finish(name)
    })
  }
}

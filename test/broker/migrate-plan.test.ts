// Goal: `sluice migrate plan` says of a Java cluster what is there and what Sluice can run of it, and changes nothing. Method: real Java
// distributed workers make the topics, with connectors that Sluice has and one that it has not; the plan is made from their worker files.
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { jars, KAFKA_VERSION } from '../../scripts/kafka/maven.ts'
import type { Plan } from '../../src/cli/migrate/plan-text.ts'
import { runMigrate } from '../../src/cli/migrate/run.ts'
import { Admin } from '../../src/kafka/admin.ts'
import { type Broker, broker } from '../support/broker.ts'
import { create, status, untilTasks } from '../support/connectors.ts'
import { javaWorkerCommand } from '../support/java.ts'
import { createTopic, endOffsets, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { propertiesText, startWorker, type WorkerProcess } from '../support/worker.ts'
import { connected } from './producer-parts.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-migrate-'))
let kafka: Broker
const started: WorkerProcess[] = []

before(async () => {
  kafka = await broker()
})
after(async () => {
  await Promise.all(started.map(worker => worker.kill()))
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const FILE = 'org.apache.kafka.connect.file'
const topicsOf = (id: string) => ['configs', 'offsets', 'statuses'].map(what => `${id}-${what}`) as [string, string, string]

function workerKeys(id: string): Record<string, string> {
  const [configs, offsets, statuses] = topicsOf(id)
  return {
    'group.id': id,
    'config.storage.topic': configs,
    'offset.storage.topic': offsets,
    'status.storage.topic': statuses,
    'config.storage.replication.factor': '1',
    'offset.storage.replication.factor': '1',
    'status.storage.replication.factor': '1',
    'offset.storage.partitions': '3',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  }
}

async function javaCluster(id: string, worker: Record<string, string> = {}): Promise<WorkerProcess> {
  const mirror = await jars(`connect-mirror-${KAFKA_VERSION}`, [`org.apache.kafka:connect-mirror:${KAFKA_VERSION}`])
  const names = ['connect-mirror', 'connect-mirror-client'].map(name => join(mirror, `${name}-${KAFKA_VERSION}.jar`))
  const command = await javaWorkerCommand('Distributed', names)
  const process = await startWorker({ bootstrap: kafka.bootstrap, command, worker: { ...workerKeys(id), ...worker } })
  started.push(process)
  return process
}

async function run(...args: string[]) {
  let [out, err] = ['', '']
  const code = await runMigrate(['migrate', 'plan', ...args], {
    out: text => void (out += text),
    err: text => void (err += text),
  })
  return { code, out, err }
}

async function plan(file: string): Promise<Plan> {
  const { code, out, err } = await run('--properties', file, '--json')
  assert.equal(code, 0, err)
  return JSON.parse(out) as Plan
}

async function created(worker: WorkerProcess, name: string, config: Record<string, string>): Promise<void> {
  const answer = await create(worker, name, config)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
}

async function untilState(worker: WorkerProcess, name: string, state: string): Promise<void> {
  await until(async () => (await status(worker, name))?.connector.state === state)
}

test('a cluster of Java: connectors, states, offsets, what runs and what does not; nothing is changed', async () => {
  const id = uniqueName('plan')
  const worker = await javaCluster(id, { 'plugin.path': folder, 'offset.flush.intervall.ms': '5', 'company.team': 'lake' })
  const topic = `${id}-data`
  await createTopic(kafka.bootstrap, topic)
  await produce(kafka.bootstrap, topic, [{ key: 'k', value: 'v' }])
  const input = join(folder, 'lines.txt')
  writeFileSync(input, 'one\ntwo\n')

  const source = { 'connector.class': 'FileStreamSource', file: input, topic: `${id}-lines` }
  await created(worker, 'lines', source)
  await created(worker, 'gone', source)
  await created(worker, 'typed', {
    'connector.class': `${FILE}.FileStreamSinkConnector`,
    topics: topic,
    'tasks.max': '2',
    file: join(folder, 'typed.txt'),
    transforms: 'mask',
    'transforms.mask.type': 'org.apache.kafka.connect.transforms.MaskField$Value',
    'transforms.mask.fields': 'secret',
    'transforms.mask.predicate': 'mine',
    predicates: 'mine',
    'predicates.mine.type': 'org.apache.kafka.connect.transforms.predicates.TopicNameMatches',
    'predicates.mine.pattern': 'another-topic',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter.schemas.enable': 'false',
    'errors.tolerance': 'all',
    'flush.siez': '3',
  })
  await created(worker, 'heartbeat', {
    'connector.class': 'org.apache.kafka.connect.mirror.MirrorHeartbeatConnector',
    'source.cluster.alias': 'a',
    'source.cluster.bootstrap.servers': kafka.bootstrap,
    'target.cluster.bootstrap.servers': kafka.bootstrap,
    'heartbeats.topic.replication.factor': '1',
    'emit.heartbeats.enabled': 'false',
  })
  for (const name of ['lines', 'gone', 'typed']) await untilTasks(worker, name, 'RUNNING')
  for (const name of ['lines', 'gone']) {
    await until(async () => (await worker.rest<{ offsets: unknown[] }>(`/connectors/${name}/offsets`)).body.offsets.length === 1)
  }
  await until(async () => (await worker.rest<{ offsets: unknown[] }>('/connectors/typed/offsets')).body.offsets.length === 1)
  await worker.rest('/connectors/gone', { method: 'DELETE' })
  await worker.rest('/connectors/typed/pause', { method: 'PUT' })
  await worker.rest('/connectors/heartbeat/stop', { method: 'PUT' })
  await untilState(worker, 'typed', 'PAUSED')
  await untilState(worker, 'heartbeat', 'STOPPED')
  await until(async () => (await status(worker, 'typed'))?.tasks.every(task => task.state === 'PAUSED'))

  // The worker's folder goes with the worker.
  const file = join(folder, `${id}.properties`)
  copyFileSync(join(worker.folder, 'worker.properties'), file)
  const ofRunning = await plan(file)
  assert.equal(ofRunning.group.members, 1)
  const [configs, offsets, statuses] = topicsOf(id)
  assert.deepEqual(
    ofRunning.topics.map(found => [found.key, found.topic, found.found?.partitions, found.cleanupPolicy]),
    [
      ['config.storage.topic', configs, 1, 'compact'],
      ['offset.storage.topic', offsets, 3, 'compact'],
      ['status.storage.topic', statuses, 5, 'compact'],
    ],
  )
  const byName = new Map(ofRunning.connectors.map(connector => [connector.name, connector]))
  assert.deepEqual([...byName.keys()], ['heartbeat', 'lines', 'typed'])
  const lines = byName.get('lines')
  assert.deepEqual(
    [lines?.runs, lines?.type, lines?.target, lines?.state, lines?.tasks, lines?.reasons, lines?.notes, lines?.offsets],
    [true, 'source', 'STARTED', 'RUNNING', [{ task: 0, state: 'RUNNING' }], [], [], { partitions: 1, in: offsets }],
  )
  const typed = byName.get('typed')
  assert.deepEqual(
    [typed?.runs, typed?.type, typed?.target, typed?.state, typed?.tasks.map(task => task.state), typed?.reasons],
    [true, 'sink', 'PAUSED', 'PAUSED', ['PAUSED', 'PAUSED'], []],
  )
  assert.deepEqual(typed?.notes, ['The key flush.siez is not known'])
  assert.deepEqual(typed?.offsets, { partitions: 1, in: 'connect-typed' })
  assert.deepEqual(
    typed?.plugins.map(plugin => [plugin.key, plugin.version !== null]),
    [
      ['connector.class', true],
      ['transforms.mask.type', true],
      ['predicates.mine.type', true],
      ['key.converter', true],
      ['value.converter', true],
    ],
  )
  const heartbeat = byName.get('heartbeat')
  assert.deepEqual([heartbeat?.runs, heartbeat?.target, heartbeat?.state, heartbeat?.tasks], [false, 'STOPPED', 'STOPPED', []])
  assert.deepEqual(heartbeat?.reasons, [
    {
      key: 'connector.class',
      message: 'there is no connector org.apache.kafka.connect.mirror.MirrorHeartbeatConnector in Sluice, nor in plugin.path',
    },
  ])
  assert.deepEqual(ofRunning.left, [{ connector: 'gone', partitions: 1 }])
  assert.deepEqual(ofRunning.problems, [])
  assert.deepEqual(
    ofRunning.worker.map(({ key, isProblem }) => [key, isProblem]),
    [
      ['offset.flush.intervall.ms', false],
      ['company.team', false],
    ],
  )

  await worker.kill()
  const ends = () => Promise.all(topicsOf(id).map(name => endOffsets(kafka.bootstrap, name)))
  const before = await ends()
  const { code, out } = await run('--properties', file, '--check')
  assert.equal(code, 4)
  assert.match(out, /^3 connectors: 2 can run in Sluice as they are, 1 not$/m)
  assert.match(out, /^lines +source +STARTED +RUNNING +1 RUNNING +1 partition +runs$/m)
  assert.match(out, /^typed +sink +PAUSED +PAUSED +2 PAUSED +1 partition +runs$/m)
  assert.match(out, /^heartbeat +unknown +STOPPED +STOPPED +- +0 partitions +no$/m)
  assert.match(
    out,
    /^heartbeat \(.*MirrorHeartbeatConnector\) cannot run as it is; .*:\n {2}connector\.class: there is no connector/m,
  )
  assert.match(
    out,
    /^Worker file: not known:\n {2}The key offset\.flush\.intervall\.ms .*did you mean offset\.flush\.interval\.ms\?\n {2}The key company\.team/m,
  )
  assert.match(out, /^Offsets of connectors that there are no more \(they stay\):\n {2}gone: 1 partition$/m)
  assert.deepEqual(await ends(), before)
})

test('exactly-once sources: the transactions of the leader are read, and offsets in a topic of their own; they run as they are', async () => {
  const id = uniqueName('exactly')
  const worker = await javaCluster(id, { 'exactly.once.source.support': 'enabled' })
  const own = `${id}-own`
  const input = join(folder, 'exactly.txt')
  writeFileSync(input, 'one\n')
  await created(worker, 'once', {
    'connector.class': 'FileStreamSource',
    file: input,
    topic: `${id}-lines`,
    'exactly.once.support': 'required',
    'offsets.storage.topic': own,
  })
  await untilTasks(worker, 'once', 'RUNNING')
  await until(async () => (await worker.rest<{ offsets: unknown[] }>('/connectors/once/offsets')).body.offsets.length === 1)
  // Only there: what the task writes is copied to the worker's topic.
  await produce(kafka.bootstrap, own, [{ key: '["once",{"filename":"elsewhere"}]', value: '{"position":3}' }])
  const found = await plan(join(worker.folder, 'worker.properties'))
  assert.deepEqual(
    found.connectors.map(({ name, tasks, offsets }) => [name, tasks.length, offsets]),
    [['once', 1, { partitions: 2, in: own }]],
  )
  const { code, out } = await run('--properties', join(worker.folder, 'worker.properties'), '--check')
  assert.equal(code, 0, out)
  assert.deepEqual(found.connectors[0]?.reasons, [])
})

test('topics that are not there are not made', async () => {
  const id = uniqueName('absent')
  const file = join(folder, 'absent.properties')
  writeFileSync(file, propertiesText({ 'bootstrap.servers': kafka.bootstrap, 'key.converter': 'x', ...workerKeys(id) }))
  const { code, err } = await run('--properties', file)
  assert.equal(code, 3)
  assert.match(err, new RegExp(`there is no topic ${id}-configs \\(config\\.storage\\.topic\\)`))
  const cluster = await connected(kafka.bootstrap)
  assert.deepEqual(await new Admin(cluster).describeTopics(topicsOf(id)), [null, null, null])
  await cluster.close()
})

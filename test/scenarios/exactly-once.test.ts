// Goal: exactly-once sources in a cluster, as Java's ExactlyOnceSourceIntegrationTest has them: what is refused beforehand, a leader whose right to write was
// taken, other numbers of tasks again and again, an offsets topic on another cluster and the way back to a worker without transactions; and
// offsets changed by REST (OffsetsApiIntegrationTest). Method: two workers; topics are read as a reader of committed records sees them.
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Admin } from '../../src/kafka/admin.ts'
import { connected, readTopic } from '../broker/producer-parts.ts'
import { type Broker, ownBroker } from '../support/broker.ts'
import { createTopic, endOffsets, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { type Config, MONITORED, type OffsetEntry, Stage } from './stage.ts'

const BOUNDARY = fileURLToPath(new URL('../support/plugins/boundary-source.ts', import.meta.url))
const ENABLED = { 'exactly.once.source.support': 'enabled' }
const RECORDS = 10
let stage: Stage
let elsewhere: Broker

before(async () => {
  ;[stage, elsewhere] = await Promise.all([Stage.open(2, { ...ENABLED, 'plugin.path': `${MONITORED},${BOUNDARY}` }), ownBroker()])
})

after(async () => {
  await stage?.close()
  await elsewhere?.stop()
})

/** The numbers that each task has sent, as a reader of committed records sees them; in each, none is missing and none twice. */
async function seqnos(bootstrap: string, topic: string): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>()
  for (const { value } of await readTopic(bootstrap, topic, 'read_committed')) {
    const [task = '', seqno] = value?.split(' ') ?? []
    found.set(task, [...(found.get(task) ?? []), Number(seqno)])
  }
  return found
}

const isOnceAndInOrder = (numbers: readonly number[]) => numbers.every((seqno, i) => seqno === i + 1)

it('support and boundaries are asked of the connector before it is created', async () => {
  const config = { 'connector.class': 'BoundarySource', name: 'any', topic: 't', script: '/dev/null', log: '/dev/null' }
  const errorsOf = async (more: Config) => {
    const body = { ...config, ...more }
    const infos = await stage.expect<{ configs: { value: { name: string; errors: string[] } }[] }>(
      200,
      'PUT',
      '/connector-plugins/BoundarySource/config/validate',
      body,
    )
    return infos.configs.filter(({ value }) => value.errors.length > 0).map(({ value }) => [value.name, value.errors.length])
  }
  const required = { 'exactly.once.support': 'required' }
  assert.deepEqual(await errorsOf({ ...required, 'say.support': 'unsupported' }), [['exactly.once.support', 1]])
  assert.deepEqual(await errorsOf({ ...required, 'say.support': 'fail' }), [['exactly.once.support', 1]])
  assert.deepEqual(await errorsOf(required), [])
  const boundary = { ...required, 'transaction.boundary': 'connector' }
  assert.deepEqual(await errorsOf({ ...boundary, 'say.boundaries': 'unsupported' }), [['transaction.boundary', 1]])
  assert.deepEqual(await errorsOf(boundary), [])
})

it('a leader whose right to write the config topic was taken gets it back', async () => {
  const name = uniqueName('fenced')
  const client = await connected(stage.kafka.bootstrap)
  await new Admin(client).fenceProducers([`connect-cluster-${stage.cluster.group}`]).finally(() => client.close())
  const config = stage.source(name, { 'tasks.max': '1' })
  // the first may fail, as in Java; the next one must not fail for ever
  await until(async () => [200, 201].includes((await stage.ask('PUT', `/connectors/${name}/config`, config)).status))
  await stage.running(name, 1)
  await until(async () => (await seqnos(stage.kafka.bootstrap, name)).get(`${name}-0`)?.length)
  await stage.remove(name)
  assert.ok(isOnceAndInOrder((await seqnos(stage.kafka.bootstrap, name)).get(`${name}-0`) ?? []))
})

it('more and fewer tasks, again and again: every number of every task once', async () => {
  const name = uniqueName('tasks')
  for (const tasks of [3, 5, 1, 5, 3]) {
    const starts = stage.counts(name, tasks).tasks.map(task => task.starts)
    await stage.put(name, stage.source(name, { 'tasks.max': String(tasks), throughput: '100' }))
    await until(() => stage.counts(name, tasks).tasks.every((task, i) => task.starts > (starts[i] ?? 0)))
    await stage.running(name, tasks)
  }
  await until(async () => (await seqnos(stage.kafka.bootstrap, name)).size === 5)
  await stage.remove(name)
  for (const [task, numbers] of await seqnos(stage.kafka.bootstrap, name)) assert.ok(isOnceAndInOrder(numbers), task)
})

const sourceAt = (name: string, saved: number): OffsetEntry[] =>
  [0, 1].map(task => ({ partition: { 'task.id': `${name}-${task}` }, offset: { saved } }))
const untilOffsets = (name: string, saved: number) =>
  until(async () => {
    const sorted = (entries: readonly OffsetEntry[]) => entries.map(entry => JSON.stringify(entry)).sort()
    return sorted(await stage.offsets(name)).join() === sorted(sourceAt(name, saved)).join()
  })
const sent = async (name: string) => (await readTopic(stage.kafka.bootstrap, name, 'read_committed')).length

async function sourceThatSent(): Promise<string> {
  const name = uniqueName('source')
  await stage.put(name, stage.source(name, { 'messages.per.poll': '3', 'max.messages': String(RECORDS) }))
  await untilOffsets(name, RECORDS)
  await stage.stopConnector(name)
  return name
}

it('offsets of an exactly-once source are changed, and it goes on behind them', async () => {
  const name = await sourceThatSent()
  for (const saved of [5, 7]) {
    await stage.expect(200, 'PATCH', `/connectors/${name}/offsets`, { offsets: sourceAt(name, saved) })
    await untilOffsets(name, saved)
  }
  await stage.resume(name)
  await stage.running(name, 2)
  await untilOffsets(name, RECORDS)
  assert.equal(await sent(name), 2 * (RECORDS + RECORDS - 7))
  await stage.remove(name)
})

it('offsets of an exactly-once source are reset, twice, and it begins anew', async () => {
  const name = await sourceThatSent()
  for (let i = 0; i < 2; i++) {
    await stage.expect(200, 'DELETE', `/connectors/${name}/offsets`)
    assert.deepEqual(await stage.offsets(name), [])
  }
  await stage.resume(name)
  await stage.running(name, 2)
  await untilOffsets(name, RECORDS)
  assert.equal(await sent(name), 2 * 2 * RECORDS)
  await stage.remove(name)
})

it('records and offsets on another cluster; a copy in the topic of the worker; then without transactions: nothing is missing', async () => {
  const name = uniqueName('elsewhere')
  const clients = ['producer', 'consumer', 'admin'].map(client => [`${client}.override.bootstrap.servers`, elsewhere.bootstrap])
  const more = { 'tasks.max': '1', 'offsets.storage.topic': `${name}-offsets`, throughput: '100', ...Object.fromEntries(clients) }
  await createTopic(elsewhere.bootstrap, name)
  await stage.put(name, stage.source(name, more))
  await stage.running(name, 1)
  const numbers = async () => (await seqnos(elsewhere.bootstrap, name)).get(`${name}-0`) ?? []
  await until(async () => (await numbers()).length >= RECORDS)
  const offsetsIn = async (bootstrap: string, topic: string) =>
    (await readTopic(bootstrap, topic, 'read_committed'))
      .filter(({ key }) => key?.includes(name))
      .map(({ value }) => (JSON.parse(value ?? '{}') as { saved: number }).saved)
  await until(async () => (await offsetsIn(stage.kafka.bootstrap, `${stage.cluster.group}-offsets`)).length > 0)
  for (const saved of [
    ...(await offsetsIn(elsewhere.bootstrap, `${name}-offsets`)),
    ...(await offsetsIn(stage.kafka.bootstrap, `${stage.cluster.group}-offsets`)),
  ])
    assert.equal(saved % 10, 0, 'an offset that is none of a whole batch')
  assert.ok(isOnceAndInOrder(await numbers()))
  await Promise.all(stage.cluster.members.filter(member => member.running()).map(member => member.stop()))
  await stage.cluster.add('sluice', { 'exactly.once.source.support': 'disabled' })
  await stage.running(name, 1)
  const before = (await endOffsets(elsewhere.bootstrap, name))[0] ?? 0
  await until(async () => ((await endOffsets(elsewhere.bootstrap, name))[0] ?? 0) > before + 2 * RECORDS)
  await stage.remove(name)
  const all = new Set(await numbers())
  assert.ok(isOnceAndInOrder([...all].sort((a, b) => a - b)), 'a number is missing')
})

// Goal: `sluice preview` with the worker file of a cluster shows what the cluster's worker would do next, and leaves nothing behind. Method: a
// real worker stores offsets of sources, one in the worker's topic and one in a topic of its own; previews begin behind them, after
// the worker has gone. A file of a cluster that never ran: no topic is made.
import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { PreviewReport, SourceRecordPreview } from '../../src/actor/preview-messages.ts'
import { Admin } from '../../src/kafka/admin.ts'
import { Sluice } from '../cli/sluice.ts'
import { type Broker, broker } from '../support/broker.ts'
import { ConnectCluster } from '../support/connect-cluster.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { createTopic, endOffsets, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { connected } from './producer-parts.ts'

const STRINGS = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter', 'offset.flush.interval.ms': '200' }
let kafka: Broker
before(async () => {
  kafka = await broker()
})
after(() => kafka?.stop())

async function preview(connector: string, worker: string) {
  const sluice = new Sluice('sluice.js', ['preview', connector, '--worker', worker, '--json'])
  return { code: await sluice.exit, output: sluice.output }
}

async function shown(connector: string, worker: string): Promise<unknown[]> {
  const { code, output } = await preview(connector, worker)
  assert.equal(code, 0, output)
  const { records } = JSON.parse(output) as Omit<PreviewReport, 'records'> & { records: SourceRecordPreview[] }
  return records.map(one => one.produced?.value)
}

test("sources are previewed from where the cluster's offsets are, in its topic or in their own", async t => {
  const folder = tempFolder(t)
  const topic = uniqueName('lines')
  const own = uniqueName('own-offsets')
  await createTopic(kafka.bootstrap, topic)
  await createTopic(kafka.bootstrap, own, { partitions: 1, config: { 'cleanup.policy': 'compact' } })
  const cluster = new ConnectCluster({ bootstrap: kafka.bootstrap, worker: STRINGS })
  t.after(() => cluster.stop())
  const member = await cluster.add('sluice')
  const source = (name: string, more: Record<string, string> = {}) => {
    const file = join(folder, `${name}.txt`)
    writeFileSync(file, 'one\ntwo\n')
    const config = { 'connector.class': 'FileStreamSource', file, topic, ...more }
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ name, config }))
    return config
  }
  const configs = { plain: source('plain'), apart: source('apart', { 'offsets.storage.topic': own }) }
  for (const [name, config] of Object.entries(configs)) await cluster.put(name, config)
  type Offsets = { offsets: { offset: { position: number } }[] }
  for (const name of Object.keys(configs))
    await until(async () => (await cluster.rest<Offsets>(`/connectors/${name}/offsets`)).body.offsets[0]?.offset.position === 8)
  // The worker's folder goes with the worker.
  copyFileSync(join(member.folder, 'worker.properties'), join(folder, 'worker.properties'))
  await member.stop()
  for (const { file } of Object.values(configs)) appendFileSync(file, 'three\n')
  // Newer than what the worker's topic has.
  await produce(kafka.bootstrap, own, [
    { key: JSON.stringify(['apart', { filename: configs.apart.file }]), value: '{"position":4}' },
  ])
  const topics = [topic, own, ...['configs', 'offsets', 'status'].map(what => `${cluster.group}-${what}`)]
  const ends = () => Promise.all(topics.map(name => endOffsets(kafka.bootstrap, name)))
  const before = await ends()
  const worker = join(folder, 'worker.properties')
  assert.deepEqual(await shown(join(folder, 'plain.json'), worker), ['three'])
  assert.deepEqual(await shown(join(folder, 'apart.json'), worker), ['two', 'three'])
  assert.deepEqual(await ends(), before)
})

test('a cluster that never ran: from the beginning, and no topic is made; a file of no worker says what it lacks', async t => {
  const folder = tempFolder(t)
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const id = uniqueName('new')
  const file = write('lines.txt', 'one\n')
  const config = { 'connector.class': 'FileStreamSource', file, topic: `${id}-lines` }
  const source = write('source.json', JSON.stringify({ name: 'new', config }))
  const keys = `bootstrap.servers=${kafka.bootstrap}\nkey.converter=StringConverter\nvalue.converter=StringConverter\n`
  const topics = ['config', 'offset', 'status'].map(what => `${id}-${what}`)
  const group = `group.id=${id}\n${topics.map(name => `${name.slice(id.length + 1)}.storage.topic=${name}\n`).join('')}`
  assert.deepEqual(await shown(source, write('worker.properties', keys + group)), ['one'])
  const cluster = await connected(kafka.bootstrap)
  t.after(() => cluster.close())
  assert.deepEqual(await new Admin(cluster).describeTopics(topics), [null, null, null])
  const neither = await preview(source, write('neither.properties', keys))
  assert.equal(neither.code, 2)
  assert.match(neither.output, /neither offset\.storage\.file\.filename.*nor group\.id/)
})

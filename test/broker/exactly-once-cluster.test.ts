// Goal: in a cluster with exactly.once.source.support=enabled every line of a source is in its topic once for readers of committed records, though
// workers are killed in the middle and a task goes from one of ours to another or to one of Java's and back; the leader writes the config topic in
// transactions, and how many tasks may write stands in it. Method: real worker processes on the real broker; Java's DistributedHerder is the judge of
// what ours wrote and the other way round.
import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import { ConnectCluster, type Kind } from '../support/connect-cluster.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { readTopic } from './producer-parts.ts'

let kafka: Broker
const folder = mkdtempSync(join(tmpdir(), 'sluice-exactly-once-'))
const keys = {
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'exactly.once.source.support': 'enabled',
  'session.timeout.ms': '6000',
  'heartbeat.interval.ms': '1000',
}

before(async () => {
  kafka = await broker()
})

after(async () => {
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

for (const kinds of [
  ['sluice', 'sluice'],
  ['sluice', 'java'],
] as const)
  test(`every line once while the source's worker is killed again and again: ${kinds.join(' and ')}`, async t => {
    const cluster = new ConnectCluster({ bootstrap: kafka.bootstrap, worker: keys })
    t.after(() => cluster.stop())
    await Promise.all(kinds.map((kind: Kind) => cluster.add(kind)))
    const [name, topic] = [uniqueName('lines'), uniqueName('lines')]
    await createTopic(kafka.bootstrap, topic, { partitions: 1 })
    const file = join(folder, name)
    const expected: string[] = []
    const write = (count: number) => {
      const lines = Array.from({ length: count }, (_, i) => `line ${expected.length + i}`)
      expected.push(...lines)
      appendFileSync(file, lines.map(line => `${line}\n`).join(''))
    }
    const committed = async () => (await readTopic(kafka.bootstrap, topic, 'read_committed')).map(r => r.value)
    write(1000)
    const connector = {
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
      'exactly.once.support': 'required',
      'batch.size': '20',
      file,
      topic,
    }
    await cluster.put(name, connector)
    for (let kill = 0; kill < 2; kill++) {
      const { tasks } = await cluster.running(name, 1)
      const owner = cluster.members.find(member => member.workerId === tasks[0]?.worker_id)
      const before = (await committed()).length
      write(2000)
      await until(async () => (await committed()).length > before, 20)
      await owner?.kill()
      if (owner !== undefined) await cluster.add(owner.kind)
    }
    await cluster.running(name, 1)
    write(100)
    const wanted = expected.length
    // Java's task keeps what is over a batch until the file grows again: a line more each time lets it go on.
    await until(async () => {
      const isThere = (await committed()).length >= wanted
      if (!isThere) write(1)
      return isThere
    })
    const all = await committed()
    assert.deepEqual(all, expected.slice(0, all.length))
    const records = await readTopic(kafka.bootstrap, `${cluster.group}-configs`, 'read_committed')
    assert.deepEqual(records.findLast(r => r.key === `tasks-fencing-${name}`)?.value, '{"task-count":1}')
  })

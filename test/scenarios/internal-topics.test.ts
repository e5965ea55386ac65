// Goal: a worker starts with the topics it may keep its state in and ends where it must not, as Java's InternalTopicsIntegrationTest has it. Method: worker
// processes on topics that were made, or not made, before.
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { Admin } from '../../src/kafka/admin.ts'
import { connected } from '../broker/producer-parts.ts'
import { type Broker, broker } from '../support/broker.ts'
import { ConnectCluster } from '../support/connect-cluster.ts'
import { createTopic, endOffsets, uniqueName } from '../support/topics.ts'

let kafka: Broker
const clusters: ConnectCluster[] = []

before(async () => {
  kafka = await broker()
})

after(async () => {
  await Promise.all(clusters.map(cluster => cluster.stop()))
  await kafka?.stop()
})

function newCluster(worker: Record<string, string> = {}): ConnectCluster {
  const cluster = new ConnectCluster({ bootstrap: kafka.bootstrap, worker })
  clusters.push(cluster)
  return cluster
}

const topicsOf = ({ group }: ConnectCluster) => [`${group}-configs`, `${group}-offsets`, `${group}-status`]

it('made with default settings: 1, 25 and 5 partitions, compacted, and found again by the next worker', async () => {
  // -1: as many replicas as the broker makes by default; Java's 3 need three brokers
  const factors = Object.fromEntries(['config', 'offset', 'status'].map(what => [`${what}.storage.replication.factor`, '-1']))
  const cluster = newCluster({ ...factors, 'offset.storage.partitions': '25', 'status.storage.partitions': '5' })
  const counts = () => Promise.all(topicsOf(cluster).map(async topic => (await endOffsets(kafka.bootstrap, topic)).length))
  const member = await cluster.add('sluice')
  assert.deepEqual(await counts(), [1, 25, 5])
  const client = await connected(kafka.bootstrap)
  try {
    for (const topic of topicsOf(cluster)) {
      const configs = await new Admin(client).topicConfigs(topic, ['cleanup.policy'])
      assert.equal(configs.get('cleanup.policy')?.value, 'compact', topic)
    }
  } finally {
    await client.close()
  }
  await member.stop()
  await cluster.add('sluice')
  assert.deepEqual(await counts(), [1, 25, 5])
})

it('more replicas than brokers: the worker ends, and says which key', async () => {
  const cluster = newCluster({ 'config.storage.replication.factor': '3', 'offset.storage.replication.factor': '2' })
  await assert.rejects(cluster.add('sluice'), /ended with 2[\s\S]*(config|offset)\.storage\.replication\.factor/)
  const [configs = '', offsets = ''] = topicsOf(cluster)
  assert.deepEqual([await endOffsets(kafka.bootstrap, configs), await endOffsets(kafka.bootstrap, offsets)], [[], []])
})

it('topics that are not compacted: the worker ends until all three are', async () => {
  const policies = { config: 'delete', offset: 'compact,delete', status: 'delete' }
  const good: Record<string, string> = {}
  const bad: Record<string, string> = {}
  for (const [what, policy] of Object.entries(policies)) {
    const key = `${what}.storage.topic`
    good[key] = uniqueName(`good-${what}`)
    bad[key] = uniqueName(`bad-${what}`)
    await createTopic(kafka.bootstrap, good[key] ?? '', { config: { 'cleanup.policy': 'compact' } })
    await createTopic(kafka.bootstrap, bad[key] ?? '', { config: { 'cleanup.policy': policy } })
  }
  const cluster = newCluster(bad)
  const keys: Record<string, string> = {}
  for (let left = Object.keys(bad); left.length > 0; left = left.filter(key => keys[key] === undefined)) {
    const told: Error = await cluster.add('sluice', keys).then(
      () => assert.fail(`a worker runs with ${left.join(', ')}`),
      error => error,
    )
    assert.match(told.message, /ended with 2[\s\S]*must have cleanup\.policy=compact/)
    const key = left.find(name => told.message.includes(`${bad[name]} of ${name} must have`))
    assert.ok(key, told.message)
    keys[key] = good[key] ?? ''
  }
  const member = await cluster.add('sluice', keys)
  assert.equal((await member.rest('/health')).status, 200)
})

it('topics that somebody made by hand, compacted: the worker takes them', async () => {
  const cluster = newCluster()
  for (const topic of topicsOf(cluster)) await createTopic(kafka.bootstrap, topic, { config: { 'cleanup.policy': 'compact' } })
  const member = await cluster.add('sluice')
  assert.equal((await member.rest('/health')).status, 200)
})

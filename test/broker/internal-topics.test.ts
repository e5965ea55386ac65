// Goal: a worker makes its three topics as its properties say, takes those that are there, refuses those that would lose what it keeps.
// Method: a real broker. Main thread of a test file.
import assert from 'node:assert/strict'
import { before, type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { distributedConfig } from '../../src/config/distributed-config.ts'
import { Admin } from '../../src/kafka/admin.ts'
import { ConfigTopic } from '../../src/store/config-topic.ts'
import { type InternalTopics, internalTopics } from '../../src/store/internal-topics.ts'
import type { OpenReplica, TopicReplica } from '../../src/store/topic-replica.ts'
import { type Broker, broker } from '../support/broker.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { connected } from './producer-parts.ts'

let b: Broker
before(async () => {
  b = await broker()
})

/** A worker's topics, all with names of their own. */
function topicsOf(settings: Record<string, string> = {}): { topics: InternalTopics; props: Record<string, string> } {
  const group = uniqueName('cluster')
  const props: Record<string, string> = {
    'bootstrap.servers': b.bootstrap,
    'group.id': group,
    'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
    'config.storage.topic': `${group}-configs`,
    'offset.storage.topic': `${group}-offsets`,
    'status.storage.topic': `${group}-statuses`,
    'config.storage.replication.factor': '1',
    'offset.storage.replication.factor': '1',
    'status.storage.replication.factor': '1',
    ...settings,
  }
  const config = distributedConfig.parse(props)
  return { topics: internalTopics({ config, props, clock: systemClock, log: silentLogger }), props }
}

async function started(t: TestContext, open: OpenReplica): Promise<TopicReplica> {
  const replica = open({ onRecord: () => undefined, onError: assert.ifError })
  t.after(() => replica.stop())
  await replica.start()
  return replica
}

async function adminOf(t: TestContext): Promise<Admin> {
  const cluster = await connected(b.bootstrap)
  t.after(() => cluster.close())
  return new Admin(cluster)
}

test('topics are made with the partitions and settings of the properties, compacted whatever those say', async t => {
  const { topics, props } = topicsOf({
    'offset.storage.partitions': '7',
    'config.storage.partitions': '9',
    'offset.storage.segment.bytes': '2000000',
    'status.storage.cleanup.policy': 'delete',
    'status.storage.partitions': '-1',
  })
  const admin = await adminOf(t)
  assert.equal((await started(t, topics.config)).partitionCount, 1)
  assert.equal((await started(t, topics.offsets())).partitionCount, 7)
  assert.equal((await started(t, topics.status)).partitionCount, 1)
  const own = uniqueName('own-offsets')
  assert.equal((await started(t, topics.offsets(own))).partitionCount, 7)
  for (const topic of [own, ...['config', 'offset', 'status'].map(name => props[`${name}.storage.topic`] ?? '')]) {
    const configs = await admin.topicConfigs(topic, ['cleanup.policy', 'segment.bytes'])
    assert.equal(configs.get('cleanup.policy')?.value, 'compact', topic)
    assert.equal(configs.get('segment.bytes')?.value === '2000000', topic.includes('offsets'), topic)
  }
})

test('a topic that cannot be made says which keys to look at', async t => {
  const { topics } = topicsOf({ 'status.storage.replication.factor': '3', 'offset.storage.retention.ms': 'x' })
  await assert.rejects(started(t, topics.status), {
    key: 'status.storage.topic',
    message: /could not be created: .*Set status\.storage\.replication\.factor, now 3, to no more than there are brokers$/,
  })
  await assert.rejects(started(t, topics.offsets()), {
    key: 'offset.storage.topic',
    message: /Correct its settings, offset\.storage\.\*$/,
  })
})

test('a config topic of two partitions, or one that is not compacted, is refused', async t => {
  const admin = await adminOf(t)
  const { topics, props } = topicsOf()
  const topic = props['config.storage.topic'] ?? ''
  await createTopic(b.bootstrap, topic, { partitions: 2 })
  await assert.rejects(started(t, topics.config), /config\.storage\.topic must have cleanup\.policy=compact, it has .*delete/)
  await admin.alterTopicConfigs(topic, { 'cleanup.policy': 'compact' })
  await assert.rejects(started(t, topics.config), /must have 1 partition\(s\), it has 2/)
})

test('two workers that start at the same time share one config topic, and hear of what the other writes', async t => {
  const { topics } = topicsOf()
  const told: string[] = []
  const make = (name: string) =>
    new ConfigTopic({
      open: topics.config,
      topic: 'configs',
      clock: systemClock,
      log: silentLogger,
      listener: {
        connectorChanged: connector => void told.push(`${name}: ${connector}`),
        connectorRemoved: () => undefined,
        tasksChanged: connector => void told.push(`${name}: tasks of ${connector}`),
        targetChanged: () => undefined,
        sessionKeyChanged: () => undefined,
        restartRequested: () => undefined,
        loggerLevelChanged: () => undefined,
        failed: assert.ifError,
      },
    })
  const [one, other] = [make('one'), make('other')]
  t.after(() => Promise.all([one.stop(), other.stop()]))
  await Promise.all([one.start(), other.start()])
  await one.putConfig('a', { name: 'a' })
  await other.putTasks('a', [{ n: '0' }, { n: '1' }])
  const [first, second] = [await one.refresh(10_000), await other.refresh(10_000)]
  assert.equal(first.offset, 4)
  assert.equal(second.offset, 4)
  assert.deepEqual(first.get('a'), second.get('a'))
  assert.deepEqual(told.sort(), ['one: a', 'one: tasks of a', 'other: a', 'other: tasks of a'])
})

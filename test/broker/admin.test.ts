// Goal: topics, offsets and groups are administered as asked, and refusals say what and why. Method: a real broker.
// Main thread of a test file.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Admin, EARLIEST, LATEST } from '../../src/kafka/admin.ts'
import type { Cluster } from '../../src/kafka/cluster.ts'
import { type Broker, broker } from '../support/broker.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { Ours, until } from './group-parts.ts'
import { connected } from './producer-parts.ts'

let b: Broker
let cluster: Cluster
let admin: Admin
before(async () => {
  b = await broker()
  cluster = await connected(b.bootstrap)
  admin = new Admin(cluster)
})
after(() => cluster.close())

test('topics: created with settings, described, grown, deleted; creating twice is told apart', async () => {
  const topic = uniqueName('admin')
  assert.equal(await admin.createTopicIfAbsent({ topic, partitions: 2, configs: { 'retention.ms': '1234' } }), true)
  assert.equal(await admin.createTopicIfAbsent({ topic, partitions: 5 }), false)
  await assert.rejects(admin.createTopics([{ topic }]), /TOPIC_ALREADY_EXISTS/)
  const [found, missing] = await admin.describeTopics([topic, uniqueName('missing')])
  assert.equal(found?.partitions.length, 2)
  assert.equal(missing, null)
  const retention = (await admin.topicConfigs(topic)).get('retention.ms')
  assert.deepEqual([retention?.value, retention?.source], ['1234', 1])
  await admin.alterTopicConfigs(topic, { 'retention.ms': null, 'cleanup.policy': 'compact' })
  // The broker answers before the change is everywhere.
  await until('the changed configs', async () => {
    const configs = await admin.topicConfigs(topic, ['retention.ms', 'cleanup.policy'])
    return (
      configs.size === 2 && configs.get('retention.ms')?.value !== '1234' && configs.get('cleanup.policy')?.value === 'compact'
    )
  })
  await admin.createPartitions(topic, 4)
  await until('four partitions', async () => (await admin.describeTopics([topic]))[0]?.partitions.length === 4)
  await admin.deleteTopics([topic])
  await until('the topic is gone', async () => (await admin.describeTopics([topic]))[0] === null)
})

test('what the broker refuses is an error that names topic and cause', async () => {
  const topic = uniqueName('bad')
  await assert.rejects(
    admin.createTopics([{ topic, partitions: 1, replicationFactor: 5 }]),
    new RegExp(`${topic}.*INVALID_REPLICATION_FACTOR`),
  )
  await assert.rejects(admin.createTopics([{ topic, configs: { 'cleanup.policy': 'wash' } }]), /INVALID_CONFIG/)
  await assert.rejects(admin.deleteTopics([topic]).then(), /UNKNOWN_TOPIC_OR_PARTITION/)
})

test('offsets: first, last, by time; records before an offset deleted', async () => {
  const topic = uniqueName('offsets')
  await createTopic(b.bootstrap, topic, { partitions: 2 })
  await produce(
    b.bootstrap,
    topic,
    Array.from({ length: 10 }, (_, i) => ({ value: `${i}`, timestamp: 1000 * (i + 1) })),
  )
  const both = [0, 1].map(partition => ({ topic, partition }))
  const at = async (when: number) => [...(await admin.listOffsets(both, when))].sort().map(([, offset]) => offset)
  assert.deepEqual(await at(LATEST), [10, 0])
  assert.deepEqual(await at(4500), [4, -1])
  await admin.deleteRecords([{ topic, partition: 0, offset: 3 }])
  assert.deepEqual(await at(EARLIEST), [3, 0])
})

test('groups: offsets set, read and removed while empty; refused while it has members; deleted twice is deleted', async t => {
  const topic = uniqueName('groups')
  const groupId = uniqueName('group')
  await createTopic(b.bootstrap, topic, { partitions: 2 })
  await admin.alterGroupOffsets(groupId, [
    { topic, partition: 0, offset: 5, metadata: 'm' },
    { topic, partition: 1, offset: 6 },
  ])
  assert.deepEqual(
    [...(await admin.groupOffsets(groupId)).values()].map(o => [o.partition, o.offset, o.metadata]),
    [
      [0, 5, 'm'],
      [1, 6, ''],
    ],
  )
  await admin.deleteGroupOffsets(groupId, [{ topic, partition: 1 }])
  assert.deepEqual([...(await admin.groupOffsets(groupId)).keys()], [`${topic}-0`])
  const member = await new Ours(b.bootstrap, { groupId, topics: [topic] }).start()
  t.after(() => member.stop())
  await until('it is a member', () => member.held().length === 2, [member])
  const group = await admin.describeGroup(groupId)
  assert.deepEqual([group.state, group.protocolType, group.protocol, group.members.length], ['Stable', 'consumer', 'range', 1])
  await assert.rejects(admin.alterGroupOffsets(groupId, [{ topic, partition: 0, offset: 0 }]), /UNKNOWN_MEMBER_ID/)
  await assert.rejects(admin.deleteGroup(groupId), /NON_EMPTY_GROUP/)
  await member.stop()
  await admin.deleteGroup(groupId)
  await admin.deleteGroups([groupId])
  assert.equal((await admin.groupOffsets(groupId)).size, 0)
  assert.equal((await admin.describeGroup(groupId)).state, 'Dead')
})

// Goal: what is left of an earlier instance of a sink task is taken out of its group, and nobody else is. Method: members of one group on the
// real broker, one of them under the task's client id and silent (its process died).
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { Admin } from '../../src/kafka/admin.ts'
import { clientConfigFrom } from '../../src/kafka/client-config.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { ConsumerMembership } from '../../src/kafka/consumer-membership.ts'
import { removeStaleMembers } from '../../src/task/sink-task/stale-members.ts'
import { type Broker, broker } from '../support/broker.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'

const TASK = 'connector-consumer-c-0'
let b: Broker
let cluster: Cluster
const topic = uniqueName('stale')
const groupId = uniqueName('connect')
const opened: Cluster[] = []

async function open(clientId: string): Promise<Cluster> {
  const made = new Cluster(clientConfigFrom({ 'bootstrap.servers': b.bootstrap }, clientId), silentLogger)
  await made.connect()
  opened.push(made)
  return made
}

before(async () => {
  b = await broker()
  await createTopic(b.bootstrap, topic, { partitions: 2 })
  cluster = await open(TASK)
})

after(() => Promise.all(opened.map(one => one.close())))

/** In the group when it settles. */
async function member(clientId: string): Promise<{ membership: ConsumerMembership; cluster: Cluster }> {
  const own = await open(clientId)
  const membership = new ConsumerMembership({
    cluster: own,
    log: silentLogger,
    clock: systemClock,
    groupId,
    topics: [topic],
    sessionTimeoutMs: 60_000,
    heartbeatIntervalMs: 300,
    onAssigned: async () => undefined,
    onRevoked: async () => undefined,
    onLost: async () => undefined,
    onError: () => undefined,
  })
  membership.start()
  await until(() => membership.generation >= 0)
  return { membership, cluster: own }
}

test('a dead instance of the task goes, other tasks of the connector stay', async () => {
  const admin = new Admin(cluster)
  const dead = await member(TASK)
  const other = await member('connector-consumer-c-1')
  // Its connections end without a word to the group.
  await dead.cluster.close()
  const ids = async () => (await admin.describeGroup(groupId)).members.map(({ clientId }) => clientId)
  assert.ok((await ids()).includes(TASK))
  assert.equal(await removeStaleMembers(cluster, groupId, TASK, silentLogger, systemClock), 1)
  await until(async () => (await ids()).join() === 'connector-consumer-c-1')
  await until(() => other.membership.assignment.length === 2)
  assert.equal(await removeStaleMembers(cluster, groupId, TASK, silentLogger, systemClock), 0)
  await other.membership.stop()
  void dead.membership.stop().catch(() => undefined)
})

test('a group that is not there yet has none', async () => {
  assert.equal(await removeStaleMembers(cluster, uniqueName('new'), TASK, silentLogger, systemClock), 0)
})

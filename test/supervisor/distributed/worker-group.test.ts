// Goal: a worker follows the rules of CONNECT.md 4.2 whatever the coordinator, the others and its own config topic do. Method: several real
// KafkaWorkerGroups on a coordinator in memory under a clock turned by hand; their listeners (group-parts.ts) also check the order of calls.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { E } from '../../../src/kafka/codec/group-errors.ts'
import { clusterConfig } from '../../support/cluster-configs.ts'
import { HEARTBEAT_MS, MAX_DELAY_MS, SESSION_MS, TestGroup } from './group-parts.ts'

const stopsNothing = (events: readonly string[]) => events.every(e => !/^(gave up|lost|failed)/.test(e))

test('the first worker leads and has all, the second gets its share by two more rounds, and nothing else stops', async () => {
  const g = new TestGroup()
  g.configure({ a: 2, b: 2 })
  const first = await g.join()
  assert.deepEqual(first.news(), ['assigned 1: a b a-0 a-1 b-0 b-1'])
  assert.equal(first.group.isLeader, true)
  assert.deepEqual([...first.group.members.values()], ['http://w0:8083/'])
  const second = await g.join()
  assert.deepEqual(first.news(), [], 'a rebalance does not stop the work')
  await g.pass(HEARTBEAT_MS)
  assert.deepEqual(first.news(), ['gave up: a a-0 a-1', 'assigned 2: ', 'assigned 3: '])
  assert.deepEqual(second.news(), ['assigned 2: ', 'assigned 3: a a-0 a-1'])
  g.isSharedBy(first, second)
  assert.equal(second.group.isLeader, false)
  assert.equal(second.group.round?.leaderUrl, 'http://w0:8083/')
  assert.equal(second.group.round?.protocol, 'sessioned')
  assert.equal(first.group.ownerUrl('a'), 'http://w1:8083/')
  assert.equal(first.group.ownerUrl('b', 1), 'http://w0:8083/')
  assert.equal(first.group.ownerUrl('b', 2), null)
  assert.equal(second.group.ownerUrl('a'), null, 'the leader knows')
  assert.equal(second.group.members.size, 0)
  await g.pass(300_000)
  assert.deepEqual([first.news(), second.news()], [[], []], 'a quiet group stays as it is')
  await g.stop()
})

test('the work of a worker that leaves waits for its return, and is given to the one that comes back empty', async () => {
  const g = new TestGroup()
  g.configure({ a: 2, b: 2 })
  const first = await g.join()
  const second = await g.join()
  await g.pass(HEARTBEAT_MS)
  const leaving = second.group.leave()
  await g.pass(HEARTBEAT_MS)
  await leaving
  assert.deepEqual(second.news().at(-1), 'gave up: a a-0 a-1')
  assert.equal(second.group.round, null)
  first.news()
  await g.pass(MAX_DELAY_MS / 2)
  const third = await g.join()
  await g.pass(HEARTBEAT_MS)
  assert.equal(stopsNothing(first.news()), true)
  assert.deepEqual(third.running.tasks, [], 'the delay is not over')
  await g.pass(MAX_DELAY_MS / 2)
  assert.deepEqual(third.news().at(-1), 'assigned 6: a a-0 a-1')
  g.isSharedBy(first, third)
  await g.stop()
})

test('a worker that the coordinator has forgotten goes on with its work and comes back under a new id', async () => {
  const g = new TestGroup()
  g.configure({ a: 3 })
  const first = await g.join()
  first.news()
  const id = first.group.round?.memberId
  g.coordinator.expel('w0')
  await g.pass(HEARTBEAT_MS)
  assert.equal(stopsNothing(first.news()), true)
  assert.notEqual(first.group.round?.memberId, id)
  g.isSharedBy(first)
  await g.stop()
})

test('what two workers hold is taken from both and given to one', async () => {
  const g = new TestGroup()
  g.configure({ a: 4 })
  const first = await g.join({ maxDelayMs: 0 })
  const second = await g.join({ maxDelayMs: 0 })
  await g.pass(HEARTBEAT_MS)
  g.isSharedBy(first, second)
  // It learns too late that its session is over.
  g.coordinator.setLink('w1', 'frozen')
  g.coordinator.expel('w1')
  await g.pass(HEARTBEAT_MS)
  g.isSharedBy(first)
  assert.ok(second.running.tasks.length > 0)
  second.news()
  g.coordinator.setLink('w1', 'up')
  await g.pass(3 * HEARTBEAT_MS)
  assert.match(second.news()[0] ?? '', /^gave up: /)
  g.isSharedBy(first, second)
  await g.stop()
})

test('a coordinator that is away for less than a heartbeat interval stops nothing', async () => {
  const g = new TestGroup()
  g.configure({ a: 2 })
  const first = await g.join()
  await g.pass(HEARTBEAT_MS)
  first.news()
  g.coordinator.setLink('w0', 'cut')
  await g.pass(HEARTBEAT_MS + 1000)
  g.coordinator.setLink('w0', 'up')
  await g.pass(60_000)
  assert.deepEqual(first.news(), [])
  await g.stop()
})

test('one heartbeat that fails, with a coordinator that takes its time to answer, stops nothing', async () => {
  const g = new TestGroup(50)
  g.configure({ a: 2 })
  const first = await g.join()
  await g.pass(2000)
  assert.deepEqual(first.news(), ['assigned 1: a a-0 a-1'])
  for (let ms = 0; ms < 60_000; ms += 7100) {
    g.coordinator.setLink('w0', 'cut')
    await g.pass(500)
    g.coordinator.setLink('w0', 'up')
    await g.pass(6600)
  }
  assert.deepEqual(first.news(), [])
  await g.stop()
})

test('away for longer: all work stops, before the group can have given it to others, and comes back', async () => {
  const g = new TestGroup()
  g.configure({ a: 4 })
  const first = await g.join({ maxDelayMs: 0 })
  const second = await g.join({ maxDelayMs: 0 })
  await g.pass(HEARTBEAT_MS)
  for (const worker of [first, second]) worker.news()
  g.coordinator.setLink('w1', 'cut')
  for (let ms = 0; ms < 4 * SESSION_MS; ms += 500) {
    await g.pass(500)
    const names = [first, second].flatMap(w => w.running.tasks.map(t => t.task))
    assert.equal(new Set(names).size, names.length, 'a task runs twice')
  }
  assert.match(second.news().join(), /^gave up: (a )?a-\d a-\d$/)
  g.isSharedBy(first)
  g.coordinator.setLink('w1', 'up')
  await g.pass(3 * HEARTBEAT_MS)
  g.isSharedBy(first, second)
  assert.equal(second.running.tasks.length, 2)
  await g.stop()
})

test('back within the session with nothing in hands: joins again, though the coordinator has not missed it', async () => {
  const g = new TestGroup()
  g.configure({ a: 2 })
  const first = await g.join()
  g.coordinator.setLink('w0', 'cut')
  await g.pass(2 * HEARTBEAT_MS + 1000)
  assert.equal(first.news().at(-1), 'gave up: a a-0 a-1')
  g.coordinator.setLink('w0', 'up')
  await g.pass(HEARTBEAT_MS)
  g.isSharedBy(first)
  await g.stop()
})

test('a member behind the config of the assignment reads on; one that is ahead makes all join again', async () => {
  const g = new TestGroup()
  g.configure({ a: 1 })
  const first = await g.join()
  const second = await g.join()
  await g.pass(HEARTBEAT_MS)
  g.config = clusterConfig(2, { a: 1, b: 1 })
  first.known = g.config
  for (const worker of [first, second]) worker.news()
  first.group.requestRejoin('a new connector')
  await g.pass(HEARTBEAT_MS)
  assert.deepEqual(second.news().slice(0, 1), ['read 2'])
  assert.deepEqual(
    first.news().filter(e => e.startsWith('read')),
    [],
  )
  await g.pass(3 * HEARTBEAT_MS)
  g.isSharedBy(first, second)
  await g.stop()
})

test('a leader that is behind reads before it shares out', async () => {
  const g = new TestGroup()
  g.configure({ a: 1 })
  const first = await g.join()
  const second = await g.join()
  await g.pass(HEARTBEAT_MS)
  g.config = clusterConfig(7, { a: 1, b: 1 })
  second.known = g.config
  first.news()
  second.group.requestRejoin('a new connector')
  await g.pass(HEARTBEAT_MS)
  assert.equal(first.news()[0], 'read 7')
  await g.pass(3 * HEARTBEAT_MS)
  g.isSharedBy(first, second)
  assert.equal(first.round?.configOffset, 7)
  await g.stop()
})

test('a leader that cannot read what others have read gives nothing, and leaves for others to lead', async () => {
  const g = new TestGroup()
  g.configure({ a: 1 })
  const first = await g.join()
  const second = await g.join()
  await g.pass(HEARTBEAT_MS)
  g.config = clusterConfig(7, { a: 1, b: 1 })
  second.known = g.config
  first.canRead = false
  for (const worker of [first, second]) worker.news()
  second.group.requestRejoin('a new connector')
  await g.pass(HEARTBEAT_MS + 3000)
  assert.equal(second.group.round?.isConfigMismatch, true)
  assert.equal(stopsNothing([...first.news(), ...second.news()]), true, 'what runs goes on')
  await g.pass(2 * HEARTBEAT_MS)
  assert.deepEqual(g.coordinator.clients, ['w1'])
  assert.equal(second.group.isLeader, true)
  first.canRead = true
  await g.pass(2 * MAX_DELAY_MS)
  g.isSharedBy(first, second)
  await g.stop()
})

test('a config topic that cannot be read: out of the group, waits of a tenth of the delay over the tries left, then all work stops', async () => {
  const g = new TestGroup()
  g.configure({ a: 2 })
  const first = await g.join()
  const second = await g.join()
  await g.pass(HEARTBEAT_MS)
  second.canRead = false
  g.config = clusterConfig(2, { a: 2, b: 1 })
  first.known = g.config
  second.news()
  first.group.requestRejoin('a new connector')
  while (g.coordinator.clients.length === 2) await g.pass(100)
  // The first try of 3 s is over; five more, after waits of 6/5, 6/4, 6/3, 6/2 and 6 s.
  const triesMs = 5 * 3000 + 1200 + 1500 + 2000 + 3000 + 6000
  await g.pass(triesMs - 200)
  assert.deepEqual(second.news(), [], 'until then the work goes on')
  assert.deepEqual(g.coordinator.clients, ['w0'])
  await g.pass(400)
  assert.match(second.news()[0] ?? '', /^gave up: /)
  second.canRead = true
  await g.pass(2 * MAX_DELAY_MS)
  g.isSharedBy(first, second)
  await g.stop()
})

test('eager: everything stops before every round and is given out anew; one eager worker makes the group eager', async () => {
  const g = new TestGroup()
  g.configure({ a: 2 })
  const first = await g.join({ protocol: 'eager' })
  assert.deepEqual(first.news(), ['assigned 1: a a-0 a-1'])
  const second = await g.join()
  await g.pass(HEARTBEAT_MS)
  assert.deepEqual(first.news(), ['gave up: a a-0 a-1', 'assigned 2: a a-1'])
  assert.deepEqual(second.news(), ['assigned 2: a-0'])
  assert.equal(second.group.round?.protocol, 'default')
  second.group.requestRejoin('test')
  await g.pass(HEARTBEAT_MS)
  assert.deepEqual(second.news(), ['gave up: a-0', 'assigned 3: a-0'])
  await g.stop()
})

test('a group that turns eager takes from a worker what is another one’s by the whole assignment', async () => {
  const g = new TestGroup()
  g.configure({ a: 2 })
  const first = await g.join()
  const second = await g.join({ protocol: 'eager' })
  await g.pass(HEARTBEAT_MS)
  assert.deepEqual(first.news(), ['assigned 1: a a-0 a-1', 'gave up: a-0', 'assigned 2: '])
  g.isSharedBy(first, second)
  await g.stop()
})

test('a herder that takes longer than a rebalance may: out of the group until it is done', async () => {
  const g = new TestGroup()
  g.configure({ a: 4 })
  const first = await g.join()
  await g.join()
  first.isStuck = true
  await g.pass(30_000)
  assert.equal(g.coordinator.clients.includes('w0'), true, 'heartbeats go on while it stops tasks')
  await g.pass(35_000)
  assert.equal(g.coordinator.clients.includes('w0'), false)
  first.release()
  await g.pass(3 * MAX_DELAY_MS)
  g.isSharedBy(...g.workers)
  await g.stop()
})

test('a group that it may not join: the work is lost, then the worker is told', async () => {
  const g = new TestGroup()
  g.configure({ a: 1 })
  const first = await g.join()
  first.news()
  g.coordinator.script.Heartbeat = [E.GROUP_AUTHORIZATION_FAILED]
  await g.pass(HEARTBEAT_MS)
  assert.match(first.news().join(' | '), /^lost: a a-0 \| failed: .*not authorised for the group/)
  await g.stop()
})

test('the name of a consumer group as group.id ends the worker', async () => {
  const g = new TestGroup()
  g.coordinator.script.JoinGroup = [E.INCONSISTENT_GROUP_PROTOCOL]
  const first = await g.join()
  assert.match(first.news().join(), /^failed: /)
  await g.stop()
})

test('leaving gives the work up before the good-bye, also in the middle of a rebalance and of waiting for the config', async () => {
  const g = new TestGroup()
  g.configure({ a: 2 })
  const first = await g.join()
  const second = await g.join()
  await g.pass(HEARTBEAT_MS)
  second.canRead = false
  g.config = clusterConfig(2, { a: 1, b: 1 })
  first.known = g.config
  first.group.requestRejoin('a new connector')
  await g.pass(2 * HEARTBEAT_MS + 500)
  assert.deepEqual(g.coordinator.clients, ['w0'], 'the second one waits, out of the group')
  const running = second.running.tasks.length
  const leaving = second.group.leave()
  await g.pass(3000)
  await leaving
  assert.deepEqual(second.running.tasks, [])
  assert.equal(running > 0, true)
  assert.equal(second.group.work.tasks.length, 0)
  await g.stop()
})

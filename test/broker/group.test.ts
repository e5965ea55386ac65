// Goal: our members and Java's share a group without losing or doubling a partition. Method: a real broker, members of both kinds that
// come and go, and the rebalance callbacks they report.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { isRetriable } from '../../src/base/errors.ts'
import { Admin } from '../../src/kafka/admin.ts'
import { type Broker, broker, ownBroker } from '../support/broker.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { isShared, Java, Ours, partitionsOf, until } from './group-parts.ts'

let b: Broker
before(async () => {
  b = await broker()
})

for (const leader of ['ours', 'Java'] as const)
  test(`range: two of ours and a Java consumer share a topic, the leader being ${leader}`, async t => {
    const topic = uniqueName('range')
    const groupId = uniqueName('group')
    await createTopic(b.bootstrap, topic, { partitions: 7 })
    const all = partitionsOf(topic, 7)
    const ours = () => new Ours(b.bootstrap, { groupId, topics: [topic], assignors: ['range'] })
    let java: Java | undefined
    const first = ours()
    const second = ours()
    t.after(() => Promise.all([first.stop(), second.stop(), java?.stop()]))
    if (leader === 'ours') await first.start()
    else java = await Java.start(b.bootstrap, groupId, 'RangeAssignor', [topic])
    const opener = java ?? first
    await until('the first member holds all', () => isShared(all, [opener], 7, 7), [opener])
    java ??= await Java.start(b.bootstrap, groupId, 'RangeAssignor', [topic])
    if (leader === 'Java') await first.start()
    await second.start()
    const three = [first, second, java]
    await until('three share', () => isShared(all, three, 2, 3), three)
    await java.stop()
    await until('ours share what Java left', () => isShared(all, [first, second], 3, 4), three)
    await second.stop()
    await until('the last holds all', () => isShared(all, [first], 7, 7), three)
    // Eager: each assignment was given up whole before the next came.
    for (const { history } of [first, second])
      for (let i = 0; i + 1 < history.length; i += 2) {
        if (history[i] === 'assigned') continue
        assert.equal(history[i + 1], history[i]?.replace('assigned', 'revoked'))
      }
  })

for (const leader of ['ours', 'Java'] as const)
  test(`cooperative-sticky: what stays is not revoked, the leader being ${leader}`, async t => {
    const topic = uniqueName('coop')
    const groupId = uniqueName('group')
    await createTopic(b.bootstrap, topic, { partitions: 6 })
    const all = partitionsOf(topic, 6)
    const ours = () => new Ours(b.bootstrap, { groupId, topics: [topic], assignors: ['cooperative-sticky'] })
    const first = ours()
    const second = ours()
    let java: Java | undefined
    t.after(() => Promise.all([first.stop(), second.stop(), java?.stop()]))
    if (leader === 'Java') {
      java = await Java.start(b.bootstrap, groupId, 'CooperativeStickyAssignor', [topic])
      await until('Java holds all', () => isShared(all, [java as Java], 6, 6))
    }
    await first.start()
    const two = java === undefined ? [first] : [first, java]
    await until('the first share', () => isShared(all, two, 6 / two.length, 6 / two.length), two)
    const kept = first.held()
    await second.start()
    java ??= await Java.start(b.bootstrap, groupId, 'CooperativeStickyAssignor', [topic])
    const three = [first, second, java]
    await until('three share', () => isShared(all, three, 2, 2), three)
    assert.ok(
      first.held().every(p => kept.includes(p)),
      'the first kept part of what it had',
    )
    const revoked = first.history.filter(h => h.startsWith('revoked')).flatMap(h => h.split(' ').slice(1))
    assert.deepEqual(
      revoked.filter(p => first.held().includes(p)),
      [],
      'nothing it keeps was ever revoked',
    )
    await java.stop()
    await until('ours share what Java left', () => isShared(all, [first, second], 3, 3), three)
  })

test('a member under both assignors (the default) works eagerly beside a Java range consumer', async t => {
  const topic = uniqueName('both')
  const groupId = uniqueName('group')
  await createTopic(b.bootstrap, topic, { partitions: 4 })
  const ours = new Ours(b.bootstrap, { groupId, topics: [topic] })
  const java = await Java.start(b.bootstrap, groupId, 'RangeAssignor', [topic])
  t.after(() => Promise.all([ours.stop(), java.stop()]))
  await ours.start()
  await until('both share', () => isShared(partitionsOf(topic, 4), [ours, java], 2, 2), [ours, java])
})

test('offsets committed by Java are seen, and ours outlive the member', async t => {
  const topic = uniqueName('offsets')
  const groupId = uniqueName('group')
  await createTopic(b.bootstrap, topic, { partitions: 2 })
  await produce(
    b.bootstrap,
    topic,
    Array.from({ length: 5 }, (_, i) => ({ value: `${i}`, partition: 0 })),
  )
  const java = await Java.start(b.bootstrap, groupId, 'RangeAssignor', [topic])
  const ours = new Ours(b.bootstrap, { groupId, topics: [topic] })
  t.after(() => Promise.all([ours.stop(), java.stop()]))
  const both = [0, 1].map(partition => ({ topic, partition }))
  await ours.cluster.connect()
  await until('Java has committed', async () => (await ours.membership.committed(both))[0] === 5)
  await java.stop()
  await ours.start()
  await until('we hold both', () => ours.held().length === 2, [ours])
  await ours.membership.commit([
    { topic, partition: 0, offset: 3, metadata: 'mine' },
    { topic, partition: 1, offset: 0 },
  ])
  assert.deepEqual(await ours.membership.committed(both), [3, 0])
})

test('commits nothing for a partition that went to another member', async t => {
  const topic = uniqueName('gone')
  const groupId = uniqueName('group')
  await createTopic(b.bootstrap, topic, { partitions: 2 })
  const first = await new Ours(b.bootstrap, { groupId, topics: [topic] }).start()
  const second = new Ours(b.bootstrap, { groupId, topics: [topic] })
  t.after(() => Promise.all([first.stop(), second.stop()]))
  await until('the first holds both', () => first.held().length === 2, [first])
  const both = [0, 1].map(partition => ({ topic, partition, offset: 7 }))
  await first.membership.commit(both)
  await second.start()
  await until('they share', () => isShared(partitionsOf(topic, 2), [first, second], 1, 1), [first, second])
  await first.membership.commit(both.map(p => ({ ...p, offset: 9 })))
  const committed = await first.membership.committed(both)
  const [mine] = first.membership.assignment
  assert.equal(committed[mine?.partition ?? -1], 9)
  assert.equal(committed[1 - (mine?.partition ?? 0)], 7)
})

test('a commit under way while the group rebalances fails in a way that may be tried again, or counts', async t => {
  const topic = uniqueName('race')
  const groupId = uniqueName('group')
  await createTopic(b.bootstrap, topic, { partitions: 3 })
  const first = await new Ours(b.bootstrap, { groupId, topics: [topic] }).start()
  t.after(() => first.stop())
  await until('the first holds all', () => first.held().length === 3, [first])
  const failures: unknown[] = []
  let isOver = false
  const committing = (async () => {
    for (let offset = 1; !isOver; offset++) {
      const offsets = first.membership.assignment.map(p => ({ ...p, offset }))
      await first.membership.commit(offsets).catch(error => failures.push(error))
      await systemClock.sleep(1)
    }
  })()
  for (let round = 0; round < 3; round++) {
    const other = await new Ours(b.bootstrap, { groupId, topics: [topic] }).start()
    await until('both share', () => isShared(partitionsOf(topic, 3), [first, other], 1, 2), [first, other])
    await other.stop()
    await until('the first holds all again', () => first.held().length === 3, [first])
  }
  isOver = true
  await committing
  for (const error of failures) assert.equal(isRetriable(error), true, String(error))
  assert.equal(
    first.history.some(h => h.startsWith('lost') || h.startsWith('error')),
    false,
    first.history.join(),
  )
})

test('onRevoked is over before anybody else gets the partitions', async t => {
  const topic = uniqueName('wait')
  const groupId = uniqueName('group')
  await createTopic(b.bootstrap, topic, { partitions: 2 })
  let isRevoking = false
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const slow: Ours = new Ours(b.bootstrap, {
    groupId,
    topics: [topic],
    onRevoked: async partitions => {
      isRevoking = true
      await released
      await slow.membership.commit(partitions.map(p => ({ ...p, offset: 11 })))
      isRevoking = false
    },
  })
  await slow.start()
  let sawRevoking = true
  const second: Ours = new Ours(b.bootstrap, {
    groupId,
    topics: [topic],
    onAssigned: async () => {
      sawRevoking = isRevoking
    },
  })
  t.after(() => Promise.all([release(), second.stop(), slow.stop()]))
  await until('the first holds both', () => slow.held().length === 2, [slow])
  await second.start()
  await until('it is asked to give up', () => isRevoking, [slow])
  // Longer than several heartbeats: the member must be kept alive meanwhile.
  await systemClock.sleep(1500)
  assert.equal(second.held().length, 0)
  release()
  await until('the second has one', () => second.held().length === 1, [slow, second])
  assert.equal(sawRevoking, false)
  assert.deepEqual(await second.membership.committed([0, 1].map(partition => ({ topic, partition }))), [11, 11])
})

test('a pattern takes in topics and partitions that come later', async t => {
  const prefix = uniqueName('pattern')
  const groupId = uniqueName('group')
  await createTopic(b.bootstrap, `${prefix}.a`, { partitions: 1 })
  const options = { groupId, topics: new RegExp(`${prefix}\\.[ab]`), metadataMaxAgeMs: 300 }
  const first = await new Ours(b.bootstrap, options).start()
  const second = await new Ours(b.bootstrap, options).start()
  t.after(() => Promise.all([first.stop(), second.stop()]))
  const both = [first, second]
  await until('one holds a', () => isShared([`${prefix}.a-0`], both, 0, 1), both)
  await createTopic(b.bootstrap, `${prefix}.b`, { partitions: 1 })
  await createTopic(b.bootstrap, `${prefix}.ab`, { partitions: 1 })
  await until('b is taken in, ab is not', () => isShared([`${prefix}.a-0`, `${prefix}.b-0`], both, 0, 2), both)
  const admin = new Admin(first.cluster)
  await admin.createPartitions(`${prefix}.a`, 3)
  const all = [...partitionsOf(`${prefix}.a`, 3), `${prefix}.b-0`]
  await until('new partitions are taken in', () => isShared(all, both, 1, 3), both)
})

test('a topic that does not exist yet is taken up when it appears', async t => {
  const topic = uniqueName('later')
  const ours = await new Ours(b.bootstrap, { groupId: uniqueName('group'), topics: [topic], allowAutoCreate: false }).start()
  t.after(() => ours.stop())
  await until('it has joined without anything', () => ours.history.length === 1, [ours])
  await createTopic(b.bootstrap, topic, { partitions: 2 })
  await until('it holds the new topic', () => ours.held().length === 2, [ours])
})

test('a static member that comes back keeps its partitions without a rebalance for the others', async t => {
  const topic = uniqueName('static')
  const groupId = uniqueName('group')
  await createTopic(b.bootstrap, topic, { partitions: 2 })
  const make = (name: string) => new Ours(b.bootstrap, { groupId, topics: [topic], groupInstanceId: name })
  const first = await make('one').start()
  const second = await make('two').start()
  const both = [first, second]
  await until('they share', () => isShared(partitionsOf(topic, 2), both, 1, 1), both)
  const before = first.history.length
  const held = second.held()
  await second.stop()
  const again = await make('two').start()
  t.after(() => Promise.all([first.stop(), again.stop()]))
  await until('it holds the same as before', () => again.held().join() === held.join(), [first, again])
  assert.equal(first.history.length, before)
})

test('a static member whose name another takes gives up: lost, then a fatal error', async t => {
  const topic = uniqueName('fenced')
  const groupId = uniqueName('group')
  await createTopic(b.bootstrap, topic, { partitions: 1 })
  const make = () => new Ours(b.bootstrap, { groupId, topics: [topic], groupInstanceId: 'same' })
  const first = await make().start()
  await until('it holds the topic', () => first.held().length === 1, [first])
  const second = await make().start()
  t.after(() => Promise.all([first.stop(), second.stop()]))
  await until('the first gives up', () => first.history.some(h => h.startsWith('error')), [first, second])
  assert.ok(first.history.includes(`lost ${topic}-0`))
  assert.equal(first.held().length, 0)
})

test('stopping a member that waits for others to join does not wait with it', async t => {
  const topic = uniqueName('stop')
  const groupId = uniqueName('group')
  await createTopic(b.bootstrap, topic, { partitions: 2 })
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const slow = await new Ours(b.bootstrap, { groupId, topics: [topic], onRevoked: () => released }).start()
  t.after(() => Promise.all([release(), slow.stop()]))
  await until('the first holds all', () => slow.held().length === 2, [slow])
  const waiting = await new Ours(b.bootstrap, { groupId, topics: [topic] }).start()
  await systemClock.sleep(500)
  await waiting.stop()
  assert.deepEqual(waiting.history, [])
  release()
})

test('broker gone for longer than the session: lost once, nothing committed, and joined again when it is back', async t => {
  const own = await ownBroker()
  t.after(() => own.stop())
  const topic = uniqueName('away')
  const groupId = uniqueName('group')
  await createTopic(own.bootstrap, topic, { partitions: 2 })
  const ours = await new Ours(own.bootstrap, { groupId, topics: [topic], sessionTimeoutMs: 1500 }).start()
  t.after(() => ours.stop())
  await until('it holds both', () => ours.held().length === 2, [ours])
  await own.kill()
  await until('it knows they are lost', () => ours.history.length === 2, [ours])
  assert.equal(ours.history[1], `lost ${topic}-0 ${topic}-1`)
  assert.deepEqual(ours.held(), [])
  await ours.membership.commit([{ topic, partition: 0, offset: 99 }])
  await own.restart()
  await until('it holds both again', () => ours.held().length === 2, [ours])
  assert.equal(ours.history.filter(h => h.startsWith('lost')).length, 1)
  assert.deepEqual(await ours.membership.committed([{ topic, partition: 0 }]), [null])
})

test('a broker that stands still is found out by its silence, and the member comes back', async t => {
  const own = await ownBroker()
  t.after(() => own.stop())
  const topic = uniqueName('still')
  await createTopic(own.bootstrap, topic, { partitions: 1 })
  const ours = await new Ours(own.bootstrap, { groupId: uniqueName('group'), topics: [topic], sessionTimeoutMs: 1500 }).start()
  t.after(() => ours.stop())
  await until('it holds it', () => ours.held().length === 1, [ours])
  own.pause()
  await until('it knows it is lost', () => ours.history.includes(`lost ${topic}-0`), [ours])
  own.resume()
  await until('it holds it again', () => ours.held().length === 1, [ours])
})

test('a broker restarted within the session costs nothing', async t => {
  const own = await ownBroker()
  t.after(() => own.stop())
  const topic = uniqueName('short')
  await createTopic(own.bootstrap, topic, { partitions: 1 })
  const ours = await new Ours(own.bootstrap, { groupId: uniqueName('group'), topics: [topic], sessionTimeoutMs: 300_000 }).start()
  t.after(() => ours.stop())
  await until('it holds it', () => ours.held().length === 1, [ours])
  await own.kill()
  await own.restart()
  await until('it can commit', async () => {
    await ours.membership.commit([{ topic, partition: 0, offset: 1 }]).catch(() => undefined)
    return (await ours.membership.committed([{ topic, partition: 0 }]))[0] === 1
  })
  assert.deepEqual(
    ours.history.filter(h => h.startsWith('lost')),
    [],
  )
})

// Goal: what a cluster of herders does with requests, config records and rounds, and above all what it leaves alone. Method: two or three
// real herders over one config topic in memory and a coordinator that shares out by itself (fake-cluster.ts); the threads are fakes.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TaskSpec } from '../../../src/actor/messages.ts'
import { ConnectError } from '../../../src/base/errors.ts'
import { settle } from '../../support/clock.ts'
import { boom, create, put, SOURCE } from '../fake-worker.ts'
import { FakeCluster } from './fake-cluster.ts'
import { cluster, config, other, owner, started, tasksOf, threads } from './running-cluster.ts'

describe('creating a connector', () => {
  it('is answered by the leader before tasks are known; they come with a round, spread over the workers', async () => {
    const made = await cluster(2)
    tasksOf(made, 'c', 3)
    const { created, info } = await made.leader.herder.putConfig('c', config('c'), create)
    assert.deepEqual([created, info], [true, { name: 'c', config: config('c'), tasks: [], type: 'sink' }])
    await made.quiet()
    assert.equal(made.states('c'), 'RUNNING | 0 RUNNING, 1 RUNNING, 2 RUNNING')
    assert.deepEqual(threads(made), ['connector c', 'task c-0', 'task c-1', 'task c-2'])
    for (const { cast } of made.workers) assert.ok(cast.alive.some(thread => thread.startsWith('task')))
    const { tasks, type } = await made.workers[1]!.herder.connectorInfo('c')
    assert.deepEqual([tasks.length, type], [3, 'sink'])
  })

  it('by a follower is referred to the leader, after the config was found valid here', async () => {
    const made = await cluster(2)
    const follower = other(made, made.leader)
    await assert.rejects(follower.herder.putConfig('c', config('c'), create), {
      code: 'CONNECT_WRONG_WORKER',
      url: made.leader.url,
    })
    await assert.rejects(follower.herder.putConfig('c', { ...config('c'), bad: 'x' }, create), { code: 'CONNECT_BAD_REQUEST' })
    await assert.rejects(made.leader.herder.deleteConnector('nope'), { code: 'CONNECT_NOT_FOUND' })
  })

  it('of the same name twice: one wins', async () => {
    const made = await cluster(2)
    const { herder } = made.leader
    const results = await Promise.allSettled([
      herder.putConfig('c', config('c'), create),
      herder.putConfig('c', config('c'), create),
    ])
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  })

  it('PAUSED or STOPPED starts no plugin; resume starts it wherever it is', async () => {
    const made = await cluster(2)
    tasksOf(made, 'p', 1)
    tasksOf(made, 's', 1)
    await made.leader.herder.putConfig('p', config('p'), { ...create, initialState: 'PAUSED' })
    await made.leader.herder.putConfig('s', config('s'), { ...create, initialState: 'STOPPED' })
    await made.quiet()
    assert.deepEqual([threads(made), made.states('p'), made.states('s')], [[], 'PAUSED | ', 'STOPPED | '])
    const follower = other(made, made.leader)
    await follower.herder.resume('p')
    await follower.herder.resume('s')
    await made.quiet()
    assert.deepEqual([made.states('p'), made.states('s')], ['RUNNING | 0 RUNNING', 'RUNNING | 0 RUNNING'])
  })

  it('whose class is not on the worker that gets it: FAILED, nothing else suffers', async () => {
    const made = await cluster(1, { c: 1 })
    await made.leader.configs.putConfig('x', { name: 'x', 'connector.class': 'org.example.Nope' })
    await made.quiet()
    assert.equal(made.states('x'), 'FAILED | ')
    assert.match(made.statuses.connector('x')?.trace ?? '', /Nope/)
    assert.equal(made.states('c'), 'RUNNING | 0 RUNNING')
    assert.equal((await made.leader.herder.connectorInfo('x')).type, 'unknown')
    assert.deepEqual(made.bugs, [])
  })
})

describe('zero effect', () => {
  it('adding, changing, stopping and deleting one connector leaves every thread of the others alone', async () => {
    const made = await cluster(3, { a: 3, b: 2 })
    const others = threads(made)
    const before = started(made)
    tasksOf(made, 'c', 2)
    await made.leader.herder.putConfig('c', config('c'), create)
    await made.quiet()
    assert.equal(started(made), before + 3)
    tasksOf(made, 'c', 4)
    await made.leader.herder.putConfig('c', config('c', { more: '1' }), put)
    await made.quiet()
    assert.equal(made.states('c'), 'RUNNING | 0 RUNNING, 1 RUNNING, 2 RUNNING, 3 RUNNING')
    assert.equal(started(made), before + 3 + 5)
    await made.leader.herder.stopConnector('c')
    await made.quiet()
    await made.leader.herder.deleteConnector('c')
    await made.quiet()
    assert.deepEqual(threads(made), others)
    assert.equal(started(made), before + 3 + 5)
    assert.equal(made.states('c'), 'none | ')
    assert.deepEqual(made.bugs, [])
  })

  it('new configs for as many tasks replace them where they are, without a round', async () => {
    const made = await cluster(2, { a: 2 })
    const { generation } = made.coordinator
    tasksOf(made, 'a', 2, { version: '2' })
    owner(made, 'connector a').cast.find('connector', 'a').say({ type: 'reconfigurationRequested' })
    await made.quiet()
    assert.equal(made.coordinator.generation, generation)
    for (const task of ['a-0', 'a-1'])
      assert.equal((owner(made, `task ${task}`).cast.find('task', task).data as TaskSpec).taskProps.version, '2')
    assert.equal(made.states('a'), 'RUNNING | 0 RUNNING, 1 RUNNING')
  })

  it('task configs that come while the connector is made anew replace its tasks all the same', async () => {
    const made = await cluster(1, { a: 2 })
    const { cast, configs } = made.leader
    cast.find('connector', 'a').isStubborn = true
    // Of two PUTs at once: the tasks that the first asked for come behind the config of the second, and the connector has nothing more to ask for.
    const { tasks = [] } = configs.get('a') ?? {}
    await configs.putConfig('a', config('a', { more: '1' }))
    await configs.putTasks('a', tasks)
    await made.clock.advance(6_000)
    await made.quiet()
    assert.deepEqual(threads(made), ['connector a', 'task a-0', 'task a-1'])
    assert.equal((cast.find('task', 'a-1').data as TaskSpec).connectorProps.more, '1')
  })

  it('a PUT of the same config restarts its connector and tasks once, the tasks with the new connector config', async () => {
    const made = await cluster(2, { a: 2 })
    const before = started(made)
    await made.leader.herder.putConfig('a', config('a', { more: '1' }), put)
    await made.quiet()
    assert.equal(started(made), before + 3)
    const { connectorProps } = owner(made, 'task a-1').cast.find('task', 'a-1').data as TaskSpec
    assert.equal(connectorProps.more, '1')
  })

  it('a failed task is not started again because of a round', async () => {
    const made = new FakeCluster()
    await made.add({ restarts: { enabled: false, unitMs: 10_000, max: 10, healthyMs: 600_000 } })
    await made.quiet()
    tasksOf(made, 'a', 2)
    await made.leader.herder.putConfig('a', config('a'), create)
    await made.quiet()
    made.leader.cast.find('task', 'a-0').die(new ConnectError('boom'))
    await settle()
    assert.equal(made.states('a'), 'RUNNING | 0 FAILED, 1 RUNNING')
    await made.leader.herder.putConfig('b', config('b'), create)
    await made.quiet()
    assert.equal(made.states('a'), 'RUNNING | 0 FAILED, 1 RUNNING')
  })
})

describe('task configs of a connector on a follower', () => {
  it('go to the leader signed, again and again until it answers', async () => {
    const made = await cluster(2, { a: 1 })
    tasksOf(made, 'b', 2)
    made.isLeaderAway = true
    await made.leader.herder.putConfig('b', config('b'), create)
    await made.quiet()
    const at = owner(made, 'connector b')
    assert.notEqual(at, made.leader)
    assert.equal(made.states('b'), 'RUNNING | ')
    const before = made.calls.length
    await made.clock.advance(1_000)
    assert.ok(made.calls.length > before)
    made.isLeaderAway = false
    await made.clock.advance(60_000)
    await made.quiet()
    assert.equal(made.states('b'), 'RUNNING | 0 RUNNING, 1 RUNNING')
    const { length } = made.calls
    await made.clock.advance(120_000)
    assert.equal(made.calls.length, length)
  })

  it('without a good signature are refused, and not stored for a stopped connector', async () => {
    const made = await cluster(2, { a: 1 })
    const { herder } = made.leader
    const unsigned = { headers: {}, body: Buffer.from('[]') }
    const read = () => assert.fail('the body of who has not signed is not read')
    await assert.rejects(herder.putTaskConfigs('a', read, unsigned), { code: 'CONNECT_BAD_REQUEST' })
    assert.equal(made.states('a'), 'RUNNING | 0 RUNNING')
  })
})

describe('pause, resume, stop', () => {
  it('of any worker reach connector and tasks wherever they are', async () => {
    const made = await cluster(2, { a: 2 })
    const follower = other(made, made.leader)
    await follower.herder.pause('a')
    await made.quiet()
    assert.ok(
      made.workers.every(({ cast }) => cast.actors.filter(a => a.entry === 'task').every(a => a.sent.at(-1)?.type === 'pause')),
    )
    assert.equal(made.statuses.connector('a')?.state, 'PAUSED')
    await follower.herder.resume('a')
    await made.quiet()
    assert.equal(made.statuses.connector('a')?.state, 'RUNNING')
    await assert.rejects(follower.herder.pause('nope'), { code: 'CONNECT_NOT_FOUND', message: 'Unknown connector nope' })
  })

  it('stop ends its tasks and forgets their statuses; resume makes them anew', async () => {
    const made = await cluster(2, { a: 2 })
    await made.leader.herder.stopConnector('a')
    await made.quiet()
    assert.deepEqual([threads(made), made.states('a')], [[], 'STOPPED | '])
    assert.deepEqual((await made.leader.herder.connectorInfo('a')).tasks, [])
    await made.leader.herder.resume('a')
    await made.quiet()
    assert.equal(made.states('a'), 'RUNNING | 0 RUNNING, 1 RUNNING')
  })
})

describe('restarts', () => {
  it('of a task or a connector are the owner’s: others refer to the leader, the leader to the owner', async () => {
    const made = await cluster(3, { a: 3 })
    const at = owner(made, 'task a-1')
    const thread = at.cast.find('task', 'a-1')
    for (const worker of made.workers) {
      if (worker === at) continue
      const url = worker === made.leader ? at.url : made.leader.url
      await assert.rejects(worker.herder.restartTask('a', 1), { code: 'CONNECT_WRONG_WORKER', url })
    }
    await at.herder.restartTask('a', 1)
    await made.quiet()
    assert.notEqual(at.cast.find('task', 'a-1'), thread)
    const home = owner(made, 'connector a')
    await home.herder.restartConnector('a')
    await made.quiet()
    assert.equal(home.cast.actors.filter(actor => actor.entry === 'connector').length, 2)
    assert.equal(made.states('a'), 'RUNNING | 0 RUNNING, 1 RUNNING, 2 RUNNING')
    await assert.rejects(home.herder.restartTask('a', 7), { code: 'CONNECT_NOT_FOUND', message: 'Unknown task: a-7' })
  })

  it('with includeTasks and onlyFailed restart what failed, on every worker, and nothing else', async () => {
    const made = await cluster(2, { a: 3 })
    const before = started(made)
    for (const task of ['a-0', 'a-2']) owner(made, `task ${task}`).cast.find('task', task).die(new ConnectError('boom'))
    await settle()
    const info = await made.leader.herder.restartParts('a', { includeTasks: true, onlyFailed: true })
    assert.deepEqual(
      info.tasks.map(({ id, state, trace }) => [id, state, trace]),
      [
        [0, 'RESTARTING', undefined],
        [1, 'RUNNING', undefined],
        [2, 'RESTARTING', undefined],
      ],
    )
    await made.quiet()
    assert.equal(made.states('a'), 'RUNNING | 0 RUNNING, 1 RUNNING, 2 RUNNING')
    assert.equal(started(made), before + 2)
  })

  it('are refused with 409 while the group does not know of a change yet', async () => {
    const made = await cluster(1, { a: 1 })
    made.coordinator.isHeld = true
    await made.leader.herder.putConfig('b', config('b'), create)
    await made.quiet()
    const stale = { code: 'CONNECT_CONFLICT', message: /stale configuration/ }
    await assert.rejects(made.leader.herder.restartTask('a', 0), stale)
    await assert.rejects(made.leader.herder.restartConnector('a'), stale)
    await assert.rejects(made.leader.herder.restartParts('a', { includeTasks: true, onlyFailed: false }), stale)
    await assert.rejects(made.leader.herder.resetOffsets('a'), stale)
    made.coordinator.isHeld = false
    made.coordinator.rebalanceSoon()
    await made.quiet()
    await made.leader.herder.restartTask('a', 0)
  })
})

describe('workers that come and go', () => {
  it('a worker that stops gives its work up, says UNASSIGNED, and others take it', async () => {
    const made = await cluster(2, { a: 2 })
    const leaving = other(made, made.leader)
    const closing = leaving.herder.close()
    await made.quiet()
    await closing
    await made.quiet()
    assert.equal(leaving.alive(), '')
    assert.equal(made.states('a'), 'RUNNING | 0 RUNNING, 1 RUNNING')
    assert.equal(made.leader.alive(), 'connector a, task a-0, task a-1')
    assert.ok(made.statuses.writes.some(text => /^a-\d UNASSIGNED by w2:8083/.test(text)))
    await assert.rejects(leaving.herder.putConfig('x', config('x'), create), { code: 'CONNECT_STOPPING' })
  })

  it('work that is lost stops without a word, a source’s at once', async () => {
    const made = await cluster(1)
    tasksOf(made, 's', 1)
    await made.leader.herder.putConfig('s', config('s', { 'connector.class': SOURCE }), create)
    await made.quiet()
    const { cast, herder } = made.leader
    cast.find('task', 's-0').isStubborn = true
    const writes = made.statuses.writes.length
    const work = { connectors: ['s'], tasks: [{ connector: 's', task: 0 }] }
    const group = made.coordinator.members[0]
    await Promise.all([group?.listener.giveUp(work, true), made.clock.advance(0)])
    assert.equal(made.leader.alive(), '')
    assert.equal(made.statuses.writes.length, writes)
    assert.deepEqual(herder.ownConnectors(), [])
  })

  it('a connector that hangs in start does not hold up a round for longer than its patience', async () => {
    const made = await cluster(1)
    made.leader.cast.onStart.set('h', () => new Promise(() => undefined))
    await made.leader.herder.putConfig('h', config('h'), create)
    await made.quiet()
    const given = made.coordinator.members[0]?.listener.giveUp({ connectors: ['h'], tasks: [] }, false)
    await Promise.all([given, made.clock.advance(6_000)])
    assert.equal(made.leader.alive(), '')
    assert.deepEqual(
      made.statuses.writes.filter(text => /FAILED/.test(text)),
      [],
      'it did not fail: it was taken away',
    )
  })

  it('a connector that takes long to start keeps its thread when only tasks of it are given up', async () => {
    const made = await cluster(1, { c: 2 })
    const { cast, herder } = made.leader
    const { promise, resolve } = Promise.withResolvers<null>()
    cast.onStart.set('c', () => promise)
    await herder.putConfig('c', config('c', { extra: 'x' }), put)
    await made.quiet()
    await made.coordinator.members[0]?.listener.giveUp({ connectors: [], tasks: [{ connector: 'c', task: 0 }] }, false)
    await made.clock.advance(6_000)
    assert.equal(made.leader.alive(), 'connector c, task c-1')
    resolve(null)
    await made.quiet()
    assert.ok(!made.statuses.writes.some(text => /^c FAILED/.test(text)))
    assert.equal(made.statuses.connector('c')?.state, 'RUNNING')
  })
})

describe('a connector that fails', () => {
  it('in start: FAILED where it runs, and comes back by itself', async () => {
    const made = await cluster(2)
    for (const { cast } of made.workers) cast.onStart.set('c', boom)
    await made.leader.herder.putConfig('c', config('c'), create)
    await made.quiet()
    assert.equal(made.states('c'), 'FAILED | ')
    for (const { cast } of made.workers) cast.onStart.delete('c')
    await made.clock.advance(20_000)
    await made.quiet()
    assert.equal(made.states('c'), 'RUNNING | 0 RUNNING')
  })
})

describe('what else the config topic carries', () => {
  it('levels of loggers for all workers; unknown ones are refused', async () => {
    const made = await cluster(2)
    await made.leader.herder.setClusterLogLevel('org.example', 'debug')
    await made.quiet()
    for (const { herder } of made.workers) assert.equal((await herder.logger('org.example')).level, 'DEBUG')
    await assert.rejects(made.leader.herder.setClusterLogLevel('org.example', 'loud'), { code: 'CONNECT_NOT_FOUND' })
  })

  it('a session key, made by the leader', async () => {
    const made = await cluster(2)
    for (const { configs } of made.workers) assert.equal(configs.snapshot().sessionKey?.key.length, 32)
    assert.equal(made.log.texts.filter(([name]) => name === 'session-key').length, 1)
  })

  it('an end of reading: the worker is not well and says so to whoever made it', async () => {
    const made = await cluster(1)
    made.leader.replica.fail(new ConnectError('the topic is gone'))
    assert.equal(made.leader.failures.length, 1)
    assert.equal((await made.leader.herder.health()).status, 'unhealthy')
  })
})

describe('before an exactly-once task starts', () => {
  async function withSource(): Promise<FakeCluster> {
    const made = await cluster(2)
    tasksOf(made, 's', 2)
    await made.leader.herder.putConfig('s', config('s', { 'connector.class': SOURCE }), create)
    await made.quiet()
    return made
  }

  it('the leader fences, asked over HTTP by a follower until it answers', async () => {
    const made = await withSource()
    const follower = other(made, made.leader)
    await made.leader.herder.fence('s')
    made.isLeaderAway = true
    const asked = follower.herder.fence('s')
    await made.clock.advance(5_000)
    made.isLeaderAway = false
    await Promise.all([asked, made.clock.advance(10_000)])
    assert.deepEqual(
      made.calls.filter(call => call.startsWith('fenced')),
      [`fenced s by ${made.leader.url}`, `fenced s by ${made.leader.url}`],
    )
  })

  it('fencing of a sink, or of a connector that is gone, is refused', async () => {
    const made = await cluster(1, { c: 1 })
    await assert.rejects(made.leader.herder.fence('c'), { code: 'CONNECT_BAD_REQUEST' })
    await assert.rejects(made.leader.herder.fence('x'), { code: 'CONNECT_NOT_FOUND' })
  })

  it('it is told when newer task configs have come, and when it is another worker’s', async () => {
    const made = await withSource()
    const at = owner(made, 'task s-0')
    await at.herder.confirmStart('s', 0)
    await assert.rejects(other(made, at).herder.confirmStart('s', 0), /newer task configs|not assigned/)
    at.cast.stopsLate = true
    await made.leader.configs.putTasks('s', [{ n: 'new' }, { n: 'newer' }])
    await assert.rejects(at.herder.confirmStart('s', 0), /newer task configs/)
  })
})

describe('offsets', () => {
  it('are changed by the leader, of a stopped connector', async () => {
    const made = await cluster(2)
    tasksOf(made, 's', 1)
    await made.leader.herder.putConfig('s', config('s', { 'connector.class': SOURCE }), create)
    await made.quiet()
    const entry = { partition: { f: 'x' }, offset: { n: 1 } }
    await assert.rejects(made.leader.herder.alterOffsets('s', [entry]), { code: 'CONNECT_BAD_REQUEST' })
    await made.leader.herder.stopConnector('s')
    await made.quiet()
    assert.match(await made.leader.herder.alterOffsets('s', [entry]), /altered successfully/)
    const follower = other(made, made.leader)
    assert.deepEqual(await follower.herder.offsets('s'), [entry])
    await assert.rejects(follower.herder.resetOffsets('s'), { code: 'CONNECT_WRONG_WORKER' })
  })
})

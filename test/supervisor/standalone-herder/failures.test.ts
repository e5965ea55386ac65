// The standalone herder on fake actors, no time but the test's.
// Connectors and tasks that fail: what is shown, what comes back by itself and when.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigError, ConnectError, ToleranceExceededError } from '../../../src/base/errors.ts'
import { settle } from '../../support/clock.ts'
import { boom, config, create, put, setUp } from '../fake-worker.ts'

describe('a connector that fails', () => {
  it('in start: FAILED with its trace, the requester is told, no thread is left', async () => {
    const { herder, cast, statuses, states } = setUp()
    cast.onStart.set('c', boom)
    await assert.rejects(herder.putConfig('c', config('c'), create), /Failed to transition connector c to state STARTED: boom/)
    assert.equal(states('c'), 'FAILED | ')
    assert.match(statuses.connector('c')?.trace ?? '', /ConnectError: boom\n\s+at/)
    assert.deepEqual(cast.alive, [])
    assert.deepEqual(herder.connectors(), ['c'])
  })

  it('in taskConfigs: FAILED, its present tasks go on', async () => {
    const { herder, cast, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    cast.taskConfigs.set('c', boom as never)
    cast.find('connector', 'c').say({ type: 'reconfigurationRequested' })
    await settle()
    assert.equal(states('c'), 'FAILED | 0 RUNNING')
    assert.deepEqual(cast.alive, ['task c-0'])
  })

  it('comes back by itself, with its tasks', async () => {
    const { herder, cast, clock, states } = setUp()
    cast.onStart.set('c', boom)
    await assert.rejects(herder.putConfig('c', config('c'), create))
    cast.onStart.delete('c')
    await clock.advance(19_999)
    assert.equal(states('c'), 'FAILED | ')
    await clock.advance(1)
    assert.equal(states('c'), 'RUNNING | 0 RUNNING')
  })

  it('by the death of its thread outside of a call', async () => {
    const { herder, cast, clock, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    cast.find('connector', 'c').die(new ConnectError('out of memory', { code: 'CONNECT_TASK_OOM' }))
    assert.equal(states('c').split(' |')[0], 'FAILED')
    await clock.advance(20_000)
    assert.equal(states('c'), 'RUNNING | 0 RUNNING')
    assert.deepEqual(cast.alive, ['task c-0', 'connector c'])
  })

  it('of a task that died takes its member out of the consumer group, of one that failed in order does not', async () => {
    const { herder, cast, removedMembers } = setUp()
    await herder.putConfig('c', config('c'), create)
    const died = cast.find('task', 'c-0')
    died.say({ type: 'groupJoined', groupId: 'connect-c', memberId: 'm-1' })
    died.die(new ConnectError('out of memory', { code: 'CONNECT_TASK_OOM' }))
    assert.deepEqual(removedMembers, [['connect-c', 'm-1']])
    await herder.putConfig('d', config('d'), create)
    const failed = cast.find('task', 'd-0')
    failed.say({ type: 'groupJoined', groupId: 'connect-d', memberId: 'm-2' })
    failed.die(new ConnectError('the sink failed', { code: 'CONNECT_PUT' }))
    assert.equal(removedMembers.length, 1)
  })

  it('by the death of its thread while it starts is reported once, to the requester', async () => {
    const { herder, cast, states } = setUp()
    cast.onStart.set('c', () => new Promise(() => undefined))
    const putting = herder.putConfig('c', config('c'), create)
    await settle()
    cast.find('connector', 'c').die(new ConnectError('exit 1'))
    await assert.rejects(putting, /Failed to transition connector c/)
    assert.equal(states('c'), 'FAILED | ')
    assert.deepEqual(cast.alive, [])
  })

  it('with more tasks than tasks.max stays FAILED', async () => {
    const { herder, cast, clock, states } = setUp()
    cast.taskConfigs.set('c', [{}, {}, {}])
    await assert.rejects(
      herder.putConfig('c', config('c', { 'tasks.max': '2' }), create),
      /has generated 3 tasks, which is greater than 2, the maximum number/,
    )
    assert.equal(states('c'), 'FAILED | ')
    assert.deepEqual(cast.alive, [])
    await clock.advance(3_600_000)
    assert.equal(states('c'), 'FAILED | ')
    await herder.putConfig('c', config('c', { 'tasks.max': '2', 'tasks.max.enforce': 'false' }), put)
    await settle()
    assert.equal(states('c'), 'RUNNING | 0 RUNNING, 1 RUNNING, 2 RUNNING')
  })

  it('and a task of the larger set that runs on is not started again: it stays FAILED', async () => {
    const { herder, cast, clock, states } = setUp()
    cast.taskConfigs.set('c', [{}, {}, {}])
    await herder.putConfig('c', config('c', { 'tasks.max': '2', 'tasks.max.enforce': 'false' }), create)
    await assert.rejects(herder.putConfig('c', config('c', { 'tasks.max': '2' }), put), /'tasks\.max\.enforce' set to false/)
    await settle()
    assert.equal(states('c'), 'FAILED | 0 RUNNING, 1 RUNNING, 2 RUNNING')
    await herder.restartTask('c', 1)
    await clock.advance(3_600_000)
    assert.equal(states('c'), 'FAILED | 0 RUNNING, 1 FAILED, 2 RUNNING')
    assert.match((await herder.connectorStatus('c')).tasks[1]?.trace ?? '', /has generated 3 tasks, which is greater than 2/)
  })

  it('can be stopped and resumed, not paused', async () => {
    const { herder, cast, states } = setUp({ restarts: { enabled: false, unitMs: 1, max: 1, healthyMs: 600_000 } })
    cast.onStart.set('c', boom)
    await assert.rejects(herder.putConfig('c', config('c'), create))
    await herder.pause('c')
    await settle()
    assert.equal(states('c'), 'FAILED | ')
    await herder.stopConnector('c')
    assert.equal(states('c'), 'STOPPED | ')
    cast.onStart.delete('c')
    await herder.resume('c')
    await settle()
    assert.equal(states('c'), 'RUNNING | 0 RUNNING')
  })
})

describe('a task that fails', () => {
  it('is FAILED with its trace first, then restarted after 20 s, 60 s, 120 s', async () => {
    const { herder, cast, clock, statuses, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    for (const waitMs of [20_000, 60_000, 120_000]) {
      cast.find('task', 'c-0').die(new ConnectError('disk full'))
      assert.equal(states('c'), 'RUNNING | 0 FAILED')
      assert.match(statuses.task('c', 0)?.trace ?? '', /disk full/)
      await clock.advance(waitMs - 1)
      assert.equal(states('c'), 'RUNNING | 0 FAILED')
      await clock.advance(1)
      assert.equal(states('c'), 'RUNNING | 0 RUNNING')
    }
  })

  it('stays FAILED after the last of its restarts in a row', async () => {
    const { herder, cast, clock, states } = setUp({ restarts: { enabled: true, unitMs: 10, max: 2, healthyMs: 600_000 } })
    await herder.putConfig('c', config('c'), create)
    for (let i = 0; i < 3; i++) {
      cast.find('task', 'c-0').die(new ConnectError('again'))
      await clock.advance(100)
    }
    assert.equal(states('c'), 'RUNNING | 0 FAILED')
    await clock.advance(3_600_000)
    assert.deepEqual(cast.alive, ['connector c'])
  })

  it('starts counting anew after ten healthy minutes', async () => {
    const { herder, cast, clock, states } = setUp({ restarts: { enabled: true, unitMs: 10, max: 1, healthyMs: 600_000 } })
    await herder.putConfig('c', config('c'), create)
    cast.find('task', 'c-0').die(new ConnectError('once'))
    await clock.advance(20)
    await clock.advance(600_000)
    cast.find('task', 'c-0').die(new ConnectError('twice'))
    await clock.advance(20)
    assert.equal(states('c'), 'RUNNING | 0 RUNNING')
  })

  for (const error of [
    new ConfigError('file', 'no such file'),
    new ToleranceExceededError('VALUE_CONVERTER', 'tolerance exceeded', new Error('bad record')),
    new ConnectError('wrapped', { cause: new ConfigError('x', 'y') }),
  ]) {
    it(`of ${error.code} is not restarted: it would fail again`, async () => {
      const { herder, cast, clock, states } = setUp()
      await herder.putConfig('c', config('c'), create)
      cast.find('task', 'c-0').die(error)
      await clock.advance(7_200_000)
      assert.equal(states('c'), 'RUNNING | 0 FAILED')
    })
  }

  it('stays FAILED when task.restart.enable is false, as in Java', async () => {
    const { herder, cast, clock, states } = setUp({ restarts: { enabled: false, unitMs: 10, max: 10, healthyMs: 600_000 } })
    await herder.putConfig('c', config('c'), create)
    cast.find('task', 'c-0').die(new ConnectError('x'))
    await clock.advance(7_200_000)
    assert.equal(states('c'), 'RUNNING | 0 FAILED')
  })

  it('while it starts is FAILED like any other', async () => {
    const { herder, cast, states } = setUp()
    cast.areTasksReady = false
    await herder.putConfig('c', config('c'), create)
    assert.equal(states('c'), 'RUNNING | ')
    cast.find('task', 'c-0').die(new ConnectError('broker not there'))
    assert.equal(states('c'), 'RUNNING | 0 FAILED')
  })

  it('and is restarted by hand is not restarted a second time by its plan', async () => {
    const { herder, cast, clock } = setUp()
    await herder.putConfig('c', config('c'), create)
    cast.find('task', 'c-0').die(new ConnectError('x'))
    await herder.restartTask('c', 0)
    const count = cast.actors.length
    await clock.advance(3_600_000)
    assert.equal(cast.actors.length, count)
    assert.equal(clock.waiting, 0)
  })

  it('and is deleted leaves no timer and no status behind', async () => {
    const { herder, cast, clock, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    cast.find('task', 'c-0').die(new ConnectError('x'))
    await herder.deleteConnector('c')
    assert.equal(clock.waiting, 0)
    await clock.advance(3_600_000)
    assert.deepEqual(cast.alive, [])
    assert.equal(states('c'), 'none | ')
  })

  it('does not touch the tasks of another connector', async () => {
    const { herder, cast, states } = setUp()
    await herder.putConfig('a', config('a'), create)
    await herder.putConfig('b', config('b'), create)
    cast.find('task', 'a-0').die(new ConnectError('x'))
    await settle()
    assert.equal(states('b'), 'RUNNING | 0 RUNNING')
  })
})

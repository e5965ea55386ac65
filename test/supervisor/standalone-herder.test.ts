// The herder's state machine on fake actors: no thread, no time but the test's.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TaskSpec } from '../../src/actor/messages.ts'
import { ConfigError, ConnectError, ToleranceExceededError } from '../../src/base/errors.ts'
import { settle } from '../support/clock.ts'
import { config, SOURCE, setUp } from './fake-worker.ts'

const put = { allowReplace: true }
const create = { allowReplace: false }
const boom = () => Promise.reject(new ConnectError('boom'))

describe('creating a connector', () => {
  it('answers once its tasks are known, and they run', async () => {
    const { herder, cast, states } = setUp()
    cast.taskConfigs.set('c', [{ n: '0' }, { n: '1' }])
    const { created, info } = await herder.putConfig('c', config('c', { 'tasks.max': '2' }), create)
    assert.equal(created, true)
    assert.deepEqual(info, {
      name: 'c',
      config: config('c', { 'tasks.max': '2' }),
      tasks: [
        { connector: 'c', task: 0 },
        { connector: 'c', task: 1 },
      ],
      type: 'sink',
    })
    await settle()
    assert.equal(states('c'), 'RUNNING | 0 RUNNING, 1 RUNNING')
    assert.deepEqual(cast.alive, ['connector c', 'task c-0', 'task c-1'])
  })

  it('keeps, shows and hands to threads variables as written', async () => {
    const { herder, cast } = setUp()
    const written = ['$', '{env:SECRET}'].join('')
    cast.taskConfigs.set('c', [{ password: written, n: '0' }])
    await herder.putConfig('c', config('c', { password: written }), create)
    assert.equal(cast.find('connector', 'c').data.connectorProps.password, written)
    const task = cast.find('task', 'c-0').data as TaskSpec
    assert.deepEqual([task.taskProps.password, task.connectorProps.password], [written, written])
    assert.equal((await herder.connectorConfig('c')).password, written)
    assert.deepEqual(await herder.taskInfos('c'), [{ id: { connector: 'c', task: 0 }, config: { password: written, n: '0' } }])
  })

  it('refuses a second one of the same name', async () => {
    const { herder, cast } = setUp()
    await herder.putConfig('c', config('c'), create)
    await assert.rejects(herder.putConfig('c', config('c'), create), { code: 'CONNECT_CONFLICT', message: /already exists/ })
    assert.deepEqual(cast.alive, ['connector c', 'task c-0'])
  })

  it('lets only one of two simultaneous creations win', async () => {
    const { herder, cast } = setUp()
    const results = await Promise.allSettled([
      herder.putConfig('c', config('c'), create),
      herder.putConfig('c', config('c'), create),
    ])
    assert.deepEqual(results.map(r => r.status).sort(), ['fulfilled', 'rejected'])
    assert.deepEqual(cast.alive, ['connector c', 'task c-0'])
  })

  it('does not start what is not valid, and names every error', async () => {
    const { herder, cast } = setUp()
    await assert.rejects(herder.putConfig('c', { ...config('c'), bad: 'x', topics: null }, create), {
      code: 'CONNECT_BAD_REQUEST',
      message:
        /contains the following 2 error\(s\):\nNull value can not be supplied as the configuration value\.\nbad is not good\nYou can also/,
    })
    assert.deepEqual(cast.actors, [])
    assert.deepEqual(herder.connectors(), [])
  })

  it('says 400 for an unknown class, not a failure of the worker', async () => {
    const { herder } = setUp()
    await assert.rejects(herder.putConfig('c', config('c', { 'connector.class': 'Nope' }), create), {
      code: 'CONNECT_BAD_REQUEST',
    })
  })

  it('does not start the plugin of a connector created PAUSED or STOPPED', async () => {
    const { herder, cast, states } = setUp()
    await herder.putConfig('p', config('p'), { ...create, initialState: 'PAUSED' })
    await herder.putConfig('s', config('s'), { ...create, initialState: 'STOPPED' })
    assert.deepEqual(cast.alive, [])
    assert.equal(states('p'), 'PAUSED | ')
    assert.equal(states('s'), 'STOPPED | ')
    await herder.resume('p')
    await herder.resume('s')
    await settle()
    assert.equal(states('p'), 'RUNNING | 0 RUNNING')
    assert.equal(states('s'), 'RUNNING | 0 RUNNING')
  })
})

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
      /generated 3 tasks, more than its tasks\.max of 2/,
    )
    assert.equal(states('c'), 'FAILED | ')
    assert.deepEqual(cast.alive, [])
    await clock.advance(3_600_000)
    assert.equal(states('c'), 'FAILED | ')
    await herder.putConfig('c', config('c', { 'tasks.max': '2', 'tasks.max.enforce': 'false' }), put)
    await settle()
    assert.equal(states('c'), 'RUNNING | 0 RUNNING, 1 RUNNING, 2 RUNNING')
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

describe('a new config', () => {
  it('replaces the tasks when the connector config changed, even if theirs did not', async () => {
    const { herder, cast } = setUp()
    await herder.putConfig('c', config('c'), create)
    const first = cast.find('task', 'c-0')
    await herder.putConfig('c', config('c', { other: '1' }), put)
    assert.notEqual(first.exit, null)
    assert.deepEqual(cast.alive, ['connector c', 'task c-0'])
  })

  it('that is the old one restarts the connector and leaves the tasks alone', async () => {
    const { herder, cast } = setUp()
    await herder.putConfig('c', config('c'), create)
    const task = cast.find('task', 'c-0')
    const connector = cast.find('connector', 'c')
    const { created } = await herder.putConfig('c', config('c'), put)
    assert.equal(created, false)
    assert.equal(task.exit, null)
    assert.notEqual(connector.exit, null)
  })

  it('keeps a paused connector paused, and applies when it resumes', async () => {
    const { herder, cast, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    await herder.pause('c')
    await settle()
    cast.find('task', 'c-0').say({ type: 'stateChanged', state: 'PAUSED' })
    await herder.putConfig('c', config('c', { other: '1' }), put)
    assert.equal(states('c'), 'PAUSED | 0 PAUSED')
    await herder.resume('c')
    await settle()
    assert.equal(states('c'), 'RUNNING | 0 RUNNING')
    assert.equal(cast.find('task', 'c-0').data.connectorProps.other, '1')
  })

  it('by two patches at the same time loses neither', async () => {
    const { herder } = setUp()
    await herder.putConfig('c', config('c', { gone: '1' }), create)
    await Promise.all([herder.patchConfig('c', { a: '1', gone: null }), herder.patchConfig('c', { b: '2' })])
    assert.deepEqual(await herder.connectorConfig('c'), config('c', { a: '1', b: '2' }))
  })

  it('with fewer tasks ends the surplus and forgets its status', async () => {
    const { herder, cast, states } = setUp()
    cast.taskConfigs.set('c', [{ n: '0' }, { n: '1' }])
    await herder.putConfig('c', config('c', { 'tasks.max': '2' }), create)
    await settle()
    cast.taskConfigs.set('c', [{ n: '0' }])
    cast.find('connector', 'c').say({ type: 'reconfigurationRequested' })
    await settle()
    assert.equal(states('c'), 'RUNNING | 0 RUNNING')
    assert.deepEqual(cast.alive, ['connector c', 'task c-0'])
  })

  it('asked for a thousand times by the plugin is one reconfiguration', async () => {
    const { herder, cast } = setUp()
    await herder.putConfig('c', config('c'), create)
    const connector = cast.find('connector', 'c')
    const before = connector.asked.length
    for (let i = 0; i < 1000; i++) connector.say({ type: 'reconfigurationRequested' })
    await settle()
    assert.ok(connector.asked.length - before <= 2)
  })
})

describe('pause, resume, stop', () => {
  it('suspends the connector and tells the tasks, threads stay', async () => {
    const { herder, cast, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    await herder.pause('c')
    await settle()
    cast.find('task', 'c-0').say({ type: 'stateChanged', state: 'PAUSED' })
    assert.equal(states('c'), 'PAUSED | 0 PAUSED')
    assert.deepEqual(cast.alive, ['connector c', 'task c-0'])
    await herder.resume('c')
    await settle()
    cast.find('task', 'c-0').say({ type: 'stateChanged', state: 'RUNNING' })
    assert.equal(states('c'), 'RUNNING | 0 RUNNING')
    const { sent } = cast.find('task', 'c-0')
    assert.deepEqual(
      sent.map(m => m.type),
      ['pause', 'resume'],
    )
  })

  it('ends with the last wish when pause and resume come in a burst', async () => {
    const { herder, states, cast } = setUp()
    await herder.putConfig('c', config('c'), create)
    await Promise.all([herder.pause('c'), herder.resume('c'), herder.pause('c')])
    await settle()
    assert.equal(states('c').split(' |')[0], 'PAUSED')
    assert.equal(cast.find('task', 'c-0').sent.at(-1)?.type, 'pause')
  })

  it('a stopped connector has no threads and no task configs; stopping it again is fine', async () => {
    const { herder, cast, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    await herder.stopConnector('c')
    await herder.stopConnector('c')
    assert.equal(states('c'), 'STOPPED | ')
    assert.deepEqual(cast.alive, [])
    assert.deepEqual((await herder.connectorInfo('c')).tasks, [])
  })

  it('a stop that throws in the plugin leaves the connector FAILED', async () => {
    const { herder, cast, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    cast.onSuspend.set('c', boom)
    await herder.pause('c')
    await settle()
    assert.equal(states('c').split(' |')[0], 'FAILED')
  })

  it('a failed task of a paused connector comes back paused', async () => {
    const { herder, cast, clock, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    await herder.pause('c')
    await settle()
    cast.find('task', 'c-0').die(new ConnectError('x'))
    await clock.advance(20_000)
    assert.equal(states('c'), 'PAUSED | 0 PAUSED')
  })

  it('of a connector that is not there is 404', async () => {
    const { herder } = setUp()
    for (const call of [herder.pause('x'), herder.resume('x'), herder.stopConnector('x'), herder.deleteConnector('x')]) {
      await assert.rejects(call, { code: 'CONNECT_NOT_FOUND' })
    }
  })
})

describe('restart', () => {
  it('of the connector alone leaves its tasks', async () => {
    const { herder, cast, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    const task = cast.find('task', 'c-0')
    const connector = cast.find('connector', 'c')
    await herder.restartConnector('c')
    assert.equal(task.exit, null)
    assert.notEqual(connector.exit, null)
    assert.equal(states('c'), 'RUNNING | 0 RUNNING')
  })

  const matrix: { includeTasks: boolean; onlyFailed: boolean; failed: string[]; restarted: string[] }[] = [
    { includeTasks: true, onlyFailed: false, failed: [], restarted: ['connector c', 'task c-0', 'task c-1'] },
    { includeTasks: true, onlyFailed: true, failed: ['c-1'], restarted: ['task c-1'] },
    { includeTasks: false, onlyFailed: true, failed: ['c-1'], restarted: [] },
    { includeTasks: true, onlyFailed: true, failed: [], restarted: [] },
  ]
  for (const { includeTasks, onlyFailed, failed, restarted } of matrix) {
    it(`with includeTasks=${includeTasks}, onlyFailed=${onlyFailed}, failed [${failed}] restarts [${restarted}]`, async () => {
      const { herder, cast } = setUp()
      cast.taskConfigs.set('c', [{ n: '0' }, { n: '1' }])
      await herder.putConfig('c', config('c', { 'tasks.max': '2' }), create)
      await settle()
      for (const name of failed) cast.find('task', name).die(new ConnectError('x'))
      const before = cast.actors.length
      const info = await herder.restartParts('c', { includeTasks, onlyFailed })
      const restarting = [
        ...(info.connector.state === 'RESTARTING' ? ['connector c'] : []),
        ...info.tasks.filter(task => task.state === 'RESTARTING').map(task => `task c-${task.id}`),
      ]
      assert.deepEqual(restarting, restarted)
      await settle()
      const started = cast.actors.slice(before).map(actor => `${actor.entry} ${actor.name}`)
      assert.deepEqual(started.sort(), [...restarted].sort())
      const dead = failed.map(name => `task ${name}`).filter(name => !restarted.includes(name))
      assert.deepEqual(
        cast.alive.sort(),
        ['connector c', 'task c-0', 'task c-1'].filter(name => !dead.includes(name)),
      )
    })
  }

  it('brings the tasks back even when the connector fails to start', async () => {
    const { herder, cast, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    cast.onStart.set('c', boom)
    await herder.restartParts('c', { includeTasks: true, onlyFailed: false })
    await settle()
    assert.equal(states('c'), 'FAILED | 0 RUNNING')
  })

  it('of a stopped connector makes no tasks', async () => {
    const { herder, cast, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    await herder.stopConnector('c')
    const info = await herder.restartParts('c', { includeTasks: true, onlyFailed: false })
    assert.equal(info.connector.state, 'RESTARTING')
    await settle()
    assert.equal(states('c'), 'STOPPED | ')
    assert.deepEqual(cast.alive, [])
  })

  it('of what is not there is 404', async () => {
    const { herder } = setUp()
    await assert.rejects(herder.restartConnector('x'), { code: 'CONNECT_NOT_FOUND' })
    await assert.rejects(herder.restartParts('x', { includeTasks: true, onlyFailed: false }), { message: 'Unknown connector: x' })
    await herder.putConfig('c', config('c'), create)
    await assert.rejects(herder.restartTask('c', 7), { code: 'CONNECT_NOT_FOUND', message: 'Task c-7 not found' })
  })
})

describe('races', () => {
  it('a double delete: the second finds nothing', async () => {
    const { herder, cast, configs } = setUp()
    await herder.putConfig('c', config('c'), create)
    const results = await Promise.allSettled([herder.deleteConnector('c'), herder.deleteConnector('c')])
    assert.deepEqual(
      results.map(r => r.status),
      ['fulfilled', 'rejected'],
    )
    assert.deepEqual(cast.alive, [])
    assert.deepEqual(configs.names(), [])
  })

  it('restart while a slow stop goes on waits for it', async () => {
    const { herder, cast, clock, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    await settle()
    cast.find('task', 'c-0').isStubborn = true
    const stopping = herder.stopConnector('c')
    const restarting = herder.restartConnector('c')
    await settle()
    assert.ok(cast.alive.includes('task c-0'))
    await clock.advance(5_000)
    await stopping
    await restarting
    assert.equal(states('c'), 'STOPPED | ')
    assert.deepEqual(cast.alive, [])
  })

  it('a task that does not obey is terminated and replaced', async () => {
    const { herder, cast, clock, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    await settle()
    cast.find('task', 'c-0').isStubborn = true
    const restarting = herder.restartTask('c', 0)
    await clock.advance(5_000)
    await restarting
    await settle()
    assert.equal(states('c'), 'RUNNING | 0 RUNNING')
    assert.deepEqual(cast.alive, ['connector c', 'task c-0'])
  })

  it('delete ends a connector that hangs in start, after five seconds', async () => {
    const { herder, cast, clock, configs } = setUp()
    cast.onStart.set('c', () => new Promise(() => undefined))
    const putting = herder.putConfig('c', config('c'), create).catch((error: Error) => error.message)
    await settle()
    const deleting = herder.deleteConnector('c')
    await clock.advance(4_999)
    assert.deepEqual(configs.names(), ['c'])
    await clock.advance(1)
    await deleting
    assert.match(String(await putting), /Failed to transition connector c/)
    assert.deepEqual(cast.alive, [])
    assert.deepEqual(configs.names(), [])
    assert.equal(clock.waiting, 0)
  })

  it('a storm of requests leaves what the last one asked for, and no orphan', async () => {
    const { herder, cast, clock, configs, bugs } = setUp()
    let seed = 7
    const random = (n: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % n
    }
    const calls: Promise<unknown>[] = []
    for (let i = 0; i < 80; i++) {
      const actions = [
        () => herder.putConfig('c', config('c', { v: String(i) }), put),
        () => herder.deleteConnector('c'),
        () => herder.restartConnector('c'),
        () => herder.restartParts('c', { includeTasks: true, onlyFailed: false }),
        () => herder.pause('c'),
        () => herder.resume('c'),
        () => herder.stopConnector('c'),
        () => herder.restartTask('c', 0),
      ]
      calls.push((actions[random(actions.length)] as () => Promise<unknown>)().catch(() => undefined))
      if (random(3) === 0) await settle()
      if (random(5) === 0) cast.actors.findLast(actor => actor.exit === null)?.die(new ConnectError('chaos'))
    }
    await clock.advance(60_000)
    await Promise.all(calls)
    await herder.putConfig('c', config('c', { last: '1' }), put)
    await herder.resume('c')
    await clock.advance(3_600_000)
    assert.deepEqual(cast.alive.sort(), ['connector c', 'task c-0'])
    await herder.deleteConnector('c')
    await clock.advance(3_600_000)
    assert.deepEqual(cast.alive, [])
    assert.deepEqual(configs.names(), [])
    assert.equal(clock.waiting, 0)
    assert.deepEqual(bugs, [])
  })

  it('more than a hundred waiting requests are refused, not hoarded', async () => {
    const { herder, cast, clock } = setUp()
    cast.onStart.set('c', () => new Promise(() => undefined))
    const calls = [herder.putConfig('c', config('c'), create)]
    await settle()
    for (let i = 0; i < 150; i++) calls.push(herder.putConfig('c', config('c'), create))
    const results = Promise.allSettled(calls)
    await clock.advance(600_000)
    const refused = (await results).filter(r => r.status === 'rejected' && /too many requests/.test(String(r.reason)))
    assert.equal(refused.length, 50)
  })

  it('a word of a task that was replaced changes nothing', async () => {
    const { herder, cast, states } = setUp()
    await herder.putConfig('c', config('c'), create)
    await settle()
    const old = cast.find('task', 'c-0')
    cast.areTasksReady = false
    await herder.putConfig('c', config('c', { v: '2' }), put)
    old.say({ type: 'stateChanged', state: 'RUNNING' })
    assert.equal(states('c'), 'RUNNING | ')
  })
})

describe('closing the worker', () => {
  it('stops everything at the same time and cancels what was planned', async () => {
    const { herder, cast, clock } = setUp()
    await herder.putConfig('a', config('a'), create)
    await herder.putConfig('b', config('b'), create)
    cast.find('task', 'a-0').die(new ConnectError('x'))
    await herder.close()
    assert.deepEqual(cast.alive, [])
    assert.equal(clock.waiting, 0)
    await assert.rejects(herder.putConfig('c', config('c'), create), { code: 'CONNECT_STOPPING' })
  })

  it('takes one deadline for all that do not obey', async () => {
    const { herder, cast, clock } = setUp()
    for (const name of ['a', 'b', 'c']) await herder.putConfig(name, config(name), create)
    cast.stopsLate = true
    const closing = herder.close()
    await clock.advance(5_000)
    await closing
    assert.deepEqual(cast.alive, [])
  })

  it('in the middle of a start leaves no thread', async () => {
    const { herder, cast, clock } = setUp()
    let release: (value: null) => void = () => undefined
    cast.onStart.set('c', () => {
      return new Promise<null>(resolve => {
        release = resolve
      })
    })
    const putting = herder.putConfig('c', config('c'), create).catch(() => 'refused')
    await settle()
    const closing = herder.close()
    release(null)
    await clock.advance(5_000)
    await closing
    assert.equal(await putting, 'refused')
    await settle()
    assert.deepEqual(cast.alive, [])
  })
})

describe('offsets and topics', () => {
  it('a source task reads and writes the offsets of its own connector', async () => {
    const { herder, cast, offsets } = setUp()
    await herder.putConfig('c', config('c', { 'connector.class': SOURCE }), create)
    await settle()
    const task = cast.find('task', 'c-0')
    task.say({ type: 'offsetsPut', id: 1, entries: [{ partition: { f: 'a' }, offset: { position: 3 } }] })
    task.say({ type: 'offsetsRequested', id: 2, partitions: [{ f: 'a' }, { f: 'b' }] })
    await settle()
    assert.deepEqual(task.sent, [
      { type: 'reply', id: 1, value: null },
      { type: 'reply', id: 2, value: [{ position: 3 }, null] },
    ])
    assert.equal(offsets.entries.size, 1)
    assert.deepEqual(await herder.offsets('c'), [{ partition: { f: 'a' }, offset: { position: 3 } }])
  })

  it('are changed only while the connector is stopped', async () => {
    const { herder, offsets } = setUp()
    await herder.putConfig('c', config('c', { 'connector.class': SOURCE }), create)
    const change = [{ partition: { f: 'a' }, offset: { position: 9 } }]
    await assert.rejects(herder.alterOffsets('c', change), { code: 'CONNECT_BAD_REQUEST', message: /STOPPED/ })
    await herder.stopConnector('c')
    assert.match(await herder.alterOffsets('c', change), /altered successfully/)
    assert.deepEqual(await herder.offsets('c'), change)
    assert.match(await herder.resetOffsets('c'), /reset successfully/)
    assert.equal(offsets.entries.size, 0)
  })

  it('topics are remembered until they are reset or the connector goes', async () => {
    const { herder, cast } = setUp()
    await herder.putConfig('c', config('c'), create)
    await settle()
    cast.find('task', 'c-0').say({ type: 'topicUsed', topic: 't1' })
    assert.deepEqual(await herder.activeTopics('c'), ['t1'])
    await herder.resetActiveTopics('c')
    assert.deepEqual(await herder.activeTopics('c'), [])
  })
})

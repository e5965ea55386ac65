// The standalone herder on fake actors, no time but the test's.
// Pause, resume, stop and restart: which threads stay, which are new.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectError } from '../../../src/base/errors.ts'
import { settle } from '../../support/clock.ts'
import { boom, config, create, setUp } from '../fake-worker.ts'

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

// The standalone herder on fake actors, no time but the test's.
// Connectors made and changed: what starts, what is refused, which tasks a new config replaces.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TaskSpec } from '../../../src/actor/messages.ts'
import { settle } from '../../support/clock.ts'
import { config, create, put, setUp } from '../fake-worker.ts'

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

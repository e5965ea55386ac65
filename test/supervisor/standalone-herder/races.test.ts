// The standalone herder on fake actors, no time but the test's.
// Requests, deaths and stops at the same time, and the end of the worker: nobody is left, nothing is left waiting.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectError } from '../../../src/base/errors.ts'
import { settle } from '../../support/clock.ts'
import { config, create, put, setUp } from '../fake-worker.ts'

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

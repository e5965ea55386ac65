// Goal: the status topic tells what runs where, also after workers that came late or had lost their place have written to it. Method: as herder.test.ts.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigError } from '../../../src/base/errors.ts'
import { settle } from '../../support/clock.ts'
import type { ClusterWorker } from './fake-cluster.ts'
import { cluster, owner, started } from './running-cluster.ts'

describe('statuses of what is gone', () => {
  it('of work that is given up are written before the group goes on and another worker writes its own', async () => {
    const made = await cluster(2, { c: 3 })
    const [first, second] = made.workers as [ClusterWorker, ClusterWorker]
    const { promise, resolve } = Promise.withResolvers<void>()
    made.statuses.flushing = promise
    const closing = second.herder.close()
    await made.quiet()
    assert.equal(second.alive(), '', 'given up')
    assert.ok(first.cast.alive.length < 4, 'not given out yet')
    resolve()
    await made.quiet()
    assert.equal(first.cast.alive.length, 4)
    await closing
  })

  it('a task fewer says nothing more of itself when it is given up', async () => {
    const made = await cluster(2, { c: 4 })
    await made.leader.configs.putTasks('c', [{ n: '0' }])
    await made.quiet()
    assert.equal(made.states('c'), 'RUNNING | 0 RUNNING')
    assert.deepEqual(
      made.statuses.writes.filter(line => /^c-[123] UNASSIGNED/.test(line)),
      [],
    )
  })

  it('that come behind the leader’s tombstones are removed a while later, by who leads then', async () => {
    const made = await cluster(2, { c: 1 })
    const late = { state: 'UNASSIGNED' as const, workerId: 'w2:8083', trace: null, generation: 1, version: null }
    made.statuses.putTask('c', 7, late)
    made.statuses.putTask('gone', 0, late)
    await made.clock.advance(9_000)
    assert.equal(made.states('c'), 'RUNNING | 0 RUNNING, 7 UNASSIGNED')
    await made.clock.advance(1_000)
    assert.equal(made.states('c'), 'RUNNING | 0 RUNNING')
    assert.equal(made.states('gone'), 'none | ')
  })
})

describe('statuses that another worker has written of work that is not its own', () => {
  it('are corrected by who has it, after a round and a while later, with the trace of what has failed', async () => {
    const made = await cluster(2, { c: 2 })
    await made.clock.advance(10_000)
    const failed = owner(made, 'task c-1')
    failed.cast.actors.find(({ name }) => name === 'c-1')?.die(new ConfigError('n', 'is wrong'))
    await settle()
    const trace = made.statuses.task('c', 1)?.trace
    const left = { state: 'UNASSIGNED' as const, workerId: 'w3:8083', trace: null, generation: 1, version: null }
    const write = () => {
      made.statuses.putConnector('c', left)
      for (const task of [0, 1]) made.statuses.putTask('c', task, left)
    }
    const look = () => [made.states('c'), made.statuses.task('c', 1)?.trace, made.statuses.task('c', 1)?.workerId]
    const right = ['RUNNING | 0 RUNNING, 1 FAILED', trace, new URL(failed.url).host]
    write()
    failed.herder.group.requestRejoin('test')
    await made.quiet()
    assert.deepEqual(look(), right)
    write()
    await made.clock.advance(10_000)
    assert.deepEqual(look(), right)
    assert.equal(started(made), 3)
  })

  it('stay where they are of a later round than the worker knows of: it has lost the work', async () => {
    const made = await cluster(2, { c: 2 })
    const later = { state: 'RUNNING' as const, workerId: 'w3:8083', trace: null, generation: 1_000, version: null }
    for (const task of [0, 1]) made.statuses.putTask('c', task, later)
    await made.clock.advance(10_000)
    assert.deepEqual(
      [0, 1].map(task => made.statuses.task('c', task)?.workerId),
      ['w3:8083', 'w3:8083'],
    )
  })
})

// Goal: a module counts as one that hangs for what its thread did with its own time, and never because the process or the machine had none for it.
// Method: a clock turned by hand beside a thread of which only the time it had is known.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ModuleWatch } from '../../src/actor/module-watch.ts'
import { TestClock } from '../support/clock.ts'

const LIMIT_MS = 30_000

/** @param ownTimeMs after so many ms of the clock */
function watched(ownTimeMs: (atMs: number) => Promise<number>) {
  const clock = new TestClock(0)
  const hung: { atMs: number; isLoading: () => boolean }[] = []
  const watch = new ModuleWatch({
    clock,
    ownTimeMs: () => ownTimeMs(clock.monotonicMs()),
    onHung: (_error, isLoading) => hung.push({ atMs: clock.monotonicMs(), isLoading }),
  })
  const begin = (file = 'a.mjs') => watch.begun({ type: 'moduleLoading', className: 'x.A', file, limitMs: LIMIT_MS })
  begin()
  return { clock, watch, hung, begin }
}

test('one that turns or waits is told of about when its limit is over, once in that time', async () => {
  const { clock, hung } = watched(async atMs => atMs)
  await clock.advance(LIMIT_MS - 1)
  assert.equal(hung.length, 0)
  await clock.advance(LIMIT_MS)
  assert.equal(hung.length, 1)
})

test('one whose thread has a processor for a fifth of the time has five times as long', async () => {
  const { clock, watch, hung } = watched(async atMs => atMs / 5)
  await clock.advance(4 * LIMIT_MS)
  watch.ended('a.mjs')
  assert.deepEqual(hung, [])
  assert.equal(clock.waiting, 0)
})

test('the time in which the whole process was stopped is no time of loading, though the loop took it for waiting', async () => {
  const { clock, watch, hung } = watched(async atMs => atMs + (atMs < 5_000 ? 0 : 3_600_000))
  await clock.advance(LIMIT_MS - 1_000)
  watch.ended('a.mjs')
  assert.deepEqual(hung, [])
})

test('a thread that gives no answer has ten times as long, and not for ever', async () => {
  const { clock, hung } = watched(() => new Promise(() => {}))
  await clock.advance(10 * LIMIT_MS - 1)
  assert.equal(hung.length, 0)
  await clock.advance(1_000)
  assert.equal(hung.length, 1)
})

test('one that comes to its end while its thread is about to be ended is not loading any more, nor when it is loaded anew', async () => {
  const { clock, watch, hung, begin } = watched(async atMs => atMs)
  await clock.advance(LIMIT_MS + 1_000)
  assert.equal(hung[0]?.isLoading(), true)
  watch.ended('a.mjs')
  begin()
  assert.equal(hung[0]?.isLoading(), false)
})

// Goal: what begins in a spare thread behaves as in one made for it, and a spare thread that is not there any more is given to nobody.
// Method: the real entry of spare threads with a connector of ours in it; time is turned by hand for when they are made.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ActorRef, type Exit } from '../../src/actor/actor-ref.ts'
import { makeThread } from '../../src/actor/make-thread.ts'
import type { ConnectorSpec, FromConnector, ToConnector } from '../../src/actor/messages.ts'
import { MetricsSlab } from '../../src/actor/metrics-slab.ts'
import { SpareThreads } from '../../src/actor/spare-threads.ts'
import { systemClock } from '../../src/base/clock.ts'
import { ownModule } from '../../src/base/layout.ts'
import { silentLogger } from '../../src/base/log.ts'
import { TestClock } from '../support/clock.ts'
import { until } from '../support/until.ts'

const QUIET_MS = 2_000
const NEXT_MS = 500

function spares(t: TestContext, count = 1, entry = ownModule('workers/spare')) {
  const clock = new TestClock()
  const warnings: string[] = []
  const log = { ...silentLogger, warn: (_what: unknown, text: string) => void warnings.push(text) } as typeof silentLogger
  const converters = ['JsonConverter', 'no.such.Converter']
  const threads = new SpareThreads({ count, entry, memoryMaxMb: 128, converters, clock, log })
  t.after(() => threads.close())
  return { clock, threads, warnings }
}

const specOf = (file: string): ConnectorSpec => ({
  connector: 'lines',
  connectorProps: { name: 'lines', 'connector.class': 'FileStreamSource', file, topic: 'x' },
  workerProps: {},
  secretKeys: [],
  logLevels: { root: 'INFO' },
  metrics: new MetricsSlab().shared,
})

function startConnector(threads: SpareThreads, file: string) {
  const ended = Promise.withResolvers<Exit>()
  const actor = new ActorRef<ToConnector, FromConnector>({
    entry: 'connector',
    data: specOf(file),
    memoryMaxMb: 128,
    stuckTimeoutMs: 0,
    clock: systemClock,
    spares: threads,
    onMessage: () => undefined,
    onLog: () => undefined,
    onExit: ended.resolve,
  })
  return { actor, ended: ended.promise }
}

test('a connector begins in the thread that waits, and misses none of the messages right behind its beginning', async t => {
  const { clock, threads } = spares(t)
  await clock.advance(QUIET_MS)
  assert.equal(threads.count, 1)
  const { actor, ended } = startConnector(threads, '/a')
  assert.equal(threads.count, 0)
  const answers = await Promise.all([actor.ask({ type: 'start' }), actor.ask({ type: 'taskConfigs', maxTasks: 1 })])
  const [, tasks] = answers as [null, readonly { readonly file: string }[]]
  assert.deepEqual(
    tasks.map(({ file }) => file),
    ['/a'],
  )
  assert.deepEqual(await actor.stop(5_000), { reason: 'stopped' })
  assert.deepEqual(await ended, { reason: 'stopped' })
  assert.equal(threads.count, 0, "it is nobody else's afterwards")
})

test('a thread that waits has the limits of one that is made for a task', async t => {
  const { clock, threads } = spares(t)
  await clock.advance(QUIET_MS)
  const spare = threads.take({ entry: 'connector', data: specOf('/a') })
  const made = makeThread(ownModule('workers/connector'), 'lines', specOf('/a'), 128)
  t.after(() => Promise.all([spare?.terminate(), made.terminate()]))
  // the range for code is Node's own and told only once the thread runs
  const limitsOf = (thread: typeof spare) => ({ ...thread?.resourceLimits, codeRangeSizeMb: undefined })
  assert.deepEqual(limitsOf(spare), limitsOf(made))
  assert.equal(spare?.resourceLimits?.maxOldGenerationSizeMb, 128)
})

test('where no thread waits one is made, and its failure is told as ever', async t => {
  const { threads } = spares(t)
  const { actor } = startConnector(threads, '')
  await assert.rejects(actor.ask({ type: 'taskConfigs', maxTasks: 1 }), /not started/)
  assert.deepEqual(await actor.stop(5_000), { reason: 'stopped' })
})

test('threads are made one by one, up to their number, when nothing has begun for a while', async t => {
  const { clock, threads } = spares(t, 2)
  await clock.advance(QUIET_MS - 1)
  assert.equal(threads.count, 0)
  const { actor } = startConnector(threads, '/a')
  await clock.advance(QUIET_MS - 1)
  assert.equal(threads.count, 0, 'something began')
  await clock.advance(1)
  assert.equal(threads.count, 1)
  await clock.advance(NEXT_MS - 1)
  assert.equal(threads.count, 1, 'the first one loads its code')
  await clock.advance(1)
  assert.equal(threads.count, 2)
  await clock.advance(10 * QUIET_MS)
  assert.equal(threads.count, 2)
  threads.close()
  assert.equal(threads.count, 0)
  await clock.advance(10 * QUIET_MS)
  assert.equal(threads.count, 0, 'closed')
  await actor.stop(5_000)
})

test('a thread that fails before it is taken is given to nobody; that is told once, and no more are made', async t => {
  const { clock, threads, warnings } = spares(t, 2, new URL('./fixtures/failing-to-load.ts', import.meta.url))
  await clock.advance(2 * QUIET_MS)
  await until(() => threads.count === 0)
  assert.match(warnings.join(), /a spare thread failed.*it does not load/)
  await clock.advance(10 * QUIET_MS)
  assert.equal(threads.count, 0)
  assert.equal(warnings.length, 1)
})

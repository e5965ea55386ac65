// Goal: a module of plugin.path that does not finish loading in the thread of a connector or task ends that thread within a stated limit, with a
// reason that names class, file and limit; others are not held up by it, and what the plugin does once it is loaded has no limit.
// Method: the real entries of threads with modules that hang there and not in a scan. The looks at what they are at come sooner, or by hand.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type ActorOptions, ActorRef, type Exit } from '../../src/actor/actor-ref.ts'
import type { ConnectorSpec, FromConnector, TaskSpec, ToConnector } from '../../src/actor/messages.ts'
import { MetricsSlab } from '../../src/actor/metrics-slab.ts'
import { SpareThreads } from '../../src/actor/spare-threads.ts'
import { StartGate } from '../../src/actor/start-gate.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { ownModule } from '../../src/base/layout.ts'
import { silentLogger } from '../../src/base/log.ts'
import { OWN_TIME_LOOK_MS } from '../../src/base/own-time-watch.ts'
import { MODULE_LOAD_MS_MAX, sharePluginIndex } from '../../src/plugins/plugin-index.ts'
import { TestClock } from '../support/clock.ts'
import { until } from '../support/until.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-modules-'))
after(() => rmSync(folder, { recursive: true }))

const HANGS = { await: 'await new Promise(() => {})', loop: 'for (;;) Math.sqrt(2)' } as const
const kinds = Object.keys(HANGS) as (keyof typeof HANGS)[]

/** @param atTop run where the module is imported, but not when it is scanned */
function write(name: string, plugins: string, atTop = ''): string {
  const file = join(folder, name)
  const text = `import { workerData } from 'node:worker_threads'
import { defineConfig, defineConverter, defineSource } from 'sluice'
const config = defineConfig({})
if (!('packageVersion' in workerData)) { ${atTop} }
export const plugins = [${plugins}]\n`
  writeFileSync(file, text)
  return file
}

const source = (className: string, connector = '{}') =>
  `defineSource({ className: '${className}', config, task: () => ({ start() {}, poll: () => null, stop() {} }), connector: () => (${connector}) })`
const converter = (className: string) =>
  `defineConverter({ className: '${className}', config, create: () => ({ configure() {} }) })`

const files = {
  await: write('await.mjs', source('x.await'), HANGS.await),
  loop: write('loop.mjs', source('x.loop'), HANGS.loop),
  converter: write('converter.mjs', converter('x.converter'), HANGS.loop),
  good: write('good.mjs', source('x.good', '{ start: () => new Promise(() => {}), taskConfigs: () => [{}], stop() {} }')),
}
const workerProps = { 'plugin.path': Object.values(files).join(','), 'bootstrap.servers': 'localhost:1' }

// as the worker does when it starts
before(async () => {
  const { faults } = await sharePluginIndex(Object.values(files))
  assert.deepEqual(faults, [])
})

/** All as it is, but for the time from one look at modules that load to the next. */
const impatient: Clock = {
  ...systemClock,
  after: (ms, run) => systemClock.after(ms === OWN_TIME_LOOK_MS ? 1 : ms, run),
}

type Options = Partial<Pick<ActorOptions<FromConnector>, 'clock' | 'gate' | 'spares'>>

function start(entry: 'task' | 'connector', className: string, options: Options = {}, more: Record<string, string> = {}) {
  const ended = Promise.withResolvers<Exit>()
  const connectorProps = { name: 'c', 'connector.class': className, ...more }
  const common = { connector: 'c', connectorProps, workerProps, secretKeys: [], logLevels: {}, metrics: new MetricsSlab().shared }
  const task: TaskSpec = { ...common, kind: 'source', task: 0, taskProps: {}, targetState: 'STARTED' }
  const actor = new ActorRef<ToConnector, FromConnector>({
    entry,
    data: entry === 'task' ? task : (common satisfies ConnectorSpec),
    memoryMaxMb: 128,
    stuckTimeoutMs: 0,
    clock: impatient,
    ...options,
    onMessage: () => undefined,
    onLog: () => undefined,
    onExit: ended.resolve,
  })
  return { actor, ended: ended.promise }
}

function assertHung(exit: Exit, className: string, file: string): void {
  assert.ok(exit.reason === 'failed')
  assert.equal(exit.error.code, 'CONNECT_TASK_STUCK_ON_LOAD')
  const told = `${className} could not be loaded: ${file} did not finish loading within 30000 ms, and its thread was terminated`
  assert.equal(exit.error.message, told)
  assert.ok(exit.error.stack.startsWith(`TaskThreadError: ${told}\n`), exit.error.stack)
}

for (const entry of ['task', 'connector'] as const)
  for (const kind of kinds)
    test(`a module whose ${kind} never ends, in a ${entry}'s thread`, async () => {
      const { actor, ended } = start(entry, `x.${kind}`)
      const asked = assert.rejects(actor.ask({ type: 'start' }), { code: 'CONNECT_TASK_STUCK_ON_LOAD' })
      assertHung(await ended, `x.${kind}`, files[kind])
      await asked
    })

test("a converter's module that hangs is named, and not the connector's", async () => {
  const { ended } = start('task', 'FileStreamSource', {}, { 'key.converter': 'JsonConverter', 'value.converter': 'x.converter' })
  assertHung(await ended, 'x.converter', files.converter)
})

for (const kind of kinds)
  test(`behind a gate others begin when one whose ${kind} never ends is gone, and in its place`, async () => {
    const gate = new StartGate(1)
    const hung = start('connector', `x.${kind}`, { gate })
    const next = start('connector', 'FileStreamSource', { gate })
    await assert.rejects(next.actor.ask({ type: 'taskConfigs', maxTasks: 1 }), /not started/)
    assertHung(await hung.ended, `x.${kind}`, files[kind])
    await next.actor.stop(5_000)
  })

test('a spare thread that it hangs is ended, and others are made', async t => {
  const clock = new TestClock()
  const entry = ownModule('workers/spare')
  const spares = new SpareThreads({ count: 1, entry, memoryMaxMb: 128, converters: [], clock, log: silentLogger })
  t.after(() => spares.close())
  const made = async () => {
    await clock.advance(2_000)
    assert.equal(spares.count, 1)
  }
  for (const kind of kinds) {
    await made()
    const { ended } = start('task', `x.${kind}`, { spares })
    assert.equal(spares.count, 0)
    assertHung(await ended, `x.${kind}`, files[kind])
  }
  await made()
})

test('what has loaded has all the time it wants to start, and a module that took a while to load is none that hangs', async () => {
  const clock = new TestClock()
  const { actor, ended } = start('connector', 'x.good', { clock })
  let hasEnded = false
  void ended.then(() => (hasEnded = true))
  await assert.rejects(actor.ask({ type: 'taskConfigs', maxTasks: 1 }), /not started/)
  void actor.ask({ type: 'start' }).catch(() => undefined)
  await clock.advance(20 * MODULE_LOAD_MS_MAX)
  assert.equal(hasEnded, false)
  assert.ok((await actor.usage()).heapBytes > 0)
  void actor.stop(1_000)
  await clock.advance(1_000)
  await ended
})

test('a thread that is stopped while it waits for its module ends in order', async () => {
  const clock = new TestClock()
  const { actor } = start('task', 'x.await', { clock })
  await until(() => clock.waiting > 1)
  assert.deepEqual(await actor.stop(5_000), { reason: 'stopped' })
  assert.equal(clock.waiting, 0, 'no timer is left')
})

// Goal: whatever a thread does, its owner hears of the end exactly once, with a readable reason, and this process lives on.
// Method: real threads that misbehave in one way each (fixtures/misbehaving.ts).
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ActorRef, type Exit } from '../../src/actor/actor-ref.ts'
import { MetricsSlab } from '../../src/actor/metrics-slab.ts'
import { StartGate } from '../../src/actor/start-gate.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { TestClock } from '../support/clock.ts'
import { until } from '../support/until.ts'

type To = { type: 'double'; id: number; value: number } | { type: 'stop'; deadlineMs: number }
type From = { type: 'hello' }

interface Options {
  memoryMaxMb?: number
  stuckTimeoutMs?: number
  gate?: StartGate
  clock?: Clock
  file?: string
}

function start(mode: string, options: Options = {}) {
  const exits: Exit[] = []
  const messages: From[] = []
  const lines: string[] = []
  let resolveHello: () => void = () => {}
  const hello = new Promise<void>(resolve => {
    resolveHello = resolve
  })
  let resolveExit: (exit: Exit) => void = () => {}
  const ended = new Promise<Exit>(resolve => {
    resolveExit = resolve
  })
  const actor = new ActorRef<To, From>({
    entry: new URL('./fixtures/misbehaving.ts', import.meta.url),
    data: {
      connector: mode,
      connectorProps: { file: options.file ?? '' },
      workerProps: {},
      secretKeys: [],
      logLevels: { root: 'INFO' },
      metrics: new MetricsSlab().shared,
    },
    memoryMaxMb: options.memoryMaxMb ?? 128,
    stuckTimeoutMs: options.stuckTimeoutMs ?? 0,
    clock: options.clock ?? systemClock,
    ...(options.gate === undefined ? {} : { gate: options.gate }),
    onMessage: message => {
      messages.push(message)
      resolveHello()
    },
    onLog: line => lines.push(line),
    onExit: exit => {
      exits.push(exit)
      resolveExit(exit)
    },
  })
  return { actor, exits, messages, lines, hello, ended }
}

async function failure(mode: string, options: Parameters<typeof start>[1] = {}) {
  const { ended, exits } = start(mode, options)
  const exit = await ended
  assert.equal(exit.reason, 'failed')
  assert.equal(exits.length, 1)
  assert.ok(exit.reason === 'failed')
  return exit.error
}

test('asks are answered, errors of the thread come back with code, and stop ends it', async () => {
  const { actor, hello, exits } = start('obedient')
  await hello
  assert.equal(await actor.ask<number>({ type: 'double', value: 21 }), 42)
  await assert.rejects(actor.ask({ type: 'double', value: -1 }), { code: 'CONNECT_DATA', name: 'DataError', message: 'negative' })
  assert.ok((await actor.usage()).heapBytes > 0)
  assert.deepEqual(await actor.stop(5_000), { reason: 'stopped' })
  assert.equal(exits.length, 1)
  await assert.rejects(actor.ask({ type: 'double', value: 1 }), { code: 'CONNECT_ABORTED' })
})

test('a ConfigError arrives with code, key and stack', async () => {
  const error = await failure('throwing')
  assert.equal(error.code, 'CONNECT_CONFIG')
  assert.equal(error.key, 'flush.size')
  assert.match(error.stack, /misbehaving\.ts/)
})

test('a rejected promise that nobody awaits ends only its thread, with its own trace', async () => {
  const error = await failure('unawaited-promise')
  assert.equal(error.name, 'TypeError')
  assert.match(error.stack, /nobody awaits me[\s\S]*misbehaving\.ts/)
})

test('process.exit in a plugin is reported, not taken for a stop', async () => {
  const error = await failure('exiting')
  assert.equal(error.code, 'CONNECT_TASK_EXIT')
  assert.match(error.message, /exit code 7/)
})

test('a heap without end hits the limit of its thread and names the key', async () => {
  const error = await failure('filling-heap', { memoryMaxMb: 48 })
  assert.equal(error.code, 'CONNECT_TASK_OOM')
  assert.match(error.message, /task\.memory\.max\.mb=48/)
})

test('Buffers without end, which the heap limit does not count, are stopped too', async () => {
  const error = await failure('filling-buffers', { memoryMaxMb: 64 })
  assert.equal(error.code, 'CONNECT_TASK_OOM')
  assert.match(error.message, /Buffers/)
})

test('a thread that spins for ever is ended, and the trace shows where it spins', async () => {
  const error = await failure('spinning', { stuckTimeoutMs: 1_000 })
  assert.equal(error.code, 'CONNECT_TASK_STUCK')
  assert.match(error.stack, /at spin\w+ \(.*misbehaving\.ts/)
})

test('a thread that a call of the operating system holds is stuck too, though it answers nothing', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-actor-'))
  const file = join(folder, 'pipe')
  execFileSync('mkfifo', [file])
  t.after(() => {
    // Its reader finds an end, and the thread comes to its own.
    closeSync(openSync(file, 'w'))
    rmSync(folder, { recursive: true })
  })
  const error = await failure('reading-without-end', { stuckTimeoutMs: 1_000, file })
  assert.equal(error.code, 'CONNECT_TASK_STUCK')
})

test('the time in which the whole process was stopped is no silence of a thread', async () => {
  let stoppedMs = 0
  let looks = 0
  const clock: Clock = {
    ...systemClock,
    monotonicMs: () => systemClock.monotonicMs() + stoppedMs,
    after(ms, run) {
      if (ms === 250) looks++
      return systemClock.after(ms, run)
    },
  }
  const { actor, hello } = start('spinning', { stuckTimeoutMs: 300_000, clock })
  await hello
  looks = 0
  await until(() => looks > 1)
  stoppedMs = 3_600_000
  looks = 0
  await until(() => looks > 1)
  const exit = await actor.stop(1_000)
  assert.ok(exit.reason === 'failed')
  assert.equal(exit.error.code, 'CONNECT_TASK_STUCK_ON_STOP')
})

test('a thread that ignores stop is terminated at the deadline', async () => {
  const { actor, hello } = start('ignoring-stop')
  await hello
  const exit = await actor.stop(200)
  assert.ok(exit.reason === 'failed')
  assert.equal(exit.error.code, 'CONNECT_TASK_STUCK_ON_STOP')
})

test('a flood of log lines is cut and the cut is told', async () => {
  const { actor, lines } = start('flooding-log')
  while (!lines.some(line => line.includes('log lines were dropped'))) await systemClock.sleep(50)
  assert.ok(lines.length < 5_000)
  await actor.stop(5_000)
})

test('an ask under way when the thread dies rejects with the reason', async () => {
  const { actor, ended } = start('spinning', { stuckTimeoutMs: 500 })
  await assert.rejects(actor.ask({ type: 'double', value: 1 }), { code: 'CONNECT_TASK_STUCK' })
  await ended
})

test('behind a gate: the next thread begins when one has loaded, what was sent before reaches it, and one stopped before never begins', async () => {
  const gate = new StartGate(1)
  const first = start('loading-until-asked', { gate, clock: new TestClock() })
  const second = start('obedient', { gate })
  const third = start('obedient', { gate })
  await first.hello
  const answer = second.actor.ask<number>({ type: 'double', value: 4 })
  assert.deepEqual(await third.actor.stop(5_000), { reason: 'stopped' })
  assert.deepEqual(third.exits, [{ reason: 'stopped' }])
  assert.deepEqual((await second.actor.usage()).cpuMicros, 0)
  assert.deepEqual(second.messages, [])
  await first.actor.ask({ type: 'double', value: 1 })
  assert.equal(await answer, 8)
  assert.deepEqual(third.messages, [])
  await Promise.all([first.actor.stop(5_000), second.actor.stop(5_000)])
})

test('a thread that is slow to load stays inside of the gate; after half a minute others do not wait for it any more', async () => {
  const gate = new StartGate(1)
  const clock = new TestClock()
  const first = start('spinning', { gate, clock })
  const second = start('obedient', { gate })
  await clock.advance(29_500)
  assert.equal((await second.actor.usage()).cpuMicros, 0)
  assert.deepEqual(second.messages, [])
  await clock.advance(500)
  await second.hello
  await second.actor.stop(5_000)
  first.actor.stop(0)
  await clock.advance(10)
  await first.ended
})

test('others do not wait for a thread that only waits for something outside while it loads', async () => {
  const gate = new StartGate(1)
  const first = start('loading-until-asked', { gate })
  const second = start('obedient', { gate })
  await first.hello
  await second.hello
  await Promise.all([first.actor.stop(5_000), second.actor.stop(5_000)])
})

test('a thread that dies before it has loaded leaves the gate', async () => {
  const gate = new StartGate(1)
  const first = start('exiting', { gate })
  const second = start('obedient', { gate })
  await first.ended
  await second.hello
  await second.actor.stop(5_000)
})

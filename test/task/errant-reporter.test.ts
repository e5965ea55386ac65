// Goal: a record that a sink found bad inside put is reported with its own bytes, and nothing is committed before the report is safe.
// Method: the real ErrantReporter and Tolerance with a reporter that the test holds back, on a batch built as the broker sends it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricsSlab } from '../../src/actor/metrics-slab.ts'
import { DataError } from '../../src/base/errors.ts'
import { Chain } from '../../src/task/chain.ts'
import type { SinkOrigin } from '../../src/task/origin.ts'
import { ErrantReporter } from '../../src/task/sink-task/errant-reporter.ts'
import type { Converted } from '../../src/task/sink-task/stages.ts'
import { type Failure, Tolerance } from '../../src/task/tolerance.ts'
import { settle, TestClock } from '../support/clock.ts'
import { sinkRecord } from '../support/task-contexts.ts'

function open(options: { tolerance?: 'none' | 'all'; inHand?: Converted[] } = {}) {
  const reported: Failure[] = []
  let release: (error?: Error) => void = () => {}
  const safe = new Promise<void>((resolve, reject) => {
    release = error => (error === undefined ? resolve() : reject(error))
  })
  safe.catch(() => undefined)
  const metrics = new MetricsSlab()
  const tolerance = new Tolerance({
    tolerance: options.tolerance ?? 'all',
    retryTimeoutMs: 0,
    retryDelayMaxMs: 0,
    reporters: [
      {
        report: failure => {
          reported.push(failure)
          return safe
        },
      },
    ],
    metrics,
    clock: new TestClock(),
    signal: new AbortController().signal,
  })
  const text = {
    configure() {},
    toConnectData: () => ({ schema: null, value: null }),
    fromConnectData: (_topic: string, _schema: unknown, value: unknown) => Buffer.from(`again ${String(value)}`),
  }
  const header = { configure() {}, toConnectHeader: () => ({ schema: null, value: null }), fromConnectHeader: () => null }
  const chain = new Chain({
    key: { className: 'K', converter: text },
    value: { className: 'V', converter: text },
    header: { className: 'H', converter: header },
    steps: [],
  })
  const reporter = new ErrantReporter({ chain, tolerance, className: 'T', inHand: () => options.inHand ?? [] })
  return { reporter, reported, release, metrics }
}

const bad = new DataError('the table has no such column')

test('a report that the sink does not await still holds up the commit until it is safe', async () => {
  const { reporter, release } = open()
  void reporter.report(sinkRecord(7, 'x'), bad)
  let isSettled = false
  const settled = reporter.settled().then(() => {
    isSettled = true
  })
  await settle()
  assert.equal(isSettled, false)
  release()
  await settled
})

test('a report that fails is no unhandled rejection, and the commit learns of it', async () => {
  const { reporter, release } = open()
  void reporter.report(sinkRecord(7, 'x'), bad)
  release(new Error('the dead-letter topic is away'))
  // An unhandled rejection would end this test.
  await settle()
  await assert.rejects(reporter.settled(), /the dead-letter topic is away/)
})

test('without tolerance the report ends the task, after the record is reported', async () => {
  const { reporter, reported, release } = open({ tolerance: 'none' })
  release()
  await assert.rejects(reporter.report(sinkRecord(7, 'x'), bad), { code: 'CONNECT_TOLERANCE_EXCEEDED' })
  assert.equal(reported.length, 1)
})

for (const [given, kind] of [
  [null, 'null'],
  [undefined, 'undefined'],
  ['x', 'a string'],
  [[sinkRecord(7, 'x')], 'an array'],
  [{ value: 'x' }, 'an object'],
] as const) {
  test(`a report of ${kind} names the task and what was wrong, is not tolerated, and no commit passes over it`, async () => {
    const { reporter, reported, metrics } = open({ tolerance: 'all' })
    const told = {
      name: 'ConnectError',
      message: `T called errantRecordReporter.report with ${kind}: it must be called with a record that put was given, and the error`,
    }
    await assert.rejects(reporter.report(given as never, bad), told)
    await assert.rejects(reporter.settled(), told)
    assert.deepEqual(reported, [])
    assert.equal(metrics.get('recordsSkipped'), 0)
  })
}

test('stage, class and coordinates are those of the put and of the record as it was read', async () => {
  const { reporter, reported, release, metrics } = open()
  release()
  await reporter.report(sinkRecord(7, 'x', { topic: 'a', partition: 2, key: 'k' }).with({ topic: 'renamed' }), bad)
  const [failure] = reported
  assert.deepEqual([failure?.stage, failure?.className], ['TASK_PUT', 'T'])
  const origin = failure?.origin as SinkOrigin
  assert.deepEqual([origin.topic, origin.partition, origin.offset], ['a', 2, 7])
  // not of a batch in hand: encoded again by the task's converters
  assert.deepEqual([String(origin.key), String(origin.value)], ['again k', 'again x'])
  assert.equal(metrics.get('recordsSkipped'), 1)
})

// Goal: a failed record is retried, reported, skipped or ends the task, exactly as errors.* say. Method: a hand-turned clock.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricsSlab } from '../../src/actor/metrics-slab.ts'
import { NeedsSchema } from '../../src/api/needs-schema.ts'
import { AssertionError, DataError, RetriableError, ToleranceExceededError } from '../../src/base/errors.ts'
import type { Origin } from '../../src/task/origin.ts'
import { type Failure, SKIPPED, Tolerance } from '../../src/task/tolerance.ts'
import { TestClock } from '../support/clock.ts'

const origin: Origin = { kind: 'source', record: null, describe: () => 'topic orders, partition 3, offset 42' }
const where = () => ({ stage: 'VALUE_CONVERTER' as const, className: 'org.example.Converter' })

function open(options: { tolerance?: 'none' | 'all'; retryTimeoutMs?: number; retryDelayMaxMs?: number } = {}) {
  const clock = new TestClock()
  const metrics = new MetricsSlab()
  const reported: Failure[] = []
  const stopping = new AbortController()
  const tolerance = new Tolerance({
    tolerance: options.tolerance ?? 'none',
    retryTimeoutMs: options.retryTimeoutMs ?? 0,
    retryDelayMaxMs: options.retryDelayMaxMs ?? 60_000,
    reporters: [{ report: failure => void reported.push(failure) }],
    metrics,
    clock,
    signal: stopping.signal,
    random: () => 0.5,
  })
  return { clock, metrics, reported, tolerance, stopping }
}

const failed = (error: Error): Failure => ({ ...where(), error, origin })

test('under none the record is reported first, then the task ends with its coordinates named', async () => {
  const { tolerance, reported } = open()
  const failure = tolerance.recover(failed(new DataError('no JSON')), where, () => assert.fail('not retriable'))
  await assert.rejects(failure, error => {
    assert.ok(error instanceof ToleranceExceededError)
    assert.match(error.message, /topic orders, partition 3, offset 42/)
    assert.match(error.message, /VALUE_CONVERTER.*org\.example\.Converter.*no JSON/)
    return true
  })
  assert.equal(reported.length, 1)
})

test('under all the record is skipped, reported and counted', async () => {
  const { tolerance, reported, metrics } = open({ tolerance: 'all' })
  assert.equal(await tolerance.recover(failed(new DataError('no JSON')), where, () => 1), SKIPPED)
  assert.equal(reported.length, 1)
  assert.equal(metrics.get('recordsSkipped'), 1)
  assert.equal(metrics.get('recordErrors'), 1)
})

test('a retriable failure is tried again with doubling waits until it works', async () => {
  const { tolerance, clock, metrics, reported } = open({ retryTimeoutMs: 10_000 })
  let tries = 0
  const result = tolerance.recover(failed(new RetriableError('busy')), where, () => {
    if (++tries < 3) throw new RetriableError('busy')
    return 'done'
  })
  await clock.advance(300)
  assert.equal(tries, 1)
  await clock.advance(599)
  assert.equal(tries, 1)
  await clock.advance(1)
  assert.equal(tries, 2)
  await clock.advance(1_200)
  assert.equal(await result, 'done')
  assert.equal(metrics.get('retries'), 3)
  // each failed try counts, as in Java's total-record-failures
  assert.equal(metrics.get('recordFailures'), 3)
  assert.equal(reported.length, 0)
})

test('retries end at errors.retry.timeout, never past it', async () => {
  const { tolerance, clock } = open({ retryTimeoutMs: 1_000 })
  let tries = 0
  const result = tolerance.recover(failed(new RetriableError('busy')), where, () => {
    tries++
    throw new RetriableError('still busy')
  })
  const rejected = assert.rejects(result, { code: 'CONNECT_TOLERANCE_EXCEEDED' })
  await clock.advance(1_000)
  await rejected
  assert.equal(tries, 3)
  assert.equal(clock.waiting, 0)
})

test('a wait above errors.retry.delay.max.ms becomes a random one below it', async () => {
  const { tolerance, clock } = open({ retryTimeoutMs: -1, retryDelayMaxMs: 100 })
  let tries = 0
  void tolerance.recover(failed(new RetriableError('busy')), where, () => {
    if (++tries < 50) throw new RetriableError('busy')
    return 1
  })
  await clock.advance(49)
  assert.equal(tries, 0)
  await clock.advance(1)
  assert.equal(tries, 1)
})

test('a stop ends the waiting without reporting or skipping the record', async () => {
  const { tolerance, stopping, reported, clock } = open({ tolerance: 'all', retryTimeoutMs: -1 })
  const result = tolerance.recover(failed(new RetriableError('busy')), where, () => 1)
  const rejected = assert.rejects(result, { code: 'CONNECT_ABORTED' })
  await clock.advance(10)
  stopping.abort()
  await rejected
  assert.equal(reported.length, 0)
})

test('a missing schema is loaded and the record converted again; a converter that asks for ever is given up', async () => {
  const { tolerance } = open()
  let loads = 0
  const load = async () => void loads++
  assert.equal(await tolerance.recover(failed(new NeedsSchema(load)), where, () => 'converted'), 'converted')
  assert.equal(loads, 1)
  const forEver = tolerance.recover(failed(new NeedsSchema(load)), where, () => {
    throw new NeedsSchema(load)
  })
  await assert.rejects(forEver, { code: 'CONNECT_TOLERANCE_EXCEEDED' })
  assert.ok(loads < 10)
})

test('an error of a plugin that looks like a stop is an error as any other: the task would end unnoticed', async () => {
  const looksStopped = () => Object.assign(new Error('gone'), { code: 'CONNECT_ABORTED' })
  const none = open()
  await assert.rejects(
    none.tolerance.recover(failed(looksStopped()), where, () => 1),
    { code: 'CONNECT_TOLERANCE_EXCEEDED' },
  )
  const all = open({ tolerance: 'all' })
  assert.equal(await all.tolerance.recover(failed(looksStopped()), where, () => 1), SKIPPED)
})

test('a bug of ours is never tolerated', async () => {
  const { tolerance } = open({ tolerance: 'all' })
  await assert.rejects(
    tolerance.recover(failed(new AssertionError('impossible')), where, () => 1),
    { code: 'CONNECT_ASSERTION' },
  )
})

// Goal: an offset that cannot be stored ends the task before anything goes to the store, which others share.
// Method: the real OffsetFlusher and Submitted with a store that writes down what it is given.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OffsetEntry, OffsetMap } from '../../src/actor/messages.ts'
import { MetricsSlab } from '../../src/actor/metrics-slab.ts'
import { silentLogger } from '../../src/base/log.ts'
import { OffsetFlusher } from '../../src/task/source-task/offset-flusher.ts'
import { Submitted } from '../../src/task/submitted.ts'
import { TestClock } from '../support/clock.ts'

function open() {
  const submitted = new Submitted()
  const stored: (readonly OffsetEntry[])[] = []
  const errors: unknown[] = []
  const flusher = new OffsetFlusher({
    task: { start() {}, poll: () => null, stop() {} },
    submitted,
    clock: new TestClock(),
    logger: silentLogger,
    metrics: new MetricsSlab(),
    intervalMs: 1_000,
    timeoutMs: 500,
    put: async entries => void stored.push(entries),
    lettersSafe: async () => {},
    onError: error => void errors.push(error),
  })
  const done = (partition: OffsetMap, offset: object) => submitted.ack(submitted.submit(partition, offset as OffsetMap))
  return { flusher, stored, errors, done }
}

test('an offset with a Date ends the task and is not stored, nor is another of the same flush', async () => {
  const { flusher, stored, errors, done } = open()
  done({ file: 'a' }, { position: 1 })
  done({ file: 'b' }, { since: new Date(0) })
  await flusher.flush()
  assert.deepEqual(stored, [])
  assert.equal(errors.length, 1)
  assert.match(String(errors[0]), /"file":"b".*field since contains a Date/)
})

test('offsets that can be stored are', async () => {
  const { flusher, stored, errors, done } = open()
  done({ file: 'a' }, { position: 1 })
  await flusher.flush()
  assert.deepEqual([stored, errors], [[[{ partition: { file: 'a' }, offset: { position: 1 } }]], []])
})

// Goal: puts come in order and in bounded size, controls come between two puts, retries repeat the same records.
// Method: the real Deliverer with a fake task and a hand-turned clock.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricsSlab } from '../../src/actor/metrics-slab.ts'
import type { SinkTask } from '../../src/api/sink-task.ts'
import { DataError, RetriableError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/log.ts'
import { Mailbox } from '../../src/base/mailbox.ts'
import { NO_HEADERS } from '../../src/data/headers.ts'
import { SinkRecord } from '../../src/data/record.ts'
import type { RawBatch } from '../../src/kafka/types.ts'
import { Assignment, type Held } from '../../src/task/sink-task/assignment.ts'
import { Deliverer } from '../../src/task/sink-task/deliverer.ts'
import { type Converted, Turns } from '../../src/task/sink-task/stages.ts'
import { settle, TestClock } from '../support/clock.ts'

const BATCH = {} as RawBatch
const sinkRecord = (offset: number) =>
  new SinkRecord('t', 0, null, null, null, offset, offset, null, 'CreateTime', NO_HEADERS, 't', 0, offset)

function open(put: SinkTask['put'], putRecordsMax = 500, afterPut: () => void = () => {}) {
  const clock = new TestClock()
  const inbox = new Mailbox<Converted>(1_000_000, m => m.bytes)
  const held = new Assignment().add({ topic: 't', partition: 0 }, 0)
  const deliverer = new Deliverer({
    inbox,
    task: { start: () => {}, put, stop: () => {} },
    turns: new Turns(clock),
    clock,
    logger: silentLogger,
    metrics: new MetricsSlab(),
    putRecordsMax,
    afterPut,
    onTaken: () => {},
  })
  const push = (from: number, count: number, of: Held = held) => {
    const records = Array.from({ length: count }, (_, i) => sinkRecord(from + i))
    inbox.push({
      held: of,
      generation: of.generation,
      batch: BATCH,
      records,
      columns: null,
      nextOffset: from + count,
      bytes: count,
    })
    deliverer.wake()
  }
  return { clock, inbox, held, deliverer, push }
}

test('joins small chunks up to max.poll.records and never passes it', async () => {
  const puts: number[][] = []
  const { deliverer, push, held } = open(records => void puts.push(records.map(r => r.kafkaOffset)), 4)
  push(0, 2)
  push(2, 2)
  push(4, 3)
  push(7, 2)
  const running = deliverer.run()
  await settle()
  assert.deepEqual(puts, [
    [0, 1, 2, 3],
    [4, 5, 6],
    [7, 8],
  ])
  assert.equal(held.delivered, 9)
  deliverer.stop()
  await running
})

test('a control runs between two puts, before records that already wait', async () => {
  const log: string[] = []
  let release = () => {}
  const { deliverer, push } = open(async records => {
    log.push(`put ${records[0]?.kafkaOffset}`)
    if (log.length === 1) await new Promise<void>(resolve => void (release = resolve))
  }, 1)
  push(0, 1)
  push(1, 1)
  const running = deliverer.run()
  await settle()
  const control = deliverer.control(() => void log.push('control'))
  await settle()
  assert.deepEqual(log, ['put 0'])
  release()
  await control
  await settle()
  assert.deepEqual(log, ['put 0', 'control', 'put 1'])
  deliverer.stop()
  await running
})

test('a retriable put repeats the same records after the wait, and later ones do not overtake', async () => {
  const puts: number[][] = []
  let failures = 2
  const { deliverer, push, clock, held } = open(records => {
    puts.push(records.map(r => r.kafkaOffset))
    if (failures-- > 0) throw new RetriableError('the store is away')
  }, 2)
  push(0, 2)
  const running = deliverer.run()
  await settle()
  push(2, 2)
  await clock.advance(999)
  assert.deepEqual(puts, [[0, 1]])
  assert.equal(held.delivered, 0)
  await clock.advance(1_001)
  assert.deepEqual(puts, [
    [0, 1],
    [0, 1],
    [0, 1],
    [2, 3],
  ])
  assert.equal(held.delivered, 4)
  deliverer.stop()
  await running
})

test('context.timeout sets the wait of the next retry only', async () => {
  let puts = 0
  const { deliverer, push, clock } = open(() => {
    puts++
    if (puts === 1) deliverer.setWait(5_000)
    if (puts < 3) throw new RetriableError('away')
  })
  push(0, 1)
  const running = deliverer.run()
  await clock.advance(4_999)
  assert.equal(puts, 1)
  await clock.advance(1)
  assert.equal(puts, 2)
  deliverer.stop()
  await running
})

test('context.timeout is good for one wait, and also brings the next put([]) forward', async () => {
  const atMs: number[] = []
  const { deliverer, clock } = open(() => {
    atMs.push(clock.monotonicMs())
    if (atMs.length === 1) deliverer.setWait(100)
  })
  const running = deliverer.run()
  await clock.advance(1_200)
  assert.deepEqual(
    atMs.map(ms => ms - (atMs[0] ?? 0)),
    [0, 100, 600],
  )
  deliverer.stop()
  await running
})

test('what a control asked of the context takes effect before the next put', async () => {
  const log: string[] = []
  const { deliverer, push } = open(
    records => void log.push(`put ${records.length}`),
    500,
    () => log.push('applied'),
  )
  push(0, 2)
  void deliverer.control(() => void log.push('control'))
  const running = deliverer.run()
  await settle()
  assert.deepEqual(log, ['control', 'applied', 'put 2', 'applied'])
  deliverer.stop()
  await running
})

test('records of a partition that was revoked while they waited are never put', async () => {
  const puts: number[][] = []
  const { deliverer, push, held } = open(records => void puts.push(records.map(r => r.kafkaOffset)))
  push(0, 5)
  held.generation++
  const running = deliverer.run()
  await settle()
  assert.deepEqual(puts, [])
  assert.equal(held.delivered, 0)
  deliverer.stop()
  await running
})

test('a paused deliverer puts no record but still serves controls and idle puts', async () => {
  const puts: number[] = []
  const { deliverer, push, clock } = open(records => void puts.push(records.length))
  deliverer.setPaused(true)
  push(0, 3)
  const running = deliverer.run()
  await clock.advance(1_100)
  assert.deepEqual(puts, [0, 0])
  assert.equal(await deliverer.control(() => 'served'), 'served')
  deliverer.setPaused(false)
  await settle()
  assert.deepEqual(puts.at(-1), 3)
  deliverer.stop()
  await running
})

test('controls that wait when the task stops, or come later, are given up instead of waiting for ever', async () => {
  const { deliverer } = open(() => {})
  const stopping = deliverer.control(() => deliverer.stop())
  const behind = deliverer.control(() => 'never')
  const running = deliverer.run()
  await stopping
  await assert.rejects(behind, { code: 'CONNECT_ABORTED' })
  await running
  await assert.rejects(
    deliverer.control(() => 'too late'),
    { code: 'CONNECT_ABORTED' },
  )
})

test('any other error of put ends the loop with its cause and code', async () => {
  const { deliverer, push } = open(() => {
    throw new DataError('column missing')
  })
  push(0, 1)
  await assert.rejects(deliverer.run(), error => {
    assert.ok(error instanceof Error)
    assert.match(error.message, /column missing/)
    assert.ok(error.cause instanceof DataError)
    return true
  })
})

test('a stream whose records are all filtered moves the offset and still calls put, where sinks watch the clock', async () => {
  const puts: number[] = []
  const { deliverer, held, inbox } = open(records => void puts.push(records.length))
  inbox.push({ held, generation: held.generation, batch: BATCH, records: [], columns: null, nextOffset: 77, bytes: 0 })
  const running = deliverer.run()
  await settle()
  assert.deepEqual(puts, [0])
  assert.equal(held.delivered, 77)
  deliverer.stop()
  await running
})

test('a sink that empties the list it is given gets all records again after a RetriableError', async () => {
  const taken: number[][] = []
  const { deliverer, push, held, clock } = open(records => {
    if (records.length === 0) return
    taken.push((records as SinkRecord[]).splice(0).map(r => r.kafkaOffset))
    if (taken.length < 3) throw new RetriableError('not now')
  })
  push(0, 3)
  const running = deliverer.run()
  await settle()
  await clock.advance(1_000)
  await clock.advance(1_000)
  assert.deepEqual(taken, [
    [0, 1, 2],
    [0, 1, 2],
    [0, 1, 2],
  ])
  assert.equal(held.delivered, 3)
  deliverer.stop()
  await running
})

test('an error of put that looks like a stop ends the task as any other', async () => {
  const { deliverer, push } = open(() => {
    throw Object.assign(new Error('gone'), { code: 'CONNECT_ABORTED' })
  })
  push(0, 1)
  await assert.rejects(deliverer.run(), { code: 'CONNECT_PUT', message: /gone/ })
})

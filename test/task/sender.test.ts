// Goal: a source offset becomes committable only when its record and all before it are with the broker, or were tolerated.
// Method: the real Sender and Submitted with a producer that acknowledges, in any order, when the test says so.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricsSlab } from '../../src/actor/metrics-slab.ts'
import type { SourceTask } from '../../src/api/source-task.ts'
import { DataError } from '../../src/base/errors.ts'
import { NO_HEADERS } from '../../src/data/headers.ts'
import { SourceRecord } from '../../src/data/record.ts'
import type { Producer } from '../../src/kafka/producer.ts'
import { Chain } from '../../src/task/chain.ts'
import { Sender, type SendTransaction } from '../../src/task/source-task/sender.ts'
import type { TopicCreator } from '../../src/task/source-task/topic-creator.ts'
import { Submitted } from '../../src/task/submitted.ts'
import { type Reporter, Tolerance } from '../../src/task/tolerance.ts'
import { settle, TestClock } from '../support/clock.ts'

const FILE = { filename: 'a' }
const OTHER = { filename: 'b' }
const record = (position: number, partition = FILE, value: string | null = `line ${position}`, to: number | null = null) =>
  new SourceRecord(partition, { position }, 't', to, null, null, null, value, null, NO_HEADERS)

type Ack = Parameters<Producer['append']>[6]

function open(
  options: {
    toleratesAll?: boolean
    commitRecord?: SourceTask['commitRecord']
    refuse?: (value: string) => boolean
    hasDeadLetters?: boolean
    transaction?: SendTransaction
    /** lines that do not convert */
    isBad?: (value: string) => boolean
    ensure?: (topic: string) => Promise<void>
  } = {},
) {
  const acks: Ack[] = []
  const times: number[] = []
  const errors: Error[] = []
  const reported: string[] = []
  const clock = new TestClock()
  const metrics = new MetricsSlab()
  const submitted = new Submitted()
  const reporter: Reporter = { report: failure => void reported.push(failure.origin.describe()) }
  const toleratesAll = options.toleratesAll ?? false
  const signal = new AbortController().signal
  const tolerance = new Tolerance({
    tolerance: toleratesAll ? 'all' : 'none',
    retryTimeoutMs: 0,
    retryDelayMaxMs: 0,
    reporters: [reporter],
    metrics,
    clock,
    signal,
  })
  const text = {
    configure() {},
    toConnectData: () => ({ schema: null, value: null }),
    fromConnectData: (_topic: string, _schema: unknown, value: unknown) => {
      if (typeof value !== 'string') return null
      if (options.isBad?.(value) === true) throw new DataError('does not convert')
      return Buffer.from(value)
    },
  }
  const header = { configure() {}, toConnectHeader: () => ({ schema: null, value: null }), fromConnectHeader: () => null }
  const chain = new Chain({
    key: { className: 'K', converter: text },
    value: { className: 'V', converter: text },
    header: { className: 'H', converter: header },
    steps: [],
  })
  const producer = {
    append(_topic: string, _partition: unknown, time: number, _key: unknown, value: Buffer, _headers: unknown, onAck: Ack) {
      if (options.refuse?.(value.toString()) === true) throw new DataError('too large')
      times.push(time)
      acks.push(onAck)
      return undefined
    },
  } as unknown as Producer
  const { commitRecord } = options
  const task: SourceTask = { start() {}, poll: () => null, stop() {}, ...(commitRecord === undefined ? {} : { commitRecord }) }
  const sender = new Sender({
    task,
    taskClassName: 'T',
    chain,
    tolerance,
    toleratesAll,
    hasDeadLetters: options.hasDeadLetters ?? false,
    transaction: options.transaction ?? null,
    topics: options.ensure === undefined ? null : ({ ensure: options.ensure } as TopicCreator),
    producer,
    producerClassName: 'P',
    submitted,
    clock,
    metrics,
    onTopicUsed: () => {},
    onError: error => void errors.push(error),
  })
  const send = (...records: SourceRecord[]) => sender.send(records, signal, settle)
  const ack = (i: number, error: Error | null = null) =>
    acks[i]?.(error, { topic: 't', partition: 0, offset: i, timestamp: -1 }, 1)
  return { sender, send, ack, times, clock, submitted, errors, reported, metrics }
}

test('the offset of a batch is committable once all of it is acknowledged, in whatever order', async () => {
  const { send, ack, submitted, sender } = open()
  await send(record(1), record(2), record(3))
  ack(2)
  ack(0)
  assert.deepEqual(submitted.take(), [])
  ack(1)
  assert.deepEqual(submitted.take(), [{ partition: FILE, offset: { position: 3 } }])
  assert.equal(sender.activeCount, 0)
})

test('a batch acknowledged before an earlier one waits for it; other source partitions do not', async () => {
  const { send, ack, submitted } = open()
  await send(record(1))
  await send(record(2), record(9, OTHER))
  ack(1)
  ack(2)
  assert.deepEqual(submitted.take(), [{ partition: OTHER, offset: { position: 9 } }])
  ack(0)
  assert.deepEqual(submitted.take(), [{ partition: FILE, offset: { position: 2 } }])
})

test('a record that the broker refuses is never passed by an offset, and the task is told which one', async () => {
  const { send, ack, submitted, errors } = open()
  await send(record(1), record(2), record(3))
  await send(record(4))
  ack(0)
  ack(1, new Error('the broker said no'))
  ack(2)
  ack(3)
  await settle()
  assert.deepEqual(submitted.take(), [])
  assert.equal(errors.length, 1)
  assert.match(
    errors[0]?.message ?? '',
    /topic t at source partition \{"filename":"a"\}.*"position":1.*"position":3.*the broker said no/,
  )
})

test('a record that the producer refuses at once is never passed by an offset either', async () => {
  const { send, ack, submitted, errors } = open({ refuse: value => value === 'line 2' })
  await send(record(1), record(2), record(3))
  ack(0)
  ack(1)
  await settle()
  assert.deepEqual(submitted.take(), [])
  assert.match(errors[0]?.message ?? '', /too large/)
})

test('under errors.tolerance=all a refused record is reported once, by its own offset, and counts as done', async () => {
  const { send, ack, submitted, errors, reported } = open({ toleratesAll: true, refuse: value => value === 'line 2' })
  await send(record(1), record(2), record(3))
  ack(0)
  ack(1)
  await settle()
  assert.deepEqual(reported, ['the record for topic t at source partition {"filename":"a"}, source offset {"position":2}'])
  assert.deepEqual(submitted.take(), [{ partition: FILE, offset: { position: 3 } }])
  assert.deepEqual(errors, [])
})

test('commitRecord gets each record with metadata of its own', async () => {
  const seen: unknown[] = []
  const { send, ack } = open({ commitRecord: (sent, metadata) => void seen.push([sent.sourceOffset.position, metadata?.offset]) })
  await send(record(1), record(2))
  ack(1)
  ack(0)
  assert.deepEqual(seen, [
    [2, 1],
    [1, 0],
  ])
})

test('a record that does not convert is passed by later offsets only, and tells the task that it was dropped', async () => {
  const seen: unknown[] = []
  const { send, ack, submitted } = open({
    toleratesAll: true,
    isBad: value => value === 'line 2',
    commitRecord: (sent, metadata) => void seen.push([sent.sourceOffset.position, metadata?.offset ?? null]),
  })
  await send(record(1), record(2))
  ack(0)
  // As in Java, what was dropped moves no offset by itself.
  assert.deepEqual(submitted.take(), [{ partition: FILE, offset: { position: 1 } }])
  assert.deepEqual(seen, [
    [2, null],
    [1, 0],
  ])
})

test('with a dead-letter topic the offset of a record that is kept there counts, in its turn', async () => {
  const { send, ack, submitted } = open({ toleratesAll: true, hasDeadLetters: true, isBad: value => value === 'line 2' })
  await send(record(1), record(2))
  assert.deepEqual(submitted.take(), [])
  ack(0)
  assert.deepEqual(submitted.take(), [{ partition: FILE, offset: { position: 2 } }])
})

test('the topic is made once, before its first record, and later records wait for it', async () => {
  const log: string[] = []
  let made = () => {}
  const { send, times } = open({
    ensure: async topic => {
      log.push(topic)
      await new Promise<void>(resolve => void (made = resolve))
    },
  })
  const sending = send(record(1), record(2))
  await settle()
  assert.equal(times.length, 0)
  made()
  await sending
  await send(record(3))
  assert.equal(times.length, 3)
  assert.deepEqual(log, ['t'])
})

test('a topic that cannot be made fails the task even where errors are tolerated', async () => {
  const { send, reported } = open({ toleratesAll: true, ensure: () => Promise.reject(new Error('not authorized')) })
  await assert.rejects(send(record(1)), /not authorized/)
  assert.deepEqual(reported, [])
})

test('a timestamp of -1 is none, an older one is a bad record instead of a broken batch', async () => {
  const at = (timestamp: number) =>
    new SourceRecord(FILE, { position: 1 }, 't', null, null, null, null, 'x', timestamp, NO_HEADERS)
  const { send, times, clock } = open()
  await send(at(-1), at(0))
  assert.deepEqual(times, [clock.now(), 0])
  await assert.rejects(send(at(-2)), /Invalid record timestamp -2/)
})

test('a converter that throws null, or undefined, is tolerated like any other', async () => {
  for (const thrown of [null, undefined]) {
    const isBad = (value: string) => {
      if (value === 'line 1') throw thrown
      return false
    }
    const { send, times, reported } = open({ toleratesAll: true, isBad })
    await send(record(1), record(2))
    assert.deepEqual([times.length, reported.length], [1, 1])
    await assert.rejects(open({ isBad }).send(record(1)), { code: 'CONNECT_TOLERANCE_EXCEEDED', message: /no Error was thrown/ })
  }
})

for (const [to, told] of [
  [-1, /"position":2.*Invalid partition: -1\. Partition number should always be non-negative or null\./],
  [0.5, /"position":2.*kafkaPartition is 0\.5/],
  ['0', /"position":2.*kafkaPartition is a string/],
  [Number.NaN, /"position":2.*kafkaPartition is NaN/],
] as const) {
  test(`a record for partition ${typeof to} ${to} ends the task whatever is tolerated, as in Java, and goes nowhere`, async () => {
    const { send, times, reported } = open({ toleratesAll: true })
    await assert.rejects(send(record(1), record(2, FILE, 'x', to as number)), told)
    assert.deepEqual([times.length, reported], [1, []])
  })
}

test('a record that is none ends the task, which is told what is wrong with it', async () => {
  const change = (fields: object) => Object.assign(record(1), fields)
  const { sourcePartition: _partition, ...withoutPartition } = record(1)
  for (const [odd, told] of [
    [null, /T\.poll returned a list with a record that is null/],
    [{}, /T\.poll returned a list with a record that has undefined as headers/],
    [change({ headers: [] }), /has an array as headers/],
    [change({ headers: null }), /has null as headers/],
    [change({ sourceOffset: 'x' }), /has a string as sourceOffset/],
    [
      change({ sourcePartition: null }),
      /the sourcePartition of a record of T cannot be stored: Offsets must be specified as a Map.*null/,
    ],
    [
      change({ sourcePartition: { since: new Date(0) } }),
      /Offsets may only contain primitive types as values, but field since contains a Date/,
    ],
    [withoutPartition, /the sourcePartition of a record of T.*undefined/],
    [change({ topic: null }), /Topic cannot be null\./],
    [change({ topic: 5 }), /its topic is a number/],
  ] as const) {
    const { send, reported } = open({ toleratesAll: true })
    await assert.rejects(send(odd as SourceRecord), told)
    assert.deepEqual(reported, [])
  }
})

// Goal: a dead letter says what failed and where, holds the record as far as Kafka takes it, and never a secret; it is safe or the task fails.
// Method: the real DeadLetters with a producer that takes and refuses as the test says.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricsSlab } from '../../src/actor/metrics-slab.ts'
import { DataError } from '../../src/base/errors.ts'
import { plugins as jsonPlugins } from '../../src/converters/json/json-converter.ts'
import { Headers, NO_HEADERS } from '../../src/data/headers.ts'
import { SourceRecord } from '../../src/data/record.ts'
import { INT32, STRING } from '../../src/data/schema.ts'
import { structOf } from '../../src/data/schema-builder.ts'
import { Struct } from '../../src/data/struct.ts'
import { ErrorCode, kafkaError } from '../../src/kafka/codec/errors.ts'
import type { Producer } from '../../src/kafka/producer.ts'
import type { RawHeader } from '../../src/kafka/types.ts'
import { Chain } from '../../src/task/chain.ts'
import { DeadLetters } from '../../src/task/dead-letters.ts'
import { type SinkOrigin, sourceOrigin } from '../../src/task/origin.ts'
import { sourceLetter } from '../../src/task/source-letter.ts'
import type { Failure } from '../../src/task/tolerance.ts'
import { settle } from '../support/clock.ts'

interface Taken {
  key: Buffer | null
  value: Buffer | null
  headers: Record<string, string>
  timestamp: number
}

function jsonConverter() {
  const plugin = jsonPlugins.find(p => p.kind === 'converter')
  assert.ok(plugin?.kind === 'converter')
  const converter = plugin.create()
  converter.configure({}, false)
  return converter
}

function open(
  options: {
    bytesMax?: number
    brokerBytesMax?: number
    isRefused?: boolean
    contextHeaders?: boolean
    brokerTimeMax?: number
  } = {},
) {
  const taken: Taken[] = []
  const json = jsonConverter()
  const header = {
    configure() {},
    toConnectHeader: () => ({ schema: null, value: null }),
    fromConnectHeader: (_topic: string, _key: string, _schema: unknown, value: unknown) => Buffer.from(`<${String(value)}>`),
  }
  const chain = new Chain({
    key: { className: 'K', converter: json },
    value: { className: 'V', converter: json },
    header: { className: 'H', converter: header },
    steps: [],
  })
  const tooLarge = () => new DataError('too large', { code: 'CONNECT_RECORD_TOO_LARGE' })
  const producer = {
    append(
      _topic: string,
      _partition: unknown,
      timestamp: number,
      key: Buffer | null,
      value: Buffer | null,
      headers: readonly RawHeader[],
      onAck: (error: Error | null) => void,
    ) {
      const bytesOf = (header: RawHeader) => header.key.length + (header.value?.length ?? 0)
      const bytes = headers.reduce((sum, header) => sum + bytesOf(header), (key?.length ?? 0) + (value?.length ?? 0))
      if (!Number.isSafeInteger(timestamp)) throw new DataError('no timestamp')
      if (bytes > (options.bytesMax ?? 1_000_000)) throw tooLarge()
      setImmediate(() => {
        if (options.isRefused) return onAck(new Error('not authorized'))
        if (timestamp > (options.brokerTimeMax ?? timestamp)) return onAck(kafkaError('Produce', ErrorCode.INVALID_TIMESTAMP))
        if (bytes > (options.brokerBytesMax ?? 1_000_000)) return onAck(tooLarge())
        taken.push({ key, value, timestamp, headers: Object.fromEntries(headers.map(h => [h.key, String(h.value)])) })
        onAck(null)
      })
      return undefined
    },
    flush: () => settle(),
  } as unknown as Producer
  const metrics = new MetricsSlab()
  const letters = new DeadLetters({
    topic: 'letters',
    connector: 'c',
    task: 3,
    contextHeaders: options.contextHeaders ?? false,
    producer,
    metrics,
    letterOf: record => sourceLetter(record, json, chain),
    redact: text => text.replaceAll('hunter2', '[hidden]'),
  })
  return { letters, taken, metrics, json }
}

const ROW = structOf({ id: INT32, name: STRING })
const row = (name: string) =>
  new SourceRecord(
    { table: 'a' },
    { id: 7, big: 9007199254740993n },
    't',
    null,
    STRING,
    'k',
    ROW,
    new Struct(ROW, [7, name]),
    55,
    NO_HEADERS,
  )
const failure = (record: SourceRecord, message = 'does not convert'): Failure => ({
  stage: 'VALUE_CONVERTER',
  className: 'org.example.C',
  error: new DataError(message),
  origin: sourceOrigin(record),
})

test('a source record is written so that JsonConverter reads back the same data, with its place in the source', async () => {
  const { letters, taken, json } = open()
  await letters.report(failure(row('x')))
  await letters.flush()
  const [letter] = taken
  assert.ok(letter)
  assert.deepEqual(json.toConnectData('t', letter.value, NO_HEADERS), { schema: ROW, value: row('x').value })
  assert.deepEqual(JSON.parse(String(letter.key)), { schema: { type: 'string', optional: false }, payload: 'k' })
  assert.equal(letter.timestamp, 55)
  assert.deepEqual(letter.headers, {
    '__connect.errors.source.partition': '{"table":"a"}',
    '__connect.errors.source.offset': '{"id":7,"big":"9007199254740993"}',
  })
})

test("context headers of a source stand in Java's order, without a partition and offset it does not have", async () => {
  const { letters, taken } = open({ contextHeaders: true })
  await letters.report(failure(row('x')))
  await letters.flush()
  const names = Object.keys(taken[0]?.headers ?? {}).map(name => name.replace('__connect.errors.', ''))
  assert.deepEqual(names, [
    'source.partition',
    'source.offset',
    'topic',
    'connector.name',
    'task.id',
    'stage',
    'class.name',
    'exception.class.name',
    'exception.message',
    'exception.stacktrace',
  ])
})

test('a value that fits no schema, which is often why the record failed, is kept as text', async () => {
  const { letters, taken } = open()
  const bad = new SourceRecord({ f: 'a' }, { p: 1 }, 't', null, null, null, INT32, { not: 'a number' }, null, NO_HEADERS)
  await letters.report(failure(bad))
  await letters.flush()
  assert.equal(String(taken[0]?.value), '{"schema":null,"payload":"{\\"not\\":\\"a number\\"}"}')
  assert.equal(taken[0]?.key, null)
})

test("a record's own headers are kept in the header converter's form", async () => {
  const { letters, taken } = open()
  const record = row('x').with({ headers: new Headers([{ key: 'trace', schema: null, value: 'abc' }]) })
  await letters.report(failure(record))
  await letters.flush()
  assert.equal(taken[0]?.headers.trace, '<abc>')
})

for (const [who, options] of [
  ['the producer', { bytesMax: 2_000 }],
  ['the broker', { brokerBytesMax: 2_000 }],
] as const) {
  test(`a record too large for ${who} is cut, and its letter tells the whole length`, async () => {
    const { letters, taken, metrics } = open(options)
    await letters.report(failure(row('x'.repeat(10_000))))
    await letters.flush()
    assert.equal(taken.length, 1)
    assert.ok((taken[0]?.value?.length ?? 0) > 500)
    assert.match(taken[0]?.headers['__connect.errors.value.cut.from.bytes'] ?? '', /^10\d{3}$/)
    assert.equal(metrics.get('dlqFailures'), 0)
    assert.equal(metrics.get('dlqRequests'), 1)
  })
}

test('a value of a config provider in the message or the trace does not get into the topic', async () => {
  const { letters, taken } = open({ contextHeaders: true })
  await letters.report(failure(row('x'), 'login with hunter2 failed'))
  await letters.flush()
  assert.ok(!JSON.stringify(taken[0]?.headers).includes('hunter2'))
  assert.match(taken[0]?.headers['__connect.errors.exception.message'] ?? '', /login with \[hidden\] failed/)
})

test('a letter that cannot be written fails the flush, so no offset passes the record, and every later report', async () => {
  const { letters, metrics } = open({ isRefused: true })
  await letters.report(failure(row('x')))
  await assert.rejects(letters.flush(), { code: 'CONNECT_DEAD_LETTER', message: /letters.*not authorized/ })
  await assert.rejects(letters.report(failure(row('y'))), { code: 'CONNECT_DEAD_LETTER' })
  assert.equal(metrics.get('dlqFailures'), 1)
})

const sinkFailure = (error: Error): Failure => {
  const describe = () => 'topic t, partition 0, offset 5'
  const place = {
    kind: 'sink',
    topic: 't',
    partition: 0,
    offset: 5,
    timestamp: 55,
    timestampType: 'CreateTime',
    describe,
  } as const
  const origin: SinkOrigin = { ...place, key: Buffer.from('k'), value: Buffer.from('v'), headers: [] }
  return { stage: 'TRANSFORMATION', className: 'T', error, origin }
}

for (const [whose, failed] of [
  ['a sink', sinkFailure],
  ['a source', (error: Error): Failure => ({ ...failure(row('x')), error })],
] as const) {
  test(`a message of 3 MB is cut with the stack until the letter of ${whose} fits; the record stays whole`, async () => {
    const { letters, taken, metrics } = open({ contextHeaders: true })
    await letters.report(failed(new DataError('M'.repeat(3_000_000))))
    await letters.flush()
    const [letter] = taken
    assert.ok(letter)
    assert.match(letter.headers['__connect.errors.exception.message'] ?? '', /^M{1000,}$/)
    assert.equal(letter.headers['__connect.errors.exception.message.cut.from.bytes'], '3000000')
    assert.match(letter.headers['__connect.errors.exception.stacktrace'] ?? '', /^DataError: M{1000,}/)
    assert.equal(letter.headers['__connect.errors.value.cut.from.bytes'], undefined)
    assert.equal(metrics.get('dlqFailures'), 0)
  })
}

test('key and value of a sink record are never cut: a letter too large for all that fails the flush', async () => {
  const { letters } = open({ bytesMax: 1 })
  await letters.report(sinkFailure(new DataError('bad'))).catch(() => undefined)
  await assert.rejects(letters.flush(), { code: 'CONNECT_DEAD_LETTER', message: /too large/ })
})

test('a timestamp that Kafka does not take, which may be why the record failed, is not in its letter', async () => {
  for (const timestamp of [Number.NaN, 1.5, '12', 1e300, -5, undefined]) {
    const { letters, taken } = open()
    await letters.report(failure(Object.assign(row('x'), { timestamp })))
    await letters.flush()
    assert.deepEqual(
      taken.map(t => t.timestamp),
      [-1],
      String(timestamp),
    )
  }
  const { letters, taken, metrics } = open({ brokerTimeMax: 50 })
  await letters.report(failure(row('x')))
  await letters.flush()
  assert.deepEqual([taken.map(t => t.timestamp), metrics.get('dlqFailures')], [[-1], 0])
})

// Offsets of a request as they are stored: which numbers are taken, and which entry counts. The statuses are Java's (parity run).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { offsetsOf } from '../../src/rest/body.ts'
import { parseBody } from '../../src/rest/json-body.ts'
import { sinkOffsets, sourceOffsets } from '../../src/supervisor/asked-offsets.ts'

const asked = (...entries: string[]) => offsetsOf(parseBody(Buffer.from(`{"offsets":[${entries.join(',')}]}`)))
const source = (position: string) => asked(`{"partition":{"f":1},"offset":{"position":${position}}}`)
const entry = (partition: string, offset: string) =>
  `{"partition":{"kafka_topic":"t","kafka_partition":${partition}},"offset":${offset === 'null' ? offset : `{"kafka_offset":${offset}}`}}`
const sink = (partition: string, offset: string) => asked(entry(partition, offset))

test('an integer of a source keeps its digits up to int64, beyond it is refused', () => {
  for (const [text, value] of [
    ['9007199254740993', 9_007_199_254_740_993n],
    ['9223372036854775807', 9_223_372_036_854_775_807n],
    ['-9223372036854775808', -9_223_372_036_854_775_808n],
    ['1000000000000000', 1_000_000_000_000_000],
    ['1.5', 1.5],
    ['7', 7],
  ] as const)
    assert.deepEqual(sourceOffsets(source(text)), [{ partition: { f: 1 }, offset: { position: value } }])
  for (const text of ['9223372036854775808', '-9223372036854775809', '99999999999999999999', '9'.repeat(100_000)])
    assert.throws(() => sourceOffsets(source(text)), { code: 'CONNECT_ERROR', message: /"position".*beyond 64 bits/ })
})

test('of two entries for one partition of a source the last counts, whatever the order of its keys', () => {
  const entries = asked('{"partition":{"a":1,"b":2},"offset":{"n":1}}', '{"partition":{"b":2,"a":1},"offset":null}')
  assert.deepEqual(sourceOffsets(entries), [{ partition: { b: 2, a: 1 }, offset: null }])
})

test('of two entries for one partition of a sink the last counts, as number or text', () => {
  assert.deepEqual(sinkOffsets(asked(entry('0', '1'), entry('"0"', '2'), entry('1', '5'))), [
    { topic: 't', partition: 0, offset: 2 },
    { topic: 't', partition: 1, offset: 5 },
  ])
  assert.deepEqual(sinkOffsets(asked(entry('0', '1'), entry('0', 'null'))), [{ topic: 't', partition: 0, offset: null }])
})

test('numbers of a sink are read as Java reads their texts', () => {
  assert.deepEqual(sinkOffsets(sink('"+2"', '"0010"')), [{ topic: 't', partition: 2, offset: 10 }])
  assert.deepEqual(sinkOffsets(sink('2147483647', '9007199254740991')), [
    { topic: 't', partition: 2_147_483_647, offset: 9_007_199_254_740_991 },
  ])
  for (const bad of ['" 0 "', '"0x1"', '0.0', '1.0', '1e2', '""', 'true', '"1n"', '2147483648', '99999999999999999999'])
    assert.throws(() => sinkOffsets(sink(bad, '1')), {
      code: 'CONNECT_BAD_REQUEST',
      message: /Failed to parse.*partition.*integers/,
    })
  for (const bad of ['" 0 "', '"0x1"', '1.0', '1e2', 'true', '9223372036854775808'])
    assert.throws(() => sinkOffsets(sink('0', bad)), {
      code: 'CONNECT_BAD_REQUEST',
      message: /Failed to parse.*offset.*integers/,
    })
})

test('an offset of a sink beyond 2^53 is refused with the limit', () => {
  assert.throws(() => sinkOffsets(sink('0', '9223372036854775807')), {
    code: 'CONNECT_BAD_REQUEST',
    message: /9223372036854775807 is too large: offsets up to 9007199254740991/,
  })
})

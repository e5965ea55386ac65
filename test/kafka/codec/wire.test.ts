// Goal: primitive types go forth and back, and an answer that is too short or lies about a length is a KafkaError, never a read beyond it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaError } from '../../../src/base/errors.ts'
import { crc32c, plainCrc32c } from '../../../src/kafka/codec/crc32c.ts'
import { errorInfo, kafkaError } from '../../../src/kafka/codec/errors.ts'
import { Reader, Writer } from '../../../src/kafka/codec/wire.ts'

test('every type forth and back', () => {
  const safe = [
    0,
    1,
    -1,
    2 ** 31,
    -(2 ** 31) - 1,
    2 ** 32 - 1,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    1_700_000_000_000,
  ]
  const bytes = new Writer(1)
    .int8(-1)
    .int16(-2)
    .int32(-3)
    .array(safe, (w, n) => w.int64(n))
    .string('añb')
    .nullableString(null)
    .bytes(Buffer.from('xyz'))
    .nullableBytes(null)
    .nullableArray(null, () => {})
    .boolean(true)
    .finish()
  const r = new Reader(bytes)
  assert.deepEqual([r.int8(), r.int16(), r.int32()], [-1, -2, -3])
  assert.deepEqual(
    r.array(() => r.int64()),
    safe,
  )
  assert.deepEqual([r.string(), r.nullableString(), String(r.bytes()), r.nullableBytes()], ['añb', null, 'xyz', null])
  assert.deepEqual([r.array(() => r.int8()), r.boolean(), r.remaining], [[], true, 0])
})

test('int64 is what Node’s own bigint is', () => {
  for (const n of [5, -5, 2 ** 33 + 7, -(2 ** 52) - 1]) {
    const bytes = new Writer().int64(n).finish()
    assert.equal(Number(bytes.readBigInt64BE()), n)
  }
  assert.throws(() => new Writer().int64(2 ** 53), RangeError)
  assert.throws(() => new Writer().int64(0.5), RangeError)
})

test('an answer that ends too soon or names an impossible length is a KafkaError', () => {
  const reads: ((r: Reader) => unknown)[] = [
    r => r.int64(),
    r => r.string(),
    r => r.bytes(),
    r => r.array(() => r.int8()),
    r => r.skip(-1),
  ]
  for (const lie of [Buffer.from([0x7f]), Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2])])
    for (const read of reads) assert.throws(() => read(new Reader(lie)), KafkaError)
})

test('the plain checksum is the native one, whatever the length', () => {
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7919) >>> 3))
  for (let length = 0; length < 80; length++)
    assert.equal(plainCrc32c(bytes.subarray(0, length)), crc32c(bytes.subarray(0, length)))
  assert.equal(plainCrc32c(bytes), crc32c(bytes))
  assert.equal(plainCrc32c(Buffer.from('123456789')), 0xe306_9283)
})

test('an error code becomes an error that says what and where, also one that is not known yet', () => {
  const error = kafkaError('Fetch', 6, 'orders-3')
  assert.equal(
    error.message,
    'Fetch failed (orders-3): the broker is not, or no longer, the leader of the partition [NOT_LEADER_OR_FOLLOWER]',
  )
  assert.equal(error.retriable, true)
  assert.equal(errorInfo(999).name, 'ERROR_999')
  for (let code = -1; code <= 133; code++) assert.equal(errorInfo(code).code, code)
})

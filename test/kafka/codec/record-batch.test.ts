// Goal: batches are read as Java reads and writes them, and bytes that keep to no format end in an error that names the place.
// Method: golden batches from Java's classes (test/golden/kafka/recorder), and batches of our own builder, whole and spoilt.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { COMPRESSIONS } from '../../../src/kafka/codec/compression.ts'
import { PartitionRecords } from '../../../src/kafka/codec/partition-records.ts'
import { readHeaders } from '../../../src/kafka/codec/record-batch.ts'
import { RECORD_OVERHEAD_BYTES_MAX, RecordBatchBuilder, recordBytesMax } from '../../../src/kafka/codec/record-batch-builder.ts'
import { buildBatch, decoded, drain, handMade, marker, numbered, offsetsOf, recordsOf, resealed } from '../../support/batches.ts'

interface Golden {
  readonly name: string
  readonly bytes: string
  readonly records: readonly [number, number, string | null, string | null, [string, string | null][]][]
}
const golden = JSON.parse(
  readFileSync(new URL('../../golden/kafka/record-batches.json', import.meta.url), 'utf8'),
) as readonly Golden[]
const bytes = (base64: string | null) => (base64 === null ? null : Buffer.from(base64, 'base64'))

for (const { name, bytes: batch, records } of golden)
  test(`reads what Java wrote: ${name}`, () => {
    const read = decoded(drain(recordsOf(Buffer.from(batch, 'base64'))))
    const expected = records.map(([offset, timestamp, key, value, headers]) => ({
      offset,
      timestamp,
      key: bytes(key),
      value: bytes(value),
      headers: headers.map(([k, v]) => ({ key: k, value: bytes(v) })),
    }))
    assert.deepEqual(read, expected)
  })

test('timestamps of LogAppendTime are the broker’s', () => {
  const batch = golden.find(g => g.name === 'log append time') as Golden
  assert.deepEqual(
    drain(recordsOf(Buffer.from(batch.bytes, 'base64'))).map(b => b.timestampType),
    ['LogAppendTime'],
  )
})

for (const compression of COMPRESSIONS)
  test(`reads what it wrote: ${compression}`, () => {
    const headers = [
      { key: 'ключ', value: null },
      { key: '', value: Buffer.from('x') },
    ]
    const records = [
      { timestamp: 5, key: Buffer.from('k'), value: Buffer.from('v'), headers },
      { timestamp: -1, key: null, value: null, headers: [] },
      { timestamp: 5 + 2 ** 45, key: Buffer.alloc(0), value: Buffer.alloc(70_000, 'large '), headers: [] },
    ]
    const read = decoded(drain(recordsOf(buildBatch(records, { compression, baseOffset: 2 ** 40 }), 2 ** 40)))
    assert.deepEqual(
      read,
      records.map((r, i) => ({ offset: 2 ** 40 + i, ...r })),
    )
  })

test('what a record takes is never more than was said before', () => {
  const headers = [{ key: 'héader', value: Buffer.alloc(300) }]
  const builder = new RecordBatchBuilder({ compression: 'none' })
  for (const size of [0, 1, 63, 64, 8191, 8192, 1_048_576]) {
    const value = Buffer.alloc(size)
    assert.ok(builder.append(2 ** 32 * size, value, value, headers) <= recordBytesMax(value, size, headers))
  }
  assert.equal(builder.build().length, builder.bytes)
})

test('a value comes out the same whether it was given as bytes, as a text or as a range of a larger buffer', () => {
  const times = [5, 3, 5, 2 ** 40, 0]
  for (const text of ['', 'a', 'x'.repeat(48), 'x'.repeat(49), 'größe 日本 😀', '\u0000'.repeat(64), 'y'.repeat(20_000)]) {
    const bytes = Buffer.from(text)
    const around = Buffer.concat([Buffer.from('before'), bytes, Buffer.from('behind')])
    const builders = Array.from({ length: 3 }, () => new RecordBatchBuilder({ compression: 'none' }))
    const [asBytes, asText, asRange] = builders as [RecordBatchBuilder, RecordBatchBuilder, RecordBatchBuilder]
    for (const time of times) {
      const size = asBytes.append(time, null, bytes, [])
      assert.equal(asText.append(time, null, text, []), size)
      assert.equal(asRange.appendRange(time, around, 6, 6 + bytes.length), size)
      assert.ok(size <= RECORD_OVERHEAD_BYTES_MAX + bytes.length)
    }
    const [expected, ...others] = builders.map(builder => builder.build().toString('hex'))
    for (const other of others) assert.equal(other, expected)
  }
})

test('neighbouring batches of a slow topic come as one, in order, up to a size', () => {
  const log = Buffer.concat(Array.from({ length: 500 }, (_, i) => buildBatch(numbered(1, i), { baseOffset: i })))
  const batches = drain(recordsOf(log))
  assert.equal(batches.length, 1)
  assert.deepEqual(
    offsetsOf(batches),
    Array.from({ length: 500 }, (_, i) => i),
  )
  const large = Buffer.concat(
    Array.from({ length: 6 }, (_, i) => buildBatch([{ value: Buffer.alloc(100_000) }], { baseOffset: i })),
  )
  assert.deepEqual(
    drain(recordsOf(large)).map(b => [b.count, b.nextOffset]),
    [
      [3, 3],
      [3, 6],
    ],
  )
})

test('compressed and uncompressed neighbours keep their order', () => {
  const log = Buffer.concat([
    buildBatch(numbered(2), { baseOffset: 0 }),
    buildBatch(numbered(2), { baseOffset: 2, compression: 'zstd' }),
    buildBatch(numbered(2), { baseOffset: 4, compression: 'lz4' }),
    buildBatch(numbered(2), { baseOffset: 6 }),
  ])
  assert.deepEqual(offsetsOf(drain(recordsOf(log))), [0, 1, 2, 3, 4, 5, 6, 7])
})

for (const compression of ['none', 'gzip'] as const)
  test(`records before the offset asked for are left out (${compression})`, () => {
    const log = Buffer.concat([
      buildBatch(numbered(10), { baseOffset: 0, compression }),
      buildBatch(numbered(10, 10), { baseOffset: 10, compression }),
      buildBatch(numbered(10, 20), { baseOffset: 20, compression }),
    ])
    const records = recordsOf(log, 17)
    const read = decoded(drain(records))
    assert.deepEqual(
      read.map(r => r.offset),
      Array.from({ length: 13 }, (_, i) => 17 + i),
    )
    assert.deepEqual(
      read.map(r => String(r.value)),
      read.map(r => String(r.offset)),
    )
    assert.equal(records.endOffset, 30)
    assert.equal(records.nextOffset, 30)
  })

test('a last batch that was cut off is left for the next fetch, wherever it was cut', () => {
  const whole = buildBatch(numbered(2))
  const next = buildBatch(numbered(2, 2), { baseOffset: 2 })
  for (let cut = 0; cut < next.length; cut++) {
    const records = recordsOf(Buffer.concat([whole, next.subarray(0, cut)]))
    assert.deepEqual(offsetsOf(drain(records)), [0, 1])
    assert.equal(records.endOffset, 2)
  }
})

test('a batch of compaction, empty or with holes, moves the position to its end', () => {
  const holes = buildBatch(numbered(2))
  holes.writeInt32BE(9, 23)
  const empty = handMade(Buffer.alloc(0), 0)
  empty.writeBigInt64BE(10n, 0)
  empty.writeInt32BE(4, 23)
  const records = recordsOf(Buffer.concat([resealed(holes), resealed(empty)]))
  assert.deepEqual(offsetsOf(drain(records)), [0, 1])
  assert.equal(records.nextOffset, 15)
})

// ---- transactions

test('read_committed leaves out aborted transactions and markers, and nothing else', () => {
  const of = (producerId: number, baseOffset: number) =>
    buildBatch(numbered(2, baseOffset), { baseOffset, producerId, attributes: 16 })
  const log = Buffer.concat([
    of(1, 0), // aborted
    of(2, 2), // committed
    buildBatch(numbered(1, 4), { baseOffset: 4 }),
    marker('abort', 1, 5),
    of(1, 6), // the next transaction of the same producer, committed
    marker('commit', 2, 8),
    marker('commit', 1, 9),
    of(3, 10), // aborted
    marker('abort', 3, 12),
  ])
  const aborted = [
    { producerId: 3, firstOffset: 10 },
    { producerId: 1, firstOffset: 0 },
  ]
  const records = recordsOf(log, 0, aborted)
  assert.deepEqual(offsetsOf(drain(records)), [2, 3, 4, 6, 7])
  assert.equal(records.nextOffset, 13)
  assert.deepEqual(offsetsOf(drain(recordsOf(log))), [0, 1, 2, 3, 4, 6, 7, 10, 11])
})

test('a fetch that begins behind the aborted records does not take the next transaction of the producer for aborted', () => {
  const log = Buffer.concat([
    marker('abort', 1, 5),
    buildBatch(numbered(2), { baseOffset: 6, producerId: 1, attributes: 16 }),
    marker('commit', 1, 8),
  ])
  assert.deepEqual(offsetsOf(drain(recordsOf(log, 5, [{ producerId: 1, firstOffset: 0 }]))), [6, 7])
})

// ---- damage

function failure(buffer: Buffer, fromOffset = 0): Error {
  try {
    drain(recordsOf(buffer, fromOffset))
  } catch (error) {
    return error as Error
  }
  throw assert.fail('no error')
}

test('a single flipped bit behind the checksum is found, and topic, partition and offset are named', () => {
  const batch = buildBatch(numbered(3), { baseOffset: 7 })
  for (let at = 17; at < batch.length; at++) {
    const spoilt = Buffer.from(batch)
    spoilt.writeUInt8(spoilt.readUInt8(at) ^ 4, at)
    const error = failure(spoilt, 7)
    assert.match(error.message, /at offset 7 of t-3 cannot be read/)
    assert.equal((error as { code?: string }).code, 'CONNECT_CORRUPT_BATCH')
  }
})

test('good records before a damaged batch are delivered first, then the error comes, and comes again', () => {
  const spoilt = buildBatch(numbered(3), { baseOffset: 2 })
  spoilt.writeUInt8(1, 70)
  const records = recordsOf(Buffer.concat([buildBatch(numbered(2)), spoilt]))
  assert.deepEqual(offsetsOf([records.next()].filter(b => b !== null)), [0, 1])
  assert.throws(() => records.next(), /at offset 2 of t-3.*damaged/)
  assert.throws(() => records.next(), /at offset 2 of t-3.*damaged/)
  assert.equal(records.nextOffset, 2)
})

test('messages of the formats before Kafka 0.11 get an error that says so', () => {
  const batch = buildBatch(numbered(1))
  for (const magic of [0, 1]) {
    batch.writeUInt8(magic, 16)
    assert.match(failure(batch).message, new RegExp(`message format v${magic}`))
  }
  batch.writeUInt8(9, 16)
  assert.match(failure(batch).message, /its format \(9\) is not known/)
})

const hostile: Record<string, () => Buffer> = {
  'claims more records than it has room for': () => handMade(Buffer.alloc(20), 2 ** 31 - 1),
  'claims a negative number of records': () => handMade(Buffer.alloc(20), -5),
  'has a record longer than the batch': () => handMade(Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0]), 1),
  'has a record of negative length': () => handMade(Buffer.from([0x01, 0, 0, 0, 0, 0, 0]), 1),
  'has a key longer than its record': () => handMade(Buffer.from([0x0c, 0, 0, 0, 0x7e, 0, 0, 0]), 1),
  'has a key of length -2': () => handMade(Buffer.from([0x0c, 0, 0, 0, 0x03, 0x01, 0]), 1),
  'has a varint that does not end': () => handMade(Buffer.alloc(16, 0xff), 1),
  'has a timestamp that does not end': () => handMade(Buffer.concat([Buffer.from([0x40, 0]), Buffer.alloc(32, 0xff)]), 1),
  'has bytes behind its last record': () => handMade(Buffer.from([0x0c, 0, 0, 0, 1, 1, 0, 9, 9]), 1),
  'has offsets that do not rise': () => handMade(Buffer.from([0x0c, 0, 0, 2, 1, 1, 0, 0x0c, 0, 0, 2, 1, 1, 0]), 2),
  'has an offset beyond its end': () => handMade(Buffer.from([0x0c, 0, 0, 0x60, 1, 1, 0]), 1),
  'is shorter than its header': () => {
    const batch = Buffer.alloc(100)
    batch.writeInt32BE(20, 8)
    batch.writeUInt8(2, 16)
    return batch
  },
  'has a negative length': () => {
    const batch = buildBatch(numbered(1))
    batch.writeInt32BE(-12, 8)
    return batch
  },
}
for (const [what, make] of Object.entries(hostile))
  test(`a batch that ${what} is an error, though its checksum is right`, () => {
    assert.match(failure(make()).message, /^the record batch at offset 0 of t-3 cannot be read: /)
  })

test('headers that lie about their lengths are an error when they are read, and not before', () => {
  for (const headers of [[0x7e], [0x02, 0x7e, 0x61], [0x02, 0x02, 0x61, 0x7e], [0x01], [0x02, 0x01, 0], [0xff]]) {
    const body = Buffer.from([0, 0, 0, 1, 1, ...headers])
    const [batch] = drain(recordsOf(handMade(Buffer.concat([Buffer.from([body.length * 2]), body]), 1)))
    assert.ok(batch)
    assert.throws(() => readHeaders(batch, 0), /headers of the record at offset 0 of t-3/)
  }
})

test('bytes wider than the answer for one partition are never read', () => {
  const answer = Buffer.concat([buildBatch(numbered(1)), buildBatch(numbered(9), { baseOffset: 1 })])
  const first = buildBatch(numbered(1)).length
  const records = new PartitionRecords({
    topic: 't',
    partition: 3,
    epoch: 1,
    highWatermark: 1,
    buffer: answer.subarray(0, first),
    fromOffset: 0,
    aborted: null,
  })
  assert.deepEqual(offsetsOf(drain(records)), [0])
})

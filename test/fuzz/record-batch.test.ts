// Goal: any records in any compression come back as they went in, and spoilt bytes never crash, hang or read beyond their end: they end in
// a DataError, or the records are the ones before the damage. Method: fast-check, time-boxed; a failure prints its seed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DataError, KafkaError } from '../../src/base/errors.ts'
import { CRC_AT } from '../../src/kafka/codec/batch-header.ts'
import { COMPRESSIONS } from '../../src/kafka/codec/compression.ts'
import { decodeFetch } from '../../src/kafka/codec/fetch.ts'
import { decodeMetadata } from '../../src/kafka/codec/metadata.ts'
import { decodeProduce } from '../../src/kafka/codec/produce.ts'
import { buildBatch, decoded, drain, recordsOf, resealed } from '../support/batches.ts'

const TIME_MS = 2500
const box = { interruptAfterTimeLimit: TIME_MS, numRuns: 100_000, markInterruptAsFailure: false }

const plain = { noNullPrototype: true }
const field = fc.option(fc.uint8Array({ maxLength: 300 }).map(b => Buffer.from(b)))
const text = fc.string({ unit: 'grapheme', maxLength: 20 })
const record = fc.record(
  {
    timestamp: fc.oneof(fc.integer({ min: -1, max: 10_000 }), fc.maxSafeNat()),
    key: field,
    value: field,
    headers: fc.array(fc.record({ key: text, value: field }, plain), { maxLength: 4 }),
  },
  plain,
)
const batch = fc.record({
  records: fc.array(record, { minLength: 1, maxLength: 40 }),
  compression: fc.constantFrom(...COMPRESSIONS),
})

test('any batches come back as they went in, from any offset on', () => {
  fc.assert(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 4 }), fc.nat(), fc.nat(2 ** 45), (batches, skip, start) => {
      const buffers: Buffer[] = []
      const expected = []
      let offset = start
      for (const { records, compression } of batches) {
        buffers.push(buildBatch(records, { compression, baseOffset: offset }))
        for (const r of records) expected.push({ offset: offset++, ...r })
      }
      const from = start + (skip % expected.length)
      const read = decoded(drain(recordsOf(Buffer.concat(buffers), from)))
      assert.deepEqual(
        read,
        expected.filter(r => r.offset >= from),
      )
    }),
    box,
  )
})

/** Reads all there is; anything thrown must be a DataError. */
function readAll(bytes: Buffer): void {
  try {
    for (const { value, key } of decoded(drain(recordsOf(bytes)))) assert.ok((value?.length ?? 0) + (key?.length ?? 0) >= 0)
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    assert.match(error.message, /of t-3/)
  }
}

const change = fc.record({ at: fc.nat(), to: fc.nat(255) })

test('damage under a wrong checksum is always found', () => {
  fc.assert(
    fc.property(batch, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ records, compression }, at, flip) => {
      const bytes = buildBatch(records, { compression })
      const where = CRC_AT + (at % (bytes.length - CRC_AT))
      bytes.writeUInt8(bytes.readUInt8(where) ^ flip, where)
      assert.throws(() => drain(recordsOf(bytes)), DataError)
    }),
    box,
  )
})

test('damage under a right checksum is an error or other records, never a crash', () => {
  fc.assert(
    fc.property(batch, fc.array(change, { minLength: 1, maxLength: 5 }), fc.nat(), ({ records, compression }, changes, cut) => {
      const bytes = buildBatch(records, { compression })
      for (const { at, to } of changes) bytes.writeUInt8(to, at % bytes.length)
      readAll(resealed(bytes))
      readAll(bytes.subarray(0, cut % bytes.length))
    }),
    box,
  )
})

test('bytes that were never a batch', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
      const buffer = Buffer.from(bytes)
      readAll(buffer)
      if (buffer.length > 61) {
        buffer.writeUInt8(2, 16)
        buffer.writeInt32BE(buffer.length - 12, 8)
        readAll(resealed(buffer))
      }
    }),
    box,
  )
})

test('answers of a broker that are no answers', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      for (const decode of [decodeFetch, decodeProduce, decodeMetadata])
        try {
          decode(Buffer.from(bytes))
        } catch (error) {
          if (!(error instanceof KafkaError)) throw error
        }
    }),
    box,
  )
})

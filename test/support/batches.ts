// Record batches for tests: built by our builder, put at an offset, changed byte by byte; and what a decoder makes of them.
import { ATTRIBUTES_AT, CRC_AT, PRODUCER_ID_AT } from '../../src/kafka/codec/batch-header.ts'
import { COMPRESSIONS, type Compression, compress } from '../../src/kafka/codec/compression.ts'
import { crc32c } from '../../src/kafka/codec/crc32c.ts'
import { type AbortedTransaction, PartitionRecords } from '../../src/kafka/codec/partition-records.ts'
import { readHeaders, readKey, readValue } from '../../src/kafka/codec/record-batch.ts'
import { RecordBatchBuilder } from '../../src/kafka/codec/record-batch-builder.ts'
import type { RawBatch, RawHeader } from '../../src/kafka/types.ts'

export interface PlainRecord {
  readonly timestamp?: number
  readonly key?: Buffer | null
  readonly value?: Buffer | null
  readonly headers?: readonly RawHeader[]
}

export interface BatchShape {
  readonly compression?: Compression
  readonly baseOffset?: number
  readonly producerId?: number
  readonly attributes?: number
}

export function buildBatch(records: readonly PlainRecord[], shape: BatchShape = {}): Buffer {
  const builder = new RecordBatchBuilder({ compression: shape.compression ?? 'none', initialBytes: 64 })
  for (const r of records) builder.append(r.timestamp ?? 0, r.key ?? null, r.value ?? null, r.headers ?? [])
  const id = shape.producerId ?? -1
  const batch = builder.build(id, id === -1 ? -1 : 0, id === -1 ? -1 : 0, shape.attributes ?? 0)
  batch.writeBigInt64BE(BigInt(shape.baseOffset ?? 0), 0)
  return batch
}

/** As many records, valued by their offset. */
export function numbered(count: number, from = 0): PlainRecord[] {
  return Array.from({ length: count }, (_, i) => ({ value: Buffer.from(String(from + i)) }))
}

const COMMIT = 1
const ABORT = 0

/** The control batch that ends a producer's transaction. */
export function marker(kind: 'commit' | 'abort', producerId: number, baseOffset: number): Buffer {
  const key = Buffer.from([0, 0, 0, kind === 'commit' ? COMMIT : ABORT])
  return buildBatch([{ key, value: Buffer.alloc(6) }], { baseOffset, producerId, attributes: 16 | 32 })
}

/** A batch whose header or records were changed gets the checksum that fits. */
export function resealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT)), CRC_AT)
  return batch
}

export function withProducer(batch: Buffer, producerId: number): Buffer {
  batch.writeBigInt64BE(BigInt(producerId), PRODUCER_ID_AT)
  return resealed(batch)
}

/** A batch that says `count` records and a compression, around whatever bytes. */
export function handMade(records: Buffer, count: number, compression: Compression = 'none'): Buffer {
  const payload = compress(compression, records)
  const batch = Buffer.concat([buildBatch([{}]).subarray(0, 61), payload])
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt16BE(COMPRESSIONS.indexOf(compression), ATTRIBUTES_AT)
  batch.writeInt32BE(Math.max(count - 1, 0), 23)
  batch.writeInt32BE(count, 57)
  return resealed(batch)
}

export function recordsOf(
  buffer: Buffer,
  fromOffset = 0,
  aborted: readonly AbortedTransaction[] | null = null,
): PartitionRecords {
  return new PartitionRecords({ topic: 't', partition: 3, epoch: 1, highWatermark: 99, buffer, fromOffset, aborted })
}

export function drain(records: PartitionRecords): RawBatch[] {
  const batches: RawBatch[] = []
  for (let batch = records.next(); batch !== null; batch = records.next()) batches.push(batch)
  return batches
}

export interface DecodedRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RawHeader[]
}

export function decoded(batches: readonly RawBatch[]): DecodedRecord[] {
  return batches.flatMap(batch =>
    Array.from({ length: batch.count }, (_, i) => ({
      offset: batch.index.offsets[i] as number,
      timestamp: batch.index.timestamps[i] as number,
      key: readKey(batch, i),
      value: readValue(batch, i),
      headers: readHeaders(batch, i),
    })),
  )
}

export function offsetsOf(batches: readonly RawBatch[]): number[] {
  return decoded(batches).map(r => r.offset)
}

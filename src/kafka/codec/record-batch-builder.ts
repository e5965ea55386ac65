// Builds one record batch: every record goes straight into one growing buffer. Any thread; used by producer.ts.
// The format: batch-header.ts and record-index.ts.
import { DataError } from '../../base/errors.ts'
import type { RawHeader } from '../types.ts'
import {
  ATTRIBUTES_AT,
  BASE_SEQUENCE_AT,
  BASE_TIMESTAMP_AT,
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_AT,
  COUNT_AT,
  CRC_AT,
  LAST_OFFSET_DELTA_AT,
  LEADER_EPOCH_AT,
  LOG_OVERHEAD_BYTES,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  PRODUCER_EPOCH_AT,
  PRODUCER_ID_AT,
} from './batch-header.ts'
import { COMPRESSIONS, type Compression, compress } from './compression.ts'
import { crc32c } from './crc32c.ts'
import { writeInt64 } from './wire.ts'

export interface BuilderOptions {
  readonly compression: Compression
  /** where the buffer begins; it doubles as needed */
  readonly initialBytes?: number
  /** instead of a new one: a buffer that nobody else uses any more */
  readonly buffer?: Buffer
}

/** length, attributes, timestamp delta, offset delta, key length, value length, header count at their longest. */
export const RECORD_OVERHEAD_BYTES_MAX = 5 + 1 + 10 + 5 + 5 + 5 + 5
const VARINT_BYTES_MAX = 5
/** Copying byte by byte is quicker up to here (measured: set costs 40 ns to begin with). */
const SMALL_BYTES = 48

/** What a record may add to a batch at most. */
export function recordBytesMax(key: Buffer | null, valueBytes: number, headers: readonly RawHeader[]): number {
  let bytes = RECORD_OVERHEAD_BYTES_MAX + (key?.length ?? 0) + valueBytes
  for (const header of headers) bytes += 2 * VARINT_BYTES_MAX + Buffer.byteLength(header.key) + (header.value?.length ?? 0)
  return bytes
}

export class RecordBatchBuilder {
  readonly #compression: Compression
  #buffer: Buffer
  #at = BATCH_HEADER_BYTES
  #count = 0
  #baseTimestamp = 0
  #maxTimestamp = 0

  constructor({ compression, initialBytes = 1024, buffer }: BuilderOptions) {
    this.#compression = compression
    this.#buffer = buffer ?? Buffer.allocUnsafeSlow(Math.max(initialBytes, BATCH_HEADER_BYTES))
  }

  /** What it is built in: whoever takes it for another batch must know that this one is done with. */
  get buffer(): Buffer {
    return this.#buffer
  }

  get count(): number {
    return this.#count
  }

  /** What the batch has come to, before compression. */
  get bytes(): number {
    return this.#at
  }

  /**
   * Copies the record in; a text as UTF-8.
   * @param valueBytes byteLengthOf(value), where it is known already
   * @returns the bytes it took
   */
  append(
    timestampMs: number,
    key: Buffer | null,
    value: Buffer | string | null,
    headers: readonly RawHeader[],
    valueBytes = byteLengthOf(value),
  ): number {
    if (!Number.isSafeInteger(timestampMs)) throw new DataError(`${timestampMs} is no timestamp`)
    const timestampDelta = this.#deltaOf(timestampMs)
    const start = this.#at
    const headersBytes = headers.length === 0 ? 1 : sizeOfHeaders(headers)
    const valueFieldBytes = value === null ? 1 : sizeOfVarint(valueBytes) + valueBytes
    const bodyBytes =
      1 + sizeOfVarlong(timestampDelta) + sizeOfVarint(this.#count) + sizeOfField(key) + valueFieldBytes + headersBytes
    this.#need(bodyBytes + VARINT_BYTES_MAX)
    const b = this.#buffer
    let at = writeVarint(b, start, bodyBytes)
    b[at++] = 0
    at = writeVarlong(b, at, timestampDelta)
    at = writeVarint(b, at, this.#count)
    at = writeField(b, at, key)
    if (typeof value === 'string') at = writeText(b, writeVarint(b, at, valueBytes), value)
    else at = writeField(b, at, value)
    if (headers.length === 0) b[at++] = 0
    else at = writeHeaders(b, at, headers)
    this.#at = at
    this.#count++
    return at - start
  }

  /** As append, of a record that is nothing but a value: the bytes [from, to) of `source`. */
  appendRange(timestampMs: number, source: Buffer, from: number, to: number): number {
    const timestampDelta = this.#deltaOf(timestampMs)
    const start = this.#at
    const length = to - from
    // attributes, no key, no headers: one byte each
    const bodyBytes = 3 + sizeOfVarlong(timestampDelta) + sizeOfVarint(this.#count) + sizeOfVarint(length) + length
    this.#need(bodyBytes + VARINT_BYTES_MAX)
    const b = this.#buffer
    let at = writeVarint(b, start, bodyBytes)
    b[at++] = 0
    at = writeVarlong(b, at, timestampDelta)
    at = writeVarint(b, at, this.#count)
    b[at++] = 1
    at = writeVarint(b, at, length)
    if (length <= SMALL_BYTES) for (let i = from; i < to; i++) b[at++] = source[i]!
    else at += source.copy(b, at, from, to)
    b[at++] = 0
    this.#at = at
    this.#count++
    return at - start
  }

  #deltaOf(timestampMs: number): number {
    if (this.#count === 0) {
      this.#baseTimestamp = timestampMs
      this.#maxTimestamp = timestampMs
    } else if (timestampMs > this.#maxTimestamp) this.#maxTimestamp = timestampMs
    return timestampMs - this.#baseTimestamp
  }

  /**
   * The finished batch. Uncompressed it is a view of the builder's buffer, so append no more.
   * @param producerId -1 without idempotence, and then `producerEpoch` and `baseSequence` as well
   * @param attributes bits beside the compression's (transactional)
   */
  build(producerId = -1, producerEpoch = -1, baseSequence = -1, attributes = 0): Buffer {
    let batch = this.#buffer.subarray(0, this.#at)
    if (this.#compression !== 'none') {
      const records = compress(this.#compression, batch.subarray(BATCH_HEADER_BYTES))
      batch = Buffer.allocUnsafeSlow(BATCH_HEADER_BYTES + records.length)
      records.copy(batch, BATCH_HEADER_BYTES)
    }
    writeInt64(batch, 0, 0)
    batch.writeInt32BE(batch.length - LOG_OVERHEAD_BYTES, BATCH_LENGTH_AT)
    batch.writeInt32BE(-1, LEADER_EPOCH_AT)
    batch[MAGIC_AT] = 2
    batch.writeInt16BE(attributes | COMPRESSIONS.indexOf(this.#compression), ATTRIBUTES_AT)
    batch.writeInt32BE(this.#count - 1, LAST_OFFSET_DELTA_AT)
    writeInt64(batch, BASE_TIMESTAMP_AT, this.#baseTimestamp)
    writeInt64(batch, MAX_TIMESTAMP_AT, this.#maxTimestamp)
    writeInt64(batch, PRODUCER_ID_AT, producerId)
    batch.writeInt16BE(producerEpoch, PRODUCER_EPOCH_AT)
    batch.writeInt32BE(baseSequence, BASE_SEQUENCE_AT)
    batch.writeInt32BE(this.#count, COUNT_AT)
    batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT)), CRC_AT)
    return batch
  }

  #need(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, this.#at + bytes))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}

function sizeOfVarint(value: number): number {
  const x = ((value << 1) ^ (value >> 31)) >>> 0
  return x < 128 ? 1 : x < 16_384 ? 2 : x < 2_097_152 ? 3 : x < 268_435_456 ? 4 : 5
}

function writeVarint(b: Buffer, at: number, value: number): number {
  let x = ((value << 1) ^ (value >> 31)) >>> 0
  while (x > 127) {
    b[at++] = (x & 127) | 128
    x >>>= 7
  }
  b[at++] = x
  return at
}

/** Zigzag as a number is exact up to 2^53, which a difference of timestamps may pass: then it is rounded up to a bigint's work. */
function isVarint(value: number): boolean {
  return value === (value | 0)
}

function sizeOfVarlong(value: number): number {
  if (isVarint(value)) return sizeOfVarint(value)
  let size = 0
  for (let x = zigzag(value); x > 0n; x >>= 7n) size++
  return size
}

function writeVarlong(b: Buffer, at: number, value: number): number {
  if (isVarint(value)) return writeVarint(b, at, value)
  let x = zigzag(value)
  for (; x > 127n; x >>= 7n) b[at++] = Number(x & 127n) | 128
  b[at++] = Number(x)
  return at
}

function zigzag(value: number): bigint {
  const x = BigInt(value)
  return BigInt.asUintN(64, (x << 1n) ^ (x >> 63n))
}

function sizeOfField(bytes: Buffer | null): number {
  return bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length
}

function writeField(b: Buffer, start: number, bytes: Buffer | null): number {
  if (bytes === null) {
    b[start] = 1
    return start + 1
  }
  const at = writeVarint(b, start, bytes.length)
  const length = bytes.length
  if (length <= SMALL_BYTES) for (let i = 0; i < length; i++) b[at + i] = bytes[i]!
  else bytes.copy(b, at)
  return at + length
}

/** 0 for null. */
export function byteLengthOf(value: Buffer | string | null): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : (value?.length ?? 0)
}

/** Without the argument handling of Buffer.write. */
function writeText(b: Buffer, at: number, text: string): number {
  return at + (b as unknown as { utf8Write(text: string, at: number): number }).utf8Write(text, at)
}

function sizeOfHeaders(headers: readonly RawHeader[]): number {
  let size = sizeOfVarint(headers.length)
  for (const { key, value } of headers) {
    const keyBytes = Buffer.byteLength(key)
    size += sizeOfVarint(keyBytes) + keyBytes + sizeOfField(value)
  }
  return size
}

function writeHeaders(b: Buffer, start: number, headers: readonly RawHeader[]): number {
  let at = writeVarint(b, start, headers.length)
  for (const { key, value } of headers) {
    at = writeVarint(b, at, Buffer.byteLength(key))
    at += b.write(key, at, 'utf8')
    at = writeField(b, at, value)
  }
  return at
}

// The records that one fetch answer brought for one partition, turned into RawBatches one after the other, as they are wanted: an answer
// is kept as it came until then, so what is decompressed stays bounded. Runs in the thread of its Fetcher, which drains it.
//
// Batches of the log that are neighbours and uncompressed become one RawBatch up to JOIN_BYTES, since a topic written slowly holds a
// batch per record. Control batches, and under read_committed the records of aborted transactions, are left out: the broker lists
// aborted transactions by producer and first offset, and the control batch (marker) of that producer ends each (KIP-98).
import { DataError } from '../../base/errors.ts'
import { KIB } from '../../base/units.ts'
import type { AnswerMemory } from '../answer-memory.ts'
import type { RawBatch } from '../types.ts'
import {
  ATTRIBUTES_AT,
  BASE_TIMESTAMP_AT,
  BATCH_HEADER_BYTES,
  BATCH_LENGTH_AT,
  COMPRESSION_MASK,
  CONTROL,
  COUNT_AT,
  CRC_AT,
  LAST_OFFSET_DELTA_AT,
  LOG_APPEND_TIME,
  LOG_OVERHEAD_BYTES,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  PRODUCER_ID_AT,
  TRANSACTIONAL,
} from './batch-header.ts'
import { decompress } from './compression.ts'
import { crc32c } from './crc32c.ts'
import { INDEX_BYTES_PER_RECORD, IndexScratch, indexRecords, RECORD_BYTES_MIN } from './record-index.ts'
import { readInt64 } from './wire.ts'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

export interface PartitionRecordsOptions {
  readonly topic: string
  readonly partition: number
  readonly epoch: number
  readonly highWatermark: number
  readonly buffer: Buffer
  /** of the buffer, where it may be used again */
  readonly memory?: AnswerMemory
  /** the offset asked for: records before it, which share a batch with it, are left out */
  readonly fromOffset: number
  /** null: read_uncommitted */
  readonly aborted: readonly AbortedTransaction[] | null
}

/** Joined batches come to about this; a batch of the log is never split, so one may be larger. */
const JOIN_BYTES = 256 * KIB
/** Control record's key: version(int16) type(int16). */
const ABORT_MARKER = 0
const NO_ABORTED: readonly AbortedTransaction[] = []

/** Shared by all that run in this thread: it is empty between calls. */
const scratch = new IndexScratch()

export class PartitionRecords {
  readonly #o: PartitionRecordsOptions
  readonly #aborted: AbortedTransaction[]
  readonly #abortedProducers = new Set<number>()
  #abortedAt = 0
  #at = 0
  #hasEnded = false
  #nextOffset: number
  /** where the partition goes on behind this answer, whatever becomes of its records */
  readonly endOffset: number

  constructor(options: PartitionRecordsOptions) {
    this.#o = options
    this.#aborted = [...(options.aborted ?? NO_ABORTED)].sort((a, b) => a.firstOffset - b.firstOffset)
    this.#nextOffset = options.fromOffset
    this.endOffset = endOffsetOf(options.buffer, options.fromOffset)
    options.memory?.use()
  }

  /** Bytes of the answer that are still to be turned into batches. */
  get bytesLeft(): number {
    return this.#o.buffer.length - this.#at
  }

  /** Where the partition goes on behind what has been returned or left out. */
  get nextOffset(): number {
    return this.#nextOffset
  }

  /**
   * The next records, or null at the end of the answer. A last batch that was cut off by the broker is left for the next fetch.
   * @throws DataError naming topic, partition and offset for a batch that is damaged or of an old format; it stays the next one
   */
  next(): RawBatch | null {
    const { buffer } = this.#o
    let joinedType = -1
    let joinedBytes = 0
    scratch.count = 0
    while (this.#at + LOG_OVERHEAD_BYTES <= buffer.length && joinedBytes < JOIN_BYTES) {
      const at = this.#at
      const end = at + LOG_OVERHEAD_BYTES + buffer.readInt32BE(at + BATCH_LENGTH_AT)
      if (end > buffer.length) break
      try {
        const baseOffset = readInt64(buffer, at)
        if (end - at < BATCH_HEADER_BYTES || buffer[at + MAGIC_AT] !== 2) throw this.#unreadable(at, end, baseOffset)
        const nextOffset = baseOffset + buffer.readInt32BE(at + LAST_OFFSET_DELTA_AT) + 1
        const attributes = buffer.readInt16BE(at + ATTRIBUTES_AT)
        const timestampType = attributes & LOG_APPEND_TIME
        const isCompressed = (attributes & COMPRESSION_MASK) !== 0
        if (scratch.count > 0 && (timestampType !== joinedType || isCompressed)) break
        if (nextOffset > this.#nextOffset || nextOffset <= baseOffset) {
          this.#check(at, end, baseOffset, nextOffset)
          if (!this.#isLeftOut(at, end, attributes, nextOffset)) {
            if (isCompressed) {
              const records = this.#decompressed(at, end, attributes)
              this.#index(records, 0, records.length, at)
              this.#skipTo(end, nextOffset)
              if (scratch.count === 0) continue
              return this.#batch(records, records.length, timestampType)
            }
            this.#index(buffer, at + BATCH_HEADER_BYTES, end, at)
            joinedType = timestampType
            joinedBytes += end - at
          }
        }
        this.#skipTo(end, nextOffset)
      } catch (error) {
        // What is good before it goes first; the next call comes to it again.
        if (scratch.count > 0) break
        throw error
      }
    }
    return scratch.count === 0 ? this.#end() : this.#batch(buffer, joinedBytes, joinedType)
  }

  #end(): null {
    if (!this.#hasEnded) this.#o.memory?.release()
    this.#hasEnded = true
    return null
  }

  #skipTo(at: number, nextOffset: number): void {
    this.#at = at
    this.#nextOffset = Math.max(this.#nextOffset, nextOffset)
  }

  #decompressed(at: number, end: number, attributes: number): Buffer {
    const { buffer } = this.#o
    if (end === at + BATCH_HEADER_BYTES) return buffer.subarray(end, end)
    try {
      return decompress(attributes & COMPRESSION_MASK, buffer.subarray(at + BATCH_HEADER_BYTES, end))
    } catch (cause) {
      throw this.#failure(readInt64(buffer, at), (cause as Error).message, cause)
    }
  }

  /** Adds a batch's records to the scratch, from the offset asked for on. */
  #index(records: Buffer, start: number, end: number, headerAt: number): void {
    const { buffer } = this.#o
    const baseOffset = readInt64(buffer, headerAt)
    const count = buffer.readInt32BE(headerAt + COUNT_AT)
    if (count < 0 || count * RECORD_BYTES_MIN > end - start)
      throw this.#failure(baseOffset, `it claims to hold ${count} records in ${end - start} bytes`)
    const first = scratch.count
    const wrong = indexRecords(scratch, records, start, end, count, baseOffset, readInt64(buffer, headerAt + BASE_TIMESTAMP_AT))
    if (wrong !== -1) throw this.#failure(baseOffset, `its record ${wrong} of ${count} does not keep to the format`)
    const last = scratch.count - 1
    if (count > 0 && scratch.offsets[last]! > baseOffset + buffer.readInt32BE(headerAt + LAST_OFFSET_DELTA_AT)) {
      scratch.count = first
      throw this.#failure(baseOffset, 'a record has an offset beyond the end of its batch')
    }
    if ((buffer.readInt16BE(headerAt + ATTRIBUTES_AT) & LOG_APPEND_TIME) !== 0)
      scratch.timestamps.fill(readInt64(buffer, headerAt + MAX_TIMESTAMP_AT), first, last + 1)
    if (baseOffset < this.#o.fromOffset) scratch.dropBefore(this.#o.fromOffset, first)
  }

  #batch(buffer: Buffer, bytes: number, timestampType: number): RawBatch {
    const { topic, partition, epoch, highWatermark, memory } = this.#o
    const shared = buffer === this.#o.buffer ? memory : undefined
    shared?.use()
    const index = scratch.take(shared?.indexMemory(scratch.count * INDEX_BYTES_PER_RECORD))
    return {
      topic,
      partition,
      buffer,
      index,
      count: index.count,
      epoch,
      timestampType: timestampType === 0 ? 'CreateTime' : 'LogAppendTime',
      nextOffset: this.#nextOffset,
      bytes: bytes + index.count * INDEX_BYTES_PER_RECORD,
      highWatermark,
      ...(shared === undefined ? {} : { memory: shared }),
    }
  }

  #check(at: number, end: number, baseOffset: number, nextOffset: number): void {
    const { buffer } = this.#o
    const stored = buffer.readUInt32BE(at + CRC_AT)
    const computed = crc32c(buffer.subarray(at + ATTRIBUTES_AT, end))
    if (stored !== computed)
      throw this.#failure(
        baseOffset,
        `its checksum is ${stored.toString(16)} where ${computed.toString(16)} was computed: the data is damaged`,
      )
    if (nextOffset <= baseOffset || !Number.isSafeInteger(baseOffset) || baseOffset < 0)
      throw this.#failure(baseOffset, 'its offsets cannot be')
  }

  // ---- transactions

  #isLeftOut(at: number, end: number, attributes: number, nextOffset: number): boolean {
    const isControl = (attributes & CONTROL) !== 0
    if (this.#o.aborted === null) return isControl
    let next = this.#aborted[this.#abortedAt]
    while (next !== undefined && next.firstOffset < nextOffset) {
      this.#abortedProducers.add(next.producerId)
      next = this.#aborted[++this.#abortedAt]
    }
    if ((attributes & TRANSACTIONAL) === 0 || this.#abortedProducers.size === 0) return isControl
    const producerId = readInt64(this.#o.buffer, at + PRODUCER_ID_AT)
    if (!isControl) return this.#abortedProducers.has(producerId)
    if (markerType(this.#o.buffer.subarray(at + BATCH_HEADER_BYTES, end)) === ABORT_MARKER)
      this.#abortedProducers.delete(producerId)
    return true
  }

  // ---- errors

  #unreadable(at: number, end: number, baseOffset: number): DataError {
    const magic = end - at > MAGIC_AT ? this.#o.buffer[at + MAGIC_AT] : undefined
    if (magic === 0 || magic === 1)
      return this.#failure(
        baseOffset,
        `it is in message format v${magic}, of Kafka before 0.11; Sluice reads v2 only (let a broker of version 3 rewrite the topic)`,
      )
    return this.#failure(
      baseOffset,
      magic === 2 || magic === undefined ? 'it is shorter than its header' : `its format (${magic}) is not known`,
    )
  }

  #failure(offset: number, why: string, cause?: unknown): DataError {
    const { topic, partition } = this.#o
    return new DataError(`the record batch at offset ${offset} of ${topic}-${partition} cannot be read: ${why}`, {
      code: 'CONNECT_CORRUPT_BATCH',
      cause,
    })
  }
}

/** Behind the last whole batch; the headers alone are looked at. */
function endOffsetOf(buffer: Buffer, fromOffset: number): number {
  let endOffset = fromOffset
  for (let at = 0; at + BATCH_HEADER_BYTES <= buffer.length; ) {
    const end = at + LOG_OVERHEAD_BYTES + buffer.readInt32BE(at + BATCH_LENGTH_AT)
    if (end > buffer.length || end - at < BATCH_HEADER_BYTES) break
    endOffset = Math.max(endOffset, readInt64(buffer, at) + buffer.readInt32BE(at + LAST_OFFSET_DELTA_AT) + 1)
    at = end
  }
  return endOffset
}

/** The type of a control record: behind length, attributes, two deltas and the key's length comes version(int16) type(int16). */
function markerType(record: Buffer): number {
  let at = 0
  const skipVarint = () => {
    while (record[at++]! > 127);
  }
  skipVarint()
  at++
  skipVarint()
  skipVarint()
  skipVarint()
  return at + 4 <= record.length ? record.readInt16BE(at + 2) : -1
}

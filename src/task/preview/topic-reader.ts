// Reads a few records of some partitions: no group, no commit, nothing that a broker would remember. Preview threads.
//
// First: the partitions in order, each with an equal share of what is still wanted, so that every partition shows some where there are enough.
// Newest: the last records of each partition, and of these the latest by timestamp. Offsets may be taken by markers, aborted or compacted
// records, so the range that is read grows until it holds enough records or begins at the partition's start.
import type { Clock } from '../../base/clock.ts'
import { isRetriable } from '../../base/errors.ts'
import { MIB } from '../../base/units.ts'
import { Admin, EARLIEST, LATEST } from '../../kafka/admin.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import { ErrorCode, kafkaError } from '../../kafka/codec/errors.ts'
import { decodeFetch, encodeFetch, fetchApi, type Isolation } from '../../kafka/codec/fetch.ts'
import { PartitionRecords } from '../../kafka/codec/partition-records.ts'
import { readKey, readValue } from '../../kafka/codec/record-batch.ts'
import { partitionKey, type RawBatch, type TopicPartition } from '../../kafka/types.ts'

export interface ReaderOptions {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly isolation: Isolation
  /** aborts when the time for reading is over */
  readonly signal: AbortSignal
}

export interface Read {
  /** batches of one record each, by topic, partition and offset */
  readonly records: readonly RawBatch[]
  readonly ended: 'records' | 'end' | 'time' | 'bytes'
  /** in sentences: partitions that could not be read */
  readonly problems: readonly string[]
}

/** Of answers, before decompression; all partitions together. */
export const FETCHED_BYTES_MAX = 32 * MIB
/** Of the records that are kept. */
export const KEPT_BYTES_MAX = 16 * MIB
const PARTITION_FETCH_BYTES = MIB
const FETCH_WAIT_MS = 500
const ANSWER_MS_MAX = 10_000
const RETRY_WAIT_MS = 100
/** Each time the range of the newest records is this much longer. */
const WIDEN = 4

interface Range extends TopicPartition {
  readonly start: number
  readonly end: number
}

export class TopicReader {
  readonly #o: ReaderOptions
  #fetchedBytes = 0
  #keptBytes = 0
  readonly #problems: string[] = []

  constructor(options: ReaderOptions) {
    this.#o = options
  }

  /** Settles soon after the signal aborts, with what is there. @throws KafkaError when the brokers refuse or cannot be reached */
  async read(partitions: readonly TopicPartition[], from: 'first' | 'newest', recordsMax: number): Promise<Read> {
    const ranges = await this.#ranges(partitions)
    const records = from === 'first' ? await this.#first(ranges, recordsMax) : await this.#newest(ranges, recordsMax)
    const ended = records.length >= recordsMax ? 'records' : this.#isLate ? 'time' : this.#isFull ? 'bytes' : 'end'
    return { records: records.sort(inOrder), ended, problems: this.#problems }
  }

  get #isLate(): boolean {
    return this.#o.signal.aborted
  }

  get #isFull(): boolean {
    return this.#fetchedBytes >= FETCHED_BYTES_MAX || this.#keptBytes >= KEPT_BYTES_MAX
  }

  async #ranges(partitions: readonly TopicPartition[]): Promise<Range[]> {
    const { cluster, clock, isolation } = this.#o
    const admin = new Admin(cluster, { clock, timeoutMs: ANSWER_MS_MAX })
    const starts = await admin.listOffsets(partitions, EARLIEST)
    const ends = await admin.listOffsets(partitions, LATEST, isolation)
    return partitions.map(p => {
      const key = partitionKey(p)
      return { topic: p.topic, partition: p.partition, start: starts.get(key) ?? 0, end: ends.get(key) ?? 0 }
    })
  }

  async #first(ranges: readonly Range[], recordsMax: number): Promise<RawBatch[]> {
    const waiting = ranges.filter(range => range.end > range.start)
    const records: RawBatch[] = []
    for (const [i, range] of waiting.entries()) {
      const share = Math.ceil((recordsMax - records.length) / (waiting.length - i))
      if (share > 0) records.push(...(await this.#between(range, range.start, range.end, share, 'first')))
    }
    // Where later partitions had fewer than their share, the earlier ones make up for it.
    for (const range of waiting) {
      const missing = recordsMax - records.length
      if (missing <= 0 || this.#isLate || this.#isFull) break
      const last = records.findLast(r => r.topic === range.topic && r.partition === range.partition)
      if (last !== undefined) records.push(...(await this.#between(range, last.nextOffset, range.end, missing, 'first')))
    }
    return records
  }

  async #newest(ranges: readonly Range[], recordsMax: number): Promise<RawBatch[]> {
    let kept: RawBatch[] = []
    for (const range of ranges) {
      kept.push(...(await this.#lastOf(range, recordsMax)))
      const newestLast = kept.sort((a, b) => timeOf(a) - timeOf(b) || inOrder(a, b))
      for (const dropped of newestLast.slice(0, Math.max(0, kept.length - recordsMax))) this.#keptBytes -= dropped.bytes
      kept = newestLast.slice(-recordsMax)
    }
    return kept
  }

  async #lastOf(range: Range, recordsMax: number): Promise<RawBatch[]> {
    let records: RawBatch[] = []
    let span = recordsMax
    for (let end = range.end; end > range.start && records.length < recordsMax && !this.#isLate && !this.#isFull; span *= WIDEN) {
      const start = Math.max(range.start, end - span)
      records = [...(await this.#between(range, start, end, recordsMax - records.length, 'last')), ...records]
      end = start
    }
    return records
  }

  /** The first or last `recordsMax` records with offsets in [start, end). */
  async #between(range: Range, start: number, end: number, recordsMax: number, which: 'first' | 'last'): Promise<RawBatch[]> {
    const records: RawBatch[] = []
    const isDone = () => this.#isLate || this.#isFull || (which === 'first' && records.length >= recordsMax)
    for (let offset = start; offset < end && !isDone(); ) {
      try {
        const fetched = await this.#fetch(range, offset)
        if (fetched === null) continue
        for (let batch = fetched.next(); batch !== null && !isDone(); batch = fetched.next()) {
          for (let i = 0; i < batch.count && !isDone(); i++) {
            if ((batch.index.offsets[i] as number) < end) this.#keep(records, copyRecord(batch, i), recordsMax)
          }
        }
        offset = Math.max(fetched.endOffset, offset)
      } catch (error) {
        this.#problems.push(`${partitionKey(range)}: ${(error as Error).message}`)
        break
      }
    }
    return records
  }

  /** The last ones stay. */
  #keep(records: RawBatch[], record: RawBatch, recordsMax: number): void {
    records.push(record)
    this.#keptBytes += record.bytes
    const first = records.length > recordsMax ? records.shift() : undefined
    if (first !== undefined) this.#keptBytes -= first.bytes
  }

  /** Null: another try, or the time is over. */
  async #fetch({ topic, partition }: Range, fetchOffset: number): Promise<PartitionRecords | null> {
    const { cluster, clock, isolation, signal } = this.#o
    const where = partitionKey({ topic, partition })
    try {
      const node = cluster.leaderOf(topic, partition)
      if (node < 0) throw kafkaError('Fetch', ErrorCode.LEADER_NOT_AVAILABLE, where)
      const body = encodeFetch({
        maxWaitMs: FETCH_WAIT_MS,
        minBytes: 1,
        maxBytes: PARTITION_FETCH_BYTES,
        partitionMaxBytes: PARTITION_FETCH_BYTES,
        isolation,
        partitions: [{ topic, partition, fetchOffset }],
      })
      const answer = decodeFetch(await orAborted(cluster.call(node, 'fetch', fetchApi, body, ANSWER_MS_MAX), signal))
      const fetched = answer.partitions[0]
      const errorCode = fetched?.errorCode ?? answer.errorCode
      if (errorCode !== ErrorCode.NONE) throw kafkaError('Fetch', errorCode, where)
      const buffer = fetched?.records ?? EMPTY
      this.#fetchedBytes += buffer.length
      const aborted = isolation === 'read_committed' ? (fetched?.aborted ?? []) : null
      const highWatermark = fetched?.highWatermark ?? -1
      return new PartitionRecords({ topic, partition, epoch: 0, highWatermark, buffer, fromOffset: fetchOffset, aborted })
    } catch (error) {
      if (signal.aborted) return null
      if (!isRetriable(error)) throw error
      await clock.sleep(RETRY_WAIT_MS)
      await orAborted(cluster.refresh([topic]), signal).catch(() => undefined)
      return null
    }
  }
}

const EMPTY = Buffer.alloc(0)

/** An answer that comes later is not waited for. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

const timeOf = (record: RawBatch): number => record.index.timestamps[0] ?? -1

function inOrder(a: RawBatch, b: RawBatch): number {
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1
  return a.partition - b.partition || offsetOf(a) - offsetOf(b)
}

const offsetOf = (record: RawBatch): number => record.index.offsets[0] ?? -1

/** A record alone, with bytes of its own: the fetch answer it came in may go. */
function copyRecord(batch: RawBatch, i: number): RawBatch {
  const { index } = batch
  const key = readKey(batch, i) ?? EMPTY
  const value = readValue(batch, i) ?? EMPTY
  const headers = batch.buffer.subarray(index.headersStart[i], index.headersEnd[i])
  const buffer = Buffer.concat([key, value, headers])
  const offset = index.offsets[i] as number
  return {
    ...batch,
    buffer,
    count: 1,
    nextOffset: offset + 1,
    bytes: buffer.length,
    index: {
      count: 1,
      offsets: Float64Array.of(offset),
      timestamps: Float64Array.of(index.timestamps[i] as number),
      keyStart: Int32Array.of(0),
      keyLength: Int32Array.of(index.keyLength[i] as number),
      valueStart: Int32Array.of(key.length),
      valueLength: Int32Array.of(index.valueLength[i] as number),
      headersStart: Int32Array.of(key.length + value.length),
      headersEnd: Int32Array.of(buffer.length),
    },
  }
}

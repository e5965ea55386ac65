// A cluster for the fetcher that is a few arrays: logs of batches, who leads, and what goes wrong next. Answers wait until the test lets
// them go, or go at once. Main thread of a test file.
import { KafkaError } from '../../src/base/errors.ts'
import type { Cluster } from '../../src/kafka/cluster.ts'
import { listOffsetsApi } from '../../src/kafka/codec/admin-list-offsets.ts'
import { Reader, Writer } from '../../src/kafka/codec/wire.ts'
import { FreeBuffers } from '../../src/kafka/free-buffers.ts'
import type { Api } from '../../src/kafka/types.ts'

interface Log {
  leader: number
  batches: { from: number; to: number; bytes: Buffer }[]
  startOffset: number
  error: number
}

interface Asked {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

export interface FetchCall {
  readonly node: number
  readonly asked: readonly Asked[]
  /** lets the answer go; it is made of what the log holds then */
  answer(): void
  fail(error?: Error): void
}

export class FakeFetch {
  readonly logs = new Map<string, Log>()
  /** calls that wait for the test, oldest first; empty while `isOpen` */
  readonly waiting: FetchCall[] = []
  readonly calls: FetchCall[] = []
  refreshes = 0
  readonly freeAnswers = new FreeBuffers(16 << 20)
  /** what refresh does to the picture */
  onRefresh: () => void = () => {}
  /** answers go at once; those without records wait all the same */
  isOpen = false
  down = new Set<number>()
  maxPartitionBytes = 1_000_000
  #known = new Map<string, number>()

  get cluster(): Cluster {
    return this as unknown as Cluster
  }

  /** Appends a batch whose records begin at the log's end. */
  append(topic: string, partition: number, bytes: Buffer, count: number): void {
    const log = this.log(topic, partition)
    const from = log.batches.at(-1)?.to ?? log.startOffset
    bytes.writeBigInt64BE(BigInt(from), 0)
    log.batches.push({ from, to: from + count, bytes })
    for (const call of [...this.waiting]) if (this.isOpen) call.answer()
  }

  log(topic: string, partition: number): Log {
    const key = `${topic}-${partition}`
    let log = this.logs.get(key)
    if (log === undefined) {
      log = { leader: 1, batches: [], startOffset: 0, error: 0 }
      this.logs.set(key, log)
      this.#known.set(key, 1)
    }
    return log
  }

  // ---- what the fetcher calls

  leaderOf(topic: string, partition: number): number {
    return this.#known.get(`${topic}-${partition}`) ?? -1
  }

  async refresh(): Promise<void> {
    this.refreshes++
    this.onRefresh()
    for (const [key, log] of this.logs) this.#known.set(key, log.leader)
  }

  forget(topic: string, partition: number): void {
    this.#known.delete(`${topic}-${partition}`)
  }

  call(node: number, _lane: string, api: Api, body: Buffer): Promise<Buffer> {
    if (this.down.has(node)) return Promise.reject(new KafkaError(api.name, -1, `no connection to broker ${node}`, true))
    return api.key === listOffsetsApi.key ? Promise.resolve(this.#listOffsets(node, body)) : this.#fetch(node, body)
  }

  #fetch(node: number, body: Buffer): Promise<Buffer> {
    const r = new Reader(body, 21 + 4)
    const asked = r
      .array(() => {
        const topic = r.string()
        return r.array(() => {
          const partition = r.int32()
          r.int32()
          const offset = r.int64()
          r.skip(12)
          return { topic, partition, offset }
        })
      })
      .flat()
    return new Promise((resolve, reject) => {
      const leave = () => this.waiting.splice(this.waiting.indexOf(call), 1)
      const call: FetchCall = {
        node,
        asked,
        answer: () => {
          leave()
          resolve(this.#answer(node, asked))
        },
        fail: (error = new KafkaError('Fetch', -1, 'connection lost', true)) => {
          leave()
          reject(error)
        },
      }
      this.calls.push(call)
      this.waiting.push(call)
      if (this.isOpen && asked.some(one => this.#errorOf(node, one) !== 0 || this.#recordsFor(one).length > 0)) call.answer()
    })
  }

  #errorOf(node: number, { topic, partition, offset }: Asked): number {
    const log = this.log(topic, partition)
    if (log.error !== 0) return log.error
    if (log.leader !== node) return 6
    return offset < log.startOffset || offset > (log.batches.at(-1)?.to ?? log.startOffset) ? 1 : 0
  }

  #recordsFor({ topic, partition, offset }: Asked): Buffer {
    const parts: Buffer[] = []
    let bytes = 0
    for (const batch of this.log(topic, partition).batches) {
      if (batch.to <= offset || (bytes > 0 && bytes + batch.bytes.length > this.maxPartitionBytes)) continue
      bytes += batch.bytes.length
      parts.push(batch.bytes)
    }
    return Buffer.concat(parts)
  }

  #answer(node: number, asked: readonly Asked[]): Buffer {
    return new Writer()
      .int32(0)
      .int16(0)
      .int32(0)
      .array(asked, (w, one) =>
        w.string(one.topic).array([one], (v, { partition }) => {
          const error = this.#errorOf(node, one)
          v.int32(partition)
            .int16(error)
            .int64(this.log(one.topic, partition).batches.at(-1)?.to ?? 0)
            .int64(0)
            .int64(0)
            .int32(-1)
            .int32(-1)
            .bytes(error === 0 ? this.#recordsFor(one) : Buffer.alloc(0))
        }),
      )
      .finish()
  }

  #listOffsets(_node: number, body: Buffer): Buffer {
    const r = new Reader(body, 5)
    const topics = r.array(() => ({
      topic: r.string(),
      partitions: r.array(() => {
        const partition = r.int32()
        r.int32()
        return { partition, timestamp: r.int64() }
      }),
    }))
    return new Writer()
      .int32(0)
      .array(topics, (w, { topic, partitions }) =>
        w.string(topic).array(partitions, (v, { partition, timestamp }) => {
          const log = this.log(topic, partition)
          const offset = timestamp === -2 ? log.startOffset : (log.batches.at(-1)?.to ?? log.startOffset)
          v.int32(partition).int16(log.error).int64(-1).int64(offset).int32(-1)
        }),
      )
      .finish()
  }
}

// A broker that is one function: keeps partitions' logs, checks producer ids, epochs and sequence numbers as Kafka does (KIP-98, KIP-360), and loses
// requests and answers as its random source says. Main thread of a test file.
import { KafkaError } from '../../src/base/errors.ts'
import type { Cluster } from '../../src/kafka/cluster.ts'
import { PartitionRecords } from '../../src/kafka/codec/partition-records.ts'
import { readKey, readValue } from '../../src/kafka/codec/record-batch.ts'
import { Reader, Writer } from '../../src/kafka/codec/wire.ts'
import { FreeBuffers } from '../../src/kafka/free-buffers.ts'
import type { Api, RequestBody } from '../../src/kafka/types.ts'
import type { FakeTransactions } from './fake-transactions.ts'

interface ProducerState {
  epoch: number
  next: number
  /** the last five batches, as Kafka remembers them */
  recent: { base: number; count: number; offset: number }[]
}

/** Shares of requests that never arrive, whose answer never comes back, and of batches refused. */
export interface Faults {
  readonly lostRequests: number
  readonly lostAnswers: number
  readonly refused: number
}

export const CALM: Faults = { lostRequests: 0, lostAnswers: 0, refused: 0 }

export class FakeLogBroker {
  readonly logs = new Map<number, string[]>()
  /** timestamp and bytes of each record, for those who must not take one invalid byte for another */
  readonly raw = new Map<number, string[]>()
  readonly #states = new Map<string, ProducerState>()
  readonly #random: () => number
  readonly #partitions: number
  faults: Faults = CALM
  requests = 0
  inFlight = 0
  inFlightMost = 0
  batchesMost = 0
  /** set: all producing is in transactions */
  transactions: FakeTransactions | null = null
  #queue: Promise<unknown> = Promise.resolve()
  #connection = 0

  constructor(partitions: number, random: () => number) {
    this.#partitions = partitions
    this.#random = random
  }

  get cluster(): Cluster {
    const fake = {
      leaderOf: () => 1,
      freeAnswers: new FreeBuffers(),
      partitionCount: () => this.#partitions,
      refresh: async () => {},
      anyNode: () => 1,
      coordinator: async () => 1,
      forgetCoordinator: () => {},
      call: (_node: number, _lane: string, api: Api, body: RequestBody) => this.#call(api, body),
    }
    return fake as unknown as Cluster
  }

  /** Forgets what is known of producers, as a broker does whose log was cut or deleted. */
  forgetProducers(): void {
    this.#states.clear()
  }

  async #call(api: Api, body: RequestBody): Promise<Buffer> {
    if (this.transactions !== null && api.name !== 'Produce') return this.transactions.call(api, body as Buffer)
    if (api.name === 'InitProducerId') return new Writer().int32(0).int16(0).int64(77).int16(0).finish()
    this.requests++
    this.inFlightMost = Math.max(this.inFlightMost, ++this.inFlight)
    const { lostRequests, lostAnswers } = this.faults
    const isLost = this.#random() < lostRequests
    const isUnheard = this.#random() < lostAnswers
    // One connection: requests are handled in their order, each a few turns later.
    const turns = 1 + Math.floor(this.#random() * 4)
    const answer = this.#queue.then(async () => {
      for (let i = 0; i < turns; i++) await new Promise(resolve => setImmediate(resolve))
      return isLost ? null : this.#produce(Buffer.isBuffer(body) ? body : Buffer.concat(body))
    })
    this.#queue = answer
    const connection = this.#connection
    const made = await answer
    this.inFlight--
    // What is lost takes its connection along: nothing behind it is heard, though it may have been done.
    if (connection === this.#connection && made !== null && !isUnheard) return made
    if (connection === this.#connection) this.#connection++
    throw new KafkaError('Produce', -1, 'connection lost', true)
  }

  #produce(body: Buffer): Buffer {
    const r = new Reader(body)
    r.nullableString()
    r.int16()
    r.int32()
    const topics = r.array(() => ({ topic: r.string(), list: r.array(() => ({ partition: r.int32(), records: r.bytes() })) }))
    const w = new Writer()
    w.array(topics, (v, { topic, list }) =>
      v.string(topic).array(list, (u, { partition, records }) => {
        this.batchesMost = Math.max(this.batchesMost, list.length)
        const { code, offset } = this.#append(topic, partition, records)
        u.int32(partition).int16(code).int64(offset).int64(-1).int64(0).int32(0).int16(-1)
      }),
    )
    return w.int32(0).finish()
  }

  #append(topic: string, partition: number, buffer: Buffer): { code: number; offset: number } {
    if (this.#random() < this.faults.refused) return { code: 6, offset: -1 }
    const producerId = Number(buffer.readBigInt64BE(43))
    const epoch = buffer.readInt16BE(51)
    const base = buffer.readInt32BE(53)
    const count = buffer.readInt32BE(57)
    const log = this.logs.get(partition) ?? []
    this.logs.set(partition, log)
    if (producerId >= 0) {
      const key = `${producerId}/${partition}`
      const state = this.#states.get(key)
      if (state !== undefined && epoch < state.epoch) return { code: 47, offset: -1 }
      const known = state?.epoch === epoch ? state : undefined
      const again = known?.recent.find(b => b.base === base && b.count === count)
      if (again !== undefined) return { code: 0, offset: again.offset }
      if (base !== (known?.next ?? 0)) return { code: 45, offset: -1 }
      const recent = [...(known?.recent ?? []), { base, count, offset: log.length }].slice(-5)
      this.#states.set(key, { epoch, next: base + count, recent })
    }
    const offset = log.length
    const records = new PartitionRecords({
      topic,
      partition,
      epoch: 0,
      highWatermark: 0,
      buffer,
      fromOffset: 0,
      aborted: null,
    }).next()
    const raw = this.raw.get(partition) ?? []
    this.raw.set(partition, raw)
    if (this.transactions !== null && records !== null) {
      const values = Array.from({ length: records.count }, (_, i) => readValue(records, i)?.toString() ?? '')
      const code = this.transactions.append(partition, epoch, values)
      if (code !== 0) return { code, offset: -1 }
    }
    for (let i = 0; records !== null && i < records.count; i++) {
      const value = readValue(records, i)
      log.push(value?.toString() ?? '')
      raw.push(`${records.index.timestamps[i]} ${readKey(records, i)} ${value?.toString('latin1')}`)
    }
    return { code: 0, offset }
  }
}

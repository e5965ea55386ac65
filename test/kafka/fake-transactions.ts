// The transaction coordinator of a FakeLogBroker, for one transactional id: which partitions the transaction has, how it ended, who may still speak
// (KIP-98). Requests and answers are lost as the broker's. Main thread of a test file.
import { KafkaError } from '../../src/base/errors.ts'
import { Reader, Writer } from '../../src/kafka/codec/wire.ts'
import type { Api } from '../../src/kafka/types.ts'

const INVALID_PRODUCER_EPOCH = 47
const INVALID_TXN_STATE = 48
const CONCURRENT_TRANSACTIONS = 51

export class FakeTransactions {
  /** what readers of committed records see, by partition */
  readonly committed = new Map<number, string[]>()
  readonly #partitions = new Set<number>()
  readonly #pending = new Map<number, string[]>()
  readonly #random: () => number
  #state: 'empty' | 'ongoing' | 'committed' | 'aborted' = 'empty'
  #epoch = -1
  /** answers that the end before is still being written */
  #markers = 0
  lostRequests = 0
  lostAnswers = 0
  ends = 0

  constructor(random: () => number) {
    this.#random = random
  }

  async call(api: Api, body: Buffer): Promise<Buffer> {
    for (let i = 0; i < 2; i++) await new Promise(resolve => setImmediate(resolve))
    if (this.#random() < this.lostRequests) throw new KafkaError(api.name, -1, 'connection lost', true)
    const answer = this.#answer(api, new Reader(body))
    if (this.#random() < this.lostAnswers) throw new KafkaError(api.name, -1, 'connection lost', true)
    return answer
  }

  /** The error code for records of the open transaction. */
  append(partition: number, epoch: number, values: readonly string[]): number {
    if (epoch !== this.#epoch) return INVALID_PRODUCER_EPOCH
    if (!this.#partitions.has(partition)) return INVALID_TXN_STATE
    this.#pending.set(partition, [...(this.#pending.get(partition) ?? []), ...values])
    return 0
  }

  #answer(api: Api, r: Reader): Buffer {
    r.string()
    if (api.name === 'InitProducerId') {
      if (this.#markers > 0) return initAnswer(CONCURRENT_TRANSACTIONS, --this.#markers)
      this.#end('aborted')
      return initAnswer(0, ++this.#epoch)
    }
    r.int64()
    const epoch = r.int16()
    if (api.name === 'EndTxn') return new Writer().int32(0).int16(this.#endCode(epoch, r.boolean())).finish()
    const topics = r.array(() => ({ topic: r.string(), partitions: r.array(() => r.int32()) }))
    let code = 0
    if (epoch !== this.#epoch) code = INVALID_PRODUCER_EPOCH
    else if (this.#markers > 0 && this.#markers-- > 0) code = CONCURRENT_TRANSACTIONS
    else {
      this.#state = 'ongoing'
      for (const { partitions } of topics) for (const partition of partitions) this.#partitions.add(partition)
    }
    return new Writer()
      .int32(0)
      .array(topics, (w, { topic, partitions }) => w.string(topic).array(partitions, (v, p) => v.int32(p).int16(code)))
      .finish()
  }

  #endCode(epoch: number, isCommitted: boolean): number {
    const wanted = isCommitted ? 'committed' : 'aborted'
    if (epoch !== this.#epoch) return INVALID_PRODUCER_EPOCH
    if (this.#state === wanted) return this.#markers > 0 && this.#markers-- > 0 ? CONCURRENT_TRANSACTIONS : 0
    if (this.#state !== 'ongoing') return INVALID_TXN_STATE
    this.ends++
    this.#end(wanted)
    this.#markers = Math.floor(this.#random() * 3)
    return 0
  }

  #end(how: 'committed' | 'aborted'): void {
    if (how === 'committed')
      for (const [partition, values] of this.#pending)
        this.committed.set(partition, [...(this.committed.get(partition) ?? []), ...values])
    this.#pending.clear()
    this.#partitions.clear()
    this.#state = how
  }
}

function initAnswer(code: number, epoch: number): Buffer {
  return new Writer().int32(0).int16(code).int64(77).int16(epoch).finish()
}

// A producer whose records become visible together, or not at all (KIP-98): takes a transactional id, which fences the producers that had it before,
// then begin, append to `producer`, commit or abort. Any thread: exactly-once source tasks, and the leader's writes to the config topic.
// Java: KafkaProducer's initTransactions, beginTransaction, commitTransaction, abortTransaction.
//
// One transaction at a time. After a failure (isFenced or not) this producer is done with: abort, close, make another.
import type { Clock } from '../base/clock.ts'
import { ConnectError, KafkaError, toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { Cluster } from './cluster.ts'
import { ErrorCode } from './codec/errors.ts'
import { Producer } from './producer.ts'
import { INTERNAL_TOPIC_PRODUCER, type ProducerOptions } from './producer-options.ts'
import { type TransactionOptions, Transactions } from './transactions.ts'

export interface TransactionalProducerOptions
  extends Omit<ProducerOptions, 'acks' | 'idempotent' | 'transactions'>,
    TransactionOptions {}

export class TransactionalProducer {
  /** takes records while a transaction is open; its flush and close are ours */
  readonly producer: Producer
  readonly #transactions: Transactions
  readonly #log: Logger
  readonly #clock: Clock

  constructor(options: TransactionalProducerOptions) {
    this.#log = options.log
    this.#clock = options.clock
    this.#transactions = new Transactions(options)
    this.producer = new Producer({ ...options, acks: -1, idempotent: true, transactions: this.#transactions })
  }

  /** What ended this producer; null: it may go on. */
  get failure(): Error | null {
    return this.#transactions.failure
  }

  get isOpen(): boolean {
    return this.#transactions.isOpen
  }

  /**
   * Before the first transaction, once. Older producers of the id are fenced from here on: their open transaction is aborted, one that
   * was being committed is committed. Rejects where it cannot be had within maxBlockMs.
   */
  init(): Promise<void> {
    return this.#transactions.init()
  }

  /** @throws the failure that ended this producer */
  begin(): void {
    this.#transactions.begin()
  }

  /**
   * Sends what was appended and commits. Nothing may be appended meanwhile.
   * Rejects with the failure when a record was given up (abort then), when fenced, or when the broker does not answer within maxBlockMs: whether it
   * was committed is not known then, and the next producer with this id finds out.
   */
  async commit(): Promise<void> {
    await this.producer.flush()
    if (this.failure !== null) throw this.failure
    await this.#transactions.end(true)
  }

  /** Drops the open transaction. After a failure as well: settles when the broker has done it, if it still takes our word. */
  async abort(): Promise<void> {
    this.producer.abandon(new ConnectError('the transaction was aborted', { code: 'CONNECT_TRANSACTION_ABORTED' }))
    await this.producer.flush()
    await this.#transactions.end(false)
  }

  /** Aborts a transaction that was neither committed nor aborted, for up to `timeoutMs`: what then is left ends by transaction.timeout.ms or by the next producer of the id. */
  async close(timeoutMs: number): Promise<void> {
    if (timeoutMs > 0 && this.#transactions.isPending) {
      const limit = new AbortController()
      await Promise.race([this.abort(), this.#clock.sleep(timeoutMs, limit.signal)]).catch(error =>
        this.#log.warn({ error: toError(error).message }, 'the open transaction could not be aborted at the end'),
      )
      limit.abort()
    }
    this.#transactions.close()
    await this.producer.close(0)
  }
}

export interface TopicWriterOptions {
  readonly cluster: Cluster
  readonly log: Logger
  readonly clock: Clock
  readonly topic: string
  readonly transactionalId: string
  readonly producer?: Partial<Omit<TransactionalProducerOptions, 'acks' | 'idempotent' | 'transactions'>>
}

/** Java's default transaction.timeout.ms and max.block.ms. */
const TRANSACTION_TIMEOUT_MS = 60_000
const MAX_BLOCK_MS = 60_000
const CLOSE_MS = 5_000

/** Writes to one topic, one transaction a call. Made by open(), which fences the writers before it; not usable after a failed write. */
export class TransactionalWriter {
  readonly #o: TopicWriterOptions
  readonly #producer: TransactionalProducer

  private constructor(options: TopicWriterOptions) {
    this.#o = options
    const { cluster, log, clock, transactionalId, producer } = options
    this.#producer = new TransactionalProducer({
      ...INTERNAL_TOPIC_PRODUCER,
      transactionTimeoutMs: TRANSACTION_TIMEOUT_MS,
      maxBlockMs: MAX_BLOCK_MS,
      ...producer,
      cluster,
      log,
      clock,
      transactionalId,
    })
  }

  /** Rejects when the transactional id cannot be had within a minute. */
  static async open(options: TopicWriterOptions): Promise<TransactionalWriter> {
    const writer = new TransactionalWriter(options)
    try {
      await writer.#producer.init()
      return writer
    } catch (error) {
      await writer.#producer.close(0)
      throw error
    }
  }

  /**
   * All of the records, in their order within a partition, or none. Settles when committed. One call at a time.
   * Rejects when fenced or not done within `timeoutMs`: then close, and open another if that is still one's right.
   */
  async write(
    records: readonly { readonly key: Buffer | null; readonly value: Buffer | null }[],
    timeoutMs: number,
  ): Promise<void> {
    const { topic, clock } = this.#o
    const limit = new AbortController()
    const late = clock.sleep(timeoutMs, limit.signal).then(() => {
      const text = `${records.length} record(s) for ${topic} not committed within ${timeoutMs} ms; they may still be`
      throw new KafkaError('EndTxn', ErrorCode.REQUEST_TIMED_OUT, text, true)
    })
    late.catch(() => undefined)
    try {
      await Promise.race([late, this.#write(records)])
    } finally {
      limit.abort()
    }
  }

  async #write(records: readonly { readonly key: Buffer | null; readonly value: Buffer | null }[]): Promise<void> {
    const { topic, clock } = this.#o
    this.#producer.begin()
    for (const { key, value } of records) {
      // A record's failure is the transaction's, and told by commit.
      const wait = this.#producer.producer.append(topic, null, clock.now(), key, value, [], () => {})
      if (wait !== undefined) await wait
    }
    await this.#producer.commit()
  }

  /** A transaction that is open, since a write failed, is aborted. */
  async close(): Promise<void> {
    await this.#producer.close(CLOSE_MS)
  }
}

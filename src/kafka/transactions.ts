// The transactions of one transactional id (KIP-98): the producer id that fences older producers, which partitions the transaction has, how it
// ended. Runs in the producer's thread; made by transactional-producer.ts, asked by producer-sender.ts before each request.
//
//   new --init--> ready --begin--> open --end--> ready          a failure leads from anywhere to `failed`, which is for good:
//                                                               the id is to be taken anew by another instance
// For good also where Java would raise the epoch and go on: a batch that was given up leaves a gap in its partition's sequence numbers.
// Limits: one request at a time; each is tried until `maxBlockMs`, those that add partitions until the batches expire.
import { assert } from '../base/assert.ts'
import { exponentialBackoffMs } from '../base/backoff.ts'
import type { Clock } from '../base/clock.ts'
import { AbortedError, ConnectError, isRetriable, KafkaError, toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { Cluster } from './cluster.ts'
import { ErrorCode, kafkaError } from './codec/errors.ts'
import { decodeInitProducerId, encodeInitProducerId, initProducerIdApi } from './codec/init-producer-id.ts'
import {
  addPartitionsToTxnApi,
  decodeAddPartitionsToTxn,
  decodeEndTxn,
  encodeAddPartitionsToTxn,
  encodeEndTxn,
  endTxnApi,
} from './codec/transactions.ts'
import type { ProducerIdentity } from './producer-identity.ts'
import { partitionKey, type TopicPartition } from './types.ts'

export interface TransactionOptions {
  readonly transactionalId: string
  /** transaction.timeout.ms: a transaction that is open for longer is aborted by the broker, and its producer fenced */
  readonly transactionTimeoutMs: number
  /** max.block.ms: how long init and the end of a transaction may take; Infinity: until close */
  readonly maxBlockMs: number
}

interface TransactionsOptions extends TransactionOptions {
  readonly cluster: Cluster
  readonly log: Logger
  readonly clock: Clock
  readonly retryBackoffMs?: number
  readonly retryBackoffMaxMs?: number
}

/** The sender. */
export interface TransactionsListener {
  /** partitions came to the transaction, or a try failed: look at what may be sent or has expired */
  wake(): void
  /** nothing will be sent any more */
  failed(error: Error): void
}

/** The transaction before is still being written to its partitions: it takes some milliseconds (Java: 20 as well). */
const CONCURRENT_WAIT_MS = 20
const FENCED: ReadonlySet<number> = new Set([ErrorCode.INVALID_PRODUCER_EPOCH, ErrorCode.PRODUCER_FENCED])
/** The coordinator has moved, or does not answer. */
const COORDINATOR_AWAY: ReadonlySet<number> = new Set([
  -1,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
])

/** A newer producer has taken the transactional id, or the broker has ended a transaction that took too long. */
export function isFenced(error: unknown): boolean {
  return error instanceof KafkaError && FENCED.has(error.errorCode)
}

/**
 * One InitProducerId for a transactional id: fences its older producers; their open transaction is aborted, one being committed is
 * finished first (CONCURRENT_TRANSACTIONS, retriable, until then). One try.
 */
export async function takeTransactionalId(
  cluster: Cluster,
  transactionalId: string,
  transactionTimeoutMs: number,
): Promise<ProducerIdentity> {
  const body = encodeInitProducerId(transactionalId, transactionTimeoutMs)
  return atCoordinator(cluster, transactionalId, async node => {
    const { errorCode, producerId, epoch } = decodeInitProducerId(await cluster.call(node, 'meta', initProducerIdApi, body))
    if (errorCode !== ErrorCode.NONE) throw kafkaError('InitProducerId', errorCode, `transactional id ${transactionalId}`)
    return { producerId, epoch }
  })
}

async function atCoordinator<T>(cluster: Cluster, transactionalId: string, once: (node: number) => Promise<T>): Promise<T> {
  try {
    return await once(await cluster.coordinator('transaction', transactionalId))
  } catch (error) {
    if (error instanceof KafkaError && COORDINATOR_AWAY.has(error.errorCode))
      cluster.forgetCoordinator('transaction', transactionalId)
    throw error
  }
}

export class Transactions {
  readonly #o: TransactionsOptions
  readonly #where: string
  readonly #added = new Set<string>()
  readonly #wanted = new Map<string, TopicPartition>()
  readonly #closing = new AbortController()
  #listener: TransactionsListener | null = null
  #state: 'new' | 'ready' | 'open' | 'ending' | 'failed' = 'new'
  #identity: ProducerIdentity | null = null
  #failure: Error | null = null
  #adding: Promise<void> | null = null

  constructor(options: TransactionsOptions) {
    this.#o = options
    this.#where = `transactional id ${options.transactionalId}`
  }

  get transactionalId(): string {
    return this.#o.transactionalId
  }

  /** null before init */
  get identity(): ProducerIdentity | null {
    return this.#identity
  }

  get failure(): Error | null {
    return this.#failure
  }

  /** Whether records may be appended and sent. */
  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** Whether there is something at the broker that end would end. */
  get isPending(): boolean {
    return this.#state === 'open' || (this.#state === 'failed' && this.#added.size > 0 && !isFenced(this.#failure))
  }

  /** Called once, by the sender. */
  listen(listener: TransactionsListener): void {
    this.#listener = listener
  }

  /** Takes the transactional id. Rejects where it is not to be had within maxBlockMs; then this instance is done with. */
  async init(): Promise<void> {
    assert(this.#state === 'new', `${this.#where} is taken once`)
    const { cluster, transactionalId, transactionTimeoutMs, log } = this.#o
    try {
      this.#identity = await this.#try(() => takeTransactionalId(cluster, transactionalId, transactionTimeoutMs))
      this.#state = 'ready'
      log.debug({ transactionalId, ...this.#identity }, 'transactional id taken')
    } catch (error) {
      this.fail(toError(error))
      throw error
    }
  }

  /** @throws the failure, where there was one */
  begin(): void {
    if (this.#failure !== null) throw this.#failure
    assert(this.#state === 'ready', `a transaction of ${this.#where} cannot begin: it is ${this.#state}`)
    this.#state = 'open'
  }

  /** @throws where no transaction is open, or with the failure */
  checkOpen(): void {
    if (this.#failure !== null) throw this.#failure
    assert(this.#state === 'open', `no transaction of ${this.#where} is open for records: it is ${this.#state}`)
  }

  /** Whether the open transaction has the partition; if not it is being added, and the listener woken. */
  covers(partition: TopicPartition, key = partitionKey(partition)): boolean {
    if (this.#added.has(key)) return true
    this.#wanted.set(key, partition)
    this.#adding ??= this.#add().finally(() => {
      this.#adding = null
    })
    return false
  }

  /** A record of the transaction was given up, or the producer is not accepted any more: it can only be aborted. */
  fail(error: Error): void {
    if (this.#failure !== null) return
    this.#failure = error
    this.#state = 'failed'
    this.#wanted.clear()
    this.#listener?.failed(error)
  }

  /**
   * Ends the open transaction, for a commit after everything in it was acknowledged. Without partitions there is nothing to tell the broker.
   * After a failure: aborts it, so that readers need not wait for its time-out, unless the producer is fenced.
   * Rejects where the broker does not say within maxBlockMs that it is done: how it ended is not known then.
   */
  async end(isCommitted: boolean): Promise<void> {
    assert(this.#state === 'open' || (!isCommitted && this.#state === 'failed'), `no transaction of ${this.#where} is open`)
    if (this.#state === 'open') this.#state = 'ending'
    this.#wanted.clear()
    await this.#adding
    if (isCommitted && this.#failure !== null) throw this.#failure
    if (this.#added.size > 0 && !isFenced(this.#failure)) await this.#end(isCommitted)
    this.#added.clear()
    if (this.#state === 'ending') this.#state = 'ready'
  }

  /** Ends waits; what is under way rejects. */
  close(): void {
    this.#closing.abort()
    this.fail(new ConnectError(`the producer of ${this.#where} is closed`, { code: 'CONNECT_CLOSED' }))
  }

  async #end(isCommitted: boolean): Promise<void> {
    const { cluster, transactionalId } = this.#o
    try {
      // Asked twice, since an answer was lost, the broker says the same again.
      await this.#try(() =>
        atCoordinator(cluster, transactionalId, async node => {
          const body = encodeEndTxn(transactionalId, this.#mine(), isCommitted)
          const code = decodeEndTxn(await cluster.call(node, 'meta', endTxnApi, body))
          if (code !== ErrorCode.NONE) throw kafkaError('EndTxn', code, this.#where)
        }),
      )
    } catch (error) {
      this.fail(toError(error))
      throw error
    }
  }

  /** Never rejects. */
  async #add(): Promise<void> {
    for (let failures = 0; this.#wanted.size > 0 && this.#state === 'open'; ) {
      const partitions = [...this.#wanted.values()]
      try {
        await this.#addOnce(partitions)
        failures = 0
        for (const p of partitions) {
          this.#wanted.delete(partitionKey(p))
          this.#added.add(partitionKey(p))
        }
        this.#listener?.wake()
      } catch (error) {
        if (!isRetriable(error)) return this.fail(toError(error))
        this.#listener?.wake()
        await this.#wait(error, failures++).catch(() => undefined)
      }
    }
  }

  #addOnce(partitions: readonly TopicPartition[]): Promise<void> {
    const { cluster, transactionalId } = this.#o
    return atCoordinator(cluster, transactionalId, async node => {
      const body = encodeAddPartitionsToTxn(transactionalId, this.#mine(), partitions)
      const failed = decodeAddPartitionsToTxn(await cluster.call(node, 'meta', addPartitionsToTxnApi, body)).filter(
        p => p.errorCode !== ErrorCode.NONE,
      )
      // Where one is refused the others are not attempted.
      const cause = failed.find(p => p.errorCode !== ErrorCode.OPERATION_NOT_ATTEMPTED) ?? failed[0]
      if (cause !== undefined) throw kafkaError('AddPartitionsToTxn', cause.errorCode, `${partitionKey(cause)}, ${this.#where}`)
    })
  }

  #mine(): ProducerIdentity {
    assert(this.#identity !== null, `${this.#where} is not taken`)
    return this.#identity
  }

  async #try<T>(once: () => Promise<T>): Promise<T> {
    const endMs = this.#o.clock.monotonicMs() + this.#o.maxBlockMs
    for (let failures = 0; ; failures++) {
      try {
        if (this.#closing.signal.aborted) throw new AbortedError(`the producer of ${this.#where} is closed`)
        return await once()
      } catch (error) {
        if (!isRetriable(error) || this.#o.clock.monotonicMs() >= endMs) throw error
        this.#o.log.debug({ transactionalId: this.#o.transactionalId, error: toError(error).message }, 'trying again')
        await this.#wait(error, failures)
      }
    }
  }

  #wait(error: unknown, failures: number): Promise<void> {
    const { clock, retryBackoffMs = 100, retryBackoffMaxMs = 1000 } = this.#o
    const isConcurrent = error instanceof KafkaError && error.errorCode === ErrorCode.CONCURRENT_TRANSACTIONS
    const waitMs = isConcurrent ? CONCURRENT_WAIT_MS : exponentialBackoffMs(failures, retryBackoffMs, retryBackoffMaxMs)
    return clock.sleep(waitMs, this.#closing.signal)
  }
}

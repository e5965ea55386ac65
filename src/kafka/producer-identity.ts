// The producer id and epoch of an idempotent producer (KIP-98, KIP-360). Runs in the producer's thread; used by producer-sender.ts.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Cluster } from './cluster.ts'
import { kafkaError } from './codec/errors.ts'
import { decodeInitProducerId, encodeInitProducerId, initProducerIdApi } from './codec/init-producer-id.ts'

export interface ProducerIdentity {
  readonly producerId: number
  readonly epoch: number
}

/** Epochs are int16; the broker keeps the last value for fencing. */
const EPOCH_MAX = 32_766
/** Without a transactional id the time-out means nothing; Java sends this. */
const NO_TRANSACTION_TIMEOUT_MS = 2_147_483_647

export class ProducerIdentities {
  readonly #cluster: Cluster
  readonly #log: Logger
  readonly #clock: Clock
  #current: ProducerIdentity | null = null
  #asking: Promise<void> | null = null

  constructor(cluster: Cluster, log: Logger, clock: Clock) {
    this.#cluster = cluster
    this.#log = log
    this.#clock = clock
  }

  get current(): ProducerIdentity | null {
    return this.#current
  }

  /** Asks the broker for an identity; one request at a time. Throws retriable KafkaErrors. */
  obtain(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  /** A new epoch, valid at once: a producer without a transactional id raises it by itself. At the end of the epochs a new id is asked for. */
  bump(why: string): void {
    if (this.#current === null) return
    const { producerId, epoch } = this.#current
    this.#current = epoch < EPOCH_MAX ? { producerId, epoch: epoch + 1 } : null
    this.#log.warn({ producerId, epoch, why }, 'new producer epoch')
  }

  /** The broker does not accept the identity any more: the next batch waits for a new one. */
  discard(identity: ProducerIdentity | null): void {
    if (identity === null || identity.producerId === this.#current?.producerId) this.#current = null
  }

  async #ask(): Promise<void> {
    const startedMs = this.#clock.monotonicMs()
    const body = encodeInitProducerId(null, NO_TRANSACTION_TIMEOUT_MS)
    const { errorCode, producerId, epoch } = decodeInitProducerId(
      await this.#cluster.call(this.#cluster.anyNode(), 'meta', initProducerIdApi, body),
    )
    if (errorCode !== 0) throw kafkaError('InitProducerId', errorCode, 'no producer id')
    this.#current = { producerId, epoch }
    this.#log.debug({ producerId, epoch, tookMs: this.#clock.monotonicMs() - startedMs }, 'producer id')
  }
}

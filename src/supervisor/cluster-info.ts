// The Kafka cluster's id for GET /, asked when somebody wants it: a broker that is not there must not keep the worker from starting.
// Main thread.
import type { Clock } from '../base/clock.ts'
import { toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { clientConfigFrom } from '../kafka/client-config.ts'
import { Cluster } from '../kafka/cluster.ts'
import { decodeMetadata, encodeMetadata, metadataApi } from '../kafka/codec/metadata.ts'
import type { Props } from '../store/config-store.ts'

/** A GET / that finds no broker answers after this long, without the id. */
const TIMEOUT_MS = 5_000

export class ClusterInfo {
  readonly #props: Props
  readonly #log: Logger
  readonly #clock: Clock
  #id: string | null = null
  #asking: Promise<string | null> | null = null

  constructor(props: Props, log: Logger, clock: Clock) {
    this.#props = props
    this.#log = log
    this.#clock = clock
  }

  /** null while no broker answers; asked again next time */
  async id(): Promise<string | null> {
    if (this.#id !== null) return this.#id
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null
    })
    const asking = this.#asking
    return new Promise(resolve => {
      const timer = this.#clock.after(TIMEOUT_MS, () => resolve(null))
      void asking.then(id => {
        timer.cancel()
        resolve(id)
      })
    })
  }

  async #ask(): Promise<string | null> {
    const cluster = new Cluster(clientConfigFrom(this.#props, 'sluice-cluster-id'), this.#log)
    try {
      await cluster.connect()
      const answer = await cluster.call(cluster.anyNode(), 'meta', metadataApi, encodeMetadata([], false))
      this.#id = decodeMetadata(answer).clusterId
      return this.#id
    } catch (error) {
      this.#log.warn(`the id of the Kafka cluster is not known: ${toError(error).message}`)
      return null
    } finally {
      await cluster.close().catch(() => undefined)
    }
  }
}

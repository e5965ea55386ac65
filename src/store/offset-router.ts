// Which store a connector's offsets are in: the worker's topic, or one of its own beside it (`offsets.storage.topic`, KIP-618). A store of a
// connector's own is opened when it is first asked for and closed when nothing of the connector runs here any more. Main thread; called
// by supervisor/worker.ts and the herder. Limits: a store a connector.
import { ConnectError, toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { prefixed } from '../config/prefixed.ts'
import type { Props } from './config-store.ts'
import { ConnectorOffsets } from './connector-offsets.ts'
import type { OffsetEntry, OffsetMap, OffsetRecord, OffsetStore } from './offset-store.ts'

export interface OffsetRouterOptions {
  /** the worker's, started */
  readonly global: OffsetStore
  /** offset.storage.topic */
  readonly topic: string
  /** variables resolved */
  readonly workerProps: Props
  readonly log: Logger
  /** a connector's config with variables resolved; undefined: it is gone */
  configOf(connector: string): Props | undefined
  /** a store on another topic, or the same on another cluster; not started. `onFailed`: it is not to be trusted any more */
  open(topic: string, client: Props, onFailed: (error: Error) => void): OffsetStore
}

export interface OffsetsTopic {
  readonly topic: string
  /** what it is reached by */
  readonly client: Props
}

/**
 * The topic that a connector's offsets are in besides the worker's; null: in the worker's alone.
 * @param config of the connector, @param workerProps both with variables resolved
 * @param workerTopic offset.storage.topic
 */
export function ownOffsetsTopic(config: Props, workerProps: Props, workerTopic: string): OffsetsTopic | null {
  const isExactlyOnce = workerProps['exactly.once.source.support']?.trim().toLowerCase() === 'enabled'
  // Offsets in transactions are where the task's producer writes, which may be another cluster than the worker's.
  const topic = config['offsets.storage.topic']?.trim() || (isExactlyOnce ? workerTopic : '')
  const client = { ...workerProps, ...prefixed(workerProps, 'producer.'), ...prefixed(config, 'producer.override.') }
  const isWorkers = topic === workerTopic && client['bootstrap.servers'] === workerProps['bootstrap.servers']
  return topic === '' || isWorkers ? null : { topic, client }
}

interface Opened {
  /** what it was opened for: another one is opened when that changes */
  readonly place: string
  readonly store: Promise<OffsetStore>
  /** in progress: it is closed after them */
  readonly calls: Set<Promise<unknown>>
}

export class OffsetRouter implements OffsetStore {
  readonly #o: OffsetRouterOptions
  readonly #opened = new Map<string, Opened>()

  constructor(options: OffsetRouterOptions) {
    this.#o = options
  }

  async start(): Promise<void> {
    await this.#o.global.start()
  }

  get(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]> {
    return this.#ask(connector, store => store.get(connector, partitions))
  }

  put(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    return this.#ask(connector, store => store.put(connector, entries))
  }

  all(connector: string): Promise<OffsetEntry[]> {
    return this.#ask(connector, store => store.all(connector))
  }

  /** @throws ConnectError where the store is none that takes part in transactions */
  records(connector: string, entries: readonly OffsetEntry[]): Promise<OffsetRecord[]> {
    return this.#ask(connector, async store => {
      if (store.records === undefined) throw new ConnectError(`offsets of connector ${connector} are in no topic`)
      return store.records(connector, entries)
    })
  }

  committed(connector: string, entries: readonly OffsetEntry[]): void {
    this.#ask(connector, async store => store.committed?.(connector, entries)).catch(error =>
      this.#o.log.warn({ connector, error: toError(error).message }, 'offsets that are committed could not be noted'),
    )
  }

  /** Nothing of the connector runs here any more, or it is gone. */
  release(connector: string): void {
    const opened = this.#opened.get(connector)
    this.#opened.delete(connector)
    if (opened !== undefined) this.#close(connector, opened)
  }

  async stop(): Promise<void> {
    const opened = [...this.#opened.values()]
    this.#opened.clear()
    await Promise.all(opened.map(async ({ store }) => (await store).stop()).map(stopped => stopped.catch(() => undefined)))
    await this.#o.global.stop()
  }

  async #ask<T>(connector: string, call: (store: OffsetStore) => Promise<T>): Promise<T> {
    const opened = this.#of(connector)
    if (opened === null) return call(this.#o.global)
    const answer = opened.store.then(call)
    opened.calls.add(answer)
    try {
      return await answer
    } finally {
      opened.calls.delete(answer)
    }
  }

  /** null: the worker's. @throws ConfigError where a config provider does not answer */
  #of(connector: string): Opened | null {
    const { workerProps, topic: workerTopic } = this.#o
    const own = ownOffsetsTopic(this.#o.configOf(connector) ?? {}, workerProps, workerTopic)
    const place = own === null ? '' : JSON.stringify(own)
    const known = this.#opened.get(connector)
    if (known?.place === place) return known
    this.release(connector)
    if (own === null) return null
    const store = this.#open(connector, own)
    const opened: Opened = { place, store, calls: new Set() }
    this.#opened.set(connector, opened)
    // The next question tries again.
    store.catch(() => {
      if (this.#opened.get(connector) === opened) this.#opened.delete(connector)
    })
    return opened
  }

  async #open(connector: string, { topic, client }: OffsetsTopic): Promise<OffsetStore> {
    const { global, log, open } = this.#o
    const own = open(topic, client, error => {
      log.error({ connector, topic, error: error.message }, 'the offsets topic of a connector cannot be read; it is opened anew')
      this.release(connector)
    })
    const store = new ConnectorOffsets({ own, global, connector, log })
    try {
      await store.start()
      return store
    } catch (error) {
      await own.stop().catch(() => undefined)
      const text = `offsets topic ${topic} of connector ${connector} cannot be used: ${toError(error).message}`
      throw new ConnectError(text, { retriable: true, cause: error })
    }
  }

  #close(connector: string, { store, calls }: Opened): void {
    Promise.allSettled(calls)
      .then(() => store)
      .then(opened => opened.stop())
      .catch(error => this.#o.log.warn({ connector, error: toError(error).message }, 'an offsets topic was not closed in order'))
  }
}

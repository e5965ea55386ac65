// Offsets of a source that has a topic of its own (`offsets.storage.topic`, or exactly-once): found in its own topic, else in the worker's;
// written to its own, and to the worker's as well so that it can go back (Java: ConnectorOffsetBackingStore; KIP-618). Java 4.3.0 does not find
// what only the worker's topic has (its own store answers null for it, which hides the other's answer); here the KIP holds. Main thread.
import { assert } from '../base/assert.ts'
import { toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { OffsetEntry, OffsetMap, OffsetRecord, OffsetStore } from './offset-store.ts'

export interface ConnectorOffsetsOptions {
  /** started and stopped with this one */
  readonly own: OffsetStore
  /** the worker's: started and stopped by others */
  readonly global: OffsetStore
  readonly connector: string
  readonly log: Logger
}

export class ConnectorOffsets implements OffsetStore {
  readonly #o: ConnectorOffsetsOptions

  constructor(options: ConnectorOffsetsOptions) {
    this.#o = options
  }

  start(): Promise<void> {
    return this.#o.own.start()
  }

  stop(): Promise<void> {
    return this.#o.own.stop()
  }

  async get(connector: string, partitions: readonly OffsetMap[]): Promise<(OffsetMap | null)[]> {
    const [own, global] = await Promise.all([this.#o.own.get(connector, partitions), this.#o.global.get(connector, partitions)])
    return own.map((offset, i) => offset ?? global[i] ?? null)
  }

  /** Every partition that has an offset in either topic. */
  async all(connector: string): Promise<OffsetEntry[]> {
    const [own, global] = await Promise.all([this.#o.own.all(connector), this.#o.global.all(connector)])
    const ownOfGlobal = await this.#o.own.get(
      connector,
      global.map(({ partition }) => partition),
    )
    return [...own, ...global.filter((_, i) => ownOfGlobal[i] === null)]
  }

  /**
   * Settles once the entries are in the connector's own topic; removals are in the worker's before, or they would be found there again. What
   * else goes to the worker's topic is not waited for.
   */
  async put(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    const removed = entries.filter(({ offset }) => offset === null)
    const kept = entries.filter(({ offset }) => offset !== null)
    if (removed.length > 0) await this.#o.global.put(connector, removed)
    await this.#o.own.put(connector, entries)
    if (kept.length > 0) void this.#putGlobally(connector, kept)
  }

  /** For a transaction on its own topic. Removals are in the worker's topic when it settles, as with `put`. */
  async records(connector: string, entries: readonly OffsetEntry[]): Promise<OffsetRecord[]> {
    const { own, global } = this.#o
    assert(own.records !== undefined, 'the own store of a connector is a topic')
    const removed = entries.filter(({ offset }) => offset === null)
    if (removed.length > 0) await global.put(connector, removed)
    return own.records(connector, entries)
  }

  /** The transaction is committed: copied to the worker's topic, not waited for. */
  committed(connector: string, entries: readonly OffsetEntry[]): void {
    this.#o.own.committed?.(connector, entries)
    const kept = entries.filter(({ offset }) => offset !== null)
    if (kept.length > 0) void this.#putGlobally(connector, kept)
  }

  async #putGlobally(connector: string, entries: readonly OffsetEntry[]): Promise<void> {
    try {
      await this.#o.global.put(connector, entries)
    } catch (error) {
      const at = { connector: this.#o.connector, error: toError(error).message }
      this.#o.log.warn(at, "offsets are in the connector's own topic, but were not copied to the worker's")
    }
  }
}

// The offsets endpoints (KIP-875): sources from the offset store, sinks from their consumer group. Main thread; called by the herder
// inside the connector's queue.
import { BadRequestError, ConnectError, toError } from '../base/errors.ts'
import type { Variables } from '../config/variables.ts'
import type { ConnectorEntry, Props } from '../store/config-store.ts'
import type { OffsetEntry, OffsetStore } from '../store/offset-store.ts'
import { entryOf, type GroupOffset, sinkOffsets, sourceOffsets } from './asked-offsets.ts'
import type { AskedOffset, ConnectorType } from './herder.ts'
import type { Worker } from './worker.ts'

/** The consumer group of a sink connector, and how to reach its cluster. */
export interface SinkGroup {
  readonly groupId: string
  /** the connector's config, resolved: its `admin.override.*` may name another cluster, as in Java's Worker.sinkConnectorOffsets */
  readonly config: Props
}

/** The consumers of a sink are still in its group. */
export class GroupInUseError extends ConnectError {}

/** What is needed of a Kafka admin client. */
export interface GroupOffsets {
  committed(group: SinkGroup): Promise<GroupOffset[]>
  alter(group: SinkGroup, offsets: readonly GroupOffset[]): Promise<void>
  deleteGroup(group: SinkGroup): Promise<void>
}

/** Offsets of exactly-once sources, whose tasks write them in transactions too. */
export interface TransactionalOffsets {
  /**
   * All of the entries or none, in one transaction with the transactional id of the connector's task 0, which fences that task's producer.
   * Settles when committed.
   * @param config the connector's, as written
   */
  put(connector: string, config: Props, entries: readonly OffsetEntry[]): Promise<void>
}

export interface OffsetRequestsOptions {
  readonly worker: Worker
  readonly offsets: OffsetStore
  /** absent where exactly.once.source.support is not enabled: offsets of sources are put into the store */
  readonly transactionalOffsets?: TransactionalOffsets
  readonly groupOffsets: GroupOffsets | null
  readonly variables: Pick<Variables, 'resolve'>
}

export class OffsetRequests {
  readonly #o: OffsetRequestsOptions

  constructor(options: OffsetRequestsOptions) {
    this.#o = options
  }

  /** As Java: an offset that cannot be read is left out. */
  async read(name: string, entry: ConnectorEntry, type: ConnectorType): Promise<OffsetEntry[]> {
    return (await this.#all(name, entry, type)).filter(({ offset }) => offset !== null)
  }

  async #all(name: string, entry: ConnectorEntry, type: ConnectorType): Promise<OffsetEntry[]> {
    if (type !== 'sink') return this.#o.offsets.all(name)
    const committed = await this.#groups().committed(this.#group(name, entry))
    return committed.map(({ topic, partition, offset }) => ({
      partition: { kafka_topic: topic, kafka_partition: partition },
      offset: { kafka_offset: offset },
    }))
  }

  /** @throws BadRequestError for a connector whose offsets may not be changed, since tasks of it run */
  checkStopped(name: string, entry: ConnectorEntry): void {
    if (entry.target === 'STOPPED' && entry.tasks.length === 0) return
    const todo = `This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`
    throw new BadRequestError(`Connectors must be in the STOPPED state before their offsets can be modified. ${todo}`)
  }

  /** `offsets` null: all of them are removed. Returns the sentence for the operator. */
  async change(
    name: string,
    entry: ConnectorEntry,
    type: ConnectorType,
    offsets: readonly AskedOffset[] | null,
  ): Promise<string> {
    this.checkStopped(name, entry)
    const ofGroup = type === 'sink' && offsets !== null ? sinkOffsets(offsets) : null
    const asked = offsets === null ? null : (ofGroup?.map(entryOf) ?? sourceOffsets(offsets))
    const now = asked ?? (await this.#all(name, entry, type)).map(({ partition }) => ({ partition, offset: null }))
    const isDoneByConnector = await this.#askConnector(name, entry, now)
    if (type !== 'sink') await this.#putOffsets(name, entry, now)
    else await this.#changeGroup(name, entry, ofGroup)
    const verb = offsets === null ? 'reset' : 'altered'
    if (isDoneByConnector) return `The offsets for this connector have been ${verb} successfully`
    const managed = `The Connect framework-managed offsets for this connector have been ${verb} successfully`
    return `${managed}. However, if this connector manages offsets externally, they will need to be manually ${verb} in the system that the connector uses.`
  }

  async #putOffsets(name: string, { config }: ConnectorEntry, entries: readonly OffsetEntry[]): Promise<void> {
    const { offsets, transactionalOffsets } = this.#o
    if (entries.length === 0) return
    if (transactionalOffsets === undefined) await offsets.put(name, entries)
    else await transactionalOffsets.put(name, config, entries)
  }

  /** @param offsets null: the group is removed */
  async #changeGroup(name: string, entry: ConnectorEntry, offsets: readonly GroupOffset[] | null): Promise<void> {
    const group = this.#group(name, entry)
    try {
      if (offsets === null) await this.#groups().deleteGroup(group)
      else await this.#groups().alter(group, offsets)
    } catch (error) {
      if (!(error instanceof GroupInUseError)) throw error
      // Java's words up to what helps: Kafka's clients of this API look for them
      const failed = `Failed to ${offsets === null ? 'reset' : 'alter'} consumer group offsets for connector ${name}`
      const why =
        "either because its tasks haven't stopped completely yet or the connector was resumed before the request to alter its offsets could be successfully completed"
      const helps =
        'If the connector is in a stopped state, this operation can be safely retried: zombie sink tasks are ended after task.shutdown.graceful.timeout.ms. If it goes on failing, another application is in the group'
      throw new ConnectError(`${failed} ${why}. ${helps} ${group.groupId}.`, { cause: error })
    }
  }

  async #askConnector(name: string, entry: ConnectorEntry, offsets: readonly OffsetEntry[]): Promise<boolean> {
    try {
      return await this.#o.worker.alterOffsets(name, entry.config, offsets)
    } catch (error) {
      throw new ConnectError(toError(error).message, { cause: error })
    }
  }

  #group(name: string, entry: ConnectorEntry): SinkGroup {
    const config = this.#o.variables.resolve(entry.config)
    return { groupId: config['consumer.override.group.id'] ?? `connect-${name}`, config }
  }

  #groups(): GroupOffsets {
    if (this.#o.groupOffsets === null)
      throw new ConnectError('offsets of sink connectors cannot be read or changed by this worker')
    return this.#o.groupOffsets
  }
}

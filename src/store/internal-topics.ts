// The three topics that a cluster keeps its state in, opened as the worker's properties say (CONNECT.md 2.2, 3): names, how they are made,
// what readers skip. Each has connections of its own: a fetch that waits must not hold up the requests of another topic. Main thread.
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { DistributedConfig } from '../config/distributed-config.ts'
import { prefixed } from '../config/prefixed.ts'
import { type ClientProps, clientConfigFrom } from '../kafka/client-config.ts'
import { Cluster } from '../kafka/cluster.ts'
import { TopicLog, type TopicLogOptions } from '../kafka/topic-log.ts'
import type { OpenReplica, ReplicaListener, TopicReplica } from './topic-replica.ts'

export interface InternalTopicsOptions {
  readonly config: DistributedConfig
  /** the worker's properties, variables resolved: keys of its Kafka clients, and `offset.storage.<setting>` and the like */
  readonly props: ClientProps
  readonly clock: Clock
  readonly log: Logger
}

export interface InternalTopics {
  readonly config: OpenReplica
  readonly status: OpenReplica
  /** @param topic a connector's own (`offsets.storage.topic`) in place of the worker's; @param client what it is reached by, the worker's unless given */
  readonly offsets: (topic?: string, client?: ClientProps) => OpenReplica
}

/** How long a status is tried before the store is asked again. Java's producer tries once. */
const STATUS_DELIVERY_MS = 10_000

type Name = 'config' | 'offset' | 'status'

export function internalTopics(options: InternalTopicsOptions): InternalTopics {
  return {
    config: opener(options, 'config', options.config['config.storage.topic']),
    status: opener(options, 'status', options.config['status.storage.topic']),
    offsets: (topic, client) => opener(options, 'offset', topic ?? options.config['offset.storage.topic'], client),
  }
}

function opener({ config, props, clock, log }: InternalTopicsOptions, name: Name, topic: string, client = props): OpenReplica {
  const isExactlyOnce = config['exactly.once.source.support'].toLowerCase() === 'enabled'
  const clientId = `${config['client.id'] || `connect-${config['group.id']}`}-${name}s`
  return listener =>
    new OwnReplica(new Cluster(clientConfigFrom({ ...client, 'client.id': clientId }, clientId), log), listener, {
      log,
      clock,
      topic,
      topicKey: `${name}.storage.topic`,
      create: {
        partitions: name === 'config' ? 1 : config[`${name}.storage.partitions`],
        replicationFactor: config[`${name}.storage.replication.factor`],
        configs: settingsOf(props, name),
      },
      ...(name === 'config' ? { partitionsRequired: 1 } : {}),
      // statuses are never part of a transaction; one that fails goes back to the store, which knows whether it still holds
      ...(name === 'status' ? { producer: { deliveryTimeoutMs: STATUS_DELIVERY_MS } } : {}),
      isolation: isExactlyOnce && name !== 'status' ? 'read_committed' : 'read_uncommitted',
    })
}

/** `offset.storage.min.insync.replicas` and the like: what the topic is made with. It is compacted whatever they say, as in Java. */
export function settingsOf(props: ClientProps, name: Name): Record<string, string> {
  const {
    topic,
    partitions,
    'replication.factor': replicas,
    'cleanup.policy': policy,
    ...settings
  } = prefixed(props, `${name}.storage.`)
  return settings
}

/** A log whose connections begin and end with it. */
class OwnReplica implements TopicReplica {
  readonly #cluster: Cluster
  readonly #log: TopicLog

  constructor(cluster: Cluster, listener: ReplicaListener, options: Omit<TopicLogOptions, 'cluster' | keyof ReplicaListener>) {
    this.#cluster = cluster
    this.#log = new TopicLog({
      ...options,
      cluster,
      onRecord: record => listener.onRecord(record),
      onError: error => listener.onError(error),
    })
  }

  get partitionCount(): number {
    return this.#log.partitionCount
  }

  async start(): Promise<void> {
    await this.#cluster.connect()
    await this.#log.start()
  }

  readToEnd(timeoutMs?: number): Promise<void> {
    return this.#log.readToEnd(timeoutMs)
  }

  append(key: Buffer | null, value: Buffer | null, timeoutMs?: number): Promise<void> {
    return this.#log.append(key, value, timeoutMs)
  }

  send(key: Buffer | null, value: Buffer | null): Promise<{ partition: number; offset: number }> {
    return this.#log.send(key, value)
  }

  async stop(timeoutMs?: number): Promise<void> {
    await this.#log.stop(timeoutMs)
    await this.#cluster.close()
  }
}

// A topic that is read once and never written, in place of a worker's replica: for commands that look at a cluster and leave no trace. A topic
// that is not there is empty, and is not made. Main thread of a command; an OffsetTopic stands on it.
import { ConnectError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { type ClientProps, clientConfigFrom } from '../kafka/client-config.ts'
import { Cluster } from '../kafka/cluster.ts'
import { readTopic } from '../kafka/read-topic.ts'
import type { ReplicaListener, TopicReplica } from './topic-replica.ts'

export interface OneReadingOptions {
  readonly topic: string
  /** what it is reached by, variables resolved */
  readonly client: ClientProps
  /** of the command, for the broker's logs */
  readonly clientId: string
  readonly log: Logger
  /** for the whole of it */
  readonly timeoutMs: number
}

export class OneReading implements TopicReplica {
  readonly partitionCount = 0
  readonly #o: OneReadingOptions
  readonly #listener: ReplicaListener
  #reading: Promise<void> | null = null

  constructor(options: OneReadingOptions, listener: ReplicaListener) {
    this.#o = options
    this.#listener = listener
  }

  /** Nothing yet: who asks for nothing needs no broker. */
  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  /** The first call reads. @throws ConnectError where its end is not reached in time, KafkaError where it cannot be read */
  readToEnd(): Promise<void> {
    this.#reading ??= this.#read()
    return this.#reading
  }

  append(): Promise<never> {
    return this.#refuse()
  }

  send(): Promise<never> {
    return this.#refuse()
  }

  #refuse(): Promise<never> {
    return Promise.reject(new ConnectError(`topic ${this.#o.topic} is only read here`))
  }

  async #read(): Promise<void> {
    const { topic, client, clientId, log, timeoutMs } = this.#o
    const cluster = new Cluster(clientConfigFrom({ ...client, 'client.id': clientId }, clientId), log)
    try {
      await cluster.connect()
      await readTopic({ cluster, log, timeoutMs }, topic, record => this.#listener.onRecord(record))
    } finally {
      await cluster.close().catch(() => undefined)
    }
  }
}

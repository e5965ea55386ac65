// A replica of a compacted topic: everything in it is read from the beginning and handed to onRecord, then kept up with; appends are acknowledged by
// the broker and, where asked for, read back. Runs on the main thread (supervisor); the topic-backed stores stand on it.
// Java: KafkaBasedLog. Limits: the producer's buffer.memory for what is being appended, two fetch answers for what is being read;
// no record is held here.
import type { Clock } from '../base/clock.ts'
import { AbortedError, ConfigError, KafkaError, toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { MIB } from '../base/units.ts'
import { Admin, LATEST } from './admin.ts'
import type { Cluster } from './cluster.ts'
import { ErrorCode } from './codec/errors.ts'
import type { Isolation } from './codec/fetch.ts'
import { readKey, readValue } from './codec/record-batch.ts'
import { Fetcher } from './fetcher.ts'
import { Producer, type ProducerOptions } from './producer.ts'
import { INTERNAL_TOPIC_PRODUCER } from './producer-options.ts'
import { partitionKey, type RawBatch, type TopicPartition } from './types.ts'

export interface LogRecord {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  /** null: a tombstone */
  readonly value: Buffer | null
}

export interface TopicLogOptions {
  readonly cluster: Cluster
  readonly log: Logger
  readonly clock: Clock
  readonly topic: string
  /** the worker's key that names the topic, for messages */
  readonly topicKey: string
  /** how to create the topic where it is missing; -1: the broker's default. cleanup.policy=compact is added */
  readonly create: {
    readonly partitions: number
    readonly replicationFactor: number
    readonly configs?: Readonly<Record<string, string>>
  }
  /** how many partitions the topic must have; any number where absent */
  readonly partitionsRequired?: number
  readonly isolation?: Isolation
  readonly producer?: Partial<ProducerOptions>
  /** called in offset order within a partition; what it throws goes to onError */
  onRecord(record: LogRecord): void
  /** reading cannot go on (a damaged batch, no authorisation): the replica is not to be trusted any more */
  onError(error: Error): void
}

/** How long an append may take, its read-back included; Java's 30 s. */
const APPEND_TIMEOUT_MS = 30_000
/** The end may be a transaction's marker, which is delivered to nobody: positions are looked at this often while somebody waits. */
const LOOK_MS = 20

interface Awaited {
  readonly offsets: ReadonlyMap<string, number>
  resolve(): void
  reject(error: Error): void
}

export class TopicLog {
  readonly #o: TopicLogOptions
  readonly #admin: Admin
  readonly #fetcher: Fetcher
  readonly #producer: Producer
  readonly #waiting = new Set<Awaited>()
  #partitions: readonly TopicPartition[] = []
  #failure: Error | null = null
  #isLooking = false
  #isStopped = false

  constructor(options: TopicLogOptions) {
    this.#o = options
    const { cluster, log, clock } = options
    this.#admin = new Admin(cluster, { clock, log })
    this.#producer = new Producer({
      ...INTERNAL_TOPIC_PRODUCER,
      cluster,
      log,
      clock,
      ...options.producer,
    })
    this.#fetcher = new Fetcher({
      cluster,
      log,
      clock,
      isolation: options.isolation ?? 'read_uncommitted',
      fetchMinBytes: 1,
      fetchMaxWaitMs: 500,
      fetchMaxBytes: 8 * MIB,
      maxPartitionFetchBytes: MIB,
      autoOffsetReset: 'earliest',
      // such a topic is read from its begin each time
      resetLevel: 'debug',
      mayFetch: () => true,
      deliver: batch => this.#deliver(batch),
      onError: error => this.#fail(error),
    })
  }

  get partitionCount(): number {
    return this.#partitions.length
  }

  /** Makes or checks the topic, and reads it to its present end. */
  async start(): Promise<void> {
    const { topic, topicKey, partitionsRequired } = this.#o
    if (!(await this.#create())) await this.#checkCompacted()
    const [found] = await this.#admin.describeTopics([topic])
    if (found == null)
      throw new ConfigError(topicKey, `topic ${topic} of ${topicKey} is not there and this worker may not create it`)
    const partitions = found.partitions.map(p => ({ topic, partition: p.partition }))
    if (partitionsRequired !== undefined && partitions.length !== partitionsRequired)
      throw new ConfigError(
        topicKey,
        `topic ${topic} of ${topicKey} must have ${partitionsRequired} partition(s), it has ${partitions.length}`,
      )
    this.#partitions = partitions
    this.#fetcher.assign(partitions.map(p => ({ ...p, offset: null, epoch: 0 })))
    this.#fetcher.start()
    await this.readToEnd()
  }

  /**
   * Settles when everything that is in the topic at the time of the call has been handed to onRecord.
   * @throws KafkaError (retriable) after `timeoutMs`; without it after a minute without a broker
   */
  async readToEnd(timeoutMs?: number): Promise<void> {
    if (timeoutMs === undefined) return this.#readToEnd()
    const text = `topic ${this.#o.topic} not read to its end within ${timeoutMs} ms`
    await this.#within(timeoutMs, new KafkaError('Fetch', 7, text, true), this.#readToEnd())
  }

  /** Appends and settles when the record is acknowledged and has been handed to onRecord. */
  async append(key: Buffer | null, value: Buffer | null, timeoutMs = APPEND_TIMEOUT_MS): Promise<void> {
    const text = `append to ${this.#o.topic} not acknowledged and read back within ${timeoutMs} ms; it may still be written`
    await this.#within(timeoutMs, new KafkaError('Produce', 7, text, true), this.#appendAndRead(key, value))
  }

  /** Appends and settles when the broker has acknowledged the record. */
  send(key: Buffer | null, value: Buffer | null): Promise<{ partition: number; offset: number }> {
    return new Promise((resolve, reject) => {
      this.#producer.append(this.#o.topic, null, this.#o.clock.now(), key, value, [], (error, metadata) => {
        if (error !== null || metadata === null) reject(error ?? new AbortedError())
        else resolve({ partition: metadata.partition, offset: metadata.offset })
      })
    })
  }

  /** Waits up to `timeoutMs` for what was appended, then stops reading. The cluster stays open: it is the caller's. */
  async stop(timeoutMs = 5000): Promise<void> {
    this.#isStopped = true
    await this.#producer.close(timeoutMs)
    await this.#fetcher.stop()
    for (const one of this.#waiting) one.reject(new AbortedError(`the replica of ${this.#o.topic} was stopped`))
    this.#waiting.clear()
  }

  async #within(timeoutMs: number, error: KafkaError, work: Promise<void>): Promise<void> {
    const limit = new AbortController()
    const late = this.#o.clock.sleep(timeoutMs, limit.signal).then(() => Promise.reject(error))
    late.catch(() => undefined)
    try {
      await Promise.race([late, work])
    } finally {
      limit.abort()
    }
  }

  async #readToEnd(): Promise<void> {
    // The end of all records, also for a reader of committed ones: what is in an open transaction is waited for, as Java does. A commit
    // is answered before readers see it.
    await this.#reached(await this.#admin.listOffsets(this.#partitions, LATEST))
  }

  async #appendAndRead(key: Buffer | null, value: Buffer | null): Promise<void> {
    const { partition, offset } = await this.send(key, value)
    await this.#reached(new Map([[partitionKey({ topic: this.#o.topic, partition }), offset + 1]]))
  }

  /** Whether the topic is new. A worker without the right to create topics takes the one that is there (as Java). */
  async #create(): Promise<boolean> {
    const { topic, topicKey, create, log } = this.#o
    const configs = { 'cleanup.policy': 'compact', ...create.configs }
    try {
      return await this.#admin.createTopicIfAbsent({ topic, ...create, configs })
    } catch (error) {
      const code = error instanceof KafkaError ? error.errorCode : null
      if (code === ErrorCode.TOPIC_AUTHORIZATION_FAILED || code === ErrorCode.CLUSTER_AUTHORIZATION_FAILED) {
        log.info({ topic }, 'this worker may not create topics: the topic must be there')
        return false
      }
      if (code !== ErrorCode.INVALID_REPLICATION_FACTOR && code !== ErrorCode.INVALID_CONFIG) throw error
      const advice =
        code === ErrorCode.INVALID_CONFIG
          ? `Correct its settings, ${topicKey.replace(/topic$/, '*')}`
          : `Set ${topicKey.replace(/topic$/, 'replication.factor')}, now ${create.replicationFactor}, to no more than there are brokers`
      throw new ConfigError(topicKey, `topic ${topic} could not be created: ${toError(error).message}. ${advice}`)
    }
  }

  async #checkCompacted(): Promise<void> {
    const { topic, topicKey, log } = this.#o
    let policy: string | null | undefined
    try {
      policy = (await this.#admin.topicConfigs(topic, ['cleanup.policy'])).get('cleanup.policy')?.value
    } catch (error) {
      log.warn({ topic, error: toError(error).message }, 'could not check that the topic is compacted')
      return
    }
    if (policy === 'compact' || policy == null) return
    throw new ConfigError(
      topicKey,
      `topic ${topic} of ${topicKey} must have cleanup.policy=compact, it has cleanup.policy=${policy}: it would lose what it keeps. Name another topic or change its policy`,
    )
  }

  #deliver(batch: RawBatch): void {
    for (let i = 0; i < batch.count; i++) {
      this.#o.onRecord(logRecord(batch, i))
    }
    this.#settle()
  }

  #fail(error: Error): void {
    this.#failure = error
    for (const one of this.#waiting) one.reject(error)
    this.#waiting.clear()
    this.#o.onError(error)
  }

  #reached(offsets: ReadonlyMap<string, number>): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure)
    if (this.#isStopped) return Promise.reject(new AbortedError())
    return new Promise((resolve, reject) => {
      this.#waiting.add({ offsets, resolve, reject })
      this.#settle()
      if (!this.#isLooking) void this.#look()
    })
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    while (this.#waiting.size > 0) {
      await this.#o.clock.sleep(LOOK_MS)
      this.#settle()
    }
    this.#isLooking = false
  }

  #settle(): void {
    for (const one of this.#waiting) {
      const isThere = this.#partitions.every(p => (this.#fetcher.position(p) ?? -1) >= (one.offsets.get(partitionKey(p)) ?? -1))
      if (!isThere) continue
      this.#waiting.delete(one)
      one.resolve()
    }
  }
}

/** A record by itself. Key and value are copies: a view would keep the whole fetch answer alive. */
export function logRecord(batch: RawBatch, i: number): LogRecord {
  const key = readKey(batch, i)
  const value = readValue(batch, i)
  return {
    partition: batch.partition,
    offset: batch.index.offsets[i] ?? -1,
    timestamp: batch.index.timestamps[i] ?? -1,
    key: key && Buffer.from(key),
    value: value && Buffer.from(value),
  }
}

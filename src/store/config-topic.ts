// The configs of a cluster, in Java's config topic (Java: KafkaConfigBackingStore; CONNECT.md 3.1). Every worker has a replica; what belongs to
// the whole cluster is written by the group's leader only ("privileged"), exactly-once sources: by one that has fenced older leaders.
// Main thread; called by the distributed herder and the group.
// Limits: a write takes 30 s at most, and 100 wait for the one under way.
import type { Clock } from '../base/clock.ts'
import { ConnectError, KafkaError, toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import type { LogRecord } from '../kafka/topic-log.ts'
import type { ClusterConfig, SessionKey } from './cluster-config.ts'
import {
  type ConfigRecord,
  commitRecord,
  connectorRecord,
  fencingRecord,
  loggerLevelRecord,
  parseConfigRecord,
  type RestartScope,
  restartRecord,
  sessionKeyRecord,
  targetRecord,
  taskRecord,
} from './config-records.ts'
import { type ConfigChange, ConfigState } from './config-state.ts'
import type { ConfigStore, ConnectorEntry, Props, TargetState } from './config-store.ts'
import type { OpenReplica, ReplicaRecord, TopicReplica } from './topic-replica.ts'

/** Told of records read after start has finished, in their order; the state has each already. Must not throw. */
export interface ConfigListener {
  connectorChanged(connector: string): void
  connectorRemoved(connector: string): void
  /** a commit: also one that left the connector inconsistent, and one of the same configs */
  tasksChanged(connector: string): void
  targetChanged(connector: string): void
  sessionKeyChanged(key: SessionKey): void
  restartRequested(connector: string, scope: RestartScope): void
  loggerLevelChanged(namespace: string, level: string): void
  /** the topic cannot be read any more: the worker must end */
  failed(error: Error): void
}

/** A transactional producer on the config topic, made anew for each claim. */
export interface PrivilegedWriter {
  /** all of them in one transaction; settles when committed */
  write(records: readonly ReplicaRecord[], timeoutMs: number): Promise<void>
  close(): Promise<void>
}

export interface ConfigTopicOptions {
  /** with `partitionsRequired: 1` */
  readonly open: OpenReplica
  readonly topic: string
  readonly clock: Clock
  readonly log: Logger
  readonly listener: ConfigListener
  /** where exactly.once.source.support is not disabled: fences writers before it and resolves; absent: writes are plain */
  readonly openWriter?: () => Promise<PrivilegedWriter>
}

/** A write, its acknowledgement and reading it back (Java: READ_WRITE_TOTAL_TIMEOUT_MS). */
const WRITE_TIMEOUT_MS = 30_000
const WRITES_WAITING_MAX = 100
/** `code` of a privileged write that failed: claim again, if still the leader, and try again (Java: PrivilegedWriteException) */
export const WRITE_PRIVILEGE_LOST = 'CONNECT_WRITE_PRIVILEGE_LOST'

export class ConfigTopic implements ConfigStore {
  readonly #o: ConfigTopicOptions
  readonly #replica: TopicReplica
  readonly #state = new ConfigState()
  readonly #writes = new SerialQueue(WRITES_WAITING_MAX)
  #writer: PrivilegedWriter | null = null
  #isStarted = false

  constructor(options: ConfigTopicOptions) {
    this.#o = options
    this.#replica = options.open({
      onRecord: record => this.#read(record),
      onError: error => options.listener.failed(error),
    })
  }

  /** Makes or checks the topic and reads it to its end. @throws ConfigError where it is not compacted or has not one partition */
  async start(): Promise<void> {
    await this.#replica.start()
    this.#isStarted = true
  }

  /** Ends writes that are under way within `timeoutMs`. */
  async stop(timeoutMs?: number): Promise<void> {
    await this.#dropWriter()
    await this.#replica.stop(timeoutMs)
  }

  // ---- read

  /** As of now; never changes. Cheap. */
  snapshot(): ClusterConfig {
    return this.#state.snapshot()
  }

  /** Reads to the present end of the topic. Rejects (retriable) after `timeoutMs`. */
  async refresh(timeoutMs: number): Promise<ClusterConfig> {
    await this.#replica.readToEnd(timeoutMs)
    return this.snapshot()
  }

  names(): string[] {
    return [...this.snapshot().names()]
  }

  get(connector: string): ConnectorEntry | undefined {
    const found = this.snapshot().get(connector)
    if (found === undefined || found.config === null) return undefined
    const { config, target, tasks, appliedConfig } = found
    return { config, target, tasks, appliedConfig }
  }

  // ---- written by the leader

  /**
   * The leader calls it with true before it writes, others with false. Only with `openWriter` is there something to claim.
   * @throws retriable where the claim did not go through
   */
  claimWrites(isLeader: boolean): Promise<void> {
    return this.#writes.run('claiming the config topic', async () => {
      if (!isLeader) return this.#dropWriter()
      if (this.#o.openWriter === undefined || this.#writer !== null) return
      try {
        this.#writer = await this.#o.openWriter()
      } catch (error) {
        const text = `the right to write to config topic ${this.#o.topic} was not got: ${toError(error).message}`
        throw new ConnectError(text, { code: WRITE_PRIVILEGE_LOST, retriable: true, cause: error })
      }
    })
  }

  putConfig(connector: string, config: Props, target?: TargetState): Promise<void> {
    const records = target === undefined ? [] : [targetRecord(connector, target)]
    return this.#put(`the config of connector ${connector}`, [[...records, connectorRecord(connector, config)]])
  }

  remove(connector: string): Promise<void> {
    return this.#put(`the removal of connector ${connector}`, [[connectorRecord(connector, null), targetRecord(connector, null)]])
  }

  putTasks(connector: string, tasks: readonly Props[]): Promise<void> {
    const commit = [commitRecord(connector, tasks.length)]
    const records = tasks.map((config, task) => taskRecord(connector, task, config))
    return this.#put(`task configs of connector ${connector}`, tasks.length === 0 ? [commit] : [records, commit], true)
  }

  /** How many tasks of a source may have open transactions, before they start (KIP-618). */
  putTaskCount(connector: string, taskCount: number): Promise<void> {
    return this.#put(`the task count of connector ${connector}`, [[fencingRecord(connector, taskCount)]])
  }

  putSessionKey(key: SessionKey): Promise<void> {
    return this.#put('the session key', [[sessionKeyRecord(key)]])
  }

  putRestart(connector: string, scope: RestartScope): Promise<void> {
    return this.#put(`the restart of connector ${connector}`, [[restartRecord(connector, scope)]])
  }

  // ---- written by any worker

  putTarget(connector: string, target: TargetState): Promise<void> {
    return this.#putPlain(targetRecord(connector, target))
  }

  putLoggerLevel(namespace: string, level: string): Promise<void> {
    return this.#putPlain(loggerLevelRecord(namespace, level))
  }

  async #putPlain({ key, value }: ReplicaRecord): Promise<void> {
    await this.#replica.append(key, value, WRITE_TIMEOUT_MS)
  }

  /** @param groups each read back before the next is written. @param afterReading the topic is read to its end before the first */
  #put(what: string, groups: readonly (readonly ReplicaRecord[])[], afterReading = false): Promise<void> {
    return this.#writes.run(`writing ${what}`, async () => {
      const endMs = this.#o.clock.monotonicMs() + WRITE_TIMEOUT_MS
      const remainingMs = () => Math.max(endMs - this.#o.clock.monotonicMs(), 0)
      if (afterReading) await this.#replica.readToEnd(remainingMs())
      for (const records of groups) {
        await this.#write(what, records, remainingMs())
        await this.#replica.readToEnd(remainingMs())
      }
    })
  }

  async #write(what: string, records: readonly ReplicaRecord[], timeoutMs: number): Promise<void> {
    if (this.#o.openWriter !== undefined) return this.#writePrivileged(what, records, timeoutMs)
    const limit = new AbortController()
    const late = this.#o.clock.sleep(timeoutMs, limit.signal).then(() => {
      const text = `${what} could not be written to config topic ${this.#o.topic} within ${WRITE_TIMEOUT_MS} ms; it may still be written`
      throw new KafkaError('Produce', 7, text, true)
    })
    late.catch(() => undefined)
    try {
      await Promise.race([late, Promise.all(records.map(({ key, value }) => this.#replica.send(key, value)))])
    } finally {
      limit.abort()
    }
  }

  async #writePrivileged(what: string, records: readonly ReplicaRecord[], timeoutMs: number): Promise<void> {
    try {
      if (this.#writer === null) throw new ConnectError('this worker has not claimed the right to write')
      await this.#writer.write(records, timeoutMs)
    } catch (error) {
      await this.#dropWriter()
      const text = `${what} could not be written to config topic ${this.#o.topic}: ${toError(error).message}. Is another worker the leader now?`
      throw new ConnectError(text, { code: WRITE_PRIVILEGE_LOST, retriable: true, cause: error })
    }
  }

  async #dropWriter(): Promise<void> {
    const writer = this.#writer
    this.#writer = null
    try {
      await writer?.close()
    } catch (error) {
      this.#o.log.warn({ topic: this.#o.topic, error: toError(error).message }, 'the writer of the config topic did not close')
    }
  }

  #read({ key, value, offset }: LogRecord): void {
    const { log, topic } = this.#o
    // a compacted topic takes no record without a key
    if (key === null) return
    const at = { topic, offset, key: key.toString() }
    let record: ConfigRecord
    try {
      record = parseConfigRecord(key, value)
    } catch (error) {
      // No JSON to Jackson either: it does not count for the config offset, since Java's members, whose converter throws at it too,
      // do not count it. Members that count differently would rebalance for ever.
      log.error({ ...at, error: toError(error).message }, 'a record of the config topic is ignored')
      return
    }
    if (record.kind === 'invalid') log.error({ ...at, error: record.why }, 'a record of the config topic is ignored')
    const change = this.#state.apply(record, offset)
    if (this.#isStarted && change !== null) this.#tell(change)
  }

  #tell(change: ConfigChange): void {
    const { listener } = this.#o
    if (change.kind === 'sessionKeyChanged') listener.sessionKeyChanged(change.key)
    else if (change.kind === 'restartRequested') listener.restartRequested(change.connector, change.scope)
    else if (change.kind === 'loggerLevelChanged') listener.loggerLevelChanged(change.namespace, change.level)
    else listener[change.kind](change.connector)
  }
}

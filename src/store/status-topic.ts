// Statuses of a cluster, in Java's status topic (Java: KafkaStatusBackingStore; CONNECT.md 3.3). A write is seen by this worker at once and by
// the others once it is in the topic; it never blocks. One that fails is tried again unless something newer is known. Until what this
// worker wrote comes back, older records of others do not hide it. Main thread; called by the distributed herder.
// Limits: one write waits for its next try for each connector, task and topic; TOPICS_PER_CONNECTOR_MAX topics are tracked of a connector.
import { exponentialBackoffMs } from '../base/backoff.ts'
import type { Clock, Timer } from '../base/clock.ts'
import { isRetriable, toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import type { LogRecord } from '../kafka/topic-log.ts'
import { connectorStatusRecord, parseStatusRecord, type StatusRecord, taskStatusRecord, topicRecord } from './status-records.ts'
import { type Status, type StatusStore, TOPICS_PER_CONNECTOR_MAX, type TopicUse } from './status-store.ts'
import type { OpenReplica, ReplicaRecord, TopicReplica } from './topic-replica.ts'

export interface StatusTopicOptions {
  readonly open: OpenReplica
  readonly topic: string
  readonly clock: Clock
  readonly log: Logger
  /** the topic cannot be read any more: the worker must end */
  onFailed(error: Error): void
}

/** Of a status whose generation means nothing any more. */
const OUTDATED = -1
const RETRY_MS = 100
const RETRY_MAX_MS = 5_000

/** What one key holds: as read, and what this worker wrote that has not come back yet. */
class Entry<T> {
  read: T | undefined = undefined
  readOffset = -1
  /** the topic has a value of it that a tombstone of its connector hides; it was of another partition, maybe written after the tombstone */
  isHidden = false
  /** of this worker's writes */
  sequence = 0
  /** the newest write that is on its way; value null: a tombstone; offset null: not acknowledged */
  own: { readonly value: T | null; offset: number | null } | null = null
  readonly #forget: () => void

  /** @param forget takes it out of its map, once it holds nothing */
  constructor(forget: () => void) {
    this.#forget = forget
  }

  get value(): T | undefined {
    return this.own === null ? this.read : (this.own.value ?? undefined)
  }

  noteRead(read: T | undefined, offset: number): void {
    this.read = read
    this.readOffset = offset
    this.isHidden = false
    if (this.own !== null && this.own.offset !== null && this.own.offset <= offset) this.own = null
    this.forgetIfEmpty()
  }

  noteAcknowledged(sequence: number, offset: number): void {
    if (this.own === null || sequence !== this.sequence) return
    if (this.readOffset < offset) this.own.offset = offset
    else this.dropOwn()
  }

  dropOwn(): void {
    this.own = null
    this.forgetIfEmpty()
  }

  hide(): void {
    if (this.read === undefined) return
    this.read = undefined
    this.isHidden = true
  }

  forgetIfEmpty(): void {
    if (this.read === undefined && this.own === null && !this.isHidden) this.#forget()
  }
}

export class StatusTopic implements StatusStore {
  readonly #o: StatusTopicOptions
  readonly #replica: TopicReplica
  readonly #connectors = new Map<string, Entry<Status>>()
  readonly #tasks = new Map<string, Map<number, Entry<Status>>>()
  readonly #topics = new Map<string, Map<string, Entry<TopicUse>>>()
  readonly #retries = new Set<Timer>()
  /** first and later tries, as they are under way; one for each write */
  readonly #sending = new Set<Promise<void>>()
  #isStopped = false

  constructor(options: StatusTopicOptions) {
    this.#o = options
    this.#replica = options.open({ onRecord: record => this.#read(record), onError: error => options.onFailed(error) })
  }

  /** Makes or checks the topic and reads it to its end. @throws ConfigError where it is not compacted */
  start(): Promise<void> {
    return this.#replica.start()
  }

  /** Waits up to `timeoutMs` for what was written; what has failed is not tried again. */
  async stop(timeoutMs?: number): Promise<void> {
    this.#isStopped = true
    for (const timer of this.#retries) timer.cancel()
    this.#retries.clear()
    await this.#replica.stop(timeoutMs)
  }

  /**
   * Settles when what was written before is acknowledged or has failed once, after `timeoutMs` at the latest. Before a rebalance: what this
   * worker says of work that it gave up must not come behind what the next one says of it (Java: StatusBackingStore.flush).
   */
  async flush(timeoutMs: number): Promise<void> {
    if (this.#sending.size === 0) return
    const limit = new AbortController()
    const late = this.#o.clock.sleep(timeoutMs, limit.signal).catch(() => undefined)
    await Promise.race([Promise.all(this.#sending), late])
    limit.abort()
  }

  /**
   * What was read of a generation after this one is of a former life of the group: the broker forgets a group whose workers were all away, and counts
   * from 1 again. A worker that is gone must not be later than all that come, or what they say of a failure would never be seen.
   */
  outdate(generation: number): void {
    const entries = [...this.#connectors.values(), ...[...this.#tasks.values()].flatMap(tasks => [...tasks.values()])]
    for (const entry of entries)
      if (entry.read !== undefined && entry.read.generation > generation) entry.read = { ...entry.read, generation: OUTDATED }
  }

  // ---- read

  /** Those with a status of their own or of a task: the leader removes those of connectors that are gone. */
  connectors(): string[] {
    const names = new Set([...this.#connectors].filter(([, entry]) => entry.value !== undefined).map(([name]) => name))
    for (const name of this.#tasks.keys()) if (this.storedTasks(name).length > 0) names.add(name)
    return [...names]
  }

  connector(name: string): Status | undefined {
    return this.#connectors.get(name)?.value
  }

  task(name: string, task: number): Status | undefined {
    return this.#tasks.get(name)?.get(task)?.value
  }

  tasks(name: string): readonly (readonly [number, Status])[] {
    const found: [number, Status][] = []
    for (const [task, { value }] of this.#tasks.get(name) ?? []) if (value !== undefined) found.push([task, value])
    return found.sort(([a], [b]) => a - b)
  }

  /** Those of which the topic has a status, also one that is not seen here: a worker that read in another order may see it. */
  storedTasks(name: string): readonly number[] {
    const entries = [...(this.#tasks.get(name) ?? [])]
    return entries.filter(([, one]) => one.value !== undefined || (one.isHidden && one.own === null)).map(([task]) => task)
  }

  topics(name: string): readonly TopicUse[] {
    const entries = [...(this.#topics.get(name)?.values() ?? [])]
    return entries.map(entry => entry.value).filter(use => use !== undefined)
  }

  // ---- written

  putConnector(name: string, status: Status): void {
    this.#put(this.#connectorEntry(name), connectorStatusRecord(name, status), status)
  }

  putTask(name: string, task: number, status: Status): void {
    this.#put(this.#taskEntry(name, task), taskStatusRecord(name, task, status), status)
  }

  /** For what may come late (UNASSIGNED, FAILED): not written where another worker of a later generation has written since. */
  putConnectorSafely(name: string, status: Status): void {
    if (!isOfLaterWorker(this.connector(name), status)) this.putConnector(name, status)
  }

  /** See putConnectorSafely. */
  putTaskSafely(name: string, task: number, status: Status): void {
    if (!isOfLaterWorker(this.task(name, task), status)) this.putTask(name, task, status)
  }

  removeTask(name: string, task: number): void {
    this.#put(this.#taskEntry(name, task), taskStatusRecord(name, task, null), null)
  }

  remove(name: string): void {
    for (const task of this.storedTasks(name)) this.removeTask(name, task)
    this.#put(this.#connectorEntry(name), connectorStatusRecord(name, null), null)
    this.resetTopics(name)
  }

  putTopic(use: TopicUse): void {
    const known = this.#topics.get(use.connector)
    if (known?.get(use.topic)?.value !== undefined || (known?.size ?? 0) >= TOPICS_PER_CONNECTOR_MAX) return
    this.#put(this.#topicEntry(use.connector, use.topic), topicRecord(use.connector, use.topic, use), use)
  }

  resetTopics(name: string): void {
    for (const { topic } of this.topics(name)) this.#put(this.#topicEntry(name, topic), topicRecord(name, topic, null), null)
  }

  #put<T extends Status | TopicUse>(entry: Entry<T>, record: ReplicaRecord, value: T | null): void {
    entry.sequence++
    entry.own = { value, offset: null }
    this.#begin(entry, record, value, entry.sequence, entry.readOffset, 0)
  }

  #begin<T extends Status | TopicUse>(
    entry: Entry<T>,
    record: ReplicaRecord,
    value: T | null,
    sequence: number,
    knownOffset: number,
    attempt: number,
  ): void {
    const sending = this.#send(entry, record, value, sequence, knownOffset, attempt).finally(() => this.#sending.delete(sending))
    this.#sending.add(sending)
  }

  async #send<T extends Status | TopicUse>(
    entry: Entry<T>,
    record: ReplicaRecord,
    value: T | null,
    sequence: number,
    knownOffset: number,
    attempt: number,
  ): Promise<void> {
    try {
      const { offset } = await this.#replica.send(record.key, record.value)
      entry.noteAcknowledged(sequence, offset)
    } catch (error) {
      const isNewest = sequence === entry.sequence
      if (isNewest && isRetriable(error) && !this.#isStopped && !isOutdated(entry, value, knownOffset)) {
        const timer = this.#o.clock.after(exponentialBackoffMs(attempt, RETRY_MS, RETRY_MAX_MS), () => {
          this.#retries.delete(timer)
          const isStill = sequence === entry.sequence && !isOutdated(entry, value, knownOffset)
          if (isStill) this.#begin(entry, record, value, sequence, knownOffset, attempt + 1)
          else if (sequence === entry.sequence) entry.dropOwn()
        })
        this.#retries.add(timer)
        return
      }
      if (isNewest) entry.dropOwn()
      if (this.#isStopped || isRetriable(error)) return
      const at = { topic: this.#o.topic, key: record.key.toString(), error: toError(error).message }
      this.#o.log.error(at, 'a status was not written')
    }
  }

  // ---- taken from the topic

  #read({ key, value, offset }: LogRecord): void {
    if (key === null) return
    const { log, topic } = this.#o
    const at = { topic, offset, key: key.toString() }
    let record: StatusRecord
    try {
      record = parseStatusRecord(key, value)
    } catch (error) {
      log.error({ ...at, error: toError(error).message }, 'a record of the status topic is ignored')
      return
    }
    if (record.kind === 'invalid') log.error({ ...at, error: record.why }, 'a record of the status topic is ignored')
    else if (record.kind === 'connector') this.#readConnector(record.connector, record.status, offset)
    else if (record.kind === 'task') this.#readTask(record.connector, record.task, record.status, offset)
    else if (record.kind === 'topic') this.#readTopic(record.use.connector, record.use.topic, record.use, offset)
    else if (record.kind === 'topicReset') this.#readTopic(record.connector, record.topic, null, offset)
  }

  #readConnector(name: string, status: Status | null, offset: number): void {
    this.#connectorEntry(name).noteRead(status ?? undefined, offset)
    if (status === null) for (const one of this.#tasks.get(name)?.values() ?? []) one.hide()
  }

  #readTask(name: string, task: number, status: Status | null, offset: number): void {
    const entry = this.#taskEntry(name, task)
    const { read } = entry
    // What a worker says on leaving may arrive behind what the next one says on starting.
    const isLate = status?.state === 'UNASSIGNED' && read?.state === 'RUNNING' && read.generation >= status.generation
    entry.noteRead(isLate ? read : (status ?? undefined), offset)
  }

  #readTopic(name: string, topic: string, use: TopicUse | null, offset: number): void {
    const known = this.#topics.get(name)
    if (known?.has(topic) !== true && (use === null || (known?.size ?? 0) >= TOPICS_PER_CONNECTOR_MAX)) return
    this.#topicEntry(name, topic).noteRead(use ?? undefined, offset)
  }

  #connectorEntry(name: string): Entry<Status> {
    return entryOf(this.#connectors, name)
  }

  #taskEntry(name: string, task: number): Entry<Status> {
    return entryBelow(this.#tasks, name, task)
  }

  #topicEntry(name: string, topic: string): Entry<TopicUse> {
    return entryBelow(this.#topics, name, topic)
  }
}

function entryOf<K, T>(entries: Map<K, Entry<T>>, key: K, forgotten: () => void = () => undefined): Entry<T> {
  const known = entries.get(key)
  if (known !== undefined) return known
  const entry = new Entry<T>(() => {
    entries.delete(key)
    forgotten()
  })
  entries.set(key, entry)
  return entry
}

function entryBelow<K, T>(all: Map<string, Map<K, Entry<T>>>, name: string, key: K): Entry<T> {
  const entries = all.get(name) ?? new Map<K, Entry<T>>()
  all.set(name, entries)
  return entryOf(entries, key, () => {
    if (entries.size === 0) all.delete(name)
  })
}

/** Another worker, which joined the group after the one that wrote `status`, has written `known`. */
function isOfLaterWorker(known: Status | undefined, status: Status): boolean {
  return known !== undefined && known.workerId !== status.workerId && known.generation > status.generation
}

/** A write that failed must not go out any more. A tombstone: once anything else was read; a status: once a later worker's was. */
function isOutdated<T extends Status | TopicUse>(entry: Entry<T>, value: T | null, knownOffset: number): boolean {
  if (value === null) return entry.readOffset !== knownOffset
  const { read } = entry
  return read !== undefined && 'workerId' in read && 'workerId' in value && isOfLaterWorker(read, value)
}

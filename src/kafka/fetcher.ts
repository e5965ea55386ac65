// Reads the assigned partitions and delivers their records batch by batch, each partition in offset order. Runs in a task thread
// (sink tasks) or wherever a TopicLog lives; they assign, and call `wake` when they have room again.
//
// At most one Fetch is in flight a broker, and none is sent while mayFetch() is false. While an answer is drained the next is under way
// already. Nothing turns idly: #pump runs when the assignment changes, an answer or metadata arrives, wake is called, or the one
// timer (back-off) fires. What is held here is answers as they came, per broker up to its share of fetchMaxBytes drained and as much
// in flight: 2 x fetchMaxBytes in all, and one batch more where that alone is larger (KIP-74).
//
// A partition's answer belongs to the FetchState it was asked for; seek, assign and unassign replace or drop that, so what comes late
// for the old one is not delivered.
import { exponentialBackoffMs } from '../base/backoff.ts'
import { type Clock, type Timer, yieldToEventLoop } from '../base/clock.ts'
import { ConnectError, isRetriable, KafkaError, toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { AnswerMemory } from './answer-memory.ts'
import type { Cluster } from './cluster.ts'
import { ErrorCode, errorInfo, kafkaError } from './codec/errors.ts'
import { decodeFetch, encodeFetch, type FetchedPartition, fetchApi, type Isolation } from './codec/fetch.ts'
import { PartitionRecords } from './codec/partition-records.ts'
import { FetchState } from './fetch-state.ts'
import type { FetchFigures } from './figures.ts'
import { REUSED_BYTES_MIN } from './free-buffers.ts'
import { listResetOffsets, type ResetOffset, type ResetPolicy } from './offset-reset.ts'
import { partitionKey, type RawBatch, type TopicPartition } from './types.ts'

export interface FetcherOptions {
  readonly cluster: Cluster
  readonly log: Logger
  readonly clock: Clock
  readonly isolation: Isolation
  readonly fetchMinBytes: number
  readonly fetchMaxWaitMs: number
  /** bytes of the answers asked for at one time, all brokers together */
  readonly fetchMaxBytes: number
  readonly maxPartitionFetchBytes: number
  readonly autoOffsetReset: ResetPolicy
  /** called synchronously, never after unassign, seek or stop for what they concern */
  readonly deliver: (batch: RawBatch) => void
  /** whether there is room; asked before each batch and each request. When it becomes true again, call `wake` */
  readonly mayFetch: () => boolean
  /** a damaged batch (DataError) or an error that trying again does not mend; the partitions it concerns are fetched no more until assigned or sought anew */
  readonly onError: (error: Error) => void
  readonly figures?: FetchFigures
  /** of the line about each partition that is read by auto.offset.reset; default: info */
  readonly resetLevel?: 'info' | 'debug'
}

export interface AssignedPartition extends TopicPartition {
  /** null: by auto.offset.reset */
  readonly offset: number | null
  readonly epoch: number
}

/** Draining lets timers and sockets of the thread run this often. */
const DRAIN_MS_MAX = 20
/** A smaller answer tells that little comes: then memory kept for large ones is given back. */
const IDLE_ANSWER_BYTES = 4096
/** A broker is asked for no less, however many share fetchMaxBytes. */
const SHARE_BYTES_MIN = 64 * 1024
/** Above fetchMaxWaitMs, how long an answer may take: Java's request.timeout.ms. */
const ANSWER_MS_MAX = 30_000
const BACKOFF_MS = 100
const BACKOFF_MAX_MS = 1000

/** Errors that say our picture of the leaders is old. */
const STALE_METADATA: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
  ErrorCode.LEADER_NOT_AVAILABLE,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.REPLICA_NOT_AVAILABLE,
  ErrorCode.KAFKA_STORAGE_ERROR,
  ErrorCode.FENCED_LEADER_EPOCH,
  ErrorCode.UNKNOWN_LEADER_EPOCH,
  ErrorCode.OFFSET_NOT_AVAILABLE,
])

export class Fetcher {
  readonly #o: FetcherOptions
  /** in the order they are asked for: those that were served go to the end, so that none starves behind fetchMaxBytes */
  readonly #states = new Map<string, FetchState>()
  readonly #asking = new Set<number>()
  readonly #troubledNodes = new Set<number>()
  #isResetting = false
  #isRefreshing = false
  #isDraining = false
  #isPumpQueued = false
  #isRunning = false
  #timer: Timer | null = null

  constructor(options: FetcherOptions) {
    this.#o = options
  }

  start(): void {
    this.#isRunning = true
    this.#queuePump()
  }

  /** Nothing is delivered any more. What is in flight is not waited for; closing the cluster ends it. */
  async stop(): Promise<void> {
    this.#isRunning = false
    this.#timer?.cancel()
    for (const state of this.#states.values()) state.dropPending()
  }

  /** Takes these partitions on; one that is assigned already starts anew at the offset given. Others stay. */
  assign(partitions: readonly AssignedPartition[]): void {
    for (const p of partitions) {
      const state = new FetchState(p, p.offset, p.epoch)
      this.#states.delete(state.key)
      this.#states.set(state.key, state)
    }
    this.#queuePump()
  }

  unassign(partitions: readonly TopicPartition[]): void {
    for (const p of partitions) this.#states.delete(partitionKey(p))
  }

  /** The next record delivered of this partition is the first at or behind `offset`. Paused stays paused. */
  seek(partition: TopicPartition, offset: number): void {
    const before = this.#states.get(partitionKey(partition))
    if (before === undefined) throw new ConnectError(`seek to ${offset}: ${partitionKey(partition)} is not assigned`)
    const state = new FetchState(partition, offset, before.epoch)
    state.isPaused = before.isPaused
    this.#states.set(state.key, state)
    this.#queuePump()
  }

  /** No record of these is delivered until resumed; what was read ahead is dropped and read again then. */
  pause(partitions: readonly TopicPartition[]): void {
    for (const p of partitions) {
      const state = this.#states.get(partitionKey(p))
      if (state === undefined) continue
      state.isPaused = true
      state.dropPending()
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const p of partitions) {
      const state = this.#states.get(partitionKey(p))
      if (state !== undefined) state.isPaused = false
    }
    this.#queuePump()
  }

  /** The next offset to be delivered; undefined where it is not assigned or not known yet. */
  position(partition: TopicPartition): number | undefined {
    return this.#states.get(partitionKey(partition))?.position ?? undefined
  }

  /** Records that are in the log and not delivered, by the last answer; undefined before the first. */
  lag(partition: TopicPartition): number | undefined {
    const state = this.#states.get(partitionKey(partition))
    if (state === undefined || state.highWatermark === null || state.position === null) return undefined
    return Math.max(0, state.highWatermark - state.position)
  }

  /** The end of the partition by the last answer; undefined before the first. */
  highWatermark(partition: TopicPartition): number | undefined {
    return this.#states.get(partitionKey(partition))?.highWatermark ?? undefined
  }

  /** mayFetch has become true. */
  wake(): void {
    this.#queuePump()
  }

  // ---- what happens next

  #queuePump(): void {
    if (this.#isPumpQueued || !this.#isRunning) return
    this.#isPumpQueued = true
    queueMicrotask(() => {
      this.#isPumpQueued = false
      this.#pump()
    })
  }

  #pump(): void {
    if (!this.#isRunning) return
    const now = this.#o.clock.monotonicMs()
    const mayFetch = this.#o.mayFetch()
    const toReset: FetchState[] = []
    const leaderless = new Set<string>()
    const byNode = new Map<number, FetchState[]>()
    let wakeMs = Number.POSITIVE_INFINITY
    for (const state of this.#states.values()) {
      if (state.isPaused || state.isFailed || state.isAsked) continue
      if (state.notBeforeMs > now) {
        wakeMs = Math.min(wakeMs, state.notBeforeMs)
        continue
      }
      const node = this.#o.cluster.leaderOf(state.topic, state.partition)
      if (node < 0) leaderless.add(state.topic)
      else if (state.fetchOffset === null) toReset.push(state)
      else if (mayFetch) listOf(byNode, node).push(state)
    }
    if (leaderless.size > 0) this.#refresh(leaderless)
    if (toReset.length > 0) this.#reset(toReset)
    this.#ask(byNode)
    this.#timer?.cancel()
    this.#timer = wakeMs < Number.POSITIVE_INFINITY ? this.#o.clock.after(wakeMs - now, () => this.#queuePump()) : null
    if (!this.#isDraining) void this.#drain()
  }

  /** Delivers what waits here, as far as there is room; a partition at a time, so that neighbouring batches stay together. */
  async #drain(): Promise<void> {
    this.#isDraining = true
    try {
      let sinceMs = this.#o.clock.monotonicMs()
      for (let state = this.#nextToDrain(); state !== undefined && this.#o.mayFetch(); state = this.#nextToDrain()) {
        this.#drainOne(state)
        if (this.#o.clock.monotonicMs() - sinceMs < DRAIN_MS_MAX) continue
        await yieldToEventLoop()
        sinceMs = this.#o.clock.monotonicMs()
      }
    } catch (error) {
      // Only `deliver` throws here: our caller's own fault, which must not be lost.
      this.#o.onError(toError(error))
    } finally {
      this.#isDraining = false
    }
  }

  #nextToDrain(): FetchState | undefined {
    if (!this.#isRunning) return undefined
    for (const state of this.#states.values()) if (state.pending.length > 0 && !state.isFailed) return state
    return undefined
  }

  #drainOne(state: FetchState): void {
    const records = state.pending[0] as PartitionRecords
    let batch: RawBatch | null
    try {
      batch = records.next()
    } catch (error) {
      return this.#giveUp(state, toError(error))
    }
    state.position = records.nextOffset
    if (batch !== null) return this.#o.deliver(batch)
    state.pending.shift()
    // The broker's answer is drained: there may be room for the next one.
    if (state.pending.length === 0) this.#queuePump()
  }

  // ---- fetching

  #ask(byNode: ReadonlyMap<number, FetchState[]>): void {
    const brokers = new Set([...byNode.keys(), ...this.#asking]).size
    const shareBytes = Math.max(Math.floor(this.#o.fetchMaxBytes / Math.max(brokers, 1)), SHARE_BYTES_MIN)
    for (const [node, states] of byNode) {
      if (this.#asking.has(node)) continue
      let pendingBytes = 0
      for (const state of states) pendingBytes += state.pendingBytes
      if (pendingBytes <= shareBytes) void this.#fetch(node, states, shareBytes)
    }
  }

  async #fetch(node: number, states: readonly FetchState[], maxBytes: number): Promise<void> {
    const { cluster, isolation, fetchMinBytes, fetchMaxWaitMs, maxPartitionFetchBytes } = this.#o
    const asked = states.map(state => ({ state, offset: state.fetchOffset as number }))
    for (const state of states) state.isAsked = true
    this.#asking.add(node)
    try {
      const body = encodeFetch({
        maxWaitMs: fetchMaxWaitMs,
        minBytes: fetchMinBytes,
        maxBytes,
        partitionMaxBytes: Math.min(maxPartitionFetchBytes, maxBytes),
        isolation,
        partitions: asked.map(({ state, offset }) => ({ topic: state.topic, partition: state.partition, fetchOffset: offset })),
      })
      const askedMs = this.#o.clock.monotonicMs()
      const bytes = await cluster.call(node, 'fetch', fetchApi, body, fetchMaxWaitMs + ANSWER_MS_MAX)
      this.#o.figures?.fetched(this.#o.clock.monotonicMs() - askedMs, bytes.length)
      const memory = bytes.length < REUSED_BYTES_MIN ? undefined : new AnswerMemory(bytes, cluster.freeAnswers)
      const answer = decodeFetch(bytes)
      if (answer.errorCode !== ErrorCode.NONE) throw kafkaError('Fetch', answer.errorCode, `broker ${node}`)
      this.#nodeIsWell(node)
      const byKey = new Map(answer.partitions.map(p => [partitionKey(p), p]))
      for (const { state, offset } of asked) {
        state.isAsked = false
        const fetched = byKey.get(state.key)
        if (fetched !== undefined && this.#isCurrent(state)) this.#onFetched(state, offset, fetched, memory)
      }
      if (bytes.length < IDLE_ANSWER_BYTES) cluster.freeAnswers.clear()
      memory?.release()
    } catch (error) {
      for (const state of states) state.isAsked = false
      this.#onNodeError(node, states, toError(error))
    } finally {
      this.#asking.delete(node)
      this.#queuePump()
    }
  }

  #isCurrent(state: FetchState): boolean {
    return this.#isRunning && this.#states.get(state.key) === state
  }

  #onFetched(state: FetchState, fromOffset: number, fetched: FetchedPartition, memory: AnswerMemory | undefined): void {
    const { topic, partition, errorCode, highWatermark, records } = fetched
    if (errorCode !== ErrorCode.NONE) return this.#onPartitionError(state, fromOffset, errorCode)
    this.#isWell(state)
    state.highWatermark = highWatermark
    // Paused, or paused and resumed, while the answer was under way: it is asked for again.
    if (records === null || records.length === 0 || state.isPaused || state.fetchOffset !== fromOffset) return
    const aborted = this.#o.isolation === 'read_committed' ? fetched.aborted : null
    const pending = new PartitionRecords({
      topic,
      partition,
      epoch: state.epoch,
      highWatermark,
      buffer: records,
      ...(memory === undefined ? {} : { memory }),
      fromOffset,
      aborted,
    })
    state.pending.push(pending)
    state.fetchOffset = pending.endOffset
    // Nothing whole in it: to ask again at once would be to ask for ever.
    if (pending.endOffset === fromOffset) this.#backOff(state)
    this.#states.delete(state.key)
    this.#states.set(state.key, state)
  }

  // ---- where to begin

  #reset(states: readonly FetchState[]): void {
    const policy = this.#o.autoOffsetReset
    if (policy === 'none') {
      for (const state of states) this.#giveUp(state, noOffset(state))
      return
    }
    if (this.#isResetting) return
    this.#isResetting = true
    const byNode = new Map<number, FetchState[]>()
    for (const state of states) listOf(byNode, this.#o.cluster.leaderOf(state.topic, state.partition)).push(state)
    const asked = [...byNode].map(async ([node, those]) => {
      try {
        const answer = await listResetOffsets(this.#o.cluster, node, this.#o.isolation, policy, those)
        const byKey = new Map(answer.map(p => [partitionKey(p), p]))
        for (const state of those) if (this.#isCurrent(state)) this.#onReset(state, policy, byKey.get(state.key))
      } catch (error) {
        this.#onNodeError(node, those, toError(error))
      }
    })
    void Promise.all(asked).then(() => {
      this.#isResetting = false
      this.#queuePump()
    })
  }

  #onReset(state: FetchState, policy: string, found: ResetOffset | undefined): void {
    if (found === undefined) return this.#backOff(state)
    if (found.errorCode !== ErrorCode.NONE) return this.#onPartitionError(state, null, found.errorCode)
    if (found.offset < 0) return this.#backOff(state)
    this.#isWell(state)
    state.fetchOffset = found.offset
    if (state.pending.length === 0) state.position = found.offset
    this.#o.log[this.#o.resetLevel ?? 'info']({ partition: state.key, offset: found.offset, policy }, 'offset reset')
  }

  // ---- trouble: told once when it begins and once when it ends

  #onPartitionError(state: FetchState, offset: number | null, code: number): void {
    if (code === ErrorCode.OFFSET_OUT_OF_RANGE && offset !== null) {
      if (state.fetchOffset !== offset) return
      if (this.#o.autoOffsetReset === 'none')
        return this.#giveUp(state, kafkaError('Fetch', code, `${state.key} at offset ${offset}`))
      this.#o.log.warn({ partition: state.key, offset }, 'the offset is not, or no longer, in the log')
      state.fetchOffset = null
      return
    }
    const { name, retriable } = errorInfo(code)
    if (!retriable && code !== ErrorCode.UNKNOWN_SERVER_ERROR && !STALE_METADATA.has(code))
      return this.#giveUp(state, kafkaError('Fetch', code, state.key))
    if (STALE_METADATA.has(code)) this.#refresh(new Set([state.topic]))
    this.#tryLater(state, name)
  }

  #tryLater(state: FetchState, why: string): void {
    this.#backOff(state)
    if (state.trouble === why) return
    // A change of leader is everyday and mends itself; it is worth a warning when the next try finds it still there.
    const isFirst = state.failures <= 1
    this.#o.log[isFirst ? 'debug' : 'warn']({ partition: state.key, error: why }, 'cannot fetch; trying again')
    if (!isFirst) state.trouble = why
  }

  #isWell(state: FetchState): void {
    state.failures = 0
    if (state.trouble === null) return
    this.#o.log.info({ partition: state.key, was: state.trouble }, 'fetching again')
    state.trouble = null
  }

  #onNodeError(node: number, states: readonly FetchState[], error: Error): void {
    const current = states.filter(state => this.#isCurrent(state))
    if (current.length === 0) return
    if (!isRetriable(error)) {
      for (const state of current) state.isFailed = true
      return this.#o.onError(error)
    }
    for (const state of current) this.#backOff(state)
    this.#refresh(new Set(current.map(state => state.topic)))
    if (this.#troubledNodes.has(node)) return
    this.#troubledNodes.add(node)
    this.#o.log.warn({ broker: node, error: error.message }, 'cannot fetch from the broker; trying again')
  }

  #nodeIsWell(node: number): void {
    if (this.#troubledNodes.delete(node)) this.#o.log.info({ broker: node }, 'fetching from the broker again')
  }

  #backOff(state: FetchState): void {
    state.notBeforeMs = this.#o.clock.monotonicMs() + exponentialBackoffMs(state.failures, BACKOFF_MS, BACKOFF_MAX_MS)
    state.failures++
  }

  #giveUp(state: FetchState, error: Error): void {
    state.isFailed = true
    state.pending.length = 0
    this.#o.onError(error)
  }

  /** One refresh at a time; those whose leader is still unknown after it wait for a back-off. */
  #refresh(topics: ReadonlySet<string>): void {
    if (this.#isRefreshing) return
    this.#isRefreshing = true
    void this.#o.cluster
      .refresh([...topics])
      .catch(error => {
        if (!isRetriable(error) && this.#isRunning) this.#o.onError(toError(error))
      })
      .then(() => {
        this.#isRefreshing = false
        if (!this.#isRunning) return
        const now = this.#o.clock.monotonicMs()
        for (const state of this.#states.values()) {
          const isKnown = this.#o.cluster.leaderOf(state.topic, state.partition) >= 0
          if (topics.has(state.topic) && !isKnown && state.notBeforeMs <= now) this.#tryLater(state, 'no leader is known')
        }
        this.#queuePump()
      })
  }
}

function listOf<V>(lists: Map<number, V[]>, key: number): V[] {
  let list = lists.get(key)
  if (list === undefined) {
    list = []
    lists.set(key, list)
  }
  return list
}

function noOffset(state: FetchState): KafkaError {
  const text = `${state.key} has no committed offset, and auto.offset.reset is none: commit one or choose earliest or latest`
  return new KafkaError('Fetch', ErrorCode.OFFSET_OUT_OF_RANGE, text, false)
}

// A compacted topic in memory that several replicas share: one log, many readers, each as far behind as its delay says. Appends take
// their place at once; what a test chooses is when they are acknowledged and delivered, and whether a replica reaches the log at all.
// Main thread of a test file; driven by the clock it is given, so it runs under virtual time as well.
import type { Clock } from '../../src/base/clock.ts'
import { AbortedError, KafkaError } from '../../src/base/errors.ts'
import { partitionOfKey } from '../../src/kafka/partitioner.ts'
import type { LogRecord } from '../../src/kafka/topic-log.ts'
import type { PrivilegedWriter } from '../../src/store/config-topic.ts'
import type { OpenReplica, ReplicaListener, TopicReplica } from '../../src/store/topic-replica.ts'

export interface MemoryLogOptions {
  readonly clock: Clock
  readonly partitions?: number
}

export interface MemoryReplicaOptions {
  /** of each delivery and each acknowledgement; 0 unless given */
  delayMs?(): number
}

interface Open {
  deliver(): void
}

/** One for all replicas of a topic. */
export class MemoryLog {
  readonly clock: Clock
  readonly partitions: number
  readonly #records: LogRecord[][]
  readonly #nextOffsets: number[]
  readonly #open = new Set<Open>()
  /** transactional id -> epoch of its newest writer */
  readonly #epochs = new Map<string, number>()

  constructor({ clock, partitions = 1 }: MemoryLogOptions) {
    this.clock = clock
    this.partitions = partitions
    this.#records = Array.from({ length: partitions }, () => [])
    this.#nextOffsets = Array.from({ length: partitions }, () => 0)
  }

  /** All that is in it, as keys and values. */
  get texts(): readonly (readonly [key: string, value: string | null])[] {
    return this.#records.flat().map(r => [r.key?.toString() ?? '', r.value?.toString() ?? null] as const)
  }

  append(key: Buffer | null, value: Buffer | null): { partition: number; offset: number } {
    const partition = key === null ? 0 : partitionOfKey(key, this.partitions)
    const offset = this.#nextOffsets[partition] ?? 0
    this.#nextOffsets[partition] = offset + 1
    this.#records[partition]?.push({ partition, offset, timestamp: this.clock.now(), key, value })
    for (const one of this.#open) one.deliver()
    return { partition, offset }
  }

  /** A transaction's marker takes an offset and is delivered to nobody. */
  appendMarker(): void {
    for (const [partition, next] of this.#nextOffsets.entries()) this.#nextOffsets[partition] = next + 1
  }

  /** As the broker may do at any time: only the newest record of each key stays, tombstones too unless `dropTombstones`. */
  compact(dropTombstones = false): void {
    for (const [partition, records] of this.#records.entries()) {
      const newest = new Map(records.map(r => [r.key?.toString('hex'), r.offset]))
      this.#records[partition] = records.filter(
        r => newest.get(r.key?.toString('hex')) === r.offset && !(dropTombstones && r.value === null),
      )
    }
  }

  end(partition: number): number {
    return this.#nextOffsets[partition] ?? 0
  }

  /** The first record at or after `offset`. */
  at(partition: number, offset: number): LogRecord | undefined {
    const records = this.#records[partition] ?? []
    let low = 0
    for (let high = records.length; low < high; ) {
      const middle = (low + high) >> 1
      if ((records[middle]?.offset ?? 0) < offset) low = middle + 1
      else high = middle
    }
    return records[low]
  }

  /** A new replica; `replica` gets what it is driven by. */
  opener(options: MemoryReplicaOptions = {}, opened: (replica: MemoryReplica) => void = () => undefined): OpenReplica {
    return listener => {
      const replica = new MemoryReplica(this, listener, options)
      opened(replica)
      return replica
    }
  }

  attach(replica: Open): () => void {
    this.#open.add(replica)
    return () => void this.#open.delete(replica)
  }

  /** A transactional writer: fences those before it with the same id. */
  async openWriter(transactionalId: string): Promise<PrivilegedWriter> {
    const epoch = (this.#epochs.get(transactionalId) ?? -1) + 1
    this.#epochs.set(transactionalId, epoch)
    return {
      write: async records => {
        if (this.#epochs.get(transactionalId) !== epoch)
          throw new KafkaError('EndTxn', 90, `a newer producer of ${transactionalId} has fenced this one`, false)
        for (const { key, value } of records) this.append(key, value)
        this.appendMarker()
      },
      close: async () => undefined,
    }
  }
}

export class MemoryReplica implements TopicReplica {
  readonly #log: MemoryLog
  readonly #listener: ReplicaListener
  readonly #delayMs: () => number
  readonly #positions: number[]
  readonly #waiting = new Set<{ ends: readonly number[]; resolve(): void; reject(error: Error): void }>()
  #detach: () => void = () => undefined
  #isReachable = true
  #isStopped = false
  #isDelivering = false
  /** appends in the order they were made, also when each has a delay of its own */
  #sending: Promise<unknown> = Promise.resolve()
  #reached: () => void = () => undefined
  #untilReachable: Promise<void> = Promise.resolve()

  constructor(log: MemoryLog, listener: ReplicaListener, options: MemoryReplicaOptions) {
    this.#log = log
    this.#listener = listener
    this.#delayMs = options.delayMs ?? (() => 0)
    this.#positions = Array.from({ length: log.partitions }, () => 0)
  }

  get partitionCount(): number {
    return this.#log.partitions
  }

  async start(): Promise<void> {
    this.#detach = this.#log.attach({ deliver: () => void this.#deliver() })
    await this.readToEnd()
  }

  async readToEnd(timeoutMs?: number): Promise<void> {
    await this.#within(timeoutMs, async () => {
      await this.#turn()
      const ends = this.#positions.map((_, partition) => this.#log.end(partition))
      await new Promise<void>((resolve, reject) => {
        this.#waiting.add({ ends, resolve, reject })
        void this.#deliver()
        this.#settle()
      })
    })
  }

  async append(key: Buffer | null, value: Buffer | null, timeoutMs = 30_000): Promise<void> {
    await this.#within(timeoutMs, async () => {
      await this.send(key, value)
      await this.readToEnd()
    })
  }

  send(key: Buffer | null, value: Buffer | null): Promise<{ partition: number; offset: number }> {
    const sent = this.#sending.then(async () => {
      await this.#turn()
      return this.#log.append(key, value)
    })
    this.#sending = sent.catch(() => undefined)
    return sent
  }

  /** What is not acknowledged is lost: a stopped worker is gone. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#detach()
    this.setReachable(true)
    for (const one of this.#waiting) one.reject(new AbortedError())
    this.#waiting.clear()
  }

  /** false: requests hang and nothing is delivered until it is true again. */
  setReachable(isReachable: boolean): void {
    if (isReachable === this.#isReachable) return
    this.#isReachable = isReachable
    if (isReachable) this.#reached()
    else this.#untilReachable = new Promise(resolve => (this.#reached = resolve))
  }

  /** Reading ends for good. */
  fail(error: Error): void {
    this.#listener.onError(error)
  }

  async #turn(): Promise<void> {
    await this.#untilReachable
    const delayMs = this.#delayMs()
    if (delayMs > 0) await this.#log.clock.sleep(delayMs)
    await this.#untilReachable
    if (this.#isStopped) throw new AbortedError('the replica was stopped')
  }

  async #deliver(): Promise<void> {
    if (this.#isDelivering || this.#isStopped) return
    this.#isDelivering = true
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) {
        await this.#turn()
        this.#positions[next.partition] = next.offset + 1
        this.#listener.onRecord(next)
      }
      // a marker at the end is passed without a record
      for (const partition of this.#positions.keys()) this.#positions[partition] = this.#log.end(partition)
      this.#settle()
    } catch (error) {
      if (!(error instanceof AbortedError)) throw error
    } finally {
      this.#isDelivering = false
    }
  }

  #next(): LogRecord | undefined {
    for (const [partition, position] of this.#positions.entries()) {
      const found = this.#log.at(partition, position)
      if (found !== undefined) return found
    }
    return undefined
  }

  #settle(): void {
    for (const one of this.#waiting) {
      if (!one.ends.every((end, partition) => (this.#positions[partition] ?? 0) >= end)) continue
      this.#waiting.delete(one)
      one.resolve()
    }
  }

  async #within(timeoutMs: number | undefined, run: () => Promise<void>): Promise<void> {
    if (timeoutMs === undefined) return run()
    const limit = new AbortController()
    const late = this.#log.clock
      .sleep(timeoutMs, limit.signal)
      .then(() => Promise.reject(new KafkaError('Fetch', 7, `not done within ${timeoutMs} ms`, true)))
    late.catch(() => undefined)
    try {
      await Promise.race([late, run()])
    } finally {
      limit.abort()
    }
  }
}

// What the tasks of a cluster write, seen as it comes: every record says which task wrote it, in which worker and with which version of its
// config. Times are the broker's, when it appended the record (the topic has LogAppendTime): on one machine they compare with ours, and
// how soon they are read does not matter. Main thread of bench:cluster.
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { MIB } from '../../src/base/units.ts'
import type { Cluster } from '../../src/kafka/cluster.ts'
import { readKey, readValue } from '../../src/kafka/codec/record-batch.ts'
import { Fetcher } from '../../src/kafka/fetcher.ts'
import type { RawBatch } from '../../src/kafka/types.ts'
import { until } from '../progress.ts'

export interface Sighting {
  readonly connector: string
  readonly task: number
  /** name of the worker process that the task ran in */
  readonly worker: string
  /** of the connector's config */
  readonly version: string
  /** since 1970 */
  readonly atMs: number
}

interface Expected {
  readonly tasks: Set<string>
  readonly times: number[]
  isMeant(sighting: Sighting): boolean
}

export const taskName = (connector: string, task: number) => `${connector}-${task}`
const WAIT_MS_MAX = 120_000

export class Sightings {
  /** the newest of each task, by name */
  readonly last = new Map<string, Sighting>()
  /** when a task was last seen in another worker, or with another config, than before; performance.now() */
  changedMs = 0
  readonly #expected = new Set<Expected>()
  readonly #fetcher: Fetcher
  #failure: Error | null = null

  constructor(cluster: Cluster, topic: string) {
    this.#fetcher = new Fetcher({
      cluster,
      log: silentLogger,
      clock: systemClock,
      isolation: 'read_uncommitted',
      fetchMinBytes: 1,
      fetchMaxWaitMs: 500,
      fetchMaxBytes: 8 * MIB,
      maxPartitionFetchBytes: MIB,
      autoOffsetReset: 'earliest',
      mayFetch: () => true,
      deliver: batch => this.#take(batch),
      onError: error => {
        this.#failure = error
      },
    })
    this.#fetcher.assign([{ topic, partition: 0, offset: null, epoch: 0 }])
    this.#fetcher.start()
  }

  stop(): Promise<void> {
    return this.#fetcher.stop()
  }

  /**
   * When the first record of each of the tasks that `isMeant` was appended, of those that are read from now on.
   * @param tasks names
   * @returns milliseconds since 1970, the earliest first
   */
  async first(tasks: readonly string[], isMeant: (sighting: Sighting) => boolean): Promise<number[]> {
    const expected: Expected = { tasks: new Set(tasks), times: [], isMeant }
    this.#expected.add(expected)
    try {
      await until(
        'a record of every task that is waited for',
        () => {
          if (this.#failure !== null) throw this.#failure
          return expected.tasks.size === 0
        },
        WAIT_MS_MAX,
      )
    } catch (error) {
      throw new Error(`${(error as Error).message}; missing: ${[...expected.tasks].join(', ')}`, { cause: error })
    } finally {
      this.#expected.delete(expected)
    }
    return expected.times
  }

  #take(batch: RawBatch): void {
    for (let i = 0; i < batch.count; i++)
      this.#see(Number(readKey(batch, i)), String(readValue(batch, i)), batch.index.timestamps[i] ?? Number.NaN)
  }

  /** @param value with `origin`: connector, version and worker */
  #see(task: number, value: string, atMs: number): void {
    const [connector = '', version = '', worker = ''] = (JSON.parse(value) as { readonly origin: string }).origin.split(' ')
    const sighting: Sighting = { connector, task, worker, version, atMs }
    const key = taskName(connector, task)
    const before = this.last.get(key)
    this.last.set(key, sighting)
    if (before?.worker !== worker || before.version !== version) this.changedMs = performance.now()
    for (const expected of this.#expected)
      if (expected.tasks.has(key) && expected.isMeant(sighting)) {
        expected.tasks.delete(key)
        expected.times.push(atMs)
      }
  }
}

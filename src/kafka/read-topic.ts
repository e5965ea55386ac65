// Reads a topic from its beginning to its present end, once: no group, no commit, nothing made or changed. Any thread; for the commands that
// look at a cluster.
// Limits: the fetcher's two answers; records are handed on, not held.
import { type Clock, systemClock } from '../base/clock.ts'
import { ConnectError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { MIB } from '../base/units.ts'
import { Admin, LATEST } from './admin.ts'
import type { Cluster } from './cluster.ts'
import { Fetcher } from './fetcher.ts'
import { type LogRecord, logRecord } from './topic-log.ts'
import { partitionKey, type RawBatch } from './types.ts'

/** The end may be a transaction's marker, which is delivered to nobody: positions are looked at this often. */
const LOOK_MS = 20

export interface ReadTopic {
  readonly partitions: number
  /** with a key; others mean nothing in the topics of a cluster */
  readonly records: number
}

export interface TopicReading {
  readonly cluster: Cluster
  readonly log: Logger
  readonly timeoutMs: number
  readonly clock?: Clock
}

/**
 * @param onRecord in offset order within a partition; what it throws ends the reading
 * @returns null where there is no such topic
 * @throws ConnectError where its end is not reached in time, KafkaError where it cannot be read
 */
export async function readTopic(
  { cluster, log, timeoutMs, clock = systemClock }: TopicReading,
  topic: string,
  onRecord: (record: LogRecord & { readonly key: Buffer }) => void,
): Promise<ReadTopic | null> {
  const admin = new Admin(cluster, { clock, log, timeoutMs })
  const [found] = await admin.describeTopics([topic])
  if (found == null) return null
  const partitions = found.partitions.map(({ partition }) => ({ topic, partition }))
  // What a transaction of the group's leader has not committed is not there.
  const isolation = 'read_committed'
  const ends = await admin.listOffsets(partitions, LATEST, isolation)
  let records = 0
  let failure: Error | null = null
  const deliver = (batch: RawBatch) => {
    for (let i = 0; i < batch.count; i++) {
      const { key, ...record } = logRecord(batch, i)
      if (key === null) continue
      records++
      onRecord({ ...record, key })
    }
  }
  const fetcher = new Fetcher({
    cluster,
    log,
    clock,
    isolation,
    fetchMinBytes: 1,
    fetchMaxWaitMs: 500,
    fetchMaxBytes: 8 * MIB,
    maxPartitionFetchBytes: MIB,
    autoOffsetReset: 'earliest',
    // such a topic is read from its begin each time
    resetLevel: 'debug',
    mayFetch: () => true,
    deliver,
    onError: error => {
      failure ??= error
    },
  })
  fetcher.assign(partitions.map(partition => ({ ...partition, offset: null, epoch: 0 })))
  fetcher.start()
  const lateMs = clock.monotonicMs() + timeoutMs
  const isAtEnd = () =>
    partitions.every(partition => (fetcher.position(partition) ?? -1) >= (ends.get(partitionKey(partition)) ?? 0))
  try {
    while (!isAtEnd()) {
      if (failure !== null) throw failure
      if (clock.monotonicMs() > lateMs)
        throw new ConnectError(`The end of topic ${topic} was not reached within ${timeoutMs / 1000} s (--timeout)`)
      await clock.sleep(LOOK_MS)
    }
  } finally {
    await fetcher.stop()
  }
  return { partitions: partitions.length, records }
}

// What the producer tests are made of: a producer with the options that matter, and reading a topic back. Main thread of a test file.
import assert from 'node:assert/strict'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { Admin, LATEST } from '../../src/kafka/admin.ts'
import { clientConfigFrom } from '../../src/kafka/client-config.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import type { Isolation } from '../../src/kafka/codec/fetch.ts'
import { readHeaders, readKey, readValue } from '../../src/kafka/codec/record-batch.ts'
import { Fetcher } from '../../src/kafka/fetcher.ts'
import { Producer, type ProducerOptions } from '../../src/kafka/producer.ts'
import { partitionKey } from '../../src/kafka/types.ts'
import { until } from '../support/until.ts'

export interface ReadRecord {
  partition: number
  offset: number
  timestamp: number
  key: string | null
  value: string | null
  headers: [string, string | null][]
}

export async function connected(bootstrap: string): Promise<Cluster> {
  const cluster = new Cluster(clientConfigFrom({ 'bootstrap.servers': bootstrap }, 'test'), silentLogger)
  await cluster.connect()
  return cluster
}

/** As Connect's source tasks have it, unless `options` say otherwise. */
export function producerOn(cluster: Cluster, options: Partial<ProducerOptions> = {}): Producer {
  return new Producer({
    cluster,
    log: silentLogger,
    clock: systemClock,
    acks: -1,
    idempotent: false,
    lingerMs: 0,
    batchSizeBytes: 16_384,
    bufferMemoryBytes: 32 * 1024 * 1024,
    maxRequestSizeBytes: 1024 * 1024,
    compression: 'none',
    deliveryTimeoutMs: Number.MAX_SAFE_INTEGER,
    maxInFlight: 1,
    ...options,
  })
}

/** Everything that is in the topic now; with read_committed, without what was aborted or is behind an open transaction. */
export async function readTopic(
  bootstrap: string,
  topic: string,
  isolation: Isolation = 'read_uncommitted',
): Promise<ReadRecord[]> {
  const cluster = await connected(bootstrap)
  const records: ReadRecord[] = []
  const [found] = await cluster.metadata([topic])
  const partitions = (found?.partitions ?? []).map(p => ({ topic, partition: p.partition }))
  const ends = await new Admin(cluster).listOffsets(partitions, LATEST, isolation)
  const failures: Error[] = []
  const fetcher = new Fetcher({
    cluster,
    log: silentLogger,
    clock: systemClock,
    isolation,
    fetchMinBytes: 1,
    fetchMaxWaitMs: 100,
    fetchMaxBytes: 50 * 1024 * 1024,
    maxPartitionFetchBytes: 4 * 1024 * 1024,
    autoOffsetReset: 'earliest',
    mayFetch: () => true,
    onError: error => void failures.push(error),
    deliver: batch => {
      for (let i = 0; i < batch.count; i++)
        records.push({
          partition: batch.partition,
          offset: batch.index.offsets[i] ?? -1,
          timestamp: batch.index.timestamps[i] ?? -1,
          key: readKey(batch, i)?.toString() ?? null,
          value: readValue(batch, i)?.toString() ?? null,
          headers: readHeaders(batch, i).map(h => [h.key, h.value?.toString() ?? null]),
        })
    },
  })
  fetcher.assign(partitions.map(p => ({ ...p, offset: 0, epoch: 0 })))
  fetcher.start()
  try {
    // The end may be a transaction's marker, which no batch delivers: positions are looked at.
    const isRead = () => partitions.every(p => (fetcher.position(p) ?? 0) >= (ends.get(partitionKey(p)) ?? 0))
    await until(() => failures.length > 0 || isRead(), 5)
    assert.deepEqual(failures, [])
  } finally {
    await fetcher.stop()
    await cluster.close()
  }
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset)
}

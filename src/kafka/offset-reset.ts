// Where to begin where no offset is known, or the known one is not in the log: auto.offset.reset. Runs in the fetcher's thread;
// used by fetcher.ts.
import type { Cluster } from './cluster.ts'
import { decodeListOffsets, encodeListOffsets, listOffsetsApi } from './codec/admin-list-offsets.ts'
import type { Isolation } from './codec/fetch.ts'
import type { TopicPartition } from './types.ts'

export type ResetPolicy = 'earliest' | 'latest' | 'none'

const TIMESTAMP = { earliest: -2, latest: -1 } as const

export interface ResetOffset extends TopicPartition {
  readonly errorCode: number
  readonly offset: number
}

/** One request to the leader `nodeId` of all these partitions; errors of single partitions are in the answer. */
export async function listResetOffsets(
  cluster: Cluster,
  nodeId: number,
  isolation: Isolation,
  policy: 'earliest' | 'latest',
  partitions: readonly TopicPartition[],
): Promise<ResetOffset[]> {
  const timestamp = TIMESTAMP[policy]
  const asked = partitions.map(({ topic, partition }) => ({ topic, partition, timestamp }))
  // Not on the lane `fetch`, where it would wait behind a long poll.
  return decodeListOffsets(await cluster.call(nodeId, 'meta', listOffsetsApi, encodeListOffsets(isolation, asked)))
}

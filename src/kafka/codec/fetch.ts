// Fetch: records of partitions from their leader. Any thread; used by fetcher.ts.
//
// Version 11, not flexible (12 is). Without a fetch session (KIP-227): every request names all its partitions.
// request  => replica_id(int32: -1) max_wait_ms(int32) min_bytes(int32) max_bytes(int32) isolation_level(int8) session_id(int32: 0)
//             session_epoch(int32: -1) [topics] [forgotten_topics] rack_id(string)
//   topics => name(string) [partitions]
//   partitions => partition(int32) current_leader_epoch(int32: -1, not checked) fetch_offset(int64) log_start_offset(int64: -1)
//                 partition_max_bytes(int32)
// response => throttle_time_ms(int32) error_code(int16) session_id(int32) [topics]
//   topics => name(string) [partitions]
//   partitions => partition(int32) error_code(int16) high_watermark(int64) last_stable_offset(int64) log_start_offset(int64)
//                 [aborted_transactions] preferred_read_replica(int32) records(nullable bytes)
//   aborted_transactions => producer_id(int64) first_offset(int64)
//
// max_bytes and partition_max_bytes are what the broker aims at: the first batch of the first partition that has any comes whole,
// however large (KIP-74), so the order of the partitions decides who gets on.
import type { Api, TopicPartition } from '../types.ts'
import { byTopic } from './group-commit.ts'
import type { AbortedTransaction } from './partition-records.ts'
import { Reader, Writer } from './wire.ts'

export const fetchApi: Api = { key: 1, version: 11, name: 'Fetch' }

export type Isolation = 'read_uncommitted' | 'read_committed'

export interface FetchRequest {
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly partitionMaxBytes: number
  readonly isolation: Isolation
  readonly partitions: readonly (TopicPartition & { readonly fetchOffset: number })[]
}

export interface FetchedPartition extends TopicPartition {
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly aborted: readonly AbortedTransaction[]
  readonly records: Buffer | null
}

export interface FetchAnswer {
  readonly errorCode: number
  readonly partitions: readonly FetchedPartition[]
}

export function encodeFetch(f: FetchRequest): Buffer {
  return new Writer(64 + 64 * f.partitions.length)
    .int32(-1)
    .int32(f.maxWaitMs)
    .int32(f.minBytes)
    .int32(f.maxBytes)
    .int8(f.isolation === 'read_committed' ? 1 : 0)
    .int32(0)
    .int32(-1)
    .array(byTopic(f.partitions), (w, [topic, list]) =>
      w
        .string(topic)
        .array(list, (v, p) => v.int32(p.partition).int32(-1).int64(p.fetchOffset).int64(-1).int32(f.partitionMaxBytes)),
    )
    .int32(0)
    .string('')
    .finish()
}

export function decodeFetch(body: Buffer): FetchAnswer {
  const r = new Reader(body)
  r.int32()
  const errorCode = r.int16()
  r.int32()
  const topics = r.array(() => {
    const topic = r.string()
    return r.array((): FetchedPartition => {
      const partition = r.int32()
      const code = r.int16()
      const highWatermark = r.int64()
      const lastStableOffset = r.int64()
      r.int64()
      const aborted = r.array(() => ({ producerId: r.int64(), firstOffset: r.int64() }))
      r.int32()
      return { topic, partition, errorCode: code, highWatermark, lastStableOffset, aborted, records: r.nullableBytes() }
    })
  })
  return { errorCode, partitions: topics.flat() }
}

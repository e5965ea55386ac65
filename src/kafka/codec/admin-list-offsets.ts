// ListOffsets: the first, last or by-time offset of partitions; goes to each partition's leader. Any thread; used by admin.ts.
//
// Version 5, not flexible.
// request  => replica_id(int32) isolation_level(int8) [topics]
//   topics => name(string) [partition(int32) current_leader_epoch(int32) timestamp(int64)]      timestamp -1: latest, -2: earliest
// response => throttle_time_ms(int32) [topics]
//   topics => name(string) [partition(int32) error_code(int16) timestamp(int64) offset(int64) leader_epoch(int32)]
import type { Api, TopicPartition } from '../types.ts'
import { byTopic, type PartitionError } from './group-commit.ts'
import { Reader, Writer } from './wire.ts'

export const listOffsetsApi: Api = { key: 2, version: 5, name: 'ListOffsets' }

export function encodeListOffsets(
  isolation: 'read_uncommitted' | 'read_committed',
  partitions: readonly (TopicPartition & { readonly timestamp: number })[],
): Buffer {
  return new Writer()
    .int32(-1)
    .int8(isolation === 'read_committed' ? 1 : 0)
    .array(byTopic(partitions), (w, [topic, list]) =>
      w.string(topic).array(list, (v, p) => v.int32(p.partition).int32(-1).int64(p.timestamp)),
    )
    .finish()
}

export function decodeListOffsets(body: Buffer): (PartitionError & { readonly offset: number })[] {
  const r = new Reader(body)
  r.int32()
  return r
    .array(() => {
      const topic = r.string()
      return r.array(() => {
        const partition = r.int32()
        const errorCode = r.int16()
        r.int64()
        const offset = r.int64()
        r.int32()
        return { topic, partition, errorCode, offset }
      })
    })
    .flat()
}

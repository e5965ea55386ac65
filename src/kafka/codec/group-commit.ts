// OffsetCommit and OffsetFetch: a group's committed offsets. Any thread; used by group-offsets.ts and admin.ts.
//
// OffsetCommit version 7 (leader epochs KIP-320, static members KIP-345), not flexible.
// request  => group_id(string) generation_id(int32) member_id(string) group_instance_id(nullable string) [topics]
//   topics => name(string) [partitions]
//   partitions => partition(int32) committed_offset(int64) committed_leader_epoch(int32) committed_metadata(nullable string)
// response => throttle_time_ms(int32) [topics]        topics => name(string) [partition(int32) error_code(int16)]
//
// OffsetFetch version 5, not flexible.
// request  => group_id(string) [topics] or null for all       topics => name(string) [partition(int32)]
// response => throttle_time_ms(int32) [topics] error_code(int16)
//   topics => name(string) [partitions]
//   partitions => partition(int32) committed_offset(int64) committed_leader_epoch(int32) metadata(nullable string) error_code(int16)
import type { Api, OffsetAndMetadata, TopicPartition } from '../types.ts'
import type { MemberIdentity } from './group-heartbeat.ts'
import { Reader, Writer } from './wire.ts'

export const offsetCommitApi: Api = { key: 8, version: 7, name: 'OffsetCommit' }
export const offsetFetchApi: Api = { key: 9, version: 5, name: 'OffsetFetch' }

export interface PartitionError extends TopicPartition {
  readonly errorCode: number
}

export interface FetchedOffset extends PartitionError, OffsetAndMetadata {}

export function byTopic<P extends TopicPartition>(partitions: readonly P[]): [string, P[]][] {
  const topics = new Map<string, P[]>()
  for (const p of partitions) {
    const list = topics.get(p.topic)
    if (list === undefined) topics.set(p.topic, [p])
    else list.push(p)
  }
  return [...topics]
}

export function encodeOffsetCommit(
  groupId: string,
  member: MemberIdentity,
  offsets: readonly (TopicPartition & OffsetAndMetadata)[],
): Buffer {
  return new Writer()
    .string(groupId)
    .int32(member.generation)
    .string(member.memberId)
    .nullableString(member.groupInstanceId)
    .array(byTopic(offsets), (w, [topic, list]) =>
      w.string(topic).array(list, (v, p) =>
        v
          .int32(p.partition)
          .int64(p.offset)
          .int32(p.leaderEpoch ?? -1)
          .nullableString(p.metadata ?? ''),
      ),
    )
    .finish()
}

export function decodeOffsetCommit(body: Buffer): PartitionError[] {
  const r = new Reader(body)
  r.int32()
  return r
    .array(() => {
      const topic = r.string()
      return r.array(() => ({ topic, partition: r.int32(), errorCode: r.int16() }))
    })
    .flat()
}

/** @param partitions null: all that the group has committed */
export function encodeOffsetFetch(groupId: string, partitions: readonly TopicPartition[] | null): Buffer {
  const writer = new Writer().string(groupId)
  if (partitions === null) return writer.int32(-1).finish()
  return writer
    .array(byTopic(partitions), (w, [topic, list]) => w.string(topic).array(list, (v, p) => v.int32(p.partition)))
    .finish()
}

export function decodeOffsetFetch(body: Buffer): { errorCode: number; offsets: FetchedOffset[] } {
  const r = new Reader(body)
  r.int32()
  const offsets = r.array(() => {
    const topic = r.string()
    return r.array(() => ({
      topic,
      partition: r.int32(),
      offset: r.int64(),
      leaderEpoch: r.int32(),
      metadata: r.nullableString() ?? '',
      errorCode: r.int16(),
    }))
  })
  return { errorCode: r.int16(), offsets: offsets.flat() }
}

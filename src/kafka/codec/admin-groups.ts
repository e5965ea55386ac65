// DescribeGroups, DeleteGroups, OffsetDelete: groups seen from outside. Any thread; used by admin.ts. All go to the group's coordinator.
//
// DescribeGroups version 4, not flexible.
// request  => [group(string)] include_authorized_operations(bool)
// response => throttle_time_ms(int32) [groups]
//   groups => error_code(int16) group_id(string) state(string) protocol_type(string) protocol(string) [members] authorized_operations(int32)
//   members => member_id(string) group_instance_id(nullable string) client_id(string) client_host(string) metadata(bytes) assignment(bytes)
//
// DeleteGroups version 1, not flexible.
// request  => [group(string)]                         response => throttle_time_ms(int32) [group(string) error_code(int16)]
//
// OffsetDelete version 0 (KIP-496), not flexible.
// request  => group_id(string) [topics]               topics => name(string) [partition(int32)]
// response => error_code(int16) throttle_time_ms(int32) [topics]      topics => name(string) [partition(int32) error_code(int16)]
import type { Api, TopicPartition } from '../types.ts'
import type { NamedOutcome } from './admin-topics.ts'
import { byTopic, type PartitionError } from './group-commit.ts'
import { Reader, Writer } from './wire.ts'

export const describeGroupsApi: Api = { key: 15, version: 4, name: 'DescribeGroups' }
export const deleteGroupsApi: Api = { key: 42, version: 1, name: 'DeleteGroups' }
export const offsetDeleteApi: Api = { key: 47, version: 0, name: 'OffsetDelete' }

export interface GroupMemberInfo {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly host: string
  readonly metadata: Buffer
  readonly assignment: Buffer
}

export interface GroupInfo {
  readonly errorCode: number
  readonly groupId: string
  /** Dead where there is no such group; Empty, PreparingRebalance, CompletingRebalance, Stable */
  readonly state: string
  readonly protocolType: string
  readonly protocol: string
  readonly members: readonly GroupMemberInfo[]
}

export function encodeDescribeGroups(groups: readonly string[]): Buffer {
  return new Writer()
    .array(groups, (w, group) => w.string(group))
    .int8(0)
    .finish()
}

export function decodeDescribeGroups(body: Buffer): GroupInfo[] {
  const r = new Reader(body)
  r.int32()
  return r.array(() => {
    const group = {
      errorCode: r.int16(),
      groupId: r.string(),
      state: r.string(),
      protocolType: r.string(),
      protocol: r.string(),
      members: r.array(() => ({
        memberId: r.string(),
        groupInstanceId: r.nullableString(),
        clientId: r.string(),
        host: r.string(),
        metadata: r.bytes(),
        assignment: r.bytes(),
      })),
    }
    r.int32()
    return group
  })
}

export function encodeDeleteGroups(groups: readonly string[]): Buffer {
  return new Writer().array(groups, (w, group) => w.string(group)).finish()
}

export function decodeDeleteGroups(body: Buffer): NamedOutcome[] {
  const r = new Reader(body)
  r.int32()
  return r.array(() => ({ name: r.string(), errorCode: r.int16(), message: null }))
}

export function encodeOffsetDelete(groupId: string, partitions: readonly TopicPartition[]): Buffer {
  return new Writer()
    .string(groupId)
    .array(byTopic(partitions), (w, [topic, list]) => w.string(topic).array(list, (v, p) => v.int32(p.partition)))
    .finish()
}

export function decodeOffsetDelete(body: Buffer): { errorCode: number; partitions: PartitionError[] } {
  const r = new Reader(body)
  const errorCode = r.int16()
  r.int32()
  const partitions = r.array(() => {
    const topic = r.string()
    return r.array(() => ({ topic, partition: r.int32(), errorCode: r.int16() }))
  })
  return { errorCode, partitions: partitions.flat() }
}

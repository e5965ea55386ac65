// JoinGroup: ask to be a member of the group's next generation; answered when all have asked. Any thread; used by group-coordinator.ts.
//
// Version 5 (static membership KIP-345, member id first KIP-394), not flexible.
// request  => group_id(string) session_timeout_ms(int32) rebalance_timeout_ms(int32) member_id(string)
//             group_instance_id(nullable string) protocol_type(string) [protocols]
//   protocols => name(string) metadata(bytes)
// response => throttle_time_ms(int32) error_code(int16) generation_id(int32) protocol_name(string) leader(string)
//             member_id(string) [members]                                        members is empty but for the leader
//   members => member_id(string) group_instance_id(nullable string) metadata(bytes)
import type { Api } from '../types.ts'
import { Reader, Writer } from './wire.ts'

export const joinGroupApi: Api = { key: 11, version: 5, name: 'JoinGroup' }

export interface JoinRequest {
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  /** '' on the first try; the answer is MEMBER_ID_REQUIRED then, with the id to come back with */
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly protocolType: string
  readonly protocols: readonly { readonly name: string; readonly metadata: Buffer }[]
}

export interface JoinAnswer {
  readonly errorCode: number
  readonly generation: number
  readonly protocol: string
  readonly leaderId: string
  readonly memberId: string
  readonly members: readonly { readonly memberId: string; readonly groupInstanceId: string | null; readonly metadata: Buffer }[]
}

export function encodeJoinGroup(r: JoinRequest): Buffer {
  return new Writer()
    .string(r.groupId)
    .int32(r.sessionTimeoutMs)
    .int32(r.rebalanceTimeoutMs)
    .string(r.memberId)
    .nullableString(r.groupInstanceId)
    .string(r.protocolType)
    .array(r.protocols, (w, p) => w.string(p.name).bytes(p.metadata))
    .finish()
}

export function decodeJoinGroup(body: Buffer): JoinAnswer {
  const r = new Reader(body)
  r.int32()
  return {
    errorCode: r.int16(),
    generation: r.int32(),
    protocol: r.string(),
    leaderId: r.string(),
    memberId: r.string(),
    members: r.array(() => ({ memberId: r.string(), groupInstanceId: r.nullableString(), metadata: r.bytes() })),
  }
}

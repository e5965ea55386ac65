// LeaveGroup: the members named are gone for good. Any thread; used by group-coordinator.ts.
//
// Version 3 (several members, KIP-345), not flexible.
// request  => group_id(string) [members]               members => member_id(string) group_instance_id(nullable string)
// response => throttle_time_ms(int32) error_code(int16) [members]
//   members => member_id(string) group_instance_id(nullable string) error_code(int16)
import type { Api } from '../types.ts'
import { Reader, Writer } from './wire.ts'

export const leaveGroupApi: Api = { key: 13, version: 3, name: 'LeaveGroup' }

export interface LeavingMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
}

export function encodeLeaveGroup(r: { readonly groupId: string; readonly members: readonly LeavingMember[] }): Buffer {
  return new Writer()
    .string(r.groupId)
    .array(r.members, (w, m) => w.string(m.memberId).nullableString(m.groupInstanceId))
    .finish()
}

/** The first error of the answer, 0 where there is none. */
export function decodeLeaveGroup(body: Buffer): number {
  const r = new Reader(body)
  r.int32()
  const errorCode = r.int16()
  const members = r.array(() => {
    r.string()
    r.nullableString()
    return r.int16()
  })
  return errorCode || (members.find(code => code !== 0) ?? 0)
}

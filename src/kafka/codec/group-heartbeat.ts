// Heartbeat: the member lives; the answer says whether it must rejoin. Any thread; used by group-coordinator.ts.
//
// Version 3, not flexible.
// request  => group_id(string) generation_id(int32) member_id(string) group_instance_id(nullable string)
// response => throttle_time_ms(int32) error_code(int16)
import type { Api } from '../types.ts'
import { Reader, Writer } from './wire.ts'

export const heartbeatApi: Api = { key: 12, version: 3, name: 'Heartbeat' }

export interface MemberIdentity {
  readonly generation: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

export function encodeHeartbeat(r: MemberIdentity & { readonly groupId: string }): Buffer {
  return new Writer().string(r.groupId).int32(r.generation).string(r.memberId).nullableString(r.groupInstanceId).finish()
}

export function decodeHeartbeat(body: Buffer): number {
  const r = new Reader(body)
  r.int32()
  return r.int16()
}

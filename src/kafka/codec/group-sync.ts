// SyncGroup: the leader hands in everybody's assignment, every member gets its own. Any thread; used by group-coordinator.ts.
//
// Version 3, not flexible.
// request  => group_id(string) generation_id(int32) member_id(string) group_instance_id(nullable string) [assignments]
//   assignments => member_id(string) assignment(bytes)                          empty but from the leader
// response => throttle_time_ms(int32) error_code(int16) assignment(bytes)
import type { Api } from '../types.ts'
import { Reader, Writer } from './wire.ts'

export const syncGroupApi: Api = { key: 14, version: 3, name: 'SyncGroup' }

export interface SyncRequest {
  readonly groupId: string
  readonly generation: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly assignments: ReadonlyMap<string, Buffer>
}

export function encodeSyncGroup(r: SyncRequest): Buffer {
  return new Writer()
    .string(r.groupId)
    .int32(r.generation)
    .string(r.memberId)
    .nullableString(r.groupInstanceId)
    .array([...r.assignments], (w, [memberId, assignment]) => w.string(memberId).bytes(assignment))
    .finish()
}

export function decodeSyncGroup(body: Buffer): { errorCode: number; assignment: Buffer } {
  const r = new Reader(body)
  r.int32()
  return { errorCode: r.int16(), assignment: r.bytes() }
}

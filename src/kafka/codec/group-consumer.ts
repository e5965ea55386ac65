// What members of protocol type `consumer` say to one another through JoinGroup and SyncGroup. Any thread; used by consumer-membership.ts.
//
// Each begins with its version(int16); a reader takes what it knows of a newer one and ignores the rest.
// subscription v0 => version(int16) [topics(string)] user_data(nullable bytes)
//              v1 =>  … [owned_partitions]          owned_partitions => topic(string) [partition(int32)]            (KIP-429)
//              v2 =>  … generation_id(int32)                                                                        (KIP-792)
//              v3 =>  … rack_id(nullable string)                                                                    (KIP-881)
// assignment v0-3 => version(int16) [assigned_partitions] user_data(nullable bytes)
//   assigned_partitions => topic(string) [partition(int32)]
import type { TopicPartition } from '../types.ts'
import { byTopic } from './group-commit.ts'
import { Reader, Writer } from './wire.ts'

export interface ConsumerSubscription {
  readonly topics: readonly string[]
  readonly userData: Buffer | null
  readonly owned: readonly TopicPartition[]
  /** -1: none, or a subscription older than version 2 */
  readonly generation: number
  readonly rackId?: string | null
}

const NEWEST = 3

export function encodeSubscription(s: ConsumerSubscription): Buffer {
  return new Writer()
    .int16(NEWEST)
    .array([...s.topics].sort(), (w, topic) => w.string(topic))
    .nullableBytes(s.userData)
    .array(byTopic(s.owned), (w, [topic, list]) => w.string(topic).array(list, (v, p) => v.int32(p.partition)))
    .int32(s.generation)
    .nullableString(s.rackId ?? null)
    .finish()
}

export function decodeSubscription(bytes: Buffer): ConsumerSubscription {
  const r = new Reader(bytes)
  const version = r.int16()
  const topics = r.array(() => r.string())
  const userData = r.nullableBytes()
  const owned = version >= 1 ? readPartitions(r) : []
  const generation = version >= 2 ? r.int32() : -1
  const rackId = version >= 3 ? r.nullableString() : null
  return { topics, userData, owned, generation, rackId }
}

export function encodeAssignment(partitions: readonly TopicPartition[], userData: Buffer | null): Buffer {
  return new Writer()
    .int16(NEWEST)
    .array(byTopic(partitions), (w, [topic, list]) => w.string(topic).array(list, (v, p) => v.int32(p.partition)))
    .nullableBytes(userData)
    .finish()
}

/** An empty Buffer (the leader named no assignment for this member) is an empty assignment. */
export function decodeAssignment(bytes: Buffer): TopicPartition[] {
  if (bytes.length === 0) return []
  const r = new Reader(bytes)
  r.int16()
  return readPartitions(r)
}

function readPartitions(r: Reader): TopicPartition[] {
  return r
    .array(() => {
      const topic = r.string()
      return r.array(() => ({ topic, partition: r.int32() }))
    })
    .flat()
}

// CreateTopics, DeleteTopics, CreatePartitions, DeleteRecords. Any thread; used by admin.ts. Any broker takes them (KRaft forwards to the controller).
//
// CreateTopics version 4 (-1 = the broker's defaults, KIP-464), not flexible.
// request  => [topics] timeout_ms(int32) validate_only(bool)
//   topics => name(string) num_partitions(int32) replication_factor(int16) [assignments] [configs]
//   assignments => partition(int32) [broker_id(int32)]            configs => name(string) value(nullable string)
// response => throttle_time_ms(int32) [topics]                    topics => name(string) error_code(int16) error_message(nullable string)
//
// DeleteTopics version 3, not flexible.
// request  => [name(string)] timeout_ms(int32)                    response => throttle_time_ms(int32) [name(string) error_code(int16)]
//
// CreatePartitions version 1, not flexible.
// request  => [topics] timeout_ms(int32) validate_only(bool)      topics => name(string) count(int32) [assignments] or null
// response => throttle_time_ms(int32) [name(string) error_code(int16) error_message(nullable string)]
//
// DeleteRecords version 1, not flexible; goes to each partition's leader.
// request  => [topics] timeout_ms(int32)                          topics => name(string) [partition(int32) offset(int64)]
// response => throttle_time_ms(int32) [topics]                    topics => name(string) [partition(int32) low_watermark(int64) error_code(int16)]
import type { Api, TopicPartition } from '../types.ts'
import { byTopic, type PartitionError } from './group-commit.ts'
import { Reader, Writer } from './wire.ts'

export const createTopicsApi: Api = { key: 19, version: 4, name: 'CreateTopics' }
export const deleteTopicsApi: Api = { key: 20, version: 3, name: 'DeleteTopics' }
export const createPartitionsApi: Api = { key: 37, version: 1, name: 'CreatePartitions' }
export const deleteRecordsApi: Api = { key: 21, version: 1, name: 'DeleteRecords' }

export interface NewTopic {
  readonly name: string
  /** -1 or absent: the broker's default */
  readonly partitions?: number
  readonly replicationFactor?: number
  readonly configs?: Readonly<Record<string, string>>
}

export interface NamedOutcome {
  readonly name: string
  readonly errorCode: number
  readonly message: string | null
}

export function encodeCreateTopics(topics: readonly NewTopic[], timeoutMs: number, validateOnly: boolean): Buffer {
  return new Writer()
    .array(topics, (w, t) =>
      w
        .string(t.name)
        .int32(t.partitions ?? -1)
        .int16(t.replicationFactor ?? -1)
        .int32(0)
        .array(Object.entries(t.configs ?? {}), (v, [name, value]) => v.string(name).nullableString(value)),
    )
    .int32(timeoutMs)
    .int8(validateOnly ? 1 : 0)
    .finish()
}

/** Answers of CreateTopics and CreatePartitions. */
export function decodeNamedOutcomes(body: Buffer): NamedOutcome[] {
  const r = new Reader(body)
  r.int32()
  return r.array(() => ({ name: r.string(), errorCode: r.int16(), message: r.nullableString() }))
}

export function encodeDeleteTopics(names: readonly string[], timeoutMs: number): Buffer {
  return new Writer()
    .array(names, (w, name) => w.string(name))
    .int32(timeoutMs)
    .finish()
}

export function decodeDeleteTopics(body: Buffer): NamedOutcome[] {
  const r = new Reader(body)
  r.int32()
  return r.array(() => ({ name: r.string(), errorCode: r.int16(), message: null }))
}

export function encodeCreatePartitions(name: string, count: number, timeoutMs: number): Buffer {
  return new Writer()
    .array([name], (w, topic) => w.string(topic).int32(count).int32(-1))
    .int32(timeoutMs)
    .int8(0)
    .finish()
}

export function encodeDeleteRecords(
  before: readonly (TopicPartition & { readonly offset: number })[],
  timeoutMs: number,
): Buffer {
  return new Writer()
    .array(byTopic(before), (w, [topic, list]) => w.string(topic).array(list, (v, p) => v.int32(p.partition).int64(p.offset)))
    .int32(timeoutMs)
    .finish()
}

export function decodeDeleteRecords(body: Buffer): PartitionError[] {
  const r = new Reader(body)
  r.int32()
  return r
    .array(() => {
      const topic = r.string()
      return r.array(() => {
        const partition = r.int32()
        r.int64()
        return { topic, partition, errorCode: r.int16() }
      })
    })
    .flat()
}

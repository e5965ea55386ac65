// Metadata, FindCoordinator and ApiVersions: which brokers there are, who leads what, and what they speak. Any thread; cluster.ts.
//
// Metadata version 7, not flexible.
// request  => [topics(string)] or null for all, allow_auto_topic_creation(bool)
// response => throttle_time_ms(int32) [brokers] cluster_id(nullable string) controller_id(int32) [topics]
//   brokers => node_id(int32) host(string) port(int32) rack(nullable string)
//   topics  => error_code(int16) name(string) is_internal(bool) [partitions]
//   partitions => error_code(int16) partition(int32) leader(int32) leader_epoch(int32) [replicas(int32)] [isr(int32)] [offline(int32)]
//
// FindCoordinator version 2.
// request  => key(string) key_type(int8): 0 group, 1 transaction
// response => throttle_time_ms(int32) error_code(int16) error_message(nullable string) node_id(int32) host(string) port(int32)
//
// ApiVersions version 0: empty request; response => error_code(int16) [api_key(int16) min_version(int16) max_version(int16)]
import type { Api, TopicMetadata } from '../types.ts'
import { Reader, Writer } from './wire.ts'

export const metadataApi: Api = { key: 3, version: 7, name: 'Metadata' }
export const findCoordinatorApi: Api = { key: 10, version: 2, name: 'FindCoordinator' }
export const apiVersionsApi: Api = { key: 18, version: 0, name: 'ApiVersions' }

export interface Node {
  readonly id: number
  readonly host: string
  readonly port: number
}

export interface MetadataAnswer {
  readonly nodes: readonly Node[]
  readonly clusterId: string | null
  readonly controllerId: number
  readonly topics: readonly TopicMetadata[]
}

export function encodeMetadata(topics: readonly string[] | null, autoCreate: boolean): Buffer {
  return new Writer()
    .nullableArray(topics, (w, topic) => w.string(topic))
    .boolean(autoCreate)
    .finish()
}

export function decodeMetadata(body: Buffer): MetadataAnswer {
  const r = new Reader(body)
  r.int32()
  const nodes = r.array(() => {
    const node = { id: r.int32(), host: r.string(), port: r.int32() }
    r.nullableString()
    return node
  })
  return { nodes, clusterId: r.nullableString(), controllerId: r.int32(), topics: r.array(() => readTopic(r)) }
}

function readTopic(r: Reader): TopicMetadata {
  const ids = () => r.array(() => r.int32())
  const errorCode = r.int16()
  const name = r.string()
  const internal = r.boolean()
  const partitions = r.array(() => {
    const p = {
      errorCode: r.int16(),
      partition: r.int32(),
      leader: r.int32(),
      leaderEpoch: r.int32(),
      replicas: ids(),
      isr: ids(),
    }
    ids()
    return p
  })
  return { name, errorCode, internal, partitions }
}

export type CoordinatorKind = 'group' | 'transaction'

export function encodeFindCoordinator(kind: CoordinatorKind, id: string): Buffer {
  return new Writer()
    .string(id)
    .int8(kind === 'group' ? 0 : 1)
    .finish()
}

export function decodeFindCoordinator(body: Buffer): { errorCode: number; message: string | null; node: Node } {
  const r = new Reader(body)
  r.int32()
  const errorCode = r.int16()
  const message = r.nullableString()
  return { errorCode, message, node: { id: r.int32(), host: r.string(), port: r.int32() } }
}

export interface VersionRange {
  readonly min: number
  readonly max: number
}

export function decodeApiVersions(body: Buffer): { errorCode: number; versions: Map<number, VersionRange> } {
  const r = new Reader(body)
  const errorCode = r.int16()
  const versions = new Map(r.array(() => [r.int16(), { min: r.int16(), max: r.int16() }] as const))
  return { errorCode, versions }
}

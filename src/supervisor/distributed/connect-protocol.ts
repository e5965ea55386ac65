// What workers say to one another through JoinGroup and SyncGroup (protocol type `connect`, KIP-415, KIP-507). Main thread; used by the
// worker group. Java: ConnectProtocol, IncrementalCooperativeConnectProtocol.
//
// Each begins with its version(int16): 0 `default` (eager), 1 `compatible`, 2 `sessioned` (as 1; says that requests between workers are
// signed). A reader takes what it knows of a newer one and ignores the rest; what a shorter one lacks from `assigned` on is empty.
// metadata v0   => version(int16) url(string) config_offset(int64)
//          v1-2 =>  … allocation(nullable bytes)      the member's own assignment, whole: error 0, leader and offset of its last round
// assignment v0 => version(int16) error(int16) leader(string) leader_url(string) config_offset(int64) [work]     all that it is to have
//          v1-2 =>  … assigned(nullable [work]) revoked(nullable [work]) delay_ms(int32)         only what comes and what goes
//   work        => connector(string) [task(int32)]                                                task -1: the connector itself
import { Reader, Writer } from '../../kafka/codec/wire.ts'
import type { TaskId } from '../herder.ts'
import { NO_WORK, type Work } from './work.ts'

/** The names in JoinGroup. */
export type ConnectProtocol = 'sessioned' | 'compatible' | 'default'

/** Values of `connect.protocol`. */
export type ConnectProtocolSetting = 'sessioned' | 'compatible' | 'eager'

export interface WorkerAssignment {
  readonly version: number
  readonly error: number
  readonly leaderId: string
  readonly leaderUrl: string
  readonly configOffset: number
  /** version 0: the whole; later ones in an answer: what is new; in metadata: all that the member holds */
  readonly assigned: Work
  readonly revoked: Work
  /** the member is to join again after this time; 0: it is not */
  readonly delayMs: number
}

export interface WorkerMetadata {
  readonly version: number
  readonly url: string
  readonly configOffset: number
  /** null: it holds nothing, or says nothing of it (version 0) */
  readonly allocation: WorkerAssignment | null
}

export const NO_ERROR = 0
export const CONFIG_MISMATCH = 1

const VERSIONS: Readonly<Record<ConnectProtocol, number>> = { default: 0, compatible: 1, sessioned: 2 }
const CONNECTOR_ITSELF = -1

/** What a worker offers, most wanted first. */
export function offeredProtocols(setting: ConnectProtocolSetting): readonly ConnectProtocol[] {
  if (setting === 'eager') return ['default']
  return setting === 'compatible' ? ['compatible', 'default'] : ['sessioned', 'compatible', 'default']
}

/** @throws Error for a name that no worker offers */
export function protocolNamed(name: string): ConnectProtocol {
  if (Object.hasOwn(VERSIONS, name)) return name as ConnectProtocol
  throw new Error(
    `the group has chosen the protocol '${name}', which is none of Connect's: is group.id the name of a consumer group?`,
  )
}

export function encodeMetadata(
  protocol: ConnectProtocol,
  { url, configOffset, allocation }: Omit<WorkerMetadata, 'version'>,
): Buffer {
  const w = new Writer().int16(VERSIONS[protocol]).string(url).int64(configOffset)
  if (protocol !== 'default') w.nullableBytes(allocation === null ? null : encodeAssignment(protocol, allocation))
  return w.finish()
}

/** @throws KafkaError for bytes that are none */
export function decodeMetadata(bytes: Buffer): WorkerMetadata {
  const r = new Reader(bytes)
  const version = readVersion(r)
  const url = r.string()
  const configOffset = r.int64()
  const allocation = r.remaining === 0 ? null : r.nullableBytes()
  return { version, url, configOffset, allocation: allocation === null ? null : decodeAssignment(allocation) }
}

export function encodeAssignment(protocol: ConnectProtocol, a: Omit<WorkerAssignment, 'version'>): Buffer {
  const w = new Writer().int16(VERSIONS[protocol]).int16(a.error).string(a.leaderId).string(a.leaderUrl).int64(a.configOffset)
  writeWork(w, a.assigned)
  if (protocol === 'default') return w.finish()
  writeWork(w, a.revoked)
  return w.int32(a.delayMs).finish()
}

/** @throws KafkaError for bytes that are none */
export function decodeAssignment(bytes: Buffer): WorkerAssignment {
  const r = new Reader(bytes)
  return {
    version: readVersion(r),
    error: r.int16(),
    leaderId: r.string(),
    leaderUrl: r.string(),
    configOffset: r.int64(),
    assigned: readWork(r),
    revoked: readWork(r),
    delayMs: r.remaining === 0 ? 0 : r.int32(),
  }
}

function readVersion(r: Reader): number {
  const version = r.int16()
  if (version < 0) throw new Error(`a member of the group speaks version ${version} of the Connect protocol, which there is not`)
  return version
}

/** Java's order: the connectors, then what has tasks only. */
function writeWork(w: Writer, { connectors, tasks }: Work): void {
  const numbers = new Map<string, number[]>()
  for (const connector of connectors) numbers.set(connector, [CONNECTOR_ITSELF])
  for (const { connector, task } of tasks) {
    const list = numbers.get(connector)
    if (list === undefined) numbers.set(connector, [task])
    else list.push(task)
  }
  w.array([...numbers], (v, [connector, list]) => v.string(connector).array(list, (u, task) => u.int32(task)))
}

function readWork(r: Reader): Work {
  if (r.remaining === 0) return NO_WORK
  const connectors: string[] = []
  const tasks: TaskId[] = []
  r.array(() => {
    const connector = r.string()
    for (const task of r.array(() => r.int32())) {
      if (task === CONNECTOR_ITSELF) connectors.push(connector)
      else tasks.push({ connector, task })
    }
  })
  return { connectors, tasks }
}

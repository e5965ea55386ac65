// Records of the status topic: keys and JSON values, byte for byte as Java's KafkaStatusBackingStore writes them, and read by its rules
// (CONNECT.md 3.3). Pure functions. Main thread; called by status-topic.ts.
import { isJsonObject, mapText, parseJsonBytes, stringText } from './java-json.ts'
import type { StateName, Status, TopicUse } from './status-store.ts'
import type { ReplicaRecord } from './topic-replica.ts'

const CONNECTOR = 'status-connector-'
const TASK = 'status-task-'
const TOPIC = 'status-topic-'
const OF_CONNECTOR = ':connector-'

/** As read; null: a tombstone. */
export type StatusRecord =
  | { readonly kind: 'connector'; readonly connector: string; readonly status: Status | null }
  | { readonly kind: 'task'; readonly connector: string; readonly task: number; readonly status: Status | null }
  | { readonly kind: 'topic'; readonly use: TopicUse }
  | { readonly kind: 'topicReset'; readonly connector: string; readonly topic: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'invalid'; readonly why: string }

// ---- written

function statusValue(status: Status | null): Buffer | null {
  if (status === null) return null
  const { state, trace, workerId, generation, version } = status
  return Buffer.from(mapText({ state, trace, worker_id: workerId, generation, version }))
}

export function connectorStatusRecord(connector: string, status: Status | null): ReplicaRecord {
  return { key: Buffer.from(CONNECTOR + connector), value: statusValue(status) }
}

export function taskStatusRecord(connector: string, task: number, status: Status | null): ReplicaRecord {
  return { key: Buffer.from(`${TASK}${connector}-${task}`), value: statusValue(status) }
}

/** @param use null: forgotten */
export function topicRecord(connector: string, topic: string, use: TopicUse | null): ReplicaRecord {
  const key = Buffer.from(`${TOPIC}${topic}${OF_CONNECTOR}${connector}`)
  if (use === null) return { key, value: null }
  const { task, discoveredAtMs } = use
  return { key, value: Buffer.from(`{"topic":${mapText({ name: topic, connector, task, discoverTimestamp: discoveredAtMs })}}`) }
}

// ---- read

/** @throws DataError for a value that is no JSON */
export function parseStatusRecord(keyBytes: Buffer, valueBytes: Buffer | null): StatusRecord {
  const key = keyBytes.toString()
  // null: a tombstone. JSON that is null, or no value at all, is none: Java passes it over.
  const value =
    valueBytes === null ? null : (parseJsonBytes(valueBytes, `the record ${stringText(key)} of the status topic`) ?? undefined)
  if (key.startsWith(CONNECTOR)) return readConnector(key.slice(CONNECTOR.length), value)
  if (key.startsWith(TASK)) return readTask(key.slice(TASK.length), value)
  if (key.startsWith(TOPIC)) return readTopic(key.slice(TOPIC.length), value)
  return { kind: 'unknown' }
}

const STATES: readonly unknown[] = [
  'UNASSIGNED',
  'RUNNING',
  'PAUSED',
  'FAILED',
  'RESTARTING',
  'STOPPED',
] satisfies readonly StateName[]
const isState = (value: unknown): value is StateName => STATES.includes(value)
const isTextOrNone = (value: unknown): value is string | null | undefined => value == null || typeof value === 'string'
const isInteger = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value)

/** The status, null for a tombstone, or why it is none. */
function statusOf(value: unknown): Status | null | string {
  if (value === null) return null
  if (!isJsonObject(value)) return 'it is no JSON object'
  const { state, trace, worker_id: workerId, generation, version } = value
  if (!isState(state)) return `${JSON.stringify(state)} is no state`
  if (!isInteger(generation)) return '"generation" is no integer'
  if (!isTextOrNone(trace) || !isTextOrNone(workerId) || !isTextOrNone(version)) return 'a field that must be a text is none'
  return { state, workerId: workerId ?? '', trace: trace ?? null, version: version ?? null, generation }
}

function readConnector(connector: string, value: unknown): StatusRecord {
  const status = statusOf(value)
  return typeof status === 'string' ? { kind: 'invalid', why: status } : { kind: 'connector', connector, status }
}

function readTask(id: string, value: unknown): StatusRecord {
  const dash = id.lastIndexOf('-')
  const digits = id.slice(dash + 1)
  if (dash < 0 || !/^\d{1,9}$/.test(digits)) return { kind: 'invalid', why: 'its key does not end in a task number' }
  const status = statusOf(value)
  if (typeof status === 'string') return { kind: 'invalid', why: status }
  return { kind: 'task', connector: id.slice(0, dash), task: Number(digits), status }
}

function readTopic(id: string, value: unknown): StatusRecord {
  const colon = id.indexOf(':')
  const connector = id.slice(colon + OF_CONNECTOR.length)
  if (colon < 1 || !id.startsWith(OF_CONNECTOR, colon) || connector === '')
    return { kind: 'invalid', why: 'its key does not name a topic and a connector' }
  if (value === null) return { kind: 'topicReset', connector, topic: id.slice(0, colon) }
  const found = isJsonObject(value) && isJsonObject(value.topic) ? value.topic : {}
  const { name, connector: user, task, discoverTimestamp } = found
  if (typeof name !== 'string' || typeof user !== 'string' || !isInteger(task) || !isInteger(discoverTimestamp))
    return { kind: 'invalid', why: 'it has no "topic" with name, connector, task and discoverTimestamp' }
  return { kind: 'topic', use: { topic: name, connector: user, task, discoveredAtMs: discoverTimestamp } }
}

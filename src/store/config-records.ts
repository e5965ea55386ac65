// Records of the config topic: their keys and JSON values, byte for byte as Java's KafkaConfigBackingStore writes them, and read by its
// rules (CONNECT.md 3.1). Pure functions. Main thread; called by config-topic.ts and config-state.ts.
import type { SessionKey } from './cluster-config.ts'
import type { Props, TargetState } from './config-store.ts'
import { isJsonObject, mapText, parseJsonBytes, stringText } from './java-json.ts'
import type { ReplicaRecord } from './topic-replica.ts'

const TARGET = 'target-state-'
const CONNECTOR = 'connector-'
const TASK = 'task-'
const COMMIT = 'commit-'
const RESTART = 'restart-connector-'
const FENCING = 'tasks-fencing-'
const SESSION_KEY = 'session-key'
const LOGGER = 'logger-cluster-'

export interface RestartScope {
  readonly includeTasks: boolean
  readonly onlyFailed: boolean
}

/** A record as read; `null` values stand for tombstones. */
export type ConfigRecord =
  | { readonly kind: 'connector'; readonly connector: string; readonly config: Props | null }
  | { readonly kind: 'target'; readonly connector: string; readonly target: TargetState | null }
  | { readonly kind: 'task'; readonly connector: string; readonly task: number; readonly config: Props }
  | { readonly kind: 'commit'; readonly connector: string; readonly taskCount: number }
  | { readonly kind: 'restart'; readonly connector: string; readonly scope: RestartScope }
  | { readonly kind: 'fencing'; readonly connector: string; readonly taskCount: number }
  | { readonly kind: 'sessionKey'; readonly key: SessionKey }
  | { readonly kind: 'loggerLevel'; readonly namespace: string; readonly level: string }
  /** a key nobody knows: of a later version, perhaps */
  | { readonly kind: 'unknown' }
  /** of a known key, and not as it must be */
  | { readonly kind: 'invalid'; readonly why: string }

// ---- written

function record(key: string, value: string | null): ReplicaRecord {
  return { key: Buffer.from(key), value: value === null ? null : Buffer.from(value) }
}

export function connectorRecord(connector: string, config: Props | null): ReplicaRecord {
  return record(CONNECTOR + connector, config && `{"properties":${mapText(config)}}`)
}

export function taskRecord(connector: string, task: number, config: Props): ReplicaRecord {
  return record(`${TASK}${connector}-${task}`, `{"properties":${mapText(config)}}`)
}

export function commitRecord(connector: string, taskCount: number): ReplicaRecord {
  return record(COMMIT + connector, mapText({ tasks: taskCount }))
}

/** Workers before KIP-875 know no STOPPED: for them it says PAUSED. */
export function targetRecord(connector: string, target: TargetState | null): ReplicaRecord {
  const value = target && mapText({ state: target === 'STOPPED' ? 'PAUSED' : target, 'state.v2': target })
  return record(TARGET + connector, value)
}

export function restartRecord(connector: string, scope: RestartScope): ReplicaRecord {
  return record(RESTART + connector, mapText({ 'include-tasks': scope.includeTasks, 'only-failed': scope.onlyFailed }))
}

export function fencingRecord(connector: string, taskCount: number): ReplicaRecord {
  return record(FENCING + connector, mapText({ 'task-count': taskCount }))
}

export function sessionKeyRecord(key: SessionKey): ReplicaRecord {
  const text = key.key.toString('base64')
  return record(SESSION_KEY, mapText({ key: text, algorithm: key.algorithm, 'creation-timestamp': key.createdAtMs }))
}

export function loggerLevelRecord(namespace: string, level: string): ReplicaRecord {
  return record(LOGGER + namespace, mapText({ level }))
}

// ---- read

/** @throws DataError for a value that is no JSON */
export function parseConfigRecord(keyBytes: Buffer, valueBytes: Buffer | null): ConfigRecord {
  const key = keyBytes.toString()
  const value = valueBytes === null ? null : parseJsonBytes(valueBytes, `the record ${stringText(key)} of the config topic`)
  if (key.startsWith(TARGET)) return readTarget(key.slice(TARGET.length), value)
  if (key.startsWith(CONNECTOR)) return readConnector(key.slice(CONNECTOR.length), value)
  if (key.startsWith(TASK)) return readTask(key.slice(TASK.length), value)
  if (key.startsWith(COMMIT)) return readCount('commit', key.slice(COMMIT.length), value, 'tasks')
  if (key.startsWith(RESTART)) return readRestart(key.slice(RESTART.length), value)
  if (key.startsWith(FENCING)) return readCount('fencing', key.slice(FENCING.length), value, 'task-count')
  if (key === SESSION_KEY) return readSessionKey(value)
  if (key.startsWith(LOGGER)) return readLoggerLevel(key.slice(LOGGER.length), value)
  return { kind: 'unknown' }
}

const invalid = (why: string): ConfigRecord => ({ kind: 'invalid', why })

/** A JSON value as text again; a bigint in an object is shown as its digits. */
function textOf(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one))
}

/** A map of texts; a null in it counts as left out. */
function propertiesOf(value: unknown): Props | null {
  if (!isJsonObject(value) || !isJsonObject(value.properties)) return null
  const texts = Object.entries(value.properties).filter(([, text]) => text !== null)
  return Object.fromEntries(texts.map(([name, text]) => [name, typeof text === 'string' ? text : textOf(text)]))
}

function isTarget(value: unknown): value is TargetState {
  return value === 'STARTED' || value === 'PAUSED' || value === 'STOPPED'
}

function readTarget(connector: string, value: unknown): ConfigRecord {
  if (value === null) return { kind: 'target', connector, target: null }
  if (!isJsonObject(value)) return invalid('it is no JSON object')
  const newest = value['state.v2']
  const target = typeof newest === 'string' ? newest : value.state
  return isTarget(target) ? { kind: 'target', connector, target } : invalid(`${JSON.stringify(target)} is no target state`)
}

function readConnector(connector: string, value: unknown): ConfigRecord {
  if (value === null) return { kind: 'connector', connector, config: null }
  const config = propertiesOf(value)
  return config === null ? invalid('it has no object "properties"') : { kind: 'connector', connector, config }
}

function readTask(id: string, value: unknown): ConfigRecord {
  const dash = id.lastIndexOf('-')
  const digits = id.slice(dash + 1)
  if (dash < 0 || !/^\d{1,9}$/.test(digits)) return invalid('its key does not end in a task number')
  const config = propertiesOf(value)
  if (config === null) return invalid('it has no object "properties"')
  return { kind: 'task', connector: id.slice(0, dash), task: Number(digits), config }
}

function readCount(kind: 'commit' | 'fencing', connector: string, value: unknown, field: string): ConfigRecord {
  const taskCount = isJsonObject(value) ? value[field] : undefined
  if (typeof taskCount !== 'number' || !Number.isSafeInteger(taskCount)) return invalid(`it has no integer "${field}"`)
  return { kind, connector, taskCount }
}

function readRestart(connector: string, value: unknown): ConfigRecord {
  if (!isJsonObject(value)) return invalid('it is no JSON object')
  const scope = { includeTasks: value['include-tasks'] === true, onlyFailed: value['only-failed'] === true }
  return { kind: 'restart', connector, scope }
}

function readSessionKey(value: unknown): ConfigRecord {
  if (!isJsonObject(value)) return invalid('it is no JSON object')
  const { key, algorithm, 'creation-timestamp': createdAtMs } = value
  if (typeof key !== 'string' || typeof algorithm !== 'string') return invalid('"key" and "algorithm" must be texts')
  if (typeof createdAtMs !== 'number' || !Number.isSafeInteger(createdAtMs))
    return invalid('"creation-timestamp" must be an integer')
  return { kind: 'sessionKey', key: { key: Buffer.from(key, 'base64'), algorithm, createdAtMs } }
}

function readLoggerLevel(namespace: string, value: unknown): ConfigRecord {
  const level = isJsonObject(value) ? value.level : undefined
  return typeof level === 'string' ? { kind: 'loggerLevel', namespace, level } : invalid('it has no text "level"')
}

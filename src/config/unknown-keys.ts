// Keys that nobody declared: allowed, as in Connect, but worth one warning with what was probably meant; and keys of Kafka's clients that change
// nothing here. Main thread and job thread.
import { clientKeys, idleClientKeys, type KafkaClient } from './client-keys.ts'
import { sinkConnectorConfig, sourceConnectorConfig } from './connector-config.ts'
import type { Props } from './define.ts'
import { distributedConfig } from './distributed-config.ts'
import { nearestName } from './nearest.ts'
import { standaloneConfig } from './worker-config.ts'

export interface UnknownKey {
  readonly name: string
  /** the known key nearest to it, if one is near */
  readonly nearest: string | null
}

/** Below these, a worker config may have any key: they belong to clients, plugins, providers. */
const WORKER_PREFIXES = [
  'producer.',
  'consumer.',
  'admin.',
  'key.converter.',
  'value.converter.',
  'header.converter.',
  'config.providers.',
]
const WORKER_PREFIXES_RARE = [
  'metrics.context.',
  'listeners.https.',
  'admin.listeners.https.',
  'internal.key.converter',
  'internal.value.converter',
]
const STORAGE = /^(?:config|offset|status)\.storage\./
const LEGACY = ['rest.host.name', 'rest.port']

/** Keys that a connector reads without declaring them are common: only what looks like a slip of the keyboard is taken for one. */
const DISTANCE_SHARE_MAX = 0.25

/** So many are told what was probably meant: each is compared with every known key, in the main thread. */
const NEAREST_MAX = 20

function unknownAmong(names: readonly string[], known: ReadonlySet<string>): UnknownKey[] {
  const unknown = names.filter(name => !known.has(name))
  return unknown.map((name, i) => ({ name, nearest: i < NEAREST_MAX ? nearestName(name, known, DISTANCE_SHARE_MAX) : null }))
}

/** Unprefixed client keys are the worker's own connection to Kafka. */
export function unknownWorkerKeys(props: Props): UnknownKey[] {
  const clients = Object.values(clientKeys).flatMap(config => config.names)
  const known = new Set([...standaloneConfig.names, ...distributedConfig.names, ...clients, ...LEGACY])
  const isFree = (name: string) => [...WORKER_PREFIXES, ...WORKER_PREFIXES_RARE].some(prefix => name.startsWith(prefix))
  const names = Object.keys(props).filter(name => !isFree(name) && !STORAGE.test(name))
  return unknownAmong(names, known)
}

const CONVERTER_PREFIXES = ['key.converter.', 'value.converter.', 'header.converter.']
/** Keys of clients and of topics to be created: any may follow. */
const FREE = /^(?:(?:producer|consumer|admin)\.override|topic\.creation)\./
/** Keys of the plugins around a connector, which declare theirs. */
const OF_OTHERS = /^(?:transforms|predicates|(?:key|value|header)\.converter)\./

/**
 * Where the connector declares none, as VerifiableSource, any key may be one that it reads: told are only those of the plugins around it, and
 * what looks like a key of the worker's for connectors that has a dot, `task.max`.
 * @param own the keys that validation listed for this connector: its own, its transforms' and converters'
 */
export function unknownConnectorKeys(props: Props, own: Iterable<string>): UnknownKey[] {
  const common = new Set([...sinkConnectorConfig.names, ...sourceConnectorConfig.names])
  const known = new Set([...common, ...own])
  const listed = [...known]
  const declares = listed.some(key => !common.has(key) && !FREE.test(key) && !OF_OTHERS.test(key))
  const isFree = (name: string) => {
    if (FREE.test(name)) return true
    // Keys of a converter the worker named are that converter's affair; those of one that validation saw are known.
    return CONVERTER_PREFIXES.some(
      prefix => name.startsWith(prefix) && !listed.some(key => key.startsWith(prefix) && !key.endsWith('plugin.version')),
    )
  }
  const unknown = unknownAmong(
    Object.keys(props).filter(name => !isFree(name)),
    known,
  )
  return declares ? unknown : unknown.filter(({ name, nearest }) => OF_OTHERS.test(name) || nearest?.includes('.') === true)
}

/** One line for the log. */
export function unknownKeyMessage({ name, nearest }: UnknownKey): string {
  return nearest === null ? `The key ${name} is not known` : `The key ${name} is not known; did you mean ${nearest}?`
}

/**
 * Keys of Kafka's clients that are set and change nothing, as they are written.
 * @param infix `.` in a worker's config (`consumer.client.rack`), `.override.` in a connector's
 */
export function idleKeys(props: Props, infix: '.' | '.override.'): string[] {
  return (Object.keys(clientKeys) as KafkaClient[]).flatMap(client =>
    idleClientKeys(client)
      .map(name => `${client}${infix}${name}`)
      .filter(name => Object.hasOwn(props, name)),
  )
}

/** One line for the log. */
export const idleKeyMessage = (name: string) => `The key ${name} changes nothing: Sluice's own Kafka clients have no use for it`

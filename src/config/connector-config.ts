// The framework's own keys of a connector config (CONNECT.md 2.3): everything a connector has besides its plugin's keys. Any thread.
// Java: ConnectorConfig, SinkConnectorConfig, SourceConnectorConfig.
import { ConfigError } from '../base/errors.ts'
import {
  atLeast,
  between,
  defineConfig,
  ifPresent,
  type KeyDefs,
  nonEmpty,
  oneOf,
  oneOfIgnoringCase,
  type Parsed,
  type Props,
  plainName,
  uniqueAliases,
  uniqueNonEmptyList,
} from './define.ts'
import { regexFault, sinkFaults } from './sink-topics.ts'

/** Each task is a thread of some 15 MB: more than this is a slip of the keyboard, and would take the worker down. */
const TASKS_MAX = 1_000

const COMMON = 'Common'
const TRANSFORMS = 'Transforms'
const PREDICATES = 'Predicates'
const ERRORS = 'Error Handling'
const TOPIC_CREATION = 'Topic Creation'
const EXACTLY_ONCE = 'Exactly Once Support'
const OFFSETS_TOPIC = 'offsets.topic'

const identity = defineConfig({
  name: {
    type: 'string',
    importance: 'high',
    check: plainName,
    group: COMMON,
    order: 1,
    width: 'medium',
    displayName: 'Connector name',
    doc: "Name of the connector, unique in the cluster. It stands in URLs, in the sink's consumer group (`connect-<name>`) and in offsets.",
  },
  'connector.class': {
    type: 'string',
    importance: 'high',
    group: COMMON,
    order: 2,
    width: 'long',
    displayName: 'Connector class',
    doc: 'The connector: full class name, or its last part with or without `Connector` (FileStreamSink).',
  },
  'connector.plugin.version': {
    type: 'string',
    default: null,
    importance: 'medium',
    group: COMMON,
    order: 3,
    width: 'medium',
    displayName: 'Connector version',
    doc: 'Version of the connector plugin to use; the installed one by default.',
  },
  'tasks.max': {
    type: 'int',
    default: 1,
    importance: 'high',
    check: between(1, TASKS_MAX),
    group: COMMON,
    order: 4,
    width: 'short',
    displayName: 'Tasks max',
    doc: 'Most tasks, and so threads, this connector may use.',
  },
  'tasks.max.enforce': {
    type: 'boolean',
    default: true,
    importance: 'low',
    group: COMMON,
    order: 5,
    width: 'short',
    displayName: 'Enforce tasks max',
    doc: 'Whether a connector that makes more tasks than `tasks.max` fails (true) or is only warned about (false). Deprecated.',
  },
})

const converterKey = (order: number, displayName: string, what: string) =>
  ({
    type: 'class',
    default: null,
    importance: 'low',
    group: COMMON,
    order,
    width: 'short',
    displayName,
    doc: `Converter of ${what} between Kafka's bytes and Connect data; the worker's by default. Its own keys stand below this key's name.`,
  }) as const

const converterVersionKey = (order: number, displayName: string, what: string) =>
  ({
    type: 'string',
    default: null,
    importance: 'low',
    group: COMMON,
    order,
    width: 'short',
    displayName,
    doc: `Version of the converter of ${what}.`,
  }) as const

const converters = defineConfig({
  'key.converter': converterKey(6, 'Key converter class', 'record keys'),
  'key.converter.plugin.version': converterVersionKey(7, 'Key converter version', 'record keys'),
  'value.converter': converterKey(8, 'Value converter class', 'record values'),
  'value.converter.plugin.version': converterVersionKey(9, 'Value converter version', 'record values'),
  'header.converter': converterKey(10, 'Header converter class', 'headers'),
  'header.converter.plugin.version': converterVersionKey(11, 'Header converter version', 'headers'),
})

const chain = defineConfig({
  transforms: {
    type: 'list',
    default: [],
    importance: 'low',
    check: uniqueAliases,
    group: TRANSFORMS,
    order: 12,
    width: 'long',
    displayName: 'Transforms',
    doc: 'Aliases of the transforms that each record passes, in this order. `transforms.<alias>.type` names the class, its keys stand beside it; `transforms.<alias>.predicate` and `.negate` limit it to some records.',
  },
  predicates: {
    type: 'list',
    default: [],
    importance: 'low',
    check: uniqueAliases,
    group: PREDICATES,
    order: 13,
    width: 'long',
    displayName: 'Predicates',
    doc: 'Aliases of the predicates that transforms refer to. `predicates.<alias>.type` names the class, its keys stand beside it.',
  },
  'config.action.reload': {
    type: 'string',
    default: 'restart',
    importance: 'low',
    check: oneOf('none', 'restart'),
    group: COMMON,
    order: 14,
    width: 'medium',
    displayName: 'Reload Action',
    doc: 'What to do when a config provider says that a value has expired: `restart` the connector or `none`.',
  },
})

const errors = defineConfig({
  'errors.retry.timeout': {
    type: 'long',
    default: 0,
    importance: 'medium',
    group: ERRORS,
    order: 1,
    width: 'medium',
    displayName: 'Retry Timeout for Errors',
    doc: 'How long, in ms, a failed operation that may be tried again is tried again. 0: not at all; -1: for ever.',
  },
  'errors.retry.delay.max.ms': {
    type: 'long',
    default: 60_000,
    importance: 'medium',
    group: ERRORS,
    order: 2,
    width: 'medium',
    displayName: 'Maximum Delay Between Retries for Errors',
    doc: 'Longest wait between two tries. Waits grow exponentially up to this, with jitter.',
  },
  'errors.tolerance': {
    type: 'string',
    default: 'none',
    importance: 'medium',
    check: oneOf('none', 'all'),
    group: ERRORS,
    order: 3,
    width: 'short',
    displayName: 'Error Tolerance',
    doc: '`none`: a record that cannot be converted or transformed fails the task. `all`: it is skipped, and reported as configured.',
  },
  'errors.log.enable': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    group: ERRORS,
    order: 4,
    width: 'short',
    displayName: 'Log Errors',
    doc: 'Whether each tolerated error is written to the log.',
  },
  'errors.log.include.messages': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    group: ERRORS,
    order: 5,
    width: 'short',
    displayName: 'Log Error Details',
    doc: 'Whether those log lines tell topic, partition, offset and timestamp of the record (sources: keys and values too).',
  },
})

/** Sinks have them as in Java. Sluice's sources have them too, but list them only where one is set, so that Java's lists stay Java's. */
export const deadLetterConfig = defineConfig({
  'errors.deadletterqueue.topic.name': {
    type: 'string',
    default: '',
    importance: 'medium',
    group: ERRORS,
    order: 6,
    width: 'medium',
    displayName: 'Dead Letter Queue Topic Name',
    doc: 'Topic for records that this connector could not handle; empty: none. Created if it does not exist.',
  },
  'errors.deadletterqueue.topic.replication.factor': {
    type: 'short',
    default: 3,
    importance: 'medium',
    group: ERRORS,
    order: 7,
    width: 'medium',
    displayName: 'Dead Letter Queue Topic Replication Factor',
    doc: 'Replication factor for a dead-letter topic that must be created. A single broker needs 1.',
  },
  'errors.deadletterqueue.context.headers.enable': {
    type: 'boolean',
    default: false,
    importance: 'medium',
    group: ERRORS,
    order: 8,
    width: 'medium',
    displayName: 'Enable Error Context Headers',
    doc: 'Whether dead letters carry headers `__connect.errors.*` that tell where the record came from and what went wrong.',
  },
})

const sink = defineConfig({
  topics: {
    type: 'list',
    default: [],
    importance: 'high',
    check: uniqueNonEmptyList,
    group: COMMON,
    order: 4,
    width: 'long',
    displayName: 'Topics',
    doc: 'The topics to read. Exactly one of `topics` and `topics.regex` must be given.',
  },
  'topics.regex': {
    type: 'string',
    default: '',
    importance: 'high',
    check: regexFault,
    group: COMMON,
    order: 4,
    width: 'long',
    displayName: 'Topics regex',
    doc: 'The topics to read, as a Java regular expression that must match the whole name; new topics that match are taken up.',
  },
})

const source = defineConfig({
  'topic.creation.groups': {
    type: 'list',
    default: [],
    importance: 'low',
    check: uniqueAliases,
    group: TOPIC_CREATION,
    order: 1,
    width: 'long',
    displayName: 'Topic Creation Groups',
    doc: 'Groups of settings for topics that this connector makes; `topic.creation.<group>.include` and `.exclude` say which topics.',
  },
  'exactly.once.support': {
    type: 'string',
    default: 'requested',
    importance: 'medium',
    check: oneOfIgnoringCase('REQUIRED', 'REQUESTED'),
    group: EXACTLY_ONCE,
    order: 2,
    width: 'short',
    displayName: 'Exactly once support',
    doc: '`required`: refuse this connector where exactly-once delivery cannot be given.',
  },
  'transaction.boundary': {
    type: 'string',
    default: 'poll',
    importance: 'medium',
    check: oneOfIgnoringCase('INTERVAL', 'POLL', 'CONNECTOR'),
    group: EXACTLY_ONCE,
    order: 3,
    width: 'short',
    displayName: 'Transaction Boundary',
    doc: 'Exactly-once sources: a transaction for each `poll`, for each `interval`, or as the `connector` says.',
  },
  'transaction.boundary.interval.ms': {
    type: 'long',
    default: null,
    importance: 'low',
    check: ifPresent(atLeast(0)),
    group: EXACTLY_ONCE,
    order: 4,
    width: 'short',
    displayName: 'Transaction boundary interval',
    doc: "Time between commits under `transaction.boundary=interval`; the worker's `offset.flush.interval.ms` by default.",
  },
  'offsets.storage.topic': {
    type: 'string',
    default: null,
    importance: 'low',
    check: ifPresent(nonEmpty),
    group: OFFSETS_TOPIC,
    order: 1,
    width: 'long',
    displayName: 'Offsets topic',
    doc: 'A topic of its own for the offsets of this connector. Standalone workers do not use it.',
  },
})

/** What a task reads of it. */
export const exactlyOnceConfig = defineConfig({
  'transaction.boundary': source.keys['transaction.boundary'],
  'transaction.boundary.interval.ms': source.keys['transaction.boundary.interval.ms'],
})

const common = { ...identity.keys, ...converters.keys, ...chain.keys, ...errors.keys }
export const connectorConfig = defineConfig(common)
export const sinkConnectorConfig = defineConfig({ ...common, ...sink.keys, ...deadLetterConfig.keys })
/** The framework's keys of this source: dead letters where the config names them. */
export function sourceKeysOf(props: Props): KeyDefs {
  const hasDeadLetters = Object.keys(props).some(name => name.startsWith('errors.deadletterqueue.'))
  return hasDeadLetters ? { ...sourceConnectorConfig.keys, ...deadLetterConfig.keys } : sourceConnectorConfig.keys
}
export const sourceConnectorConfig = defineConfig({ ...common, ...source.keys })

export type SinkConnectorConfig = Parsed<typeof sinkConnectorConfig.keys>
export type SourceConnectorConfig = Parsed<typeof sourceConnectorConfig.keys>

/** @throws ConfigError where single keys or the keys of a sink together are not acceptable */
export function parseSinkConnectorConfig(props: Props): SinkConnectorConfig {
  const parsed = sinkConnectorConfig.parse(props)
  const faults = sinkFaults(props)
  const first = faults[0]
  if (first !== undefined) throw new ConfigError(first.name, [...new Set(faults.map(fault => fault.message))].join('\n'))
  return parsed
}

export { sinkFaults } from './sink-topics.ts'
export { type ChainConfig, type PredicateConfig, type TransformConfig, transformChain } from './transform-chain.ts'

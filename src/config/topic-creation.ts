// `topic.creation.*` of a source (KIP-158): groups of settings for the topics that its tasks make. Any thread; validation and source
// tasks read it here. Java: TopicCreationConfig, SourceConnectorConfig.
import { ConfigError } from '../base/errors.ts'
import { coerce } from './coerce.ts'
import { type Check, type ConfigDef, defineConfig, type KeyDef, type Props, uniqueAliases } from './define.ts'
import { prefixed } from './prefixed.ts'
import { regexFault } from './sink-topics.ts'

const PREFIX = 'topic.creation.'
const DEFAULT_GROUP = 'default'
/** The broker's own default, of partitions and of replicas. */
const BROKER_DEFAULT = -1

export interface TopicGroup {
  readonly name: string
  /** Java regular expressions that match whole topic names */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly replicationFactor: number
  readonly partitions: number
  /** settings of the topic */
  readonly configs: Props
}

const positiveOrDefault =
  (what: string): Check =>
  (_name, value) =>
    typeof value !== 'number' || value >= 1 || value === BROKER_DEFAULT ? null : `${what}, or -1 to use the broker's default`

const patterns: Check = (name, value) => {
  for (const pattern of Array.isArray(value) ? value : []) {
    const fault = regexFault(name, pattern)
    if (fault !== null) return `Syntax error in regular expression: ${fault}`
  }
  return null
}

/** The keys of one group, by their whole names. Without `inherited` it is the default group: both figures are required. */
function groupKeys(group: string, inherited: { partitions: number; replicationFactor: number } | null): ConfigDef {
  const key = (type: 'list' | 'short' | 'int', doc: string, check: Check, more: Partial<KeyDef>): KeyDef => ({
    type,
    importance: 'low',
    group: 'Topic Creation',
    width: 'long',
    doc,
    check,
    ...more,
  })
  const count = (value: number | undefined) => (value === undefined ? {} : { default: value })
  const lists: Record<string, KeyDef> =
    inherited === null
      ? {}
      : {
          include: key('list', 'Java regular expressions for the topics of this group.', patterns, { default: [] }),
          exclude: key('list', 'Topics that are not of this group although they are included.', patterns, { default: [] }),
        }
  const keys = {
    ...lists,
    'replication.factor': key(
      'short',
      'Replicas of a topic that is made.',
      positiveOrDefault('Replication factor must be positive and not larger than the number of brokers in the Kafka cluster'),
      count(inherited?.replicationFactor),
    ),
    partitions: key(
      'int',
      'Partitions of a topic that is made.',
      positiveOrDefault('Number of partitions must be positive'),
      count(inherited?.partitions),
    ),
  }
  return defineConfig(Object.fromEntries(Object.entries(keys).map(([name, def]) => [`${PREFIX}${group}.${name}`, def])))
}

/** For the reference: the keys of any group but the default one. */
export const topicGroupConfig = groupKeys('<group>', { partitions: BROKER_DEFAULT, replicationFactor: BROKER_DEFAULT })

/** Names of the groups in their order, without the default one, which is always there and last. */
function groupsOf(props: Props): string[] {
  const coerced = coerce(`${PREFIX}groups`, props[`${PREFIX}groups`] ?? '', 'list')
  const names = coerced.ok ? (coerced.value as readonly string[]) : []
  return [...new Set(names)].filter(name => name !== DEFAULT_GROUP)
}

/** The list of groups has an error of its own: then the groups are not looked at. */
function isListFaulty(props: Props): boolean {
  const coerced = coerce(`${PREFIX}groups`, props[`${PREFIX}groups`] ?? '', 'list')
  return !coerced.ok || uniqueAliases(`${PREFIX}groups`, coerced.value) !== null
}

/** Whether the source makes topics itself, where its worker allows it. */
export function usesTopicCreation(props: Props): boolean {
  return Object.keys(props).some(name => name.startsWith(PREFIX))
}

/** What is wrong with the groups' keys, by key; Java finds it only when the connector starts. */
export function topicCreationFaults(props: Props): { name: string; message: string }[] {
  if (!usesTopicCreation(props) || isListFaulty(props)) return []
  const inherited = { partitions: BROKER_DEFAULT, replicationFactor: BROKER_DEFAULT }
  const configs = [groupKeys(DEFAULT_GROUP, null), ...groupsOf(props).map(name => groupKeys(name, inherited))]
  return configs.flatMap(config =>
    config.validate(props).flatMap(({ name, errors }) => errors.slice(0, 1).map(message => ({ name, message }))),
  )
}

/**
 * The groups in the order they are looked at, the default one last; null where the source uses none.
 * @throws ConfigError for the first faulty key
 */
export function topicGroups(props: Props): TopicGroup[] | null {
  if (!usesTopicCreation(props)) return null
  const fault = topicCreationFaults(props)[0]
  if (fault !== undefined) throw new ConfigError(fault.name, fault.message)
  const last = groupOf(props, DEFAULT_GROUP, null)
  return [...groupsOf(props).map(name => groupOf(props, name, last)), last]
}

/** @param inherits null for the default group, which takes every topic whatever its include and exclude say */
function groupOf(props: Props, name: string, inherits: TopicGroup | null): TopicGroup {
  const prefix = `${PREFIX}${name}.`
  const parsed = groupKeys(name, inherits).parse(props) as Readonly<Record<string, unknown>>
  const {
    include: _include,
    exclude: _exclude,
    partitions: _partitions,
    'replication.factor': _factor,
    ...configs
  } = prefixed(props, prefix)
  return {
    name,
    include: inherits === null ? ['.*'] : (parsed[`${prefix}include`] as readonly string[]),
    exclude: inherits === null ? [] : (parsed[`${prefix}exclude`] as readonly string[]),
    replicationFactor: parsed[`${prefix}replication.factor`] as number,
    partitions: parsed[`${prefix}partitions`] as number,
    configs,
  }
}

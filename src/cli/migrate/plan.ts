// The plan itself: of each connector whether Sluice can run it as it is, from its config, our catalogue and our validation. No I/O but what it is
// given. Main thread of a command.
import { codeOf, toError } from '../../base/errors.ts'
import type { ConfigInfos } from '../../config/infos.ts'
import { aliasesOf } from '../../config/transform-chain.ts'
import { idleKeyMessage, idleKeys, unknownConnectorKeys, unknownKeyMessage } from '../../config/unknown-keys.ts'
import type { Catalogue } from '../../plugins/catalogue.ts'
import type { ClusterConnector } from '../../store/cluster-config.ts'
import type { Props, TargetState } from '../../store/config-store.ts'
import type { ClusterState } from './cluster-state.ts'

type Kind = Parameters<Catalogue['find']>[0]

export interface PluginUse {
  /** the key that names it */
  readonly key: string
  readonly kind: 'connector' | 'transformation' | 'predicate' | 'converter' | 'header_converter'
  /** as written */
  readonly class: string
  /** the version of ours; null: there is none */
  readonly version: string | null
}

export interface Reason {
  readonly key: string | null
  readonly message: string
}

export interface ConnectorPlan {
  readonly name: string
  readonly class: string
  readonly type: 'source' | 'sink' | 'unknown'
  readonly target: TargetState
  /** of the newest statuses; null: there is none */
  readonly state: string | null
  readonly tasks: readonly { readonly task: number; readonly state: string | null }[]
  readonly runs: boolean
  /** why it does not run as it is */
  readonly reasons: readonly Reason[]
  /** what else is to be known */
  readonly notes: readonly string[]
  readonly plugins: readonly PluginUse[]
  readonly offsets: {
    /** partitions with an offset; null: they could not be read */
    readonly partitions: number | null
    /** the topic, or the consumer group */
    readonly in: string
  }
}

export interface Judges {
  readonly catalogue: Catalogue
  /** @throws ConfigError for a missing or unknown class */
  validate(config: Props): Promise<ConfigInfos>
  /** names of config providers that Sluice has not */
  readonly missingProviders: readonly string[]
  /** partitions that the group has committed offsets of */
  committed(groupId: string): Promise<number>
  /**
   * Of a source that has an offsets topic of its own: what Sluice would go on from; null: its offsets are in the worker's topic alone.
   * @throws ConnectError where that topic cannot be read
   */
  ownOffsets(name: string, config: Props): Promise<{ readonly partitions: number; readonly in: string } | null>
}

/** The keys of a worker that are converters, in the order of the docs. */
export const CONVERTERS = [
  ['key.converter', 'converter'],
  ['value.converter', 'converter'],
  ['header.converter', 'header_converter'],
] as const

/** @param workerProps resolved: its converters are those of connectors that name none */
export async function planConnector(
  name: string,
  state: ClusterState,
  workerProps: Props,
  judges: Judges,
): Promise<ConnectorPlan> {
  const connector = state.config.get(name) as ClusterConnector
  const config = connector.config ?? {}
  const plugins = pluginsOf(config, workerProps, judges.catalogue)
  const type = typeOf(config, judges.catalogue)
  const { reasons, notes } = await judged(config, plugins, judges)
  reasons.push(...unanswered(config, judges.missingProviders))
  if (connector.isInconsistent) {
    notes.push('its last commit misses task configs (compaction): it has no tasks until they are made again')
  }
  const offsets = await offsetsOf(name, config, type, state, judges, notes)
  const status = state.statuses.get(name)
  const tasks = connector.tasks.map((_, task) => ({ task, state: status?.tasks.get(task)?.state ?? null }))
  return {
    name,
    class: config['connector.class'] ?? '',
    type,
    target: connector.target,
    state: status?.connector?.state ?? null,
    tasks,
    runs: reasons.length === 0,
    reasons,
    notes,
    plugins,
    offsets,
  }
}

function typeOf(config: Props, catalogue: Catalogue): ConnectorPlan['type'] {
  const className = config['connector.class'] ?? ''
  if (catalogue.has('sink', className)) return 'sink'
  if (catalogue.has('source', className)) return 'source'
  // A sink has topics, whatever its class.
  return config.topics !== undefined || config['topics.regex'] !== undefined ? 'sink' : 'unknown'
}

/** Every plugin that a connector stands on, its own and the worker's. */
function pluginsOf(config: Props, workerProps: Props, catalogue: Catalogue): PluginUse[] {
  const use = (key: string, kind: PluginUse['kind'], className: string | undefined): PluginUse[] => {
    if (className === undefined || className.trim() === '') return []
    const kinds: readonly Kind[] = kind === 'connector' ? ['sink', 'source'] : [kind]
    const found = kinds.map(one => catalogue.find(one, className)).find(entry => entry !== null)
    return [{ key, kind, class: className.trim(), version: found?.version ?? null }]
  }
  const chain = (list: 'transforms' | 'predicates', kind: PluginUse['kind']) =>
    aliasesOf(config, list).flatMap(alias => use(`${list}.${alias}.type`, kind, config[`${list}.${alias}.type`]))
  return [
    ...use('connector.class', 'connector', config['connector.class']),
    ...chain('transforms', 'transformation'),
    ...chain('predicates', 'predicate'),
    ...CONVERTERS.flatMap(([key, kind]) => use(key, kind, config[key] ?? workerProps[key])),
  ]
}

interface Judged {
  readonly reasons: Reason[]
  readonly notes: string[]
}

async function judged(config: Props, plugins: readonly PluginUse[], judges: Judges): Promise<Judged> {
  const missing = plugins.filter(plugin => plugin.version === null)
  const reasons: Reason[] = missing.map(plugin => ({ key: plugin.key, message: missingText(plugin) }))
  const notes: string[] = []
  const told = new Set(missing.map(({ key }) => key))
  try {
    const infos = await judges.validate(config)
    for (const { value } of infos.configs) {
      // Of a class that is not there validation says what there is instead, at length.
      if (told.has(value.name)) continue
      reasons.push(...value.errors.map(message => ({ key: value.name, message })))
    }
    const listed = infos.configs.map(({ value }) => value.name)
    // Keys of what is missing are unknown for that reason.
    const isOfMissing = (key: string) => missing.some(plugin => key.startsWith(plugin.key.replace(/type$/, '')))
    const unknown = unknownConnectorKeys(config, listed).filter(({ name }) => !isOfMissing(name))
    notes.push(...unknown.map(unknownKeyMessage), ...idleKeys(config, '.override.').map(idleKeyMessage))
  } catch (error) {
    if (codeOf(error) !== 'CONNECT_CONFIG') throw error
    if (!told.has('connector.class')) reasons.push({ key: null, message: toError(error).message })
  }
  return { reasons, notes }
}

/** Variables of config providers that Sluice has not. */
function unanswered(config: Props, providers: readonly string[]): Reason[] {
  return Object.entries(config).flatMap(([key, value]) =>
    providers
      .filter(name => value.includes(`\${${name}:`))
      .map(name => ({ key, message: `nobody answers its variable of config provider ${name}` })),
  )
}

function missingText({ kind, class: className }: PluginUse): string {
  return `there is no ${kind.replace('_', ' ')} ${className} in Sluice, nor in plugin.path`
}

async function offsetsOf(
  name: string,
  config: Props,
  type: ConnectorPlan['type'],
  state: ClusterState,
  judges: Judges,
  notes: string[],
): Promise<ConnectorPlan['offsets']> {
  if (type !== 'sink') {
    const topic = state.topics.find(({ key }) => key === 'offset.storage.topic')?.topic ?? ''
    try {
      return (await judges.ownOffsets(name, config)) ?? { partitions: state.sourceOffsets.get(name) ?? 0, in: topic }
    } catch (error) {
      if (!codeOf(error)?.startsWith('CONNECT_')) throw error
      notes.push(`its offsets could not be read: ${toError(error).message}`)
      return { partitions: null, in: config['offsets.storage.topic'] ?? topic }
    }
  }
  const group = config['consumer.override.group.id'] ?? `connect-${name}`
  return { partitions: await judges.committed(group), in: group }
}

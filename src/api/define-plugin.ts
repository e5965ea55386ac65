// How authors write plugins: the configuration is declared once, and `start` or `configure` are given its parsed, typed values. Only that one
// method is wrapped here; records meet the author's own object, as those of built-in plugins do. Task, connector and job threads.
import type { ConfigDef, KeyDefs, Parsed } from '../config/define.ts'
import type { Connector, ConnectorContext, Props } from './connector.ts'
import type { Converter, HeaderConverter } from './converter.ts'
import type {
  ConverterPlugin,
  HeaderConverterPlugin,
  PluginBase,
  PredicatePlugin,
  SinkPlugin,
  SourcePlugin,
  TargetOf,
  TransformationPlugin,
} from './plugin.ts'
import type { SinkTask } from './sink-task.ts'
import type { SourceTask } from './source-task.ts'
import type { Predicate, Transformation } from './transformation.ts'

/** Which copy of Sluice a plugin was defined by: two copies have two classes of each name. The loader asks. */
export const DEFINED_BY = Symbol.for('sluice.defined-by')
export const thisCopy = import.meta.url

/** The values of a declaration: `class Task implements SinkTask<ConfigOf<typeof config>>`. */
export type ConfigOf<D> = D extends ConfigDef<infer K> ? Parsed<K> : never

interface Definition<K extends KeyDefs> extends Omit<PluginBase, 'config'> {
  readonly config: ConfigDef<K>
}

interface ConnectorDefinition<K extends KeyDefs, T extends KeyDefs, Task> extends Definition<K> {
  /** of the task, in task configs; absent: the connector's with Task for Connector */
  readonly taskClass?: string
  /** absent: every task (of a source: one task) is given the connector's configuration */
  readonly connector?: () => Connector<Parsed<NoInfer<K>>>
  /** keys of a task's configuration where they are not the connector's */
  readonly taskConfig?: ConfigDef<T>
  readonly task: () => Task
}

interface Created<K extends KeyDefs, T> extends Definition<K> {
  readonly create: () => T
}

interface SinkDefinition<K extends KeyDefs, T extends KeyDefs> extends ConnectorDefinition<K, T, SinkTask<Parsed<NoInfer<T>>>> {
  /** where records would go, for `POST …/preview`: see SinkPlugin; given what the task's start is given */
  readonly previewTarget?: (config: Parsed<NoInfer<T>>) => TargetOf
}

export function defineSink<const K extends KeyDefs, const T extends KeyDefs = K>(plugin: SinkDefinition<K, T>): SinkPlugin {
  const { previewTarget, ...rest } = plugin
  const sink: SinkPlugin = { ...connectorParts<K, T, object, SinkTask>(rest, Number.POSITIVE_INFINITY), kind: 'sink' }
  if (previewTarget === undefined) return sink
  const config: ConfigDef = plugin.taskConfig ?? plugin.config
  return { ...sink, previewTarget: props => previewTarget(config.parse(props) as Parsed<T>) }
}

export function defineSource<const K extends KeyDefs, const T extends KeyDefs = K>(
  plugin: ConnectorDefinition<K, T, SourceTask<Parsed<NoInfer<T>>>>,
): SourcePlugin {
  return { ...connectorParts<K, T, object, SourceTask>(plugin, 1), kind: 'source' }
}

export function defineTransform<const K extends KeyDefs>(
  plugin: Created<K, Transformation<Parsed<NoInfer<K>>>>,
): TransformationPlugin {
  return { ...plugin, ...base, kind: 'transformation', create: () => withParsed(plugin.create(), 'configure', plugin.config) }
}

export function definePredicate<const K extends KeyDefs>(plugin: Created<K, Predicate<Parsed<NoInfer<K>>>>): PredicatePlugin {
  return { ...plugin, ...base, kind: 'predicate', create: () => withParsed(plugin.create(), 'configure', plugin.config) }
}

export function defineConverter<const K extends KeyDefs>(plugin: Created<K, Converter<Parsed<NoInfer<K>>>>): ConverterPlugin {
  return { ...plugin, ...base, kind: 'converter', create: () => withParsed(plugin.create(), 'configure', plugin.config) }
}

export function defineHeaderConverter<const K extends KeyDefs>(
  plugin: Created<K, HeaderConverter<Parsed<NoInfer<K>>>>,
): HeaderConverterPlugin {
  return { ...plugin, ...base, kind: 'header_converter', create: () => withParsed(plugin.create(), 'configure', plugin.config) }
}

const base = { [DEFINED_BY]: thisCopy }

/** The object itself, whose first method takes text from now on: `Raw` is what it is then. */
function withParsed<Raw>(typed: object, method: 'start' | 'configure', config: ConfigDef): Raw {
  const raw = typed as Record<typeof method, (config: unknown, ...rest: unknown[]) => unknown>
  const taken = raw[method]
  raw[method] = (props, ...rest) => taken.call(raw, config.parse(props as Props), ...rest)
  return raw as Raw
}

function connectorParts<K extends KeyDefs, T extends KeyDefs, Task extends object, RawTask>(
  plugin: ConnectorDefinition<K, T, Task>,
  tasksMax: number,
) {
  const { connector, task, taskConfig, ...rest } = plugin
  return {
    ...rest,
    ...base,
    taskClass: plugin.taskClass ?? `${plugin.className.replace(/Connector$/, '')}Task`,
    connector: (): Connector =>
      connector === undefined ? sameConfigConnector(tasksMax) : withParsed(connector(), 'start', plugin.config),
    task: (): RawTask => withParsed(task(), 'start', taskConfig ?? plugin.config),
  }
}

/** The connector of those that need none of their own. */
function sameConfigConnector(tasksMax: number): Connector {
  let props: Props = {}
  return {
    start(_config: Props, context: ConnectorContext) {
      props = context.props
    },
    taskConfigs: maxTasks => Array.from({ length: Math.min(maxTasks, tasksMax) }, () => props),
    stop() {},
  }
}

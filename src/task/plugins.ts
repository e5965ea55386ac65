// Loads the plugins a task or connector names, into this thread. Task and connector threads.

import type { FromAnyActor } from '../actor/messages.ts'
import type { Props } from '../api/connector.ts'
import type { Converter, HeaderConverter } from '../api/converter.ts'
import type { SinkPlugin, SourcePlugin } from '../api/plugin.ts'
import { ConfigError } from '../base/errors.ts'
import { transformChain } from '../config/connector-config.ts'
import { prefixed } from '../config/prefixed.ts'
import { type Catalogue, openCatalogue } from '../plugins/catalogue.ts'
import { MODULE_LOAD_MS_MAX } from '../plugins/plugin-index.ts'
import { pluginPathOf } from '../plugins/plugin-path.ts'
import { Chain, type NamedConverter, type TransformStep } from './chain.ts'
import { checkedConverter, checkedHeaderConverter, checkedPredicate, checkedTransform } from './checked-plugins.ts'

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const SIMPLE_HEADER_CONVERTER = 'org.apache.kafka.connect.storage.SimpleHeaderConverter'

/** @param host ends this thread where a module takes longer than MODULE_LOAD_MS_MAX; absent: somebody else limits the thread's time */
export function openTaskCatalogue(workerProps: Props, host?: { post(message: FromAnyActor): void }): Promise<Catalogue> {
  return openCatalogue(pluginPathOf(workerProps), (className, file) => {
    host?.post({ type: 'moduleLoading', className, file, limitMs: MODULE_LOAD_MS_MAX })
    return () => host?.post({ type: 'moduleLoaded', file })
  })
}

export async function connectorPlugin(catalogue: Catalogue, connectorProps: Props): Promise<SinkPlugin | SourcePlugin> {
  const className = connectorProps['connector.class']
  if (className === undefined) throw new ConfigError('connector.class', 'Missing required configuration "connector.class"')
  const kind = catalogue.has('sink', className) ? 'sink' : 'source'
  const version = connectorProps['connector.plugin.version']
  return (await catalogue.load(kind, className, 'connector.class', version)) as SinkPlugin | SourcePlugin
}

/** Converters and SMTs of a task, configured. The connector's converter wins over the worker's, with its own keys only (as Java). */
export async function loadChain(catalogue: Catalogue, connectorProps: Props, workerProps: Props): Promise<Chain> {
  const [key, value] = await Promise.all([
    loadConverter(catalogue, 'key.converter', connectorProps, workerProps),
    loadConverter(catalogue, 'value.converter', connectorProps, workerProps),
  ])
  const header = await loadHeaderConverter(catalogue, connectorProps, workerProps)
  return new Chain({ key, value, header, steps: await loadSteps(catalogue, connectorProps) })
}

/** JsonConverter as it comes: with schemas. */
export async function loadJson(catalogue: Catalogue): Promise<Converter> {
  return (await loadConverter(catalogue, 'value.converter', { 'value.converter': JSON_CONVERTER }, {})).converter
}

async function loadConverter(
  catalogue: Catalogue,
  name: 'key.converter' | 'value.converter',
  connectorProps: Props,
  workerProps: Props,
): Promise<NamedConverter<Converter>> {
  const props = connectorProps[name] === undefined ? workerProps : connectorProps
  const className = props[name]
  if (className === undefined) throw new ConfigError(name, `Missing required configuration "${name}" in worker and connector`)
  const plugin = await catalogue.load('converter', className, name, props[`${name}.plugin.version`])
  if (plugin.kind !== 'converter') throw new ConfigError(name, `${className} is not a converter`)
  const isKey = name === 'key.converter'
  const own = { ...ownProps(props, name), 'converter.type': isKey ? 'key' : 'value' }
  plugin.config.parse(own)
  const converter = catalogue.isBuiltIn(plugin) ? plugin.create() : checkedConverter(plugin.className, plugin.create())
  converter.configure(own, isKey)
  return { className: plugin.className, converter }
}

/** Keys below a converter's name; which version it is, is not its business. */
function ownProps(props: Props, name: string): Props {
  const { 'plugin.version': _version, ...own } = prefixed(props, `${name}.`)
  return own
}

async function loadHeaderConverter(
  catalogue: Catalogue,
  connectorProps: Props,
  workerProps: Props,
): Promise<NamedConverter<HeaderConverter>> {
  const name = 'header.converter'
  const props = connectorProps[name] === undefined ? workerProps : connectorProps
  const plugin = await catalogue.load(
    'header_converter',
    props[name] ?? SIMPLE_HEADER_CONVERTER,
    name,
    props[`${name}.plugin.version`],
  )
  if (plugin.kind !== 'header_converter') throw new ConfigError(name, `${props[name]} is not a header converter`)
  const own = { ...ownProps(props, name), 'converter.type': 'header' }
  plugin.config.parse(own)
  const converter = catalogue.isBuiltIn(plugin) ? plugin.create() : checkedHeaderConverter(plugin.className, plugin.create())
  converter.configure(own)
  return { className: plugin.className, converter }
}

async function loadSteps(catalogue: Catalogue, connectorProps: Props): Promise<TransformStep[]> {
  const { transforms, predicates } = transformChain(connectorProps)
  const steps: TransformStep[] = []
  for (const { alias, type, version, props, predicate, negate } of transforms) {
    const plugin = await catalogue.load('transformation', type, `transforms.${alias}.type`, version)
    if (plugin.kind !== 'transformation') throw new ConfigError(`transforms.${alias}.type`, `${type} is not a transformation`)
    plugin.config.parse(props)
    const transform = catalogue.isBuiltIn(plugin) ? plugin.create() : checkedTransform(plugin.className, plugin.create())
    transform.configure(props)
    const condition = predicate === null ? undefined : predicates.find(p => p.alias === predicate)
    if (predicate !== null && condition === undefined) {
      throw new ConfigError(`transforms.${alias}.predicate`, `there is no predicate ${predicate} in predicates`)
    }
    let loaded: TransformStep['predicate'] = null
    if (condition !== undefined) {
      const found = await catalogue.load('predicate', condition.type, `predicates.${condition.alias}.type`, condition.version)
      if (found.kind !== 'predicate')
        throw new ConfigError(`predicates.${condition.alias}.type`, `${condition.type} is not a predicate`)
      found.config.parse(condition.props)
      loaded = catalogue.isBuiltIn(found) ? found.create() : checkedPredicate(found.className, found.create())
      loaded.configure(condition.props)
    }
    steps.push({ alias, className: plugin.className, transform, predicate: loaded, negate })
  }
  return steps
}

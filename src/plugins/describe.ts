// What REST and the herder ask about plugins: the list of them, one's keys, a connector's task class. Job thread; called by workers/job.ts,
// so that the main thread never loads a plugin.
import type { Plugin, PluginKind } from '../api/plugin.ts'
import { sinkConnectorConfig, sourceConnectorConfig } from '../config/connector-config.ts'
import { type ConfigDef, defineConfig, type Props } from '../config/define.ts'
import { type ConfigKeyInfo, keyInfos } from '../config/infos.ts'
import { type Catalogue, KINDS } from './catalogue.ts'
import { loadConnector } from './validate.ts'

const NO_KEYS = defineConfig({})

export interface PluginInfo {
  readonly class: string
  readonly type: PluginKind
  readonly version?: string
}

/** All plugins in the order of GET /connector-plugins; one that does not load has no version. */
export function listPlugins(catalogue: Catalogue): Promise<PluginInfo[]> {
  return Promise.all(
    catalogue.list().map(async ({ kind, className }) => {
      const info = { class: className, type: kind }
      return catalogue.load(kind, className).then(
        plugin => ({ ...info, version: plugin.version }),
        () => info,
      )
    }),
  )
}

/** A plugin's own keys, for connectors then the framework's; null: there is no such plugin (KIP-769). */
export async function pluginKeys(catalogue: Catalogue, name: string): Promise<ConfigKeyInfo[] | null> {
  const kind = KINDS.find(k => catalogue.has(k, name))
  if (kind === undefined) return null
  const plugin = await catalogue.load(kind, name)
  const own = keyInfos(plugin.config)
  const known = new Set(own.map(info => info.name))
  return [...own, ...keyInfos(frameworkOf(plugin)).filter(info => !known.has(info.name))]
}

/** Converters, transforms and predicates have no keys but their own. */
function frameworkOf(plugin: Plugin): ConfigDef {
  if (plugin.kind === 'sink') return sinkConnectorConfig
  return plugin.kind === 'source' ? sourceConnectorConfig : NO_KEYS
}

export interface ConnectorDescription {
  readonly kind: 'sink' | 'source'
  readonly className: string
  readonly version: string
  readonly taskClass: string
}

/** @throws ConfigError for an unknown class */
export async function describeConnector(catalogue: Catalogue, className: string): Promise<ConnectorDescription> {
  const { kind, className: fullName, version, taskClass } = await loadConnector(catalogue, className)
  return { kind, className: fullName, version, taskClass }
}

/** The `plugin.path` of a worker config, as a list. */
export function pluginPathOf(workerProps: Props): string[] {
  return (workerProps['plugin.path'] ?? '')
    .split(',')
    .map(path => path.trim())
    .filter(path => path !== '')
}

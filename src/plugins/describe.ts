// Plugins as REST shows them: the list of GET /connector-plugins and the keys of one plugin (KIP-769). Job thread; workers/job.ts.
import type { PluginKind } from '../api/plugin.ts'
import { type ConfigDef, defineConfig, type Props } from '../config/define.ts'
import { type Catalogue, KINDS, type PluginName } from './catalogue.ts'
import { frameworkKeys } from './validate.ts'

export interface PluginDescription {
  readonly class: string
  readonly type: PluginKind
  readonly version?: string
}

export async function describePlugin(catalogue: Catalogue, { kind, className }: PluginName): Promise<PluginDescription> {
  // One that does not load is listed without a version; what is wrong with it is told when it is used.
  const plugin = await catalogue.load(kind, className).catch(() => null)
  return { class: className, type: kind, ...(plugin === null ? {} : { version: plugin.version }) }
}

/** The plugin's own keys, a connector's followed by the framework's; null where there is no such plugin. */
export async function pluginKeys(catalogue: Catalogue, name: string, workerProps: Props): Promise<ConfigDef | null> {
  const kind = KINDS.find(candidate => catalogue.has(candidate, name))
  if (kind === undefined) return null
  const plugin = await catalogue.load(kind, name)
  if (plugin.kind !== 'sink' && plugin.kind !== 'source') return plugin.config
  return defineConfig({ ...plugin.config.keys, ...(await frameworkKeys(catalogue, plugin, {}, workerProps)) })
}

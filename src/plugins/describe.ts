// What REST and the herder ask about plugins: the list of them, one's keys, a connector's task class. Job thread; called by workers/job.ts,
// so that the main thread never loads a plugin.
import type { Plugin, PluginKind } from '../api/plugin.ts'
import { BadRequestError } from '../base/errors.ts'
import { sinkConnectorConfig, sourceConnectorConfig } from '../config/connector-config.ts'
import { type ConfigDef, defineConfig } from '../config/define.ts'
import { type ConfigKeyInfo, keyInfos } from '../config/infos.ts'
import { type Catalogue, KINDS, PluginVersionError } from './catalogue.ts'
import { versionRequirement } from './maven-version.ts'
import { UNDEFINED_VERSION } from './plugin-module.ts'
import { loadConnector } from './validate.ts'

const NO_KEYS = defineConfig({})

export interface PluginInfo {
  readonly class: string
  readonly type: PluginKind
  readonly version?: string
}

/** All plugins in the order of GET /connector-plugins, each version of a class; one that does not tell its version has none. */
export function listPlugins(catalogue: Catalogue): PluginInfo[] {
  return catalogue.list().map(({ kind, className, version }) => {
    const info = { class: className, type: kind }
    return version === UNDEFINED_VERSION ? info : { ...info, version }
  })
}

/**
 * A plugin's own keys, for connectors then the framework's; null: there is no such plugin (KIP-769).
 * @throws BadRequestError when there is no such version of it
 */
export async function pluginKeys(catalogue: Catalogue, name: string, version: string): Promise<ConfigKeyInfo[] | null> {
  try {
    versionRequirement(version)
  } catch {
    throw new BadRequestError(`Invalid version specification: ${version}`)
  }
  const kind = KINDS.find(k => catalogue.has(k, name))
  if (kind === undefined) return null
  const plugin = await catalogue.load(kind, name, '', version).catch(error => {
    throw error instanceof PluginVersionError ? new BadRequestError(error.message) : error
  })
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
export async function describeConnector(
  catalogue: Catalogue,
  className: string,
  wanted: string | undefined,
): Promise<ConnectorDescription> {
  const { kind, className: fullName, version, taskClass } = await loadConnector(catalogue, className, wanted)
  return { kind, className: fullName, version, taskClass }
}

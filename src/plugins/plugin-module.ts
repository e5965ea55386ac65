// Imports a plugin's module and checks what it exports. Task, connector, job and scan threads, never the main thread.
import { pathToFileURL } from 'node:url'
import type { Plugin } from '../api/plugin.ts'
import { installModuleHooks } from './module-hooks.ts'
import type { PluginModule } from './plugin-path.ts'

export interface ModulePlugins {
  readonly plugins: readonly (Plugin & { readonly version: string })[]
  /** why an item of the list is no plugin */
  readonly faults: readonly string[]
}

/** Java's word for a plugin that does not tell its version. */
export const UNDEFINED_VERSION = 'undefined'

/** @throws whatever the module throws, or an Error when it exports no list */
export async function importPlugins({ file, packageVersion }: PluginModule): Promise<ModulePlugins> {
  installModuleHooks()
  const { DEFINED_BY, thisCopy } = await import('../api/define-plugin.ts')
  const module = (await import(pathToFileURL(file).href)) as { plugins?: unknown; default?: { plugins?: unknown } }
  const list = module.plugins ?? module.default?.plugins
  if (!Array.isArray(list)) throw new Error('it does not export a list `plugins`')
  const plugins: (Plugin & { version: string })[] = []
  const faults: string[] = []
  for (const item of list as unknown[]) {
    const fault = pluginFault(item) ?? copyFault(item as Plugin, DEFINED_BY, thisCopy)
    if (fault !== null) faults.push(fault)
    else plugins.push(withVersion(item as Plugin, packageVersion))
  }
  return { plugins, faults }
}

function withVersion(plugin: Plugin, packageVersion: string | null): Plugin & { version: string } {
  return { ...plugin, version: plugin.version ?? packageVersion ?? UNDEFINED_VERSION }
}

/** A bundle that took Sluice in makes records and errors of classes that the worker does not know. */
function copyFault(plugin: Plugin, key: symbol, copy: string): string | null {
  const maker = (plugin as unknown as Record<symbol, unknown>)[key]
  if (maker === undefined || maker === copy) return null
  return `${plugin.className} was defined by another copy of Sluice (${String(maker)}): keep sluice out of the bundle, as an external module`
}

const MEMBERS: Readonly<Record<Plugin['kind'], readonly string[]>> = {
  sink: ['connector', 'task'],
  source: ['connector', 'task'],
  transformation: ['create'],
  predicate: ['create'],
  converter: ['create'],
  header_converter: ['create'],
}

/** Why a value is no plugin, or null. */
function pluginFault(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'an item of `plugins` is no object'
  const plugin = value as Record<string, unknown>
  const name = String(plugin.className)
  if (typeof plugin.className !== 'string' || name === '') return 'an item of `plugins` has no className'
  if (typeof plugin.kind !== 'string' || !Object.hasOwn(MEMBERS, plugin.kind))
    return `${name} has the unknown kind ${String(plugin.kind)}`
  if (plugin.version !== undefined && typeof plugin.version !== 'string') return `the version of ${name} is no text`
  const config = plugin.config as { parse?: unknown; validate?: unknown } | undefined
  if (typeof config?.parse !== 'function' || typeof config.validate !== 'function')
    return `${name} has no config: use defineConfig`
  const missing = MEMBERS[plugin.kind as Plugin['kind']].find(member => typeof plugin[member] !== 'function')
  return missing === undefined ? null : `${name} has no function ${missing}`
}

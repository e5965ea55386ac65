// Loads third-party plugins from the worker's `plugin.path`: files, folders with an index file, npm packages by path, and folders of
// those. Each must export `plugins`. One that does not load is reported and left out. Task, connector and job threads.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plugin } from '../api/plugin.ts'
import { type Clock, systemClock } from '../base/clock.ts'

/** What could not be loaded, and why. */
export interface LoadFault {
  readonly file: string
  readonly message: string
}

export interface LoadedPlugins {
  readonly plugins: readonly Plugin[]
  readonly faults: readonly LoadFault[]
}

const MODULE = /\.(?:ts|mts|js|mjs)$/
const DECLARATION = /\.d\.m?ts$/
const INDEXES = ['index.ts', 'index.js', 'index.mjs']
/** A folder with more entries is hardly one of plugins, rather a mistaken `/`. */
const ENTRIES_MAX = 1_000
/** A module that waits for something at its top must not keep the worker's other plugins from loading. */
const LOAD_MS_MAX = 30_000

export async function loadPluginPath(paths: readonly string[], clock: Clock = systemClock): Promise<LoadedPlugins> {
  const plugins: Plugin[] = []
  const faults: LoadFault[] = []
  for (const path of paths) {
    const written = path.trim()
    if (written === '') continue
    try {
      for (const file of await modulesAt(resolve(written))) await loadModule(file, clock, plugins, faults)
    } catch (error) {
      faults.push({ file: written, message: (error as Error).message })
    }
  }
  return { plugins, faults }
}

async function loadModule(file: string, clock: Clock, plugins: Plugin[], faults: LoadFault[]): Promise<void> {
  try {
    const module = await within(import(pathToFileURL(file).href) as Promise<{ readonly plugins?: unknown }>, clock)
    if (!Array.isArray(module.plugins)) throw new Error('it does not export a list `plugins`')
    for (const plugin of module.plugins) {
      const fault = pluginFault(plugin)
      if (fault === null) plugins.push(plugin as Plugin)
      else faults.push({ file, message: fault })
    }
  } catch (error) {
    faults.push({ file, message: error instanceof Error ? error.message : String(error) })
  }
}

function within<T>(loading: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.after(LOAD_MS_MAX, () => reject(new Error(`it did not finish loading within ${LOAD_MS_MAX} ms`)))
    loading.then(resolve, reject).finally(() => timer.cancel())
  })
}

/** @throws Error when there is nothing to load at `path` */
async function modulesAt(path: string): Promise<string[]> {
  const kind = await kindOf(path)
  if (kind === 'file') return [path]
  if (kind === null) throw new Error('there is no such file or folder')
  const entry = await packageEntry(path)
  if (entry !== null) return [entry]
  const names = (await readdir(path)).sort()
  if (names.length > ENTRIES_MAX) throw new Error(`it has ${names.length} entries: name the folders of the plugins themselves`)
  const found: string[] = []
  for (const name of names) {
    const child = join(path, name)
    if (MODULE.test(name) && !DECLARATION.test(name)) found.push(child)
    else if ((await kindOf(child)) === 'folder' && name !== 'node_modules') {
      const childEntry = await packageEntry(child)
      if (childEntry !== null) found.push(childEntry)
    }
  }
  if (found.length === 0) throw new Error('it holds no plugin: no .ts, .js or .mjs file, no index file, no package.json')
  return found
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch {
    return null
  }
}

/** The module that a folder stands for: what its package.json names, else its index file. */
async function packageEntry(folder: string): Promise<string | null> {
  const manifest = join(folder, 'package.json')
  if ((await kindOf(manifest)) === 'file') {
    const named = entryOf(JSON.parse(await readFile(manifest, 'utf8')) as Manifest)
    if (named !== null) return join(folder, named)
  }
  for (const name of INDEXES) if ((await kindOf(join(folder, name))) === 'file') return join(folder, name)
  return null
}

interface Manifest {
  readonly main?: unknown
  readonly module?: unknown
  readonly exports?: unknown
}

function entryOf({ exports, module, main }: Manifest): string | null {
  for (const candidate of [exportTarget(exports), module, main]) if (typeof candidate === 'string') return candidate
  return null
}

/** The target of `.` in an `exports` field, for an import. */
function exportTarget(exports: unknown): string | null {
  if (typeof exports === 'string') return exports
  if (typeof exports !== 'object' || exports === null) return null
  const conditions = exports as Record<string, unknown>
  for (const name of ['.', 'node', 'import', 'default']) {
    const target = Object.hasOwn(conditions, name) ? exportTarget(conditions[name]) : null
    if (target !== null) return target
  }
  return null
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
  const config = plugin.config as { parse?: unknown; validate?: unknown } | undefined
  if (typeof config?.parse !== 'function' || typeof config.validate !== 'function')
    return `${name} has no config: use defineConfig`
  const missing = MEMBERS[plugin.kind as Plugin['kind']].find(member => typeof plugin[member] !== 'function')
  return missing === undefined ? null : `${name} has no function ${missing}`
}

// Finds the modules of the worker's `plugin.path`: files, folders with an index file, npm packages by folder or name, and folders of
// those, a node_modules folder included. Reads folders and package.json, imports nothing. Any thread; used by plugin-index.ts.
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

/** What could not be loaded, and why. */
export interface LoadFault {
  readonly file: string
  readonly message: string
}

export interface PluginModule {
  readonly file: string
  /** of the package the module is in: what its plugins have that declare no version */
  readonly packageVersion: string | null
}

export interface FoundModules {
  readonly modules: readonly PluginModule[]
  readonly faults: readonly LoadFault[]
}

const MODULE = /\.(?:[cm]?ts|[cm]?js)$/
const DECLARATION = /\.d\.[cm]?ts$/
const INDEXES = ['index.ts', 'index.js', 'index.mjs']
const PACKAGE_NAME = /^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*$/
/** A folder with more entries is hardly one of plugins, rather a mistaken `/`. */
const ENTRIES_MAX = 1_000
/** A node_modules folder also holds what the plugins depend on. */
const PACKAGES_MAX = 10_000

/** The `plugin.path` of a worker config, as a list. */
export function pluginPathOf(workerProps: Readonly<Record<string, string>>): string[] {
  return (workerProps['plugin.path'] ?? '')
    .split(',')
    .map(path => path.trim())
    .filter(path => path !== '')
}

export async function findModules(paths: readonly string[], from = process.cwd()): Promise<FoundModules> {
  const modules = new Map<string, PluginModule>()
  const faults: LoadFault[] = []
  for (const path of paths) {
    const written = path.trim()
    if (written === '') continue
    try {
      for (const module of await modulesAt(written, from)) modules.set(module.file, module)
    } catch (error) {
      faults.push({ file: written, message: (error as Error).message })
    }
  }
  return { modules: [...modules.values()], faults }
}

/** @throws Error when there is nothing to load */
async function modulesAt(written: string, from: string): Promise<PluginModule[]> {
  const path = resolve(from, written)
  const kind = await kindOf(path)
  if (kind === 'file') return [{ file: path, packageVersion: await versionAbove(dirname(path)) }]
  if (kind === 'folder') return modulesInFolder(path)
  const folder = PACKAGE_NAME.test(written) ? await installedPackage(written, from) : null
  if (folder === null) throw new Error('there is no such file, folder or installed package')
  const module = await packageModule(folder)
  if (module === null) throw new Error(`the package in ${folder} names no module: set "exports" in its package.json`)
  return [module]
}

async function modulesInFolder(folder: string): Promise<PluginModule[]> {
  if (basename(folder) === 'node_modules') return pluginPackages(folder)
  const own = await packageModule(folder)
  if (own !== null) return [own]
  const names = (await readdir(folder)).sort()
  if (names.length > ENTRIES_MAX) throw new Error(`it has ${names.length} entries: name the folders of the plugins themselves`)
  const packageVersion = await versionAbove(folder)
  const found: PluginModule[] = []
  for (const name of names) {
    const child = join(folder, name)
    if (MODULE.test(name) && !DECLARATION.test(name)) found.push({ file: child, packageVersion })
    else if (name === 'node_modules') found.push(...(await pluginPackages(child, false)))
    else if ((await kindOf(child)) === 'folder') {
      const module = await packageModule(child)
      if (module !== null) found.push(module)
    }
  }
  if (found.length === 0)
    throw new Error('it holds no plugin: no .ts, .js or .mjs file, no index file, no package.json, no installed package')
  return found
}

/** Packages of a node_modules folder that are plugins: those that name `sluice` in their peerDependencies. */
async function pluginPackages(folder: string, isWanted = true): Promise<PluginModule[]> {
  const folders: string[] = []
  for (const name of (await readdir(folder)).sort()) {
    if (name.startsWith('.')) continue
    if (name.startsWith('@'))
      folders.push(...(await readdir(join(folder, name))).sort().map(scoped => join(folder, name, scoped)))
    else folders.push(join(folder, name))
  }
  if (folders.length > PACKAGES_MAX) throw new Error(`it has ${folders.length} packages: name those of the plugins`)
  const found: PluginModule[] = []
  for (const one of folders) {
    const manifest = await readManifest(one)
    if (manifest?.peerDependencies?.sluice === undefined) continue
    const module = await packageModule(one)
    if (module !== null) found.push(module)
  }
  if (isWanted && found.length === 0) throw new Error('no package in it names sluice in its peerDependencies')
  return found
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch {
    return null
  }
}

/** A package as Node would find it from `from`. */
async function installedPackage(name: string, from: string): Promise<string | null> {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if ((await kindOf(candidate)) === 'folder') return candidate
    if (folder === dirname(folder)) return null
  }
}

interface Manifest {
  readonly version?: unknown
  readonly main?: unknown
  readonly module?: unknown
  readonly exports?: unknown
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** @throws Error for a package.json that is no JSON object */
async function readManifest(folder: string): Promise<Manifest | null> {
  const file = join(folder, 'package.json')
  if ((await kindOf(file)) !== 'file') return null
  const manifest: unknown = JSON.parse(await readFile(file, 'utf8'))
  if (typeof manifest !== 'object' || manifest === null) throw new Error(`${file} holds no JSON object`)
  return manifest
}

const versionIn = (manifest: Manifest | null) => (typeof manifest?.version === 'string' ? manifest.version : null)

/** The version of the package that a folder is part of, as Node finds it: the nearest package.json upwards. */
async function versionAbove(start: string): Promise<string | null> {
  for (let folder = start; ; folder = dirname(folder)) {
    const manifest = await readManifest(folder).catch(() => null)
    if (manifest !== null || folder === dirname(folder)) return versionIn(manifest)
  }
}

/**
 * The module that a folder stands for: what its package.json names, else its index file.
 * @throws Error when package.json names a file that is not there
 */
async function packageModule(folder: string): Promise<PluginModule | null> {
  const manifest = await readManifest(folder)
  const packageVersion = versionIn(manifest)
  const named = manifest === null ? null : entryOf(manifest)
  if (named !== null) {
    const file = join(folder, named)
    if ((await kindOf(file)) !== 'file')
      throw new Error(`package.json of ${folder} names ${named}, which is not there: build the package`)
    return { file, packageVersion }
  }
  for (const name of INDEXES) {
    if ((await kindOf(join(folder, name))) === 'file') return { file: join(folder, name), packageVersion }
  }
  return null
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
  for (const name of ['.', 'node', 'import', 'require', 'default']) {
    const target = Object.hasOwn(conditions, name) ? exportTarget(conditions[name]) : null
    if (target !== null) return target
  }
  return null
}

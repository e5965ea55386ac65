// Which plugins there are, by the names users write; imports a plugin's module only when that plugin is wanted. Task, connector and job
// threads. The built-in ones stand in catalogue-generated.ts, others come from the worker's `plugin.path`.
import type { Plugin, PluginKind } from '../api/plugin.ts'
import { ConfigError, toError } from '../base/errors.ts'
import { nearestClass } from '../config/nearest.ts'
import { builtIns } from './catalogue-generated.ts'
import { compareVersions, type VersionRange, versionRequirement } from './maven-version.ts'
import { type IndexedPlugin, pluginIndex } from './plugin-index.ts'
import { importPlugins, UNDEFINED_VERSION } from './plugin-module.ts'
import type { LoadFault } from './plugin-path.ts'

/** A plugin's names, without the plugin. */
export interface PluginName {
  readonly kind: PluginKind
  readonly className: string
  readonly aliases: readonly string[]
  /** `undefined` (Java's word) where it does not tell one */
  readonly version: string
}

export interface CatalogueEntry extends PluginName {
  readonly module: () => Promise<{ readonly plugins: readonly Plugin[] }>
  /** the module or package it is in; absent: built in */
  readonly file?: string
}

/** A plugin as loaded: its version is known. */
export type InstalledPlugin<P extends Plugin = Plugin> = P & { readonly version: string }

/** The class is there, in other versions than the one asked for (Java: VersionedPluginLoadingException). */
export class PluginVersionError extends ConfigError {
  readonly availableVersions: readonly string[]
  constructor(key: string, message: string, availableVersions: readonly string[]) {
    super(key, message)
    this.availableVersions = availableVersions
  }
}

/** In the order of GET /connector-plugins. */
export const KINDS: readonly PluginKind[] = ['sink', 'source', 'transformation', 'predicate', 'converter', 'header_converter']

interface KindWords {
  /** Java's interface, as in its messages */
  readonly type: string
  readonly plural: string
  /** ends of class names that users may leave out */
  readonly suffixes: readonly string[]
}

const CONNECTOR: KindWords = { type: 'Connector', plural: 'connectors', suffixes: ['Connector'] }
export const WORDS: Readonly<Record<PluginKind, KindWords>> = {
  sink: CONNECTOR,
  source: CONNECTOR,
  transformation: { type: 'Transformation', plural: 'transformations', suffixes: ['Transformation'] },
  predicate: { type: 'Predicate', plural: 'predicates', suffixes: ['Predicate'] },
  converter: { type: 'Converter', plural: 'converters', suffixes: ['Converter'] },
  header_converter: { type: 'HeaderConverter', plural: 'header converters', suffixes: ['HeaderConverter', 'Converter'] },
}

const isConnector = (kind: PluginKind) => kind === 'sink' || kind === 'source'

/** Kinds that the same key may name. */
const kindsBeside = (kind: PluginKind): readonly PluginKind[] => (isConnector(kind) ? ['sink', 'source'] : [kind])

/** The last part of a class name, `MaskField$Value` included. */
export function simpleName(className: string): string {
  return className.slice(className.lastIndexOf('.') + 1)
}

/** Everything a user may write for this plugin, the full name first. */
export function namesOf({ kind, className, aliases }: PluginName): string[] {
  const simple = simpleName(className)
  const names = new Set([className, simple, ...aliases])
  for (const suffix of WORDS[kind].suffixes) {
    if (simple.length > suffix.length && simple.endsWith(suffix)) names.add(simple.slice(0, -suffix.length))
  }
  return [...names]
}

export class Catalogue {
  readonly #entries: readonly CatalogueEntry[]
  /** versions of a class, oldest first, by kind and class name */
  readonly #classes = new Map<string, CatalogueEntry[]>()
  /** class names by kind and name; null: a short name that several classes share */
  readonly #byName = new Map<string, string | null>()
  /** what of `plugin.path` could not be loaded */
  readonly faults: readonly LoadFault[]

  /** Of two entries with the same kind, class name and version the later one counts: `plugin.path` goes before what is built in. */
  constructor(entries: readonly CatalogueEntry[] = builtIns, faults: readonly LoadFault[] = []) {
    const unique = new Map(entries.map(entry => [`${entry.kind} ${entry.className} ${entry.version}`, entry]))
    const places = new Map(KINDS.map((kind, i) => [kind, i]))
    this.#entries = [...unique.values()].sort(
      (a, b) =>
        (places.get(a.kind) ?? 0) - (places.get(b.kind) ?? 0) ||
        (a.className < b.className ? -1 : a.className > b.className ? 1 : compareVersions(a.version, b.version)),
    )
    this.faults = faults
    for (const entry of this.#entries) {
      const key = `${entry.kind} ${entry.className}`
      const versions = this.#classes.get(key)
      if (versions === undefined) this.#classes.set(key, [entry])
      else versions.push(entry)
      for (const name of namesOf(entry)) this.#addName(entry, name)
    }
  }

  #addName({ kind, className }: CatalogueEntry, name: string): void {
    const key = `${kind} ${name}`
    const other = this.#byName.get(key)
    if (name === className || other === undefined) this.#byName.set(key, className)
    else if (other !== className && other !== name) this.#byName.set(key, null)
  }

  /** All plugins, in the order of GET /connector-plugins, each version of a class. Imports nothing. */
  list(): readonly PluginName[] {
    return this.#entries
  }

  /** Class names of a kind, each once. */
  classNames(kind: PluginKind): string[] {
    return [...new Set(this.#entries.filter(entry => entry.kind === kind).map(entry => entry.className))]
  }

  #versions(kind: PluginKind, name: string): readonly CatalogueEntry[] {
    const className = this.#byName.get(`${kind} ${name.trim()}`) ?? null
    return className === null ? [] : (this.#classes.get(`${kind} ${className}`) ?? [])
  }

  /** Versions of a class, oldest first. */
  versions(kind: PluginKind, name: string): string[] {
    return this.#versions(kind, name).map(entry => entry.version)
  }

  /** The newest version of a class. */
  find(kind: PluginKind, name: string): PluginName | null {
    return this.#versions(kind, name).at(-1) ?? null
  }

  has(kind: PluginKind, name: string): boolean {
    return this.find(kind, name) !== null
  }

  /**
   * @param name full class name, alias, or last part of the class name with or without the word for its kind
   * @param key the config key that names the class, for the error
   * @param version what `*.plugin.version` says: a version, a range, `latest` or nothing, which is the newest
   * @throws PluginVersionError when there is no such version, ConfigError when there is no such plugin, or its module does not load
   */
  async load(
    kind: PluginKind,
    name: string,
    key = isConnector(kind) ? 'connector.class' : '',
    version: string | null | undefined = null,
  ): Promise<InstalledPlugin> {
    const entry = this.#choose(kind, name, version, key)
    let plugins: readonly Plugin[]
    try {
      ;({ plugins } = await entry.module())
    } catch (error) {
      throw new ConfigError(key, `${entry.className} could not be loaded: ${toError(error).message}`, { cause: error })
    }
    const plugin = plugins.find(
      p => p.kind === kind && p.className === entry.className && (p.version ?? UNDEFINED_VERSION) === entry.version,
    )
    if (plugin !== undefined) return plugin as InstalledPlugin
    const hint = entry.file === undefined ? 'run npm run catalogue' : 'restart the worker'
    throw new ConfigError(key, `${entry.className} ${entry.version} is not in its module any more: ${hint}`)
  }

  /** Whether the plugin is Sluice's own, not one of `plugin.path`. */
  isBuiltIn({ kind, className, version }: InstalledPlugin): boolean {
    return this.#versions(kind, className).some(entry => entry.version === version && entry.file === undefined)
  }

  /** The newest version that the requirement allows. */
  #choose(kind: PluginKind, name: string, version: string | null | undefined, key: string): CatalogueEntry {
    const versions = this.#versions(kind, name)
    const newest = versions.at(-1)
    if (newest === undefined) throw new ConfigError(key, this.unknown(kind, name))
    const available = versions.map(entry => entry.version)
    let range: VersionRange | null
    try {
      range = versionRequirement(version)
    } catch (error) {
      throw new PluginVersionError(key, toError(error).message, available)
    }
    if (range === null) return newest
    const found = versions.findLast(entry => range.contains(entry.version))
    if (found !== undefined) return found
    const message = `Plugin ${newest.className} not found that matches the version range ${range}, available versions: [${available.join(', ')}]`
    throw new PluginVersionError(key, message, available)
  }

  /** The message about a class that is not there: what is there, what was probably meant, and what failed to load. */
  unknown(kind: PluginKind, name: string): string {
    const { type, plural } = WORDS[kind]
    const kinds = kindsBeside(kind)
    const there = this.#entries.filter(entry => kinds.includes(entry.kind))
    const listed = `available ${plural} are: ${kinds.flatMap(k => this.classNames(k)).join(', ') || 'none'}`
    const same = KINDS.find(other => !kinds.includes(other) && this.has(other, name))
    const isShared = kinds.some(k => this.#byName.get(`${k} ${name.trim()}`) === null)
    const nearest = nearestClass(name, new Set(there.flatMap(namesOf)))
    const parts = [`Failed to find any class that implements ${type} and which name matches ${name}, ${listed}.`]
    if (same !== undefined) parts.push(`There is a ${WORDS[same].type} of this name.`)
    if (isShared) parts.push('Several classes have this short name: write the full one.')
    if (nearest !== null && !isShared && nearest !== name) parts.push(`Did you mean ${nearest}?`)
    return [...parts, ...this.faultTexts()].join(' ')
  }

  /** What did not load, for messages about a class that is missing. */
  faultTexts(): string[] {
    return this.faults.map(({ file, message }) => `From plugin.path, ${file} could not be loaded: ${message}.`)
  }
}

/** Told of each module of `plugin.path` when it begins to load; what it returns is called when the module is there or has failed. */
export type LoadWatch = (className: string, file: string) => () => void

/** The built-in plugins and those of `plugin.path`. What does not load is in `faults`, and in the message about a class that is missing. */
export async function openCatalogue(pluginPath: readonly string[], watch: LoadWatch = () => () => {}): Promise<Catalogue> {
  if (pluginPath.length === 0) return new Catalogue()
  const { plugins, faults } = await pluginIndex(pluginPath)
  return new Catalogue([...builtIns, ...plugins.map(plugin => entryOf(plugin, watch))], faults)
}

function entryOf({ from, ...names }: IndexedPlugin, watch: LoadWatch): CatalogueEntry {
  const module = async () => {
    const ended = watch(names.className, from.file)
    try {
      return await importPlugins(from)
    } finally {
      ended()
    }
  }
  return { ...names, file: from.file, module }
}

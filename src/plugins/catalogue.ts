// Which plugins there are, by the names users write; imports a plugin's module only when that plugin is wanted. Task, connector and job
// threads. The built-in ones stand in catalogue-generated.ts, others come from the worker's `plugin.path`.
import type { Plugin, PluginKind } from '../api/plugin.ts'
import { ConfigError } from '../base/errors.ts'
import { nearestName } from '../config/nearest.ts'
import { builtIns } from './catalogue-generated.ts'
import { type LoadFault, loadPluginPath } from './plugin-path.ts'

/** A plugin's names, without the plugin. */
export interface PluginName {
  readonly kind: PluginKind
  readonly className: string
  readonly aliases: readonly string[]
}

export interface CatalogueEntry extends PluginName {
  readonly module: () => Promise<{ readonly plugins: readonly Plugin[] }>
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
  /** what of `plugin.path` could not be loaded */
  readonly faults: readonly LoadFault[]
  /** by kind and name; null: a short name that several classes share */
  readonly #byName = new Map<string, CatalogueEntry | null>()

  /** Of two entries with the same kind and class name the later one counts: `plugin.path` goes before what is built in. */
  constructor(entries: readonly CatalogueEntry[] = builtIns, faults: readonly LoadFault[] = []) {
    const unique = new Map(entries.map(entry => [`${entry.kind} ${entry.className}`, entry]))
    const places = new Map(KINDS.map((kind, i) => [kind, i]))
    this.#entries = [...unique.values()].sort(
      (a, b) => (places.get(a.kind) ?? 0) - (places.get(b.kind) ?? 0) || (a.className < b.className ? -1 : 1),
    )
    this.faults = faults
    for (const entry of this.#entries) {
      for (const name of namesOf(entry)) {
        const key = `${entry.kind} ${name}`
        const isFull = name === entry.className
        const other = this.#byName.get(key)
        const isShared = other !== undefined && other?.className !== name
        this.#byName.set(key, isShared && !isFull ? null : isFull || other === undefined ? entry : other)
      }
    }
  }

  /** All plugins, in the order of GET /connector-plugins. Imports nothing. */
  list(): readonly PluginName[] {
    return this.#entries
  }

  find(kind: PluginKind, name: string): PluginName | null {
    return this.#byName.get(`${kind} ${name.trim()}`) ?? null
  }

  has(kind: PluginKind, name: string): boolean {
    return this.find(kind, name) !== null
  }

  /**
   * @param name full class name, alias, or last part of the class name with or without the word for its kind
   * @param key the config key that names it, for the error
   * @throws ConfigError when there is no such plugin, or its module does not load
   */
  async load(kind: PluginKind, name: string, key = isConnector(kind) ? 'connector.class' : ''): Promise<Plugin> {
    const entry = this.#byName.get(`${kind} ${name.trim()}`)
    if (entry === undefined || entry === null) throw new ConfigError(key, this.unknown(kind, name))
    let plugins: readonly Plugin[]
    try {
      ;({ plugins } = await entry.module())
    } catch (error) {
      throw new ConfigError(key, `${entry.className} could not be loaded: ${(error as Error).message}`, { cause: error })
    }
    const plugin = plugins.find(p => p.kind === kind && p.className === entry.className)
    if (plugin === undefined)
      throw new ConfigError(key, `${entry.className} is not in its module any more: run npm run catalogue`)
    return plugin
  }

  /** The message about a class that is not there: what is there, what was probably meant, and what failed to load. */
  unknown(kind: PluginKind, name: string): string {
    const { type, plural } = WORDS[kind]
    const kinds = kindsBeside(kind)
    const there = this.#entries.filter(entry => kinds.includes(entry.kind))
    const listed = `available ${plural} are: ${there.map(entry => entry.className).join(', ') || 'none'}`
    const same = KINDS.find(other => !kinds.includes(other) && this.has(other, name))
    const isShared = kinds.some(k => this.#byName.get(`${k} ${name.trim()}`) === null)
    const nearest = nearestName(name, new Set(there.flatMap(namesOf)))
    const parts = [`Failed to find any class that implements ${type} and which name matches ${name}, ${listed}.`]
    if (same !== undefined) parts.push(`There is a ${WORDS[same].type} of this name.`)
    if (isShared) parts.push('Several classes have this short name: write the full one.')
    if (nearest !== null && !isShared && nearest !== name) parts.push(`Did you mean ${nearest}?`)
    for (const { file, message } of this.faults) parts.push(`From plugin.path, ${file} could not be loaded: ${message}.`)
    return parts.join(' ')
  }
}

/** The built-in plugins and those of `plugin.path`. What does not load is in `faults`, and in the message about a class that is missing. */
export async function openCatalogue(pluginPath: readonly string[]): Promise<Catalogue> {
  const { plugins, faults } = await loadPluginPath(pluginPath)
  const found = plugins.map(plugin => ({
    kind: plugin.kind,
    className: plugin.className,
    aliases: plugin.aliases ?? [],
    module: () => Promise.resolve({ plugins: [plugin] }),
  }))
  return new Catalogue([...builtIns, ...found], faults)
}

// Declarations and findings in the JSON form of Connect's REST API (CONNECT.md 1.6). Any thread; filled in the job thread by
// plugins/validate.ts, read by REST. Java: ConfigInfos, ConfigInfo, ConfigKeyInfo, ConfigValueInfo.
import { settingText } from './coerce.ts'
import type { ConfigDef, ConfigValue, KeyDef } from './define.ts'

export interface ConfigKeyInfo {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly default_value: string | null
  readonly importance: string
  readonly documentation: string
  readonly group: string | null
  readonly order_in_group: number
  readonly width: string
  readonly display_name: string
  readonly dependents: readonly string[]
}

export interface ConfigValueInfo {
  readonly name: string
  readonly value: string | null
  readonly recommended_values: readonly string[]
  readonly errors: readonly string[]
  readonly visible: boolean
}

export interface ConfigInfo {
  /** null: a key that no definition knows */
  readonly definition: ConfigKeyInfo | null
  readonly value: ConfigValueInfo
}

export interface ConfigInfos {
  readonly name: string
  readonly error_count: number
  readonly groups: readonly string[]
  readonly configs: readonly ConfigInfo[]
}

/** Each key's place in its group: as declared, else counted from 0 in order of declaration. */
function placesIn(config: ConfigDef): Map<string, number> {
  const places = new Map<string, number>()
  const counts = new Map<string, number>()
  for (const name of config.names) {
    const { group, order } = config.keys[name] as KeyDef
    if (group === undefined) continue
    const count = counts.get(group) ?? 0
    counts.set(group, count + 1)
    places.set(name, order ?? count)
  }
  return places
}

function keyInfo(name: string, def: KeyDef, place: number): ConfigKeyInfo {
  return {
    name,
    type: def.type.toUpperCase(),
    required: def.default === undefined,
    default_value: settingText(def.default, def.type),
    importance: def.importance.toUpperCase(),
    documentation: def.doc,
    group: def.group ?? null,
    order_in_group: def.group === undefined ? -1 : place,
    width: (def.width ?? 'none').toUpperCase(),
    display_name: def.displayName ?? name,
    dependents: def.dependents ?? [],
  }
}

/** The definitions of a configuration, in order of declaration. */
export function keyInfos(config: ConfigDef): ConfigKeyInfo[] {
  const places = placesIn(config)
  return config.names.map(name => keyInfo(name, config.keys[name] as KeyDef, places.get(name) ?? -1))
}

export function valueInfo(value: ConfigValue): ConfigValueInfo {
  return {
    name: value.name,
    value: value.value,
    recommended_values: value.recommendedValues,
    errors: value.errors,
    visible: value.visible,
  }
}

/** Groups in order of their first key. */
export function groupsOf(infos: readonly ConfigKeyInfo[]): string[] {
  const groups = new Set<string>()
  for (const { group } of infos) if (group !== null) groups.add(group)
  return [...groups]
}

/** Definitions joined with their values; values without a definition stand first, as in Java. */
export function joinInfos(definitions: readonly ConfigKeyInfo[], values: readonly ConfigValue[]): ConfigInfo[] {
  const byName = new Map(values.map(value => [value.name, value]))
  const known = new Set(definitions.map(definition => definition.name))
  const strangers = values.filter(value => !known.has(value.name))
  const configs: ConfigInfo[] = strangers.map(value => ({ definition: null, value: valueInfo(value) }))
  for (const definition of definitions) {
    const value = byName.get(definition.name)
    if (value !== undefined) configs.push({ definition, value: valueInfo(value) })
  }
  return configs
}

/** A configuration's infos on its own, e.g. of a plugin (KIP-769). */
export function configInfosOf(name: string, config: ConfigDef, values: readonly ConfigValue[]): ConfigInfos {
  const definitions = keyInfos(config)
  const errors = values.reduce((sum, value) => sum + value.errors.length, 0)
  return { name, error_count: errors, groups: groupsOf(definitions), configs: joinInfos(definitions, values) }
}

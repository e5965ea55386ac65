// Checks of class names and plugin versions in a connector config. Job thread; used by validate.ts and validate-chain.ts.
import type { PluginKind } from '../api/plugin.ts'
import { invalidValue, type Props } from '../config/define.ts'
import { nearestClass } from '../config/nearest.ts'
import { type Catalogue, type InstalledPlugin, KINDS, namesOf, PluginVersionError, WORDS } from './catalogue.ts'
import type { Findings } from './findings.ts'

/** Why `name` cannot stand for a class of this kind, with Java's words; null when it can. */
export function classFault(catalogue: Catalogue, key: string, kind: PluginKind, name: string): string | null {
  if (catalogue.has(kind, name)) return null
  const other = KINDS.find(k => catalogue.has(k, name))
  if (other !== undefined) {
    const { className } = catalogue.find(other, name) ?? { className: name }
    return `Class class ${className} does not implement the ${WORDS[kind].type} interface`
  }
  const known = catalogue.list().filter(entry => entry.kind === kind)
  const nearest = nearestClass(name.trim(), new Set(known.flatMap(namesOf)))
  const parts = [invalidValue(key, name, `Class ${name} could not be found.`)]
  if (nearest !== null) parts.push(`Did you mean ${nearest}?`)
  return [...parts, ...catalogue.faultTexts()].join(' ')
}

/** Resolves a class key to the full name, or reports it. */
export function checkClass(findings: Findings, catalogue: Catalogue, key: string, kind: PluginKind, name: string): boolean {
  const fault = classFault(catalogue, key, kind, name)
  if (fault === null) {
    findings.setValue(key, catalogue.find(kind, name)?.className ?? name)
    return true
  }
  const other = KINDS.map(k => catalogue.find(k, name)).find(found => found !== null)
  findings.setValue(key, other?.className ?? null)
  findings.addError(key, fault)
  return false
}

/**
 * Loads the version that a config asks for. A version that is not installed is an error on class and version, with the installed ones
 * recommended.
 * @param keys of the class and of its version
 */
export async function loadChecked(
  findings: Findings,
  catalogue: Catalogue,
  kind: PluginKind,
  keys: readonly [className: string, version: string],
  props: Props,
): Promise<InstalledPlugin | null> {
  const [classKey, versionKey] = keys
  try {
    return await catalogue.load(kind, props[classKey] ?? '', classKey, props[versionKey])
  } catch (error) {
    if (!(error instanceof PluginVersionError)) throw error
    addVersionError(findings, keys, error)
    return null
  }
}

export function addVersionError(findings: Findings, keys: readonly [string, string], error: PluginVersionError): void {
  for (const key of keys) findings.addError(key, error.message)
  findings.setRecommended(keys[1], error.availableVersions)
}

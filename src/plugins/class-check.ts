// Checks of class names and plugin versions in a connector config. Job thread; used by validate.ts and validate-chain.ts.
import type { Plugin, PluginKind } from '../api/plugin.ts'
import { invalidValue } from '../config/define.ts'
import { nearestName } from '../config/nearest.ts'
import { type Catalogue, KINDS, namesOf, WORDS } from './catalogue.ts'
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
  const nearest = nearestName(name.trim(), new Set(known.flatMap(namesOf)))
  const parts = [invalidValue(key, name, `Class ${name} could not be found.`)]
  if (nearest !== null) parts.push(`Did you mean ${nearest}?`)
  for (const { file, message } of catalogue.faults) parts.push(`From plugin.path, ${file} could not be loaded: ${message}.`)
  return parts.join(' ')
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

/** A version, or a Maven range like `[1.0,2.0)`; there is only one version installed, so a range is not refused. */
const RANGE = /^[[(].*[\])]$/

/** A required version that is not the installed one: an error on class and version, with the installed one recommended. */
export function checkVersion(
  findings: Findings,
  keys: readonly [string, string],
  wanted: string | undefined,
  plugin: Plugin,
): void {
  const version = wanted?.trim()
  if (version === undefined || version === '' || version === 'latest' || version === plugin.version || RANGE.test(version)) return
  const message = `Plugin ${plugin.className} is not installed in version ${version}; there is ${plugin.version}`
  for (const key of keys) findings.addError(key, message)
  findings.setRecommended(keys[1], [plugin.version])
}

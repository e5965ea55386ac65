// What validation gathers: definitions and values by key, where later parts may add errors to earlier keys. Job thread; used by validate.ts.
import type { ConfigDef, ConfigValue, KeyDef } from '../config/define.ts'
import { type ConfigInfo, type ConfigKeyInfo, groupsOf, joinInfos, keyInfos } from '../config/infos.ts'

interface Finding {
  readonly name: string
  value: string | null
  recommendedValues: readonly string[]
  readonly errors: string[]
  visible: boolean
}

/** How errors are counted: each message, or once a key that has any (Java counts converters and client overrides so). */
export type Counting = 'messages' | 'keys'

export class Findings {
  readonly #definitions = new Map<string, ConfigKeyInfo>()
  readonly #values = new Map<string, Finding>()
  readonly #counting: Counting

  constructor(counting: Counting) {
    this.#counting = counting
  }

  /** Adds a declaration with its values; a key that is there already is replaced in its place. */
  add(definitions: readonly ConfigKeyInfo[], values: readonly ConfigValue[]): void {
    for (const definition of definitions) this.#definitions.set(definition.name, definition)
    for (const value of values) this.#values.set(value.name, { ...value, errors: [...value.errors] })
  }

  get(name: string): Readonly<Finding> | undefined {
    return this.#values.get(name)
  }

  /** A value that turned out to mean something else, e.g. a short class name. */
  setValue(name: string, value: string | null): void {
    const finding = this.#values.get(name)
    if (finding !== undefined) finding.value = value
  }

  setRecommended(name: string, values: readonly string[]): void {
    const finding = this.#values.get(name)
    if (finding !== undefined) finding.recommendedValues = values
  }

  /** A key that means nothing as things are. */
  conceal(name: string): void {
    const finding = this.#values.get(name)
    if (finding !== undefined) finding.visible = false
  }

  addError(name: string, message: string): void {
    const finding = this.#values.get(name) ?? { name, value: null, recommendedValues: [], errors: [], visible: true }
    finding.errors.push(message)
    this.#values.set(name, finding)
  }

  get errorCount(): number {
    let count = 0
    for (const { errors } of this.#values.values())
      count += this.#counting === 'messages' ? errors.length : Math.min(errors.length, 1)
    return count
  }

  get groups(): string[] {
    return groupsOf([...this.#definitions.values()])
  }

  get configs(): ConfigInfo[] {
    return joinInfos([...this.#definitions.values()], [...this.#values.values()])
  }
}

/** A declaration under a prefix: definitions keep group and display name, values and messages carry the full key. */
export function validatePrefixed(
  config: ConfigDef,
  prefix: string,
  props: Readonly<Record<string, string>>,
): { definitions: ConfigKeyInfo[]; values: ConfigValue[] } {
  const definitions = keyInfos(config).map(info => ({ ...info, name: prefix + info.name }))
  const values = config.validate(props).map(value => ({
    ...value,
    name: prefix + value.name,
    errors: value.errors.map(error => fullyNamed(error, value.name, prefix)),
  }))
  return { definitions, values }
}

/** Java's messages name the key as the plugin knows it; the user wrote it with the prefix. */
function fullyNamed(message: string, name: string, prefix: string): string {
  return message
    .replace(` for configuration ${name}:`, ` for configuration ${prefix}${name}:`)
    .replace(`Missing required configuration "${name}"`, `Missing required configuration "${prefix}${name}"`)
}

const IMPORTANCE = { high: 0, medium: 1, low: 2 } as const

/** Names in the order Java lists a transform's keys: required ones first, then by importance, then by name. */
export function sortedNames(keys: Readonly<Record<string, KeyDef>>): string[] {
  const rank = ({ default: value, importance }: KeyDef) => (value === undefined ? 0 : 10) + IMPORTANCE[importance]
  return Object.entries(keys)
    .sort(([a, defA], [b, defB]) => rank(defA) - rank(defB) || (a < b ? -1 : 1))
    .map(([name]) => name)
}

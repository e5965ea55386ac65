// Declares a configuration once (HOUSE section 7): from one table come parsing with Java's coercions, the TypeScript type, REST's
// ConfigInfos, redaction and the reference docs. Any thread; used by workers, connectors, converters, transforms and predicates.
// Java: org.apache.kafka.common.config.ConfigDef.
import { ConfigError } from '../base/errors.ts'
import type { Check } from './checks.ts'
import { coerce, invalidValue, type Kind, type Password, type Setting, settingText } from './coerce.ts'

export * from './checks.ts'
export { invalidValue, type Kind, Password, type Setting } from './coerce.ts'

/** Configuration as users write it: everything is text. */
export type Props = Readonly<Record<string, string>>

export type Importance = 'high' | 'medium' | 'low'
export type Width = 'none' | 'short' | 'medium' | 'long'

/** What to offer for a key, given the other settings (Java: Recommender). */
export interface Recommendation {
  readonly values: readonly string[]
  readonly visible: boolean
}

export interface KeyDef {
  readonly type: Kind
  /** absent: the key is required; null: optional without a default. Lists may be written as text or as an array. */
  readonly default?: unknown
  readonly importance: Importance
  readonly doc: string
  readonly group?: string
  /** place in the group; without it, the order of declaration */
  readonly order?: number
  readonly width?: Width
  readonly displayName?: string
  readonly dependents?: readonly string[]
  readonly check?: Check
  readonly recommend?: (settings: Readonly<Record<string, unknown>>) => Recommendation
  /** left out of the reference docs: not for users */
  readonly internal?: boolean
}

export type KeyDefs = Readonly<Record<string, KeyDef>>

interface Values {
  boolean: boolean
  string: string
  class: string
  int: number
  short: number
  long: number
  double: number
  list: readonly string[]
  password: Password
}

type OrNull<D extends KeyDef> = 'default' extends keyof D ? (null extends D['default'] ? null : never) : never
type ValueOf<D extends KeyDef> = Values[D['type']] | OrNull<D>

export type Parsed<K extends KeyDefs = KeyDefs> = { readonly [N in keyof K]: ValueOf<K[N]> }

/** A key's value and what is wrong with it, in words (Java: ConfigValue). */
export interface ConfigValue {
  readonly name: string
  /** as REST shows it: lists with commas, passwords hidden */
  readonly value: string | null
  readonly recommendedValues: readonly string[]
  readonly errors: readonly string[]
  readonly visible: boolean
}

export interface ConfigDef<K extends KeyDefs = KeyDefs> {
  readonly keys: K
  /** in order of declaration */
  readonly names: readonly string[]
  /** @throws ConfigError with the first bad key; its message has a line for each bad key */
  parse(props: Props): Parsed<K>
  /** Every key with its errors; never throws. */
  validate(props: Props): ConfigValue[]
}

interface Read {
  readonly value: Setting
  readonly errors: readonly string[]
}

function defaultOf(name: string, def: KeyDef): Setting {
  const value = def.default
  if (typeof value !== 'string') return value as Setting
  const coerced = coerce(name, value, def.type)
  if (!coerced.ok) throw new ConfigError(name, coerced.message)
  return coerced.value
}

function checked(name: string, def: KeyDef, value: Setting): string | null {
  const reason = def.check?.(name, value) ?? null
  if (reason === null) return null
  return typeof reason === 'string' ? invalidValue(name, value, reason) : reason.message
}

/** One key as ConfigDef.validate reads it: the check also sees the null that a missing or malformed value leaves behind. */
function read(name: string, def: KeyDef, props: Props): Read {
  const errors: string[] = []
  let value: Setting = null
  const text = Object.hasOwn(props, name) ? props[name] : undefined
  if (text !== undefined) {
    const coerced = coerce(name, text, def.type)
    if (coerced.ok) value = coerced.value
    else errors.push(coerced.message)
  } else if (def.default === undefined) {
    errors.push(`Missing required configuration "${name}" which has no default value.`)
  } else {
    value = defaultOf(name, def)
    if (value === null) return { value, errors }
  }
  const reason = checked(name, def, value)
  if (reason !== null) errors.push(reason)
  return { value, errors }
}

/** A long beyond 2^53 is shown as written, though it was read as the largest number. */
function shown(name: string, def: KeyDef, value: Setting, props: Props): string | null {
  const text = props[name]
  if (def.type === 'long' && text !== undefined && typeof value === 'number' && !isExact(value)) {
    return BigInt(text.trim().replace(/^\+/, '')).toString()
  }
  return settingText(value, def.type)
}

function isExact(value: number): boolean {
  return Math.abs(value) < Number.MAX_SAFE_INTEGER
}

export function defineConfig<const K extends KeyDefs>(keys: K): ConfigDef<K> {
  const entries: readonly (readonly [string, KeyDef])[] = Object.entries(keys)
  return {
    keys,
    names: entries.map(([name]) => name),
    parse(props) {
      const parsed: Record<string, Setting> = {}
      const failures: { name: string; message: string }[] = []
      for (const [name, def] of entries) {
        const { value, errors } = read(name, def, props)
        parsed[name] = value
        if (errors[0] !== undefined) failures.push({ name, message: errors[0] })
      }
      const first = failures[0]
      if (first !== undefined) throw new ConfigError(first.name, failures.map(failure => failure.message).join('\n'))
      return parsed as Parsed<K>
    },
    validate(props) {
      const settings: Record<string, Setting> = {}
      const reads = entries.map(([name, def]) => {
        const result = read(name, def, props)
        settings[name] = result.value
        return { name, def, result }
      })
      return reads.map(({ name, def, result }) => {
        const recommendation = def.recommend?.(settings)
        return {
          name,
          value: shown(name, def, result.value, props),
          recommendedValues: recommendation?.values ?? [],
          errors: result.errors,
          visible: recommendation?.visible ?? true,
        }
      })
    },
  }
}

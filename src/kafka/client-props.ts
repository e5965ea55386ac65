// Values of client properties by their Java types. Any thread; used by client-config.ts, tls-options.ts, oauth-token.ts and cli/rest-tls.ts. A bad
// value is a ConfigError that names its key.
import { ConfigError } from '../base/errors.ts'

export type ClientProps = Readonly<Record<string, string>>

export const INT_MAX = 2_147_483_647
/** Java's Long.MAX_VALUE as the nearest number: "for ever" wherever it is met. */
export const LONG_MAX = Number(2n ** 63n - 1n)

export function invalid(key: string, value: unknown, why: string): ConfigError {
  return new ConfigError(key, `Invalid value ${String(value)} for configuration ${key}: ${why}`)
}

/** A trimmed value, or undefined where the key is absent or empty. */
export function text(props: ClientProps, key: string): string | undefined {
  const value = props[key]?.trim()
  return value === undefined || value === '' ? undefined : value
}

export function listOf(props: ClientProps, key: string): string[] | undefined {
  return text(props, key)
    ?.split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
}

/** A whole number between `min` and `max`, in Java's words where it is none. */
export function numberOf(props: ClientProps, key: string, otherwise: number, min: number, max: number): number {
  const value = text(props, key)
  if (value === undefined) return otherwise
  if (!/^[+-]?\d+$/.test(value)) throw invalid(key, value, `Not a number of type ${max > INT_MAX ? 'LONG' : 'INT'}`)
  const number = Number(value)
  if (number > max) throw invalid(key, value, `Not a number of type ${max > INT_MAX ? 'LONG' : 'INT'}`)
  if (number < min) throw invalid(key, value, `Value must be at least ${min}`)
  return number
}

export function booleanOf(props: ClientProps, key: string, otherwise: boolean): boolean {
  const value = text(props, key)
  if (value === undefined) return otherwise
  if (/^true$/i.test(value)) return true
  if (/^false$/i.test(value)) return false
  throw invalid(key, value, 'Expected value to be either true or false')
}

export function oneOf<T extends string>(props: ClientProps, key: string, otherwise: T, choices: readonly T[]): T {
  const value = text(props, key)
  if (value === undefined) return otherwise
  const found = choices.find(choice => choice === value.toLowerCase())
  if (found === undefined) throw invalid(key, value, `String must be one of: ${choices.join(', ')}`)
  return found
}

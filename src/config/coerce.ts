// Text to typed config values with the rules and the words of Java's org.apache.kafka.common.config.ConfigDef.parseType, and back
// to the text that REST shows. Any thread; called by define.ts.
import { inspect } from 'node:util'

export type Kind = 'boolean' | 'string' | 'int' | 'short' | 'long' | 'double' | 'list' | 'class' | 'password'

/** What a key's value can be once parsed. */
export type Setting = boolean | string | number | readonly string[] | Password | null

const HIDDEN = '[hidden]'

/** A secret: only `value` tells it; logs, JSON, templates and the inspector see `[hidden]`. */
export class Password {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  get value(): string {
    return this.#value
  }

  toString(): string {
    return HIDDEN
  }

  toJSON(): string {
    return HIDDEN
  }

  [inspect.custom](): string {
    return HIDDEN
  }
}

/** Of a value, in a message. */
const SHOWN_MAX = 300

/** Java's ConfigException(name, value, message); of a long value its beginning. */
export function invalidValue(name: string, value: unknown, reason: string): string {
  const shown = showSetting(value)
  const some = shown.length <= SHOWN_MAX ? shown : `${shown.slice(0, SHOWN_MAX)}… (${shown.length} characters)`
  return `Invalid value ${some} for configuration ${name}: ${reason}`
}

/** A value as Java prints it in messages: lists in brackets. */
function showSetting(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
}

export type Coerced = { readonly ok: true; readonly value: Setting } | { readonly ok: false; readonly message: string }

/** Java's String.trim: everything up to U+0020 at both ends, and nothing else. */
export function javaTrim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text.charCodeAt(start) <= 0x20) start++
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--
  return text.slice(start, end)
}

const INTEGER = /^[+-]?[0-9]+$/
const RANGES = {
  short: [-32_768n, 32_767n],
  int: [-2_147_483_648n, 2_147_483_647n],
  long: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
} as const
const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER)

/** Longer texts are no number of these types; BigInt of a megabyte of digits would take seconds. */
const DIGITS_MAX = 64

function parseInteger(text: string, kind: 'short' | 'int' | 'long'): bigint | null {
  if (text.length > DIGITS_MAX || !INTEGER.test(text)) return null
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text)
  const [min, max] = RANGES[kind]
  return value < min || value > max ? null : value
}

/** A long beyond 2^53 is a "for ever" in every config we know: it saturates, since limits and times are numbers (D10). */
function clampToSafe(value: bigint): number {
  if (value > SAFE_MAX) return Number.MAX_SAFE_INTEGER
  if (value < -SAFE_MAX) return Number.MIN_SAFE_INTEGER
  return Number(value)
}

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?$/
const HEX = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([+-]?[0-9]+)[fFdD]?$/

/** Java's Double.parseDouble, hexadecimal form included. */
function parseDouble(text: string): number | null {
  const unsigned = text.replace(/^[+-]/, '')
  if (unsigned === 'NaN') return Number.NaN
  if (unsigned === 'Infinity') return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (DECIMAL.test(text)) return Number(text.replace(/[fFdD]$/, ''))
  const hex = HEX.exec(text)
  if (hex === null) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = hex
  if (whole + fraction === '') return null
  const digits = Number.parseInt(whole + fraction, 16)
  return (sign === '-' ? -1 : 1) * digits * 2 ** (Number(exponent) - 4 * fraction.length)
}

export function coerce(name: string, text: string, kind: Kind): Coerced {
  const trimmed = javaTrim(text)
  switch (kind) {
    case 'boolean': {
      const lower = trimmed.toLowerCase()
      if (lower === 'true' || lower === 'false') return { ok: true, value: lower === 'true' }
      return { ok: false, message: invalidValue(name, text, 'Expected value to be either true or false') }
    }
    case 'short':
    case 'int':
    case 'long': {
      const value = parseInteger(trimmed, kind)
      if (value !== null) return { ok: true, value: clampToSafe(value) }
      return { ok: false, message: invalidValue(name, text, `Not a number of type ${kind.toUpperCase()}`) }
    }
    case 'double': {
      const value = parseDouble(trimmed)
      if (value !== null) return { ok: true, value }
      return { ok: false, message: invalidValue(name, text, 'Not a number of type DOUBLE') }
    }
    case 'list':
      return { ok: true, value: trimmed === '' ? [] : trimmed.split(/[ \t\n\v\f\r]*,[ \t\n\v\f\r]*/) }
    case 'password':
      return { ok: true, value: new Password(trimmed) }
    case 'string':
    case 'class':
      return { ok: true, value: trimmed }
  }
}

/** Java's ConfigDef.convertToString for a parsed value or a default. */
export function settingText(value: unknown, kind: Kind): string | null {
  if (value === null || value === undefined) return null
  if (kind === 'password') return HIDDEN
  if (Array.isArray(value)) return value.join(',')
  if (kind === 'double' && typeof value === 'number') return doubleText(value)
  return String(value)
}

/** Double.toString for the plain values that configs hold. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value)
  const [digits = '', exponent = '0'] = value.toExponential().split('e')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
}

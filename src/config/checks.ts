// Checks on config values beyond their type, with the words of Java's ConfigDef validators. Any thread; used in declarations.

/** A reason that is a message by itself. */
export interface WholeMessage {
  readonly message: string
}

/**
 * Null where the value is fine, else why not: a reason, which is put behind Java's "Invalid value ... for configuration ...: ", or a
 * whole message.
 * The value is null when the key is missing or its text did not parse; a default of null is not checked.
 */
export type Check = (name: string, value: unknown) => string | WholeMessage | null

export function atLeast(min: number): Check {
  return (_name, value) => {
    if (typeof value !== 'number') return 'Value must be non-null'
    return value >= min ? null : `Value must be at least ${min}`
  }
}

export function between(min: number, max: number): Check {
  return (_name, value) => {
    if (typeof value !== 'number') return 'Value must be non-null'
    if (value < min) return `Value must be at least ${min}`
    return value > max ? `Value must be no more than ${max}` : null
  }
}

export function oneOf(...allowed: readonly string[]): Check {
  return (_name, value) =>
    typeof value === 'string' && allowed.includes(value) ? null : `String must be one of: ${allowed.join(', ')}`
}

export function oneOfIgnoringCase(...allowed: readonly string[]): Check {
  const upper = allowed.map(text => text.toUpperCase())
  return (_name, value) =>
    typeof value === 'string' && upper.includes(value.toUpperCase())
      ? null
      : `String must be one of (case insensitive): ${upper.join(', ')}`
}

/** There is a value, be it empty. */
export const present: Check = (_name, value) => (value === null ? 'entry must be non null' : null)

/** Not the empty string. A missing value is another check's business, as in Java. */
export const nonEmpty: Check = (_name, value) => (value === '' ? 'String must be non-empty' : null)

/** Neither empty nor with control characters: names that stand in URLs, topics and metrics. */
export const plainName: Check = (_name, value) => {
  if (typeof value !== 'string') return null
  if (value === '') return 'String may not be empty'
  const controls = [...value].map(character => character.codePointAt(0) ?? 0).filter(isControl)
  if (controls.length === 0) return null
  return `String may not contain control sequences but had the following ASCII chars: ${controls.join(', ')}`
}

function isControl(code: number): boolean {
  return code <= 0x1f || (code >= 0x7f && code <= 0x9f)
}

function hasDuplicate(list: readonly string[]): boolean {
  return new Set(list).size < list.length
}

/** Aliases of transforms, predicates and topic groups: none twice. */
export const uniqueAliases: Check = (_name, value) =>
  Array.isArray(value) && hasDuplicate(value) ? 'Duplicate alias provided.' : null

function listFault(name: string, list: readonly string[]): WholeMessage | null {
  if (hasDuplicate(list)) return { message: `Configuration '${name}' values must not be duplicated.` }
  return noEmptyItems(name, list) as WholeMessage | null
}

/** None of the items is empty. */
export const noEmptyItems: Check = (name, value) =>
  Array.isArray(value) && value.includes('') ? { message: `Configuration '${name}' values must not be empty.` } : null

/** A list of at least one item, none of them empty. Items named twice count once, as in Java. */
export const filledList: Check = (name, value) =>
  Array.isArray(value) && value.length === 0
    ? { message: `Configuration '${name}' must not be empty. Valid values include: any non-empty value` }
    : noEmptyItems(name, value)

/** At least one item, none empty, none twice. */
export const uniqueFilledList: Check = (name, value) => filledList(name, value) ?? uniqueNonEmptyList(name, value)

/** No item twice, none empty. */
export const uniqueNonEmptyList: Check = (name, value) => {
  if (!Array.isArray(value)) return { message: `Configuration '${name}' values must not be null.` }
  return listFault(name, value)
}

/** Every item of a list passes `check`. */
export function eachItem(check: Check): Check {
  return (name, value) => {
    if (!Array.isArray(value)) return null
    for (const item of value) {
      const reason = check(name, item)
      if (reason !== null) return reason
    }
    return null
  }
}

/** The first reason of several checks. */
export function all(...checks: readonly Check[]): Check {
  return (name, value) => {
    for (const check of checks) {
      const reason = check(name, value)
      if (reason !== null) return reason
    }
    return null
  }
}

/** `check`, unless there is no value. */
export function ifPresent(check: Check): Check {
  return (name, value) => (value === null ? null : check(name, value))
}

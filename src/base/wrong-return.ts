// A plugin's method that returned what it may not: a JavaScript author has no compiler to tell. What was returned is named by its kind, never
// shown, since it may hold a secret. Any thread; thrown by those who call plugins. Java: ClassCastException, NullPointerException.
import { ConnectError, codeOf } from './errors.ts'

/** "undefined", "a string", "an array", "a Promise", "a Date", "an object". */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  if (Array.isArray(value)) return 'an array'
  if (isThenable(value)) return 'a Promise'
  const name = nameOf(value)
  return name === '' || name === 'Object' ? 'an object' : `a ${name}`
}

/**
 * @param method with the class it is of: "com.acme.Mask.apply"
 * @param wanted what it must return: "a record, or null to drop it"
 */
export function wrongReturn(method: string, returned: unknown, wanted: string): ConnectError {
  const message = isThenable(returned)
    ? `${method} returned a Promise: it must be synchronous and return ${wanted}`
    : `${method} returned ${kindOf(returned)}: it must return ${wanted}`
  // Nobody waits for the promise: its reject would end the thread beside this error.
  if (isThenable(returned)) returned.then(undefined, () => undefined)
  return wrongReturnError(message)
}

/** Where the fault lies deeper in what was returned. */
export function wrongReturnError(message: string): ConnectError {
  return new ConnectError(message, { code: 'CONNECT_WRONG_RETURN' })
}

export function isWrongReturn(error: unknown): boolean {
  return codeOf(error) === 'CONNECT_WRONG_RETURN'
}

interface Thenable {
  then(done: undefined, failed: () => undefined): unknown
}

function isThenable(value: unknown): value is Thenable {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}

function nameOf(value: object): string {
  const { constructor: made } = value as { constructor?: { name?: unknown } | null }
  return typeof made?.name === 'string' ? made.name : ''
}

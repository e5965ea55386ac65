// Assertions: a failed one is a bug of ours, not of the user. Any thread.
import { AssertionError } from './errors.ts'

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message)
}

/** For the default branch of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new AssertionError(`unexpected value ${JSON.stringify(value)}`)
}

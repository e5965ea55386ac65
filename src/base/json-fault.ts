// Why a text is not JSON, without the text: V8 quotes what it read, and that may hold a secret. Any thread.
import { toError } from './errors.ts'

const QUOTED = /,? ?(?:\.\.\.)?".*"?(?:\.\.\.)? is not valid JSON$/s

/** @param error as JSON.parse throws it */
export function jsonFault(error: unknown): string {
  return toError(error).message.replace(QUOTED, '')
}

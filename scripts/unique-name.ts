// Names of topics and groups that share a broker with others. Main thread of tests and benches.
import { randomUUID } from 'node:crypto'

/** A name nobody else uses, also when test files share a broker. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`
}

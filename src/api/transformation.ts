// Single message transforms and predicates. Synchronous by contract; task threads.
// Java: org.apache.kafka.connect.transforms.{Transformation, predicates.Predicate}.
import type { ConnectRecord } from '../data/record.ts'
import type { Props } from './connector.ts'

/** `C`: as in Connector. */
export interface Transformation<C = Props> {
  configure: (config: C) => void
  /** The changed record (`record.with(...)`), the same record, or null to drop it. Any throw is a failure of stage TRANSFORMATION. */
  apply<R extends ConnectRecord>(record: R): R | null
  close?(): void
}

export interface Predicate<C = Props> {
  configure: (config: C) => void
  test(record: ConnectRecord): boolean
  close?(): void
}

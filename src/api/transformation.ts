// Single message transforms and predicates. Synchronous by contract; task threads.
// Java: org.apache.kafka.connect.transforms.{Transformation, predicates.Predicate}.
import type { ColumnBatch } from '../data/columns.ts'
import type { ConnectRecord } from '../data/record.ts'
import type { Props } from './connector.ts'

/** `C`: as in Connector. */
export interface Transformation<C = Props> {
  configure: (config: C) => void
  /** The changed record (`record.with(...)`), the same record, or null to drop it. Any throw is a failure of stage TRANSFORMATION. */
  apply<R extends ConnectRecord>(record: R): R | null
  /** After configure: the same change on columns (D3), or null where this configuration has none. Internal: may change. */
  columns?(): ColumnStep | null
  close?(): void
}

/**
 * Changes a batch as `apply` changes each of its records; false where it cannot: the records then go the row path from their bytes on, so a
 * batch may be left half changed. Must not fail where `apply` would not.
 */
export type ColumnStep = (batch: ColumnBatch) => boolean

export interface Predicate<C = Props> {
  configure: (config: C) => void
  test(record: ConnectRecord): boolean
  /** After configure: the answer for all records of a batch at once, or null where it may differ from record to record. Internal: may change. */
  columns?(): ((batch: ColumnBatch) => boolean) | null
  close?(): void
}

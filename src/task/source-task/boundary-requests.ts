// What a task has asked for about the ends of its transactions and was not done yet. Task thread; the task asks, source-transaction.ts takes.
// Java: WorkerTransactionContext. Records are known by identity; a request for one that never comes is forgotten with the record.
import type { TransactionContext } from '../../api/source-task.ts'
import { ConnectError } from '../../base/errors.ts'
import type { SourceRecord } from '../../data/record.ts'

export type Boundary = 'commit' | 'abort'

export class BoundaryRequests implements TransactionContext {
  #commitsBatch = false
  #abortsBatch = false
  readonly #commits = new WeakSet<SourceRecord>()
  readonly #aborts = new WeakSet<SourceRecord>()

  commitTransaction(record?: SourceRecord): void {
    if (record === undefined) this.#commitsBatch = true
    else this.#commits.add(record)
  }

  abortTransaction(record?: SourceRecord): void {
    if (record === undefined) this.#abortsBatch = true
    else this.#aborts.add(record)
  }

  /** What is to be done behind the batch. @throws ConnectError for two that contradict each other: that may not be guessed */
  takeBatch(): Boundary | null {
    const wants = [this.#commitsBatch, this.#abortsBatch] as const
    if (wants[0] && wants[1])
      throw new ConnectError('The connector requested both commit and abort of the same transaction', { code: CONTRADICTION })
    this.#commitsBatch = false
    this.#abortsBatch = false
    return wants[1] ? 'abort' : wants[0] ? 'commit' : null
  }

  /** As takeBatch, behind this record. */
  takeRecord(record: SourceRecord): Boundary | null {
    const commits = this.#commits.delete(record)
    const aborts = this.#aborts.delete(record)
    if (commits && aborts) {
      const where = `${record.topic}/${record.kafkaPartition}`
      const text = `The connector requested both commit and abort of the same record, for topic/partition ${where}`
      throw new ConnectError(text, { code: CONTRADICTION })
    }
    return aborts ? 'abort' : commits ? 'commit' : null
  }
}

const CONTRADICTION = 'CONNECT_TRANSACTION_BOUNDARY'

// Takes bad records that a sink found inside put (KIP-610): to the log and the dead letters, with the record's own bytes where they
// are still at hand, else encoded again by the task's converters. Task thread. Java: WorkerErrantRecordReporter.
import type { ErrantRecordReporter } from '../../api/sink-task.ts'
import { ConnectError, toError } from '../../base/errors.ts'
import { kindOf } from '../../base/wrong-return.ts'
import type { SinkRecord } from '../../data/record.ts'
import type { Chain } from '../chain.ts'
import { isRecord } from '../checked-plugins.ts'
import { encodedOrigin, type SinkOrigin, sinkOrigin } from '../origin.ts'
import type { Tolerance } from '../tolerance.ts'
import type { Converted } from './stages.ts'

export interface ErrantReporterOptions {
  readonly chain: Chain
  readonly tolerance: Tolerance
  /** the task's class, written to the report */
  readonly className: string
  inHand(): readonly Converted[]
}

export class ErrantReporter implements ErrantRecordReporter {
  readonly #options: ErrantReporterOptions
  readonly #pending = new Set<Promise<unknown>>()

  constructor(options: ErrantReporterOptions) {
    this.#options = options
  }

  /** A sink need not await: the commit does, and learns of a failure then. */
  report(record: SinkRecord, error: Error): Promise<void> {
    const reported = this.#report(record, error)
    this.#pending.add(reported)
    reported.then(
      () => this.#pending.delete(reported),
      () => undefined,
    )
    return reported
  }

  async #report(record: SinkRecord, error: Error): Promise<void> {
    const { tolerance, className } = this.#options
    // Not a bad record but a mistake of the plugin's, that errors.tolerance does not cover (Java: NullPointerException).
    if (!isSinkRecord(record)) {
      const todo = 'it must be called with a record that put was given, and the error'
      throw new ConnectError(`${className} called errantRecordReporter.report with ${kindOf(record)}: ${todo}`)
    }
    await tolerance.giveUp({ stage: 'TASK_PUT', className, error: toError(error), origin: this.#originOf(record) })
  }

  /** Settles when all reports are done; rejects with the first that failed. */
  async settled(): Promise<void> {
    const pending = [...this.#pending]
    await Promise.all(pending)
    for (const one of pending) this.#pending.delete(one)
  }

  #originOf(record: SinkRecord): SinkOrigin {
    const { originalTopic, originalKafkaPartition, originalKafkaOffset } = record
    for (const { batch } of this.#options.inHand()) {
      if (batch.topic !== originalTopic || batch.partition !== originalKafkaPartition) continue
      const i = batch.index.offsets.subarray(0, batch.count).indexOf(originalKafkaOffset)
      if (i >= 0) return sinkOrigin(batch, i)
    }
    const { key, value } = this.#options.chain.parts
    return encodedOrigin(
      record,
      key.converter.fromConnectData(record.topic, record.keySchema, record.key, record.headers),
      value.converter.fromConnectData(record.topic, record.valueSchema, record.value, record.headers),
      this.#options.chain.encodeHeaders(record.topic, record.headers),
    )
  }
}

function isSinkRecord(given: unknown): boolean {
  return isRecord(given) && typeof (given as Partial<SinkRecord>).originalTopic === 'string'
}

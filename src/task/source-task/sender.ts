// Takes a source task's records through SMTs and converters to the producer, and keeps count of what is acknowledged. Task thread.
// Java: AbstractWorkerSourceTask.sendRecords.
import type { MetricsSlab } from '../../actor/metrics-slab.ts'
import type { SourceTask } from '../../api/source-task.ts'
import type { Clock } from '../../base/clock.ts'
import { toError } from '../../base/errors.ts'
import type { SourceRecord } from '../../data/record.ts'
import type { Producer } from '../../kafka/producer.ts'
import type { Chain, EncodedRecord } from '../chain.ts'
import { sourceOrigin } from '../origin.ts'
import type { Submitted } from '../submitted.ts'
import { SKIPPED, type Tolerance } from '../tolerance.ts'

export interface SenderOptions {
  readonly task: SourceTask
  readonly chain: Chain
  readonly tolerance: Tolerance
  readonly toleratesAll: boolean
  readonly producer: Producer
  readonly producerClassName: string
  readonly submitted: Submitted
  readonly clock: Clock
  readonly metrics: MetricsSlab
  onTopicUsed(topic: string): void
  /** a send that failed for good */
  onError(error: Error): void
}

/** A batch is worked on for this long before the event loop gets a turn: sockets and beats live there too. */
const TURN_MS_MAX = 20
/** Looking at the clock costs more than a short record: every this many records. */
const RECORDS_PER_CLOCK_LOOK = 64

export class Sender {
  readonly #options: SenderOptions
  readonly #topics = new Set<string>()

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** Sends all records in order, or up to an abort; settles when the producer has taken the last one. Rejects for what is not tolerated. */
  async send(records: readonly SourceRecord[], signal: AbortSignal, turn: () => Promise<void>): Promise<void> {
    const { chain, clock } = this.#options
    let turnStartedMs = clock.monotonicMs()
    for (let i = 0; i < records.length && !signal.aborted; i++) {
      const record = records[i] as SourceRecord
      let wait: Promise<void> | undefined
      try {
        const changed = chain.transform(record)
        wait = changed === null ? this.#dropped(record) : this.#append(record, chain.encode(changed))
      } catch (error) {
        wait = this.#failed(record, toError(error))
      }
      if (wait !== undefined) await wait
      if (i % RECORDS_PER_CLOCK_LOOK === 0 && clock.monotonicMs() - turnStartedMs > TURN_MS_MAX) {
        await turn()
        turnStartedMs = clock.monotonicMs()
      }
    }
  }

  #dropped(record: SourceRecord): undefined {
    const { task, metrics } = this.#options
    metrics.add('recordsFiltered', 1)
    task.commitRecord?.(record, null)
    return undefined
  }

  #append(record: SourceRecord, encoded: EncodedRecord): Promise<void> | undefined {
    const { producer, submitted, clock } = this.#options
    const submission = submitted.submit(record.sourcePartition, record.sourceOffset)
    if (!this.#topics.has(encoded.topic)) {
      this.#topics.add(encoded.topic)
      this.#options.onTopicUsed(encoded.topic)
    }
    try {
      return producer.append(
        encoded.topic,
        encoded.partition,
        encoded.timestamp ?? clock.now(),
        encoded.key,
        encoded.value,
        encoded.headers,
        (error, metadata) => {
          if (error !== null) return this.#sendFailed(record, submission, error)
          submitted.ack(submission)
          this.#options.metrics.add('recordsSent', 1)
          // The producer uses one metadata object for all: the plugin gets its own.
          this.#options.task.commitRecord?.(record, metadata === null ? null : { ...metadata })
        },
      )
    } catch (error) {
      // Refused at once, e.g. larger than max.request.size: nothing is on its way.
      return this.#produceFailed(record, submission, toError(error))
    }
  }

  /** A failed delivery: under errors.tolerance=all it is reported and counts as done. */
  #sendFailed(record: SourceRecord, submission: ReturnType<Submitted['submit']>, error: Error): void {
    this.#produceFailed(record, submission, error).catch(failure => this.#options.onError(toError(failure)))
  }

  async #produceFailed(record: SourceRecord, submission: ReturnType<Submitted['submit']>, error: Error): Promise<void> {
    const { tolerance, submitted, task, producerClassName, toleratesAll } = this.#options
    const failure = { stage: 'KAFKA_PRODUCE' as const, className: producerClassName, error, origin: sourceOrigin(record) }
    if (!toleratesAll) {
      const { message } = error
      error.message = `could not send ${failure.origin.describe()}: ${message}`
      throw error
    }
    await tolerance.giveUp(failure)
    submitted.ack(submission)
    task.commitRecord?.(record, null)
  }

  async #failed(record: SourceRecord, error: Error): Promise<void> {
    const { chain, tolerance } = this.#options
    const where = () => ({ stage: chain.stage, className: chain.className })
    const attempt = () => {
      const changed = chain.transform(record)
      return changed === null ? null : chain.encode(changed)
    }
    const result = await tolerance.recover({ ...where(), error, origin: sourceOrigin(record) }, where, attempt)
    if (result === SKIPPED || result === null) this.#dropped(record)
    else await this.#append(record, result)
  }
}

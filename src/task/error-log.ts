// Reports failed records to the log (errors.log.enable). Record values only with errors.log.include.messages, and keys and values
// of records never otherwise: they may be secrets. Task threads. Java: LogReporter.
import type { MetricsSlab } from '../actor/metrics-slab.ts'
import type { Logger } from '../base/log.ts'
import type { Failure, Reporter } from './tolerance.ts'

export interface ErrorLogOptions {
  readonly logger: Logger
  readonly metrics: MetricsSlab
  /** `connector-0`, as Java names a task */
  readonly taskId: string
  readonly includeMessages: boolean
}

/** A logged value is cut here: one bad record must not fill the log. */
const VALUE_CHARACTERS_MAX = 1_000

export class ErrorLog implements Reporter {
  readonly #options: ErrorLogOptions

  constructor(options: ErrorLogOptions) {
    this.#options = options
  }

  report(failure: Failure): void {
    const { logger, metrics, taskId, includeMessages } = this.#options
    metrics.add('errorsLogged', 1)
    const { origin, stage, className, error } = failure
    const record = includeMessages ? describeRecord(failure) : {}
    logger.error(
      { stage, class: className, error, ...record },
      `Error encountered in task ${taskId}. Executing stage '${stage}' with class '${className}'${includeMessages ? `, for ${origin.describe()}` : ''}.`,
    )
  }
}

function describeRecord({ origin }: Failure): Record<string, unknown> {
  if (origin.kind === 'sink') {
    const { topic, partition, offset, timestamp, timestampType } = origin
    return { record: { topic, partition, offset, timestamp, timestampType } }
  }
  if (origin.record === null) return {}
  const { topic, sourcePartition, sourceOffset, key, value } = origin.record
  return { record: { topic, sourcePartition, sourceOffset, key: cut(key), value: cut(value) } }
}

function cut(value: unknown): string {
  return String(value).slice(0, VALUE_CHARACTERS_MAX)
}

// Reports failed records to the log (errors.log.enable). Record values only with errors.log.include.messages, and keys and values
// of records never otherwise: they may be secrets. Task threads. Java: LogReporter.
import type { MetricsSlab } from '../actor/metrics-slab.ts'
import { anyText } from '../base/any-text.ts'
import type { Logger } from '../base/log.ts'
import { javaString } from '../data/java-string.ts'
import type { SourceMap } from '../data/record.ts'
import type { Schema } from '../data/schema.ts'
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
    const { stage, className, error } = failure
    const record = includeMessages ? recordText(failure) : ''
    logger.error(
      { stage, class: className, error },
      `Error encountered in task ${taskId}. Executing stage '${stage}' with class '${className}'${record}.`,
    )
  }
}

/** In Java's words. */
function recordText({ origin }: Failure): string {
  if (origin.kind === 'sink') {
    const { topic, partition, offset, timestamp, timestampType } = origin
    const time = timestampType === 'NoTimestampType' ? '' : `, timestamp=${timestamp}, timestampType=${timestampType}`
    return `, where consumed record is {topic='${topic}', partition=${partition}, offset=${offset}${time}}`
  }
  if (origin.record === null) return `, where source record is one of: ${origin.describe()}`
  const { topic, kafkaPartition, sourcePartition, sourceOffset, keySchema, valueSchema, timestamp } = origin.record
  const key = cut(origin.record.key, keySchema)
  const value = cut(origin.record.value, valueSchema)
  const source = `SourceRecord{sourcePartition=${mapText(sourcePartition)}, sourceOffset=${mapText(sourceOffset)}}`
  const target = `ConnectRecord{topic='${anyText(topic)}', kafkaPartition=${anyText(kafkaPartition)}, key=${key}, value=${value}, timestamp=${anyText(timestamp)}}`
  return `, where source record is = ${source} ${target}`
}

function mapText(map: SourceMap | null): string {
  const fields = Object.entries(map ?? {}).map(([name, value]) => `${name}=${anyText(value)}`)
  return map === null ? 'null' : `{${fields.join(', ')}}`
}

/** What made the record fail may keep it from having a text. */
function cut(value: unknown, schema: Schema | null): string {
  try {
    return javaString(value, schema).slice(0, VALUE_CHARACTERS_MAX)
  } catch {
    return '(no text)'
  }
}

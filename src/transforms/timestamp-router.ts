// TimestampRouter: makes the topic's name of the topic and the record's timestamp. Task threads, every record.
import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { Transformation } from '../api/transformation.ts'
import { DataError } from '../base/errors.ts'
import { type Check, defineConfig } from '../config/define.ts'
import { dateFormatProblem, JavaDateFormat } from '../data/java-date-format.ts'
import type { ConnectRecord } from '../data/record.ts'
import { transform } from './definition.ts'

/** The two placeholders of topic.format, and nothing else. */
const PLACEHOLDERS = { topic: ['$', '{topic}'].join(''), timestamp: ['$', '{timestamp}'].join('') }

const validPattern: Check = (_name, value) => (typeof value === 'string' ? dateFormatProblem(value) : null)

export const timestampRouterConfig = defineConfig({
  'topic.format': {
    type: 'string',
    default: `${PLACEHOLDERS.topic}-${PLACEHOLDERS.timestamp}`,
    importance: 'high',
    doc: 'The new name, with placeholders for the old one and for the timestamp.',
  },
  'timestamp.format': {
    type: 'string',
    default: 'yyyyMMdd',
    importance: 'high',
    check: validPattern,
    doc: "How the timestamp is written, in the notation of Java's SimpleDateFormat, in UTC.",
  },
})

class TimestampRouter implements Transformation {
  #topicFormat = ''
  #format = new JavaDateFormat('')

  configure(props: Props): void {
    const config = timestampRouterConfig.parse(props)
    this.#topicFormat = config['topic.format']
    this.#format = new JavaDateFormat(config['timestamp.format'])
  }

  apply<R extends ConnectRecord>(record: R): R {
    if (record.timestamp === null) throw new DataError(`Timestamp missing on record: topic ${record.topic}`)
    const topic = this.#topicFormat
      .replaceAll(PLACEHOLDERS.topic, () => record.topic)
      .replaceAll(PLACEHOLDERS.timestamp, () => this.#format.format(record.timestamp ?? 0))
    return record.with({ topic }) as R
  }
}

export const plugins: readonly Plugin[] = [transform('TimestampRouter', timestampRouterConfig, () => new TimestampRouter())]

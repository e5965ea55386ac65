// TopicNameMatches: true for records whose whole topic matches a pattern. Task threads, every record.

import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { Predicate } from '../api/transformation.ts'
import { all, type Check, defineConfig, nonEmpty } from '../config/define.ts'
import type { ColumnBatch } from '../data/columns.ts'
import { JavaRegex, regexProblem } from '../data/java-regex.ts'
import type { ConnectRecord } from '../data/record.ts'

/** Topics whose answer is remembered: a task sees few. */
const TOPICS_MAX = 1024

const validRegex: Check = (_name, value) => {
  const problem = typeof value === 'string' ? regexProblem(value, { captures: false }) : 'there is none'
  return problem === null ? null : `Invalid regex: ${problem}`
}

export const topicNameMatchesConfig = defineConfig({
  pattern: {
    type: 'string',
    importance: 'medium',
    check: all(nonEmpty, validRegex),
    doc: 'Java regular expression that the whole topic name must match.',
  },
})

class TopicNameMatches implements Predicate {
  #regex = new JavaRegex('')
  readonly #answers = new Map<string, boolean>()

  configure(props: Props): void {
    this.#regex = new JavaRegex(topicNameMatchesConfig.parse(props).pattern)
    this.#answers.clear()
  }

  test(record: ConnectRecord): boolean {
    return this.#matches(record.topic)
  }

  columns(): (batch: ColumnBatch) => boolean {
    return batch => this.#matches(batch.topic)
  }

  #matches(topic: string): boolean {
    const known = this.#answers.get(topic)
    if (known !== undefined) return known
    const answer = this.#regex.matches(topic)
    if (this.#answers.size < TOPICS_MAX) this.#answers.set(topic, answer)
    return answer
  }
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'predicate',
    className: 'org.apache.kafka.connect.transforms.predicates.TopicNameMatches',
    aliases: ['TopicNameMatches'],
    version: '4.3.0',
    config: topicNameMatchesConfig,
    create: () => new TopicNameMatches(),
  },
]

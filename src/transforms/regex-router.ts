// RegexRouter: renames the topic of records whose topic matches a pattern. Task threads, every record.
import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { ColumnStep, Transformation } from '../api/transformation.ts'
import { type Check, defineConfig } from '../config/define.ts'
import { JavaRegex, regexProblem } from '../data/java-regex.ts'
import { Replacement } from '../data/java-replacement.ts'
import type { ConnectRecord } from '../data/record.ts'
import { transform } from './definition.ts'

/** Topics whose answer is remembered: a task sees few, and a regular expression a record costs more than all else here. */
const TOPICS_MAX = 1024

const validRegex: Check = (_name, value) => {
  const problem = typeof value === 'string' ? regexProblem(value, { captures: true }) : 'there is none'
  return problem === null ? null : `Invalid regex: ${problem}`
}

export const regexRouterConfig = defineConfig({
  regex: { type: 'string', importance: 'high', check: validRegex, doc: 'Regular expression that the whole topic must match.' },
  replacement: {
    type: 'string',
    importance: 'high',
    doc: 'New name: replaces the first place where the pattern is found. `$1` stands for group 1, a name in braces after `$` for a named group.',
  },
})

class RegexRouter implements Transformation {
  #regex = new JavaRegex('')
  #replacement = new Replacement('', this.#regex)
  readonly #routes = new Map<string, string>()

  configure(props: Props): void {
    const config = regexRouterConfig.parse(props)
    this.#regex = new JavaRegex(config.regex, { captures: true })
    this.#replacement = new Replacement(config.replacement, this.#regex)
    this.#routes.clear()
  }

  apply<R extends ConnectRecord>(record: R): R {
    const topic = this.#routes.get(record.topic) ?? this.#route(record.topic)
    return topic === record.topic ? record : (record.with({ topic }) as R)
  }

  columns(): ColumnStep {
    return batch => {
      batch.topic = this.#routes.get(batch.topic) ?? this.#route(batch.topic)
      return true
    }
  }

  #route(topic: string): string {
    const routed = this.#regex.matches(topic) ? this.#regex.replaceFirst(topic, this.#replacement) : topic
    if (this.#routes.size < TOPICS_MAX) this.#routes.set(topic, routed)
    return routed
  }
}

export const plugins: readonly Plugin[] = [transform('RegexRouter', regexRouterConfig, () => new RegexRouter())]

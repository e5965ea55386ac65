// What a sink reads: `topics` or `topics.regex`, and how the dead-letter topic must not be among it. Any thread; called by validation and
// where a sink's config is parsed. Java: SinkConnectorConfig.validate.
import type { Check } from './checks.ts'
import type { Props } from './define.ts'
import { patternFault, wholePattern } from './java-pattern.ts'

/** Refuses what is no pattern at all. */
export const regexFault: Check = (_name, value) => {
  const fault = typeof value === 'string' && value !== '' ? patternFault(value) : null
  return fault === null ? null : `Invalid regex: ${fault}`
}

export interface SinkFault {
  readonly name: 'topics' | 'topics.regex'
  readonly message: string
}

/** What is wrong between the keys of a sink: errors to add to them. */
export function sinkFaults(props: Props): SinkFault[] {
  const regex = props['topics.regex'] ?? ''
  const hasList = (props.topics ?? '').trim() !== ''
  const hasRegex = regex.trim() !== ''
  const faults: SinkFault[] = []
  const both = (message: string) => faults.push({ name: 'topics', message }, { name: 'topics.regex', message })
  if (hasList && hasRegex) both('topics and topics.regex are mutually exclusive options, but both are set.')
  if (!hasList && !hasRegex) both('Must configure one of topics or topics.regex')
  const deadLetters = (props['errors.deadletterqueue.topic.name'] ?? '').trim()
  if (deadLetters === '') return faults
  const named = `The DLQ topic '${deadLetters}' may not be`
  const topics = [...new Set((props.topics ?? '').split(',').map(topic => topic.trim()))].filter(topic => topic !== '')
  if (topics.includes(deadLetters)) {
    const message = `${named} included in the list of topics ('topics=[${topics.join(', ')}]') consumed by the connector`
    faults.push({ name: 'topics', message })
  }
  if (hasRegex && wholePattern(regex)?.test(deadLetters)) {
    const message = `${named} matched by the regex for the topics ('topics.regex=${regex}') consumed by the connector`
    faults.push({ name: 'topics.regex', message })
  }
  return faults
}

// What a sink reads: `topics` or `topics.regex`, and how the dead-letter topic must not be among it. Any thread; called by validation and
// where a sink's config is parsed. Java: SinkConnectorConfig.validate.
import type { Check } from './checks.ts'
import type { Props } from './define.ts'

/** Flags in front of a Java pattern that JavaScript has as well, by other letters. */
const FLAGS: Readonly<Record<string, string>> = { i: 'i', s: 's', m: 'm' }

interface Translated {
  readonly source: string
  readonly flags: string
}

/**
 * Near enough to say whether a pattern is well-formed and what it matches among topic names: quotations, flags in front, possessive
 * quantifiers and atomic groups are translated. The task that reads the topics has the exact translation (data/java-regex.ts).
 */
function asJavaScript(pattern: string): Translated {
  const inFront = /^\(\?([a-zA-Z]+)\)/.exec(pattern)
  const flags = [...(inFront?.[1] ?? '')].map(flag => FLAGS[flag] ?? '').join('')
  const source = pattern
    .slice(inFront?.[0].length ?? 0)
    .replace(/\\Q(.*?)(?:\\E|$)/gs, (_, quoted: string) => quoted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .replaceAll('(?>', '(?:')
    .replace(/([*+?}])\+/g, '$1')
  return { source, flags: [...new Set(flags)].join('') }
}

function compiled(pattern: string): RegExp | null {
  const { source, flags } = asJavaScript(pattern)
  for (const mode of ['v', '']) {
    try {
      return new RegExp(`^(?:${source})$`, flags + mode)
    } catch {}
  }
  return null
}

/** Refuses what is no pattern at all: a class or group left open, nothing to repeat, a backslash at the end. */
export const regexFault: Check = (_name, value) => {
  if (typeof value !== 'string' || value === '' || compiled(value) !== null) return null
  try {
    new RegExp(asJavaScript(value).source)
    return 'Invalid regex: not a regular expression'
  } catch (error) {
    return `Invalid regex: ${(error as Error).message.replace(/^Invalid regular expression: /, '')}`
  }
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
  if (hasRegex && compiled(regex)?.test(deadLetters)) {
    const message = `${named} matched by the regex for the topics ('topics.regex=${regex}') consumed by the connector`
    faults.push({ name: 'topics.regex', message })
  }
  return faults
}

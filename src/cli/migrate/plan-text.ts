// A migration plan as text for a terminal. Pure; main thread of a command.
import { countsText, numberOf, onOneLine, table } from '../terminal-text.ts'
import type { TopicFound } from './cluster-state.ts'
import type { ConnectorPlan } from './plan.ts'
import type { WorkerFinding } from './worker-check.ts'

export interface Plan {
  readonly group: { readonly id: string; readonly bootstrap: string; readonly members: number }
  readonly topics: readonly TopicFound[]
  readonly worker: readonly WorkerFinding[]
  readonly connectors: readonly ConnectorPlan[]
  /** source offsets of connectors that there are no more: they stay */
  readonly left: readonly { readonly connector: string; readonly partitions: number }[]
  readonly problems: readonly string[]
}

export function planText(plan: Plan): string {
  const { group, connectors, worker, problems, left } = plan
  const running = connectors.filter(({ runs }) => runs).length
  const lines = [
    `Group ${group.id} at ${group.bootstrap}: ${group.members === 0 ? 'no workers at present' : `${numberOf(group.members, 'worker')} at present`}`,
    ...plan.topics.map(topicLine),
    `${numberOf(connectors.length, 'connector')}: ${running} can run in Sluice as they are, ${connectors.length - running} not`,
    ...block(table(['connector', 'type', 'target', 'state', 'tasks', 'offsets', 'sluice'], connectors.map(row))),
    ...connectors.flatMap(details),
    ...titled('Worker file: not in Sluice', worker.filter(({ isProblem }) => isProblem).map(findingLine)),
    ...titled(
      'Worker file: not known',
      worker.filter(({ isProblem }) => !isProblem).map(({ message }) => message),
    ),
    ...titled(
      'Offsets of connectors that there are no more (they stay)',
      left.map(({ connector, partitions }) => `${connector}: ${numberOf(partitions, 'partition')}`),
    ),
    ...titled('Records that are not as they should be', problems),
  ]
  return `${lines.join('\n')}\n`
}

function topicLine({ key, topic, found, cleanupPolicy }: TopicFound): string {
  if (found === null) return onOneLine(`${key} ${topic}: there is no such topic`)
  const faults = [
    ...(key === 'config.storage.topic' && found.partitions !== 1 ? ['it must have 1 partition'] : []),
    ...(cleanupPolicy !== null && cleanupPolicy !== 'compact' ? [`cleanup.policy is ${cleanupPolicy}, it must be compact`] : []),
  ]
  const text = `${key} ${topic}: ${numberOf(found.partitions, 'partition')}, ${numberOf(found.records, 'record')}`
  return onOneLine([text, ...faults].join('; '))
}

function row({ name, type, target, state, tasks, offsets, runs }: ConnectorPlan): string[] {
  const states = tasks.length === 0 ? '-' : countsText(tasks.map(task => task.state ?? 'no status'))
  const partitions = offsets.partitions === null ? 'unknown' : numberOf(offsets.partitions, 'partition')
  return [name, type, target, state ?? '-', states, partitions, runs ? 'runs' : 'no']
}

/** Of a connector with something to be said of it. */
function details({ name, class: className, runs, reasons, notes, offsets }: ConnectorPlan): string[] {
  if (runs && notes.length === 0) return []
  const head = `${name} (${className || 'no connector.class'})${runs ? '' : ' cannot run as it is'}; offsets in ${offsets.in}`
  return titled(onOneLine(head), [
    ...reasons.map(({ key, message }) => `${key === null ? '' : `${key}: `}${message}`),
    ...notes.map(note => `note: ${note}`),
  ])
}

/** Many messages begin with the key anyway. */
const findingLine = ({ key, message }: WorkerFinding) => (message.includes(key) ? message : `${key}: ${message}`)

const block = (lines: readonly string[]) => (lines.length === 0 ? [] : ['', ...lines])
const titled = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : ['', `${title}:`, ...lines.map(line => `  ${onOneLine(line)}`)]

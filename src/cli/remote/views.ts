// What `sluice cluster` and `sluice connectors` show of REST's answers: readable tables. Pure; main thread of a command.
import { countsText, numberOf, onOneLine, table } from '../terminal-text.ts'

export interface PartState {
  readonly state: string
  readonly worker_id: string
  readonly version?: string | null
  readonly trace?: string
}

export interface ConnectorStatus {
  readonly name: string
  readonly connector: PartState
  readonly tasks: readonly (PartState & { readonly id: number })[]
  readonly type: string
}

/** One entry of `GET /connectors?expand=info&expand=status`. */
export interface Expanded {
  readonly info: { readonly name: string; readonly config: Readonly<Record<string, string>>; readonly type: string }
  readonly status: ConnectorStatus
}

export interface ClusterStatus {
  readonly url: string
  readonly version: string
  readonly commit: string
  readonly kafka_cluster_id: string | null
  /** null: the worker is too old to be asked (before Kafka 3.9) */
  readonly health: { readonly status: string; readonly message: string } | null
  readonly connectors: readonly Expanded[]
}

interface Offset {
  readonly partition: Readonly<Record<string, unknown>>
  readonly offset: Readonly<Record<string, unknown>> | null
}

/** States that somebody should look at. */
const isBad = (state: string) => state === 'FAILED' || state === 'UNASSIGNED'

/** `NAME` or `NAME task 3`, with its state and the first line of its trace. */
interface Fault {
  readonly what: string
  readonly part: PartState
}

export function faultsOf({ name, connector, tasks }: ConnectorStatus): Fault[] {
  const parts = [
    { what: name, part: connector as PartState },
    ...tasks.map(task => ({ what: `${name} task ${task.id}`, part: task })),
  ]
  return parts.filter(({ part }) => isBad(part.state))
}

const firstLine = (trace: string | undefined) => (trace ?? '').split('\n')[0] ?? ''
const byName = (a: { readonly name: string }, b: { readonly name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

export function clusterText(cluster: ClusterStatus): string {
  const statuses = cluster.connectors.map(({ status }) => status).sort(byName)
  const tasks = statuses.flatMap(status => status.tasks)
  const { health } = cluster
  const word = health === null ? 'answers' : `${health.status}${health.status === 'healthy' ? '' : ` (${health.message})`}`
  const states = (parts: readonly PartState[]) => (parts.length === 0 ? '' : `: ${countsText(parts.map(part => part.state))}`)
  const connectors = statuses.map(status => status.connector)
  return text([
    `${cluster.url} ${word}`,
    `version ${cluster.version}, commit ${cluster.commit}, Kafka cluster ${cluster.kafka_cluster_id ?? 'not known yet'}`,
    `${numberOf(statuses.length, 'connector')}${states(connectors)}`,
    `${numberOf(tasks.length, 'task')}${states(tasks)}`,
    ...block(table(['worker', 'connectors', 'tasks', 'not running'], workerRows(statuses))),
    ...block(table(['connector', 'type', 'state', 'worker', 'tasks'], statuses.map(connectorRow))),
    ...faultLines(statuses.flatMap(faultsOf)),
  ])
}

function connectorRow({ name, type, connector, tasks }: ConnectorStatus): string[] {
  return [name, type, connector.state, connector.worker_id, tasks.length === 0 ? '-' : countsText(tasks.map(task => task.state))]
}

function workerRows(statuses: readonly ConnectorStatus[]): string[][] {
  const ids = new Set(statuses.flatMap(status => [status.connector, ...status.tasks].map(part => part.worker_id)))
  return [...ids].sort().map(id => {
    const connectors = statuses.map(status => status.connector).filter(part => part.worker_id === id)
    const tasks = statuses.flatMap(status => status.tasks).filter(part => part.worker_id === id)
    const others = [...connectors, ...tasks].map(part => part.state).filter(state => state !== 'RUNNING')
    return [id, String(connectors.length), String(tasks.length), others.length === 0 ? '-' : countsText(others)]
  })
}

function faultLines(faults: readonly Fault[]): string[] {
  return block(
    faults.map(({ what, part }) =>
      onOneLine(`${what} ${part.state} on ${part.worker_id}: ${firstLine(part.trace) || 'no trace'}`),
    ),
  )
}

export function listText(connectors: readonly Expanded[]): string {
  if (connectors.length === 0) return 'There are no connectors.\n'
  const rows = connectors
    .map(({ status, info }) => [status.name, status.type, status.connector.state, info.config['connector.class'] ?? ''])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return text(table(['connector', 'type', 'state', 'class'], rows))
}

/** A row a connector and a row a task. */
export function statusText(statuses: readonly ConnectorStatus[]): string {
  if (statuses.length === 0) return 'There are no connectors.\n'
  const rows = statuses
    .toSorted(byName)
    .flatMap(({ name, connector, tasks }) => [
      [name, '-', connector.state, connector.worker_id],
      ...tasks.map(task => [name, String(task.id), task.state, task.worker_id]),
    ])
  return text([...table(['connector', 'task', 'state', 'worker'], rows), ...faultLines(statuses.flatMap(faultsOf))])
}

/** One connector, with whole traces. */
export function oneStatusText(status: ConnectorStatus): string {
  const rows = status.tasks.map(task => [String(task.id), task.state, task.worker_id, task.version ?? '-'])
  const { state, worker_id: worker, version } = status.connector
  const traces = faultsOf(status).flatMap(({ what, part }) => [
    '',
    onOneLine(`${what}:`),
    ...(part.trace ?? 'no trace')
      .trimEnd()
      .split('\n')
      .map(line => `  ${onOneLine(line.replaceAll('\t', '  '))}`),
  ])
  return text([
    onOneLine(`${status.name}: ${status.type}, ${state} on ${worker}${version == null ? '' : `, version ${version}`}`),
    ...(rows.length === 0 ? ['no tasks'] : block(table(['task', 'state', 'worker', 'version'], rows))),
    ...traces,
  ])
}

/** `key = value`, as a properties file has it. */
export function configText(config: Readonly<Record<string, string>>): string {
  const lines = Object.entries(config).map(([key, value]) => onOneLine(`${key} = ${value}`))
  return text(lines.sort())
}

export function offsetsText(name: string, offsets: readonly Offset[]): string {
  if (offsets.length === 0) return text([onOneLine(`${name} has no offsets.`)])
  const isSink = offsets.every(({ partition }) => 'kafka_topic' in partition)
  if (!isSink)
    return text(
      table(
        ['partition', 'offset'],
        offsets.map(({ partition, offset }) => [json(partition), json(offset)]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      ),
    )
  const rows = offsets.map(({ partition, offset }) => [
    String(partition.kafka_topic),
    String(partition.kafka_partition),
    String(offset?.kafka_offset ?? '-'),
  ])
  const order = (a: readonly string[], b: readonly string[]) =>
    (a[0] ?? '') < (b[0] ?? '') ? -1 : a[0] === b[0] ? Number(a[1]) - Number(b[1]) : 1
  return text(table(['topic', 'partition', 'offset'], rows.sort(order)))
}

const json = (value: unknown) => JSON.stringify(value)
const block = (lines: readonly string[]) => (lines.length === 0 ? [] : ['', ...lines])
const text = (lines: readonly string[]) => `${lines.join('\n')}\n`

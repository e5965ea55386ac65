// Metrics of the worker, of connectors, of a task's thread, and texts. Main thread; part of table.ts.
import type { Usage } from '../actor/actor-ref.ts'
import type { Metric, Scope, Unit } from './declare.ts'
import type { Windowed } from './windows.ts'

/** Starts, counted by the supervisor. */
export type StartCounts = Readonly<
  Record<'connectorStartups' | 'connectorStartupFailures' | 'taskStartups' | 'taskStartupFailures', number>
>

export interface WorkerFigures {
  readonly connectorCount: number
  readonly taskCount: number
  readonly starts: StartCounts
}

export const STATES = ['running', 'paused', 'failed', 'unassigned', 'destroyed', 'restarting'] as const

/** Tasks of one connector by state, and how often its parts came back by themselves (D13). */
export type ConnectorFigures = Readonly<Record<'total' | 'restarts' | (typeof STATES)[number], number>>

export interface WorkerMetric extends Metric {
  readonly of: (figures: Pick<WorkerFigures, 'connectorCount' | 'taskCount'>, starts: Windowed<keyof StartCounts>) => number
}

export interface ConnectorMetric extends Metric {
  readonly of: (figures: ConnectorFigures) => number
}

export interface ThreadMetric extends Metric {
  readonly of: (usage: Usage) => number
}

const java = { domain: 'kafka.connect', origin: 'java' } as const
const WORKER = 'connect-worker-metrics'

function startMetrics(part: 'connector' | 'task'): WorkerMetric[] {
  const starts = `${part}Startups` as const
  const failures = `${part}StartupFailures` as const
  const row = (name: string, type: 'counter' | 'gauge', help: string, of: WorkerMetric['of']): WorkerMetric => ({
    ...java,
    group: WORKER,
    attribute: `${part}-startup-${name}`,
    type,
    unit: type === 'counter' ? 'number' : 'ratio',
    help,
    scope: 'worker',
    of,
  })
  const succeeded = (f: Windowed<keyof StartCounts>) => f.growth(starts) - f.growth(failures)
  return [
    row('attempts-total', 'counter', `times a ${part} was started`, (_, f) => f.total(starts)),
    row('success-total', 'counter', `times a ${part} was started with success`, (_, f) => f.total(starts) - f.total(failures)),
    row('failure-total', 'counter', `times a ${part} failed to start`, (_, f) => f.total(failures)),
    row(
      'success-percentage',
      'gauge',
      `fraction of ${part} starts that succeeded, 0 to 1 as in Java`,
      (_, f) => Math.max(succeeded(f), 0) / (f.growth(starts) || 1),
    ),
    row('failure-percentage', 'gauge', `fraction of ${part} starts that failed, 0 to 1 as in Java`, (_, f) =>
      Math.min(f.growth(failures) / (f.growth(starts) || 1), 1),
    ),
  ]
}

const count = (attribute: string, help: string, of: WorkerMetric['of']): WorkerMetric => ({
  ...java,
  group: WORKER,
  attribute,
  type: 'gauge',
  unit: 'number',
  help,
  scope: 'worker',
  of,
})

export const workerMetrics: readonly WorkerMetric[] = [
  count('connector-count', 'connectors in this worker', f => f.connectorCount),
  count('task-count', 'tasks in this worker', f => f.taskCount),
  ...startMetrics('connector'),
  ...startMetrics('task'),
]

export const connectorMetrics: readonly ConnectorMetric[] = [
  ...(['total', ...STATES] as const).map(
    (state): ConnectorMetric => ({
      ...java,
      group: WORKER,
      attribute: `connector-${state}-task-count`,
      type: 'gauge',
      unit: 'number',
      help: state === 'total' ? 'tasks of the connector' : `tasks of the connector that are ${state}`,
      scope: 'connector',
      of: figures => figures[state],
    }),
  ),
  {
    domain: 'kafka.connect',
    origin: 'sluice',
    group: 'sluice-connector-metrics',
    attribute: 'restart-total',
    type: 'counter',
    unit: 'number',
    help: 'times the connector or one of its tasks was restarted by itself after a failure (task.restart.*)',
    scope: 'connector',
    of: figures => figures.restarts,
  },
]

function text(group: string, attribute: string, scope: Scope, help: string): Metric {
  return { ...java, group, attribute, type: 'text', unit: 'text', help, scope }
}

const taskText = (attribute: string, help: string) => text('connector-task-metrics', attribute, 'task', help)

/** Attributes that are text in Java. */
export const textMetrics = {
  connectorClass: text('connector-metrics', 'connector-class', 'connector', 'class of the connector'),
  connectorType: text('connector-metrics', 'connector-type', 'connector', 'source or sink'),
  connectorVersion: text('connector-metrics', 'connector-version', 'connector', 'version of the connector'),
  connectorStatus: text('connector-metrics', 'status', 'connector', 'state of the connector in lower case'),
  taskStatus: taskText('status', 'state of the task in lower case'),
  taskConnectorClass: taskText('connector-class', "class of the task's connector"),
  taskConnectorType: taskText('connector-type', 'source or sink'),
  taskConnectorVersion: taskText('connector-version', "version of the task's connector"),
  taskClass: taskText('task-class', 'class of the task'),
  taskVersion: taskText('task-version', 'version of the task'),
  keyConverterClass: taskText('key-converter-class', 'class of the key converter'),
  keyConverterVersion: taskText('key-converter-version', 'version of the key converter'),
  valueConverterClass: taskText('value-converter-class', 'class of the value converter'),
  valueConverterVersion: taskText('value-converter-version', 'version of the value converter'),
  headerConverterClass: taskText('header-converter-class', 'class of the header converter'),
  headerConverterVersion: taskText('header-converter-version', 'version of the header converter'),
  transformClass: text('connector-transform-metrics', 'transform-class', 'transform', 'class of the transform'),
  transformVersion: text('connector-transform-metrics', 'transform-version', 'transform', 'version of the transform'),
  predicateClass: text('connector-predicate-metrics', 'predicate-class', 'predicate', 'class of the predicate'),
  predicateVersion: text('connector-predicate-metrics', 'predicate-version', 'predicate', 'version of the predicate'),
  appVersion: text('app-info', 'version', 'worker', 'version of Sluice'),
  appCommit: text('app-info', 'commit-id', 'worker', 'commit it was built from'),
} as const

export const appStart: Metric = {
  ...java,
  group: 'app-info',
  attribute: 'start-time-ms',
  type: 'gauge',
  unit: 'ms',
  help: 'when the worker was started, ms since the epoch',
  scope: 'worker',
}

export const metricsCount: Metric = {
  ...java,
  group: 'kafka-metrics-count',
  attribute: 'count',
  type: 'gauge',
  unit: 'number',
  help: 'series that this worker exports under kafka_*',
  scope: 'worker',
}

function thread(attribute: string, type: 'counter' | 'gauge', unit: Unit, help: string, of: ThreadMetric['of']): ThreadMetric {
  return {
    domain: 'kafka.connect',
    group: 'sluice-task-metrics',
    attribute,
    type,
    unit,
    help,
    origin: 'sluice',
    scope: 'task',
    of,
  }
}

/** Figures of a task's thread, taken when asked for. */
export const threadMetrics: readonly ThreadMetric[] = [
  thread('heap-bytes', 'gauge', 'bytes', 'JS heap of the task thread', usage => usage.heapBytes),
  thread(
    'external-bytes',
    'gauge',
    'bytes',
    'Buffers and other memory of the task thread outside of its JS heap',
    usage => usage.externalBytes,
  ),
  thread(
    'loop-utilization',
    'gauge',
    'ratio',
    'how busy the event loop of the task thread was since the last scrape, 0 to 1',
    usage => usage.loopUtilization,
  ),
  thread('cpu-seconds-total', 'counter', 'seconds', 'CPU time of the task thread', usage => usage.cpuMicros / 1e6),
]

function ofProcess(attribute: string, type: 'counter' | 'gauge', unit: Unit, help: string): Metric {
  return { domain: 'process', group: '', attribute, type, unit, help, origin: 'sluice', scope: 'process' }
}

/** Those of prom-client that matter most; it adds a few more of Node (nodejs_*, process_*). */
export const processMetrics: readonly Metric[] = [
  ofProcess('process_resident_memory_bytes', 'gauge', 'bytes', 'memory of the whole process, all threads'),
  ofProcess('process_cpu_seconds_total', 'counter', 'seconds', 'CPU time of the whole process'),
  ofProcess('process_open_fds', 'gauge', 'number', 'open files and sockets'),
  ofProcess('nodejs_eventloop_lag_p99_seconds', 'gauge', 'seconds', 'delay of timers in the main thread, 99th percentile'),
  ofProcess('nodejs_eventloop_lag_max_seconds', 'gauge', 'seconds', 'longest delay of a timer in the main thread'),
]

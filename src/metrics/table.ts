// Every metric of the worker, declared once: Java's group and attribute, what it means, how it is computed. The Prometheus name follows
// from group and attribute (the usual form of the JMX exporter), so dashboards made for Java Connect find their series. Main thread;
// read by registry.ts and by the documentation.
import type { Slot } from '../actor/metrics-slab.ts'

export type Slots = Readonly<Record<Slot, number>>

/** Figures of the worker itself, counted by the supervisor. */
export interface WorkerFigures {
  readonly connectorCount: number
  readonly taskCount: number
  readonly connectorStartups: number
  readonly connectorStartupFailures: number
  readonly taskStartups: number
  readonly taskStartupFailures: number
}

/** Tasks of one connector by state. */
export type StateCounts = Readonly<Record<'total' | 'running' | 'paused' | 'failed' | 'unassigned' | 'restarting', number>>

interface Declared {
  readonly group: string
  readonly attribute: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
}

/** `of` computes from the slots; `rateOf` is the growth of a slot per second over the last two sample windows. */
export interface TaskMetric extends Declared {
  readonly tasks: 'sink' | 'source' | 'all'
  readonly of?: (slots: Slots) => number
  readonly rateOf?: Slot
}

export interface WorkerMetric extends Declared {
  readonly of: (figures: WorkerFigures) => number
}

export interface ConnectorMetric extends Declared {
  readonly of: (counts: StateCounts) => number
}

export function prometheusName({ group, attribute }: Pick<Declared, 'group' | 'attribute'>): string {
  return `kafka_connect_${group}_${attribute}`.replaceAll('-', '_')
}

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0)

type TaskRow = [attribute: string, type: 'counter' | 'gauge', of: Slot | ((s: Slots) => number), help: string]

function rows(group: string, tasks: TaskMetric['tasks'], table: readonly TaskRow[]): TaskMetric[] {
  return table.map(([attribute, type, of, help]) => {
    if (attribute.endsWith('-rate') && typeof of === 'string') return { group, attribute, type, help, tasks, rateOf: of }
    return { group, attribute, type, help, tasks, of: typeof of === 'string' ? s => s[of] : of }
  })
}

export const taskMetrics: readonly TaskMetric[] = [
  ...rows('connector-task-metrics', 'all', [
    ['running-ratio', 'gauge', s => ratio(s.runningMs, s.runningMs + s.pausedMs), 'fraction of its time the task was running'],
    ['pause-ratio', 'gauge', s => ratio(s.pausedMs, s.runningMs + s.pausedMs), 'fraction of its time the task was paused'],
    ['batch-size-avg', 'gauge', s => ratio(s.batchRecords, s.batchCount), 'records in a batch on average'],
    ['batch-size-max', 'gauge', 'batchRecordsMax', 'records in the largest batch'],
    ['offset-commit-avg-time-ms', 'gauge', s => ratio(s.commitTimeMs, s.commitCount), 'time of an offset commit on average'],
    ['offset-commit-max-time-ms', 'gauge', 'commitTimeMsMax', 'time of the slowest offset commit'],
    [
      'offset-commit-success-percentage',
      'gauge',
      s => ratio(s.commitCount, s.commitCount + s.commitFailures),
      'fraction of the offset commits that succeeded, 0 to 1 as in Java',
    ],
    [
      'offset-commit-failure-percentage',
      'gauge',
      s => ratio(s.commitFailures, s.commitCount + s.commitFailures),
      'fraction of the offset commits that failed, 0 to 1 as in Java',
    ],
  ]),
  ...rows('sink-task-metrics', 'sink', [
    ['sink-record-read-rate', 'gauge', 'recordsRead', 'records read a second, before transformations'],
    ['sink-record-read-total', 'counter', 'recordsRead', 'records read, before transformations'],
    ['sink-record-send-rate', 'gauge', 'recordsSent', 'records a second that were put to the task, after transformations'],
    ['sink-record-send-total', 'counter', 'recordsSent', 'records put to the task, after transformations'],
    ['sink-record-active-count', 'gauge', 'recordsActive', 'records read and not committed yet'],
    ['partition-count', 'gauge', 'partitionCount', 'partitions assigned to the task'],
    ['offset-commit-seq-no', 'gauge', 'commitSequence', 'number of the last offset commit'],
    ['offset-commit-completion-rate', 'gauge', 'commitCount', 'offset commits completed a second'],
    ['offset-commit-completion-total', 'counter', 'commitCount', 'offset commits completed'],
    ['offset-commit-skip-rate', 'gauge', 'commitSkips', 'offset commits a second that came too late and were ignored'],
    ['offset-commit-skip-total', 'counter', 'commitSkips', 'offset commits that came too late and were ignored'],
    ['put-batch-avg-time-ms', 'gauge', s => ratio(s.putTimeMs, s.putCount), 'time of a put on average'],
    ['put-batch-max-time-ms', 'gauge', 'putTimeMsMax', 'time of the slowest put'],
  ]),
  ...rows('source-task-metrics', 'source', [
    ['source-record-poll-rate', 'gauge', 'recordsRead', 'records polled a second, before transformations'],
    ['source-record-poll-total', 'counter', 'recordsRead', 'records polled, before transformations'],
    ['source-record-write-rate', 'gauge', 'recordsSent', 'records a second that Kafka acknowledged'],
    ['source-record-write-total', 'counter', 'recordsSent', 'records that Kafka acknowledged'],
    ['source-record-active-count', 'gauge', 'recordsActive', 'records polled and not acknowledged yet'],
    ['poll-batch-avg-time-ms', 'gauge', s => ratio(s.pollTimeMs, s.pollCount), 'time of a poll on average'],
    ['poll-batch-max-time-ms', 'gauge', 'pollTimeMsMax', 'time of the slowest poll'],
  ]),
  ...rows('task-error-metrics', 'all', [
    ['total-record-failures', 'counter', 'recordFailures', 'failures of operations on records'],
    ['total-record-errors', 'counter', 'recordErrors', 'errors of operations on records, retried ones included'],
    ['total-records-skipped', 'counter', 'recordsSkipped', 'records skipped because of errors'],
    ['total-retries', 'counter', 'retries', 'operations tried again'],
    ['total-errors-logged', 'counter', 'errorsLogged', 'errors written to the log'],
    ['deadletterqueue-produce-requests', 'counter', 'dlqRequests', 'records sent to the dead-letter topic'],
    ['deadletterqueue-produce-failures', 'counter', 'dlqFailures', 'records that could not be sent to the dead-letter topic'],
    ['last-error-timestamp', 'gauge', 'lastErrorTimestampMs', 'when the last error was met, ms since the epoch'],
  ]),
  // What Java does not have: stages, memory and time of a task of ours.
  ...rows('sluice-task-metrics', 'all', [
    ['record-filtered-total', 'counter', 'recordsFiltered', 'records dropped by transformations'],
    ['byte-read-total', 'counter', 'bytesRead', 'bytes fetched'],
    ['convert-time-ms-total', 'counter', 'convertTimeMs', 'time spent converting'],
    ['mailbox-bytes', 'gauge', 'mailboxBytes', 'bytes waiting between the stages of the task'],
    ['buffered-bytes', 'gauge', 'bufferedBytes', 'bytes the task holds and has not made durable'],
  ]),
]

type WorkerRow = [attribute: string, type: 'counter' | 'gauge', of: (f: WorkerFigures) => number, help: string]

const workerRows: readonly WorkerRow[] = [
  ['connector-count', 'gauge', f => f.connectorCount, 'connectors in this worker'],
  ['task-count', 'gauge', f => f.taskCount, 'tasks in this worker'],
  ['connector-startup-attempts-total', 'counter', f => f.connectorStartups, 'times a connector was started'],
  [
    'connector-startup-success-total',
    'counter',
    f => f.connectorStartups - f.connectorStartupFailures,
    'times a connector was started with success',
  ],
  ['connector-startup-failure-total', 'counter', f => f.connectorStartupFailures, 'times a connector failed to start'],
  [
    'connector-startup-success-percentage',
    'gauge',
    f => ratio(f.connectorStartups - f.connectorStartupFailures, f.connectorStartups),
    'fraction of connector starts that succeeded, 0 to 1 as in Java',
  ],
  [
    'connector-startup-failure-percentage',
    'gauge',
    f => ratio(f.connectorStartupFailures, f.connectorStartups),
    'fraction of connector starts that failed, 0 to 1 as in Java',
  ],
  ['task-startup-attempts-total', 'counter', f => f.taskStartups, 'times a task was started'],
  ['task-startup-success-total', 'counter', f => f.taskStartups - f.taskStartupFailures, 'times a task was started with success'],
  ['task-startup-failure-total', 'counter', f => f.taskStartupFailures, 'times a task failed to start'],
  [
    'task-startup-success-percentage',
    'gauge',
    f => ratio(f.taskStartups - f.taskStartupFailures, f.taskStartups),
    'fraction of task starts that succeeded, 0 to 1 as in Java',
  ],
  [
    'task-startup-failure-percentage',
    'gauge',
    f => ratio(f.taskStartupFailures, f.taskStartups),
    'fraction of task starts that failed, 0 to 1 as in Java',
  ],
]

export const workerMetrics: readonly WorkerMetric[] = workerRows.map(([attribute, type, of, help]) => ({
  group: 'connect-worker-metrics',
  attribute,
  type,
  of,
  help,
}))

const states = ['total', 'running', 'paused', 'failed', 'unassigned', 'restarting'] as const

export const connectorMetrics: readonly ConnectorMetric[] = states.map(state => ({
  group: 'connect-worker-metrics',
  attribute: `connector-${state}-task-count`,
  type: 'gauge',
  of: counts => counts[state],
  help: state === 'total' ? 'tasks of the connector' : `tasks of the connector that are ${state}`,
}))

/** Attributes that are text in Java: a series with the value 1 and the text as a label. */
export const textMetrics = {
  connectorClass: { group: 'connector-metrics', attribute: 'connector-class', help: 'class of the connector, as a label' },
  connectorType: { group: 'connector-metrics', attribute: 'connector-type', help: 'source or sink, as a label' },
  connectorVersion: { group: 'connector-metrics', attribute: 'connector-version', help: 'version of the connector, as a label' },
  connectorStatus: { group: 'connector-metrics', attribute: 'status', help: 'state of the connector in lower case, as a label' },
  taskStatus: { group: 'connector-task-metrics', attribute: 'status', help: 'state of the task in lower case, as a label' },
} as const

/** Figures of a task's thread, taken when asked for. */
export const threadMetrics = {
  heapBytes: { group: 'sluice-task-metrics', attribute: 'heap-bytes', type: 'gauge', help: 'JS heap of the task thread' },
  externalBytes: {
    group: 'sluice-task-metrics',
    attribute: 'external-bytes',
    type: 'gauge',
    help: 'Buffers and other memory of the task thread outside of its JS heap',
  },
  loopUtilization: {
    group: 'sluice-task-metrics',
    attribute: 'loop-utilization',
    type: 'gauge',
    help: 'how busy the event loop of the task thread was since the last scrape, 0 to 1',
  },
  cpuMicros: {
    group: 'sluice-task-metrics',
    attribute: 'cpu-seconds-total',
    type: 'counter',
    help: 'CPU time of the task thread',
  },
} as const

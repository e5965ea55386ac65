// Metrics of a task that its slab holds: Java's groups, then ours. Main thread; part of table.ts.
import { type TaskMetric, taskGroup } from './declare.ts'

const ofTime = (part: number, whole: number) => (whole > 0 ? part / whole : 0)

const all = taskGroup('kafka.connect', 'connector-task-metrics', 'task')
const sink = taskGroup('kafka.connect', 'sink-task-metrics', 'sink task')
const source = taskGroup('kafka.connect', 'source-task-metrics', 'source task')
const exactlyOnce = taskGroup('kafka.connect', 'source-task-metrics', 'exactly-once source task')
const errors = taskGroup('kafka.connect', 'task-error-metrics', 'task')
const own = taskGroup('kafka.connect', 'sluice-task-metrics', 'task', 'sluice')
const ownSink = taskGroup('kafka.connect', 'sluice-task-metrics', 'sink task', 'sluice')
const ownSource = taskGroup('kafka.connect', 'sluice-task-metrics', 'source task', 'sluice')

const connectorTask: readonly TaskMetric[] = [
  all.gauge(
    'running-ratio',
    f => ofTime(f.total('runningMs'), f.total('runningMs') + f.total('pausedMs')),
    'ratio',
    'fraction of its time the task was running',
  ),
  all.gauge(
    'pause-ratio',
    f => ofTime(f.total('pausedMs'), f.total('runningMs') + f.total('pausedMs')),
    'ratio',
    'fraction of its time the task was paused',
  ),
  all.average('batch-size-avg', ['batchRecords', 'batchCount'], 'records', 'records in a batch on average'),
  all.max('batch-size-max', ['batchRecordsMax', 'batchCount'], 'records', 'records in the largest batch'),
  all.average(
    'offset-commit-avg-time-ms',
    ['commitTimeMs', 'commitCount', 'commitSkips'],
    'ms',
    'time of an offset commit on average',
  ),
  all.max('offset-commit-max-time-ms', ['commitTimeMsMax', 'commitCount'], 'ms', 'time of the slowest offset commit'),
  all.gauge(
    'offset-commit-success-percentage',
    f => f.share('commitCount', 'commitCount', 'commitFailures'),
    'ratio',
    'fraction of the offset commits that succeeded, 0 to 1 as in Java',
  ),
  all.gauge(
    'offset-commit-failure-percentage',
    f => f.share('commitFailures', 'commitCount', 'commitFailures'),
    'ratio',
    'fraction of the offset commits that failed, 0 to 1 as in Java',
  ),
]

const sinkTask: readonly TaskMetric[] = [
  sink.rate('sink-record-read-rate', 'recordsRead', 'records read a second, before transformations'),
  sink.counter('sink-record-read-total', 'recordsRead', 'records', 'records read, before transformations'),
  sink.rate('sink-record-send-rate', 'recordsSent', 'records a second that were put to the task, after transformations'),
  sink.counter('sink-record-send-total', 'recordsSent', 'records', 'records put to the task, after transformations'),
  sink.gauge('sink-record-active-count', 'recordsActive', 'records', 'records put and not committed yet, by their offsets'),
  sink.average('sink-record-active-count-avg', ['activeSum', 'activeSamples'], 'records', 'the same on average'),
  sink.max('sink-record-active-count-max', ['activeMax', 'activeSamples'], 'records', 'the most of them'),
  sink.gauge('partition-count', 'partitionCount', 'number', 'partitions assigned to the task'),
  sink.gauge('offset-commit-seq-no', 'commitSequence', 'number', 'number of the last offset commit'),
  sink.rate('offset-commit-completion-rate', 'commitCount', 'offset commits completed a second'),
  sink.counter('offset-commit-completion-total', 'commitCount', 'number', 'offset commits completed'),
  sink.rate('offset-commit-skip-rate', 'commitSkips', 'offset commits a second that came too late and were ignored'),
  sink.counter('offset-commit-skip-total', 'commitSkips', 'number', 'offset commits that came too late and were ignored'),
  sink.average('put-batch-avg-time-ms', ['putTimeMs', 'putCount'], 'ms', 'time of a put on average'),
  sink.max('put-batch-max-time-ms', ['putTimeMsMax', 'putCount'], 'ms', 'time of the slowest put'),
]

const sourceTask: readonly TaskMetric[] = [
  source.rate('source-record-poll-rate', 'recordsRead', 'records polled a second, before transformations'),
  source.counter('source-record-poll-total', 'recordsRead', 'records', 'records polled, before transformations'),
  source.rate('source-record-write-rate', 'recordsSent', 'records a second that Kafka acknowledged'),
  source.counter('source-record-write-total', 'recordsSent', 'records', 'records that Kafka acknowledged'),
  source.gauge('source-record-active-count', 'recordsActive', 'records', 'records polled and not acknowledged yet'),
  source.average('source-record-active-count-avg', ['activeSum', 'activeSamples'], 'records', 'the same on average'),
  source.max('source-record-active-count-max', ['activeMax', 'activeSamples'], 'records', 'the most of them'),
  source.average('poll-batch-avg-time-ms', ['pollTimeMs', 'pollCount'], 'ms', 'time of a poll on average'),
  source.max('poll-batch-max-time-ms', ['pollTimeMsMax', 'pollCount'], 'ms', 'time of the slowest poll'),
]

const transactions: readonly TaskMetric[] = [
  exactlyOnce.average(
    'transaction-size-avg',
    ['transactionRecords', 'transactionCount'],
    'records',
    'records in a committed transaction on average, offsets not counted',
  ),
  exactlyOnce.min(
    'transaction-size-min',
    ['transactionRecordsMin', 'transactionCount'],
    'records',
    'records in the smallest one',
  ),
  exactlyOnce.max('transaction-size-max', ['transactionRecordsMax', 'transactionCount'], 'records', 'records in the largest one'),
]

const taskErrors: readonly TaskMetric[] = [
  errors.counter('total-record-failures', 'recordFailures', 'number', 'failures of operations on records'),
  errors.counter('total-record-errors', 'recordErrors', 'number', 'errors of operations on records, retried ones included'),
  errors.counter('total-records-skipped', 'recordsSkipped', 'records', 'records skipped because of errors'),
  errors.counter('total-retries', 'retries', 'number', 'operations tried again'),
  errors.counter('total-errors-logged', 'errorsLogged', 'number', 'errors written to the log'),
  errors.counter('deadletterqueue-produce-requests', 'dlqRequests', 'records', 'records sent to the dead-letter topic'),
  errors.counter(
    'deadletterqueue-produce-failures',
    'dlqFailures',
    'records',
    'records that could not be sent to the dead-letter topic',
  ),
  errors.gauge('last-error-timestamp', 'lastErrorTimestampMs', 'ms', 'when the last error was met, ms since the epoch'),
]

/** What Java does not have: stages, memory and delays of a task. */
const ours: readonly TaskMetric[] = [
  own.counter('record-filtered-total', 'recordsFiltered', 'records', 'records dropped by transformations'),
  own.gauge('buffered-bytes', 'bufferedBytes', 'bytes', 'bytes the task holds and has not made durable'),
  own.gauge('commit-time-p99-ms', f => f.p99('commitTime'), 'ms', 'what 99 of 100 offset commits did not exceed, within a fifth'),
  own.counter('commit-time-ms-total', 'commitTimeMs', 'ms', 'time of all offset commits'),
  own.max(
    'loop-lag-max-ms',
    ['loopLagMsMax', 'loopBeat'],
    'ms',
    'longest delay of a timer in the task thread: its event loop was busy',
  ),
  ownSink.gauge('buffer-total-bytes', 'bufferTotalBytes', 'bytes', 'bytes the task may hold (task.buffer.memory.bytes)'),
  ownSink.counter('byte-read-total', 'bytesRead', 'bytes', 'bytes fetched, decompressed and indexed'),
  ownSink.gauge('mailbox-bytes', 'mailboxBytes', 'bytes', 'bytes waiting between the stages of the task'),
  ownSink.counter(
    'fetch-time-ms-total',
    'fetchTimeMs',
    'ms',
    'time that fetch requests were under way; a broker holds them while nothing comes',
  ),
  ownSink.counter('convert-time-ms-total', 'convertTimeMs', 'ms', 'time spent in converters and transformations'),
  ownSink.counter('put-time-ms-total', 'putTimeMs', 'ms', 'time spent in put'),
  ownSink.gauge('put-time-p99-ms', f => f.p99('putTime'), 'ms', 'what 99 of 100 puts did not exceed, within a fifth'),
  ownSink.gauge('lag-sum', 'lagTotal', 'records', 'records in the log and not put yet, all partitions of the task'),
  ownSource.counter('poll-time-ms-total', 'pollTimeMs', 'ms', 'time spent in polls that brought records'),
  ownSource.counter(
    'send-time-ms-total',
    'sendTimeMs',
    'ms',
    'time from poll to producer: transformations, converters, waiting for buffer.memory',
  ),
]

export const taskMetrics: readonly TaskMetric[] = [
  ...connectorTask,
  ...sinkTask,
  ...sourceTask,
  ...transactions,
  ...taskErrors,
  ...ours,
]

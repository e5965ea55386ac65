// What Kafka's own consumers and producers tell, of the clients of our tasks: the consumer of a sink task, the producer of a source task.
// Main thread; part of table.ts. That of the dead-letter producer is not measured.
import { type Metric, type TaskMetric, taskGroup } from './declare.ts'

const fetch = taskGroup('kafka.consumer', 'consumer-fetch-manager-metrics', 'sink task')
const group = taskGroup('kafka.consumer', 'consumer-coordinator-metrics', 'sink task')
const produce = taskGroup('kafka.producer', 'producer-metrics', 'source task')

const consumer: readonly TaskMetric[] = [
  fetch.counter('fetch-total', 'fetchCount', 'number', 'fetch requests answered'),
  fetch.rate('fetch-rate', 'fetchCount', 'fetch requests answered a second'),
  fetch.average('fetch-latency-avg', ['fetchTimeMs', 'fetchCount'], 'ms', 'time of a fetch request on average'),
  fetch.max('fetch-latency-max', ['fetchTimeMsMax', 'fetchCount'], 'ms', 'time of the slowest fetch request'),
  fetch.average('fetch-size-avg', ['fetchBytes', 'fetchCount'], 'bytes', 'bytes of an answer on average, as they were sent'),
  fetch.max('fetch-size-max', ['fetchBytesMax', 'fetchCount'], 'bytes', 'bytes of the largest answer, as they were sent'),
  fetch.counter('records-consumed-total', 'recordsConsumed', 'records', 'records fetched'),
  fetch.rate('records-consumed-rate', 'recordsConsumed', 'records fetched a second'),
  fetch.counter('bytes-consumed-total', 'bytesConsumed', 'bytes', 'bytes of the records fetched, decompressed'),
  fetch.rate('bytes-consumed-rate', 'bytesConsumed', 'bytes of the records fetched a second', 'bytes a second'),
  fetch.average('records-per-request-avg', ['recordsConsumed', 'fetchCount'], 'records', 'records in an answer on average'),
  fetch.max('records-lag-max', ['lagMax', 'activeSamples'], 'records', 'largest lag of any partition'),
]

const coordinator: readonly TaskMetric[] = [
  group.gauge('assigned-partitions', 'partitionCount', 'number', 'partitions assigned to the task'),
  group.counter('heartbeat-total', 'heartbeatCount', 'number', 'heartbeats answered'),
  group.rate('heartbeat-rate', 'heartbeatCount', 'heartbeats answered a second'),
  group.max('heartbeat-response-time-max', ['heartbeatTimeMsMax', 'heartbeatCount'], 'ms', 'time of the slowest heartbeat'),
  group.gauge(
    'last-heartbeat-seconds-ago',
    f => f.secondsSince('lastHeartbeatMs'),
    'seconds',
    'time since the last heartbeat was answered, -1 before the first',
  ),
  group.counter('join-total', 'joinCount', 'number', 'times the group was joined'),
  group.rate('join-rate', 'joinCount', 'times the group was joined, a second'),
  group.average('join-time-avg', ['joinTimeMs', 'joinCount'], 'ms', 'time of a JoinGroup on average'),
  group.max('join-time-max', ['joinTimeMsMax', 'joinCount'], 'ms', 'time of the slowest JoinGroup'),
  group.counter('sync-total', 'syncCount', 'number', 'times an assignment was received'),
  group.rate('sync-rate', 'syncCount', 'times an assignment was received, a second'),
  group.average('sync-time-avg', ['syncTimeMs', 'syncCount'], 'ms', 'time of a SyncGroup on average'),
  group.max('sync-time-max', ['syncTimeMsMax', 'syncCount'], 'ms', 'time of the slowest SyncGroup'),
  group.counter('rebalance-total', 'rebalanceCount', 'number', 'rebalances completed'),
  group.rate('rebalance-rate-per-hour', 'rebalanceCount', 'rebalances completed, an hour', 'an hour'),
  group.average('rebalance-latency-avg', ['rebalanceTimeMs', 'rebalanceCount'], 'ms', 'time of a rebalance on average'),
  group.max('rebalance-latency-max', ['rebalanceTimeMsMax', 'rebalanceCount'], 'ms', 'time of the slowest rebalance'),
  group.counter('rebalance-latency-total', 'rebalanceTimeMs', 'ms', 'time of all rebalances'),
  group.counter('failed-rebalance-total', 'rebalanceFailures', 'number', 'rebalances that failed'),
  group.rate('failed-rebalance-rate-per-hour', 'rebalanceFailures', 'rebalances that failed, an hour', 'an hour'),
  group.gauge(
    'last-rebalance-seconds-ago',
    f => f.secondsSince('lastRebalanceMs'),
    'seconds',
    'time since the last rebalance, -1 before the first',
  ),
  {
    ...group.gauge('commit-total', f => f.total('commitCount') + f.total('commitSkips'), 'number', 'offset commits answered'),
    type: 'counter',
  },
  group.gauge('commit-rate', f => f.rate('commitCount') + f.rate('commitSkips'), 'a second', 'offset commits answered a second'),
  group.average(
    'commit-latency-avg',
    ['commitTimeMs', 'commitCount', 'commitSkips'],
    'ms',
    'time of an offset commit on average',
  ),
  group.max('commit-latency-max', ['commitTimeMsMax', 'commitCount'], 'ms', 'time of the slowest offset commit'),
]

const producer: readonly TaskMetric[] = [
  produce.counter('record-send-total', 'produceRecords', 'records', 'records sent'),
  produce.rate('record-send-rate', 'produceRecords', 'records sent a second'),
  produce.counter('record-retry-total', 'produceRetries', 'records', 'records sent again'),
  produce.rate('record-retry-rate', 'produceRetries', 'records sent again a second'),
  produce.counter('record-error-total', 'produceErrors', 'records', 'records whose sending failed'),
  produce.rate('record-error-rate', 'produceErrors', 'records a second whose sending failed'),
  produce.average('batch-size-avg', ['produceBytes', 'produceBatches'], 'bytes', 'bytes of a batch on average, as it is sent'),
  produce.max('batch-size-max', ['produceBytesMax', 'produceBatches'], 'bytes', 'bytes of the largest batch, as it is sent'),
  produce.counter('batch-split-total', 'produceSplits', 'number', 'batches halved because the topic takes none so large'),
  produce.rate('batch-split-rate', 'produceSplits', 'batches halved a second'),
  produce.average('records-per-request-avg', ['produceRecords', 'produceRequests'], 'records', 'records in a request on average'),
  produce.average(
    'record-queue-time-avg',
    ['produceQueueTimeMs', 'produceBatches'],
    'ms',
    'time a batch waited to be sent, on average',
  ),
  produce.max(
    'record-queue-time-max',
    ['produceQueueTimeMsMax', 'produceBatches'],
    'ms',
    'longest time a batch waited to be sent',
  ),
  produce.average('request-latency-avg', ['produceTimeMs', 'produceAnswers'], 'ms', 'time of a request on average'),
  produce.max('request-latency-max', ['produceTimeMsMax', 'produceAnswers'], 'ms', 'time of the slowest request'),
  produce.gauge('buffer-total-bytes', 'produceMemoryMaxBytes', 'bytes', 'buffer.memory'),
  produce.gauge(
    'buffer-available-bytes',
    f => Math.max(f.total('produceMemoryMaxBytes') - f.total('produceMemoryBytes'), 0),
    'bytes',
    'what is left of buffer.memory',
  ),
]

export const clientMetrics: readonly TaskMetric[] = [...consumer, ...coordinator, ...producer]

/** By partition. Of the first LAG_ROWS_MAX of a task in the order of their names; the lag of the others is one series with the topic `_other`. */
export const recordsLag: Metric = {
  domain: 'kafka.consumer',
  group: 'consumer-fetch-manager-metrics',
  attribute: 'records-lag',
  type: 'gauge',
  unit: 'records',
  help: 'records in the log and not put yet, by partition; beyond 100 partitions a task the rest is summed up as topic _other',
  origin: 'java',
  scope: 'partition',
}

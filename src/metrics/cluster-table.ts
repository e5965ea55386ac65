// Metrics of a distributed worker's place in its group, by Java's names: rebalances as the herder sees them, and the member's requests to the
// coordinator. Counted in a slab of their own, on the main thread. Main thread; part of table.ts.
import type { Metric, Unit } from './declare.ts'
import type { TaskWindowed } from './windows.ts'

/** As it is now. */
export interface ClusterView {
  /** REST URL of the leader; '' where there is none just now */
  readonly leaderUrl: string
  /** of the group, -1 before the first round */
  readonly generation: number
  /** sessioned, compatible, default */
  readonly protocol: string
  readonly isRebalancing: boolean
  readonly connectors: number
  readonly tasks: number
}

export interface ClusterMetric extends Metric {
  readonly of: (figures: TaskWindowed, view: ClusterView, wallMs: number) => number | string
}

function group(name: string) {
  const metric =
    (type: Metric['type']) =>
    (attribute: string, unit: Unit, help: string, of: ClusterMetric['of']): ClusterMetric => ({
      domain: 'kafka.connect',
      group: name,
      attribute,
      type,
      unit,
      help,
      origin: 'java',
      scope: 'distributed',
      of,
    })
  return { counter: metric('counter'), gauge: metric('gauge'), text: metric('text') }
}

const rebalance = group('connect-worker-rebalance-metrics')
const coordinator = group('connect-coordinator-metrics')
const AN_HOUR = 3_600

const ofHerder: readonly ClusterMetric[] = [
  rebalance.text('leader-name', 'text', "REST URL of the group's leader", (_, view) => view.leaderUrl),
  rebalance.gauge('epoch', 'number', 'generation of the group', (_, view) => view.generation),
  rebalance.text('connect-protocol', 'text', 'how the group shares its work', (_, { protocol }) =>
    protocol === 'default' ? 'EAGER' : protocol.toUpperCase(),
  ),
  rebalance.counter('completed-rebalances-total', 'number', 'rebalances completed', f => f.total('rebalanceCount')),
  rebalance.gauge('rebalancing', 'number', '1 while a rebalance is in progress', (_, view) => Number(view.isRebalancing)),
  rebalance.gauge('rebalance-avg-time-ms', 'ms', 'time of a rebalance on average', f =>
    f.average('rebalanceTimeMs', 'rebalanceCount'),
  ),
  rebalance.gauge('rebalance-max-time-ms', 'ms', 'time of the slowest rebalance', f =>
    f.max('rebalanceTimeMsMax', 'rebalanceCount'),
  ),
  rebalance.gauge(
    'time-since-last-rebalance-ms',
    'ms',
    'time since the last rebalance; infinite before the first',
    (f, _, wallMs) => (f.total('lastRebalanceMs') === 0 ? Number.POSITIVE_INFINITY : wallMs - f.total('lastRebalanceMs')),
  ),
]

const ofMember: readonly ClusterMetric[] = [
  coordinator.gauge('assigned-connectors', 'number', 'connectors of this worker', (_, view) => view.connectors),
  coordinator.gauge('assigned-tasks', 'number', 'tasks of this worker', (_, view) => view.tasks),
  coordinator.gauge('heartbeat-rate', 'a second', 'heartbeats answered a second', f => f.rate('heartbeatCount')),
  coordinator.counter('heartbeat-total', 'number', 'heartbeats answered', f => f.total('heartbeatCount')),
  coordinator.gauge('heartbeat-response-time-max', 'ms', 'time of the slowest heartbeat', f =>
    f.max('heartbeatTimeMsMax', 'heartbeatCount'),
  ),
  coordinator.gauge('last-heartbeat-seconds-ago', 'seconds', 'time since a heartbeat was answered, -1 before the first', f =>
    f.secondsSince('lastHeartbeatMs'),
  ),
  coordinator.gauge('join-rate', 'a second', 'times the group was joined, a second', f => f.rate('joinCount')),
  coordinator.counter('join-total', 'number', 'times the group was joined', f => f.total('joinCount')),
  coordinator.gauge('join-time-avg', 'ms', 'time of a JoinGroup on average', f => f.average('joinTimeMs', 'joinCount')),
  coordinator.gauge('join-time-max', 'ms', 'time of the slowest JoinGroup', f => f.max('joinTimeMsMax', 'joinCount')),
  coordinator.gauge('sync-rate', 'a second', 'times an assignment was received, a second', f => f.rate('syncCount')),
  coordinator.counter('sync-total', 'number', 'times an assignment was received', f => f.total('syncCount')),
  coordinator.gauge('sync-time-avg', 'ms', 'time of a SyncGroup on average', f => f.average('syncTimeMs', 'syncCount')),
  coordinator.gauge('sync-time-max', 'ms', 'time of the slowest SyncGroup', f => f.max('syncTimeMsMax', 'syncCount')),
  coordinator.counter('rebalance-total', 'number', 'rebalances completed', f => f.total('rebalanceCount')),
  coordinator.gauge(
    'rebalance-rate-per-hour',
    'an hour',
    'rebalances completed, an hour',
    f => f.rate('rebalanceCount') * AN_HOUR,
  ),
  coordinator.gauge('rebalance-latency-avg', 'ms', 'time of a rebalance on average', f =>
    f.average('rebalanceTimeMs', 'rebalanceCount'),
  ),
  coordinator.gauge('rebalance-latency-max', 'ms', 'time of the slowest rebalance', f =>
    f.max('rebalanceTimeMsMax', 'rebalanceCount'),
  ),
  coordinator.counter('rebalance-latency-total', 'ms', 'time of all rebalances', f => f.total('rebalanceTimeMs')),
  coordinator.counter('failed-rebalance-total', 'number', 'rebalances that failed', f => f.total('rebalanceFailures')),
  coordinator.gauge(
    'failed-rebalance-rate-per-hour',
    'an hour',
    'rebalances that failed, an hour',
    f => f.rate('rebalanceFailures') * AN_HOUR,
  ),
  coordinator.gauge('last-rebalance-seconds-ago', 'seconds', 'time since the last rebalance, -1 before the first', f =>
    f.secondsSince('lastRebalanceMs'),
  ),
]

export const clusterMetrics: readonly ClusterMetric[] = [...ofHerder, ...ofMember]

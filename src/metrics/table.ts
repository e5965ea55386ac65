// Every metric of the worker, each declared once in one of the tables: Java's group and attribute (or ours), type, unit, what it means, what
// has it, how it is computed. Exporter, documentation, Grafana board and alert rules are made from this. Main thread.
import { clientMetrics, recordsLag } from './client-table.ts'
import { clusterMetrics } from './cluster-table.ts'
import type { Metric, TaskMetric } from './declare.ts'
import { taskMetrics as ofTask } from './task-table.ts'
import {
  appStart,
  connectorMetrics,
  metricsCount,
  processMetrics,
  textMetrics,
  threadMetrics,
  workerMetrics,
} from './worker-table.ts'

export { recordsLag } from './client-table.ts'
export { type ClusterView, clusterMetrics } from './cluster-table.ts'
export * from './declare.ts'
export * from './worker-table.ts'

/** What a task's slab gives. */
export const taskMetrics: readonly TaskMetric[] = [...ofTask, ...clientMetrics]

export const allMetrics: readonly Metric[] = [
  ...workerMetrics,
  appStart,
  metricsCount,
  ...connectorMetrics,
  ...Object.values(textMetrics),
  ...taskMetrics,
  recordsLag,
  ...threadMetrics,
  ...processMetrics,
  ...clusterMetrics,
]

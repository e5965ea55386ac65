// Alert rules for Prometheus, for docs/monitoring: what an operator of Connect wants to be woken for, and what can wait. Main thread;
// called by npm run docs.
import { prometheusName } from '../../src/metrics/table.ts'
import { metricOf } from './queries.ts'

export interface Alert {
  readonly name: string
  readonly expr: string
  readonly for: string
  readonly severity: 'critical' | 'warning'
  readonly summary: string
}

const m = (group: string, attribute: string) => prometheusName(metricOf(group, attribute))
const lag = m('sluice-task-metrics', 'lag-sum')
const sent = m('sink-task-metrics', 'sink-record-send-total')

export const alerts: readonly Alert[] = [
  {
    name: 'ConnectConnectorFailed',
    expr: `${m('connector-metrics', 'status')}{status="failed"} == 1`,
    for: '5m',
    severity: 'critical',
    summary: 'Connector {{ $labels.connector }} is FAILED; GET /connectors/{{ $labels.connector }}/status has the trace.',
  },
  {
    name: 'ConnectTaskFailed',
    expr: `${m('connect-worker-metrics', 'connector-failed-task-count')} > 0`,
    for: '10m',
    severity: 'critical',
    summary: '{{ $value }} tasks of {{ $labels.connector }} are FAILED and restarts have not helped.',
  },
  {
    name: 'ConnectRestartsOften',
    expr: `increase(${m('sluice-connector-metrics', 'restart-total')}[1h]) > 3`,
    for: '0m',
    severity: 'warning',
    summary: '{{ $labels.connector }} fails again and again and is restarted.',
  },
  {
    name: 'ConnectSinkStands',
    expr: `sum by (connector) (${lag}) > 0 and sum by (connector) (rate(${sent}[10m])) == 0`,
    for: '15m',
    severity: 'critical',
    summary: '{{ $labels.connector }} has {{ $value }} records to read and puts none.',
  },
  {
    name: 'ConnectLagGrows',
    expr: `sum by (connector) (${lag}) > 10000 and sum by (connector) (deriv(${lag}[30m])) > 0`,
    for: '30m',
    severity: 'warning',
    summary: '{{ $labels.connector }} is {{ $value }} records behind and falls further behind: more tasks, or a faster target.',
  },
  {
    name: 'ConnectRecordsSkipped',
    expr: `increase(${m('task-error-metrics', 'total-records-skipped')}[15m]) > 0`,
    for: '0m',
    severity: 'warning',
    summary: '{{ $labels.connector }}-{{ $labels.task }} skips records (errors.tolerance=all).',
  },
  {
    name: 'ConnectDeadLettersFail',
    expr: `increase(${m('task-error-metrics', 'deadletterqueue-produce-failures')}[15m]) > 0`,
    for: '0m',
    severity: 'critical',
    summary: '{{ $labels.connector }}-{{ $labels.task }} cannot write to its dead-letter topic.',
  },
  {
    name: 'ConnectCommitsFail',
    expr: `${m('connector-task-metrics', 'offset-commit-failure-percentage')} > 0.5`,
    for: '10m',
    severity: 'warning',
    summary: 'Most offset commits of {{ $labels.connector }}-{{ $labels.task }} fail: a restart would read much again.',
  },
  {
    name: 'ConnectRebalancesOften',
    expr: `increase(${m('consumer-coordinator-metrics', 'rebalance-total')}[1h]) > 10`,
    for: '0m',
    severity: 'warning',
    summary:
      '{{ $labels.connector }}-{{ $labels.task }} rebalances often: a put that takes longer than max.poll.interval.ms, or members that come and go.',
  },
  {
    name: 'ConnectThreadBusy',
    expr: `${m('sluice-task-metrics', 'loop-utilization')} > 0.95`,
    for: '30m',
    severity: 'warning',
    summary: 'The thread of {{ $labels.connector }}-{{ $labels.task }} is at its limit: raise tasks.max.',
  },
  {
    name: 'ConnectWorkerMissing',
    expr: `absent(${m('connect-worker-metrics', 'task-count')})`,
    for: '5m',
    severity: 'critical',
    summary: 'No worker is scraped.',
  },
]

/** JSON strings are YAML strings. */
export function alertsYaml(): string {
  const rules = alerts.map(
    alert =>
      `      - alert: ${alert.name}\n` +
      `        expr: ${JSON.stringify(alert.expr)}\n` +
      `        for: ${alert.for}\n` +
      `        labels:\n          severity: ${alert.severity}\n` +
      `        annotations:\n          summary: ${JSON.stringify(alert.summary)}\n`,
  )
  return `# Written by \`npm run docs\`: change scripts/monitoring/alerts.ts. Thresholds are a start; set them to your load.\ngroups:\n  - name: sluice-connect\n    rules:\n${rules.join('')}`
}

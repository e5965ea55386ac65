// The Grafana board for docs/monitoring: rows and panels over the declared metrics. Main thread; called by npm run docs.
import { LABELS, type Metric, prometheusName, type Unit } from '../../src/metrics/table.ts'
import { chosen, metricOf } from './queries.ts'

/** How a metric is drawn: growth a second, sum, largest, or as it is, by these labels. */
type Way = 'rate' | 'sum' | 'max' | 'plain'

interface Line {
  readonly metric: Metric
  readonly way: Way
  readonly by: readonly string[]
  /** a label matcher */
  readonly where: string
  readonly legend: string
}

interface Panel {
  readonly title: string
  readonly kind: 'timeseries' | 'stat' | 'table'
  readonly width: number
  readonly lines: readonly Line[]
}

export interface BoardPanel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[]
}

const COLUMNS = 24
const PANEL_HEIGHT = 8
const STAT_HEIGHT = 4
const DATASOURCE = { type: 'prometheus', uid: '$datasource' }

/** Grafana's names of our units; what grows is shown a second. */
const UNITS: Readonly<Record<Unit, string>> = {
  records: 'short',
  bytes: 'bytes',
  ms: 'ms',
  seconds: 's',
  ratio: 'percentunit',
  number: 'short',
  'a second': 'cps',
  'bytes a second': 'Bps',
  'an hour': 'short',
  text: 'short',
}
const RATE_UNITS: Readonly<Partial<Record<Unit, string>>> = {
  records: 'cps',
  number: 'cps',
  bytes: 'Bps',
  seconds: 'percentunit',
  ms: 'ms',
}

interface LineOptions {
  readonly by?: readonly string[]
  readonly where?: string
  readonly legend?: string
}

function line(group: string, attribute: string, way: Way, { by, where = '', legend }: LineOptions = {}): Line {
  const metric = metricOf(group, attribute)
  const labels = by ?? LABELS[metric.scope].filter(label => label === 'connector' || label === 'task')
  const named = labels.map(label => `{{${label}}}`).join('-')
  return { metric, way, by: labels, where, legend: [named, legend].filter(Boolean).join(' ') }
}

const graph = (title: string, ...lines: Line[]): Panel => ({ title, kind: 'timeseries', width: 12, lines })
const stat = (title: string, only: Line): Panel => ({ title, kind: 'stat', width: 4, lines: [only] })
const connector = { by: ['connector'] }

const OWN = 'sluice-task-metrics'
const SINK = 'sink-task-metrics'
const SOURCE = 'source-task-metrics'
const ERRORS = 'task-error-metrics'
const TASK = 'connector-task-metrics'
const WORKER = 'connect-worker-metrics'
const FETCH = 'consumer-fetch-manager-metrics'
const GROUP = 'consumer-coordinator-metrics'
const PRODUCE = 'producer-metrics'

const rows: readonly (readonly [title: string, panels: readonly Panel[]])[] = [
  [
    'Overview',
    [
      stat('Connectors', line(WORKER, 'connector-count', 'sum')),
      stat('Tasks', line(WORKER, 'task-count', 'sum')),
      stat('Failed tasks', line(WORKER, 'connector-failed-task-count', 'sum', { by: [] })),
      stat('Lag', line(OWN, 'lag-sum', 'sum', { by: [] })),
      stat('Restarts by themselves', line('sluice-connector-metrics', 'restart-total', 'sum', { by: [] })),
      stat('Memory of the process', line('', 'process_resident_memory_bytes', 'sum')),
      {
        ...graph(
          'States of connectors',
          line('connector-metrics', 'status', 'plain', { legend: '{{connector}} {{status}}', by: [] }),
        ),
        kind: 'table',
      },
      {
        ...graph('States of tasks', line(TASK, 'status', 'plain', { legend: '{{connector}}-{{task}} {{status}}', by: [] })),
        kind: 'table',
      },
    ],
  ],
  [
    'Throughput',
    [
      graph('Records put by sinks', line(SINK, 'sink-record-send-total', 'rate', connector)),
      graph('Records written by sources', line(SOURCE, 'source-record-write-total', 'rate', connector)),
      graph('Bytes', line(FETCH, 'bytes-consumed-total', 'rate', { ...connector, legend: 'fetched' })),
      graph(
        'Batch size',
        line(TASK, 'batch-size-avg', 'plain', { legend: 'average' }),
        line(TASK, 'batch-size-max', 'plain', { legend: 'largest' }),
      ),
      graph(
        'Where sinks spend their time',
        line(OWN, 'convert-time-ms-total', 'rate', { legend: 'convert and transform' }),
        line(OWN, 'put-time-ms-total', 'rate', { legend: 'put' }),
        line(OWN, 'commit-time-ms-total', 'rate', { legend: 'commit' }),
      ),
      graph(
        'Where sources spend their time',
        line(OWN, 'poll-time-ms-total', 'rate', { legend: 'poll' }),
        line(OWN, 'send-time-ms-total', 'rate', { legend: 'convert and send' }),
      ),
    ],
  ],
  [
    'Lag',
    [
      graph('Lag by connector', line(OWN, 'lag-sum', 'sum', connector)),
      graph('Lag by partition', line(FETCH, 'records-lag', 'max', { by: ['connector', 'topic', 'partition'] })),
      graph(
        'Fetch latency',
        line(FETCH, 'fetch-latency-avg', 'plain', { legend: 'average' }),
        line(FETCH, 'fetch-latency-max', 'plain', { legend: 'slowest' }),
      ),
      graph(
        'Rebalances',
        line(GROUP, 'rebalance-total', 'rate'),
        line(GROUP, 'failed-rebalance-total', 'rate', { legend: 'failed' }),
      ),
    ],
  ],
  [
    'Errors',
    [
      graph(
        'Errors and failures',
        line(ERRORS, 'total-record-errors', 'rate', { legend: 'errors' }),
        line(ERRORS, 'total-record-failures', 'rate', { legend: 'failures' }),
      ),
      graph('Records skipped', line(ERRORS, 'total-records-skipped', 'rate')),
      graph(
        'Dead letters',
        line(ERRORS, 'deadletterqueue-produce-requests', 'rate', { legend: 'sent' }),
        line(ERRORS, 'deadletterqueue-produce-failures', 'rate', { legend: 'failed' }),
      ),
      graph(
        'Retries',
        line(ERRORS, 'total-retries', 'rate', { legend: 'operations' }),
        line(PRODUCE, 'record-retry-total', 'rate', { legend: 'records sent' }),
      ),
    ],
  ],
  [
    'Commits',
    [
      graph(
        'Time of offset commits',
        line(TASK, 'offset-commit-avg-time-ms', 'plain', { legend: 'average' }),
        line(TASK, 'offset-commit-max-time-ms', 'plain', { legend: 'slowest' }),
      ),
      graph('Commits that failed', line(TASK, 'offset-commit-failure-percentage', 'plain')),
      graph(
        'Time of put',
        line(SINK, 'put-batch-avg-time-ms', 'plain', { legend: 'average' }),
        line(SINK, 'put-batch-max-time-ms', 'plain', { legend: 'slowest' }),
      ),
      graph(
        'Time of poll',
        line(SOURCE, 'poll-batch-avg-time-ms', 'plain', { legend: 'average' }),
        line(SOURCE, 'poll-batch-max-time-ms', 'plain', { legend: 'slowest' }),
      ),
    ],
  ],
  [
    'Buffers',
    [
      graph(
        'Bytes in mailboxes and not durable',
        line(OWN, 'mailbox-bytes', 'plain', { legend: 'mailboxes' }),
        line(OWN, 'buffered-bytes', 'plain', { legend: 'in the sink' }),
      ),
      graph(
        'Records under way',
        line(SINK, 'sink-record-active-count', 'plain'),
        line(SOURCE, 'source-record-active-count', 'plain'),
      ),
      graph("Room in the producer's memory", line(PRODUCE, 'buffer-available-bytes', 'plain')),
      graph(
        'Produce requests',
        line(PRODUCE, 'request-latency-avg', 'plain', { legend: 'average' }),
        line(PRODUCE, 'request-latency-max', 'plain', { legend: 'slowest' }),
      ),
    ],
  ],
  [
    'Threads',
    [
      graph('How busy the event loops are', line(OWN, 'loop-utilization', 'plain')),
      graph(
        'CPU',
        line(OWN, 'cpu-seconds-total', 'rate'),
        line('', 'process_cpu_seconds_total', 'rate', { by: ['instance'], legend: 'whole process' }),
      ),
      graph('JS heap', line(OWN, 'heap-bytes', 'plain')),
      graph('Buffers', line(OWN, 'external-bytes', 'plain')),
      graph('Longest delay of a timer', line(OWN, 'loop-lag-max-ms', 'plain')),
      graph('Delay of timers in the main thread', line('', 'nodejs_eventloop_lag_p99_seconds', 'plain', { by: ['instance'] })),
    ],
  ],
]

function expression({ metric, way, by, where }: Line): string {
  const series = chosen(metric, where)
  const grouping = by.length === 0 ? '' : ` by (${by.join(', ')})`
  switch (way) {
    case 'rate':
      return `sum${grouping} (rate(${series}[$__rate_interval]))`
    case 'plain':
      return series
    default:
      return `${way}${grouping} (${series})`
  }
}

function unitOf({ metric, way }: Line): string {
  return (way === 'rate' ? RATE_UNITS[metric.unit] : undefined) ?? UNITS[metric.unit]
}

function panelJson(panel: Panel, id: number, x: number, y: number, height: number): BoardPanel {
  const [first] = panel.lines
  return {
    id,
    type: panel.kind,
    title: panel.title,
    description: panel.lines.map(({ metric }) => `${prometheusName(metric)}: ${metric.help}.`).join('\n\n'),
    datasource: DATASOURCE,
    gridPos: { x, y, w: panel.width, h: height },
    fieldConfig: { defaults: { unit: first === undefined ? 'short' : unitOf(first) }, overrides: [] },
    targets: panel.lines.map((one, i) => ({
      refId: String.fromCharCode(65 + i),
      expr: expression(one),
      legendFormat: one.legend || '{{instance}}',
      ...(panel.kind === 'table' ? { instant: true, format: 'table' } : {}),
    })),
  } as BoardPanel
}

/** Panels from left to right in rows, each row under its title. */
function layOut(): BoardPanel[] {
  const placed: BoardPanel[] = []
  let y = 0
  for (const [title, panels] of rows) {
    placed.push({ id: placed.length + 1, type: 'row', title, gridPos: { x: 0, y, w: COLUMNS, h: 1 } })
    y++
    let x = 0
    let height = 0
    for (const panel of panels) {
      if (x + panel.width > COLUMNS) {
        y += height
        x = 0
        height = 0
      }
      height = Math.max(height, panel.kind === 'stat' ? STAT_HEIGHT : PANEL_HEIGHT)
      placed.push(panelJson(panel, placed.length + 1, x, y, panel.kind === 'stat' ? STAT_HEIGHT : PANEL_HEIGHT))
      x += panel.width
    }
    y += height
  }
  return placed
}

function variable(name: string, query: string) {
  return {
    name,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: `variable-${name}` },
    definition: query,
    refresh: 2,
    includeAll: true,
    multi: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  }
}

export function board() {
  const connectors = prometheusName(metricOf('connector-metrics', 'status'))
  const tasks = prometheusName(metricOf(TASK, 'status'))
  return {
    uid: 'sluice-connect',
    title: 'Sluice: Kafka Connect',
    tags: ['kafka-connect', 'sluice'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', current: {} },
        variable('connector', `label_values(${connectors}, connector)`),
        variable('task', `label_values(${tasks}{connector=~"$connector"}, task)`),
      ],
    },
    panels: layOut(),
  }
}

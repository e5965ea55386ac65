// The Prometheus side of the metrics: nothing is counted here, everything is read when it is asked for, over windows that are moved on
// between scrapes. Main thread; called by GET /metrics.
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Usage } from '../actor/actor-ref.ts'
import type { TaskDescription } from '../actor/messages.ts'
import { LAG_ROWS_MAX, type MetricsSlab } from '../actor/metrics-slab.ts'
import type { Clock, Timer } from '../base/clock.ts'
import {
  allMetrics,
  appStart,
  type ClusterView,
  type ConnectorFigures,
  clusterMetrics,
  connectorMetrics,
  LABELS,
  type Metric,
  metricsCount,
  prometheusName,
  recordsLag,
  type Scope,
  STATES,
  taskMetrics,
  textLabel,
  textMetrics,
  threadMetrics,
  type WorkerFigures,
  workerMetrics,
} from './table.ts'
import { TaskWindows, type WindowOptions, Windows } from './windows.ts'

export interface TaskView {
  readonly connector: string
  readonly task: number
  readonly kind: 'sink' | 'source'
  readonly metrics: MetricsSlab
  /** on the clock's monotonic time */
  readonly startedMs: number
  readonly description: TaskDescription | null
  readonly lagRows: {
    readonly generation: number
    readonly partitions: readonly { readonly topic: string; readonly partition: number }[]
  }
  usage(): Promise<Usage>
}

export interface ConnectorView {
  readonly connector: string
  /** the connector itself runs on this worker, not only tasks of it */
  readonly isHere: boolean
  readonly className: string
  readonly type: string
  readonly version: string
  /** lower case */
  readonly status: string
  /** that were carried out after failures */
  readonly restarts: number
  readonly tasks: readonly { readonly task: number; readonly status: string }[]
}

/** What the metrics are read from; the supervisor has it. */
export interface MetricsSource {
  readonly app: { readonly version: string; readonly commit: string }
  worker(): WorkerFigures
  connectors(): readonly ConnectorView[]
  tasks(): readonly TaskView[]
  /** of a worker in a cluster: what its member of the group counts into, since when, and how things are */
  readonly cluster?: { readonly metrics: MetricsSlab; readonly startedMs: number; view(): ClusterView }
}

type Labels = Record<string, string | number>
type Series = Counter<string> | Gauge<string>

/** A thread in a long synchronous stretch answers late; the scrape does not wait for it. */
const USAGE_TIMEOUT_MS = 500
/** Java's defaults */
const WINDOWS: WindowOptions = { samples: 2, windowMs: 30_000 }
/** Labels of the series that sums up the partitions without one of their own. */
const OTHER = '_other'

export class MetricsRegistry {
  readonly #registry = new Registry()
  readonly #source: MetricsSource
  readonly #clock: Clock
  readonly #options: WindowOptions
  readonly #startedAtMs: number
  readonly #series = new Map<string, Series>()
  readonly #starts: Windows<keyof WorkerFigures['starts']>
  /** those of tasks that are gone are dropped at the next window or scrape */
  readonly #tasks = new Map<MetricsSlab, TaskWindows>()
  readonly #cluster: TaskWindows | null
  #timer: Timer | null = null
  #scrape: Promise<string> | null = null
  #seriesCount = 0

  constructor(source: MetricsSource, clock: Clock, options: WindowOptions = WINDOWS) {
    this.#source = source
    this.#clock = clock
    this.#options = options
    this.#startedAtMs = clock.now()
    const read = () => source.worker().starts
    this.#starts = new Windows(options, read, { atMs: clock.monotonicMs(), totals: read() })
    collectDefaultMetrics({ register: this.#registry })
    const { cluster } = source
    this.#cluster = cluster === undefined ? null : new TaskWindows(options, cluster.metrics, cluster.startedMs)
    const without = ['process', ...(cluster === undefined ? ['distributed'] : [])]
    for (const metric of allMetrics) if (!without.includes(metric.scope)) this.#declare(metric)
  }

  /** From now on windows begin and end in time. */
  start(): void {
    this.#timer = this.#clock.after(this.#options.windowMs, () => {
      this.#nextWindow()
      this.start()
    })
  }

  stop(): void {
    this.#timer?.cancel()
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** The text for Prometheus. Scrapes at the same time share one collection. */
  text(): Promise<string> {
    this.#scrape ??= this.#collect().finally(() => {
      this.#scrape = null
    })
    return this.#scrape
  }

  #nextWindow(): void {
    const nowMs = this.#clock.monotonicMs()
    this.#starts.next(nowMs)
    this.#cluster?.next(nowMs)
    for (const windows of this.#windowsOf(this.#source.tasks())) windows.next(nowMs)
  }

  /** The windows of the present tasks, in their order; what was kept of others is dropped. */
  #windowsOf(tasks: readonly TaskView[]): TaskWindows[] {
    const present = new Set(tasks.map(task => task.metrics))
    for (const slab of this.#tasks.keys()) if (!present.has(slab)) this.#tasks.delete(slab)
    return tasks.map(({ metrics, startedMs }) => {
      const windows = this.#tasks.get(metrics) ?? new TaskWindows(this.#options, metrics, startedMs)
      this.#tasks.set(metrics, windows)
      return windows
    })
  }

  async #collect(): Promise<string> {
    const tasks = this.#source.tasks()
    const usages = await Promise.all(tasks.map(task => this.#usageOf(task)))
    for (const series of this.#series.values()) series.reset()
    this.#seriesCount = 0
    this.#collectWorker()
    this.#collectCluster()
    const connectors = new Map(this.#source.connectors().map(view => [view.connector, view]))
    for (const view of connectors.values()) this.#collectConnector(view)
    const windows = this.#windowsOf(tasks)
    for (const [i, task] of tasks.entries()) {
      this.#collectTask(task, windows[i] as TaskWindows)
      this.#collectThread(task, usages[i] ?? null)
      this.#collectTexts(task, connectors.get(task.connector))
    }
    this.#put(metricsCount, {}, this.#seriesCount + 1)
    return this.#registry.metrics()
  }

  #collectWorker(): void {
    const figures = this.#source.worker()
    const starts = this.#starts.figures(this.#clock.monotonicMs())
    for (const metric of workerMetrics) this.#put(metric, {}, metric.of(figures, starts))
    this.#putText(textMetrics.appVersion, {}, this.#source.app.version)
    this.#putText(textMetrics.appCommit, {}, this.#source.app.commit)
    this.#put(appStart, {}, this.#startedAtMs)
  }

  #collectCluster(): void {
    const { cluster } = this.#source
    if (cluster === undefined || this.#cluster === null) return
    const wallMs = this.#clock.now()
    const figures = this.#cluster.figures(this.#clock.monotonicMs(), wallMs)
    const view = cluster.view()
    for (const metric of clusterMetrics) {
      const value = metric.of(figures, view, wallMs)
      if (typeof value === 'string') this.#putText(metric, {}, value)
      else this.#put(metric, {}, value)
    }
  }

  #collectConnector(view: ConnectorView): void {
    const { connector } = view
    const figures = figuresOf(view)
    for (const metric of connectorMetrics) this.#put(metric, { connector }, metric.of(figures))
    if (view.isHere) this.#collectConnectorTexts(view)
    for (const { task, status } of view.tasks) this.#putText(textMetrics.taskStatus, { connector, task }, status)
  }

  /** By the worker that has the connector only, as in Java: a sum over the workers must not count it twice. */
  #collectConnectorTexts({ connector, className, type, version, status }: ConnectorView): void {
    this.#putText(textMetrics.connectorClass, { connector }, className)
    this.#putText(textMetrics.connectorType, { connector }, type)
    this.#putText(textMetrics.connectorVersion, { connector }, version)
    this.#putText(textMetrics.connectorStatus, { connector }, status)
  }

  #collectTask(view: TaskView, windows: TaskWindows): void {
    const labels = { connector: view.connector, task: view.task }
    const figures = windows.figures(this.#clock.monotonicMs(), this.#clock.now())
    const scopes: Scope[] = ['task', `${view.kind} task`]
    if (figures.total('transactionCount') > 0) scopes.push('exactly-once source task')
    for (const metric of taskMetrics) {
      if (!scopes.includes(metric.scope)) continue
      this.#put(metric, labels, metric.of(figures))
    }
    const { generation, partitions } = view.lagRows
    // The task has other partitions already, and their names are still on the way.
    if (view.metrics.get('lagGeneration') !== generation) return
    for (const [row, { topic, partition }] of partitions.slice(0, LAG_ROWS_MAX).entries())
      this.#putLag({ ...labels, topic, partition }, view.metrics.lag(row))
    if (partitions.length > LAG_ROWS_MAX)
      this.#putLag({ ...labels, topic: OTHER, partition: OTHER }, view.metrics.lag(LAG_ROWS_MAX))
  }

  #putLag(labels: Labels, lag: number): void {
    if (!Number.isNaN(lag)) this.#put(recordsLag, labels, lag)
  }

  #collectThread(view: TaskView, usage: Usage | null): void {
    if (usage === null) return
    const labels = { connector: view.connector, task: view.task }
    for (const metric of threadMetrics) this.#put(metric, labels, metric.of(usage))
  }

  #collectTexts({ connector, task, description }: TaskView, view: ConnectorView | undefined): void {
    const labels = { connector, task }
    if (view !== undefined) {
      this.#putText(textMetrics.taskConnectorClass, labels, view.className)
      this.#putText(textMetrics.taskConnectorType, labels, view.type)
      this.#putText(textMetrics.taskConnectorVersion, labels, view.version)
    }
    if (description === null) return
    for (const part of ['task', 'keyConverter', 'valueConverter', 'headerConverter'] as const) {
      this.#putText(textMetrics[`${part}Class`], labels, description[part].className)
      this.#putText(textMetrics[`${part}Version`], labels, description[part].version)
    }
    for (const part of ['transform', 'predicate'] as const) {
      for (const [alias, { className, version }] of Object.entries(description[`${part}s`])) {
        this.#putText(textMetrics[`${part}Class`], { ...labels, [part]: alias }, className)
        this.#putText(textMetrics[`${part}Version`], { ...labels, [part]: alias }, version)
      }
    }
  }

  #usageOf(view: TaskView): Promise<Usage | null> {
    return new Promise(resolve => {
      const timer = this.#clock.after(USAGE_TIMEOUT_MS, () => resolve(null))
      view
        .usage()
        .catch(() => null)
        .then(usage => {
          timer.cancel()
          resolve(usage)
        })
    })
  }

  #declare(metric: Metric): void {
    const name = prometheusName(metric)
    const labelNames = [...LABELS[metric.scope], ...(metric.type === 'text' ? [textLabel(metric)] : [])]
    const options = { name, help: metric.help, labelNames, registers: [this.#registry] }
    this.#series.set(name, metric.type === 'counter' ? new Counter(options) : new Gauge(options))
  }

  #put(metric: Metric, labels: Labels, value: number): void {
    const series = this.#series.get(prometheusName(metric))
    this.#seriesCount++
    if (series instanceof Counter) series.inc(labels, Math.max(value, 0))
    else series?.set(labels, value)
  }

  #putText(metric: Metric, labels: Labels, text: string): void {
    this.#put(metric, { ...labels, [textLabel(metric)]: text }, 1)
  }
}

function figuresOf(view: ConnectorView): ConnectorFigures {
  const ofState = (state: string) => view.tasks.filter(task => task.status === state).length
  const counts = Object.fromEntries(STATES.map(state => [state, ofState(state)])) as Record<(typeof STATES)[number], number>
  return { ...counts, total: view.tasks.length, restarts: view.restarts }
}

// The Prometheus side of the metrics: nothing is counted here, everything is read when it is asked for. Main thread; called by GET /metrics.
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Usage } from '../actor/actor-ref.ts'
import type { MetricsSlab, Slot } from '../actor/metrics-slab.ts'
import type { Clock } from '../base/clock.ts'
import {
  connectorMetrics,
  prometheusName,
  type StateCounts,
  type TaskMetric,
  taskMetrics,
  textMetrics,
  threadMetrics,
  type WorkerFigures,
  workerMetrics,
} from './table.ts'

export interface TaskView {
  readonly connector: string
  readonly task: number
  readonly kind: 'sink' | 'source'
  readonly metrics: MetricsSlab
  usage(): Promise<Usage>
}

export interface ConnectorView {
  readonly connector: string
  readonly className: string
  readonly type: string
  readonly version: string
  /** lower case */
  readonly status: string
  readonly tasks: readonly { readonly task: number; readonly status: string }[]
}

/** What the metrics are read from; the supervisor has it. */
export interface MetricsSource {
  worker(): WorkerFigures
  connectors(): readonly ConnectorView[]
  tasks(): readonly TaskView[]
}

type Labels = Record<string, string | number>
type Series = Counter<string> | Gauge<string>

/** A rate looks back this far: Java's default of 2 windows of 30 s. */
const RATE_WINDOW_MS = 60_000
const SAMPLE_INTERVAL_MS = 1_000
/** A thread in a long synchronous stretch answers late; the scrape does not wait for it. */
const USAGE_TIMEOUT_MS = 500

interface Sample {
  readonly atMs: number
  readonly slots: Readonly<Record<Slot, number>>
}

export class MetricsRegistry {
  readonly #registry = new Registry()
  readonly #source: MetricsSource
  readonly #clock: Clock
  readonly #series = new Map<string, Series>()
  readonly #samples = new Map<MetricsSlab, Sample[]>()
  #scrape: Promise<string> | null = null

  constructor(source: MetricsSource, clock: Clock) {
    this.#source = source
    this.#clock = clock
    collectDefaultMetrics({ register: this.#registry })
    for (const metric of [...taskMetrics, ...Object.values(threadMetrics)]) this.#declare(metric, ['connector', 'task'])
    for (const metric of workerMetrics) this.#declare(metric, [])
    for (const metric of connectorMetrics) this.#declare(metric, ['connector'])
    for (const metric of Object.values(textMetrics)) {
      const labels = metric === textMetrics.taskStatus ? ['connector', 'task'] : ['connector']
      this.#declare({ ...metric, type: 'gauge' }, [...labels, labelOf(metric.attribute)])
    }
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

  async #collect(): Promise<string> {
    for (const series of this.#series.values()) series.reset()
    const figures = this.#source.worker()
    for (const metric of workerMetrics) this.#put(prometheusName(metric), {}, metric.of(figures))
    for (const connector of this.#source.connectors()) this.#collectConnector(connector)
    const tasks = this.#source.tasks()
    for (const task of tasks) this.#collectTask(task)
    await Promise.all(tasks.map(task => this.#collectThread(task)))
    const present = new Set(tasks.map(task => task.metrics))
    for (const slab of this.#samples.keys()) if (!present.has(slab)) this.#samples.delete(slab)
    return this.#registry.metrics()
  }

  #collectConnector(view: ConnectorView): void {
    const { connector } = view
    const counts = countStates(view)
    for (const metric of connectorMetrics) this.#put(prometheusName(metric), { connector }, metric.of(counts))
    this.#putText(textMetrics.connectorClass, { connector }, view.className)
    this.#putText(textMetrics.connectorType, { connector }, view.type)
    this.#putText(textMetrics.connectorVersion, { connector }, view.version)
    this.#putText(textMetrics.connectorStatus, { connector }, view.status)
    for (const { task, status } of view.tasks) this.#putText(textMetrics.taskStatus, { connector, task }, status)
  }

  #collectTask(view: TaskView): void {
    const labels = { connector: view.connector, task: view.task }
    const now: Sample = { atMs: this.#clock.monotonicMs(), slots: view.metrics.read() }
    const oldest = this.#remember(view.metrics, now)
    for (const metric of taskMetrics) {
      if (metric.tasks !== 'all' && metric.tasks !== view.kind) continue
      this.#put(prometheusName(metric), labels, figureOf(metric, now, oldest))
    }
  }

  async #collectThread(view: TaskView): Promise<void> {
    const usage = await this.#usageOf(view)
    if (usage === null) return
    const labels = { connector: view.connector, task: view.task }
    this.#put(prometheusName(threadMetrics.heapBytes), labels, usage.heapBytes)
    this.#put(prometheusName(threadMetrics.externalBytes), labels, usage.externalBytes)
    this.#put(prometheusName(threadMetrics.loopUtilization), labels, usage.loopUtilization)
    this.#put(prometheusName(threadMetrics.cpuMicros), labels, usage.cpuMicros / 1e6)
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

  /** Keeps the sample, at most one a second, and returns the one to compare with: the oldest within the window, else the last. */
  #remember(slab: MetricsSlab, sample: Sample): Sample {
    const known = this.#samples.get(slab) ?? []
    const last = known.at(-1)
    const recent = known.filter(old => sample.atMs - old.atMs <= RATE_WINDOW_MS)
    const kept = recent.length > 0 || last === undefined ? recent : [last]
    if (last === undefined || sample.atMs - last.atMs >= SAMPLE_INTERVAL_MS) kept.push(sample)
    this.#samples.set(slab, kept)
    return kept[0] ?? sample
  }

  #declare(metric: { group: string; attribute: string; type: 'counter' | 'gauge'; help: string }, labelNames: string[]): void {
    const name = prometheusName(metric)
    const options = { name, help: metric.help, labelNames, registers: [this.#registry] }
    this.#series.set(name, metric.type === 'counter' ? new Counter(options) : new Gauge(options))
  }

  #put(name: string, labels: Labels, value: number): void {
    const series = this.#series.get(name)
    if (series instanceof Counter) series.inc(labels, Math.max(value, 0))
    else series?.set(labels, value)
  }

  #putText(metric: { group: string; attribute: string }, labels: Labels, text: string): void {
    this.#put(prometheusName(metric), { ...labels, [labelOf(metric.attribute)]: text }, 1)
  }
}

function labelOf(attribute: string): string {
  return attribute.replaceAll('-', '_')
}

function figureOf(metric: TaskMetric, now: Sample, oldest: Sample): number {
  if (metric.of !== undefined) return metric.of(now.slots)
  const seconds = (now.atMs - oldest.atMs) / 1000
  if (metric.rateOf === undefined || seconds <= 0) return 0
  return (now.slots[metric.rateOf] - oldest.slots[metric.rateOf]) / seconds
}

function countStates(view: ConnectorView): StateCounts {
  const counts = { total: view.tasks.length, running: 0, paused: 0, failed: 0, unassigned: 0, restarting: 0 }
  for (const { status } of view.tasks) if (status in counts && status !== 'total') counts[status as keyof typeof counts]++
  return counts
}

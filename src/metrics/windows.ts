// Rates, averages, maxima and minima as Java's sensors have them: over the last metrics.num.samples windows of metrics.sample.window.ms, the
// present one included. Main thread; registry.ts moves the windows on, at their borders.
import { type Duration, MAXIMA, type Maximum, MetricsSlab, MINIMA, type Minimum, type Slot } from '../actor/metrics-slab.ts'

export interface WindowOptions {
  /** metrics.num.samples */
  readonly samples: number
  /** metrics.sample.window.ms */
  readonly windowMs: number
}

type Totals<K extends string> = Readonly<Record<K, number>>

interface Begun<K extends string> {
  readonly atMs: number
  readonly totals: Totals<K>
}

/** What the table computes from. Averages, maxima and minima of nothing are NaN, rates and shares 0, as in Java. */
export interface Windowed<K extends string> {
  total(name: K): number
  /** growth in the live windows */
  growth(name: K): number
  /** growth a second */
  rate(name: K): number
  /** growth of `sum` by that of the counts together */
  average(sum: K, ...counts: K[]): number
  /** the part that `name` has of the growth of all */
  share(name: K, ...all: K[]): number
}

/** What the table computes a task's figures from. */
export interface TaskWindowed extends Windowed<Slot> {
  /** of the live windows, if `count` grew in them */
  max(name: Maximum, count: Slot): number
  /** as max */
  min(name: Minimum, count: Slot): number
  /** of the present window and the one before */
  p99(name: Duration): number
  /** whole seconds since the wall-clock time in a slot; -1 where there is none yet */
  secondsSince(name: Slot): number
}

/** Totals as they were when each live window began. */
export class Windows<K extends string> {
  readonly #options: WindowOptions
  readonly #read: () => Totals<K>
  /** the oldest first; at most `samples` */
  readonly #begun: Begun<K>[]

  constructor(options: WindowOptions, read: () => Totals<K>, begun: Begun<K>) {
    this.#options = options
    this.#read = read
    this.#begun = [begun]
  }

  next(nowMs: number): void {
    this.#begun.push({ atMs: nowMs, totals: this.#read() })
    if (this.#begun.length > this.#options.samples) this.#begun.shift()
  }

  figures(nowMs: number): Windowed<K> {
    const totals = this.#read()
    const oldest = this.#begun[0] as Begun<K>
    const growth = (name: K) => totals[name] - oldest.totals[name]
    const together = (names: readonly K[]) => names.reduce((sum, name) => sum + growth(name), 0)
    const seconds = this.#elapsedMs(nowMs - oldest.atMs) / 1000
    return {
      total: name => totals[name],
      growth,
      rate: name => growth(name) / seconds,
      average: (sum, ...counts) => growth(sum) / positive(together(counts)),
      share: (name, ...all) => growth(name) / (together(all) || 1),
    }
  }

  /** Java's Rate counts windows that are still missing as if they had passed, so that a start shows no peak. */
  #elapsedMs(sinceMs: number): number {
    const { samples, windowMs } = this.#options
    const missing = Math.max(samples - 1 - Math.floor(sinceMs / windowMs), 0)
    return Math.max(sinceMs + missing * windowMs, 1)
  }
}

/** The windows of one task. */
export class TaskWindows {
  readonly #slab: MetricsSlab
  readonly #windows: Windows<Slot>
  readonly #samples: number
  /** of live windows before the two that the slab holds */
  readonly #earlier: Readonly<Record<Maximum | Minimum, number>>[] = []

  /** @param startedMs when the slab was made, all zero */
  constructor(options: WindowOptions, slab: MetricsSlab, startedMs: number) {
    this.#slab = slab
    this.#samples = options.samples
    const totals = new MetricsSlab().read()
    this.#windows = new Windows(options, () => slab.read(), { atMs: startedMs, totals })
  }

  next(nowMs: number): void {
    const earlierMax = this.#samples - 2
    if (earlierMax > 0 && this.#slab.window > 0) {
      this.#earlier.push(extremaOf(this.#slab))
      if (this.#earlier.length > earlierMax) this.#earlier.shift()
    }
    this.#slab.nextWindow()
    this.#windows.next(nowMs)
  }

  /** @param wallMs the time of day, for what happened long ago */
  figures(nowMs: number, wallMs: number): TaskWindowed {
    const figures = this.#windows.figures(nowMs)
    return {
      ...figures,
      max: (name, count) => (figures.growth(count) > 0 ? this.#max(name) : Number.NaN),
      min: (name, count) => (figures.growth(count) > 0 ? this.#min(name) : Number.NaN),
      p99: name => this.#slab.percentile(name, 0.99),
      secondsSince: name => {
        const atMs = figures.total(name)
        return atMs === 0 ? -1 : Math.max(Math.floor((wallMs - atMs) / 1000), 0)
      },
    }
  }

  #max(name: Maximum): number {
    const present = this.#slab.maximum(name, 'present')
    if (this.#samples === 1) return present
    return Math.max(present, this.#slab.maximum(name, 'before'), ...this.#earlier.map(extrema => extrema[name]))
  }

  #min(name: Minimum): number {
    const present = this.#slab.minimum(name, 'present')
    if (this.#samples === 1) return present
    return Math.min(present, this.#slab.minimum(name, 'before'), ...this.#earlier.map(extrema => extrema[name]))
  }
}

/** Those of the window before the present one, whose cells the next takes. */
function extremaOf(slab: MetricsSlab): Record<Maximum | Minimum, number> {
  return Object.fromEntries([
    ...MAXIMA.map(name => [name, slab.maximum(name, 'before')]),
    ...MINIMA.map(name => [name, slab.minimum(name, 'before')]),
  ]) as Record<Maximum | Minimum, number>
}

function positive(count: number): number {
  return count > 0 ? count : Number.NaN
}

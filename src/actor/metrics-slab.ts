// Figures of a task in shared memory (D7): the task thread writes without a message, the supervisor reads when Prometheus asks.
// One 64-bit float a cell, so a read is never torn. Only the owner thread writes, but for the window: the supervisor moves it on at each
// border (metrics.sample.window.ms), and maxima and minima are kept by window. Both sides; src/metrics declares what is made of the slots.
//
// cells:  slots | number of the window | maxima and minima of even windows | of odd windows | lag of each partition reported, then of the rest |
//         durations counted by length in even windows | in odd windows

/** Totals and present values. Times in ms, sizes in bytes. */
export const SLOTS = [
  'loopBeat',
  'recordsRead',
  'recordsSent',
  'recordsFiltered',
  'recordsActive',
  'activeSamples',
  'activeSum',
  'bytesRead',
  'partitionCount',
  'batchCount',
  'batchRecords',
  'putCount',
  'putTimeMs',
  'pollCount',
  'pollTimeMs',
  'convertTimeMs',
  'sendTimeMs',
  'commitCount',
  'commitFailures',
  'commitSkips',
  'commitTimeMs',
  'commitSequence',
  'mailboxBytes',
  'bufferedBytes',
  'bufferTotalBytes',
  'runningMs',
  'pausedMs',
  'recordFailures',
  'recordErrors',
  'recordsSkipped',
  'retries',
  'errorsLogged',
  'dlqRequests',
  'dlqFailures',
  'lastErrorTimestampMs',
  'fetchCount',
  'fetchTimeMs',
  'fetchBytes',
  'recordsConsumed',
  'bytesConsumed',
  'lagTotal',
  'lagGeneration',
  'heartbeatCount',
  'lastHeartbeatMs',
  'joinCount',
  'joinTimeMs',
  'syncCount',
  'syncTimeMs',
  'rebalanceCount',
  'rebalanceTimeMs',
  'rebalanceFailures',
  'lastRebalanceMs',
  'produceRequests',
  'produceBatches',
  'produceBytes',
  'produceRecords',
  'produceQueueTimeMs',
  'produceAnswers',
  'produceTimeMs',
  'produceRetries',
  'produceErrors',
  'produceSplits',
  'produceMemoryBytes',
  'produceMemoryMaxBytes',
  'transactionCount',
  'transactionRecords',
] as const

/** Largest values of a window. */
export const MAXIMA = [
  'activeMax',
  'batchRecordsMax',
  'putTimeMsMax',
  'pollTimeMsMax',
  'commitTimeMsMax',
  'loopLagMsMax',
  'fetchTimeMsMax',
  'fetchBytesMax',
  'lagMax',
  'heartbeatTimeMsMax',
  'joinTimeMsMax',
  'syncTimeMsMax',
  'rebalanceTimeMsMax',
  'produceBytesMax',
  'produceQueueTimeMsMax',
  'produceTimeMsMax',
  'transactionRecordsMax',
] as const

/** Smallest values of a window. */
export const MINIMA = ['transactionRecordsMin'] as const

/** Durations counted by length, so that a percentile can be told. */
export const DURATIONS = ['putTime', 'commitTime'] as const

export type Slot = (typeof SLOTS)[number]
export type Maximum = (typeof MAXIMA)[number]
export type Minimum = (typeof MINIMA)[number]
export type Duration = (typeof DURATIONS)[number]

/** Lengths are told apart by a fifth: four buckets for each doubling, from a tenth of a ms to two minutes. */
const SHORTEST_MS = 0.1
const BUCKETS_PER_DOUBLING = 4
const BUCKETS = 1 + 20 * BUCKETS_PER_DOUBLING

/** Partitions of a task whose lag has a series of its own; that of the others is summed up. Bounds what a scrape can grow to. */
export const LAG_ROWS_MAX = 100

const EXTREMA = [...MAXIMA, ...MINIMA]
const INDEX = Object.fromEntries([...SLOTS, ...EXTREMA].map((name, i) => [name, i])) as Record<Slot | Maximum | Minimum, number>
const WINDOW = SLOTS.length
/** INDEX counts maxima and minima on from the slots: one more for the window itself */
const EXTREMA_AT = 1
const LAGS_AT = WINDOW + 1 + 2 * EXTREMA.length
const DURATIONS_AT = LAGS_AT + LAG_ROWS_MAX + 1
const CELLS = DURATIONS_AT + 2 * DURATIONS.length * BUCKETS

export class MetricsSlab {
  readonly shared: SharedArrayBuffer
  readonly #cells: Float64Array

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(CELLS * 8)) {
    this.shared = shared
    this.#cells = new Float64Array(shared)
  }

  add(slot: Slot, amount: number): void {
    const i = INDEX[slot]
    this.#cells[i] = (this.#cells[i] ?? 0) + amount
  }

  set(slot: Slot, value: number): void {
    this.#cells[INDEX[slot]] = value
  }

  /** Raises the maximum of the present window. */
  max(name: Maximum, value: number): void {
    const i = this.#cellOf(name, this.#cells[WINDOW] ?? 0)
    if (value > (this.#cells[i] ?? 0)) this.#cells[i] = value
  }

  /** Lowers the minimum of the present window. Its cell holds one more, for an empty one is 0. @param value not negative */
  min(name: Minimum, value: number): void {
    const i = this.#cellOf(name, this.#cells[WINDOW] ?? 0)
    const known = this.#cells[i] ?? 0
    if (known === 0 || value + 1 < known) this.#cells[i] = value + 1
  }

  /** Counts one that took so long in the present window. */
  took(name: Duration, ms: number): void {
    const bucket = Math.ceil(Math.log2(Math.max(ms, SHORTEST_MS) / SHORTEST_MS) * BUCKETS_PER_DOUBLING)
    const i = this.#bucketsAt(name, this.#cells[WINDOW] ?? 0) + Math.min(bucket, BUCKETS - 1)
    this.#cells[i] = (this.#cells[i] ?? 0) + 1
  }

  get(slot: Slot): number {
    return this.#cells[INDEX[slot]] ?? 0
  }

  /** All slots by name. */
  read(): Record<Slot, number> {
    return Object.fromEntries(SLOTS.map((name, i) => [name, this.#cells[i] ?? 0])) as Record<Slot, number>
  }

  // ---- windows: the supervisor's

  /** The maximum in the present window, or in the one before. */
  maximum(name: Maximum, window: 'present' | 'before'): number {
    return this.#cells[this.#cellOf(name, this.window + (window === 'present' ? 0 : 1))] ?? 0
  }

  /** The minimum in the present window, or in the one before; Infinity of none. */
  minimum(name: Minimum, window: 'present' | 'before'): number {
    const known = this.#cells[this.#cellOf(name, this.window + (window === 'present' ? 0 : 1))] ?? 0
    return known === 0 ? Number.POSITIVE_INFINITY : known - 1
  }

  /** What the share of the durations in this window and the one before did not exceed, rounded up by at most a fifth; NaN of none. */
  percentile(name: Duration, share: number): number {
    const at = [this.#bucketsAt(name, this.window), this.#bucketsAt(name, this.window + 1)]
    const counts = Array.from({ length: BUCKETS }, (_, i) => at.reduce((sum, first) => sum + (this.#cells[first + i] ?? 0), 0))
    const wanted = share * counts.reduce((sum, count) => sum + count, 0)
    if (wanted === 0) return Number.NaN
    let seen = 0
    const bucket = counts.findIndex(count => (seen += count) >= wanted)
    return SHORTEST_MS * 2 ** (bucket / BUCKETS_PER_DOUBLING)
  }

  get window(): number {
    return this.#cells[WINDOW] ?? 0
  }

  /**
   * Begins the next window in the cells of the one before the present, whose maxima and minima are read by then. A task that has just looked at the
   * number still writes to the window that ends, which is read for one window more.
   */
  nextWindow(): void {
    const next = this.window + 1
    for (const name of EXTREMA) this.#cells[this.#cellOf(name, next)] = 0
    for (const name of DURATIONS) {
      const first = this.#bucketsAt(name, next)
      this.#cells.fill(0, first, first + BUCKETS)
    }
    this.#cells[WINDOW] = next
  }

  // ---- lag by partition

  /** `row` LAG_ROWS_MAX is the sum of the partitions that have none; NaN: not known. */
  setLag(row: number, lag: number): void {
    this.#cells[LAGS_AT + row] = lag
  }

  lag(row: number): number {
    return this.#cells[LAGS_AT + row] ?? Number.NaN
  }

  #bucketsAt(name: Duration, window: number): number {
    return DURATIONS_AT + ((window & 1) * DURATIONS.length + DURATIONS.indexOf(name)) * BUCKETS
  }

  #cellOf(name: Maximum | Minimum, window: number): number {
    return INDEX[name] + EXTREMA_AT + (window & 1) * EXTREMA.length
  }
}

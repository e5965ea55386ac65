// Figures of a task in shared memory (D7): the task thread writes without a message, the supervisor reads when Prometheus asks.
// One 64-bit float a cell, so a read is never torn. Only the owner thread writes, but for the window: the supervisor moves it on at each
// border (metrics.sample.window.ms), and maxima are kept by window. Both sides; src/metrics declares what is made of the slots.
//
// cells:  slots | number of the window | maxima of even windows | maxima of odd windows | lag of each partition reported, then of the rest

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
] as const

export type Slot = (typeof SLOTS)[number]
export type Maximum = (typeof MAXIMA)[number]

/** Partitions of a task whose lag has a series of its own; that of the others is summed up. Bounds what a scrape can grow to. */
export const LAG_ROWS_MAX = 100

const INDEX = Object.fromEntries([...SLOTS, ...MAXIMA].map((name, i) => [name, i])) as Record<Slot | Maximum, number>
const WINDOW = SLOTS.length
/** INDEX counts maxima on from the slots: one more for the window itself */
const MAXIMA_AT = 1
const LAGS_AT = WINDOW + 1 + 2 * MAXIMA.length
const CELLS = LAGS_AT + LAG_ROWS_MAX + 1

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

  get window(): number {
    return this.#cells[WINDOW] ?? 0
  }

  /**
   * Begins the next window in the cells of the one before the present, whose maxima are read by then. A task that has just looked at the
   * number still writes to the window that ends, which is read for one window more.
   */
  nextWindow(): void {
    const next = this.window + 1
    for (const name of MAXIMA) this.#cells[this.#cellOf(name, next)] = 0
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

  #cellOf(name: Maximum, window: number): number {
    return INDEX[name] + MAXIMA_AT + (window & 1) * MAXIMA.length
  }
}

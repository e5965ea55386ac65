// Figures of a task in shared memory (D7): the task thread writes without a message, the supervisor reads when Prometheus asks.
// One 64-bit float a slot; only the owner thread writes, torn reads cannot happen on 8-byte slots. Both sides.

/** Slot names, in order. `metrics/` declares what each means and its Prometheus name. Times in ms, sizes in bytes. */
export const SLOTS = [
  'loopBeat',
  'recordsRead',
  'recordsSent',
  'recordsFiltered',
  'recordsActive',
  'bytesRead',
  'partitionCount',
  'batchCount',
  'batchRecords',
  'batchRecordsMax',
  'putCount',
  'putTimeMs',
  'putTimeMsMax',
  'pollCount',
  'pollTimeMs',
  'pollTimeMsMax',
  'convertTimeMs',
  'commitCount',
  'commitFailures',
  'commitSkips',
  'commitTimeMs',
  'commitTimeMsMax',
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
] as const

export type Slot = (typeof SLOTS)[number]

const INDEX = Object.fromEntries(SLOTS.map((name, i) => [name, i])) as Record<Slot, number>

export class MetricsSlab {
  readonly shared: SharedArrayBuffer
  readonly #slots: Float64Array

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(SLOTS.length * 8)) {
    this.shared = shared
    this.#slots = new Float64Array(shared)
  }

  add(slot: Slot, amount: number): void {
    const i = INDEX[slot]
    this.#slots[i] = (this.#slots[i] ?? 0) + amount
  }

  set(slot: Slot, value: number): void {
    this.#slots[INDEX[slot]] = value
  }

  max(slot: Slot, value: number): void {
    const i = INDEX[slot]
    if (value > (this.#slots[i] ?? 0)) this.#slots[i] = value
  }

  get(slot: Slot): number {
    return this.#slots[INDEX[slot]] ?? 0
  }

  /** All figures by name. */
  read(): Record<Slot, number> {
    return Object.fromEntries(SLOTS.map((name, i) => [name, this.#slots[i] ?? 0])) as Record<Slot, number>
  }
}

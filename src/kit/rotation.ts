// When the open files of a Kafka partition are finished: by count, record time, wall clock, partition change or bytes. Counted over
// all open files of the partition together, as Confluent's sinks do. Task threads.
import { TimeZone } from './partitioning/time-zone.ts'

export interface RotationRules {
  readonly flushSize: number
  /** span of record time in an open file; <= 0: off */
  readonly intervalMs: number
  /** wall-clock period, slots counted from midnight of the zone; <= 0: off */
  readonly scheduleIntervalMs: number
  readonly timezone: string
  readonly onPartitionChange: boolean
  readonly fileBytesMax: number
}

const DAY_MS = 86_400_000

export class Rotation {
  readonly #rules: RotationRules
  readonly #zone: TimeZone | null
  #records = 0
  #firstTimeMs = 0
  #encoded: string | null = null
  #nextSlotMs: number

  constructor(rules: RotationRules, nowMs: number) {
    this.#rules = rules
    this.#zone = rules.scheduleIntervalMs > 0 ? new TimeZone('timezone', rules.timezone || 'UTC') : null
    this.#nextSlotMs = this.#slotAfter(nowMs)
  }

  get records(): number {
    return this.#records
  }

  /** Whether isDueBefore and added look at the record's time. */
  get usesRecordTime(): boolean {
    return this.#rules.intervalMs > 0
  }

  /** Whether the open files must be finished before this record. */
  isDueBefore(encoded: string, timeMs: number, nowMs: number): boolean {
    if (this.#records === 0) {
      // A slot that passed while nothing was open has done its work.
      if (nowMs >= this.#nextSlotMs) this.#nextSlotMs = this.#slotAfter(nowMs)
      return false
    }
    if (this.isSlotOver(nowMs)) return true
    if (this.#rules.intervalMs <= 0) return false
    if (this.#rules.onPartitionChange && encoded !== this.#encoded) return true
    return timeMs - this.#firstTimeMs >= this.#rules.intervalMs
  }

  /** Records that may still be added before the open files are full. */
  get room(): number {
    return Math.max(1, this.#rules.flushSize - this.#records)
  }

  /** Whether a record of this time is too late for open files that began, or will begin, with one of `firstTimeMs`. */
  isSpanOver(timeMs: number, firstTimeMs: number): boolean {
    return (
      this.#rules.intervalMs > 0 && timeMs - (this.#records === 0 ? firstTimeMs : this.#firstTimeMs) >= this.#rules.intervalMs
    )
  }

  /** The wall-clock slot in which the open files began is over. */
  isSlotOver(nowMs: number): boolean {
    return this.#records > 0 && nowMs >= this.#nextSlotMs
  }

  /** @param count records of this encoded partition, the first of them of `timeMs` */
  added(encoded: string, timeMs: number, count = 1): void {
    if (this.#records === 0) this.#firstTimeMs = timeMs
    this.#records += count
    this.#encoded = encoded
  }

  /** Whether the open files are full; `fileBytes` is the size of the file just appended to. */
  isFull(fileBytes: number): boolean {
    return this.#records >= this.#rules.flushSize || fileBytes >= this.#rules.fileBytesMax
  }

  finished(nowMs: number): void {
    this.#records = 0
    this.#encoded = null
    this.#nextSlotMs = this.#slotAfter(nowMs)
  }

  #slotAfter(nowMs: number): number {
    const zone = this.#zone
    if (zone === null) return Number.POSITIVE_INFINITY
    const midnight = zone.toUtc(Math.floor(zone.toLocal(nowMs) / DAY_MS) * DAY_MS)
    const interval = this.#rules.scheduleIntervalMs
    return midnight + (Math.floor((nowMs - midnight) / interval) + 1) * interval
  }
}

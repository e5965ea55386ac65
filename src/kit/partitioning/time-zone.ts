// Local time in a named zone, from Intl's tables. Offsets change only at quarter hours, so one look-up serves 15 minutes of
// records. Task threads.
import { ConfigError } from '../../base/errors.ts'

const QUARTER_MS = 900_000

export class TimeZone {
  readonly id: string
  readonly #format: Intl.DateTimeFormat
  #quarter = Number.NaN
  #offsetMs = 0

  /** @throws ConfigError naming `key` for an unknown zone */
  constructor(key: string, id: string) {
    this.id = id
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone: id,
        hourCycle: 'h23',
        era: 'short',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      })
    } catch {
      throw new ConfigError(key, `Invalid value ${id} for configuration ${key}: unknown time zone`)
    }
  }

  /** Milliseconds to add to UTC. */
  offsetMs(utcMs: number): number {
    const quarter = Math.floor(utcMs / QUARTER_MS)
    if (quarter !== this.#quarter) {
      this.#offsetMs = this.#lookUp(quarter * QUARTER_MS)
      this.#quarter = quarter
    }
    return this.#offsetMs
  }

  /** The local time as if it were UTC: its Date's getUTC* are the local fields. */
  toLocal(utcMs: number): number {
    return utcMs + this.offsetMs(utcMs)
  }

  /** The instant at which the zone's clocks show this local time; of two the earlier, in a gap the later side. */
  toUtc(localMs: number): number {
    const guess = localMs - this.offsetMs(localMs)
    const before = localMs - this.offsetMs(guess - 3 * 3_600_000)
    return this.toLocal(before) === localMs ? before : localMs - this.offsetMs(guess)
  }

  #lookUp(utcMs: number): number {
    const part: Record<string, string> = {}
    for (const { type, value } of this.#format.formatToParts(utcMs)) part[type] = value
    const year = part.era === 'BC' ? 1 - Number(part.year) : Number(part.year)
    const local = new Date(0)
    local.setUTCFullYear(year, Number(part.month) - 1, Number(part.day))
    local.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second))
    return local.getTime() - utcMs
  }
}

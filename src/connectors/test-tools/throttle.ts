// Keeps a source to so many records a second: pauses between polls, on average 1/throughput each. Task threads.
// Java: org.apache.kafka.server.util.ThroughputThrottler.
import type { Clock } from '../../base/clock.ts'
import { codeOf } from '../../base/errors.ts'

/** Debts shorter than this are gathered. */
const PAUSE_MS_MIN = 2
/** "For ever", in pieces: the signal ends it. */
const FOREVER_MS = 3_600_000

export class Throttle {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #startMs: number
  #owedMs = 0

  /** @param perSecond records; 0: none at all, below 0: as fast as it goes */
  constructor(perSecond: number, clock: Clock) {
    this.#perSecond = perSecond
    this.#clock = clock
    this.#startMs = clock.now()
  }

  /** Whether `count` records since the start are more than there should be by now. */
  isAhead(count: number): boolean {
    if (this.#perSecond < 0) return false
    const elapsedSeconds = (this.#clock.now() - this.#startMs) / 1000
    return elapsedSeconds > 0 && count / elapsedSeconds > this.#perSecond
  }

  /** One record's pause; with throughput 0 or below it lasts until `signal` aborts. Then it settles: it never rejects for that. */
  async pause(signal: AbortSignal): Promise<void> {
    try {
      if (this.#perSecond <= 0) {
        for (;;) await this.#clock.sleep(FOREVER_MS, signal)
      }
      this.#owedMs += 1000 / this.#perSecond
      if (this.#owedMs < PAUSE_MS_MIN) return
      await this.#clock.sleep(this.#owedMs, signal)
      this.#owedMs = 0
    } catch (error) {
      if (codeOf(error) !== 'CONNECT_ABORTED') throw error
    }
  }
}

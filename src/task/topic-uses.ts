// Tells the worker which topics a task uses. Task thread. Java: WorkerTask.recordActiveTopic, KIP-558.
import type { Clock } from '../base/clock.ts'

/** A user may reset the topics at any worker, and the next record counts again: Java looks at the status store with each record. */
const TELL_AGAIN_MS = 2_000

export class TopicUses {
  readonly #clock: Clock
  readonly #tell: (topic: string) => void
  /** topic -> when it was told */
  readonly #told = new Map<string, number>()

  constructor(clock: Clock, tell: (topic: string) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** Once a batch or so: it looks at the clock. */
  used(topic: string): void {
    const nowMs = this.#clock.monotonicMs()
    const toldMs = this.#told.get(topic)
    if (toldMs !== undefined && nowMs - toldMs < TELL_AGAIN_MS) return
    this.#told.set(topic, nowMs)
    this.#tell(topic)
  }
}

// A task's state as the supervisor and the metrics see it: tells changes, and keeps count of the time spent running and paused. Task threads.
import type { ActorHost } from '../actor/actor-host.ts'
import type { FromTask, ToTask } from '../actor/messages.ts'
import type { Clock } from '../base/clock.ts'

/** How fresh the times in the metrics are. */
const COUNT_INTERVAL_MS = 1_000

export class StateTimes {
  readonly #host: ActorHost<ToTask, FromTask>
  readonly #clock: Clock
  #state: 'RUNNING' | 'PAUSED' | null = null
  #countedMs = 0
  readonly #onTick: () => void

  /** @param onTick called once a second from the first state on: the place for figures that are sampled */
  constructor(host: ActorHost<ToTask, FromTask>, clock: Clock, onTick: () => void) {
    this.#host = host
    this.#clock = clock
    this.#onTick = onTick
  }

  enter(state: 'RUNNING' | 'PAUSED'): void {
    const isFirst = this.#state === null
    this.#count()
    this.#state = state
    this.#host.post({ type: 'stateChanged', state })
    if (isFirst) this.#tick()
  }

  #tick(): void {
    this.#clock.after(COUNT_INTERVAL_MS, () => {
      this.#count()
      this.#onTick()
      this.#tick()
    })
  }

  #count(): void {
    const nowMs = this.#clock.monotonicMs()
    if (this.#state !== null)
      this.#host.metrics.add(this.#state === 'RUNNING' ? 'runningMs' : 'pausedMs', nowMs - this.#countedMs)
    this.#countedMs = nowMs
  }
}

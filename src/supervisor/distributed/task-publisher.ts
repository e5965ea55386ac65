// Task configs on their way into the config topic: this worker's connectors make them, the leader writes them. For each connector the
// newest set counts; what fails is tried again until it is superseded or cancelled, 250 ms after the first failure, 60 s at most (Java:
// DistributedHerder.reconfigureConnectorTasksWithExponentialBackoffRetries). Main thread; owned by the herder.
import { exponentialBackoffMs } from '../../base/backoff.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { toError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { Props } from '../../store/config-store.ts'

const RETRY_MS = 250
const RETRY_MS_MAX = 60_000

export interface TaskPublisherOptions {
  readonly clock: Clock
  readonly log: Logger
  /** by the leader, whoever that is just now; settles when they are in the topic, or when they are not needed any more */
  publish(connector: string, tasks: readonly Props[]): Promise<void>
}

interface Slot {
  tasks: readonly Props[]
  failures: number
  timer: Timer | null
  isSending: boolean
}

/** One set a connector, at most. */
export class TaskPublisher {
  readonly #o: TaskPublisherOptions
  readonly #slots = new Map<string, Slot>()

  constructor(options: TaskPublisherOptions) {
    this.#o = options
  }

  publish(connector: string, tasks: readonly Props[]): void {
    const slot = this.#slots.get(connector)
    if (slot === undefined) {
      const made: Slot = { tasks, failures: 0, timer: null, isSending: false }
      this.#slots.set(connector, made)
      return void this.#send(connector, made)
    }
    slot.tasks = tasks
    slot.failures = 0
    slot.timer?.cancel()
    if (!slot.isSending) void this.#send(connector, slot)
  }

  /** The connector is not this worker's any more, or is to have other tasks. */
  cancel(connector: string): void {
    this.#slots.get(connector)?.timer?.cancel()
    this.#slots.delete(connector)
  }

  /** A leader is known: what waits for its next try goes out now. */
  hurry(): void {
    for (const [connector, slot] of this.#slots) {
      slot.timer?.cancel()
      if (!slot.isSending) void this.#send(connector, slot)
    }
  }

  stop(): void {
    for (const connector of [...this.#slots.keys()]) this.cancel(connector)
  }

  async #send(connector: string, slot: Slot): Promise<void> {
    const { tasks } = slot
    slot.isSending = true
    let failure: Error | null = null
    try {
      await this.#o.publish(connector, tasks)
    } catch (error) {
      failure = toError(error)
    }
    slot.isSending = false
    // Cancelled meanwhile, and maybe begun anew.
    if (this.#slots.get(connector) !== slot) return
    if (slot.tasks !== tasks) return this.#send(connector, slot)
    if (failure === null) {
      this.#slots.delete(connector)
      return
    }
    const delayMs = exponentialBackoffMs(slot.failures++, RETRY_MS, RETRY_MS_MAX)
    const text = `its task configs could not be published, again in ${Math.round(delayMs)} ms: ${failure.message}`
    this.#o.log.warn({ connector }, text)
    slot.timer = this.#o.clock.after(delayMs, () => void this.#send(connector, slot))
  }
}

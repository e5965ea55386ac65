// The queues of all connectors, made when needed and dropped when empty. A request that replaces or ends a connector insists: a plugin
// that hangs in start or taskConfigs loses its thread, or DELETE would wait behind it for ever. Main thread; used by the herder.
import type { Clock, Timer } from '../base/clock.ts'
import { SerialQueue } from './serial-queue.ts'
import { CONNECTOR_STOP_MS } from './worker.ts'

/** Requests that wait for one connector; the next is refused with 409. */
const WAITING_MAX = 100
/** Java gives a connector as long before it abandons it. */
const PATIENCE_MS = CONNECTOR_STOP_MS

export class ConnectorQueues {
  readonly #clock: Clock
  readonly #interrupt: (connector: string) => void
  readonly #queues = new Map<string, SerialQueue>()

  constructor(clock: Clock, interrupt: (connector: string) => void) {
    this.#clock = clock
    this.#interrupt = interrupt
  }

  /** What is being done, for messages. */
  stage(): string {
    const busy = [...this.#queues.values()].map(queue => queue.current?.label).filter(label => label !== undefined)
    return busy.length === 0 ? 'idle' : busy.slice(0, 5).join(', ')
  }

  /** Runs `work` when the connector's earlier requests are done. */
  run<T>(name: string, label: string, isUrgent: boolean, work: () => Promise<T>): Promise<T> {
    const queue = this.#queue(name)
    if (!isUrgent || queue.isIdle) return queue.run(label, work)
    let timer: Timer | null = null
    const insist = () => {
      timer = this.#clock.after(PATIENCE_MS, () => {
        this.#interrupt(name)
        insist()
      })
    }
    insist()
    const begin = () => {
      timer?.cancel()
      return work()
    }
    return queue.run(label, begin).finally(() => timer?.cancel())
  }

  /** For what the worker itself wants: never refused. */
  runInternal(name: string, label: string, work: () => Promise<void>): Promise<void> {
    return this.#queue(name).run(label, work, true)
  }

  #queue(name: string): SerialQueue {
    const queue = this.#queues.get(name) ?? new SerialQueue(WAITING_MAX, () => this.#queues.delete(name))
    this.#queues.set(name, queue)
    return queue
  }
}

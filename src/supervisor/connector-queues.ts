// The queues of all connectors, made when needed and dropped when empty. A request that replaces or ends a connector insists: a plugin
// that hangs in start or taskConfigs loses its thread, or DELETE would wait behind it for ever. Main thread; used by the herder.
import type { Clock, Timer } from '../base/clock.ts'
import { AssertionError, ConnectError, toError } from '../base/errors.ts'
import type { Logger } from '../base/log.ts'
import { SerialQueue } from '../base/serial-queue.ts'
import { CONNECTOR_STOP_MS } from './worker.ts'

/** Requests that wait for one connector; the next is refused with 409. */
const WAITING_MAX = 100
/** Of more stages at the same time a message tells the oldest. */
const STAGES_TOLD_MAX = 5
/** Java gives a connector as long before it abandons it. */
const PATIENCE_MS = CONNECTOR_STOP_MS

interface Stage {
  readonly label: string
  readonly startedAtMs: number
}

export interface ConnectorQueuesOptions {
  readonly clock: Clock
  readonly log: Logger
  /** a bug of ours: the process must end (HOUSE section 6) */
  onBug(error: Error): void
}

export class ConnectorQueues {
  readonly #o: ConnectorQueuesOptions
  readonly #interrupt: (connector: string) => void
  readonly #queues = new Map<string, SerialQueue>()

  /** what runs now, in the order it began */
  readonly #stages = new Set<Stage>()
  #lastStage: (Stage & { readonly completedAtMs: number }) | null = null
  #isClosed = false

  constructor(options: ConnectorQueuesOptions, interrupt: (connector: string) => void) {
    this.#o = options
    this.#interrupt = interrupt
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** The worker stops: what waits fails when its turn comes. */
  close(): void {
    this.#isClosed = true
  }

  /** @throws ConnectError CONNECT_STOPPING */
  checkOpen(): void {
    if (this.#isClosed) throw new ConnectError('the worker is stopping', { code: 'CONNECT_STOPPING' })
  }

  /** What is being done, or was done last, with times: a sentence for requests that timed out, in Java's words. */
  stage(): string {
    const time = (atMs: number) => new Date(atMs).toISOString()
    const busy = [...this.#stages].slice(0, STAGES_TOLD_MAX)
    if (busy.length > 0)
      return `The worker is currently ${busy.map(one => `${one.label}, which began at ${time(one.startedAtMs)}`).join('; ')}`
    if (this.#lastStage === null) return 'The worker is idle'
    const { label, startedAtMs, completedAtMs } = this.#lastStage
    return `The last operation the worker completed was ${label}, which began at ${time(startedAtMs)} and completed at ${time(completedAtMs)}`
  }

  /** Runs `work` when the connector's earlier requests are done. */
  run<T>(name: string, label: string, isUrgent: boolean, work: () => Promise<T>): Promise<T> {
    const queue = this.#queue(name)
    if (!isUrgent || queue.isIdle) return queue.run(label, () => this.#guarded(label, work))
    return this.#insist(name, queue, label, work, false)
  }

  /** As an urgent `run`, for what the worker itself must do: never refused. */
  command<T>(name: string, label: string, work: () => Promise<T>): Promise<T> {
    return this.#insist(name, this.#queue(name), label, work, true)
  }

  #insist<T>(name: string, queue: SerialQueue, label: string, work: () => Promise<T>, isInternal: boolean): Promise<T> {
    let timer: Timer | null = null
    const insist = () => {
      timer = this.#o.clock.after(PATIENCE_MS, () => {
        this.#interrupt(name)
        insist()
      })
    }
    insist()
    const begin = () => {
      timer?.cancel()
      return this.#guarded(label, work)
    }
    return queue.run(label, begin, isInternal).finally(() => timer?.cancel())
  }

  /** For what the worker itself wants: never refused. */
  runInternal(name: string, label: string, work: () => Promise<void>): void {
    if (this.#isClosed) return
    this.#queue(name)
      .run(label, () => this.#guarded(label, work), true)
      .catch(error => {
        // Failures of the plugin are in the status; this line is for the rest.
        if (!this.#isClosed) this.#o.log.warn({ connector: name }, `${label}: ${toError(error).message}`)
      })
  }

  async #guarded<T>(label: string, work: () => Promise<T>): Promise<T> {
    this.checkOpen()
    const { clock } = this.#o
    const stage: Stage = { label, startedAtMs: clock.now() }
    this.#stages.add(stage)
    try {
      return await work()
    } catch (error) {
      if (error instanceof AssertionError || error instanceof TypeError) this.#o.onBug(error)
      throw error
    } finally {
      this.#stages.delete(stage)
      this.#lastStage = { ...stage, completedAtMs: clock.now() }
    }
  }

  #queue(name: string): SerialQueue {
    const queue = this.#queues.get(name) ?? new SerialQueue(WAITING_MAX, () => this.#queues.delete(name))
    this.#queues.set(name, queue)
    return queue
  }
}

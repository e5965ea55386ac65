// Writes statuses: store and log always say the same. It remembers what this worker said last of its own parts, for a store in a topic
// shows it only when it was read back. Main thread; called by the herders.
import type { Logger } from '../base/log.ts'
import type { TargetState } from '../store/config-store.ts'
import type { StateName, Status, StatusStore } from '../store/status-store.ts'
import type { Redaction } from './redaction.ts'

export interface PublisherOptions {
  readonly workerId: string
  readonly statuses: StatusStore
  readonly log: Logger
  readonly redaction: Pick<Redaction, 'text'>
}

/** Java: states that a worker writes only where no other, newer one has written already. */
const SAFE: ReadonlySet<StateName> = new Set(['FAILED', 'UNASSIGNED'])

interface Said {
  readonly state: StateName
  readonly trace: string | null
}

export class Publisher {
  readonly #o: PublisherOptions
  readonly #versionOf: (connector: string) => string | null
  readonly #generation: () => number
  /** by connector, then by task; the connector itself is `null` */
  readonly #said = new Map<string, Map<number | null, Said>>()

  /** @param generation of the group this worker last was in */
  constructor(options: PublisherOptions, versionOf: (connector: string) => string | null, generation: () => number = () => 0) {
    this.#o = options
    this.#versionOf = versionOf
    this.#generation = generation
  }

  connector(name: string, state: StateName | TargetState, trace: string | null = null): void {
    const known: StateName = state === 'STARTED' ? 'RUNNING' : state
    this.#o.log.info({ connector: name, state: known }, `connector is ${known}`)
    this.#remember(name, null, known, trace)
    const status = this.#status(name, known, trace)
    if (SAFE.has(known)) this.#o.statuses.putConnectorSafely(name, status)
    else this.#o.statuses.putConnector(name, status)
  }

  task(name: string, task: number, state: StateName, trace: string | null = null): void {
    this.#o.log.info({ connector: name, task, state }, `task is ${state}`)
    this.#remember(name, task, state, trace)
    const status = this.#status(name, state, trace)
    if (SAFE.has(state)) this.#o.statuses.putTaskSafely(name, task, status)
    else this.#o.statuses.putTask(name, task, status)
  }

  /** What this worker said last of the connector (`task` null) or a task; undefined: nothing since it was forgotten. */
  last(name: string, task: number | null): StateName | undefined {
    return this.#said.get(name)?.get(task)?.state
  }

  /**
   * Says the last word on the connector (`task` null) or a task once more, where another worker's has hidden it. The part is this worker's since
   * before the last round: the other one had it besides for a while, and what it said of it, on leaving maybe, came later. Who spoke in a later round
   * than this worker knows of has the part now.
   */
  insist(name: string, task: number | null): void {
    const said = this.#said.get(name)?.get(task)
    const { statuses, workerId } = this.#o
    const found = task === null ? statuses.connector(name) : statuses.task(name, task)
    if (said === undefined || found === undefined || found.workerId === workerId) return
    if (found.generation > this.#generation()) return
    if (task === null) this.connector(name, said.state, said.trace)
    else this.task(name, task, said.state, said.trace)
  }

  /** The part is not this worker's any more; `task` undefined: the connector and all its tasks are not. */
  forget(name: string, task?: number | null): void {
    if (task === undefined) this.#said.delete(name)
    else this.#said.get(name)?.delete(task)
  }

  #remember(name: string, task: number | null, state: StateName, trace: string | null): void {
    const parts = this.#said.get(name) ?? new Map<number | null, Said>()
    this.#said.set(name, parts.set(task, { state, trace }))
  }

  #status(name: string, state: StateName, trace: string | null): Status {
    const shown = trace === null ? null : this.#o.redaction.text(trace)
    const { workerId } = this.#o
    return { state, workerId, trace: shown, version: this.#versionOf(name), generation: this.#generation() }
  }
}

// Writes statuses: store and log always say the same. Main thread; called by the herders.
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

export class Publisher {
  readonly #o: PublisherOptions
  readonly #versionOf: (connector: string) => string | null

  constructor(options: PublisherOptions, versionOf: (connector: string) => string | null) {
    this.#o = options
    this.#versionOf = versionOf
  }

  connector(name: string, state: StateName | TargetState, trace: string | null = null): void {
    const known: StateName = state === 'STARTED' ? 'RUNNING' : state
    this.#o.log.info({ connector: name, state: known }, `connector is ${known}`)
    this.#o.statuses.putConnector(name, this.#status(name, known, trace))
  }

  task(name: string, task: number, state: StateName, trace: string | null = null): void {
    this.#o.log.info({ connector: name, task, state }, `task is ${state}`)
    this.#o.statuses.putTask(name, task, this.#status(name, state, trace))
  }

  #status(name: string, state: StateName, trace: string | null): Status {
    const shown = trace === null ? null : this.#o.redaction.text(trace)
    return { state, workerId: this.#o.workerId, trace: shown, version: this.#versionOf(name), generation: 0 }
  }
}

// Several Connect workers, ours and Java's, in one group on one broker: child processes with a REST port each. Main thread of tests
// and benches.
import { javaWorkerCommand } from './kafka/java.ts'
import { BIN, startWorker, type WorkerOptions, type WorkerProcess } from './sluice-worker.ts'
import { uniqueName } from './unique-name.ts'
import { until } from './until.ts'

export type Kind = 'sluice' | 'java'

export interface ClusterOptions {
  readonly bootstrap: string
  /** worker keys on top of those of every member */
  readonly worker?: Record<string, string>
  /** name of the group and stem of the three topics; a new one unless given */
  readonly group?: string
  /** the command line of Java's members, where it is not that of tests */
  readonly java?: readonly string[]
}

export interface Member extends WorkerProcess {
  readonly kind: Kind
  /** as statuses name it */
  readonly workerId: string
}

export interface StateInfo {
  readonly name: string
  readonly connector: { readonly state: string; readonly worker_id: string; readonly trace?: string }
  readonly tasks: readonly { readonly id: number; readonly state: string; readonly worker_id: string; readonly trace?: string }[]
  readonly type: string
}

export class ConnectCluster {
  readonly group: string
  readonly members: Member[] = []
  readonly #o: ClusterOptions

  constructor(options: ClusterOptions) {
    this.#o = options
    this.group = options.group ?? uniqueName('cluster')
  }

  /**
   * Resolves when the new member has been in the group: it answers what only a joined worker does.
   * @param options as of startWorker; when the signal aborts, now or ever after, the member is SIGKILLed
   */
  async add(
    kind: Kind,
    worker: Record<string, string> = {},
    options: Pick<WorkerOptions, 'signal' | 'ca' | 'port' | 'env'> = {},
  ): Promise<Member> {
    const { bootstrap, java } = this.#o
    const command =
      kind === 'sluice' ? [process.execPath, BIN, 'distributed'] : (java ?? (await javaWorkerCommand('Distributed')))
    const keys = { ...this.#keys(), ...this.#o.worker, ...worker }
    const started = await startWorker({ bootstrap, worker: keys, command, ...options })
    const member = { ...started, kind, workerId: advertisedHost(started.url, keys) }
    this.members.push(member)
    options.signal?.addEventListener('abort', () => void member.kill())
    if (options.signal?.aborted) await member.kill()
    await until(async () => (await member.rest('/health')).status === 200)
    return member
  }

  /** REST of any member that runs. */
  rest<T = unknown>(path: string, method = 'GET', body?: unknown) {
    return this.#any().rest<T>(path, { method, ...(body === undefined ? {} : { body }) })
  }

  /** Creates or changes a connector by a member; a rebalance under way is waited for, and a leader that is gone to be missed. */
  async put(name: string, config: Record<string, string>, member = this.#any()): Promise<number> {
    return until(async () => {
      const { status, body } = await member.rest(`/connectors/${name}/config`, { method: 'PUT', body: config })
      if (status === 409 || /IO Error trying to forward/.test(JSON.stringify(body))) return null
      if (status >= 400) throw new Error(`PUT ${name}: ${status} ${JSON.stringify(body)}`)
      return status
    })
  }

  async status(name: string, member = this.#any()): Promise<StateInfo | null> {
    const { status, body } = await member.rest<StateInfo>(`/connectors/${name}/status`)
    return status === 200 ? body : null
  }

  /** When the connector has `tasks` tasks, all in `state`, on workers that run. */
  running(name: string, tasks: number, state = 'RUNNING'): Promise<StateInfo> {
    return until(async () => {
      const info = await this.status(name)
      const isHere = (id: string) => this.members.some(member => member.workerId === id && member.running())
      if (info === null || info.tasks.length !== tasks) return null
      const all = [info.connector, ...info.tasks]
      return all.every(part => part.state === state && isHere(part.worker_id)) ? info : null
    })
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map(member => member.kill()))
  }

  #any(): Member {
    const found = this.members.find(member => member.running())
    if (found === undefined) throw new Error('no member runs')
    return found
  }

  #keys(): Record<string, string> {
    const { group } = this
    return {
      'group.id': group,
      'config.storage.topic': `${group}-configs`,
      'offset.storage.topic': `${group}-offsets`,
      'status.storage.topic': `${group}-status`,
      'config.storage.replication.factor': '1',
      'offset.storage.replication.factor': '1',
      'status.storage.replication.factor': '1',
      'offset.storage.partitions': '3',
      'status.storage.partitions': '2',
      'scheduled.rebalance.max.delay.ms': '2000',
      'rest.advertised.host.name': '127.0.0.1',
    }
  }
}

/** Where others call a worker that is reached at `url`: the listener that it advertises, if it has several. */
function advertisedHost(url: string, keys: Readonly<Record<string, string>>): string {
  const scheme = keys['rest.advertised.listener']
  const told = (keys.listeners ?? '').split(',').find(listener => scheme !== undefined && listener.startsWith(`${scheme}:`))
  return new URL(told ?? url).host
}

// Work as a set: connectors and tasks in the order they came, each once. Main thread; what the assignors and the member's state reckon with.
import type { ClusterConfig } from '../../store/cluster-config.ts'
import type { TaskId } from '../herder.ts'
import type { Work } from './work.ts'

/** Java's ConnectorTaskId.toString; one for each task, since the number has no dash. */
export const taskKey = ({ connector, task }: TaskId): string => `${connector}-${task}`

export class WorkSet implements Work {
  readonly #connectors: Set<string>
  readonly #tasks: Map<string, TaskId>

  constructor(work: Work) {
    this.#connectors = new Set(work.connectors)
    this.#tasks = new Map(work.tasks.map(task => [taskKey(task), task]))
  }

  get connectors(): readonly string[] {
    return [...this.#connectors]
  }

  get tasks(): readonly TaskId[] {
    return [...this.#tasks.values()]
  }

  get connectorCount(): number {
    return this.#connectors.size
  }

  get taskCount(): number {
    return this.#tasks.size
  }

  hasConnector(connector: string): boolean {
    return this.#connectors.has(connector)
  }

  hasTask(task: TaskId): boolean {
    return this.#tasks.has(taskKey(task))
  }

  add({ connectors, tasks }: Work): void {
    for (const connector of connectors) this.#connectors.add(connector)
    for (const task of tasks) {
      const key = taskKey(task)
      if (!this.#tasks.has(key)) this.#tasks.set(key, task)
    }
  }

  remove({ connectors, tasks }: Work): void {
    for (const connector of connectors) this.#connectors.delete(connector)
    for (const task of tasks) this.#tasks.delete(taskKey(task))
  }
}

export function isNoWork({ connectors, tasks }: Work): boolean {
  return connectors.length === 0 && tasks.length === 0
}

/** What of `base` is in none of the others, in the order of `base`. */
export function minus(base: Work, ...others: readonly Work[]): Work {
  const rest = new WorkSet(base)
  for (const other of others) rest.remove(other)
  return { connectors: rest.connectors, tasks: rest.tasks }
}

/** What of `base` is in `other` too, in the order of `base`. */
export function common(base: Work, other: Work): Work {
  const set = new WorkSet(other)
  return { connectors: base.connectors.filter(c => set.hasConnector(c)), tasks: base.tasks.filter(t => set.hasTask(t)) }
}

export function union(works: Iterable<Work>): Work {
  const all = new WorkSet({ connectors: [], tasks: [] })
  for (const work of works) all.add(work)
  return { connectors: all.connectors, tasks: all.tasks }
}

/** As Java compares them: connectors by UTF-16 code units, tasks by connector, then number. */
export function inOrder({ connectors, tasks }: Work): Work {
  const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return {
    connectors: [...connectors].sort(byName),
    tasks: [...tasks].sort((a, b) => byName(a.connector, b.connector) || a.task - b.task),
  }
}

/** All that there is to run, in order. A connector whose task configs are inconsistent has no tasks. */
export function configuredWork(config: ClusterConfig): Work {
  const connectors = config.names()
  const tasks = connectors.flatMap(connector => config.get(connector)?.tasks.map((_props, task) => ({ connector, task })) ?? [])
  return inOrder({ connectors, tasks })
}

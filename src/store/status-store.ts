// States of connectors and tasks, and the topics they used (KIP-558). Standalone keeps them in memory, distributed will keep them in the
// status topic. Reads are from memory; a write never delays what it reports. Main thread; called by the herders.

export type StateName = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'FAILED' | 'RESTARTING' | 'STOPPED'

export interface Status {
  readonly state: StateName
  readonly workerId: string
  readonly trace: string | null
  /** of the plugin; null where no instance was there to ask */
  readonly version: string | null
  /** of the group the worker was in; 0 in standalone */
  readonly generation: number
}

export interface TopicUse {
  readonly topic: string
  readonly connector: string
  readonly task: number
  readonly discoveredAtMs: number
}

export interface StatusStore {
  connector(name: string): Status | undefined
  task(name: string, task: number): Status | undefined
  /** by task number, ascending */
  tasks(name: string): readonly (readonly [number, Status])[]
  putConnector(name: string, status: Status): void
  putTask(name: string, task: number, status: Status): void
  /** not where another worker of a higher generation has written already */
  putConnectorSafely(name: string, status: Status): void
  putTaskSafely(name: string, task: number, status: Status): void
  removeTask(name: string, task: number): void
  /** the connector, its tasks and its topics */
  remove(name: string): void
  topics(name: string): readonly TopicUse[]
  putTopic(use: TopicUse): void
  resetTopics(name: string): void
}

/** A connector that makes up topic names without end must not fill the memory: the rest is not tracked. */
export const TOPICS_PER_CONNECTOR_MAX = 10_000

export class MemoryStatusStore implements StatusStore {
  readonly #connectors = new Map<string, Status>()
  readonly #tasks = new Map<string, Map<number, Status>>()
  readonly #topics = new Map<string, Map<string, TopicUse>>()

  connector(name: string): Status | undefined {
    return this.#connectors.get(name)
  }

  task(name: string, task: number): Status | undefined {
    return this.#tasks.get(name)?.get(task)
  }

  tasks(name: string): readonly (readonly [number, Status])[] {
    return [...(this.#tasks.get(name) ?? [])].sort(([a], [b]) => a - b)
  }

  putConnector(name: string, status: Status): void {
    this.#connectors.set(name, status)
  }

  putTask(name: string, task: number, status: Status): void {
    const tasks = this.#tasks.get(name) ?? new Map<number, Status>()
    this.#tasks.set(name, tasks.set(task, status))
  }

  /** Nobody else writes. */
  putConnectorSafely(name: string, status: Status): void {
    this.putConnector(name, status)
  }

  putTaskSafely(name: string, task: number, status: Status): void {
    this.putTask(name, task, status)
  }

  removeTask(name: string, task: number): void {
    this.#tasks.get(name)?.delete(task)
  }

  remove(name: string): void {
    this.#connectors.delete(name)
    this.#tasks.delete(name)
    this.#topics.delete(name)
  }

  topics(name: string): readonly TopicUse[] {
    return [...(this.#topics.get(name)?.values() ?? [])]
  }

  putTopic(use: TopicUse): void {
    const topics = this.#topics.get(use.connector) ?? new Map<string, TopicUse>()
    if (topics.has(use.topic) || topics.size >= TOPICS_PER_CONNECTOR_MAX) return
    this.#topics.set(use.connector, topics.set(use.topic, use))
  }

  resetTopics(name: string): void {
    this.#topics.delete(name)
  }
}

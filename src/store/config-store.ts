// Connector configs, target states and task configs. Standalone keeps them in memory (as Java does); distributed will keep them in
// the config topic. Reads are from memory and synchronous, writes settle once they are durable. Main thread; called by the herders.

export type Props = Readonly<Record<string, string>>
export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED'

export interface ConnectorEntry {
  /** as the user gave it, variables unresolved */
  readonly config: Props
  readonly target: TargetState
  readonly tasks: readonly Props[]
  /** the connector config in force when `tasks` were stored; null before the first time */
  readonly appliedConfig: Props | null
}

export interface ConfigStore {
  names(): string[]
  get(connector: string): ConnectorEntry | undefined
  /** `target` undefined: keep the present one, STARTED for a new connector */
  putConfig(connector: string, config: Props, target?: TargetState): Promise<void>
  putTarget(connector: string, target: TargetState): Promise<void>
  /** replaces all task configs */
  putTasks(connector: string, tasks: readonly Props[]): Promise<void>
  remove(connector: string): Promise<void>
}

export class MemoryConfigStore implements ConfigStore {
  readonly #entries = new Map<string, ConnectorEntry>()

  names(): string[] {
    return [...this.#entries.keys()]
  }

  get(connector: string): ConnectorEntry | undefined {
    return this.#entries.get(connector)
  }

  async putConfig(connector: string, config: Props, target?: TargetState): Promise<void> {
    const old = this.#entries.get(connector)
    this.#entries.set(connector, {
      config,
      target: target ?? old?.target ?? 'STARTED',
      tasks: old?.tasks ?? [],
      appliedConfig: old?.appliedConfig ?? null,
    })
  }

  async putTarget(connector: string, target: TargetState): Promise<void> {
    const old = this.#entries.get(connector)
    if (old !== undefined) this.#entries.set(connector, { ...old, target })
  }

  async putTasks(connector: string, tasks: readonly Props[]): Promise<void> {
    const old = this.#entries.get(connector)
    if (old !== undefined) this.#entries.set(connector, { ...old, tasks, appliedConfig: old.config })
  }

  async remove(connector: string): Promise<void> {
    this.#entries.delete(connector)
  }
}

// What the records of the config topic add up to, one after the other (Java: KafkaConfigBackingStore's callbacks, ClusterConfigState). No I/O.
// A snapshot is the map itself, handed out until the next record copies it. Main thread; owned by config-topic.ts.
// Limits: as much memory as the topic's newest records and the task configs that wait for their commit take.
import { type ClusterConfig, type ClusterConnector, type SessionKey, UNSEEN } from './cluster-config.ts'
import type { ConfigRecord, RestartScope } from './config-records.ts'
import type { Props, TargetState } from './config-store.ts'

/** What a record did that somebody may want to hear of. */
export type ConfigChange =
  | { readonly kind: 'connectorChanged' | 'connectorRemoved' | 'tasksChanged' | 'targetChanged'; readonly connector: string }
  | { readonly kind: 'sessionKeyChanged'; readonly key: SessionKey }
  | { readonly kind: 'restartRequested'; readonly connector: string; readonly scope: RestartScope }
  | { readonly kind: 'loggerLevelChanged'; readonly namespace: string; readonly level: string }

class Snapshot implements ClusterConfig {
  readonly offset: number
  readonly sessionKey: SessionKey | null
  readonly #connectors: ReadonlyMap<string, ClusterConnector>
  #names: readonly string[] | null = null

  constructor(offset: number, sessionKey: SessionKey | null, connectors: ReadonlyMap<string, ClusterConnector>) {
    this.offset = offset
    this.sessionKey = sessionKey
    this.#connectors = connectors
  }

  names(): readonly string[] {
    // the default order of sort is that of UTF-16 code units, which is String.compareTo's
    this.#names ??= [...this.#connectors]
      .filter(([, { config }]) => config !== null)
      .map(([name]) => name)
      .sort()
    return this.#names
  }

  get(connector: string): ClusterConnector | undefined {
    return this.#connectors.get(connector)
  }
}

export class ConfigState {
  #connectors = new Map<string, ClusterConnector>()
  /** connectors whose target state was written: the default is no state of its own */
  readonly #targets = new Map<string, TargetState>()
  /** task configs that wait for their commit, by task number */
  readonly #deferred = new Map<string, Map<number, Props>>()
  #sessionKey: SessionKey | null = null
  #offset = -1
  #snapshot: Snapshot | null = null

  snapshot(): ClusterConfig {
    this.#snapshot ??= new Snapshot(this.#offset, this.#sessionKey, this.#connectors)
    return this.#snapshot
  }

  /** @param offset the record's own */
  apply(record: ConfigRecord, offset: number): ConfigChange | null {
    if (this.#snapshot !== null) this.#connectors = new Map(this.#connectors)
    this.#snapshot = null
    this.#offset = offset + 1
    switch (record.kind) {
      case 'connector':
        return this.#connector(record.connector, record.config)
      case 'target':
        return this.#target(record.connector, record.target)
      case 'task':
        return this.#task(record.connector, record.task, record.config)
      case 'commit':
        return this.#commit(record.connector, record.taskCount)
      case 'fencing':
        this.#change(record.connector, { taskCountRecord: record.taskCount, pendingFencing: false })
        return null
      case 'sessionKey':
        this.#sessionKey = record.key
        return { kind: 'sessionKeyChanged', key: record.key }
      case 'restart':
        return { kind: 'restartRequested', connector: record.connector, scope: record.scope }
      case 'loggerLevel':
        return { kind: 'loggerLevelChanged', namespace: record.namespace, level: record.level }
      default:
        return null
    }
  }

  #change(connector: string, change: Partial<ClusterConnector>): void {
    this.#connectors.set(connector, { ...(this.#connectors.get(connector) ?? UNSEEN), ...change })
  }

  #connector(connector: string, config: Props | null): ConfigChange {
    if (config === null) {
      this.#deferred.delete(connector)
      this.#change(connector, { config, tasks: [], appliedConfig: null })
      return { kind: 'connectorRemoved', connector }
    }
    if (!this.#targets.has(connector)) this.#targets.set(connector, 'STARTED')
    this.#change(connector, { config })
    return { kind: 'connectorChanged', connector }
  }

  #target(connector: string, target: TargetState | null): ConfigChange | null {
    const isKnown = (this.#connectors.get(connector)?.config ?? null) !== null
    if (target === null) {
      if (isKnown) this.#targets.set(connector, 'STARTED')
      else this.#targets.delete(connector)
      this.#change(connector, { target: 'STARTED' })
      return null
    }
    const isChanged = this.#targets.get(connector) !== target
    this.#targets.set(connector, target)
    this.#change(connector, { target })
    return isChanged && isKnown ? { kind: 'targetChanged', connector } : null
  }

  #task(connector: string, task: number, config: Props): null {
    const deferred = this.#deferred.get(connector)
    if (deferred === undefined) this.#deferred.set(connector, new Map([[task, config]]))
    else deferred.set(task, config)
    return null
  }

  #commit(connector: string, taskCount: number): ConfigChange | null {
    const old = this.#connectors.get(connector)
    const deferred = this.#deferred.get(connector)
    if (old === undefined || old.config === null) {
      // Deleted, and the tombstone compacted away: what is left of it belongs to nobody.
      this.#deferred.delete(connector)
      return null
    }
    const tasks: Props[] = []
    for (let config = deferred?.get(0); config !== undefined && tasks.length < taskCount; config = deferred?.get(tasks.length))
      tasks.push(config)
    const isComplete = tasks.length >= taskCount
    deferred?.clear()
    this.#change(connector, {
      tasks: isComplete ? tasks : [],
      isInconsistent: !isComplete,
      taskGeneration: old.taskGeneration + (isComplete && deferred !== undefined ? 1 : 0),
      appliedConfig: isComplete ? old.config : old.appliedConfig,
      pendingFencing: true,
    })
    return { kind: 'tasksChanged', connector }
  }
}

// A cluster's configuration as the config topic has it at one offset (Java: ClusterConfigState). Main thread; made by config-topic.ts,
// read by the distributed herder and, for what the leader shares out, by the group.
import type { Props, TargetState } from './config-store.ts'

export interface SessionKey {
  readonly key: Buffer
  /** `HmacSHA256` and the like */
  readonly algorithm: string
  readonly createdAtMs: number
}

export interface ClusterConnector {
  /** as the user gave it, variables unresolved; null: deleted or never seen, while other records of it are there */
  readonly config: Props | null
  readonly target: TargetState
  /** empty where isInconsistent */
  readonly tasks: readonly Props[]
  /** its last commit did not find all task configs (compaction): it counts as having no tasks until they are written again */
  readonly isInconsistent: boolean
  /** counts commits since this worker started, from 0; -1 before the first (Java: taskConfigGeneration) */
  readonly taskGeneration: number
  /** the connector config in force at the last commit; null before the first */
  readonly appliedConfig: Props | null
  /** a commit came after the last task count record (KIP-618) */
  readonly pendingFencing: boolean
  /** how many tasks' transactional ids were last fenced or may be open (`tasks-fencing-`); null: no record */
  readonly taskCountRecord: number | null
}

/** What is known of a connector before its first record. */
export const UNSEEN: ClusterConnector = {
  config: null,
  target: 'STARTED',
  tasks: [],
  isInconsistent: false,
  taskGeneration: -1,
  appliedConfig: null,
  pendingFencing: false,
  taskCountRecord: null,
}

/** Immutable. */
export interface ClusterConfig {
  /** last consumed data record's offset + 1, -1 when there was none: what members of the group compare */
  readonly offset: number
  readonly sessionKey: SessionKey | null
  /** of connectors that have a config, sorted as Java's String.compareTo */
  names(): readonly string[]
  /** undefined: never seen */
  get(connector: string): ClusterConnector | undefined
}

export const EMPTY_CLUSTER_CONFIG: ClusterConfig = {
  offset: -1,
  sessionKey: null,
  names: () => [],
  get: () => undefined,
}

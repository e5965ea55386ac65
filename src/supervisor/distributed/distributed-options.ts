// What a distributed herder is made of: cli/distributed.ts puts the real parts together, tests and the simulation theirs. Main thread.
import type { SessionKey } from '../../store/cluster-config.ts'
import type { Props } from '../../store/config-store.ts'
import type { ConfigTopic } from '../../store/config-topic.ts'
import type { StatusStore } from '../../store/status-store.ts'
import type { HerderOptions } from '../herder-options.ts'
import type { TransactionalOffsets } from '../offset-requests.ts'
import type { SignatureConfig } from './request-signature.ts'
import type { WorkerGroup, WorkerGroupListener } from './work.ts'

export interface ClusterStatuses extends StatusStore {
  /** those that have a status, or a task that has */
  connectors(): string[]
  /** tasks that have a status, also where a tombstone of the connector hides it */
  storedTasks(connector: string): readonly number[]
  /** what was read of a later generation than this one counts as older than anything written from now on */
  outdate(generation: number): void
  /** settles when what was written is acknowledged, after `timeoutMs` at the latest */
  flush(timeoutMs: number): Promise<void>
  /** writes what is under way, `timeoutMs` at most */
  stop(timeoutMs?: number): Promise<void>
}

/** What workers ask of their leader; worker-client.ts. */
export interface LeaderClient {
  putTaskConfigs(leaderUrl: string, connector: string, tasks: readonly Props[], key: SessionKey | null): Promise<void>
  fence(leaderUrl: string, connector: string, key: SessionKey | null): Promise<void>
}

export interface DistributedOptions extends Omit<HerderOptions, 'configs' | 'statuses'> {
  /** started; its listener is the herder */
  readonly configs: ConfigTopic
  /** started */
  readonly statuses: ClusterStatuses
  readonly client: LeaderClient
  readonly signatures: SignatureConfig
  /** inter.worker.key.ttl.ms */
  readonly sessionKeyTtlMs: number
  /** worker.sync.timeout.ms */
  readonly syncTimeoutMs: number
  /** exactly.once.source.support is enabled */
  readonly isExactlyOnce: boolean
  /** the leader's rounds of zombie fencing; null where exactly.once.source.support is disabled */
  readonly fencing: { fence(connector: string): Promise<void> } | null
  /** absent where exactly.once.source.support is not enabled */
  readonly transactionalOffsets?: TransactionalOffsets
  openGroup(listener: WorkerGroupListener): WorkerGroup
  /** the worker cannot go on (no right to be in the group, the config topic is not readable): the process must end */
  onFailed(error: Error): void
  /** nothing of the connector runs here any more, and no request looks at its offsets */
  releaseOffsets(connector: string): void
  /** after the group was left and the stores are closed */
  onClosed?(): Promise<void>
}

// What the group shares out, and what a worker's place in it tells the herder. Main thread.
import type { ClusterConfig } from '../../store/cluster-config.ts'
import type { TaskId } from '../herder.ts'

/** Connectors and tasks, as one worker has them or is to get them (Java: WorkerTasksState, ConnectorsAndTasks). */
export interface Work {
  readonly connectors: readonly string[]
  readonly tasks: readonly TaskId[]
}

export const NO_WORK: Work = { connectors: [], tasks: [] }

/** One completed round: JoinGroup, SyncGroup. */
export interface GroupRound {
  readonly generation: number
  readonly memberId: string
  readonly leaderId: string
  /** as advertised, mostly with a `/` at its end; null where the leader gave none */
  readonly leaderUrl: string | null
  /** what every member's config offset must equal before it acts on `assigned` */
  readonly configOffset: number
  readonly protocol: 'sessioned' | 'compatible' | 'default'
  /** true: error 1, the leader could not read up to the newest member's config offset; nothing was assigned */
  readonly isConfigMismatch: boolean
}

/** Calls never overlap; the group waits for the promises. */
export interface WorkerGroupListener {
  /** As far as it is read; asked before every JoinGroup. Cheap, and may be called at any time. */
  config(): ClusterConfig
  /**
   * The config topic read to its end: when the group is ahead of `config()`.
   * A rejection makes the worker leave the group and back off (CONNECT.md 4.2 rule 1).
   */
  readConfig(timeoutMs: number): Promise<ClusterConfig>
  /**
   * Stop this work before the group goes on. What is given up though the round has not taken it away (the coordinator was out of reach,
   * the config could not be read) comes back by `assigned` if it is still this worker's.
   * @param isLost others may run it already: publish and commit nothing for it
   */
  giveUp(work: Work, isLost: boolean): Promise<void>
  /**
   * A round whose config offset is that of `config()`; others are settled by joining again, without a call.
   * `all` is what this worker has now, `added` what is new of it. Settles when noted; starting goes on beside.
   */
  assigned(round: GroupRound, added: Work, all: Work): Promise<void>
  /** the member has given up for good (not authorised, incompatible group), its work before that: the worker must end */
  failed(error: Error): void
}

/** A worker's membership (worker-group.ts over kafka/group-member.ts; the simulation has the same over a coordinator in memory). */
export interface WorkerGroup {
  start(): void
  /** joins again soon, for instance when connectors or tasks came or went */
  requestRejoin(reason: string): void
  /** says good-bye; work is given up first (giveUp, not lost) */
  leave(): Promise<void>
  /** the last one, also while the next is under way and after a config mismatch; null outside of a generation */
  readonly round: GroupRound | null
  readonly isLeader: boolean
  /** from the join to the assignment */
  readonly isRebalancing: boolean
  /** what this worker was told to run and has not been told to give up */
  readonly work: Work
  /** on the leader: REST URL of the worker that runs a connector (task undefined) or a task, by the last round; null: not known, or a rebalance is under way */
  ownerUrl(connector: string, task?: number): string | null
  /** on the leader: member id -> url, by the last round; empty elsewhere and while a rebalance is under way */
  readonly members: ReadonlyMap<string, string>
}

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
  /** ends with `/` as advertised; null where the leader gave none */
  readonly leaderUrl: string | null
  /** what every member's config offset must equal before it acts on `assigned` */
  readonly configOffset: number
  readonly protocol: 'sessioned' | 'compatible' | 'default'
  /** true: error 1, the leader could not read up to the newest member's config offset; nothing was assigned */
  readonly isConfigMismatch: boolean
}

/** Calls never overlap; the group waits for the promises. */
export interface WorkerGroupListener {
  /**
   * Before JoinGroup, and by the leader before it shares out: the config topic read to its end.
   * A rejection makes the worker leave the group and back off (CONNECT.md 4.2 rule 1).
   */
  readConfig(timeoutMs: number): Promise<ClusterConfig>
  /** stop this work before the group goes on; `isLost`: others may run it already, publish and commit nothing for it */
  giveUp(work: Work, isLost: boolean): Promise<void>
  /** `all` is what this worker has now, `added` what is new of it. Settles when noted; starting goes on beside */
  assigned(round: GroupRound, added: Work, all: Work): Promise<void>
  /** the member has given up for good (not authorised, incompatible group): the worker must end */
  failed(error: Error): void
}

/** A worker's membership (worker-group.ts over kafka/group-member.ts; the simulation has the same over a coordinator in memory). */
export interface WorkerGroup {
  start(): void
  /** joins again soon, for instance when connectors or tasks came or went */
  requestRejoin(reason: string): void
  /** says good-bye; work is given up first (giveUp, not lost) */
  leave(): Promise<void>
  /** null outside of a generation */
  readonly round: GroupRound | null
  readonly isLeader: boolean
  /** what this worker holds by the last round */
  readonly work: Work
  /** on the leader: REST URL of the worker that runs a connector (task undefined) or a task, by the last round; null: not known */
  ownerUrl(connector: string, task?: number): string | null
  /** on the leader: member id -> url, by the last round */
  readonly members: ReadonlyMap<string, string>
}

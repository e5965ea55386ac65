// What an assignor of workers is: the leader asks it in every round who is to run what. Main thread; two of them, chosen by the group's
// protocol: eager-assignor.ts and cooperative-assignor.ts. Java: ConnectAssignor.
import type { Work } from './work.ts'

export interface AssignorRound {
  /** all connectors and tasks that there are to run */
  readonly configured: Work
  /** the generation of the last round that this member came out of with an assignment; -1: none */
  readonly lastGeneration: number
  /** of this round */
  readonly generation: number
  /** member id -> what it says it holds; in the order of the answer to JoinGroup */
  readonly members: ReadonlyMap<string, Work>
}

/** Each map has every member. */
export interface Shares {
  /** eager: all of a member's work; cooperative: what it gets in addition */
  readonly assigned: ReadonlyMap<string, Work>
  readonly revoked: ReadonlyMap<string, Work>
  /** what it has when the round is over */
  readonly all: ReadonlyMap<string, Work>
  /** members are to join again after this time; 0: they are not */
  readonly delayMs: number
}

export interface Assignor {
  assign(round: AssignorRound): Shares
}

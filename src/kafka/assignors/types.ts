// What a partition assignor is given and gives. Runs in the thread of the group's leading member; called by consumer-membership.ts.
import type { TopicPartition } from '../types.ts'

export interface AssignorMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly topics: readonly string[]
  /** what the member says it holds (cooperative rebalancing); [] with eager rebalancing */
  readonly owned: readonly TopicPartition[]
  /** the generation in which it got `owned`; -1 unknown */
  readonly generation: number
}

export type AssignorName = 'range' | 'roundrobin' | 'cooperative-sticky'

export interface Assignor {
  readonly name: AssignorName
  /** cooperative: members keep what they hold while they rejoin; eager: they give up everything first (KIP-429) */
  readonly cooperative: boolean
  /** user data of the subscription, or null */
  userData(generation: number): Buffer | null
  /** `partitions`: partition counts of the topics that exist; members in any order. Every member is in the answer */
  assign(partitions: ReadonlyMap<string, number>, members: readonly AssignorMember[]): Map<string, TopicPartition[]>
}

// The cooperative sticky assignor (KIP-429), able to lead Java members and to follow a Java leader. A partition that changes hands is
// given to nobody in the first round: its old owner sees it missing, gives it up and rejoins, and the second round places it.
// Runs in the thread of the group's leading member.
//
// User data, version 0 of Java's CooperativeStickyAssignor:   user_data => generation(int32)
// It says when `owned` was got for members whose subscription is older than version 2; newer ones carry the generation themselves.
import type { TopicPartition } from '../types.ts'
import { planSticky, rightfulOwners } from './sticky-plan.ts'
import type { Assignor, AssignorMember } from './types.ts'

export const cooperativeStickyAssignor: Assignor = {
  name: 'cooperative-sticky',
  cooperative: true,
  userData(generation) {
    const buffer = Buffer.alloc(4)
    buffer.writeInt32BE(generation)
    return buffer
  },
  assign(partitions, members: readonly AssignorMember[]) {
    const owners = rightfulOwners(partitions, members)
    const plan = planSticky(partitions, members, owners)
    const claims = new Map<string, Set<number>>()
    for (const [i, member] of members.entries())
      for (const { topic, partition } of member.owned) {
        const key = `${topic}-${partition}`
        claims.set(key, (claims.get(key) ?? new Set()).add(i))
      }
    const isFree = (taker: number, { topic, partition }: TopicPartition) => {
      const key = `${topic}-${partition}`
      if (owners.get(key) === taker) return true
      const claimants = claims.get(key)
      return claimants === undefined || (claimants.size === 1 && claimants.has(taker))
    }
    return new Map(members.map((m, i) => [m.memberId, (plan[i] ?? []).filter(p => isFree(i, p))]))
  },
}

// The round-robin assignor: all partitions in order of topic and number, dealt to the members in turn, a member that is not
// subscribed being passed over. Runs in the thread of the group's leading member.
import type { TopicPartition } from '../types.ts'
import { compareMembers, membersOfTopics } from './member-order.ts'
import type { Assignor, AssignorMember } from './types.ts'

export const roundRobinAssignor: Assignor = {
  name: 'roundrobin',
  cooperative: false,
  userData: () => null,
  assign(partitions, members: readonly AssignorMember[]) {
    const result = new Map<string, TopicPartition[]>(members.map(m => [m.memberId, []]))
    const ordered = members.toSorted(compareMembers)
    let turn = 0
    for (const [topic, subscribed] of membersOfTopics(partitions, members)) {
      const takers = new Set(subscribed)
      for (let partition = 0; partition < (partitions.get(topic) ?? 0); partition++) {
        let member = ordered[turn++ % ordered.length] as AssignorMember
        while (!takers.has(member)) member = ordered[turn++ % ordered.length] as AssignorMember
        result.get(member.memberId)?.push({ topic, partition })
      }
    }
    return result
  },
}

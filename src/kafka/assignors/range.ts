// The range assignor: each topic's partitions are cut into one run per subscribed member, the first members getting one more.
// Equal subscriptions to topics of equal size therefore come out co-partitioned. Equal to Kafka 4's RangeAssignor without racks
// (test/golden/kafka/range.json). Runs in the thread of the group's leading member.
import type { TopicPartition } from '../types.ts'
import { membersOfTopics } from './member-order.ts'
import type { Assignor, AssignorMember } from './types.ts'

export const rangeAssignor: Assignor = {
  name: 'range',
  cooperative: false,
  userData: () => null,
  assign(partitions, members: readonly AssignorMember[]) {
    const result = new Map<string, TopicPartition[]>(members.map(m => [m.memberId, []]))
    for (const [topic, subscribed] of membersOfTopics(partitions, members)) {
      const count = partitions.get(topic) ?? 0
      const each = Math.floor(count / subscribed.length)
      const withOneMore = count % subscribed.length
      let next = 0
      for (const [i, member] of subscribed.entries()) {
        const end = next + each + (i < withOneMore ? 1 : 0)
        for (; next < end; next++) result.get(member.memberId)?.push({ topic, partition: next })
      }
    }
    return result
  },
}

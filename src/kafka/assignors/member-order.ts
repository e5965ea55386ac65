// Kafka's order of group members: static ones by instance id, then the others by member id. Any thread; used by the assignors.
import type { AssignorMember } from './types.ts'

export function compareMembers(a: AssignorMember, b: AssignorMember): number {
  if (a.groupInstanceId !== null && b.groupInstanceId !== null) return compareStrings(a.groupInstanceId, b.groupInstanceId)
  if (a.groupInstanceId !== null) return -1
  if (b.groupInstanceId !== null) return 1
  return compareStrings(a.memberId, b.memberId)
}

/** By UTF-16 unit, as Java's String.compareTo. */
export function compareStrings(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The members subscribed to each existing topic, both in Kafka's order. */
export function membersOfTopics(
  partitions: ReadonlyMap<string, number>,
  members: readonly AssignorMember[],
): Map<string, AssignorMember[]> {
  const ordered = members.toSorted(compareMembers)
  const result = new Map<string, AssignorMember[]>()
  for (const topic of [...partitions.keys()].sort(compareStrings)) {
    const subscribed = ordered.filter(m => m.topics.includes(topic))
    if (subscribed.length > 0) result.set(topic, subscribed)
  }
  return result
}

// The transactional ids of a cluster, the same as Java's, so that workers of both kinds fence one another. Any thread.

/** Of an exactly-once source task's producer. */
export function transactionalIdOf(groupId: string, connector: string, task: number): string {
  return `${groupId}-${connector}-${task}`
}

/** Of the leader's writes to the config topic. */
export function leaderTransactionalId(groupId: string): string {
  return `connect-cluster-${groupId}`
}

// A worker that died did not leave the groups of its sinks: their partitions would wait for the dead members' session timeout (45 s), though
// the cluster has started the tasks elsewhere long before. Of one task there is one instance in a cluster, so a member of the group that
// goes by this task's client id is what is left of an earlier one. Task thread, before the group is joined; called by open.ts.
// Java waits for the session timeout.
//
// Not told apart: the task of that name in another cluster whose sink has the same group. What a broker tells of a member is its id (the broker's
// own choice behind the client id, which is Java's and stays), its host, and while the group is stable its subscription, whose user
// data could name the cluster. But the first task that comes back ends that state, and those that come with it would find nothing.
import type { Clock } from '../../base/clock.ts'
import { toError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import { Admin } from '../../kafka/admin.ts'
import type { Cluster } from '../../kafka/cluster.ts'

/** It only saves time: a group that does not answer soon is joined all the same. */
const TIMEOUT_MS = 5_000

/**
 * @param clientId of this task alone, not one that a config gives to several
 * @returns how many were taken out
 */
export async function removeStaleMembers(
  cluster: Cluster,
  groupId: string,
  clientId: string,
  log: Logger,
  clock: Clock,
): Promise<number> {
  const admin = new Admin(cluster, { clock, log, timeoutMs: TIMEOUT_MS })
  let removed = 0
  try {
    const { members } = await admin.describeGroup(groupId)
    // A static member keeps its place for whoever comes under its name (KIP-345).
    const stale = members.filter(member => member.clientId === clientId && member.groupInstanceId === null)
    for (const { memberId, host } of stale) {
      await admin.removeGroupMember(groupId, memberId)
      removed++
      log.info({ groupId, memberId, host }, 'what was left of an earlier instance of this task was taken out of its group')
    }
  } catch (error) {
    log.info(
      { groupId, error: toError(error).message },
      'earlier instances of this task could not be looked for; the session timeout ends them',
    )
  }
  return removed
}

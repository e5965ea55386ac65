// What members have too much of: everyone is to have an equal share of the connectors and of the tasks, the rest of the division one more
// each. Main thread; used by the cooperative assignor. Java: IncrementalCooperativeAssignor.performLoadBalancingRevocations.
import type { TaskId } from '../herder.ts'
import { NO_WORK, type Work } from './work.ts'
import { isNoWork } from './work-set.ts'

/**
 * @param members what each is to have by this round so far; who comes first may keep one more
 * @returns by member, only those that give up something
 */
export function surplus(configured: Work, members: ReadonlyMap<string, Work>): Map<string, Work> {
  const result = new Map<string, Work>()
  if ([...members.values()].every(isNoWork) || isNoWork(configured)) return result
  const connectors = surplusOf(configured.connectors.length, [...members], work => work.connectors)
  const tasks = surplusOf(configured.tasks.length, [...members], work => work.tasks)
  for (const id of new Set([...connectors.keys(), ...tasks.keys()]))
    result.set(id, { ...NO_WORK, connectors: connectors.get(id) ?? [], tasks: tasks.get(id) ?? [] })
  return result
}

function surplusOf<T extends string | TaskId>(
  total: number,
  members: readonly (readonly [id: string, work: Work])[],
  itemsOf: (work: Work) => readonly T[],
): Map<string, readonly T[]> {
  const least = Math.floor(total / members.length)
  const withOneMore = total % members.length
  const result = new Map<string, readonly T[]>()
  const counts = members.map(([, work]) => itemsOf(work).length)
  const haveOneMore = counts.filter(count => count === least + 1).length
  if (haveOneMore === withOneMore && counts.every(count => count === least || count === least + 1)) return result
  let extras = 0
  for (const [id, work] of members) {
    const items = itemsOf(work)
    if (items.length <= least) continue
    const mayKeep = extras < withOneMore ? least + 1 : least
    if (mayKeep > least) extras++
    if (items.length > mayKeep) result.set(id, items.slice(0, items.length - mayKeep))
  }
  return result
}

// Java's EagerAssignor, for the protocol `default`: everything is given out anew in each round. Connectors go round-robin over the
// members in the order of their ids, then tasks, going on where the connectors ended. Main thread; a pure function.
import type { Assignor, AssignorRound } from './assignor.ts'
import { NO_WORK, type Work } from './work.ts'
import { inOrder } from './work-set.ts'

export const eagerAssignor: Assignor = {
  assign({ configured, members }: AssignorRound) {
    const ids = [...members.keys()].sort()
    const all = new Map<string, Work>(ids.map(id => [id, NO_WORK]))
    const { connectors, tasks } = inOrder(configured)
    let turn = 0
    const give = (more: (held: Work) => Work) => {
      const id = ids[turn++ % ids.length] ?? ''
      all.set(id, more(all.get(id) ?? NO_WORK))
    }
    for (const connector of connectors) give(held => ({ ...held, connectors: [...held.connectors, connector] }))
    for (const task of tasks) give(held => ({ ...held, tasks: [...held.tasks, task] }))
    return { assigned: all, revoked: new Map(ids.map(id => [id, NO_WORK])), all, delayMs: 0 }
  },
}

// Java's answers of a history beside ours. Used by the assignor's oracle and by the test of the golden files. Main thread.
import { decodeAssignment, type WorkerAssignment } from '../../../src/supervisor/distributed/connect-protocol.ts'
import type { SharedOut } from '../../../src/supervisor/distributed/leader-state.ts'
import type { Work } from '../../../src/supervisor/distributed/work.ts'
import { inOrder, taskKey } from '../../../src/supervisor/distributed/work-set.ts'
import type { Round } from './history.ts'

/** Of one round, from Assignments.java. */
export interface JavaAnswer {
  /** member id -> bytes of SyncGroup in hex */
  readonly assignments: Readonly<Record<string, string>>
  /** `connector <name>` and `task <name>-<number>` -> url */
  readonly owners: Readonly<Record<string, string>>
}

/** Sets are compared: Java writes connectors in the order of a hash table. */
function shown(bytes: Buffer): WorkerAssignment {
  const assignment = decodeAssignment(bytes)
  return { ...assignment, assigned: inOrder(assignment.assigned), revoked: inOrder(assignment.revoked) }
}

function ownersOf(round: Round, { view, assignments }: SharedOut, java: JavaAnswer): Record<string, string> {
  const owners: Record<string, string> = {}
  const put = (name: string, url: string | null) => {
    if (url !== null) owners[name] = url
  }
  const all: Work[] = [...assignments.values()].map(bytes => decodeAssignment(bytes).assigned)
  const configured = Object.entries(round.configured)
  all.push({
    connectors: configured.map(([name]) => name),
    tasks: configured.flatMap(([connector, n]) => Array.from({ length: n }, (_, task) => ({ connector, task }))),
  })
  for (const { connectors, tasks } of all) {
    for (const connector of connectors) put(`connector ${connector}`, view.ownerUrl(connector))
    for (const task of tasks) put(`task ${taskKey(task)}`, view.ownerUrl(task.connector, task.task))
  }
  // what is held but no longer configured, by Java's list
  for (const name of Object.keys(java.owners)) {
    const [, connector = '', task] = /^(?:connector |task (?=.*-\d+$))(.*?)(?:(?<=^task .*)-(\d+))?$/s.exec(name) ?? []
    put(name, view.ownerUrl(connector, task === undefined ? undefined : Number(task)))
  }
  return owners
}

/** The first difference in words, or null. */
export function differs(rounds: readonly Round[], ours: readonly SharedOut[], java: readonly JavaAnswer[]): string | null {
  for (const [i, round] of rounds.entries()) {
    const [mine, theirs] = [ours[i], java[i]]
    if (mine === undefined || theirs === undefined) return `round ${i}: no answer`
    for (const [id, hex] of Object.entries(theirs.assignments)) {
      const own = JSON.stringify(mine.assignments.has(id) ? shown(mine.assignments.get(id) ?? Buffer.alloc(0)) : null)
      const other = JSON.stringify(shown(Buffer.from(hex, 'hex')))
      if (own !== other) return `round ${i} (${round.protocol}), member ${id}: Java ${other}, ours ${own}`
    }
    if (mine.assignments.size !== Object.keys(theirs.assignments).length)
      return `round ${i}: ${mine.assignments.size} members answered`
    const [own, other] = [ownersOf(round, mine, theirs), theirs.owners].map(o => JSON.stringify(Object.entries(o).sort()))
    if (own !== other) return `round ${i}, owners: Java ${other}, ours ${own}`
  }
  return null
}

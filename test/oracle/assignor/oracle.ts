// The oracle of the assignors: random histories of a group, every round led by Java's own assignors and by ours, all that members are sent
// and the leader's list of owners compared. Main thread of `npm run test:oracle -- assignor`.
import { decodeAssignment } from '../../../src/supervisor/distributed/connect-protocol.ts'
import type { SharedOut } from '../../../src/supervisor/distributed/leader-state.ts'
import { isNoWork } from '../../../src/supervisor/distributed/work-set.ts'
import { JavaPeer } from '../java-peer.ts'
import { compareCases } from '../loop.ts'
import type { Oracle } from '../oracle.ts'
import { differs, type JavaAnswer } from './compare.ts'
import { type History, makeHistory } from './history.ts'

/** What must have been seen for a run to prove something, in rounds. */
class Counts {
  rounds = 0
  delayed = 0
  revoking = 0
  mismatched = 0
  giving = 0

  add(answers: readonly SharedOut[]): void {
    for (const { assignments } of answers) {
      const all = [...assignments.values()].map(decodeAssignment)
      this.rounds++
      if (all.some(a => a.delayMs > 0)) this.delayed++
      if (all.some(a => !isNoWork(a.revoked))) this.revoking++
      if (all.some(a => a.error !== 0)) this.mismatched++
      if (all.some(a => !isNoWork(a.assigned))) this.giving++
    }
  }

  faults(): string[] {
    const { delayed, revoking, mismatched, giving } = this
    return Object.entries({ delayed, revoking, mismatched, giving })
      .filter(([, rounds]) => rounds < this.rounds * 0.02)
      .map(([what, rounds]) => `only ${rounds} of ${this.rounds} rounds were ${what}: the histories prove too little`)
  }
}

export const assignor: Oracle = {
  name: 'assignor',
  countDefault: 10_000,
  startJava: () => JavaPeer.start(new URL('../../golden/group/Assignments.java', import.meta.url)),
  async run(java, options) {
    const counts = new Counts()
    const faults = await compareCases(java, 'assignor', options, async number => {
      const { history, answers } = await makeHistory(options.seed, number)
      const theirs = await java.ask<readonly JavaAnswer[]>(history satisfies History)
      const what = differs(history.rounds, answers, theirs)
      counts.add(answers)
      return what === null ? null : `history ${number}, max delay ${history.maxDelay}: ${what}`
    })
    const { rounds, delayed, revoking, mismatched } = counts
    const lines = [
      `${rounds} rounds, ${delayed} with a delay, ${revoking} that revoke, ${mismatched} with a leader that is behind`,
    ]
    return { lines, faults: options.only === null ? [...faults, ...counts.faults()] : faults }
  },
}

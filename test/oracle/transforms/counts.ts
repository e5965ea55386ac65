// What a run of the oracle covered, so that it cannot pass by testing nothing. Main thread of `npm run test:oracle`.
import type { ChainCase } from './case.ts'
import type { JavaAnswer } from './compare.ts'
import { PREDICATE_CLASSES, TRANSFORM_CLASSES } from './steps.ts'

/** Of all records, at least this share must come out of the chain or be dropped by Filter. */
export const WITHOUT_ERROR_MIN = 0.6
/** Of the share that each of the classes would have if all were equal, at least this must have seen a record without an error. */
const SHARE_MIN = 0.2

export class Counts {
  chains = 0
  refused = 0
  records = 0
  errors = 0
  dropped = 0
  readonly #reached = new Map<string, number>()
  readonly errorTypes = new Map<string, number>()
  readonly allowed = new Map<string, number>()

  add(given: ChainCase, java: JavaAnswer): void {
    this.chains++
    if (java.configure !== undefined) this.refused++
    for (const result of java.results ?? []) {
      this.records++
      let passed = given.transforms.length
      if ('error' in result) {
        this.errors++
        passed = result.error.step
        bump(this.errorTypes, result.error.type)
      } else if ('dropped' in result) {
        this.dropped++
        passed = result.dropped + 1
      }
      for (const step of given.transforms.slice(0, passed)) {
        bump(this.#reached, step.class)
        const predicate = step.predicate === undefined ? undefined : given.predicates[step.predicate]
        if (predicate !== undefined) bump(this.#reached, predicate.class)
      }
    }
  }

  allow(name: string): void {
    bump(this.allowed, name)
  }

  /** Records that went through each class without an error. */
  reached(): [string, number][] {
    return [...TRANSFORM_CLASSES, ...PREDICATE_CLASSES].map(name => [name, this.#reached.get(name) ?? 0])
  }

  /** Why the run proves too little; empty where it does not. */
  faults(): string[] {
    const faults: string[] = []
    const share = this.records === 0 ? 0 : 1 - this.errors / this.records
    if (share < WITHOUT_ERROR_MIN) faults.push(`only ${Math.round(share * 100)} % of the records went through without an error`)
    const least = Math.ceil((this.records / (TRANSFORM_CLASSES.length + PREDICATE_CLASSES.length)) * SHARE_MIN)
    for (const [name, count] of this.reached()) {
      if (count < least) faults.push(`${name} saw ${count} records without an error, less than ${least}`)
    }
    return faults
  }
}

function bump(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

// The oracle of transforms and predicates: chains and records from a seed, through Java's classes and through ours, every result
// compared. Main thread of `npm run test:oracle -- transforms`.
import { JavaPeer } from '../java-peer.ts'
import { allowanceFor } from './allowances.ts'
import { type ChainCase, makeCase, RECORDS_PER_CASE } from './case.ts'
import { compareAnswers, type Difference, type JavaAnswer } from './compare.ts'
import { Counts } from './counts.ts'
import { MAP_ORDER, matchesInAnotherOrder } from './map-order.ts'
import { type Alter, runOurs } from './ours.ts'
import { shrink } from './shrink.ts'

export interface Found {
  readonly number: number
  readonly given: ChainCase
  readonly difference: Difference
}

/** Cases under way at a time. */
const CASES_MAX = 16

export interface RunOptions {
  readonly seed: number
  readonly records: number
  /** only this case */
  readonly only?: number
  /** a self-test plants a difference here */
  readonly alter?: Alter
}

export interface RunResult {
  readonly counts: Counts
  /** the first mismatch, made small */
  readonly found: (Found & { readonly small: ChainCase }) | null
}

export const startJava = (): Promise<JavaPeer> =>
  JavaPeer.start(new URL('../java/Oracle.java', import.meta.url), [
    new URL('../../golden/transforms/Recorder.java', import.meta.url),
  ])

export const askJava = (java: JavaPeer, given: ChainCase): Promise<JavaAnswer> => java.ask({ op: 'chain', ...given })

export async function runTransforms(java: JavaPeer, options: RunOptions): Promise<RunResult> {
  const alter = options.alter ?? (chain => chain)
  const counts = new Counts()
  let found: Found | null = null
  const waiting = new Set<Promise<void>>()
  const check = async (number: number): Promise<void> => {
    const given = await makeCase(options.seed, number)
    const [theirs, mine] = await Promise.all([askJava(java, given), runOurs(given, alter)])
    counts.add(given, theirs)
    for (const difference of compareAnswers(given, theirs, mine)) {
      const allowance = await allowed(given, difference, theirs, alter)
      if (allowance !== null) counts.allow(allowance)
      else found ??= { number, given, difference }
    }
  }
  let number = options.only ?? 0
  // Chains that both sides refuse compare no record: others take their place.
  const enough = (): boolean => counts.records + waiting.size * RECORDS_PER_CASE >= options.records
  while (found === null && (options.only === undefined ? counts.records < options.records : number === options.only)) {
    if (waiting.size >= CASES_MAX || (options.only === undefined && enough())) {
      await Promise.race(waiting)
      continue
    }
    const checked = check(number++).finally(() => waiting.delete(checked))
    waiting.add(checked)
    await java.ready()
  }
  await Promise.all(waiting)
  return { counts, found: found === null ? null : await shrunk(java, found, alter) }
}

async function allowed(given: ChainCase, difference: Difference, java: JavaAnswer, alter: Alter): Promise<string | null> {
  const allowance = allowanceFor(given, difference)
  if (allowance !== null) return allowance
  return (await matchesInAnotherOrder(given, difference, java, alter)) ? MAP_ORDER : null
}

async function shrunk(java: JavaPeer, found: Found, alter: Alter) {
  const differs = async (given: ChainCase): Promise<boolean> => {
    const [theirs, mine] = await Promise.all([askJava(java, given), runOurs(given, alter)])
    for (const difference of compareAnswers(given, theirs, mine)) {
      if ((await allowed(given, difference, theirs, alter)) === null) return true
    }
    return false
  }
  return { ...found, small: await shrink(found.given, found.difference.record, differs) }
}

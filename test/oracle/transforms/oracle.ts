// The oracle of transforms and predicates, as `npm run test:oracle -- transforms` runs it: first it must find what is planted, then the
// records of the seed are compared. Main thread.
import type { JavaPeer } from '../java-peer.ts'
import type { Oracle } from '../oracle.ts'
import type { ChainCase } from './case.ts'
import { compareAnswers } from './compare.ts'
import type { Counts } from './counts.ts'
import { propsOf, runOurs } from './ours.ts'
import { PLANTS } from './plants.ts'
import { askJava, type Found, runTransforms, startJava } from './run.ts'
import { shownJava, shownOurs } from './shown.ts'

/** Records within which a planted difference must be found. */
const SELF_TEST_RECORDS = 10_000

export const transforms: Oracle = {
  name: 'transforms',
  countDefault: 100_000,
  startJava,
  async run(java, { seed, count, only }) {
    const missed = only === null ? await selfTest(java, seed) : []
    const { counts, found } = await runTransforms(java, { seed, records: count, ...(only === null ? {} : { only }) })
    const faults = [...missed]
    if (found !== null) faults.push(await shownMismatch(java, seed, found))
    else if (only === null && count >= transforms.countDefault / 10) faults.push(...counts.faults())
    return { lines: [...(only === null ? [`self-test: ${PLANTS.length} planted differences`] : []), ...summary(counts)], faults }
  },
}

/** What was planted and not found. */
export async function selfTest(java: JavaPeer, seed: number): Promise<string[]> {
  const missed: string[] = []
  for (const { what, alter } of PLANTS) {
    const { found } = await runTransforms(java, { seed, records: SELF_TEST_RECORDS, alter })
    if (found === null) missed.push(`a planted difference was not found: ${what}`)
  }
  return missed
}

function summary(counts: Counts): string[] {
  const { chains, records, errors, dropped, refused } = counts
  const percent = (part: number): string => `${((100 * part) / Math.max(1, records)).toFixed(1)} %`
  const list = (entries: Iterable<[string, number]>): string => [...entries].map(([name, n]) => `${name} ${n}`).join(', ')
  return [
    `${chains} chains (${refused} refused by both), ${records} records: ${percent(records - errors - dropped)} through, ` +
      `${percent(dropped)} dropped, ${percent(errors)} errors in both`,
    `errors: ${list(counts.errorTypes)}`,
    `records that passed each class without an error: ${list(counts.reached())}`,
    `differences that docs/differences.md states: ${list(counts.allowed) || 'none'}`,
  ]
}

async function shownMismatch(java: JavaPeer, seed: number, found: Found & { readonly small: ChainCase }): Promise<string> {
  const { small, number } = found
  const [theirs, mine] = await Promise.all([askJava(java, small), runOurs(small)])
  const [difference = found.difference] = compareAnswers(small, theirs, mine)
  const used = (index: number): boolean =>
    small.records.some(({ keySchema, valueSchema, headers }) =>
      [keySchema, valueSchema, ...headers.map(h => h[1])].includes(index),
    )
  return [
    `${difference.what}; once more: npm run test:oracle -- transforms --seed ${seed} --case ${number}`,
    `chain: ${JSON.stringify(propsOf(small), null, 2)}`,
    ...small.schemas.flatMap((schema, i) => (used(i) ? [`schema ${i}: ${JSON.stringify(schema)}`] : [])),
    `record: ${JSON.stringify(small.records[Math.max(0, difference.record)])}`,
    `Java: ${shownJava(difference.java, difference.schemas)}`,
    `ours: ${shownOurs(difference.ours)}`,
  ].join('\n')
}

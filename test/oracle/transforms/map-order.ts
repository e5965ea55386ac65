// The allowance for maps: where two fields of a schemaless object get one name, the later one wins, and which one that is depends on the
// order of Java's hash map (docs/differences.md). Told by trying: with its fields in another order before each step our record becomes
// Java's. Main thread of `npm run test:oracle`.
import type { ConnectRecord } from '../../../src/data/record.ts'
import { Chain } from '../../../src/task/chain.ts'
import { Random } from '../random.ts'
import type { ChainCase } from './case.ts'
import { compareAnswers, type Difference, type JavaAnswer } from './compare.ts'
import { type Alter, runOurs } from './ours.ts'

export const MAP_ORDER = 'order of fields with one name'
const ORDERS_MAX = 20

/** @param alter what a self-test planted; it must not be excused by this */
export async function matchesInAnotherOrder(
  given: ChainCase,
  { record }: Difference,
  java: JavaAnswer,
  alter: Alter,
): Promise<boolean> {
  const [one, result] = [given.records[record], java.results?.[record]]
  if (one === undefined || result === undefined || !given.transforms.some(givesOneName)) return false
  const alone = { ...given, records: [one] }
  const random = new Random(record)
  for (let i = 0; i < ORDERS_MAX; i++) {
    const mine = await runOurs(alone, chain => shuffling(random, alter(chain)))
    if (compareAnswers(alone, { ...java, results: [result] }, mine).length === 0) return true
  }
  return false
}

const givesOneName = (step: ChainCase['transforms'][number]): boolean =>
  step.class.startsWith('Flatten$') || (step.class.startsWith('ReplaceField$') && step.config.renames !== undefined)

/** The chain, with the fields of schemaless objects put into another order before each step. */
function shuffling(random: Random, { parts }: Chain): Chain {
  const steps = parts.steps.map(step => {
    const { transform } = step
    const apply = <R extends ConnectRecord>(record: R): R | null => transform.apply(inAnotherOrder(random, record) as R)
    return { ...step, transform: { configure: () => {}, apply } }
  })
  return new Chain({ ...parts, steps })
}

function inAnotherOrder(random: Random, record: ConnectRecord): ConnectRecord {
  return record.with({
    ...(record.keySchema === null ? { key: shuffled(random, record.key) } : {}),
    ...(record.valueSchema === null ? { value: shuffled(random, record.value) } : {}),
  })
}

function shuffled(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value)
  return Object.fromEntries(random.some(entries, entries.length).map(([name, item]) => [name, shuffled(random, item)]))
}

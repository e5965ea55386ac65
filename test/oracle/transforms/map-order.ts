// The allowance for maps: where two fields of a schemaless object get one name, the later one wins, and which one that is depends on the
// order of Java's hash map (docs/differences.md). Told by trying: with its fields in another order our record becomes Java's.
// Main thread of `npm run test:oracle`.
import { Random } from '../random.ts'
import type { CaseRecord, ChainCase } from './case.ts'
import { compareAnswers, type Difference, type JavaAnswer } from './compare.ts'
import type { Json } from './data.ts'
import type { OurAnswer } from './ours.ts'

export const MAP_ORDER = 'order of fields with one name'
const ORDERS_MAX = 12

export async function matchesInAnotherOrder(
  given: ChainCase,
  { record }: Difference,
  java: JavaAnswer,
  ours: (given: ChainCase) => Promise<OurAnswer>,
): Promise<boolean> {
  const one = given.records[record]
  const result = java.results?.[record]
  if (one === undefined || result === undefined || !given.transforms.some(givesOneName)) return false
  const random = new Random(record)
  for (let i = 0; i < ORDERS_MAX; i++) {
    const shuffled = { ...given, records: [inAnotherOrder(random, one)] }
    if (compareAnswers(shuffled, { ...java, results: [result] }, await ours(shuffled)).length === 0) return true
  }
  return false
}

const givesOneName = (step: ChainCase['transforms'][number]): boolean =>
  step.class.startsWith('Flatten$') || (step.class.startsWith('ReplaceField$') && step.config.renames !== undefined)

function inAnotherOrder(random: Random, record: CaseRecord): CaseRecord {
  return {
    ...record,
    key: record.keySchema === null ? shuffled(random, record.key) : record.key,
    value: record.valueSchema === null ? shuffled(random, record.value) : record.value,
  }
}

function shuffled(random: Random, value: Json): Json {
  const entries = (value as { m?: [string, Json][] } | null)?.m
  if (entries === undefined) return value
  return { m: random.some(entries, entries.length).map(([name, item]) => [name, shuffled(random, item)]) }
}

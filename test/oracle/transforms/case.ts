// One case: a chain of one to five transforms and the records that pass through it, made from the seed and the case's number alone, so
// that a case can be made again without those before it. Main thread of `npm run test:oracle`.
//
// A step is chosen by what the steps before made of the first records: of four proposals the first that they pass. Without
// that most chains would end with an error in their first step and the steps behind it never see a record.
import type { ConnectRecord } from '../../../src/data/record.ts'
import { Random } from '../random.ts'
import {
  anySchema,
  anyValue,
  type Json,
  recordValue,
  schemaless,
  schemalessMap,
  structSchema,
  type TaggedSchema,
} from './data.ts'
import { openChain, recordOf, schemasOf } from './ours.ts'
import { TOPICS } from './patterns.ts'
import { anyPredicate, anyTransform, HEADER_NAMES, type PluginSpec } from './steps.ts'

export interface StepSpec extends PluginSpec {
  /** index in `predicates` */
  readonly predicate?: number
  readonly negate?: boolean
}

export interface CaseRecord {
  readonly topic: string
  readonly partition: number | null
  readonly offset: number
  readonly timestamp: number | null
  readonly source?: true
  /** indices in `schemas` */
  readonly keySchema: number | null
  readonly key: Json
  readonly valueSchema: number | null
  readonly value: Json
  readonly headers: readonly (readonly [string, number | null, Json])[]
}

export interface ChainCase {
  readonly transforms: readonly StepSpec[]
  readonly predicates: readonly PluginSpec[]
  readonly schemas: readonly TaggedSchema[]
  readonly records: readonly CaseRecord[]
}

export const RECORDS_PER_CASE = 25
const STEPS_MAX = 5
const PROPOSALS = 4
/** records that a step is chosen by */
const SCOUTS = 3

export async function makeCase(seed: number, number: number): Promise<ChainCase> {
  const random = new Random(seed, number)
  const schemas: TaggedSchema[] = []
  const records = makeRecords(random, schemas)
  const predicates: PluginSpec[] = []
  const transforms: StepSpec[] = []
  const ours = schemasOf(schemas)
  let scouts: ConnectRecord[] = random.some(records, SCOUTS).map(record => recordOf(record, ours))
  const steps = random.between(1, STEPS_MAX)
  while (transforms.length < steps && scouts.length > 0) {
    const { step, passed } = await chooseStep(random, scouts)
    transforms.push(withPredicate(random, step, predicates))
    scouts = passed
  }
  return { transforms, predicates, schemas, records }
}

async function chooseStep(
  random: Random,
  scouts: readonly ConnectRecord[],
): Promise<{ step: PluginSpec; passed: ConnectRecord[] }> {
  for (let proposal = 1; ; proposal++) {
    const step = anyTransform(random, random.pick(scouts))
    const passed = await passing(step, scouts)
    if (proposal === PROPOSALS || passed.length === scouts.length || random.chance(0.03)) {
      return { step, passed: passed.length > 0 ? passed : step.class === 'Filter' ? [...scouts] : [] }
    }
  }
}

async function passing(step: PluginSpec, scouts: readonly ConnectRecord[]): Promise<ConnectRecord[]> {
  if (step.class === 'Filter') return [...scouts]
  const passed: ConnectRecord[] = []
  try {
    const chain = await openChain({ transforms: [step], predicates: [] })
    for (const scout of scouts) {
      const after = chain.transform(scout)
      if (after !== null) passed.push(after)
    }
  } catch {
    // refused: the proposal is weighed by those that passed before
  }
  return passed
}

/** Filter without one would end the chain for all. */
function withPredicate(random: Random, step: PluginSpec, predicates: PluginSpec[]): StepSpec {
  if (!random.chance(step.class === 'Filter' ? 0.97 : 0.25)) return step
  if (predicates.length === 0 || random.chance(0.7)) predicates.push(anyPredicate(random))
  return { ...step, predicate: random.int(predicates.length), negate: random.chance(0.4) }
}

/** What the records of a case have in common. */
interface Shape {
  readonly keySchema: number | null
  readonly valueSchema: number | null
}

function makeRecords(random: Random, schemas: TaggedSchema[]): CaseRecord[] {
  // More shapes than a transform keeps schemas of, in a few cases.
  const shapeCount = random.chance(0.04) ? 20 : random.between(1, 3)
  const isSchemaless = random.chance(0.35)
  const add = (schema: TaggedSchema): number => schemas.push(schema) - 1
  const shapes = random.times(shapeCount, (): Shape => {
    const hasSchema = !isSchemaless || random.chance(0.05)
    return {
      keySchema: random.chance(0.5) ? null : add(random.chance(0.5) ? structSchema(random, 0) : anySchema(random, 1)),
      valueSchema: hasSchema ? add(random.chance(0.88) ? structSchema(random, 2) : anySchema(random, 1)) : null,
    }
  })
  const headerSchemas = random.times(2, () => add(anySchema(random, 1)))
  const isSource = random.chance(0.4)
  const template = schemalessMap(random, 2)
  return random.times(RECORDS_PER_CASE, i => {
    const shape = random.pick(shapes)
    const isTombstone = random.chance(0.06)
    return {
      topic: random.pick(TOPICS),
      partition: isSource && random.chance(0.5) ? null : random.int(9),
      offset: 1000 + i,
      timestamp: random.chance(0.1) ? null : random.chance(0.1) ? random.pick([0, -1, 1]) : random.int(2 ** 31) * 900,
      ...(isSource ? { source: true as const } : {}),
      keySchema: shape.keySchema,
      key: part(random, schemas, shape.keySchema, null),
      valueSchema: isTombstone ? null : shape.valueSchema,
      value: isTombstone ? null : part(random, schemas, shape.valueSchema, template),
      headers: random.times(random.int(3), () => header(random, schemas, headerSchemas)),
    }
  })
}

/** A key or value; without a schema mostly a map with the names of `template`. */
function part(
  random: Random,
  schemas: readonly TaggedSchema[],
  schema: number | null,
  template: { m: [string, Json][] } | null,
): Json {
  const given = schema === null ? undefined : schemas[schema]
  if (given !== undefined) return recordValue(random, given)
  if (template === null) return random.chance(0.4) ? schemalessMap(random, 1) : schemaless(random, 0)
  if (random.chance(0.06)) return null
  if (random.chance(0.06)) return schemaless(random, 1)
  return { m: template.m.map(([name, value]) => [name, random.chance(0.6) ? value : schemaless(random, 1)]) }
}

function header(random: Random, schemas: readonly TaggedSchema[], among: readonly number[]): [string, number | null, Json] {
  const name = random.pick(HEADER_NAMES)
  if (random.chance(0.4)) return [name, null, schemaless(random, 1)]
  const index = random.pick(among)
  // A required schema does not take null, in Java when the header is made.
  return [name, index, anyValue(random, schemas[index] as TaggedSchema)]
}

// Our side of the oracle of transforms: the chain that a task would load for the same config. Main thread of `npm run test:oracle`.

import { Headers } from '../../../src/data/headers.ts'
import { type ConnectRecord, SinkRecord, SourceRecord } from '../../../src/data/record.ts'
import type { Schema } from '../../../src/data/schema.ts'
import { openCatalogue } from '../../../src/plugins/catalogue.ts'
import type { Chain } from '../../../src/task/chain.ts'
import { loadChain } from '../../../src/task/plugins.ts'
import { schemaFrom, valueFrom } from '../../support/tagged-values.ts'
import type { CaseRecord, ChainCase } from './case.ts'
import type { TaggedSchema } from './data.ts'

const PACKAGE = 'org.apache.kafka.connect.transforms.'
const CONVERTER = 'org.apache.kafka.connect.storage.StringConverter'
const CONVERTERS = { 'key.converter': CONVERTER, 'value.converter': CONVERTER }

const catalogue = await openCatalogue([])

/** The chain's keys as they stand in a connector's config. */
export function propsOf({ transforms, predicates }: Pick<ChainCase, 'transforms' | 'predicates'>): Record<string, string> {
  const props: Record<string, string> = { transforms: transforms.map((_, i) => `t${i}`).join(',') }
  if (predicates.length > 0) props.predicates = predicates.map((_, i) => `p${i}`).join(',')
  for (const [i, step] of transforms.entries()) {
    const prefix = `transforms.t${i}.`
    props[`${prefix}type`] = PACKAGE + step.class
    for (const [key, value] of Object.entries(step.config)) props[prefix + key] = value
    if (step.predicate === undefined) continue
    props[`${prefix}predicate`] = `p${step.predicate}`
    if (step.negate !== undefined) props[`${prefix}negate`] = String(step.negate)
  }
  for (const [i, predicate] of predicates.entries()) {
    props[`predicates.p${i}.type`] = PACKAGE + predicate.class
    for (const [key, value] of Object.entries(predicate.config)) props[`predicates.p${i}.${key}`] = value
  }
  return props
}

/** @throws ConfigError as a task would */
export function openChain(given: Pick<ChainCase, 'transforms' | 'predicates'>): Promise<Chain> {
  return loadChain(catalogue, propsOf(given), CONVERTERS)
}

export const schemasOf = (schemas: readonly TaggedSchema[]): Schema[] => schemas.map(schema => schemaFrom(schema) as Schema)

export function recordOf(record: CaseRecord, schemas: readonly Schema[]): ConnectRecord {
  const at = (index: number | null): Schema | null => (index === null ? null : (schemas[index] ?? null))
  const [keySchema, valueSchema] = [at(record.keySchema), at(record.valueSchema)]
  const key = valueFrom(keySchema, record.key)
  const value = valueFrom(valueSchema, record.value)
  const headers = new Headers(
    record.headers.map(([name, index, given]) => ({ key: name, schema: at(index), value: valueFrom(at(index), given) })),
  )
  const { topic, partition, offset, timestamp } = record
  if (record.source) return new SourceRecord({}, {}, topic, partition, keySchema, key, valueSchema, value, timestamp, headers)
  const type = timestamp === null ? 'NoTimestampType' : 'CreateTime'
  const number = partition ?? 0
  return new SinkRecord(
    topic,
    number,
    keySchema,
    key,
    valueSchema,
    value,
    offset,
    timestamp,
    type,
    headers,
    topic,
    number,
    offset,
  )
}

/** What became of one record. */
export type OurResult =
  | { readonly record: ConnectRecord }
  | { readonly dropped: true }
  | { readonly error: unknown; readonly className: string }

export interface OurAnswer {
  readonly configure?: unknown
  readonly results: readonly OurResult[]
}

/** What a self-test does to the chain. */
export type Alter = (chain: Chain) => Chain

export async function runOurs(given: ChainCase, alter: Alter = chain => chain): Promise<OurAnswer> {
  let chain: Chain
  try {
    chain = alter(await openChain(given))
  } catch (error) {
    return { configure: error, results: [] }
  }
  const schemas = schemasOf(given.schemas)
  return { results: given.records.map(record => runOne(chain, recordOf(record, schemas))) }
}

function runOne(chain: Chain, record: ConnectRecord): OurResult {
  try {
    const after = chain.transform(record)
    return after === null ? { dropped: true } : { record: after }
  } catch (error) {
    return { error, className: chain.className.replace(PACKAGE, '') }
  }
}

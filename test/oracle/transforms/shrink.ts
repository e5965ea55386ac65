// Makes a case that differs small enough to read: one record, then without each step, predicate, header and field that it differs
// without. Main thread of `npm run test:oracle`.
import type { CaseRecord, ChainCase } from './case.ts'
import type { Json, TaggedSchema } from './data.ts'

/** Tries are pairs of runs; a case that is still large after them is shown as it is. */
const TRIES_MAX = 400

export async function shrink(
  given: ChainCase,
  record: number,
  differs: (given: ChainCase) => Promise<boolean>,
): Promise<ChainCase> {
  let small = given
  const one = record < 0 ? undefined : given.records[record]
  if (one !== undefined && (await differs({ ...given, records: [one] }))) small = { ...given, records: [one] }
  let tries = 0
  for (let changed = true; changed; ) {
    changed = false
    for (const smaller of smallerOnes(small)) {
      if (++tries > TRIES_MAX) return small
      if (!(await differs(smaller))) continue
      small = smaller
      changed = true
      break
    }
  }
  return small
}

function* smallerOnes(given: ChainCase): Generator<ChainCase> {
  const { transforms, records } = given
  for (let i = 0; transforms.length > 1 && i < transforms.length; i++) yield { ...given, transforms: transforms.toSpliced(i, 1) }
  for (const [i, step] of transforms.entries()) {
    if (step.predicate !== undefined) {
      yield { ...given, transforms: transforms.with(i, { class: step.class, config: step.config }) }
    }
    for (const key of Object.keys(step.config)) {
      const { [key]: _dropped, ...config } = step.config
      yield { ...given, transforms: transforms.with(i, { ...step, config }) }
    }
  }
  for (let i = 0; records.length > 1 && i < records.length; i++) yield { ...given, records: records.toSpliced(i, 1) }
  for (const [i, record] of records.entries()) {
    for (const smaller of smallerRecords(record)) yield { ...given, records: records.with(i, smaller) }
  }
  for (let i = 0; i < given.schemas.length; i++) yield* smallerSchemas(given, i)
}

function* smallerRecords(record: CaseRecord): Generator<CaseRecord> {
  if (record.headers.length > 0) yield { ...record, headers: [] }
  if (record.key !== null) yield { ...record, key: null, keySchema: null }
  if (record.value !== null) yield { ...record, value: null, valueSchema: null }
  for (const part of ['key', 'value'] as const) {
    const map = (record[part] as { m?: Json[] } | null)?.m
    for (let i = 0; map !== undefined && i < map.length; i++) yield { ...record, [part]: { m: map.toSpliced(i, 1) } }
  }
}

/** Without one field of a struct, in the schema and in the records. */
function* smallerSchemas(given: ChainCase, index: number): Generator<ChainCase> {
  const schema = given.schemas[index] as TaggedSchema
  for (const key of ['d', 'n', 'v', 'doc', 'p', 'o']) {
    if (schema[key] === undefined || schema.t !== 'struct') continue
    const { [key]: _dropped, ...rest } = schema
    yield { ...given, schemas: given.schemas.with(index, rest as TaggedSchema) }
  }
  if (schema.t !== 'struct' || schema.d !== undefined) return
  const fields = schema.f as Json[]
  const drop = (value: Json, i: number): Json => (value === null ? null : { st: (value as { st: Json[] }).st.toSpliced(i, 1) })
  for (let i = 0; fields.length > 1 && i < fields.length; i++) {
    yield {
      ...given,
      schemas: given.schemas.with(index, { ...schema, f: fields.toSpliced(i, 1) }),
      records: given.records.map(record => ({
        ...record,
        ...(record.keySchema === index ? { key: drop(record.key, i) } : {}),
        ...(record.valueSchema === index ? { value: drop(record.value, i) } : {}),
      })),
    }
  }
}

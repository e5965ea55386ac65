// What Java made of a record against what we made of it. Main thread of `npm run test:oracle`.
import type { ConnectRecord } from '../../../src/data/record.ts'
import type { Schema } from '../../../src/data/schema.ts'
import { schemaEquals, valueEquals } from '../../../src/data/schema-equality.ts'
import { Struct } from '../../../src/data/struct.ts'
import { meansJavas } from '../../support/golden-transforms.ts'
import { schemaFrom, valueFrom } from '../../support/tagged-values.ts'
import type { ChainCase } from './case.ts'
import type { Json, TaggedSchema } from './data.ts'
import type { OurAnswer, OurResult } from './ours.ts'

export interface JavaError {
  readonly step: number
  readonly type: string
  readonly message: string | null
}

export interface JavaRecord {
  readonly topic: string
  readonly partition: number | null
  readonly timestamp: number | null
  readonly keySchema: number | null
  readonly key: Json
  readonly valueSchema: number | null
  readonly value: Json
  readonly headers: readonly (readonly [string, number | null, Json])[]
}

export type JavaResult = { readonly error: JavaError } | { readonly dropped: number } | JavaRecord

export interface JavaAnswer {
  readonly configure?: JavaError
  readonly results?: readonly JavaResult[]
  readonly schemas?: readonly TaggedSchema[]
}

export interface Difference {
  /** -1: the configuration */
  readonly record: number
  readonly what: string
  readonly java: unknown
  readonly ours: unknown
  /** Java's, which its result names by index */
  readonly schemas: readonly TaggedSchema[]
}

/** Java's schemas, each made once. */
class JavaSchemas {
  readonly #tagged: readonly TaggedSchema[]
  readonly #made = new Map<number, Schema>()

  constructor(tagged: readonly TaggedSchema[] = []) {
    this.#tagged = tagged
  }

  get(index: number | null): Schema | null {
    if (index === null) return null
    const known = this.#made.get(index) ?? (schemaFrom(this.#tagged[index]) as Schema)
    this.#made.set(index, known)
    return known
  }
}

export function compareAnswers(given: ChainCase, java: JavaAnswer, ours: OurAnswer): Difference[] {
  if (java.configure !== undefined || ours.configure !== undefined) {
    if (java.configure !== undefined && ours.configure !== undefined) return []
    return [
      { record: -1, what: 'the configuration', java: java.configure ?? 'taken', ours: ours.configure ?? 'taken', schemas: [] },
    ]
  }
  const schemas = new JavaSchemas(java.schemas)
  const differences: Difference[] = []
  for (let record = 0; record < given.records.length; record++) {
    const [theirs, mine] = [java.results?.[record], ours.results[record]]
    if (theirs === undefined || mine === undefined) throw new Error(`no result for record ${record}`)
    const what = compareResults(given, theirs, mine, schemas)
    if (what !== null) differences.push({ record, what, java: theirs, ours: mine, schemas: java.schemas ?? [] })
  }
  return differences
}

function compareResults(given: ChainCase, java: JavaResult, ours: OurResult, schemas: JavaSchemas): string | null {
  if ('error' in java) {
    if (!('error' in ours)) return `Java fails with ${java.error.type}`
    const step = given.transforms[java.error.step]?.class
    if (step !== ours.className) return `Java fails in ${step}, we in ${ours.className}`
    return meansJavas(java.error.type, ours.error) ? null : `Java's ${java.error.type} is another kind of error here`
  }
  if ('error' in ours) return 'we fail'
  if ('dropped' in java) return 'dropped' in ours ? null : 'Java drops it'
  if ('dropped' in ours) return 'we drop it'
  return compareRecords(java, ours.record, schemas)
}

/** A default that became a value has the schema as it was before it had the default, in Java as here. */
function sameValue(a: unknown, b: unknown): boolean {
  if (!(a instanceof Struct && b instanceof Struct)) return valueEquals(a, b)
  const withoutDefault = (schema: Schema): Schema => (schema.default === null ? schema : schema.with({ default: null }))
  return schemaEquals(withoutDefault(a.schema), withoutDefault(b.schema)) && valueEquals(a.values, b.values)
}

function compareRecords(java: JavaRecord, ours: ConnectRecord, schemas: JavaSchemas): string | null {
  if (java.topic !== ours.topic) return 'topic'
  if (java.partition !== ours.kafkaPartition) return 'partition'
  if (java.timestamp !== ours.timestamp) return 'timestamp'
  const keySchema = schemas.get(java.keySchema)
  if (!schemaEquals(keySchema, ours.keySchema)) return 'schema of the key'
  if (!sameValue(valueFrom(keySchema, java.key), ours.key)) return 'key'
  const valueSchema = schemas.get(java.valueSchema)
  if (!schemaEquals(valueSchema, ours.valueSchema)) return 'schema of the value'
  if (!sameValue(valueFrom(valueSchema, java.value), ours.value)) return 'value'
  const entries = ours.headers.entries
  if (java.headers.length !== entries.length) return 'number of headers'
  for (const [i, [name, index, value]] of java.headers.entries()) {
    const schema = schemas.get(index)
    const mine = entries[i]
    if (mine === undefined || name !== mine.key || !schemaEquals(schema, mine.schema)) return `header ${i}`
    if (!sameValue(valueFrom(schema, value), mine.value)) return `value of header ${i}`
  }
  return null
}

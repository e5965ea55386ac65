// Lists and maps of Values.parseString: one schema for all elements where they have one in common, and the elements brought to it.
// Task threads.
import { dateFromDays, MS_PER_DAY } from './logical.ts'
import { DATE_NAME, Schema, type SchemaAndValue, TIME_NAME, TIMESTAMP_NAME, type Type } from './schema.ts'
import { schemaEquals } from './schema-equality.ts'

const NUMBERS: readonly Type[] = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64']

/** What a list of elements has in common: null for nothing; undefined where Java gives up, that is for nulls among others. */
function commonSchema(items: readonly SchemaAndValue[]): Schema | null | undefined {
  let common: Schema | null = null
  let mixed = false
  let nulls = 0
  for (const { schema } of items) {
    if (schema === null) nulls++
    else if (common === null) common = schema
    else {
      const merged = mergeSchemas(common, schema)
      if (merged === null) mixed = true
      else common = merged
    }
  }
  if (nulls > 0 && nulls < items.length) return undefined
  return mixed ? null : common
}

/** The wider of two number schemas; of two others of one type the later. */
function mergeSchemas(earlier: Schema, later: Schema): Schema | null {
  if (earlier.type === later.type) return later
  const a = NUMBERS.indexOf(earlier.type)
  const b = NUMBERS.indexOf(later.type)
  if (a < 0 || b < 0) return null
  return b > a ? later : earlier
}

/** A list of the parsed items, or undefined where Java does not take it for one. */
export function alignList(items: readonly SchemaAndValue[]): SchemaAndValue | undefined {
  const element = commonSchema(items)
  if (element === undefined) return undefined
  return { schema: new Schema({ type: 'array', valueSchema: element }), value: items.map(item => align(item, element)) }
}

export function alignMap(entries: readonly (readonly [SchemaAndValue, SchemaAndValue])[]): SchemaAndValue | undefined {
  const keySchema = commonSchema(entries.map(e => e[0]))
  const valueSchema = commonSchema(entries.map(e => e[1]))
  if (keySchema === undefined || valueSchema === undefined) return undefined
  const value = new Map(entries.map(([k, v]) => [align(k, keySchema), align(v, valueSchema)]))
  return { schema: new Schema({ type: 'map', keySchema, valueSchema }), value }
}

function align({ schema, value }: SchemaAndValue, target: Schema | null): unknown {
  if (target === null || schema === null || schemaEquals(schema, target)) return value
  if (!NUMBERS.includes(target.type)) return value
  const number = value instanceof Date ? storedNumber(schema, value) : (value as number | bigint)
  switch (target.name) {
    case DATE_NAME:
      return dateFromDays(Number(number))
    case TIME_NAME:
    case TIMESTAMP_NAME:
      return new Date(Number(number))
  }
  if (target.type === 'float32') return Math.fround(Number(number))
  return target.type === 'float64' ? Number(number) : number
}

const storedNumber = (schema: Schema, value: Date): number =>
  schema.name === DATE_NAME ? Math.floor(value.getTime() / MS_PER_DAY) : value.getTime()

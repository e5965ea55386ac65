// JSON payloads with a schema as columns: the columns of the payload's keys, brought into the order and the types of the schema's fields. Only what
// fits a type as it stands; what Java's converter would bend (a text for a number, a number that wraps around) is the row path's. Task threads.
import {
  ABSENT,
  Column,
  type ColumnValues,
  constantColumn,
  DOUBLE,
  FALSE,
  INT,
  Layout,
  NULL,
  OTHER,
  ROWS_MAX,
  TEXT,
  TRUE,
} from '../../../data/columns.ts'
import { MS_PER_DAY } from '../../../data/logical.ts'
import { DATE_NAME, DECIMAL_NAME, type Field, type Schema, TIME_NAME, TIMESTAMP_NAME, type Type } from '../../../data/schema.ts'

const NOTHING = (1 << ABSENT) | (1 << NULL)
const NO_LAYOUTS = new Uint16Array(0)

interface Range {
  readonly min: number
  readonly max: number
}

const bits = (count: number): Range => ({ min: -(2 ** (count - 1)), max: 2 ** (count - 1) - 1 })
/** Integer types; int64 holds every safe integer. */
const INTEGERS: Partial<Record<Type, Range>> = { int8: bits(8), int16: bits(16), int32: bits(32), int64: bits(64) }
/** Points in time, which are integers in JSON and in a column: what a JavaScript date can be. */
const TIMES: Readonly<Record<string, Range & { readonly type: Type }>> = {
  [DATE_NAME]: { type: 'int32', min: -1e8, max: 1e8 },
  [TIME_NAME]: { type: 'int32', min: 0, max: MS_PER_DAY - 1 },
  [TIMESTAMP_NAME]: { type: 'int64', min: -8.64e15, max: 8.64e15 },
}

interface Plan {
  readonly schema: Schema
  readonly layout: Layout
}

/** Fields with values of one column each, that have a quick form. */
function planOf(schema: Schema): Plan | null {
  if (schema.type !== 'struct' || schema.fields.length === 0) return null
  if (!schema.fields.every(hasColumn)) return null
  return { schema, layout: new Layout(schema.fields.map((_, i) => i)) }
}

function hasColumn({ schema }: Field): boolean {
  // A default stands in for null or for what is missing: not here.
  if (schema.default !== null) return false
  if (schema.name !== null && LOGICAL.includes(schema.name)) return TIMES[schema.name]?.type === schema.type
  return INTEGERS[schema.type] !== undefined || schema.type === 'float64' || schema.type === 'boolean' || schema.type === 'string'
}

const LOGICAL: readonly string[] = [DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME]

export class SchemaColumns {
  #plan: Plan | null = null
  #schema: Schema | null = null

  /** The rows as structs of the schema, up to the first that must go the row path; null where that is the first one. */
  conform(values: ColumnValues, schema: Schema): ColumnValues | null {
    if (schema !== this.#schema) {
      this.#schema = schema
      this.#plan = planOf(schema)
    }
    const plan = this.#plan
    if (plan === null) return null
    const found = schema.fields.map(field => values.columns.find(column => column.name === field.name))
    let { count } = values
    for (const [i, field] of schema.fields.entries()) count = fittingRows(field, found[i], count)
    if (count === 0) return null
    const columns = schema.fields.map((field, i) => columnOf(field, found[i], count))
    return { count, form: 'rows', schema, columns, layout: plan.layout, layoutOf: NO_LAYOUTS, layouts: [plan.layout] }
  }
}

/** How many rows, of `count`, have a value that the field's type takes as it is. */
function fittingRows({ schema }: Field, column: Column | undefined, count: number): number {
  if (column === undefined) return schema.optional ? count : 0
  const wanted = wantedTags(schema) | (schema.optional ? NOTHING : 0)
  const range = TIMES[schema.name ?? ''] ?? INTEGERS[schema.type]
  const { mask, tags, numbers, others } = column
  const isString = (mask & wanted & (1 << OTHER)) !== 0
  if (range === undefined && !isString && (mask & ~wanted) === 0) return count
  for (let row = 0; row < count; row++) {
    const tag = tags[row]!
    if (((1 << tag) & wanted) === 0) return row
    if (tag === INT && range !== undefined && !(numbers[row]! >= range.min && numbers[row]! <= range.max)) return row
    if (tag === OTHER && typeof others[row] !== 'string') return row
  }
  return count
}

function wantedTags(schema: Schema): number {
  if (INTEGERS[schema.type] !== undefined) return 1 << INT
  switch (schema.type) {
    case 'string':
      return (1 << TEXT) | (1 << OTHER)
    case 'boolean':
      return (1 << TRUE) | (1 << FALSE)
    default:
      return (1 << INT) | (1 << DOUBLE)
  }
}

function columnOf({ name, schema }: Field, column: Column | undefined, count: number): Column {
  if (column === undefined) return constantColumn(name, null)
  return schema.type === 'float64' && (column.tagsIn(0, count) & (1 << INT)) !== 0 ? allDoubles(column, count) : column
}

/** Integers of a field of doubles are doubles: 5 is 5.0. */
function allDoubles(column: Column, count: number): Column {
  const tags = new Uint8Array(ROWS_MAX)
  const starts = Int32Array.from(column.starts)
  for (let row = 0; row < count; row++) {
    const tag = column.tags[row]!
    tags[row] = tag === INT ? DOUBLE : tag
    if (tag === INT) starts[row] = -1
  }
  const doubles = new Column(column.name, column.buffer, tags, column.numbers, starts, column.ends, column.others)
  doubles.mask = (column.mask & ~(1 << INT)) | (1 << DOUBLE)
  return doubles
}

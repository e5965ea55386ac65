// Records as columns (D3): the values of neighbouring records of one partition, without an object or a string a record. Texts and numbers
// stay byte ranges of the fetch buffer; what has no quick form is an ordinary value. Task threads; made by a converter's column
// reader, changed by transforms, taken by sinks. The arrays belong to the reader: they hold until the put that they were made for ends.
//
// A schemaless object's keys have an order and may be missing, which a schema cannot say: a row's Layout names its columns in order.
import { Float64, schemalessDouble } from './decimal.ts'
import { MS_PER_DAY } from './logical.ts'
import type { SinkRecord } from './record.ts'
import { DATE_NAME, type Schema, TIME_NAME, TIMESTAMP_NAME } from './schema.ts'
import { Struct } from './struct.ts'

/** What stands in a row of a column. Bits of `Column.mask` are numbered by these. */
export const ABSENT = 0
export const NULL = 1
/** `numbers` holds the safe integer; its text stands at `starts`, or nowhere (-1) where that text is not how Java prints it */
export const INT = 2
/** `numbers` holds the double; its text as for INT */
export const DOUBLE = 3
/** valid UTF-8 from `starts` to `ends` of `buffer` */
export const TEXT = 4
export const TRUE = 5
export const FALSE = 6
/** an ordinary value in `others`: texts that had escapes, bigints, objects and lists, bytes ... */
export const OTHER = 7
/** bytes from `starts` to `ends` of `buffer` */
export const BYTES = 8

/** Rows that a reader makes at a time: ten columns of them fit a second-level cache. */
export const ROWS_MAX = 1024

export class Column {
  readonly name: string
  /** of texts and of numbers' texts */
  buffer: Buffer
  readonly tags: Uint8Array
  readonly numbers: Float64Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly others: unknown[]
  /** tags that may occur, one bit each (ABSENT included): no other does; see tagsIn for those that do */
  mask = 0
  /** all rows hold the same value */
  readonly isConstant: boolean
  /** texts may hold what JSON must escape; those read from JSON strings without escapes do not */
  mayNeedEscapes = false

  constructor(
    name: string,
    buffer: Buffer,
    tags: Uint8Array,
    numbers: Float64Array,
    starts: Int32Array,
    ends: Int32Array,
    others: unknown[],
    isConstant = false,
  ) {
    this.name = name
    this.buffer = buffer
    this.tags = tags
    this.numbers = numbers
    this.starts = starts
    this.ends = ends
    this.others = others
    this.isConstant = isConstant
  }

  /** A column to fill, of ROWS_MAX rows. */
  static empty(name: string): Column {
    return new Column(
      name,
      NO_BYTES,
      new Uint8Array(ROWS_MAX),
      new Float64Array(ROWS_MAX),
      new Int32Array(ROWS_MAX),
      new Int32Array(ROWS_MAX),
      [],
    )
  }

  /** The same values under another name. */
  renamed(name: string): Column {
    const copy = new Column(name, this.buffer, this.tags, this.numbers, this.starts, this.ends, this.others, this.isConstant)
    copy.mask = this.mask
    copy.mayNeedEscapes = this.mayNeedEscapes
    return copy
  }

  /** Writes a value of schemaless data into a row. Not hot. */
  put(row: number, value: unknown): void {
    const tag = tagOf(value)
    this.tags[row] = tag
    this.mask |= 1 << tag
    if (tag === OTHER) this.others[row] = value
    else if (tag === INT || tag === DOUBLE) {
      this.numbers[row] = value instanceof Float64 ? value.value : (value as number)
      this.starts[row] = -1
    }
  }

  /** The tags in rows [from, to), one bit each. */
  tagsIn(from: number, to: number): number {
    const { tags, mask } = this
    if ((mask & (mask - 1)) === 0) return mask
    let found = 0
    for (let row = from; row < to; row++) found |= 1 << tags[row]!
    return found
  }

  /** The value as schemaless Connect data; undefined where the row has none. Not hot. */
  valueAt(row: number): unknown {
    switch (this.tags[row]) {
      case ABSENT:
        return undefined
      case NULL:
        return null
      case INT:
        return this.numbers[row]
      case DOUBLE:
        return schemalessDouble(this.numbers[row]!)
      case TEXT:
        return this.buffer.toString('utf8', this.starts[row], this.ends[row])
      case TRUE:
        return true
      case FALSE:
        return false
      case BYTES:
        return this.buffer.subarray(this.starts[row], this.ends[row])
      default:
        return this.others[row]
    }
  }
}

function tagOf(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? INT : DOUBLE
    case 'boolean':
      return value ? TRUE : FALSE
    default:
      return value === null ? NULL : value instanceof Float64 ? DOUBLE : OTHER
  }
}

const NO_BYTES = Buffer.alloc(0)

/** Which columns a row has, in the order of its keys. Few objects, compared by identity. */
export class Layout {
  /** indexes of ColumnBatch.columns */
  readonly slots: readonly number[]

  constructor(slots: readonly number[]) {
    this.slots = slots
  }
}

/** What a converter's column reader made of neighbouring records. */
export interface ColumnValues {
  readonly count: number
  /** 'rows': each value is an object (or a struct of `schema`); 'single': each value is what stands in columns[0] */
  readonly form: 'rows' | 'single'
  /** null: schemaless */
  readonly schema: Schema | null
  readonly columns: readonly Column[]
  /** the layout of every row, or null where they differ: see `layoutOf` */
  readonly layout: Layout | null
  /** by row, indexes of `layouts`; empty where `layout` is not null */
  readonly layoutOf: Uint16Array
  readonly layouts: readonly Layout[]
}

/** Neighbouring records of a partition, in offset order. Transforms change its fields; `count` rows of each array count. */
export class ColumnBatch {
  topic: string
  readonly originalTopic: string
  readonly partition: number
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  count: number
  /** by row */
  offsets: Float64Array
  /** by row, ms; -1: none */
  timestamps: Float64Array
  form: 'rows' | 'single'
  schema: Schema | null
  columns: readonly Column[]
  layout: Layout | null
  layoutOf: Uint16Array
  layouts: readonly Layout[]
  /** The record of a row, made anew by the row path: for reports about it. Not hot. */
  readonly record: (row: number) => SinkRecord | null

  constructor(
    topic: string,
    partition: number,
    timestampType: 'CreateTime' | 'LogAppendTime',
    offsets: Float64Array,
    timestamps: Float64Array,
    values: ColumnValues,
    record: (row: number) => SinkRecord | null,
  ) {
    this.topic = topic
    this.originalTopic = topic
    this.partition = partition
    this.timestampType = timestampType
    this.count = values.count
    this.offsets = offsets
    this.timestamps = timestamps
    this.form = values.form
    this.schema = values.schema
    this.columns = values.columns
    this.layout = values.layout
    this.layoutOf = values.layoutOf
    this.layouts = values.layouts
    this.record = record
  }

  layoutAt(row: number): Layout {
    return this.layout ?? (this.layouts[this.layoutOf[row]!] as Layout)
  }

  /** A field of the rows, as the row path has it: undefined where a row lacks it. Null where no row has it. Not hot. */
  fieldAt(name: string): ((row: number) => unknown) | null {
    const column = this.form === 'rows' ? this.columns.find(one => one.name === name) : undefined
    if (column === undefined) return null
    const { schema } = this
    if (schema === null) return row => column.valueAt(row)
    const logical = schema.fields.find(field => field.name === name)?.schema.name ?? null
    return row => structValue(column, row, logical)
  }

  /** The value of a row, as the row path has it. Not hot: tests, and sinks for what they have no quick way for. */
  valueAt(row: number): unknown {
    if (this.form === 'single') return (this.columns[0] as Column).valueAt(row)
    const { slots } = this.layoutAt(row)
    if (this.schema !== null) {
      return new Struct(
        this.schema,
        slots.map((slot, i) => structValue(this.columns[slot] as Column, row, this.schema?.fields[i]?.schema.name ?? null)),
      )
    }
    const value: Record<string, unknown> = {}
    for (const slot of slots) {
      const column = this.columns[slot] as Column
      const item = column.valueAt(row)
      if (column.name === '__proto__') {
        Object.defineProperty(value, column.name, { value: item, writable: true, enumerable: true, configurable: true })
      } else value[column.name] = item
    }
    return value
  }
}

/** With a schema a double is a plain number: the schema says what it is. Points in time are kept as their numbers. */
function structValue(column: Column, row: number, name: string | null): unknown {
  const number = column.numbers[row]!
  if (column.tags[row] === DOUBLE) return number
  if (column.tags[row] !== INT) return column.valueAt(row) ?? null
  if (name === TIMESTAMP_NAME || name === TIME_NAME) return new Date(number)
  return name === DATE_NAME ? new Date(number * MS_PER_DAY) : number
}

/** Shared arrays of columns whose rows are alike. Never written. */
const alike = (tag: number) => new Uint8Array(ROWS_MAX).fill(tag)
export const ALL_TAGS: readonly Uint8Array[] = [ABSENT, NULL, INT, DOUBLE, TEXT, TRUE, FALSE, OTHER].map(alike)
export const NO_STARTS: Int32Array = new Int32Array(ROWS_MAX).fill(-1)
export const ZEROS: Int32Array = new Int32Array(ROWS_MAX)
const ZERO_NUMBERS = new Float64Array(ROWS_MAX)
const NO_OTHERS: unknown[] = []

/** A column of numbers whose texts do not stand anywhere. @param numbers at least as many as there are rows */
export function numberColumn(name: string, tag: typeof INT | typeof DOUBLE, numbers: Float64Array, isConstant = false): Column {
  const column = new Column(name, NO_BYTES, ALL_TAGS[tag]!, numbers, NO_STARTS, ZEROS, NO_OTHERS, isConstant)
  column.mask = 1 << tag
  return column
}

/** The same value in every row: null, a boolean, a text, a safe integer. */
export function constantColumn(name: string, value: string | number | boolean | null): Column {
  if (typeof value === 'number') return numberColumn(name, INT, new Float64Array(ROWS_MAX).fill(value), true)
  const bytes = typeof value === 'string' ? Buffer.from(value) : NO_BYTES
  const tag = typeof value === 'string' ? TEXT : value === null ? NULL : value ? TRUE : FALSE
  const ends = bytes.length === 0 ? ZEROS : new Int32Array(ROWS_MAX).fill(bytes.length)
  const column = new Column(name, bytes, ALL_TAGS[tag]!, ZERO_NUMBERS, ZEROS, ends, NO_OTHERS, true)
  column.mask = 1 << tag
  column.mayNeedEscapes = true
  return column
}

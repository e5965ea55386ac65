// A file's columns filled record by record: inferred from schemaless values, or those of the records' Connect schema. A record that
// fails leaves nothing behind. Task threads; the Parquet format.
import { KIB } from '../../../base/units.ts'
import type { ColumnBatch } from '../../../data/columns.ts'
import type { SinkRecord } from '../../../data/record.ts'
import type { Schema } from '../../../data/schema.ts'
import { schemaEquals } from '../../../data/schema-equality.ts'
import { putColumns, putTypedColumns } from './batch-columns.ts'
import { fittingRows, standsIn } from './fixed-columns.ts'
import { putFields } from './inferred.ts'
import { bytesOf, emptyCopy, type Group, leavesOf, markerOf, newGroup } from './node.ts'
import { putStruct, putTyped, type TypedColumn, typedColumn } from './typed.ts'

/** Columns are weighed once in so many rows. */
export const WEIGH_ROWS = 16
/** A leaf's objects and its arrays while they are small: 20 text columns in each of 3,000 files took so much each. */
const LEAF_SPARE_BYTES = 4 * KIB
const ROOT = { name: '', isOptional: false, parentDef: 0, rep: 0 }
/** A value that is no object or struct fills a column of this name. */
const SINGLE = 'value'

export class RecordColumns {
  readonly root: Group
  readonly #schema: Schema | null
  readonly #typed: TypedColumn | null
  /** another object of the same schema, so that equal schemas are compared once */
  #alias: Schema | null
  readonly #isSingle: boolean
  /** rows were written with these columns already: none may come or widen any more */
  readonly #isFixed: boolean
  #rows = 0
  #bytes = 0
  #spareBytes = 0

  /** @param begun columns of schemaless values, without rows: those of the topic's last file, or of the row group before (isFixed) */
  constructor(schema: Schema | null, begun: Group | null, isFixed = false) {
    this.#schema = schema
    this.#isFixed = isFixed
    this.#alias = schema
    this.#isSingle = schema !== null && (schema.type !== 'struct' || schema.fields.length === 0)
    if (schema === null) {
      this.root = begun ?? emptyRoot()
      this.#typed = null
      return
    }
    this.#typed = rootColumn(schema)
    this.root = this.#typed.node as Group
  }

  get rows(): number {
    return this.#rows
  }

  get bytes(): number {
    return this.#bytes
  }

  get spareBytes(): number {
    return this.#spareBytes
  }

  get isInferred(): boolean {
    return this.#typed === null
  }

  /** The same columns for the file's next row group. */
  next(): RecordColumns {
    return new RecordColumns(this.#schema, this.isInferred ? (emptyCopy(this.root) as Group) : null, true)
  }

  /** Gives the memory back. */
  free(): void {
    for (const leaf of leavesOf(this.root)) leaf.free()
  }

  holds(record: SinkRecord): boolean {
    if (!this.fits(record.valueSchema)) return false
    return !this.#isFixed || !this.isInferred || standsIn(this.root, fieldsOf(record.value))
  }

  /** Up to which row of [from, to) the batch needs no other columns. */
  fitting(batch: ColumnBatch, from: number, to: number): number {
    return this.#isFixed && this.isInferred && batch.schema === null ? fittingRows(this.root, batch, from, to) : to
  }

  fits(schema: Schema | null): boolean {
    if (schema === this.#alias || schema === this.#schema) return true
    if (schema === null || this.#schema === null || !schemaEquals(schema, this.#schema)) return false
    this.#alias = schema
    return true
  }

  append(record: SinkRecord): void {
    try {
      if (this.#typed === null) putFields(this.root, fieldsOf(record.value), 0)
      else if (!this.#isSingle) putStruct(this.#typed, record.value, 0)
      else putTyped(this.#typed.parts[0] as TypedColumn, record.value, 0)
    } catch (error) {
      for (const leaf of leavesOf(this.root)) leaf.truncate(this.#rows)
      throw error
    }
    if (this.#rows++ % WEIGH_ROWS === 0) this.#weigh()
  }

  /** Rows [from, to) of a batch whose schema fits. False, and nothing done: they must come as records. */
  appendColumns(batch: ColumnBatch, from: number, to: number): boolean {
    const root = this.#typed
    if ((batch.form === 'single') !== this.#isSingle) return false
    const isPut = root === null ? putColumns(this.root, this.#rows, batch, from, to) : putTypedColumns(root, batch, from, to)
    if (!isPut) return false
    this.#rows += to - from
    // Where records would have been weighed: a file that is full by bytes then ends at the same record.
    if (to - from > WEIGH_ROWS || (this.#rows - 1) % WEIGH_ROWS === 0) this.#weigh()
    return true
  }

  #weigh(): void {
    this.#bytes = bytesOf(this.root)
    this.#spareBytes = countOf(leavesOf(this.root)) * LEAF_SPARE_BYTES
  }
}

function countOf(leaves: Iterable<unknown>): number {
  let count = 0
  for (const _ of leaves) count++
  return count
}

function emptyRoot(): Group {
  const root = newGroup(ROOT)
  root.marker = markerOf(root)
  return root
}

function rootColumn(schema: Schema): TypedColumn {
  if (schema.type === 'struct' && schema.fields.length > 0) return typedColumn(schema, ROOT)
  const root = newGroup(ROOT)
  const single = typedColumn(schema, { name: SINGLE, isOptional: schema.optional, parentDef: 0, rep: 0 })
  root.children.push(single.node)
  root.indexes.set(SINGLE, 0)
  root.stamps.push(0)
  return { node: root, schema, parentDef: 0, parts: [single] }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { [SINGLE]: value }
  const prototype = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return value as Record<string, unknown>
  return value instanceof Map ? Object.fromEntries(value) : { [SINGLE]: value }
}

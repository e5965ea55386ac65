// Fields of records that are columns: finding, setting, dropping and renaming them, as the row forms of the transforms do with objects. Task
// threads. Layouts are compared by identity, so a layout changed the same way must give the same object each time: that is remembered.

import { Column, type ColumnBatch, Layout } from '../data/columns.ts'
import type { Schema } from '../data/schema.ts'

/** Names that JavaScript objects list first, whatever their place: their order is left to the row path. */
export const IS_INDEX = /^\d+$/

/** The slot of a field's column, -1 for none. A record may still lack it. */
export function slotOf(batch: ColumnBatch, name: string): number {
  const { columns } = batch
  for (let slot = 0; slot < columns.length; slot++) if ((columns[slot] as Column).name === name) return slot
  return -1
}

const fieldLayouts = new WeakMap<Schema, Layout>()

/** Of columns that stand in the order of a struct's fields. */
export function layoutOfFields(schema: Schema): Layout {
  let layout = fieldLayouts.get(schema)
  if (layout === undefined) {
    layout = new Layout(schema.fields.map((_, i) => i))
    fieldLayouts.set(schema, layout)
  }
  return layout
}

/** A column whose values come of another's, one by one; what a row lacks is null. */
export function mappedColumn(column: Column, count: number, map: (value: unknown) => unknown): Column {
  const mapped = Column.empty(column.name)
  mapped.mayNeedEscapes = true
  for (let row = 0; row < count; row++) mapped.put(row, map(column.valueAt(row) ?? null))
  return mapped
}

/** Puts a column in the place of another. */
export function replaceColumn(batch: ColumnBatch, slot: number, column: Column): void {
  const columns = [...batch.columns]
  columns[slot] = column
  batch.columns = columns
}

/** One change of layouts, the same for all batches of a task while the columns stay where they are. */
export class LayoutChange {
  readonly #change: (slots: readonly number[]) => readonly number[]
  #known = new WeakMap<Layout, Layout>()
  #key: unknown

  constructor(change: (slots: readonly number[]) => readonly number[]) {
    this.#change = change
  }

  /** @param key what `change` depends on besides the slots: when it differs from the last one, nothing known holds */
  apply(batch: ColumnBatch, key: unknown): void {
    if (key !== this.#key) {
      this.#key = key
      this.#known = new WeakMap()
    }
    if (batch.layout !== null) batch.layout = this.#of(batch.layout)
    else batch.layouts = batch.layouts.map(layout => this.#of(layout))
  }

  #of(layout: Layout): Layout {
    let changed = this.#known.get(layout)
    if (changed === undefined) {
      const slots = this.#change(layout.slots)
      changed = slots === layout.slots ? layout : new Layout(slots)
      this.#known.set(layout, changed)
    }
    return changed
  }
}

/** Sets a field of every record: in its place where it is there, else behind the others. */
export class FieldSetter {
  readonly #name: string
  #slot = -1
  readonly #append = new LayoutChange(slots => (slots.includes(this.#slot) ? slots : [...slots, this.#slot]))

  constructor(name: string) {
    this.#name = name
  }

  /** False for a field whose place only the row path knows. @param column of this name, with a value in every row */
  set(batch: ColumnBatch, column: Column): boolean {
    if (IS_INDEX.test(this.#name)) return false
    const found = slotOf(batch, this.#name)
    this.#slot = found < 0 ? batch.columns.length : found
    replaceColumn(batch, this.#slot, column)
    this.#append.apply(batch, this.#slot)
    return true
  }
}

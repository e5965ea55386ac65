// A field of a record's value by a dotted path, through structs, maps and plain objects. Task threads; partitioners and extractors.
import { DataError } from '../../base/errors.ts'
import type { Column, ColumnBatch } from '../../data/columns.ts'
import { Struct } from '../../data/struct.ts'

/** The named field, `null` where it or a parent is null. Throws DataError where a name does not exist. */
export function fieldAt(value: unknown, path: readonly string[]): unknown {
  let current: unknown = value
  for (const name of path) {
    if (current === null || current === undefined) return null
    current = childOf(current, name, path)
  }
  return current ?? null
}

/** The column of a field of rows that are objects; null where there is none. Some row may still lack it. */
export function columnOf(batch: ColumnBatch, name: string): Column | null {
  return (batch.form === 'rows' ? batch.columns.find(column => column.name === name) : undefined) ?? null
}

/** The field of a row, `null` where it is null. @throws DataError where the row lacks it */
export function presentAt(column: Column, row: number): unknown {
  const value = column.valueAt(row)
  if (value === undefined) throw new DataError(`the value has no field ${column.name}`)
  return value
}

function childOf(parent: unknown, name: string, path: readonly string[]): unknown {
  if (parent instanceof Struct) {
    if (parent.schema.indexOf(name) >= 0) return parent.get(name)
  } else if (parent instanceof Map) {
    if (parent.has(name)) return parent.get(name)
  } else if (typeof parent === 'object' && parent !== null && !Array.isArray(parent) && Object.hasOwn(parent, name)) {
    return (parent as Record<string, unknown>)[name]
  }
  throw new DataError(`the value has no field ${path.join('.')}`)
}

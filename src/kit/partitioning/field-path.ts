// A field of a record's value by a dotted path, through structs, maps and plain objects. Task threads; partitioners and extractors.
import { DataError } from '../../base/errors.ts'
import type { ColumnBatch } from '../../data/columns.ts'
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

/**
 * The same for rows of columns: a function of the row; null where there is no such column, or the path goes deeper: then rows must come as records.
 * @throws DataError (the function) where a row lacks the field
 */
export function fieldOfRows(batch: ColumnBatch, path: readonly string[]): ((row: number) => unknown) | null {
  const [name = ''] = path
  const valueAt = path.length === 1 ? batch.fieldAt(name) : null
  if (valueAt === null) return null
  return row => {
    const value = valueAt(row)
    if (value === undefined) throw new DataError(`the value has no field ${name}`)
    return value
  }
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

// A field of a record's value by a dotted path, through structs, maps and plain objects. Task threads; partitioners and extractors.
import { DataError } from '../../base/errors.ts'
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

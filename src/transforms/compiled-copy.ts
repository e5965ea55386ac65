// Copies of schemaless objects with some fields set, compiled for the fields' names: V8 then knows where they are, which halves the
// cost against setting them by a variable name (bench/micro/transforms.ts). Built at configure; run in task threads, every record.
import type { ConnectRecord } from '../data/record.ts'
import type { PlainObject } from './operand.ts'

/** A property of an object literal; `__proto__` needs brackets to be an own field like any other. */
const property = (name: string): string => (name === '__proto__' ? '["__proto__"]' : JSON.stringify(name))

/** A field to set, and the JavaScript expression of its value; `record` is at hand in it. */
export interface SetField {
  readonly name: string
  readonly expression: string
}

/** A copy with fields set, in the order given. Fields that are there keep their place. */
export function compileSet(fields: readonly SetField[]): (object: PlainObject, record: ConnectRecord) => PlainObject {
  const sets = fields.map(({ name, expression }) => `,${property(name)}:${expression}`)
  return new Function('object', 'record', `return {...object${sets.join('')}}`) as ReturnType<typeof compileSet>
}

/**
 * A copy in which `change` was applied to the named fields. It gets null or undefined for one that is missing, and the place of the
 * name in `names`.
 */
export function compileChange(
  names: readonly string[],
  change: (value: unknown, index: number) => unknown,
): (object: PlainObject) => PlainObject {
  const sets = names.map((name, i) => `,${property(name)}:change(${read(name)},${i})`)
  const build = new Function('change', 'hasOwn', `return object => ({...object${sets.join('')}})`)
  return build(change, Object.hasOwn) as ReturnType<typeof compileChange>
}

/** Names that every object inherits (`constructor`) must be asked for first. */
function read(name: string): string {
  const key = JSON.stringify(name)
  return name in Object.prototype ? `(hasOwn(object,${key})?object[${key}]:null)` : `object[${key}]`
}

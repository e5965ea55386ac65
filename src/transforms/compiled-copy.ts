// Copies of schemaless objects with some fields set, compiled for the fields' names: V8 then knows where they are, which halves the
// cost against setting them by a variable name (bench/micro/transforms.ts). Built at configure; run in task threads, every record.
import { generate, literalOf } from '../base/code-generation.ts'
import type { ConnectRecord } from '../data/record.ts'
import { type PlainObject, setField } from './operand.ts'

/** A property of an object literal; `__proto__` needs brackets to be an own field like any other. */
const property = (name: string): string => (name === '__proto__' ? `[${literalOf(name)}]` : literalOf(name))

/** A field to set, and the JavaScript expression of its value; `record` is at hand in it. Not from outside: it becomes source. */
export interface SetField {
  readonly name: string
  readonly expression: string
}

type Set = (object: PlainObject, record: ConnectRecord) => PlainObject

/** A copy with fields set, in the order given; fields that are there keep their place. Null where code may not be generated. */
export function compileSet(fields: readonly SetField[]): Set | null {
  const sets = fields.map(({ name, expression }) => `,${property(name)}:${expression}`)
  return generate<Set>(['object', 'record'], `return {...object${sets.join('')}}`)
}

type Change = (value: unknown, index: number) => unknown

/**
 * A copy in which `change` was applied to the named fields. It gets null or undefined for one that is missing, and the place of the
 * name in `names`.
 */
export function compileChange(names: readonly string[], change: Change): (object: PlainObject) => PlainObject {
  const sets = names.map((name, i) => `,${property(name)}:change(${read(name)},${i})`)
  const build = generate<(change: Change, hasOwn: typeof Object.hasOwn) => (object: PlainObject) => PlainObject>(
    ['change', 'hasOwn'],
    `return object => ({...object${sets.join('')}})`,
  )
  return build === null ? object => changed(object, names, change) : build(change, Object.hasOwn)
}

function changed(object: PlainObject, names: readonly string[], change: Change): PlainObject {
  const copy = { ...object }
  for (const [i, name] of names.entries()) setField(copy, name, change(Object.hasOwn(object, name) ? object[name] : null, i))
  return copy
}

/** Names that every object inherits (`constructor`) must be asked for first. */
function read(name: string): string {
  const key = literalOf(name)
  return name in Object.prototype ? `(hasOwn(object,${key})?object[${key}]:null)` : `object[${key}]`
}

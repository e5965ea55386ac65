// Where a field is: its name (syntax V1), or a path into nested objects (V2, KIP-821). Task threads.
//
//   a.b        field b in field a
//   `a.b`.c    field c in field `a.b`; a back-tick only counts at the start of a step and before a dot or the end
//   `a\`.b`    \` before a dot is a back-tick of the name
import { ConfigError, DataError } from '../base/errors.ts'
import type { Field, Schema } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { fieldOf, javaClassName, type PlainObject, requireMap } from './operand.ts'

const PURPOSE = 'nested field access'

export class FieldPath {
  readonly #outer: readonly string[]
  readonly #last: string

  /** @throws ConfigError for a back-tick without its partner */
  constructor(path: string, syntax: 'V1' | 'V2') {
    const steps = syntax === 'V1' ? [path] : stepsOf(path)
    this.#outer = steps.slice(0, -1)
    this.#last = steps[steps.length - 1] ?? ''
  }

  /** The last step. */
  get name(): string {
    return this.#last
  }

  /** A field at the top. */
  get isPlain(): boolean {
    return this.#outer.length === 0
  }

  /** The field in a schemaless object; null where a step is missing. DataError where a step is no object. */
  inMap(object: PlainObject): unknown {
    let current = object
    for (const step of this.#outer) {
      const next = fieldOf(current, step)
      if (next === null || next === undefined) return null
      current = requireMap(next, PURPOSE)
    }
    return fieldOf(current, this.#last) ?? null
  }

  /** The field's description, or undefined where there is none. DataError for a step into something that is no struct. */
  inSchema(schema: Schema): Field | undefined {
    let current = schema
    for (const step of this.#outer) {
      const field = lookUp(current, step)
      if (field === undefined) return undefined
      current = field.schema
    }
    return lookUp(current, this.#last)
  }

  /** The field's value; null where a step is null. */
  inStruct(struct: Struct, replaceNull: boolean): unknown {
    let current = struct
    for (const step of this.#outer) {
      const next = current.get(step)
      if (next === null || next === undefined) return null
      if (!(next instanceof Struct)) throw new DataError(`Field '${step}' is not of type STRUCT, found: ${javaClassName(next)}`)
      current = next
    }
    return replaceNull ? current.get(this.#last) : current.getWithoutDefault(this.#last)
  }
}

function lookUp(schema: Schema, name: string): Field | undefined {
  if (schema.type !== 'struct') throw new DataError('Cannot look up fields on non-struct type')
  return schema.field(name)
}

function stepsOf(path: string): string[] {
  const steps: string[] = []
  let at = 0
  while (at < path.length) {
    const step = path[at] === '`' ? quotedStep(path, at) : plainStep(path, at)
    steps.push(step.name)
    at = step.end + 1
  }
  if (path.endsWith('.')) steps.push('')
  return steps
}

interface Step {
  readonly name: string
  /** index of the dot behind the step, or the path's length */
  readonly end: number
}

function plainStep(path: string, start: number): Step {
  const dot = path.indexOf('.', start)
  const end = dot < 0 ? path.length : dot
  return { name: path.slice(start, end), end }
}

function quotedStep(path: string, start: number): Step {
  let name = ''
  let from = start + 1
  for (let tick = path.indexOf('`', from); tick >= 0; tick = path.indexOf('`', tick + 1)) {
    const isEscaped = path[tick - 1] === '\\'
    const isLast = tick === path.length - 1
    if (!isLast && path[tick + 1] !== '.') continue
    if (!isEscaped) return { name: name + path.slice(from, tick), end: tick + 1 }
    if (isLast) break
    name += `${path.slice(from, tick - 1)}\``
    from = tick + 1
  }
  throw new ConfigError(
    'field',
    `Incomplete backtick pair in path: [${path}], consider adding a backslash before backtick at position ${start} to escape it`,
  )
}

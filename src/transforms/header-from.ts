// HeaderFrom: copies or moves fields of the key or value into headers. Task threads, every record.
import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { Transformation } from '../api/transformation.ts'
import { ConfigError, DataError } from '../base/errors.ts'
import { type Check, defineConfig, oneOf } from '../config/define.ts'
import { type Header, Headers } from '../data/headers.ts'
import type { ConnectRecord } from '../data/record.ts'
import type { Schema } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { JAVA_TYPE_NAME } from '../data/validate-value.ts'
import { keyAndValue, replaceNullWithDefault } from './definition.ts'
import { deriveStruct } from './derived-schema.ts'
import { copiedValue, fieldOf, type PlainObject, requireMap, requireStruct, setField } from './operand.ts'
import { SchemaCache } from './schema-cache.ts'

const filled: Check = (_name, value) => (Array.isArray(value) && value.length === 0 ? 'Empty list' : null)

export const headerFromConfig = defineConfig({
  fields: { type: 'list', importance: 'high', check: filled, doc: 'Names of the fields.' },
  headers: {
    type: 'list',
    importance: 'high',
    check: filled,
    doc: 'Names of the headers, one for each field, in the same order.',
  },
  operation: {
    type: 'string',
    importance: 'high',
    check: oneOf('move', 'copy'),
    doc: 'copy leaves the fields where they are, move takes them out.',
  },
  'replace.null.with.default': replaceNullWithDefault,
})

/** The struct without the moved fields, and where those that stay stand. */
interface Plan {
  readonly schema: Schema
  readonly stay: readonly number[]
}

class HeaderFrom implements Transformation {
  readonly #onKey: boolean
  readonly #plans = new SchemaCache(schema => this.#planFor(schema))
  #fields: readonly string[] = []
  #headers: readonly string[] = []
  #moved: ReadonlySet<string> = new Set()
  #isMove = false
  #replaceNull = true

  constructor(onKey: boolean) {
    this.#onKey = onKey
  }

  configure(props: Props): void {
    const config = headerFromConfig.parse(props)
    this.#fields = config.fields
    this.#headers = config.headers
    this.#moved = new Set(config.fields)
    this.#isMove = config.operation === 'move'
    this.#replaceNull = config['replace.null.with.default']
    if (this.#fields.length !== this.#headers.length) {
      throw new ConfigError('fields', "'fields' config must have the same number of elements as 'headers' config.")
    }
  }

  apply<R extends ConnectRecord>(record: R): R {
    const value = this.#onKey ? record.key : record.value
    const schema = this.#onKey ? record.keySchema : record.valueSchema
    const purpose = this.#isMove ? 'header move' : 'header copy'
    if (schema === null) {
      const map = requireMap(value, purpose)
      const headers = this.#headersOf(record, name => [null, fieldOf(map, name)])
      const updated = this.#isMove ? this.#mapWithout(map) : map
      return record.with(this.#onKey ? { key: updated, headers } : { value: updated, headers }) as R
    }
    const struct = requireStruct(value, purpose)
    const updated = this.#isMove ? this.#structWithout(struct) : struct
    const headers = this.#headersOf(record, name => this.#structField(struct, name))
    return record.with(
      this.#onKey
        ? { keySchema: updated.schema, key: updated, headers }
        : { valueSchema: updated.schema, value: updated, headers },
    ) as R
  }

  #headersOf(record: ConnectRecord, read: (field: string) => [Schema | null, unknown]): Headers {
    const added = this.#fields.map((field, i): Header => {
      const [schema, value] = read(field)
      return { key: this.#headers[i] ?? '', schema, value }
    })
    return new Headers([...record.headers.entries, ...added])
  }

  #structField(struct: Struct, name: string): [Schema, unknown] {
    const field = struct.schema.field(name)
    if (field === undefined) throw new DataError(`Field does not exist: ${name}`)
    const value = this.#replaceNull ? struct.get(name) : struct.getWithoutDefault(name)
    if (value === null && !field.schema.optional) {
      const of = field.schema.name === null ? '' : `${field.schema.name}:`
      throw new DataError(`A null value requires an optional schema but was Schema{${of}${JAVA_TYPE_NAME[field.schema.type]}}`)
    }
    return [field.schema, value]
  }

  #mapWithout(map: PlainObject): PlainObject {
    const kept: PlainObject = {}
    for (const name in map) if (!this.#moved.has(name)) setField(kept, name, map[name])
    return kept
  }

  #structWithout(struct: Struct): Struct {
    const { schema, stay } = this.#plans.get(struct.schema)
    const values = stay.map((index, i) => {
      const field = schema.fields[i] as Schema['fields'][number]
      return copiedValue(struct.values, index, field.name, field.schema, this.#replaceNull)
    })
    return new Struct(schema, values)
  }

  #planFor(schema: Schema): Plan {
    const stay = schema.fields.filter(field => !this.#moved.has(field.name))
    return {
      schema: deriveStruct(
        schema,
        stay.map(field => [field.name, field.schema]),
      ),
      stay: stay.map(field => field.index),
    }
  }
}

export const plugins: readonly Plugin[] = keyAndValue('HeaderFrom', headerFromConfig, onKey => new HeaderFrom(onKey))

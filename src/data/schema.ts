// Connect's Schema: what a value is made of. Immutable; equal schemas that one converter hands out are one object, so that caches
// downstream compare by identity first. Any thread. Java: org.apache.kafka.connect.data.{Schema,ConnectSchema,Field}.

export type Type =
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'float64'
  | 'boolean'
  | 'string'
  | 'bytes'
  | 'array'
  | 'map'
  | 'struct'

export interface Field {
  readonly name: string
  readonly index: number
  readonly schema: Schema
}

export interface SchemaParts {
  readonly type: Type
  readonly optional?: boolean
  /** absent or null: no default (Java cannot tell a null default from none) */
  readonly default?: unknown
  readonly name?: string | null
  readonly version?: number | null
  readonly doc?: string | null
  readonly parameters?: ReadonlyMap<string, string>
  /** struct only */
  readonly fields?: readonly { readonly name: string; readonly schema: Schema }[]
  /** map only */
  readonly keySchema?: Schema | null
  /** map and array */
  readonly valueSchema?: Schema | null
}

const NO_PARAMETERS: ReadonlyMap<string, string> = new Map()
const NO_FIELDS: readonly Field[] = []

export class Schema {
  readonly type: Type
  readonly optional: boolean
  readonly default: unknown
  readonly name: string | null
  readonly version: number | null
  readonly doc: string | null
  readonly parameters: ReadonlyMap<string, string>
  readonly fields: readonly Field[]
  readonly keySchema: Schema | null
  readonly valueSchema: Schema | null
  readonly #indexByName: Map<string, number> | null

  constructor(parts: SchemaParts) {
    this.type = parts.type
    this.optional = parts.optional ?? false
    this.default = parts.default ?? null
    this.name = parts.name ?? null
    this.version = parts.version ?? null
    this.doc = parts.doc ?? null
    this.parameters = parts.parameters ?? NO_PARAMETERS
    this.fields =
      parts.fields === undefined ? NO_FIELDS : parts.fields.map((f, index) => ({ name: f.name, index, schema: f.schema }))
    this.keySchema = parts.keySchema ?? null
    this.valueSchema = parts.valueSchema ?? null
    this.#indexByName = this.type === 'struct' ? new Map(this.fields.map(f => [f.name, f.index])) : null
  }

  /** Position of a struct's field, or -1. */
  indexOf(field: string): number {
    return this.#indexByName?.get(field) ?? -1
  }

  /** A struct's field, or undefined. */
  field(name: string): Field | undefined {
    const index = this.indexOf(name)
    return index < 0 ? undefined : this.fields[index]
  }

  /** This schema with some parts changed. */
  with(change: Partial<SchemaParts>): Schema {
    return new Schema({ ...this.parts(), ...change })
  }

  parts(): SchemaParts {
    return {
      type: this.type,
      optional: this.optional,
      default: this.default,
      name: this.name,
      version: this.version,
      doc: this.doc,
      parameters: this.parameters,
      fields: this.fields,
      keySchema: this.keySchema,
      valueSchema: this.valueSchema,
    }
  }
}

const primitive = (type: Type): Schema => new Schema({ type })
const optional = (type: Type): Schema => new Schema({ type, optional: true })

export const INT8 = primitive('int8')
export const INT16 = primitive('int16')
export const INT32 = primitive('int32')
export const INT64 = primitive('int64')
export const FLOAT32 = primitive('float32')
export const FLOAT64 = primitive('float64')
export const BOOLEAN = primitive('boolean')
export const STRING = primitive('string')
export const BYTES = primitive('bytes')
export const OPTIONAL_INT8 = optional('int8')
export const OPTIONAL_INT16 = optional('int16')
export const OPTIONAL_INT32 = optional('int32')
export const OPTIONAL_INT64 = optional('int64')
export const OPTIONAL_FLOAT32 = optional('float32')
export const OPTIONAL_FLOAT64 = optional('float64')
export const OPTIONAL_BOOLEAN = optional('boolean')
export const OPTIONAL_STRING = optional('string')
export const OPTIONAL_BYTES = optional('bytes')

/** Names of Connect's logical types. Their JS values: Decimal, and Date for the three times. */
export const DECIMAL_NAME = 'org.apache.kafka.connect.data.Decimal'
export const DATE_NAME = 'org.apache.kafka.connect.data.Date'
export const TIME_NAME = 'org.apache.kafka.connect.data.Time'
export const TIMESTAMP_NAME = 'org.apache.kafka.connect.data.Timestamp'

export interface SchemaAndValue {
  readonly schema: Schema | null
  readonly value: unknown
}

export const NULL_SCHEMA_AND_VALUE: SchemaAndValue = { schema: null, value: null }

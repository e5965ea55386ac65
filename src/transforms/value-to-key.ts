// ValueToKey: makes the key of fields of the value. Task threads, every record.
import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { Transformation } from '../api/transformation.ts'
import { DataError } from '../base/errors.ts'
import { javaHashOrder } from '../base/java-hash-order.ts'
import { defineConfig, filledList } from '../config/define.ts'
import type { ConnectRecord } from '../data/record.ts'
import type { Schema } from '../data/schema.ts'
import { Struct } from '../data/struct.ts'
import { replaceNullWithDefault, transform } from './definition.ts'
import { deriveStruct } from './derived-schema.ts'
import { copiedValue, fieldOf, type PlainObject, requireMap, requireStruct, setField } from './operand.ts'
import { SchemaCache } from './schema-cache.ts'

const PURPOSE = 'copying fields from value to key'

export const valueToKeyConfig = defineConfig({
  fields: { type: 'list', importance: 'high', check: filledList, doc: 'Names of the fields of the value that make the key.' },
  'replace.null.with.default': replaceNullWithDefault,
})

/** The key's schema, and where its fields stand in the value. */
interface KeyPlan {
  readonly schema: Schema
  readonly indices: readonly number[]
}

class ValueToKey implements Transformation {
  readonly #plans = new SchemaCache(schema => this.#planFor(schema))
  #fields: string[] = []
  /** the fields in the order Java's HashMap would give them: the key's bytes decide the partition */
  #hashOrder: string[] = []
  #replaceNull = true

  configure(props: Props): void {
    const config = valueToKeyConfig.parse(props)
    this.#fields = [...new Set(config.fields)]
    this.#hashOrder = javaHashOrder(this.#fields)
    this.#replaceNull = config['replace.null.with.default']
  }

  apply<R extends ConnectRecord>(record: R): R {
    if (record.valueSchema === null) {
      return record.with({ keySchema: null, key: this.#keyOfMap(requireMap(record.value, PURPOSE)) }) as R
    }
    const key = this.#keyOfStruct(requireStruct(record.value, PURPOSE))
    return record.with({ keySchema: key.schema, key }) as R
  }

  #keyOfMap(value: PlainObject): PlainObject {
    const key: PlainObject = {}
    const fields = this.#hashOrder
    for (let i = 0; i < fields.length; i++) {
      const name = fields[i] as string
      setField(key, name, fieldOf(value, name))
    }
    return key
  }

  #keyOfStruct(value: Struct): Struct {
    const { schema, indices } = this.#plans.get(value.schema)
    const values: unknown[] = new Array(indices.length)
    for (let i = 0; i < indices.length; i++) {
      const field = schema.fields[i]
      if (field === undefined) continue
      values[i] = copiedValue(value.values, indices[i] as number, field.name, field.schema, this.#replaceNull)
    }
    return new Struct(schema, values)
  }

  #planFor(schema: Schema): KeyPlan {
    const fields = this.#fields.map(name => {
      const field = schema.field(name)
      if (field === undefined) throw new DataError(`Field does not exist: ${name}`)
      return field
    })
    return {
      schema: deriveStruct(
        null,
        fields.map(field => [field.name, field.schema]),
      ),
      indices: fields.map(field => field.index),
    }
  }
}

export const plugins: readonly Plugin[] = [transform('ValueToKey', valueToKeyConfig, () => new ValueToKey())]

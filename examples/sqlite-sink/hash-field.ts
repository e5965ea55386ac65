// HashField: puts a keyed hash (HMAC-SHA-256, hex) in the place of a text field: equal texts stay equal, nobody reads them. Task threads.
import { createHmac } from 'node:crypto'
import {
  type ConfigOf,
  type ConnectRecord,
  DataError,
  defineConfig,
  defineTransform,
  nonEmpty,
  type Transformation,
} from 'sluice'
import { fieldOf, withField } from './fields.ts'

const config = defineConfig({
  field: {
    type: 'string',
    importance: 'high',
    doc: 'The field of the value that is replaced; a record without it passes.',
    check: nonEmpty,
  },
  secret: {
    type: 'password',
    importance: 'high',
    doc: 'The key of the hash. Without it nobody can test what a hash stands for.',
  },
})

class HashField implements Transformation<ConfigOf<typeof config>> {
  #field = ''
  #secret = ''

  configure({ field, secret }: ConfigOf<typeof config>): void {
    this.#field = field
    this.#secret = secret.value
  }

  apply<R extends ConnectRecord>(record: R): R {
    if (record.value === null) return record
    const text = fieldOf(record.value, this.#field)
    if (text === null) return record
    if (typeof text !== 'string') throw new DataError(`field ${this.#field} is no text but ${typeof text}`)
    const hash = createHmac('sha256', this.#secret).update(text).digest('hex')
    return record.with({ value: withField(record.value, this.#field, hash) }) as R
  }
}

export const hashField = defineTransform({ className: 'io.sluice.examples.HashField', config, create: () => new HashField() })

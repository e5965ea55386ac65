// FieldEquals: holds for records whose field has this value, compared as text. Task threads.
import { type ConfigOf, type ConnectRecord, defineConfig, definePredicate, nonEmpty, type Predicate } from 'sluice'
import { fieldOf } from './fields.ts'

const config = defineConfig({
  field: { type: 'string', importance: 'high', doc: 'The field of the value.', check: nonEmpty },
  value: { type: 'string', importance: 'high', doc: 'What it must be, as text: `true`, `3`, `de`.' },
})

class FieldEquals implements Predicate<ConfigOf<typeof config>> {
  #field = ''
  #value = ''

  configure({ field, value }: ConfigOf<typeof config>): void {
    this.#field = field
    this.#value = value
  }

  test(record: ConnectRecord): boolean {
    if (record.value === null) return false
    const found = fieldOf(record.value, this.#field)
    return found !== null && String(found) === this.#value
  }
}

export const fieldEquals = definePredicate({
  className: 'io.sluice.examples.FieldEquals',
  config,
  create: () => new FieldEquals(),
})

// TemplateName: replaces a text in the values of string records. Replace what it does; the shape stays.
import {
  type ConfigOf,
  type ConnectRecord,
  DataError,
  defineConfig,
  defineTransform,
  nonEmpty,
  type Plugin,
  type Transformation,
} from 'sluice'

const config = defineConfig({
  find: { type: 'string', importance: 'high', doc: 'The text that is replaced, wherever it occurs.', check: nonEmpty },
  replacement: { type: 'string', default: '', importance: 'high', doc: 'What stands there instead.' },
})

class TemplateName implements Transformation<ConfigOf<typeof config>> {
  #find = ''
  #replacement = ''

  configure({ find, replacement }: ConfigOf<typeof config>): void {
    this.#find = find
    this.#replacement = replacement
  }

  /** Called for every record, so it is synchronous. null drops the record; a throw is bad data, `errors.tolerance` applies. */
  apply<R extends ConnectRecord>(record: R): R | null {
    if (record.value === null) return record
    if (typeof record.value !== 'string') throw new DataError(`the value is no text but ${typeof record.value}`)
    return record.with({ value: record.value.replaceAll(this.#find, this.#replacement) }) as R
  }
}

export const plugins: readonly Plugin[] = [
  defineTransform({ className: 'com.example.TemplateName', config, create: () => new TemplateName() }),
]

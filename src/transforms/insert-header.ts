// InsertHeader: adds a header with a fixed value. Task threads, every record.
import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { ColumnStep, Transformation } from '../api/transformation.ts'
import { defineConfig, present } from '../config/define.ts'
import type { ConnectRecord } from '../data/record.ts'
import { NULL_SCHEMA_AND_VALUE, type SchemaAndValue } from '../data/schema.ts'
import { parseString } from '../data/values.ts'
import { transform } from './definition.ts'

export const insertHeaderConfig = defineConfig({
  header: { type: 'string', importance: 'high', check: present, doc: 'Name of the header.' },
  'value.literal': {
    type: 'string',
    importance: 'high',
    check: present,
    doc: 'Value of the header; its type is guessed as SimpleHeaderConverter does (5 is a number, true a boolean).',
  },
})

class InsertHeader implements Transformation {
  #name = ''
  #literal: SchemaAndValue = NULL_SCHEMA_AND_VALUE

  configure(props: Props): void {
    const config = insertHeaderConfig.parse(props)
    this.#name = config.header
    this.#literal = parseString(config['value.literal'])
  }

  /** Sinks that take columns see no headers. */
  columns(): ColumnStep {
    return () => true
  }

  apply<R extends ConnectRecord>(record: R): R {
    return record.with({ headers: record.headers.with(this.#name, this.#literal.schema, this.#literal.value) }) as R
  }
}

export const plugins: readonly Plugin[] = [transform('InsertHeader', insertHeaderConfig, () => new InsertHeader())]

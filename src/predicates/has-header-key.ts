// HasHeaderKey: true for records with at least one header of a name. Task threads, every record.
import type { Props } from '../api/connector.ts'
import type { Plugin } from '../api/plugin.ts'
import type { Predicate } from '../api/transformation.ts'
import { defineConfig, nonEmpty } from '../config/define.ts'
import type { Header } from '../data/headers.ts'
import type { ConnectRecord } from '../data/record.ts'

export const hasHeaderKeyConfig = defineConfig({
  name: { type: 'string', importance: 'medium', check: nonEmpty, doc: 'Name of the header.' },
})

class HasHeaderKey implements Predicate {
  #name = ''

  configure(props: Props): void {
    this.#name = hasHeaderKeyConfig.parse(props).name
  }

  test(record: ConnectRecord): boolean {
    const { entries } = record.headers
    for (let i = 0; i < entries.length; i++) if ((entries[i] as Header).key === this.#name) return true
    return false
  }
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'predicate',
    className: 'org.apache.kafka.connect.transforms.predicates.HasHeaderKey',
    aliases: ['HasHeaderKey'],
    version: '4.3.0',
    config: hasHeaderKeyConfig,
    create: () => new HasHeaderKey(),
  },
]

// A transform that changes nothing and has no column form: what it stands in goes the row path, record by record, as before there was another.
// Some nanoseconds a record are its own. Task thread; loaded through plugin.path by the benches.
import { defineConfig, type Plugin } from '../../src/api/index.ts'

export const plugins: readonly Plugin[] = [
  {
    kind: 'transformation',
    className: 'io.sluice.bench.RowPath',
    aliases: ['RowPath'],
    version: '0.1.0',
    config: defineConfig({}),
    create: () => ({ configure() {}, apply: record => record }),
  },
]

// A sink that takes everything and keeps nothing: the floor of what a sink path costs. Task thread; for benches and chaos tests.
import type { Plugin } from '../../../src/api/index.ts'
import { defineConfig } from '../../../src/config/define.ts'
import { countedConnector } from './counted.ts'

export const plugins: readonly Plugin[] = [
  {
    kind: 'sink',
    className: 'io.sluice.test.BlackholeSinkConnector',
    taskClass: 'io.sluice.test.BlackholeSinkTask',
    aliases: ['BlackholeSink'],
    version: '0.1.0',
    config: defineConfig({}),
    connector: countedConnector,
    task: () => ({ start() {}, put() {}, stop() {} }),
  },
]

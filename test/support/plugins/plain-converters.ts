// Converters under the names of the Java classes that test/golden/config was recorded with: one with a key of its own, one with none. Validation asks for
// their keys and makes none. Job thread; for tests.
import type { ConverterPlugin, HeaderConverterPlugin, Plugin } from '../../../src/api/plugin.ts'
import { defineConfig } from '../../../src/config/define.ts'

const never = (): never => {
  throw new Error('validation makes no instance')
}

const prop = defineConfig({ prop: { type: 'boolean', importance: 'high', doc: 'x' } })

function pair(className: string, config: Plugin['config']): [ConverterPlugin, HeaderConverterPlugin] {
  const plugin = { className, version: '1', config, create: never }
  return [
    { kind: 'converter', ...plugin },
    { kind: 'header_converter', ...plugin },
  ]
}

export const plugins: readonly Plugin[] = [...pair('Recorder$Plain', prop), ...pair('Recorder$WithoutConfig', defineConfig({}))]

// Converters that cannot be had, or have little to say, under the names of the recorder's Java classes. Main thread of a test file.
import type { ConverterPlugin, HeaderConverterPlugin, Plugin } from '../../src/api/plugin.ts'
import { defineConfig } from '../../src/config/define.ts'
import { Catalogue, type CatalogueEntry } from '../../src/plugins/catalogue.ts'
import { builtIns } from '../../src/plugins/catalogue-generated.ts'

const never = (): never => {
  throw new Error('validation makes no instance')
}

const prop = defineConfig({ prop: { type: 'boolean', importance: 'high', doc: 'x' } })

function entriesOf(className: string, module: (plugins: readonly Plugin[]) => ReturnType<CatalogueEntry['module']>) {
  const plugin = { className, version: '1', config: className.endsWith('Plain') ? prop : defineConfig({}), create: never }
  const plugins: [ConverterPlugin, HeaderConverterPlugin] = [
    { kind: 'converter', ...plugin },
    { kind: 'header_converter', ...plugin },
  ]
  return plugins.map(
    ({ kind }): CatalogueEntry => ({ kind, className, aliases: [], version: '1', module: () => module(plugins) }),
  )
}

const loads = async (plugins: readonly Plugin[]) => ({ plugins })
const throws = () => Promise.reject(new Error('not today'))

/** What is built in, and these. */
export function catalogueWithBroken(): Catalogue {
  const failing = ['Abstract', 'WithoutConstructor', 'Throwing'].flatMap(name => entriesOf(`Recorder$${name}`, throws))
  const poor = ['Plain', 'WithoutConfig'].flatMap(name => entriesOf(`Recorder$${name}`, loads))
  return new Catalogue([...builtIns, ...failing, ...poor])
}

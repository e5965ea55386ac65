// Goal: what a plugin of plugin.path returns wrongly is a failure of its stage that names the plugin's method and what it returned; never a
// record of nothing. What is built in is not slowed down by it. Method: the real chain of a catalogue with plugins that return what the test says.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plugin } from '../../src/api/plugin.ts'
import { defineConfig } from '../../src/config/define.ts'
import { NO_HEADERS } from '../../src/data/headers.ts'
import { SourceRecord } from '../../src/data/record.ts'
import { Catalogue, type CatalogueEntry } from '../../src/plugins/catalogue.ts'
import { builtIns } from '../../src/plugins/catalogue-generated.ts'
import type { Chain } from '../../src/task/chain.ts'
import { loadChain } from '../../src/task/plugins.ts'
import { Renderer } from '../../src/task/preview/renderer.ts'
import { transformed } from '../../src/task/preview/steps.ts'

const record = new SourceRecord({}, {}, 't', null, null, 'k', null, 'v', null, NO_HEADERS)
const worker = { 'key.converter': 'String', 'value.converter': 'String' }

/** Plugins whose every method returns this. */
function pluginsOf(returned: unknown): Plugin[] {
  const give = () => returned as never
  const base = { version: '1', config: defineConfig({}) }
  const configure = () => undefined
  return [
    { ...base, kind: 'transformation', className: 'com.acme.Smt', create: () => ({ configure, apply: give }) },
    { ...base, kind: 'predicate', className: 'com.acme.When', create: () => ({ configure, test: give }) },
    {
      ...base,
      kind: 'converter',
      className: 'com.acme.Bytes',
      create: () => ({ configure, toConnectData: give, fromConnectData: give }),
    },
    {
      ...base,
      kind: 'header_converter',
      className: 'com.acme.Bytes',
      create: () => ({ configure, toConnectHeader: give, fromConnectHeader: give }),
    },
  ]
}

function chainOf(returned: unknown, connector: Record<string, string>): Promise<Chain> {
  const entries = pluginsOf(returned).map(
    (plugin): CatalogueEntry => ({
      kind: plugin.kind,
      className: plugin.className,
      aliases: [],
      version: '1',
      file: 'acme.ts',
      module: async () => ({ plugins: [plugin] }),
    }),
  )
  return loadChain(new Catalogue([...builtIns, ...entries]), connector, worker)
}

const SMT = { transforms: 'a', 'transforms.a.type': 'com.acme.Smt' }
const WHEN = {
  transforms: 'a',
  'transforms.a.type': 'org.apache.kafka.connect.transforms.Filter',
  'transforms.a.predicate': 'p',
  predicates: 'p',
  'predicates.p.type': 'com.acme.When',
}

test('a transform that returns no record fails its stage, by name', async () => {
  for (const [returned, told] of [
    [undefined, 'returned undefined: it must return a record'],
    [Promise.resolve(record), 'returned a Promise: it must be synchronous'],
    ['x', 'returned a string'],
    [5, 'returned a number'],
    [false, 'returned a boolean'],
    [{}, 'returned an object'],
    [[record], 'returned an array'],
  ] as const) {
    const chain = await chainOf(returned, SMT)
    assert.throws(
      () => chain.transform(record),
      (error: Error) => error.message.startsWith(`com.acme.Smt.apply ${told}`),
      told,
    )
    assert.deepEqual([chain.stage, chain.className], ['TRANSFORMATION', 'com.acme.Smt'])
  }
})

test('what a transform may return goes on: the record, another one, a plain object with its fields, null', async () => {
  const other = record.with({ value: 'w' })
  for (const returned of [record, other, { ...record, value: 'w' }, null])
    assert.equal((await chainOf(returned, SMT)).transform(record), returned)
})

test('a predicate that returns neither true nor false fails its stage: nothing is dropped by mistake', async () => {
  for (const [returned, told] of [
    [Promise.resolve(false), /com\.acme\.When\.test returned a Promise: it must be synchronous and return true or false/],
    [undefined, /com\.acme\.When\.test returned undefined/],
    [1, /com\.acme\.When\.test returned a number/],
  ] as const) {
    const chain = await chainOf(returned, WHEN)
    assert.throws(() => chain.transform(record), { message: told })
    assert.equal(chain.stage, 'TRANSFORMATION')
  }
  assert.equal((await chainOf(false, WHEN)).transform(record), record)
  assert.equal((await chainOf(true, WHEN)).transform(record), null)
})

test('a converter that returns neither bytes nor data fails its stage', async () => {
  for (const [returned, told] of [
    [undefined, /com\.acme\.Bytes\.fromConnectData returned undefined: it must return a Buffer, or null/],
    ['x', /com\.acme\.Bytes\.fromConnectData returned a string/],
    [5, /com\.acme\.Bytes\.fromConnectData returned a number/],
    [Promise.resolve(Buffer.from('a')), /com\.acme\.Bytes\.fromConnectData returned a Promise/],
  ] as const) {
    const chain = await chainOf(returned, { 'value.converter': 'com.acme.Bytes' })
    assert.throws(() => chain.encode(record), { message: told })
    assert.deepEqual([chain.stage, chain.className], ['VALUE_CONVERTER', 'com.acme.Bytes'])
  }
  const chain = await chainOf(new Uint8Array([104, 105]), { 'value.converter': 'com.acme.Bytes' })
  assert.deepEqual(chain.encode(record).value, Buffer.from('hi'))
  for (const [returned, told] of [
    [undefined, /toConnectData returned undefined/],
    ['x', /toConnectData returned a string: it must return \{ schema, value \}/],
    [Promise.resolve({ schema: null, value: 1 }), /toConnectData returned a Promise/],
    [{ value: 1 }, /toConnectData returned an object without schema/],
  ] as const) {
    const { value } = (await chainOf(returned, { 'value.converter': 'com.acme.Bytes' })).parts
    assert.throws(() => value.converter.toConnectData('t', Buffer.from('x'), NO_HEADERS), { message: told })
  }
})

test('a header converter that returns no data or no bytes fails, too', async () => {
  const { header } = (await chainOf(undefined, { 'header.converter': 'com.acme.Bytes' })).parts
  assert.throws(() => header.converter.toConnectHeader('t', 'h', null), /com\.acme\.Bytes\.toConnectHeader returned undefined/)
  assert.throws(
    () => header.converter.fromConnectHeader('t', 'h', null, 1),
    /com\.acme\.Bytes\.fromConnectHeader returned undefined/,
  )
})

test('a promise that rejects, returned where none may be, is no error beside the one that is told', async () => {
  const chain = await chainOf(Promise.reject(new Error('late')), SMT)
  assert.throws(() => chain.transform(record), /returned a Promise/)
  // An unhandled reject would end this test's process.
  await new Promise(resolve => setImmediate(resolve))
})

test('preview tells the same', async () => {
  const chain = await chainOf(Promise.resolve(record), SMT)
  const renderer = new Renderer(text => text)
  const { error } = await transformed({ chain, renderer, entered: () => undefined }, record)
  assert.match(error?.message ?? '', /com\.acme\.Smt\.apply returned a Promise/)
})

test('what is built in is called as it is', async () => {
  const chain = await chainOf(true, { transforms: 'a', 'transforms.a.type': 'org.apache.kafka.connect.transforms.Filter' })
  const { steps, value } = chain.parts
  assert.deepEqual([steps[0]?.transform.constructor.name, value.converter.constructor.name], ['Filter', 'StringConverter'])
})

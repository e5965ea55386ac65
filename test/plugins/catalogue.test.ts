// The catalogue: the generated table, the names users may write, third-party plugins that work and that do not.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { catalogueText, GENERATED, pluginModules, pluginsOf } from '../../scripts/catalogue.ts'
import { ConfigError } from '../../src/base/errors.ts'
import { Catalogue, type CatalogueEntry } from '../../src/plugins/catalogue.ts'
import { builtIns } from '../../src/plugins/catalogue-generated.ts'
import { pluginKeys } from '../../src/plugins/describe.ts'

test('the generated table is what the modules export', async () => {
  assert.equal(readFileSync(GENERATED, 'utf8'), await catalogueText(), 'run npm run catalogue')
})

test('each row of the table leads to its plugin, and every plugin has a row', async () => {
  const catalogue = new Catalogue()
  for (const { kind, className, aliases, version } of builtIns) {
    const plugin = await catalogue.load(kind, className)
    assert.deepEqual([plugin.kind, plugin.className, plugin.aliases ?? [], plugin.version], [kind, className, aliases, version])
  }
  const exported = (await Promise.all(pluginModules().map(pluginsOf))).flat()
  assert.equal(exported.length, builtIns.length)
})

test('no two built-in plugins of a kind share a name', async () => {
  const catalogue = new Catalogue()
  for (const { kind, className, aliases } of builtIns) {
    for (const alias of aliases) assert.equal(catalogue.find(kind, alias)?.className, className, `${kind} ${alias}`)
  }
})

const none = () => Promise.reject(new Error('not wanted'))
const row = (kind: CatalogueEntry['kind'], className: string, aliases: string[] = [], version = '1'): CatalogueEntry => ({
  kind,
  className,
  aliases,
  version,
  module: none,
})

test('a plugin is found by full name, alias, last part, and last part without the word for its kind', () => {
  const catalogue = new Catalogue([
    row('sink', 'com.example.FooSinkConnector', ['foo']),
    row('transformation', 'com.example.Mask$Value'),
    row('header_converter', 'com.example.BarConverter'),
  ])
  for (const name of ['com.example.FooSinkConnector', 'FooSinkConnector', 'FooSink', 'foo', ' FooSink '])
    assert.ok(catalogue.has('sink', name), name)
  assert.ok(catalogue.has('transformation', 'Mask$Value'))
  assert.ok(catalogue.has('header_converter', 'Bar'))
  for (const name of ['Foo', 'fooSink', 'SinkConnector', '', 'com.example.FooSink']) assert.ok(!catalogue.has('sink', name), name)
  assert.ok(!catalogue.has('source', 'FooSink'))
})

test('a short name of two classes is refused, their full names are not', async () => {
  const catalogue = new Catalogue([row('sink', 'a.FooConnector'), row('sink', 'b.FooConnector'), row('sink', 'FooConnector')])
  assert.equal(catalogue.find('sink', 'Foo'), null)
  assert.equal(catalogue.find('sink', 'FooConnector')?.className, 'FooConnector')
  assert.equal(catalogue.find('sink', 'a.FooConnector')?.className, 'a.FooConnector')
  await assert.rejects(catalogue.load('sink', 'Foo'), /Several classes have this short name/)
})

test('an unknown class is answered with what is there and what was meant', async () => {
  await assert.rejects(new Catalogue().load('source', 'FileStreamSuorce'), (error: unknown) => {
    assert.ok(error instanceof ConfigError)
    assert.equal(error.key, 'connector.class')
    assert.match(
      error.message,
      /^Failed to find any class that implements Connector and which name matches FileStreamSuorce, available connectors are: /,
    )
    assert.match(error.message, /org\.apache\.kafka\.connect\.file\.FileStreamSinkConnector, org\.apache/)
    assert.match(error.message, /Did you mean FileStreamSource\?$/)
    return true
  })
})

test('a class of another kind is told apart from one that is not there', async () => {
  await assert.rejects(new Catalogue().load('converter', 'FileStreamSink'), /There is a Connector of this name/)
})

test('the list has the order of GET /connector-plugins', () => {
  const catalogue = new Catalogue([
    row('header_converter', 'a'),
    row('converter', 'a'),
    row('predicate', 'a'),
    row('transformation', 'a'),
    row('source', 'a'),
    row('sink', 'b'),
    row('sink', 'a'),
  ])
  assert.deepEqual(
    catalogue.list().map(entry => `${entry.kind} ${entry.className}`),
    ['sink a', 'sink b', 'source a', 'transformation a', 'predicate a', 'converter a', 'header_converter a'],
  )
})

test('a module that fails when it is wanted is an error about the class, not a crash', async () => {
  const catalogue = new Catalogue([{ ...row('sink', 'a.B'), module: () => Promise.reject(new Error('missing package pg')) }])
  await assert.rejects(catalogue.load('sink', 'a.B'), {
    name: 'ConfigError',
    message: 'a.B could not be loaded: missing package pg',
  })
})

test('the newest version is used unless another one is asked for', async () => {
  const loaded: string[] = []
  const versions = ['1.9', '1.10', '2.0-rc1', '1.2.0'].map(version => ({
    ...row('sink', 'a.B', [], version),
    module: () => {
      loaded.push(version)
      return Promise.resolve({ plugins: [{ kind: 'sink', className: 'a.B', version } as never] })
    },
  }))
  const catalogue = new Catalogue(versions)
  assert.deepEqual(catalogue.versions('sink', 'B'), ['1.2.0', '1.9', '1.10', '2.0-rc1'])
  assert.deepEqual(
    catalogue.list().map(entry => entry.version),
    ['1.2.0', '1.9', '1.10', '2.0-rc1'],
  )
  assert.deepEqual(catalogue.classNames('sink'), ['a.B'])
  const chosen = async (wanted?: string) => (await catalogue.load('sink', 'B', undefined, wanted)).version
  assert.equal(await chosen(), '2.0-rc1')
  assert.equal(await chosen('latest'), '2.0-rc1')
  assert.equal(await chosen('1.9'), '1.9')
  assert.equal(await chosen('1.2'), '1.2.0')
  assert.equal(await chosen('[1.0,2.0-alpha)'), '1.10')
  assert.equal(await chosen('(,1.9)'), '1.2.0')
  assert.deepEqual([...new Set(loaded)].sort(), ['1.10', '1.2.0', '1.9', '2.0-rc1'])
})

test('a version that is not installed is told with those that are, and is not replaced by another', async () => {
  const catalogue = new Catalogue([row('sink', 'a.B', [], '1'), row('sink', 'a.B', [], '2')])
  const asked = (version: string) => catalogue.load('sink', 'B', 'connector.class', version)
  await assert.rejects(asked('3'), {
    name: 'PluginVersionError',
    code: 'CONNECT_CONFIG',
    key: 'connector.class',
    availableVersions: ['1', '2'],
    message: 'Plugin a.B not found that matches the version range [3,3], available versions: [1, 2]',
  })
  await assert.rejects(asked('[2.0'), { name: 'PluginVersionError', message: 'Unbounded range: [2.0' })
})

test('keys of a plugin: an unknown one is null, a version that is not there or no version at all is a bad request', async () => {
  const catalogue = new Catalogue()
  assert.equal(await pluginKeys(catalogue, 'Absent', 'latest'), null)
  assert.ok(((await pluginKeys(catalogue, 'FileStreamSink', '[0,)')) ?? []).some(key => key.name === 'file'))
  const refused = (version: string, message: RegExp) =>
    assert.rejects(pluginKeys(catalogue, 'JsonConverter', version), { code: 'CONNECT_BAD_REQUEST', message })
  await refused('[1', /^Invalid version specification: \[1$/)
  await refused('99', /JsonConverter not found that matches the version range \[99,99\], available versions: \[4\.3\.0\]/)
})

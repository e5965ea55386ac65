// The catalogue: the generated table, the names users may write, third-party plugins that work and that do not.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { catalogueText, GENERATED, pluginModules, pluginsOf } from '../../scripts/catalogue.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { ConfigError } from '../../src/base/errors.ts'
import { Catalogue, type CatalogueEntry, openCatalogue } from '../../src/plugins/catalogue.ts'
import { builtIns } from '../../src/plugins/catalogue-generated.ts'
import { loadPluginPath } from '../../src/plugins/plugin-path.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-plugins-'))
after(() => rmSync(folder, { recursive: true }))

test('the generated table is what the modules export', async () => {
  assert.equal(readFileSync(GENERATED, 'utf8'), await catalogueText(), 'run npm run catalogue')
})

test('each row of the table leads to its plugin, and every plugin has a row', async () => {
  const catalogue = new Catalogue()
  for (const { kind, className, aliases } of builtIns) {
    const plugin = await catalogue.load(kind, className)
    assert.deepEqual([plugin.kind, plugin.className, plugin.aliases ?? []], [kind, className, aliases])
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
const row = (kind: CatalogueEntry['kind'], className: string, aliases: string[] = []): CatalogueEntry => ({
  kind,
  className,
  aliases,
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

const plugin = (className: string) =>
  `export const plugins = [{ kind: 'transformation', className: '${className}', version: '1', config: { keys: {}, names: [], parse: () => ({}), validate: () => [] }, create: () => ({ configure() {}, apply: r => r }) }]\n`

test('plugin.path takes files, folders with an index, npm packages, and folders of those', async () => {
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  write('one.mjs', plugin('x.One'))
  write('typed.ts', `import type {} from 'node:fs'\n${plugin('x.Typed')}`)
  write('indexed/index.js', plugin('x.Indexed'))
  write('package/package.json', JSON.stringify({ type: 'module', exports: { '.': { import: './lib/main.js' } } }))
  write('package/lib/main.js', plugin('x.Packaged'))
  write('many/a/index.mjs', plugin('x.A'))
  write('many/b.mjs', plugin('x.B'))
  write('many/notes.txt', 'nothing')
  const catalogue = await openCatalogue(['one.mjs', 'typed.ts', 'indexed', 'package', 'many'].map(name => join(folder, name)))
  assert.deepEqual(catalogue.faults, [])
  for (const name of ['One', 'Typed', 'Indexed', 'Packaged', 'A', 'B']) {
    assert.equal((await catalogue.load('transformation', name)).className, `x.${name}`)
  }
  assert.ok(catalogue.has('sink', 'FileStreamSink'), 'what is built in is still there')
})

test('a broken plugin is reported with its file, and the others are there', async () => {
  const at = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const paths = [
    at('syntax.mjs', 'export const plugins = ['),
    at('throws.mjs', "throw new Error('no licence')"),
    at('empty.mjs', 'export const other = 1'),
    at(
      'shape.mjs',
      "export const plugins = [null, {}, { kind: 'what', className: 'q' }, { kind: 'sink', className: 's', config: { parse() {}, validate() {} }, connector() {} }, { kind: 'sink', className: 't' }]",
    ),
    join(folder, 'missing.mjs'),
    at('good.mjs', plugin('x.Good')),
  ]
  const catalogue = await openCatalogue([...paths, '', ' '])
  assert.ok(catalogue.has('transformation', 'x.Good'))
  const messages = (name: string) => catalogue.faults.filter(fault => fault.file.endsWith(name)).map(fault => fault.message)
  assert.equal(messages('syntax.mjs').length, 1)
  assert.deepEqual(messages('throws.mjs'), ['no licence'])
  assert.deepEqual(messages('empty.mjs'), ['it does not export a list `plugins`'])
  assert.deepEqual(messages('missing.mjs'), ['there is no such file or folder'])
  assert.deepEqual(messages('shape.mjs'), [
    'an item of `plugins` is no object',
    'an item of `plugins` has no className',
    'q has the unknown kind what',
    's has no function task',
    't has no config: use defineConfig',
  ])
  await assert.rejects(
    catalogue.load('transformation', 'x.Absent'),
    /From plugin\.path, .*throws\.mjs could not be loaded: no licence/,
  )
})

test('a module that never finishes loading is left out after a while', async () => {
  writeFileSync(join(folder, 'waits.mjs'), 'await new Promise(() => {})\nexport const plugins = []\n')
  const clock: Clock = { ...systemClock, after: (_delayMs, run) => systemClock.after(20, run) }
  const { faults } = await loadPluginPath([join(folder, 'waits.mjs')], clock)
  assert.match(faults[0]?.message ?? '', /did not finish loading/)
})

test('a class of plugin.path goes before a built-in one of the same name', async () => {
  writeFileSync(join(folder, 'own.mjs'), plugin('x.Same').replace('transformation', 'predicate'))
  writeFileSync(
    join(folder, 'again.mjs'),
    plugin('x.Same').replace('transformation', 'predicate').replace("version: '1'", "version: '2'"),
  )
  const catalogue = await openCatalogue([join(folder, 'own.mjs'), join(folder, 'again.mjs')])
  assert.equal((await catalogue.load('predicate', 'Same')).version, '2')
})

test('a module that fails when it is wanted is an error about the class, not a crash', async () => {
  const catalogue = new Catalogue([{ ...row('sink', 'a.B'), module: () => Promise.reject(new Error('missing package pg')) }])
  await assert.rejects(catalogue.load('sink', 'a.B'), {
    name: 'ConfigError',
    message: 'a.B could not be loaded: missing package pg',
  })
})

// Third-party plugins of `plugin.path`: where they are found, that they share the worker's own classes, and that a broken one is told and
// harms nothing. Each module is scanned in a thread of its own, as in a worker.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { SinkRecord, sinkRecord, type Transformation } from '../../src/api/index.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { ConfigError } from '../../src/base/errors.ts'
import { type Catalogue, openCatalogue } from '../../src/plugins/catalogue.ts'
import { indexPlugins } from '../../src/plugins/plugin-index.ts'
import { findModules } from '../../src/plugins/plugin-path.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-plugins-'))
after(() => rmSync(folder, { recursive: true }))

function write(path: string, text: string | object): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof text === 'string' ? text : JSON.stringify(text))
  return file
}

const literal = (className: string, version = "version: '1', ") =>
  `[{ kind: 'transformation', className: '${className}', ${version}config: { keys: {}, names: [], parse: () => ({}), validate: () => [] }, create: () => ({ configure() {}, apply: r => r }) }]`
const plugin = (className: string, version?: string) => `export const plugins = ${literal(className, version)}\n`
const peer = { peerDependencies: { sluice: '*' } }

async function loads(catalogue: Catalogue, ...names: string[]) {
  for (const name of names) assert.equal((await catalogue.load('transformation', name)).className, name)
}

test('plugin.path takes files, folders with an index, npm packages, and folders of those', async () => {
  write('one.mjs', plugin('x.One'))
  write('typed.ts', `import type {} from 'node:fs'\n${plugin('x.Typed')}`)
  write('indexed/index.js', plugin('x.Indexed'))
  write('package/package.json', { type: 'module', exports: { '.': { import: './lib/main.js' } } })
  write('package/lib/main.js', plugin('x.Packaged'))
  write('many/a/index.mjs', plugin('x.A'))
  write('many/b.mjs', plugin('x.B'))
  write('many/notes.txt', 'nothing')
  write('common.cjs', `exports.plugins = ${literal('x.Common')}`)
  write('assigned.cjs', `module.exports = { ...{}, plugins: ${literal('x.Assigned')} }`)
  const paths = ['one.mjs', 'typed.ts', 'indexed', 'package', 'many', 'common.cjs', 'assigned.cjs']
  const catalogue = await openCatalogue(paths.map(name => join(folder, name)))
  assert.deepEqual(catalogue.faults, [])
  await loads(catalogue, 'x.One', 'x.Typed', 'x.Indexed', 'x.Packaged', 'x.A', 'x.B', 'x.Common', 'x.Assigned')
  assert.ok(catalogue.has('sink', 'FileStreamSink'), 'what is built in is still there')
})

test('of a node_modules folder the packages that name sluice as a peer are plugins, scoped ones too, their dependencies are not', async () => {
  write('app/package.json', { private: true })
  write('app/node_modules/plain/package.json', { ...peer, type: 'module', main: 'main.js' })
  write('app/node_modules/plain/main.js', plugin('n.Plain'))
  write('app/node_modules/@scope/inside/package.json', { ...peer, type: 'module', exports: './index.js', version: '7.1.0' })
  write('app/node_modules/@scope/inside/index.js', plugin('n.Scoped', ''))
  write('app/node_modules/left-pad/package.json', { main: 'index.js' })
  write('app/node_modules/left-pad/index.js', 'throw new Error("a dependency was loaded")')
  for (const path of ['app', 'app/node_modules']) {
    const catalogue = await openCatalogue([join(folder, path)])
    assert.deepEqual(catalogue.faults, [])
    await loads(catalogue, 'n.Plain', 'n.Scoped')
    assert.equal(catalogue.find('transformation', 'n.Scoped')?.version, '7.1.0', 'the version of its package')
  }
  const byName = await findModules(['@scope/inside', 'plain', 'absent'], join(folder, 'app/deep/er'))
  assert.deepEqual(
    byName.modules.map(module => module.file),
    [join(folder, 'app/node_modules/@scope/inside/index.js'), join(folder, 'app/node_modules/plain/main.js')],
  )
  assert.deepEqual(byName.faults, [{ file: 'absent', message: 'there is no such file, folder or installed package' }])
})

test('an installed package may be TypeScript, and has the classes of the worker, not of a copy beside it', async () => {
  const own = 'typed-app/node_modules/'
  write(`${own}sluice/package.json`, { name: 'sluice', type: 'module', exports: './index.js' })
  write(`${own}sluice/index.js`, 'throw new Error("a second copy of Sluice was loaded")')
  write(`${own}upper/package.json`, { ...peer, type: 'module', exports: './index.ts', version: '3.0.0' })
  write(
    `${own}upper/index.ts`,
    `import { type ConnectRecord, DataError, defineConfig, defineTransform, type Plugin } from 'sluice'
     import { jsonText } from 'sluice/kit'
     import { shout } from './shout.ts'
     const config = defineConfig({ mark: { type: 'string', default: '!', importance: 'high', doc: 'Put behind.' } })
     export const plugins: readonly Plugin[] = [defineTransform({
       className: 'typed.Upper', config,
       create() {
         let mark = ''
         return {
           configure(given) { mark = given.mark },
           apply<R extends ConnectRecord>(record: R): R {
             if (typeof record.value !== 'string') throw new DataError(typeof jsonText)
             return record.with({ value: shout(record.value) + mark })
           },
         }
       },
     })]`,
  )
  write(`${own}upper/shout.ts`, 'export const shout = (text: string): string => text.toUpperCase()\n')
  const catalogue = await openCatalogue([join(folder, own)])
  assert.deepEqual(catalogue.faults, [])
  const found = await catalogue.load('transformation', 'Upper')
  assert.ok(found.kind === 'transformation')
  assert.equal(found.version, '3.0.0')
  const transform: Transformation = found.create()
  transform.configure({ mark: '?' })
  const record = sinkRecord({ topic: 't', value: 'abc' })
  const changed = transform.apply(record)
  assert.ok(changed instanceof SinkRecord)
  assert.equal(changed.value, 'ABC?')
  const { DataError } = await import('../../src/base/errors.ts')
  assert.throws(() => transform.apply(record.with({ value: 1 })), DataError)
})

test('several versions of a class are there at once, the same one twice is told', async () => {
  for (const version of ['1.0.0', '2.0.0']) {
    write(`versions/sink-${version}/package.json`, { type: 'module', main: 'index.js', version })
    write(`versions/sink-${version}/index.js`, plugin('v.Same', ''))
  }
  write('again.mjs', plugin('v.Same', "version: '2.0.0', "))
  const catalogue = await openCatalogue([join(folder, 'versions'), join(folder, 'again.mjs')])
  assert.deepEqual(catalogue.versions('transformation', 'Same'), ['1.0.0', '2.0.0'])
  assert.equal((await catalogue.load('transformation', 'Same', '', '1.0.0')).version, '1.0.0')
  assert.equal((await catalogue.load('transformation', 'Same')).version, '2.0.0')
  assert.match(catalogue.faults[0]?.message ?? '', /^its v\.Same 2\.0\.0 is also in .*sink-2\.0\.0.*, which is used$/)
})

test('a broken plugin is reported with its file, and the others are there', async () => {
  const definitionOfCopy =
    "config: { parse() {}, validate() {} }, create() {}, [Symbol.for('sluice.defined-by')]: 'file:///bundle.js'"
  const broken: Record<string, [text: string, ...messages: (string | RegExp)[]]> = {
    'syntax.mjs': ['export const plugins = [', /Unexpected/],
    'throws.mjs': ["throw new Error('no licence')", 'no licence'],
    'throws-text.mjs': ["throw 'no licence'", 'no licence'],
    'exits.mjs': ['process.exit(3)', 'it ended its thread with exit code 3 while it was loaded'],
    'eats.mjs': ['const all = []; for (;;) all.push(new Array(1e5).fill(all.length))', /memory limit/],
    'later.mjs': ["setTimeout(() => { throw new Error('late') }); await new Promise(() => {})", 'late'],
    'empty.mjs': ['export const other = 1', 'it does not export a list `plugins`'],
    'needs.mjs': ["import 'no-such-package'\nexport const plugins = []", /no-such-package/],
    'deep.mjs': [
      "import 'sluice/src/api/index.ts'",
      /Sluice has no export sluice\/src\/api\/index.ts: a plugin imports sluice and sluice\/kit only/,
    ],
    'enum.ts': ['enum Color { Red }\nexport const plugins = []', /enum is not supported/],
    'bundle.mjs': [
      `export const plugins = [{ kind: 'transformation', className: 'b.Bundled', ${definitionOfCopy} }]`,
      'b.Bundled was defined by another copy of Sluice (file:///bundle.js): keep sluice out of the bundle, as an external module',
    ],
    'shape.mjs': [
      "export const plugins = [null, {}, { kind: 'what', className: 'q' }, { kind: 'sink', className: 's', config: { parse() {}, validate() {} }, connector() {} }, { kind: 'sink', className: 't' }, { kind: 'sink', className: 'u', version: 2 }]",
      'an item of `plugins` is no object',
      'an item of `plugins` has no className',
      'q has the unknown kind what',
      's has no function task',
      't has no config: use defineConfig',
      'the version of u is no text',
    ],
  }
  for (const [name, [text]] of Object.entries(broken)) write(name, text)
  write('unbuilt/package.json', { exports: './dist/index.js' })
  write('good.mjs', plugin('x.Good'))
  const paths = [...Object.keys(broken), 'unbuilt', 'missing.mjs', 'good.mjs'].map(name => join(folder, name))
  const catalogue = await openCatalogue([...paths, '', ' '])
  await loads(catalogue, 'x.Good')
  const messages = (name: string) => catalogue.faults.filter(fault => fault.file.endsWith(name)).map(fault => fault.message)
  for (const [name, [, ...expected]] of Object.entries(broken)) {
    const found = messages(`/${name}`)
    assert.equal(found.length, expected.length, `${name}: ${found.join('; ')}`)
    for (const [i, one] of expected.entries()) {
      if (typeof one === 'string') assert.equal(found[i], one, name)
      else assert.match(found[i] ?? '', one, name)
    }
  }
  assert.match(messages('unbuilt')[0] ?? '', /names \.\/dist\/index\.js, which is not there: build the package/)
  assert.deepEqual(messages('missing.mjs'), ['there is no such file, folder or installed package'])
  await assert.rejects(catalogue.load('transformation', 'x.Absent'), (error: unknown) => {
    assert.ok(error instanceof ConfigError)
    assert.match(error.message, /From plugin\.path, .*throws\.mjs could not be loaded: no licence/)
    return true
  })
})

test('a module that never finishes loading, or turns for ever, is left out after a while', async () => {
  write('waits.mjs', 'await new Promise(() => {})\nexport const plugins = []\n')
  write('turns.mjs', 'for (;;) {}\n')
  const clock: Clock = { ...systemClock, after: (_delayMs, run) => systemClock.after(1, run) }
  const { faults, plugins } = await indexPlugins([join(folder, 'waits.mjs'), join(folder, 'turns.mjs')], clock)
  assert.deepEqual(plugins, [])
  assert.equal(faults.length, 2)
  for (const { message } of faults) assert.equal(message, 'it did not finish loading within 30000 ms')
})

test('a module is not left out because the process was stopped while it loaded', async () => {
  write('takes-a-while.mjs', 'await new Promise(resolve => setTimeout(resolve, 500))\nexport const plugins = []\n')
  // Stopped for longer than any limit, so that its one long timer is over when it goes on.
  const clock: Clock = { ...systemClock, after: (delayMs, run) => systemClock.after(delayMs > 5_000 ? 50 : delayMs, run) }
  const { faults } = await indexPlugins([join(folder, 'takes-a-while.mjs')], clock)
  assert.deepEqual(faults, [])
})

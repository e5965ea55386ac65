// Goal: what `sluice new` makes, and the example package, is right at once: its types check, its own tests pass, its README has the table of its keys, it loads as a plugin.
// Method: all three kinds are made in a temporary folder by the command, with the links that `npm install` would make; no network.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openCatalogue } from '../../src/plugins/catalogue.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sluice-new-'))
const MADE = ['my-sink', 'my', 'my-smt']
const PACKAGES = [...MADE, 'sluice-sqlite']

const sluice = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'bin/sluice.js'), ...args], { cwd: folder, encoding: 'utf8' })

before(() => {
  for (const args of [
    ['connector', 'my-sink'],
    ['connector', 'my', '--source'],
    ['transform', 'my-smt', '--into', folder],
  ]) {
    const { status, stderr } = sluice('new', ...args)
    assert.equal(status, 0, stderr)
  }
  cpSync(join(ROOT, 'examples/sqlite-sink'), join(folder, 'sluice-sqlite'), { recursive: true })
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true })
  symlinkSync(ROOT, join(folder, 'node_modules/sluice'))
  symlinkSync(join(ROOT, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'))
})
after(() => rmSync(folder, { recursive: true }))

test('types check under the strict settings that come with them', () => {
  const own = JSON.parse(readFileSync(join(folder, 'my-sink/tsconfig.json'), 'utf8')) as { compilerOptions: { strict: boolean } }
  assert.ok(own.compilerOptions.strict)
  const include = PACKAGES.map(name => `${name}/*.ts`)
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: './my-sink/tsconfig.json', include }))
  const tsc = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', '.'], {
    cwd: folder,
    encoding: 'utf8',
  })
  assert.equal(tsc.status, 0, tsc.stdout)
})

for (const name of PACKAGES) {
  test(`the tests of ${name} pass`, () => {
    // this process is itself run by node:test, which would make the inner run one of its files
    const { NODE_TEST_CONTEXT: _outer, ...env } = process.env
    const output = execFileSync(process.execPath, ['--test', '--test-reporter=tap'], {
      cwd: join(folder, name),
      encoding: 'utf8',
      env,
    })
    assert.match(output, /# pass [4-9]\n# fail 0/)
  })
}

test('the README has the table of the keys, and no placeholder is left anywhere', () => {
  for (const name of MADE) {
    assert.match(readFileSync(join(folder, name, 'README.md'), 'utf8'), /\| `(path|find)` \| string \| required \|/)
    const files = ['index.ts', 'index.test.ts', 'README.md', 'package.json', 'tsconfig.json', '.gitignore']
    for (const file of files) assert.doesNotMatch(readFileSync(join(folder, name, file), 'utf8'), /template-|TemplateName/, file)
  }
})

test('each loads as a plugin, with the version of its package', async () => {
  const catalogue = await openCatalogue([folder])
  assert.deepEqual(catalogue.faults, [])
  const found = [
    catalogue.find('sink', 'MySink'),
    catalogue.find('source', 'MySource'),
    catalogue.find('transformation', 'MySmt'),
  ]
  assert.deepEqual(
    found.map(plugin => plugin && `${plugin.className} ${plugin.version}`),
    ['com.example.MySinkConnector 0.1.0', 'com.example.MySourceConnector 0.1.0', 'com.example.MySmt 0.1.0'],
  )
})

test('a bad name, a folder that is there, and unknown words are refused with what to do', () => {
  for (const [args, words] of [
    [['new', 'connector', 'My_Sink'], /small letters, digits and hyphens/],
    [['new', 'connector', '../x'], /cannot be the name/],
    [['new', 'connector', 'my-sink'], /exists already/],
    [['new', 'transform', 'x', '--source'], /--source is for connectors/],
    [['new', 'thing', 'x'], /Usage:/],
    [['new', 'connector', 'x', '--what'], /--what/],
    [['docs', 'absent'], /there is no such file, folder or installed package/],
  ] as const) {
    const { status, stderr } = sluice(...args)
    assert.equal(status, 1)
    assert.match(stderr, words)
  }
})

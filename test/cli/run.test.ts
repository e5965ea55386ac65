// Goal: no worker runs a built program that is not made of the sources beside it. Method: bin/ in a package of a test's own, whose two programs
// say which one they are.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fingerprint } from '../../bin/fingerprint.js'
import { tempFolder } from '../support/temp-folder.ts'

test('the built program runs when it was made of the sources beside it, else they run', t => {
  const root = tempFolder(t)
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  cpSync(fileURLToPath(new URL('../../bin', import.meta.url)), join(root, 'bin'), { recursive: true })
  write('package.json', '{ "type": "module" }')
  write('package-lock.json', '{}')
  for (const script of ['build', 'build-core']) write(`scripts/${script}.ts`, '')
  write('workers/task.ts', 'export const a = 1\n')
  write('src/cli/entry.ts', "console.log('source' as string, process.argv[2])\n")
  const runs = () =>
    execFileSync(process.execPath, [join(root, 'bin/sluice.js'), 'word'], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    }).trim()
  assert.equal(runs(), 'source word')

  write('dist/src/cli/entry.js', "console.log('built', process.argv[2])\n")
  assert.equal(runs(), 'source word', 'a dist/ that nobody vouches for')
  const seal = () => write('dist/build.json', JSON.stringify({ fingerprint: fingerprint(root) }))
  seal()
  assert.equal(runs(), 'built word')

  const thread = join(root, 'workers/task.ts')
  const { atime, mtime } = statSync(thread)
  write('workers/task.ts', 'export const a = 2\n')
  utimesSync(thread, atime, mtime)
  assert.equal(runs(), 'source word', 'changed, its time set back')
  seal()
  write('src/new.ts', '')
  assert.equal(runs(), 'source word', 'a new file')
  seal()
  renameSync(join(root, 'src/new.ts'), join(root, 'src/other.ts'))
  assert.equal(runs(), 'source word', 'a file under another name')
  seal()
  write('package-lock.json', '{ "packages": {} }')
  assert.equal(runs(), 'source word', 'other versions of what is bundled')
  write('dist/build.json', '{ broken')
  assert.equal(runs(), 'source word', 'a broken build.json')
  for (const folder of ['src', 'workers', 'scripts']) rmSync(join(root, folder), { recursive: true })
  assert.equal(runs(), 'built word', 'a package without sources')
})

test('a process begins again with one arena of the allocator, the same process with the same arguments, unless it is told otherwise', t => {
  const root = tempFolder(t)
  cpSync(fileURLToPath(new URL('../../bin', import.meta.url)), join(root, 'bin'), { recursive: true })
  mkdirSync(join(root, 'dist/src/cli'), { recursive: true })
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    join(root, 'dist/src/cli/entry.js'),
    'console.log(JSON.stringify([process.pid, process.env.MALLOC_ARENA_MAX, process.argv.slice(2), process.execArgv]))',
  )
  const said = (env: Record<string, string>) => {
    const args = ['--stack-size=900', join(root, 'bin/connect-standalone.js'), 'a b', '']
    const child = spawnSync(process.execPath, args, { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } })
    return [child.pid, JSON.parse(child.stdout)]
  }
  const arenas = process.platform === 'linux' ? '1' : null
  const [pid, told] = said({})
  assert.deepEqual(told, [pid, arenas, ['standalone', 'a b', ''], ['--stack-size=900']])
  const [ownPid, toldOwn] = said({ MALLOC_ARENA_MAX: '4' })
  assert.deepEqual(toldOwn, [ownPid, '4', ['standalone', 'a b', ''], ['--stack-size=900']])
})

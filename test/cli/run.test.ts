// Goal: no worker runs a built program that is not made of the sources beside it. Method: bin/ in a package of a test's own, whose two programs
// say which one they are.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
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
  write('scripts/build.ts', '')
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

// Goal: a test file that does not end does not hold the run up, nor leave behind what it started. Method: a real child that spins with SIGTERM caught, with
// a process of its own and one on a leash; and children that are young or are not asked for, which stay.
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { endHungChildren } from '../../scripts/hung-children.ts'
import { tempFolder } from './temp-folder.ts'
import { until } from './until.ts'

const SPINS = "process.on('SIGTERM', () => {}); process.stdout.write('spinning'); for (;;);"

async function child(name: string, source = SPINS, ...args: string[]): Promise<ChildProcess & { said: string }> {
  const started = spawn(process.execPath, ['-e', source, name, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(started.stdout as NodeJS.ReadableStream, 'data')
  return Object.assign(started, { said: String(said) })
}

test('children that run for too long are killed; younger ones and others are left alone', async t => {
  const [one, other] = [await child('of-the-test'), await child('of-another')]
  t.after(() => other.kill('SIGKILL'))
  const ended = once(one, 'exit')
  assert.deepEqual(await endHungChildren(process.pid, /of-the-test/, 3600), [])
  const hung = await endHungChildren(process.pid, /of-the-test/, -1)
  assert.deepEqual(
    hung.map(({ pid }) => pid),
    [one.pid],
  )
  assert.deepEqual(await ended, [null, 'SIGKILL'])
  assert.equal(other.exitCode ?? other.signalCode, null)
})

const STARTS = `
  const { spawn } = require('node:child_process')
  const [, , leash, folder] = process.argv
  import(leash).then(async ({ leashed }) => {
    const own = spawn('sleep', ['3600'], { stdio: 'ignore' })
    const { pid } = await leashed('sleep', ['3600'], { logFile: '/dev/null', folder })
    require('node:fs').writeSync(1, own.pid + ' ' + pid)
    for (;;);
  })`

/** Zombies are gone: whoever has to fetch them is none of ours. */
function isThere(pid: number): boolean {
  const stat = () =>
    execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    return !stat().startsWith('Z')
  } catch {
    return false
  }
}

test('what a killed child started is ended, too; what it had on a leash has removed its folder', async t => {
  const folder = join(tempFolder(t), 'of-the-leash')
  mkdirSync(folder)
  const leash = new URL('../../scripts/kafka/leash.ts', import.meta.url).href
  const { said } = await child('with-children', STARTS, leash, folder)
  const pids = said.split(' ').map(Number)
  assert.deepEqual(pids.map(isThere), [true, true])
  await endHungChildren(process.pid, /with-children/, -1)
  await until(() => !pids.some(isThere) && !existsSync(folder))
})

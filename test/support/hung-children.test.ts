// Goal: a test file that hears no SIGTERM does not hold the run up. Method: a real child that spins with SIGTERM caught, and one that is young or is not
// asked for, which stay.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { endHungChildren } from '../../scripts/hung-children.ts'

const SPINS = "process.on('SIGTERM', () => {}); process.stdout.write('spinning'); for (;;);"

async function child(name: string): Promise<ChildProcess> {
  const started = spawn(process.execPath, ['-e', SPINS, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(started.stdout as NodeJS.ReadableStream, 'data')
  return started
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

// Without a file, the file connectors use the process's standard streams, from a task's thread.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { tempFolder } from '../support/temp-folder.ts'

const FIXTURE = fileURLToPath(new URL('fixtures/standard-streams.ts', import.meta.url))

async function output(t: TestContext, lines: number, stdin: 'pipe' | number, feed: (write: (text: string) => void) => void) {
  const child = spawn(process.execPath, [FIXTURE, String(lines)], { stdio: [stdin, 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', piece => {
    text += piece
  })
  feed(piece => child.stdin?.write(piece))
  const code = await new Promise(resolve => child.on('close', resolve))
  assert.equal(code, 0)
  return text
}

test('reads a pipe that stays open, keeps unended lines back, and ends when told', async t => {
  const text = await output(t, 3, 'pipe', write => {
    write('one\ntwo\nthr')
    setImmediate(() => write('ee\nunended'))
  })
  assert.equal(text, 'one {"position":null}\ntwo {"position":null}\nthree {"position":null}\n')
})

test('reads a file that standard input is redirected from', async t => {
  const file = join(tempFolder(t), 'in.txt')
  writeFileSync(file, 'a\nb\n')
  assert.equal(await output(t, 2, openSync(file, 'r'), () => {}), 'a {"position":null}\nb {"position":null}\n')
})

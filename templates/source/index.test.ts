import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { SourceMap, SourcePlugin } from 'sluice'
import { fakeSourceContext, withConfigTable } from 'sluice/kit'
import { plugins } from './index.ts'

const plugin = plugins[0] as SourcePlugin
const folder = mkdtempSync(join(tmpdir(), 'template-name-'))
after(() => rmSync(folder, { recursive: true }))

async function started(path: string, offset: SourceMap | null = null) {
  const task = plugin.task()
  await task.start({ path, topic: 't', 'poll.interval.ms': '1' }, fakeSourceContext(offset))
  return task
}

const signal = new AbortController().signal

test('a line is a record, half a line is none yet', async () => {
  const path = join(folder, 'lines')
  writeFileSync(path, 'one\ntwo\nthr')
  const task = await started(path)
  const records = await task.poll(signal)
  assert.deepEqual(
    records?.map(record => [record.topic, record.value, record.sourceOffset]),
    [
      ['t', 'one', { position: 4 }],
      ['t', 'two', { position: 8 }],
    ],
  )
  assert.deepEqual(await task.poll(signal), [])
  appendFileSync(path, 'ee\n')
  assert.deepEqual(
    (await task.poll(signal))?.map(record => record.value),
    ['three'],
  )
  await task.stop()
})

test('goes on behind the committed offset', async () => {
  const path = join(folder, 'resumed')
  writeFileSync(path, 'one\ntwo\n')
  const task = await started(path, { position: 4 })
  assert.deepEqual(
    (await task.poll(signal))?.map(record => record.value),
    ['two'],
  )
  await task.stop()
})

test('a config without a path is refused, and says so', () => {
  assert.throws(() => plugin.config.parse({ topic: 't' }), /path/)
})

test('the table in the README is the one of the declaration (npm run docs)', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  assert.equal(withConfigTable(readme, plugins), readme)
})

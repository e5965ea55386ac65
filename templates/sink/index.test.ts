import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type SinkPlugin, sinkRecord } from 'sluice'
import { FakeSinkContext, withConfigTable } from 'sluice/kit'
import { plugins } from './index.ts'

const plugin = plugins[0] as SinkPlugin
const folder = mkdtempSync(join(tmpdir(), 'template-name-'))
after(() => rmSync(folder, { recursive: true }))

async function started(props: Record<string, string>, context = new FakeSinkContext()) {
  const task = plugin.task()
  await task.start(props, context)
  return task
}

test('writes a line a record', async () => {
  const path = join(folder, 'lines')
  const task = await started({ path })
  await task.put([sinkRecord({ topic: 't', value: { id: 1 } }), sinkRecord({ topic: 't', value: 'two', kafkaOffset: 1 })])
  await task.flush?.([])
  await task.stop()
  assert.equal(readFileSync(path, 'utf8'), '{"id":1}\n"two"\n')
})

test('a record that is too long goes to the dead letters, the others are written', async () => {
  const path = join(folder, 'short')
  const context = new FakeSinkContext().takeErrantRecords()
  const task = await started({ path, 'line.bytes.max': '5' }, context)
  await task.put([sinkRecord({ topic: 't', value: 'much too long' }), sinkRecord({ topic: 't', value: 'ok' })])
  await task.stop()
  assert.equal(readFileSync(path, 'utf8'), '"ok"\n')
  assert.equal(context.errant.length, 1)
})

test('a config without a path is refused, and says so', () => {
  assert.throws(() => plugin.config.parse({}), /path/)
})

test('the table in the README is the one of the declaration (npm run docs)', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  assert.equal(withConfigTable(readme, plugins), readme)
})

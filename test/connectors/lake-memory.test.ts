// Goal: what many small open files take beside their rows counts against a task's memory, so that a lake of many folders cannot outgrow
// it. Method: a folder a record, twenty text columns each, through the sink with a known budget.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import type { Props } from '../../src/api/index.ts'
import { KIB, MIB } from '../../src/base/units.ts'
import { lakeSinkTask } from '../../src/connectors/lake-sink/connector.ts'
import { TestClock } from '../support/clock.ts'
import { FakeSinkContext, sinkRecord } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

const COLUMNS = 20
const FILES = 200
const FOLDER_EACH = { 'flush.size': '1000000', 'partitioner.class': 'FieldPartitioner', 'partition.field.name': 'id' }

const recordAt = (i: number) =>
  sinkRecord(i, { id: `u${i}`, ...Object.fromEntries(Array.from({ length: COLUMNS }, (_, c) => [`c${c}`, `v${c}`])) })

async function open(root: string, bufferBytesMax: number, format: Props) {
  const task = lakeSinkTask(new TestClock())
  const context = new FakeSinkContext()
  context.bufferBytesMax = bufferBytesMax
  task.start({ 'store.url': root, ...FOLDER_EACH, ...format }, context)
  await task.open([{ topic: 'events', partition: 0 }])
  return { task, context }
}

const filesIn = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).length

for (const [format, bytesMin] of [
  ['parquet', COLUMNS * KIB],
  ['json', 8 * KIB],
] as const) {
  test(`${format}: open files of a row each report what they hold, not only their rows`, async t => {
    const { task, context } = await open(tempFolder(t), 1024 * MIB, { 'format.class': format })
    await task.put(Array.from({ length: FILES }, (_, i) => recordAt(i)))
    assert.ok(context.bufferedBytes >= FILES * bytesMin, `${context.bufferedBytes} reported`)
    await task.stop()
  })
}

test('a folder a record: files are finished early to stay within the budget', async t => {
  const root = tempFolder(t)
  const { task, context } = await open(root, 4 * MIB, { 'format.class': 'parquet' })
  for (let i = 0; i < FILES; i++) {
    await task.put([recordAt(i)])
    assert.ok(context.bufferedBytes <= 4 * MIB)
  }
  assert.ok(filesIn(root) > FILES / 2)
  await task.stop()
})

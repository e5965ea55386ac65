// The file sink: Java's text of values as lines, durable at flush, and errors that name the file.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Decimal, Float64, INT64, Struct } from '../../src/api/index.ts'
import { FileSinkTask } from '../../src/connectors/file-sink/task.ts'
import { structOf } from '../../src/data/schema-builder.ts'
import { sinkConformance } from '../conformance/sink.ts'
import { FakeSinkContext, sinkRecord } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

sinkConformance({
  name: 'file sink',
  delivery: 'at least once',
  nullValues: 'written',
  setUp(t) {
    const file = join(tempFolder(t), 'out.txt')
    return {
      props: { file },
      task: () => new FileSinkTask(),
      durable: async () =>
        existsSync(file)
          ? readFileSync(file, 'utf8')
              .split('\n')
              .filter(line => line !== '')
          : [],
    }
  },
})

test('writes Java text of every kind of value, a line each, in UTF-8', async t => {
  const file = join(tempFolder(t), 'out.txt')
  const task = new FileSinkTask()
  await task.start({ file }, new FakeSinkContext())
  const schema = structOf({ a: INT64 })
  await task.put([
    sinkRecord(0, 'größe 😀'),
    sinkRecord(1, { a: 1, b: [true, null] }),
    sinkRecord(2, new Float64(1)),
    sinkRecord(3, null),
    sinkRecord(4, new Struct(schema, [5]), { valueSchema: schema }),
    sinkRecord(5, Decimal.parse('1.50')),
  ])
  await task.flush()
  assert.equal(readFileSync(file, 'utf8'), 'größe 😀\n{a=1, b=[true, null]}\n1.0\nnull\nStruct{a=5}\n1.50\n')
  await task.stop()
})

test('lines longer than the buffer and batches larger than it arrive whole', async t => {
  const file = join(tempFolder(t), 'out.txt')
  const task = new FileSinkTask()
  const context = new FakeSinkContext()
  await task.start({ file }, context)
  const lines = Array.from({ length: 5000 }, (_, i) => `${i} ${'日'.repeat(i % 500)}`).concat('x'.repeat(3_000_000))
  await task.put(lines.map((line, i) => sinkRecord(i, line)))
  await task.put(lines.slice(0, 10).map((line, i) => sinkRecord(i, line)))
  assert.equal(context.bufferedBytes, 0)
  assert.deepEqual(readFileSync(file, 'utf8').split('\n').slice(0, -1), [...lines, ...lines.slice(0, 10)])
  await task.flush()
  await task.stop()
})

test('a file that cannot be opened or written fails with its name', async t => {
  const folder = tempFolder(t)
  mkdirSync(join(folder, 'is-a-folder'))
  const failing = new FileSinkTask()
  await assert.rejects(failing.start({ file: join(folder, 'is-a-folder') }, new FakeSinkContext()), /is-a-folder/)
  const task = new FileSinkTask()
  const context = new FakeSinkContext()
  await task.start({ file: '/dev/full' }, context)
  await assert.rejects(
    async () => task.put([sinkRecord(0, 'x'.repeat(2_000_000))]),
    (error: Error & { retriable?: boolean }) => /\/dev\/full, the disk is full/.test(error.message) && error.retriable === true,
  )
  assert.ok(context.timeoutMs > 0)
  await task.stop()
})

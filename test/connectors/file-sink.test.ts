// The file sink: Java's text of values as lines, durable at flush, and errors that name the file.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
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

/** A pipe; whoever waits for its other end is let go at the test's end. */
function pipe(t: TestContext): string {
  let path = ''
  // Before the folder's own hook: they run in order.
  t.after(() => closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK)))
  path = join(tempFolder(t), 'pipe')
  execFileSync('mkfifo', [path])
  return path
}

/** All that stands in the pipe now. */
function drained(reader: number): string {
  const buffer = Buffer.alloc(1 << 20)
  let text = ''
  try {
    for (let bytes = readSync(reader, buffer); bytes > 0; bytes = readSync(reader, buffer))
      text += buffer.toString('utf8', 0, bytes)
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'EAGAIN')
  }
  return text
}

test('a pipe that nobody reads holds up neither start nor stop; a full one is tried again, no line twice', {
  timeout: 60_000,
}, async t => {
  const file = pipe(t)
  const tasks = Array.from({ length: 5 }, () => new FileSinkTask())
  for (const task of tasks) await task.start({ file }, new FakeSinkContext())
  const [task, ...others] = tasks as [FileSinkTask, ...FileSinkTask[]]
  for (const other of others) await other.stop()
  await task.put([sinkRecord(0, 'first')])
  const lines = Array.from({ length: 1000 }, (_, i) => `${i} ${'x'.repeat(200)}`)
  const batch = lines.map((line, i) => sinkRecord(1 + i, line))
  const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  t.after(() => closeSync(reader))
  let text = ''
  let tries = 0
  for (let isDone = false; !isDone; tries++) {
    isDone = await Promise.resolve(task.put(batch)).then(
      () => true,
      (error: Error & { retriable?: boolean }) => {
        assert.match(error.message, /the pipe is full/)
        assert.equal(error.retriable, true)
        return false
      },
    )
    // A commit between two tries: what was put before is safe, and the batch is not given up.
    await task.flush()
    text += drained(reader)
  }
  assert.ok(tries > 1, 'the first try meets a full pipe')
  assert.equal(text, `first\n${lines.join('\n')}\n`)
  await task.stop()
  assert.equal(drained(reader), '')
})

test('after a failed put another batch comes, as after a rewind: nothing of it is taken for written', {
  timeout: 60_000,
}, async t => {
  const file = pipe(t)
  const task = new FileSinkTask()
  await task.start({ file }, new FakeSinkContext())
  const long = 'x'.repeat(70_000)
  await assert.rejects(async () => task.put([sinkRecord(5, long), sinkRecord(6, 'six')]), /the pipe is full/)
  const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  t.after(() => closeSync(reader))
  const before = drained(reader)
  await task.put([sinkRecord(4, 'four'), sinkRecord(5, long), sinkRecord(6, 'six'), sinkRecord(7, 'seven')])
  assert.equal(before + drained(reader), `${long}\nsix\nfour\nseven\n`)
  await task.stop()
})

test('a file that ends within a line gets the rest of its lines on lines of their own', async t => {
  const file = join(tempFolder(t), 'out.txt')
  writeFileSync(file, 'whole\nhalf a li')
  const task = new FileSinkTask()
  await task.start({ file }, new FakeSinkContext())
  await task.put([sinkRecord(0, 'next')])
  await task.stop()
  assert.equal(readFileSync(file, 'utf8'), 'whole\nhalf a li\nnext\n')
})

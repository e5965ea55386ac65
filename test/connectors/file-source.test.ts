// The file source: what it makes of line ends, growth, truncation and rotation, and the offsets it resumes from.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  constants,
  openSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { SourceRecord } from '../../src/api/index.ts'
import { silentLogger } from '../../src/base/log.ts'
import { plugins } from '../../src/connectors/file-source/connector.ts'
import { LINE_BYTES_MAX } from '../../src/connectors/file-source/lines.ts'
import { FileSourceTask } from '../../src/connectors/file-source/task.ts'
import { sourceConformance } from '../conformance/source.ts'
import { fakeSourceContext } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

sourceConformance({
  name: 'file source',
  setUp(t) {
    const file = join(tempFolder(t), 'in.txt')
    writeFileSync(file, '')
    return {
      props: { file, topic: 'lines', 'batch.size': '100' },
      task: () => new FileSourceTask(),
      feed: items => appendFileSync(file, `${items.join('\n')}\n`),
    }
  },
})

const never = new AbortController().signal

async function started(
  file: string,
  position: number | null = null,
  extra: Record<string, string> = {},
): Promise<FileSourceTask> {
  const task = new FileSourceTask()
  await task.start({ file, topic: 'lines', ...extra }, fakeSourceContext(position === null ? null : { position }))
  return task
}

/** Polls until the next records, or null after a few empty polls. */
async function polled(task: FileSourceTask): Promise<SourceRecord[] | null> {
  for (let i = 0; i < 4; i++) {
    const records = await task.poll(never)
    if (records !== null) return records
  }
  return null
}

const texts = (records: SourceRecord[] | null): unknown[] => (records ?? []).map(r => r.value)
const positions = (records: SourceRecord[] | null): unknown[] => (records ?? []).map(r => r.sourceOffset.position)

test('positions are bytes, so a restart in multi-byte text loses and repeats nothing', async t => {
  const file = join(tempFolder(t), 'in.txt')
  writeFileSync(file, 'größe\nplain\n日本語 😀\nlast\n')
  const first = await started(file, null, { 'batch.size': '3' })
  const records = await polled(first)
  await first.stop()
  assert.deepEqual(texts(records), ['größe', 'plain', '日本語 😀'])
  assert.deepEqual(positions(records), [8, 14, 29])
  const second = await started(file, 29)
  assert.deepEqual(texts(await polled(second)), ['last'])
  await second.stop()
})

test('ends lines at LF, CRLF and a lone CR, and holds back a last line without an end', async t => {
  const file = join(tempFolder(t), 'in.txt')
  writeFileSync(file, 'a\r\nb\rc\n\nd\r')
  const task = await started(file)
  const records = await polled(task)
  assert.deepEqual(texts(records), ['a', 'b', 'c', ''])
  assert.deepEqual(positions(records), [3, 5, 7, 8])
  assert.equal(await polled(task), null)
  appendFileSync(file, '\ne')
  assert.deepEqual(texts(await polled(task)), ['d'])
  appendFileSync(file, 'f\n')
  assert.deepEqual(texts(await polled(task)), ['ef'])
  await task.stop()
})

test('waits for a file that does not exist yet and picks up what is appended', async t => {
  const file = join(tempFolder(t), 'in.txt')
  const task = await started(file)
  assert.equal(await task.poll(never), null)
  writeFileSync(file, 'one\n')
  assert.deepEqual(texts(await polled(task)), ['one'])
  appendFileSync(file, 'two\n')
  assert.deepEqual(texts(await polled(task)), ['two'])
  await task.stop()
})

test('starts over in a file that was cut, and moves to a file that took the name', async t => {
  const folder = tempFolder(t)
  const file = join(folder, 'in.txt')
  writeFileSync(file, 'first\nsecond\n')
  const task = await started(file)
  assert.equal((await polled(task))?.length, 2)
  truncateSync(file, 0)
  appendFileSync(file, 'new\n')
  assert.deepEqual(texts(await polled(task)), ['new'])
  appendFileSync(file, 'unended')
  renameSync(file, join(folder, 'in.txt.1'))
  writeFileSync(file, 'rotated\n')
  assert.deepEqual(texts(await polled(task)), ['unended'])
  const records = await polled(task)
  assert.deepEqual(texts(records), ['rotated'])
  assert.deepEqual(positions(records), [8])
  await task.stop()
})

test('a committed position beyond the file reads the file from its start', async t => {
  const file = join(tempFolder(t), 'in.txt')
  writeFileSync(file, 'short\n')
  const task = await started(file, 1000)
  assert.deepEqual(texts(await polled(task)), ['short'])
  await task.stop()
})

test('lines across chunk borders stay whole, ASCII or not', async t => {
  const file = join(tempFolder(t), 'in.txt')
  const lines = Array.from({ length: 30_000 }, (_, i) => `${i} ${'x'.repeat(i % 200)}${i % 1000 === 7 ? 'ü😀' : ''}`)
  writeFileSync(file, `${lines.join('\n')}\n`)
  const task = await started(file, null, { 'batch.size': '777' })
  const seen: unknown[] = []
  let position: unknown
  for (let records = await polled(task); records !== null; records = await polled(task)) {
    assert.ok(records.length <= 777)
    seen.push(...texts(records))
    position = positions(records).at(-1)
  }
  assert.deepEqual(seen, lines)
  assert.equal(position, statSync(file).size)
  await task.stop()
})

test('a line without end fails with the file and the position instead of eating memory', async t => {
  const file = join(tempFolder(t), 'in.bin')
  writeFileSync(file, Buffer.concat([Buffer.from('ok\n'), Buffer.alloc(LINE_BYTES_MAX + 3_000_000, 65)]))
  const task = await started(file)
  assert.deepEqual(texts(await polled(task)), ['ok'])
  await assert.rejects(
    async () => {
      for (;;) await task.poll(never)
    },
    (error: Error) => error.message.includes(file) && error.message.includes('byte 3'),
  )
  await task.stop()
})

test('stop interrupts the wait for new lines', async t => {
  const file = join(tempFolder(t), 'in.txt')
  writeFileSync(file, '')
  const task = await started(file)
  const stopping = new AbortController()
  const polling = task.poll(stopping.signal)
  stopping.abort()
  assert.equal(await polling, null)
  await task.stop()
})

test('refuses offsets that the task could not seek to', () => {
  const [plugin] = plugins
  assert.ok(plugin?.kind === 'source')
  const connector = plugin.connector()
  const props = { file: 'a', topic: 't' }
  connector.start(props, { logger: silentLogger, props, requestTaskReconfiguration() {}, raiseError() {} })
  const alter = (offset: Record<string, string | number> | null, partition: Record<string, string> = { filename: 'a' }) =>
    connector.alterOffsets?.(props, [{ partition, offset }])
  assert.equal(alter({ position: 10 }), true)
  assert.equal(alter(null), true)
  assert.throws(() => alter({ position: -1 }), /negative/)
  assert.throws(() => alter({ position: 1.5 }), /Long value/)
  assert.throws(() => alter({ position: '1' }), /Long value/)
  assert.throws(() => alter({ other: 1 }), /'position'/)
  assert.throws(() => alter({ position: 1 }, { file: 'a' }), /'filename'/)
  assert.throws(
    () => connector.alterOffsets?.({ topic: 't' }, [{ partition: { filename: 'a' }, offset: null }]),
    /standard input/,
  )
  assert.throws(() => connector.alterOffsets?.({ topic: 't' }, []), /standard input/)
})

test('pipes that nobody writes to hold no thread; their lines arrive, and stop does not wait', { timeout: 60_000 }, async t => {
  let file = ''
  // Whoever waits for the other end is let go, before the folder's own hook: they run in order.
  t.after(() => closeSync(openSync(file, constants.O_RDWR | constants.O_NONBLOCK)))
  file = join(tempFolder(t), 'pipe')
  execFileSync('mkfifo', [file])
  const idle = await Promise.all(Array.from({ length: 5 }, () => started(file)))
  for (const records of await Promise.all(idle.map(task => task.poll(never)))) assert.equal(records, null)
  await stat(file)
  for (const task of idle) await task.stop()
  const task = await started(file)
  assert.equal(await task.poll(never), null)
  const writer = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK)
  writeSync(writer, 'one\ntwo\nthr')
  const records = await polled(task)
  assert.deepEqual(texts(records), ['one', 'two'])
  assert.deepEqual(positions(records), [4, 8])
  assert.equal(await task.poll(never), null, 'a writer that is there and silent')
  writeSync(writer, 'ee\n')
  assert.deepEqual(texts(await polled(task)), ['three'])
  closeSync(writer)
  assert.equal(await task.poll(never), null)
  const next = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK)
  writeSync(next, 'four\n')
  assert.deepEqual(texts(await polled(task)), ['four'])
  await task.stop()
  closeSync(next)
})

test('a device without bytes is an empty file', async () => {
  const task = await started('/dev/null')
  assert.equal(await task.poll(never), null)
  await task.stop()
})

// Goal: what the test connectors print is whole and there, and their pace is Java's. Method: threads that print while nobody reads yet, then a
// SIGKILL; a clock turned by hand. What they print and write is compared with Java's in test/broker/test-connectors.test.ts.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { SinkRecord } from '../../src/api/index.ts'
import { parseInteger, parseLong } from '../../src/connectors/test-tools/numbers.ts'
import { Throttle } from '../../src/connectors/test-tools/throttle.ts'
import { VerifiableSinkTask } from '../../src/connectors/test-tools/verifiable-sink.ts'
import { TestClock } from '../support/clock.ts'
import { FakeSinkContext, sinkRecord } from '../support/task-contexts.ts'

const FIXTURE = fileURLToPath(new URL('fixtures/printing-threads.ts', import.meta.url))

test('lines of several threads arrive whole and in order through a pipe that was full, and survive a SIGKILL', async t => {
  const child = spawn(process.execPath, [FIXTURE, '4', '300'], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const closed = once(child, 'close')
  // A pipe holds 64 KB: the threads wait in the middle of their lines until somebody reads.
  await once(child.stdout, 'readable')
  let text = ''
  child.stdout.setEncoding('utf8').on('data', piece => {
    text += piece
  })
  const [, signal] = await closed
  assert.equal(signal, 'SIGKILL')
  const lines = text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { thread?: number; line: number; text: string })
  for (let thread = 0; thread < 4; thread++) {
    const own = lines.filter(line => line.thread === thread)
    assert.deepEqual(
      own.map(line => [line.line, line.text.length]),
      Array.from({ length: 300 }, (_, i) => [i, (i * 37) % 3000]),
    )
  }
  assert.equal(lines.length, 4 * 300 + 1)
})

test('numbers are those that Java reads', () => {
  for (const [text, value] of [
    ['12', 12],
    ['+7', 7],
    ['-3', -3],
    ['007', 7],
    ['9223372036854775807', 2 ** 63],
  ] as const)
    assert.equal(parseLong(text), value, text)
  for (const text of ['', ' 1', '1.0', '1e3', '9223372036854775808', '-', undefined])
    assert.throws(() => parseLong(text), String(text))
  assert.equal(parseInteger('-2147483648'), -2_147_483_648)
  assert.throws(() => parseInteger('2147483648'), /For input string: "2147483648"/)
})

test('a throttle is ahead when more was sent than the time allows, and gathers pauses that are too short', async () => {
  const clock = new TestClock()
  const throttle = new Throttle(1000, clock)
  assert.equal(throttle.isAhead(10), false, 'no time has passed yet')
  await clock.advance(10)
  assert.equal(throttle.isAhead(10), false)
  assert.equal(throttle.isAhead(11), true)
  const signal = new AbortController().signal
  await throttle.pause(signal)
  let isOver = false
  const second = throttle.pause(signal).then(() => (isOver = true))
  await clock.advance(1)
  assert.equal(isOver, false)
  await clock.advance(1)
  await second
})

test('without a pace nothing is held up, with a pace of nothing everything until the end', async () => {
  const clock = new TestClock()
  const free = new Throttle(-1, clock)
  await clock.advance(1)
  assert.equal(free.isAhead(1_000_000), false)
  const closed = new Throttle(0, clock)
  await clock.advance(1)
  assert.equal(closed.isAhead(1), true)
  const stop = new AbortController()
  let isOver = false
  const pause = closed.pause(stop.signal).then(() => (isOver = true))
  await clock.advance(10 * 3_600_000)
  assert.equal(isOver, false)
  stop.abort()
  await pause
})

test('lines that wait for their flush count as buffered, and go with a partition that is lost', () => {
  const context = new FakeSinkContext()
  const printed: string[] = []
  const task = new VerifiableSinkTask(new TestClock(), text => void printed.push(text))
  task.start({ name: 'n', id: '0' }, context)
  const records: SinkRecord[] = [sinkRecord(0, 1), sinkRecord(1, 2), sinkRecord(0, 3, { partition: 1 })]
  task.put(records)
  assert.equal(context.bufferedBytes, 1500)
  task.close([{ topic: 'events', partition: 0 }])
  assert.equal(context.bufferedBytes, 500)
  task.flush([{ topic: 'events', partition: 1, offset: 1 }])
  assert.equal(context.bufferedBytes, 0)
  task.flush([{ topic: 'events', partition: 0, offset: 2 }])
  assert.equal(context.bufferedBytes, 0)
  const line = (seqno: number, offset: number) =>
    `{"task":null,"seqno":${seqno},"offset":${offset},"time_ms":1700000000000,"name":"n","topic":"events","sinkTask":0}\n`
  const flushed = line(3, 0).replace('}', ',"flushed":true}')
  assert.deepEqual(printed, [line(1, 0), line(2, 1), line(3, 0), flushed])
})

// Goal: lines that go as bytes from the file's block to the batch give the very topic, offsets and errors that the row path gives, and no offset is
// committed before its lines are with the broker. Method: the real file source, Sender and Producer over files made from a seed, once a path,
// with a broker that is a function; files grow in pieces cut anywhere, are cut, and are replaced while they are read.
import assert from 'node:assert/strict'
import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { MetricsSlab } from '../../src/actor/metrics-slab.ts'
import { silentLogger } from '../../src/base/log.ts'
import { prng } from '../../src/base/prng.ts'
import { FileSourceTask } from '../../src/connectors/file-source/task.ts'
import { TextRecords } from '../../src/data/text-records.ts'
import { Producer } from '../../src/kafka/producer.ts'
import { loadChain, openTaskCatalogue } from '../../src/task/plugins.ts'
import { Sender } from '../../src/task/source-task/sender.ts'
import { Submitted } from '../../src/task/submitted.ts'
import { Tolerance } from '../../src/task/tolerance.ts'
import { CALM, FakeLogBroker, type Faults } from '../kafka/fake-log-broker.ts'
import { settle, TestClock } from '../support/clock.ts'
import { fakeSourceContext } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

type Path = 'rows' | 'texts'
const STRING = 'org.apache.kafka.connect.storage.StringConverter'
const PARTITIONS = 3

/** Reads take as long as they take: records are stamped with the number of their batch. */
class CountingClock extends TestClock {
  #asked = 0

  override now(): number {
    return ++this.#asked
  }
}

async function open(file: string, path: Path, seed: number, options: { faults?: Faults; props?: Record<string, string> } = {}) {
  const clock = new CountingClock()
  const never = new AbortController().signal
  const broker = new FakeLogBroker(PARTITIONS, prng(seed))
  broker.faults = options.faults ?? CALM
  const props = { 'key.converter': STRING, 'value.converter': STRING, ...options.props }
  const chain = await loadChain(await openTaskCatalogue({}), props, {})
  const metrics = new MetricsSlab()
  const submitted = new Submitted()
  const errors: string[] = []
  const producer = new Producer({
    cluster: broker.cluster,
    log: silentLogger,
    clock,
    acks: -1,
    idempotent: true,
    lingerMs: 0,
    batchSizeBytes: 500,
    bufferMemoryBytes: 5_000,
    maxRequestSizeBytes: 4_000,
    compression: seed % 4 === 0 ? 'gzip' : 'none',
    deliveryTimeoutMs: Number.MAX_SAFE_INTEGER,
    maxInFlight: 1 + (seed % 5),
    retryBackoffMs: 1,
    retryBackoffMaxMs: 2,
    random: prng(seed + 1),
  })
  const task = new FileSourceTask(clock)
  const options_ = {
    tolerance: 'none',
    retryTimeoutMs: 0,
    retryDelayMaxMs: 0,
    reporters: [],
    metrics,
    clock,
    signal: never,
  } as const
  const sender = new Sender({
    task,
    taskClassName: 'T',
    chain,
    tolerance: new Tolerance(options_),
    toleratesAll: false,
    hasDeadLetters: false,
    transaction: null,
    topics: null,
    producer,
    producerClassName: 'P',
    submitted,
    clock,
    metrics,
    onTopicUsed: () => {},
    onError: error => void errors.push(error.message),
  })
  await task.start({ file, topic: 't', 'batch.size': String(1 + (seed % 40)) }, fakeSourceContext(null))
  let texts = 0
  /** Lets time pass until it is settled: reads are real, waits and back-offs are the clock's. */
  const driven = async <T>(promise: Promise<T>): Promise<T> => {
    let isSettled = false
    const settled = () => void (isSettled = true)
    promise.then(settled, settled)
    while (!isSettled) await clock.advance(20)
    return promise
  }
  /** Polls as often as it takes to see all that is there, sending each batch. */
  const drain = async (between: () => void = () => {}) => {
    for (let empty = 0; empty < 4; ) {
      const records = await driven(Promise.resolve(path === 'texts' ? task.pollTexts(never) : task.poll(never)))
      if (records === null) empty++
      else if (records instanceof TextRecords) {
        texts += records.count
        await driven(sender.sendTexts(records, never, settle))
      } else await driven(sender.send(records, never, settle))
      between()
    }
  }
  const finish = async () => {
    await driven(producer.flush())
    await task.stop()
    await producer.close(0)
  }
  return { broker, task, sender, submitted, errors, drain, finish, texts: () => texts, metrics }
}

const PIECES = ['a', 'plain text ', '{"id":1}', 'ü', '日本', '😀', '\ufeff', '\0', 'x'.repeat(60), 'y'.repeat(300)].map(text =>
  Buffer.from(text),
)
const INVALID = ['ff', 'c3', 'e282', 'f09f98', 'eda080', 'c080'].map(hex => Buffer.from(hex, 'hex'))
const ENDS = ['\n', '\n', '\n', '\r\n', '\r', '\n\n', '\n\r'].map(text => Buffer.from(text))

/** Lines of all kinds; `invalid` of them in a hundred hold bytes that are no UTF-8. */
function bytesFrom(random: () => number, invalid: number, ends: readonly Buffer[]): Buffer {
  const pick = (from: readonly Buffer[]) => from[Math.floor(random() * from.length)] as Buffer
  const pieces: Buffer[] = []
  for (let line = 0; line < 150; line++) {
    while (random() < 0.6) pieces.push(pick(PIECES))
    if (random() * 100 < invalid) pieces.push(pick(INVALID))
    pieces.push(pick(ends))
  }
  if (random() < 0.5) pieces.push(Buffer.from('no end'))
  return Buffer.concat(pieces)
}

/** What is in the topic, and the offset committed, after the file had this life. */
async function life(t: TestContext, seed: number, path: Path, faults: Faults = CALM) {
  const random = prng(seed * 7)
  const folder = tempFolder(t)
  const file = join(folder, 'in.txt')
  writeFileSync(file, '')
  const run = await open(file, path, seed, { faults })
  const commits: unknown[] = []
  const grow = async (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + 1 + Math.floor(random() * 3_000))
      appendFileSync(file, bytes.subarray(at, end))
      at = end
      await run.drain()
      commits.push(...run.submitted.take())
    }
  }
  const ends = seed % 3 === 0 ? ENDS.slice(0, 1) : ENDS
  await grow(bytesFrom(random, seed % 2 === 0 ? 0 : 1, ends))
  if (seed % 4 < 2) truncateSync(file, 0)
  else {
    renameSync(file, join(folder, 'in.txt.1'))
    writeFileSync(file, '')
  }
  await run.drain()
  await grow(bytesFrom(random, seed % 2 === 0 ? 0 : 1, ends))
  await run.finish()
  commits.push(...run.submitted.take())
  return { raw: run.broker.raw, last: commits.at(-1), errors: run.errors, texts: run.texts(), active: run.sender.activeCount }
}

for (let seed = 1; seed <= 16; seed++) {
  test(`texts and rows give the same topic and the same offset (seed ${seed})`, async t => {
    const rows = await life(t, seed, 'rows')
    const texts = await life(t, seed, 'texts')
    assert.equal(rows.texts, 0)
    assert.ok(texts.texts > 50, 'lines went as bytes')
    assert.ok([...rows.raw.values()].flat().length > 100)
    assert.deepEqual([...texts.raw].sort(), [...rows.raw].sort())
    assert.deepEqual(stripFile(texts.last), stripFile(rows.last))
    assert.deepEqual([texts.errors, texts.active], [[], 0])
  })
}

/** The two lives had two files. */
const stripFile = (entry: unknown) => (entry as { offset: unknown }).offset

for (let seed = 20; seed < 26; seed++) {
  test(`no offset passes a line that the broker does not have, under lost requests and answers (seed ${seed})`, async t => {
    const file = join(tempFolder(t), 'in.txt')
    const lines = Array.from({ length: 400 }, (_, i) => `line ${i} ${'z'.repeat((i * 7) % 90)}`)
    writeFileSync(file, `${lines.join('\n')}\n`)
    const faults = { lostRequests: 0.15, lostAnswers: 0.15, refused: 0.1 }
    const run = await open(file, 'texts', seed, { faults })
    let committed = 0
    let partly = 0
    const check = () => {
      const entry = run.submitted.take().at(-1)
      if (entry === undefined) return
      const position = Number(entry.offset?.position)
      assert.ok(position > committed)
      committed = position
      const inTopic = new Set([...run.broker.logs.values()].flat())
      let end = 0
      for (const line of lines) {
        end += line.length + 1
        if (end > position) break
        assert.ok(inTopic.has(line), `${line} is committed and not in the topic`)
      }
      if (inTopic.size < lines.length) partly++
    }
    await run.drain(check)
    await run.finish()
    check()
    assert.equal(committed, Buffer.byteLength(lines.join('\n')) + 1)
    assert.ok(partly > 0, 'commits on the way')
    assert.deepEqual([...run.broker.logs.values()].flat().sort(), [...lines].sort())
  })
}

test('a line larger than max.request.size fails the task on both paths, with the same words, and is not passed by an offset', async t => {
  const outcomes: unknown[] = []
  for (const path of ['rows', 'texts'] as const) {
    const file = join(tempFolder(t), 'in.txt')
    writeFileSync(file, `one\n${'w'.repeat(4_500)}\nthree\n`)
    const run = await open(file, path, 39, {})
    await run.drain()
    await run.finish()
    outcomes.push([
      run.errors.map(message => message.replace(file, 'F')),
      run.submitted.take(),
      [...run.broker.logs.values()].flat(),
    ])
  }
  assert.deepEqual(outcomes[1], outcomes[0])
  assert.match(String((outcomes[1] as unknown[])[0]), /too large|larger than/)
  assert.deepEqual((outcomes[1] as unknown[])[1], [])
})

test('texts are for chains that leave them as they are: not with a transform, another converter or another charset', async t => {
  const file = join(tempFolder(t), 'in.txt')
  writeFileSync(file, '')
  const takes = async (props: Record<string, string>) => {
    const run = await open(file, 'rows', 1, { props })
    await run.finish()
    return run.sender.takesTexts
  }
  assert.equal(await takes({}), true)
  assert.equal(await takes({ 'value.converter': 'org.apache.kafka.connect.json.JsonConverter' }), false)
  assert.equal(await takes({ 'value.converter.converter.encoding': 'UTF-16' }), false)
  const hoist = {
    transforms: 'h',
    'transforms.h.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
    'transforms.h.field': 'f',
  }
  assert.equal(await takes(hoist), false)
})

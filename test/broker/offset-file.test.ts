// Goal: one standalone offset file serves Java's worker and ours in turns (Show 3): no line lost, none twice, offsets removed by one side
// are gone for the other. Method: Java's real worker with its own FileStreamSource, our worker, one folder, one topic, turn about.
import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import { create, status } from '../support/connectors.ts'
import { javaWorkerCommand } from '../support/java.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'
import { readTopic } from './producer-parts.ts'

let kafka: Broker
let javaCommand: readonly string[]

before(async () => {
  kafka = await broker()
  javaCommand = await javaWorkerCommand()
})

after(() => kafka?.stop())

type Side = 'java' | 'sluice'

interface Offset {
  partition: { filename: string }
  offset: { position: number }
}

/** Starts one side on the folder's offset file, with a source on each file. */
async function turn(
  side: Side,
  folder: string,
  sources: Record<string, { file: string; topic: string }>,
  run: (worker: WorkerProcess) => Promise<void>,
) {
  const own = join(folder, `${side}-${Date.now()}`)
  mkdirSync(own)
  const worker = await startWorker({
    bootstrap: kafka.bootstrap,
    folder: own,
    worker: {
      'offset.storage.file.filename': join(folder, 'shared.offsets'),
      'offset.flush.interval.ms': '200',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    },
    ...(side === 'java' ? { command: javaCommand } : {}),
  })
  try {
    for (const [name, { file, topic }] of Object.entries(sources)) {
      const answer = await create(worker, name, { 'connector.class': 'FileStreamSource', file, topic })
      assert.equal(answer.status, 201, JSON.stringify(answer.body))
    }
    await run(worker)
    if (side === 'java') {
      // Under load Java's worker may hang for good when it stops: its REST server waits for a Jetty thread pool that nobody stops.
      for (const [name, { file }] of Object.entries(sources)) await until(() => isWritten(worker, name, file))
      return await worker.kill()
    }
    const code = await worker.stop()
    assert.equal(code, 0, `${side} ended with ${code}; its log ends with:\n${worker.logs().slice(-3000)}`)
  } catch (error) {
    await worker.kill()
    throw error
  }
}

const offsetsOf = async (worker: WorkerProcess, name: string) =>
  (await worker.rest<{ offsets: Offset[] }>(`/connectors/${name}/offsets`)).body.offsets

/** The connector has all of the file behind it, or is stopped. Java answers behind the write of its offset file. */
async function isWritten(worker: WorkerProcess, name: string, file: string): Promise<boolean> {
  if ((await status(worker, name))?.connector.state === 'STOPPED') return true
  const found = (await offsetsOf(worker, name)).find(({ partition }) => partition.filename === file)
  return found?.offset.position === statSync(file).size
}

const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}`)
const append = (file: string, from: number, to: number) =>
  appendFileSync(
    file,
    lines(from, to)
      .map(line => `${line}\n`)
      .join(''),
  )
const valuesIn = async (topic: string) => (await readTopic(kafka.bootstrap, topic)).map(r => r.value)

test('Java reads part of a file, Sluice goes on, then Java again: every line once, in order', async t => {
  const folder = tempFolder(t)
  const file = join(folder, 'lines.txt')
  const topic = uniqueName('turns')
  await createTopic(kafka.bootstrap, topic)
  writeFileSync(file, '')
  const sources = { lines: { file, topic } }
  let sent = 0
  for (const side of ['java', 'sluice', 'java', 'sluice'] as const) {
    append(file, sent, sent + 50)
    sent += 50
    await turn(side, folder, sources, async () => {
      await until(async () => (await valuesIn(topic)).length >= sent)
    })
    assert.deepEqual(await valuesIn(topic), lines(0, sent), `after ${side}`)
  }
})

test('several connectors and partitions stay apart, and the offsets that one side removes are gone for the other', async t => {
  const folder = tempFolder(t)
  const [a, b, c] = ['a', 'b', 'ä ü'].map(name => ({ file: join(folder, `${name}.txt`), topic: uniqueName('t') })) as [
    { file: string; topic: string },
    { file: string; topic: string },
    { file: string; topic: string },
  ]
  for (const { file, topic } of [a, b, c]) {
    await createTopic(kafka.bootstrap, topic)
    writeFileSync(file, '')
    append(file, 0, 3)
  }
  const remove = async (worker: WorkerProcess, name: string) => {
    await worker.rest(`/connectors/${name}/stop`, { method: 'PUT' })
    await until(async () => (await status(worker, name))?.connector.state === 'STOPPED')
    const answer = await worker.rest(`/connectors/${name}/offsets`, { method: 'DELETE' })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
  }
  const untilRead = (topic: string, count: number) => until(async () => (await valuesIn(topic)).length >= count)

  // Java reads three files; a second file under the same name gives that connector a second partition.
  await turn('java', folder, { one: a, two: b, three: c }, async worker => {
    for (const { topic } of [a, b, c]) await untilRead(topic, 3)
    await until(async () => (await offsetsOf(worker, 'three')).length === 1)
    await until(async () => (await offsetsOf(worker, 'two')).length === 1)
    await remove(worker, 'two')
  })
  // For us one and three go on behind their lines; two begins anew, for Java removed it.
  for (const { file } of [a, b, c]) append(file, 3, 5)
  await turn('sluice', folder, { one: { ...a, file: b.file, topic: b.topic }, two: b, three: c }, async worker => {
    await untilRead(b.topic, 3 + 5 + 5)
    await untilRead(c.topic, 5)
    await until(async () => (await offsetsOf(worker, 'one')).length === 2)
    assert.deepEqual((await offsetsOf(worker, 'one')).map(o => o.partition.filename).sort(), [a.file, b.file].sort())
    await remove(worker, 'three')
  })
  assert.deepEqual(await valuesIn(c.topic), lines(0, 5))
  // Java again: one goes on in its first file, three begins anew, for we removed it.
  await turn('java', folder, { one: a, three: c }, async worker => {
    await untilRead(a.topic, 5)
    await untilRead(c.topic, 10)
    await until(async () => (await offsetsOf(worker, 'three')).length === 1)
    assert.equal((await offsetsOf(worker, 'one')).length, 2)
  })
  assert.deepEqual(await valuesIn(a.topic), lines(0, 5))
  assert.deepEqual(await valuesIn(c.topic), [...lines(0, 5), ...lines(0, 5)])
})

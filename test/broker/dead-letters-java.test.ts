// Goal: a sink's dead letters and error log are Java's: the same bad records fed to Java's worker and ours give the same bytes, headers and
// words. Method: one topic, one connector config, both workers (their consumer groups differ); every dead letter is compared.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import { create, untilFailed } from '../support/connectors.ts'
import { javaWorkerCommand } from '../support/java.ts'
import { createTopic, endOffsets, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'
import { type ReadRecord, readTopic } from './producer-parts.ts'

let kafka: Broker
/** java, sluice */
let workers: WorkerProcess[] = []

before(async () => {
  kafka = await broker()
  const worker = { 'task.restart.enable': 'false' }
  workers = await Promise.all([
    startWorker({ bootstrap: kafka.bootstrap, command: await javaWorkerCommand() }),
    startWorker({ bootstrap: kafka.bootstrap, worker }),
  ])
})

after(async () => {
  await Promise.all(workers.map(worker => worker.kill()))
  await kafka?.stop()
})

const PREFIX = '__connect.errors.'
/** What no two runtimes have in common: the words of the parser, and the stack. */
const OWN_WORDS = [`${PREFIX}exception.message`, `${PREFIX}exception.stacktrace`]

/** The same connector on both workers; each has its own dead-letter topic and group. */
async function onBoth(topic: string, config: Record<string, string>) {
  const name = uniqueName('letters')
  const topics = ['java', 'sluice'].map(side => `${name}-${side}`)
  for (const [i, worker] of workers.entries()) {
    const file = join(worker.folder, `${name}.txt`)
    const answer = await create(worker, name, {
      'connector.class': 'FileStreamSink',
      topics: topic,
      file,
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': 'false',
      'errors.log.enable': 'true',
      'errors.log.include.messages': 'true',
      'errors.deadletterqueue.topic.name': topics[i] as string,
      'errors.deadletterqueue.topic.replication.factor': '1',
      'errors.deadletterqueue.context.headers.enable': 'true',
      'consumer.override.group.id': topics[i] as string,
      ...config,
    })
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
  }
  const letters = async (count: number) => {
    const found: ReadRecord[][] = []
    for (const each of topics) {
      await until(async () => ((await endOffsets(kafka.bootstrap, each))[0] ?? 0) >= count)
      found.push(await readTopic(kafka.bootstrap, each))
    }
    return found as [ReadRecord[], ReadRecord[]]
  }
  const logLines = () =>
    workers.map(worker =>
      [...worker.logs().matchAll(new RegExp(`Error encountered in task ${name}-0\\.[^"\\n]*`, 'g'))].map(m => m[0]),
    )
  return { name, topics, letters, logLines }
}

const comparable = ({ headers, ...record }: ReadRecord) => ({
  ...record,
  headers: headers.map(([key, value]) => (OWN_WORDS.includes(key) ? [key, value === null ? null : 'text'] : [key, value])),
})

test('dead letters of both have the same bytes, headers in the same order, and the log the same words', async () => {
  const topic = uniqueName('bad')
  await createTopic(kafka.bootstrap, topic)
  await produce(kafka.bootstrap, topic, [
    { key: 'k', value: '{"a":1}', timestamp: 1_700_000_000_001 },
    {
      key: 'k1',
      value: 'not json',
      timestamp: 1_700_000_000_002,
      headers: [
        ['own', 'first'],
        ['own', 'second'],
        ['empty', null],
      ],
    },
    { key: null, value: Buffer.from([0, 1, 255, 254]), timestamp: 1_700_000_000_003 },
    // parses, but has no field to extract
    { key: 'k3', value: '[1]', timestamp: 1_700_000_000_004 },
  ])
  const both = await onBoth(topic, {
    'errors.tolerance': 'all',
    transforms: 'insert',
    'transforms.insert.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
    'transforms.insert.static.field': 'b',
    'transforms.insert.static.value': 'c',
  })
  const [java, sluice] = await both.letters(3)
  assert.equal(java.length, 3)
  assert.deepEqual(sluice.map(comparable), java.map(comparable))
  assert.deepEqual(
    java.map(letter => Object.fromEntries(letter.headers)[`${PREFIX}stage`]),
    ['VALUE_CONVERTER', 'VALUE_CONVERTER', 'TRANSFORMATION'],
  )
  const [javaLog, sluiceLog] = both.logLines()
  assert.equal(javaLog?.length, 3)
  assert.deepEqual(sluiceLog, javaLog)
})

test('key, header and value converters fail under the same stage and class, with tolerance none too, and then the task', async () => {
  const topic = uniqueName('bad')
  await createTopic(kafka.bootstrap, topic)
  await produce(kafka.bootstrap, topic, [{ key: 'no number', value: '{}', timestamp: 1_700_000_000_001 }])
  const both = await onBoth(topic, { 'key.converter': 'org.apache.kafka.connect.converters.LongConverter' })
  const [java, sluice] = await both.letters(1)
  assert.deepEqual(sluice.map(comparable), java.map(comparable))
  assert.equal(Object.fromEntries(java[0]?.headers ?? [])[`${PREFIX}stage`], 'KEY_CONVERTER')
  for (const worker of workers) assert.match(await untilFailed(worker, both.name), /Tolerance exceeded in error handler/)
})

test('without context headers a letter is the record as it was', async () => {
  const topic = uniqueName('bad')
  await createTopic(kafka.bootstrap, topic)
  await produce(kafka.bootstrap, topic, [{ key: 'k', value: 'not json', timestamp: 5, headers: [['h', 'v']] }])
  const both = await onBoth(topic, { 'errors.tolerance': 'all', 'errors.deadletterqueue.context.headers.enable': 'false' })
  const [java, sluice] = await both.letters(1)
  assert.deepEqual(sluice, java)
  assert.deepEqual(sluice[0]?.headers, [['h', 'v']])
})

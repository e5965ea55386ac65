// Goal: whatever a plugin does in a preview, the worker and other requests go on, the preview is answered with what went wrong, and its thread goes.
// Method: one worker with small limits; previews of the plugins in test/support/plugins/preview-hazards.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Broker, broker } from '../support/broker.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'

const PLUGINS = fileURLToPath(new URL('../support/plugins', import.meta.url))
const topic = uniqueName('hazards')
let kafka: Broker
let worker: WorkerProcess

before(async () => {
  kafka = await broker()
  await createTopic(kafka.bootstrap, topic)
  await produce(kafka.bootstrap, topic, [{ value: '{"a":1}' }])
  worker = await startWorker({
    bootstrap: kafka.bootstrap,
    worker: { 'plugin.path': PLUGINS, 'task.memory.max.mb': '96', 'task.stuck.timeout.ms': '5000' },
  })
})

after(async () => {
  await worker?.stop()
  await kafka?.stop()
})

interface Body {
  message?: string
  notes?: string[]
  summary?: { ok: number; failed: number }
  records?: { outcome: string; error?: { stage: string; transform?: string; message: string } }[]
}

const path = (plugin: string) => `${worker.url}/connector-plugins/${plugin}/preview`

async function preview(plugin: string, config: Record<string, string>, signal: AbortSignal | null = null) {
  const response = await fetch(path(plugin), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ config }),
    signal,
  })
  const text = await response.text()
  return { status: response.status, text, body: JSON.parse(text) as Body }
}

const sinkWith = (type: string) => preview('FileStreamSink', { topics: topic, transforms: 'bad', 'transforms.bad.type': type })

async function isWell() {
  await until(async () => (await preview('FileStreamSink', { topics: topic })).status === 200)
}

test('a transform that spins for ever is ended, and the answer names it', async () => {
  const { status, body } = await sinkWith('SpinningTransform')
  assert.equal(status, 500)
  assert.match(body.message ?? '', /transform bad \(io\.sluice\.test\.SpinningTransform\).*has not answered for 5000 ms/)
  await isWell()
})

test('a transform that fills the heap ends its thread alone', async () => {
  const { status, body } = await sinkWith('AllocatingTransform')
  assert.equal(status, 500)
  assert.match(body.message ?? '', /transform bad .*ran out of memory.*task\.memory\.max\.mb=96/)
  await isWell()
})

test('a transform that leaves the process ends its thread alone', async () => {
  const { status, body } = await sinkWith('ExitingTransform')
  assert.equal(status, 500)
  assert.match(body.message ?? '', /transform bad .*exit code 3/)
  await isWell()
})

test('a transform that throws what is no Error fails its record', async () => {
  const { status, body } = await sinkWith('TextThrowingTransform')
  assert.equal(status, 200)
  const error = body.records?.[0]?.error
  assert.deepEqual([error?.stage, error?.transform, error?.message], ['TRANSFORMATION', 'bad', 'only a text'])
})

test('a transform that throws null fails its record with a text that says so', async () => {
  const { status, body } = await sinkWith('NullThrowingTransform')
  assert.equal(status, 200)
  assert.match(body.records?.[0]?.error?.message ?? '', /a value that is no Error was thrown: null/)
})

test('a transform that throws an object without any text fails its record, and not the preview', async () => {
  const { status, body } = await sinkWith('BareThrowingTransform')
  assert.equal(status, 200)
  const error = body.records?.[0]?.error
  assert.deepEqual([error?.stage, error?.transform], ['TRANSFORMATION', 'bad'])
  assert.match(error?.message ?? '', /a value that is no Error was thrown/)
})

test('a source that fails in start is a 500 that names the step', async () => {
  const { status, body } = await preview('ThrowingStartSource', { topic: 't' })
  assert.deepEqual(
    [status, body.message],
    [500, 'the preview failed (io.sluice.test.ThrowingStartSourceTask.start): no such host'],
  )
})

test('what a source polls and is no record fails alone', async () => {
  const { status, body } = await preview('OddPollSource', { topic: 't' })
  assert.equal(status, 200)
  const found = body.records?.slice(0, 4).map(({ outcome, error }) => [outcome, error?.stage, error?.message])
  const none = (what: string) => [
    'failed',
    'TASK_POLL',
    `io.sluice.test.OddPollSourceTask.poll returned a list of records with ${what}, which is no SourceRecord`,
  ]
  assert.deepEqual(found, [none('null'), none('one of type object'), none('one of type string'), ['ok', undefined, undefined]])
})

test('a source whose poll returns no list ends with that note', async () => {
  const { status, body } = await preview('TextPollSource', { topic: 't' })
  assert.equal(status, 200)
  assert.match(body.notes?.join() ?? '', /TASK_POLL failed in io\.sluice\.test\.TextPollSourceTask: .*poll returned no list/)
})

test('a topic that is asked for twice is read once', async () => {
  const ask = { config: { topics: topic }, topics: [topic, topic] }
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(path('FileStreamSink'), { method: 'POST', headers, body: JSON.stringify(ask) })
  assert.equal(answer.status, 200)
  assert.equal(((await answer.json()) as Body).records?.length, 1)
})

test('the password of a source is in no form in the answer, nor in the log', async () => {
  const secret = '73519284'
  const { status, text, body } = await preview('LeakySource', { topic: 'never', secret })
  assert.equal(status, 200)
  assert.equal(body.summary?.ok, 10)
  for (const form of [secret, Buffer.from(secret).toString('base64')]) {
    assert.ok(!text.includes(form), form)
    assert.ok(!worker.logs().includes(form))
  }
  assert.match(text, /before \[hidden\] after/)
})

test('previews that hang take up the places there are; one more is refused; a client that goes away frees a place; the deadline ends the other', async () => {
  const gone = new AbortController()
  // The test's own looks take a place too, for a moment: what hangs asks until it has one.
  const hang = async (plugin: string, signal: AbortSignal | null = null) => {
    for (;;) {
      const answer = await preview(plugin, { topic: 't' }, signal)
      if (answer.status !== 429) return answer
    }
  }
  const leaving = hang('HangingStartSource', gone.signal)
  const hanging = hang('HangingPollSource')
  const refused = await until(async () => {
    const answer = await preview('FileStreamSink', { topics: topic })
    return answer.status === 429 ? answer : null
  })
  assert.match(refused.body.message ?? '', /2 previews are running already\. Try again/)
  gone.abort()
  await assert.rejects(leaving, { name: 'AbortError' })
  await isWell()
  const { status, body } = await hanging
  assert.equal(status, 504)
  assert.match(body.message ?? '', /did not end within 30 s.*busy with: io\.sluice\.test\.HangingPollSourceTask\.poll, call 1/)
  await isWell()
  assert.equal((await worker.rest('/connectors')).status, 200)
})

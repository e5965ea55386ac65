// Goal: a task that runs out of memory, spins for ever, or rejects unawaited fails alone: it becomes FAILED with a readable trace and
// comes back with back-off, its place in the consumer group given up for it, while another connector of the same worker goes on.
// Method: one worker with small limits, a generator into a topic, a healthy file sink, and the sinks of test/support/plugins that fail.
import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Broker, broker } from '../support/broker.ts'
import { create, status, untilFailed, untilTasks } from '../support/connectors.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'

const PLUGINS = fileURLToPath(new URL('../support/plugins', import.meta.url))
const topic = uniqueName('numbers')
let kafka: Broker
let worker: WorkerProcess
let healthyFile: string

const healthyBytes = () => (existsSync(healthyFile) ? statSync(healthyFile).size : 0)

before(async () => {
  kafka = await broker()
  await createTopic(kafka.bootstrap, topic)
  worker = await startWorker({
    bootstrap: kafka.bootstrap,
    worker: {
      'plugin.path': PLUGINS,
      'task.memory.max.mb': '96',
      // long enough for a collection of the whole heap on a busy machine
      // long garbage collections before an out-of-memory are no stuck thread
      'task.stuck.timeout.ms': '20000',
      'task.restart.backoff.unit.ms': '100',
      // a dead thread cannot leave its group, but the worker does it: a task that came back would wait for this else
      'consumer.session.timeout.ms': '600000',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    },
  })
  healthyFile = join(worker.folder, 'healthy.txt')
  assert.equal((await create(worker, 'source', sourceConfig())).status, 201)
  const healthy = { 'connector.class': 'FileStreamSink', topics: topic, file: healthyFile }
  assert.equal((await create(worker, 'healthy', healthy)).status, 201)
  await until(() => healthyBytes() > 0)
})

after(async () => {
  await worker?.stop()
  await kafka?.stop()
})

const sourceConfig = () => ({
  'connector.class': 'GeneratorSource',
  topic,
  messages: '-1',
  'batch.size': '100',
  'sleep.ms': '10',
})

/** Creates a connector whose task fails, and watches it fail, come back and fail again while the healthy one writes on. */
async function failsAlone(className: string, trace: RegExp) {
  const name = uniqueName('bad')
  assert.equal((await create(worker, name, { 'connector.class': className, topics: topic })).status, 201)
  const before = healthyBytes()
  assert.match(await untilFailed(worker, name), trace)
  await until(() => healthyBytes() > before)
  const failures = () =>
    worker
      .logs()
      .split('\n')
      .filter(line => line.includes(`"connector":"${name}"`) && line.includes('task failed')).length
  await until(() => failures() >= 3)
  await until(() => healthyBytes() > before + 10_000)
  const healthy = await status(worker, 'healthy')
  assert.deepEqual(
    healthy?.tasks.map(task => task.state),
    ['RUNNING'],
  )
  assert.equal((await worker.rest(`/connectors/${name}`, { method: 'DELETE' })).status, 204)
  assert.equal(await status(worker, name), null)
}

test('a task that allocates without end is FAILED as out of memory and comes back', () =>
  failsAlone('AllocatingSink', /CONNECT_TASK_OOM|ran out of memory.*task\.memory\.max\.mb=96/))

test('a task that spins for ever is FAILED with the place where it spins and comes back', () =>
  failsAlone('SpinningSink', /has not answered for 20000 ms[\s\S]*at (?:spin|put) \(.*misbehaving-sinks\.ts/))

test('a promise that a task rejects unawaited fails that task with its own stack and it comes back', () =>
  failsAlone('RejectingSink', /nobody awaits[\s\S]*misbehaving-sinks\.ts/))

test('a task that throws is FAILED with its cause', () =>
  failsAlone('FailingSink', /misbehaves as told[\s\S]*misbehaving-sinks\.ts/))

test('a task whose stop never ends does not hold up its deletion', async () => {
  const name = uniqueName('stuck')
  await create(worker, name, { 'connector.class': 'HangingStopSink', topics: topic })
  await untilTasks(worker, name, 'RUNNING')
  assert.equal((await worker.rest(`/connectors/${name}`, { method: 'DELETE' })).status, 204)
  assert.equal((await worker.rest(`/connectors/${name}`)).status, 404)
})

test('with task.restart.enable=false a failed task stays FAILED, as in Java', async () => {
  const java = await startWorker({
    bootstrap: kafka.bootstrap,
    worker: { 'plugin.path': PLUGINS, 'task.restart.enable': 'false', 'task.restart.backoff.unit.ms': '1' },
  })
  try {
    await create(java, 'throwing', { 'connector.class': 'FailingSink', topics: topic, 'value.converter': 'StringConverter' })
    await untilFailed(java, 'throwing')
    // A restart would come after 2 ms; a second connector's whole life is later than that.
    const other = { 'connector.class': 'FileStreamSink', file: join(java.folder, 'other.txt'), topics: topic }
    assert.equal((await create(java, 'other', { ...other, 'value.converter': 'StringConverter' })).status, 201)
    await untilTasks(java, 'other', 'RUNNING')
    assert.equal((await status(java, 'throwing'))?.tasks[0]?.state, 'FAILED')
  } finally {
    await java.stop()
  }
})

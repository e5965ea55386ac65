// Goal: an exactly-once source task makes records and offsets visible together, at the boundary that the config names, whatever ends it: a stop, a pause,
// a failure, a killed thread, a newer task; and what is dropped or committed is what its task was told. Method: the worker's part of the supervisor with
// task threads on a real broker, a source that is told line by line what to send and where to end (plugins/boundary-source.ts), offsets in a
// topic. Java's behaviour: ExactlyOnceWorkerSourceTask 4.3.0.
import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ActorRef } from '../../src/actor/actor-ref.ts'
import type { WireError } from '../../src/actor/wire-error.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { Admin } from '../../src/kafka/admin.ts'
import { takeTransactionalId } from '../../src/kafka/transactions.ts'
import { type TaskFigures, Worker, type WorkerListener } from '../../src/supervisor/worker.ts'
import { type Broker, broker, ownBroker } from '../support/broker.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { TopicOffsets } from '../support/topic-offsets.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { connected, readTopic } from './producer-parts.ts'

const PLUGINS = fileURLToPath(new URL('../support/plugins', import.meta.url))
const STOP_MS = 20_000
let kafka: Broker
before(async () => {
  kafka = await broker()
})

interface Options {
  readonly config?: Record<string, string>
  readonly bootstrap?: string
  /** its records are for the topic of the offsets */
  readonly isToOffsets?: boolean
  readonly fence?: () => Promise<void>
  readonly confirmStart?: () => Promise<void>
}

/** A worker that runs one task of a source named `c`, and what can be seen of it from outside. */
async function worker(
  t: TestContext,
  { config = {}, bootstrap = kafka.bootstrap, fence, confirmStart, isToOffsets }: Options = {},
) {
  const folder = tempFolder(t)
  const [script, log] = [join(folder, 'script'), join(folder, 'log')]
  writeFileSync(script, '')
  const [topic, offsetsTopic, group] = [uniqueName('records'), uniqueName('offsets'), uniqueName('group')]
  await createTopic(bootstrap, topic, { partitions: 1 })
  const cluster = await connected(bootstrap)
  const offsets = new TopicOffsets(cluster, offsetsTopic)
  await offsets.start()
  const states: string[] = []
  const failures: WireError[] = []
  const asked: string[] = []
  const listener: WorkerListener = {
    connectorFailed: () => {},
    reconfigurationRequested: () => {},
    taskStateChanged: (_connector, _task, state) => void states.push(state),
    taskFailed: (_connector, _task, error) => void failures.push(error),
    topicUsed: () => {},
    fence: async () => {
      asked.push('fence')
      await fence?.()
    },
    confirmStart: async () => {
      asked.push('confirmStart')
      await confirmStart?.()
    },
  }
  const made = new Worker({
    spawn: options => new ActorRef(options),
    offsets,
    clock: systemClock,
    log: silentLogger,
    workerProps: {
      'bootstrap.servers': bootstrap,
      'group.id': group,
      'offset.storage.topic': offsetsTopic,
      'plugin.path': PLUGINS,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'offset.flush.interval.ms': '100000',
    },
    memoryMaxMb: 100,
    stuckTimeoutMs: 0,
    logLevels: { root: 'WARN' },
    writeLog: line => void (process.env.SHOW && console.log(line)),
    removeGroupMember: async () => {},
  })
  made.listen(listener)
  t.after(async () => {
    await made.close(STOP_MS)
    await offsets.stop()
    await cluster.close()
  })
  const props = {
    name: 'c',
    'connector.class': 'BoundarySource',
    'task.class': 'io.sluice.test.BoundarySourceTask',
    topic: isToOffsets === true ? offsetsTopic : topic,
    script,
    log,
    ...config,
  }
  return {
    topic,
    offsetsTopic,
    offsets,
    states,
    failures,
    asked,
    cluster,
    worker: made,
    transactionalId: `${group}-c-0`,
    start: (targetState: 'STARTED' | 'PAUSED' = 'STARTED') =>
      made.startTask({
        kind: 'source',
        connector: 'c',
        task: 0,
        taskProps: props,
        connectorProps: props,
        secretKeys: [],
        targetState,
        exactlyOnce: true,
      }),
    stop: () => made.stopTasks('c', STOP_MS),
    write: (...lines: string[]) => appendFileSync(script, lines.map(line => `${line}\n`).join('')),
    told: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .split('\n')
            .slice(0, -1)
            .map(line => JSON.parse(line) as [string, unknown])
        : [],
    committed: async () => (await readTopic(bootstrap, topic, 'read_committed')).map(r => r.value),
    all: async () => (await readTopic(bootstrap, topic)).map(r => r.value),
    offset: async () => (await offsets.get('c', [{ script }]))[0]?.next ?? null,
    failed: () => until(() => failures.at(-1)),
    /** [transactions, records in them, of the smallest, of the largest] of the task that runs */
    sizes: () => {
      const { metrics } = made.figures()[0] as TaskFigures
      const window = 'present'
      return [
        metrics.get('transactionCount'),
        metrics.get('transactionRecords'),
        metrics.minimum('transactionRecordsMin', window),
        metrics.maximum('transactionRecordsMax', window),
      ]
    },
  }
}

type Running = Awaited<ReturnType<typeof worker>>
const untilCommitted = (w: Running, values: readonly string[]) =>
  until(async () => {
    assert.deepEqual(w.failures, [])
    return JSON.stringify(await w.committed()) === JSON.stringify(values)
  })
const calls = (w: Running, hook: string) => w.told().filter(([called]) => called === hook)

test('poll: each batch is a transaction with its offset; the task is told after it, and of polls without records too', async t => {
  const w = await worker(t)
  w.write('a', 'b', '--', 'c', '--')
  w.start()
  await untilCommitted(w, ['a', 'b', 'c'])
  await until(async () => (await w.offset()) === 5)
  assert.deepEqual(w.asked, ['fence', 'confirmStart'])
  await until(() => calls(w, 'commitRecord').length === 3)
  const commits = calls(w, 'commit').length
  await until(() => calls(w, 'commit').length > commits + 2)
  assert.deepEqual(w.told().slice(0, 7), [
    ['start', 0],
    ['commitRecord', ['a', true]],
    ['commitRecord', ['b', true]],
    ['commit', null],
    ['commitRecord', ['c', true]],
    ['commit', null],
    ['commit', null],
  ])
  assert.deepEqual(w.offsets.told.at(-1)?.offset, { next: 5 })
  // The markers: one for each batch.
  const ends = await new Admin(w.cluster).listOffsets([{ topic: w.topic, partition: 0 }], -1)
  assert.equal(ends.get(`${w.topic}-0`), 5)
})

test('interval: nothing is seen before the time is over, a stop commits what is there', async t => {
  const w = await worker(t, { config: { 'transaction.boundary': 'interval', 'transaction.boundary.interval.ms': '3600000' } })
  w.write('a', '--', 'b', '--')
  w.start()
  await until(async () => (await w.all()).length === 2)
  assert.deepEqual(await w.committed(), [])
  assert.deepEqual(calls(w, 'commitRecord'), [])
  await w.stop()
  await untilCommitted(w, ['a', 'b'])
  assert.equal(await w.offset(), 4)
  assert.deepEqual(w.told().at(-1), ['stop', null])
})

test('interval: transactions end by themselves when the time is over', async t => {
  const w = await worker(t, { config: { 'transaction.boundary': 'interval', 'transaction.boundary.interval.ms': '50' } })
  w.write('a', '--', 'b', '--')
  w.start()
  await untilCommitted(w, ['a', 'b'])
  await until(async () => (await w.offset()) === 4)
})

test('a pause commits what is open, and the task goes on behind it', async t => {
  const w = await worker(t, { config: { 'transaction.boundary': 'interval', 'transaction.boundary.interval.ms': '3600000' } })
  w.write('a', '--')
  w.start()
  await until(async () => (await w.all()).length === 1)
  w.worker.pauseTasks('c')
  await until(() => w.states.at(-1) === 'PAUSED')
  await untilCommitted(w, ['a'])
  w.write('b', '--')
  w.worker.resumeTasks('c')
  await until(async () => (await w.all()).includes('b'))
  await w.stop()
  await untilCommitted(w, ['a', 'b'])
})

test('a task that begins paused fences nobody before it is resumed', async t => {
  const w = await worker(t)
  w.write('a', '--')
  w.start('PAUSED')
  await until(() => w.states.at(-1) === 'PAUSED')
  assert.deepEqual(w.asked, [])
  w.worker.resumeTasks('c')
  await untilCommitted(w, ['a'])
  assert.deepEqual(w.asked, ['fence', 'confirmStart'])
})

test('connector: ends behind records and batches; what is aborted is dropped, its offset is committed', async t => {
  const w = await worker(t, { config: { 'transaction.boundary': 'connector' } })
  w.write('a', 'b commit', 'c', '--', 'd', '-- commit', 'e', 'f abort', 'g', '--')
  w.start()
  await untilCommitted(w, ['a', 'b', 'c', 'd'])
  await until(async () => (await w.offset()) === 8)
  await until(async () => (await w.all()).includes('g'))
  w.write('-- abort')
  await until(async () => (await w.offset()) === 10)
  w.write('h', '-- commit')
  await untilCommitted(w, ['a', 'b', 'c', 'd', 'h'])
  await until(() => calls(w, 'commitRecord').length >= 5)
  const committed = calls(w, 'commitRecord').map(([, what]) => (what as [string, boolean])[0])
  assert.deepEqual(
    committed.filter(value => ['a', 'b', 'c', 'd', 'h'].includes(value)),
    ['a', 'b', 'c', 'd', 'h'],
  )
})

test('connector: what no request has ended is dropped by a stop, and sent again by the next task', async t => {
  const w = await worker(t, { config: { 'transaction.boundary': 'connector' } })
  w.write('a', '-- commit', 'b', '--')
  w.start()
  await until(async () => (await w.all()).includes('b'))
  await w.stop()
  await untilCommitted(w, ['a'])
  assert.equal(await w.offset(), 2)
  w.start()
  w.write('c', '-- commit')
  await untilCommitted(w, ['a', 'b', 'c'])
  assert.deepEqual(calls(w, 'start'), [
    ['start', 0],
    ['start', 2],
  ])
})

test('the size of a transaction counts its records: not its offsets, not what was aborted', async t => {
  const polled = await worker(t)
  polled.write('a', 'b', 'c', '--', 'd', '--')
  polled.start()
  await untilCommitted(polled, ['a', 'b', 'c', 'd'])
  await until(() => polled.sizes()[0] === 2)
  assert.deepEqual(polled.sizes(), [2, 4, 1, 3])
  const asked = await worker(t, { config: { 'transaction.boundary': 'connector' } })
  asked.write('a', 'b commit', 'c', 'd abort', 'e commit', '--')
  asked.start()
  await untilCommitted(asked, ['a', 'b', 'e'])
  await until(() => asked.sizes()[0] === 3)
  assert.deepEqual(asked.sizes(), [3, 3, 0, 2])
})

test('requests that contradict each other fail the task, and nothing of the transaction is seen', async t => {
  for (const [lines, text] of [
    [['a', '-- both'], /both commit and abort of the same transaction/],
    [['a both', '--'], /both commit and abort of the same record, for topic\/partition/],
  ] as const) {
    const w = await worker(t, { config: { 'transaction.boundary': 'connector' } })
    w.write(...lines)
    w.start()
    assert.match((await w.failed()).message, text)
    assert.deepEqual(await w.committed(), [])
    assert.equal(await w.offset(), null)
  }
})

test('a task that fails commits nothing more, and the next one sends what was lost', async t => {
  const w = await worker(t, { config: { 'transaction.boundary': 'interval', 'transaction.boundary.interval.ms': '3600000' } })
  w.write('a', 'b', '--')
  w.start()
  await until(async () => (await w.all()).length === 2)
  w.write('!')
  assert.match((await w.failed()).message, /poll fails as told/)
  // The failed task has aborted its transaction: its reader need not wait for a time-out.
  assert.equal(await w.offset(), null)
  assert.deepEqual(await w.committed(), [])
})

test('a killed thread: the next task aborts what was open and sends it once', async t => {
  const w = await worker(t, { config: { 'transaction.boundary': 'interval', 'transaction.boundary.interval.ms': '3600000' } })
  w.write('a', 'b', '--')
  w.start()
  await until(async () => (await w.all()).length === 2)
  await w.worker.stopTasks('c', 0)
  w.start()
  await until(() => calls(w, 'start').length === 2)
  w.write('c', '--')
  await until(async () => (await w.all()).includes('c'))
  await w.stop()
  await untilCommitted(w, ['a', 'b', 'c'])
  assert.equal(await w.offset(), 5)
})

test('a zombie whose id was taken fails at its next commit, with a text that says what may be the matter', async t => {
  const w = await worker(t)
  w.write('a', '--')
  w.start()
  await untilCommitted(w, ['a'])
  await takeTransactionalId(w.cluster, w.transactionalId, 10_000)
  w.write('b', '--')
  assert.match(
    (await w.failed()).message,
    /^The task c-0 was unable to finish writing records .* or a newer task has its transactional id/,
  )
  assert.deepEqual(await w.committed(), ['a'])
  assert.equal(await w.offset(), 2)
})

test('a task that is not to run any more fails before its plugin starts', async t => {
  const w = await worker(t, { confirmStart: () => Promise.reject(new Error('newer task configs')) })
  w.write('a', '--')
  w.start()
  assert.match((await w.failed()).message, /newer task configs/)
  assert.deepEqual(w.told(), [])
  const unfenced = await worker(t, { fence: () => Promise.reject(new Error('no leader')) })
  unfenced.start()
  assert.match((await unfenced.failed()).message, /no leader/)
  assert.deepEqual(unfenced.asked, ['fence'])
})

test('a task that is stopped while it waits to be fenced in takes no transactional id', async t => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const w = await worker(t, { fence: () => promise })
  w.start()
  await until(() => w.asked.length === 1)
  const before = await takeTransactionalId(w.cluster, w.transactionalId, 10_000)
  const stopped = w.stop()
  resolve()
  await stopped
  const after = await takeTransactionalId(w.cluster, w.transactionalId, 10_000)
  assert.equal(after.epoch, before.epoch + 1)
  assert.deepEqual(w.failures, [])
})

test('records for the offsets topic fail the task at once', async t => {
  const w = await worker(t, { config: { 'errors.tolerance': 'all' }, isToOffsets: true })
  w.write('a', '--')
  w.start()
  assert.match((await w.failed()).message, /may not produce to their own offsets topics/)
})

test('a record that cannot be written fails the task, whatever is tolerated', async t => {
  const w = await worker(t, { config: { 'errors.tolerance': 'all', 'producer.override.max.request.size': '1000' } })
  w.write('a', '--', 'b', 'x'.repeat(5000), '--')
  w.start()
  assert.match((await w.failed()).message, /larger than max.request.size/)
  assert.deepEqual(await w.committed(), ['a'])
  assert.equal(await w.offset(), 2)
  const topic = await worker(t, { config: { 'errors.tolerance': 'all' } })
  await new Admin(topic.cluster).alterTopicConfigs(topic.topic, { 'max.message.bytes': '1000' })
  topic.write('a', '--', 'b', 'x'.repeat(5000), '--')
  topic.start()
  assert.match((await topic.failed()).message, /The task c-0 could not commit records and offsets: .*is larger than topic/)
  assert.deepEqual(await topic.committed(), ['a'])
})

test('lines of a file go exactly once, also where they take the way of texts', async t => {
  const folder = tempFolder(t)
  const file = join(folder, 'in.txt')
  const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}`)
  writeFileSync(file, lines.map(line => `${line}\n`).join(''))
  const w = await worker(t, {
    config: {
      'connector.class': 'FileStreamSource',
      'task.class': 'org.apache.kafka.connect.file.FileStreamSourceTask',
      file,
      'batch.size': '300',
    },
  })
  w.start()
  await until(async () => (await w.committed()).length >= 1000)
  await w.worker.stopTasks('c', 0)
  w.start()
  await until(async () => (await w.committed()).length >= 5000)
  assert.deepEqual(await w.committed(), lines)
  await until(() => w.sizes()[3] === 300)
})

test('a broker that dies in between: nothing is lost, nothing twice', async t => {
  const own = await ownBroker()
  t.after(() => own.stop())
  const w = await worker(t, { bootstrap: own.bootstrap })
  const lines = Array.from({ length: 40 }, (_, i) => `line-${i}`)
  const write = (from: number, end: number) => w.write(...lines.slice(from, end).flatMap(line => [line, '--']))
  w.start()
  write(0, 10)
  await untilCommitted(w, lines.slice(0, 10))
  write(10, 25)
  await own.kill()
  write(25, 40)
  await own.restart()
  await untilCommitted(w, lines)
  assert.deepEqual(w.failures, [])
})

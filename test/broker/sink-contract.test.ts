// Goal: a sink task is called as Java's WorkerSinkTask calls it: hooks in order, over rebalances, failures, rewinds and pauses.
// Method: a sink that writes down every call (test/support/plugins/scripted-tasks.ts) on a real worker and broker.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Broker, broker } from '../support/broker.ts'
import { create, untilFailed, untilTasks } from '../support/connectors.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'

const PLUGINS = fileURLToPath(new URL('../support/plugins', import.meta.url))
const COOPERATIVE = 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor'
let kafka: Broker
let worker: WorkerProcess

before(async () => {
  kafka = await broker()
  worker = await startWorker({
    bootstrap: kafka.bootstrap,
    worker: {
      'plugin.path': PLUGINS,
      'task.restart.enable': 'false',
      'offset.flush.interval.ms': '300',
      // a stop that a test holds up is not cut off
      'task.shutdown.graceful.timeout.ms': '60000',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    },
  })
})

after(async () => {
  await worker?.stop()
  await kafka?.stop()
})

interface Told {
  task: string
  hook: string
  what: unknown
}
interface Put {
  offset: number
  value: string
  timestamp: number | null
}
interface Partition {
  partition: number
}

/** A sink on a topic of its own. */
async function sinkOn(shape: { partitions?: number; values?: string[]; topic?: string }, config: Record<string, string> = {}) {
  const topic = shape.topic ?? uniqueName('t')
  if (shape.topic === undefined) await createTopic(kafka.bootstrap, topic, { partitions: shape.partitions ?? 1 })
  const send = (values: readonly string[], timestamp?: number) =>
    produce(
      kafka.bootstrap,
      topic,
      values.map(value => ({ value, ...(timestamp === undefined ? {} : { timestamp }) })),
    )
  await send(shape.values ?? [])
  const name = uniqueName('sink')
  const log = join(worker.folder, `${name}.log`)
  const answer = await create(worker, name, { 'connector.class': 'ScriptedSink', topics: topic, log, ...config })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  const told = (): Told[] =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .split('\n')
          .slice(0, -1)
          .map(line => JSON.parse(line))
      : []
  const hooks = () => told().map(t => t.hook)
  const put = () => told().flatMap(t => (t.hook === 'put' ? (t.what as Put[]) : []))
  const values = () => put().map(p => p.value)
  const committed = async () => {
    const { body } = await worker.rest<{ offsets: { offset: { kafka_offset: number } }[] }>(`/connectors/${name}/offsets`)
    return body.offsets[0]?.offset.kafka_offset ?? null
  }
  const remove = async () => assert.equal((await worker.rest(`/connectors/${name}`, { method: 'DELETE' })).status, 204)
  const command = async (what: string) =>
    assert.equal((await worker.rest(`/connectors/${name}/${what}`, { method: 'PUT' })).status, 202)
  return { name, topic, send, told, hooks, put, values, committed, remove, command }
}

const partitionsOf = (what: unknown) => (what as Partition[]).map(p => p.partition).sort((a, b) => a - b)

test('hooks come in order: start, open, puts, then preCommit, close and stop once each, and put([]) while nothing comes', async () => {
  const sink = await sinkOn({ values: ['a', 'b'] })
  await until(() => sink.hooks().filter(hook => hook === 'empty').length >= 2)
  await until(async () => (await sink.committed()) === 2)
  await sink.remove()
  const hooks = sink.hooks().filter(hook => hook !== 'empty')
  // A commit that falls due between open and the first put asks the task, too.
  assert.deepEqual(hooks.filter(hook => hook !== 'preCommit').slice(0, 3), ['start', 'open', 'put'])
  assert.deepEqual(sink.values(), ['a', 'b'])
  assert.deepEqual(hooks.slice(-3), ['preCommit', 'close', 'stop'])
})

test('a record without a timestamp has none, instead of 1 ms before 1970', async () => {
  const sink = await sinkOn({})
  await sink.send(['untimed'], -1)
  await until(() => sink.put().length === 1)
  assert.equal(sink.put()[0]?.timestamp, null)
  await sink.remove()
})

test('an offset that a sink asks for in open counts before the first record, whatever the group has committed', async () => {
  const sink = await sinkOn({ values: ['0', '1', '2', '3', '4'] }, { 'rewind.in.open': '3' })
  await until(() => sink.values().includes('4'))
  assert.deepEqual(sink.values(), ['3', '4'])
  await sink.remove()
})

for (const hook of ['start', 'open', 'put', 'close']) {
  test(`an exception in ${hook} fails the task with its own message`, async () => {
    const sink = await sinkOn({ values: ['a'] }, { 'fail.in': hook, 'consumer.override.session.timeout.ms': '6000' })
    if (hook === 'close') {
      // A second member makes the group rebalance, and so the first close.
      await until(() => sink.hooks().includes('open'))
      await sinkOn({ topic: sink.topic }, { 'consumer.override.group.id': `connect-${sink.name}` })
    }
    assert.match(await untilFailed(worker, sink.name), new RegExp(`${hook} fails as told`))
    await sink.remove()
  })
}

test('what was put before a failing put is committed and closed, and nothing behind it', async () => {
  const sink = await sinkOn({ values: ['a', 'b'] }, { 'fail.at': 'bad', 'consumer.override.max.poll.records': '2' })
  await until(() => sink.values().length === 2)
  await sink.send(['bad', 'c'])
  await untilFailed(worker, sink.name)
  await until(() => sink.hooks().includes('stop'))
  assert.deepEqual(sink.hooks().slice(-3), ['preCommit', 'close', 'stop'])
  assert.equal(await sink.committed(), 2)
  assert.deepEqual(sink.values(), ['a', 'b'])
  await sink.remove()
})

test('a put that is to be tried again gets the same records, in order, and loses none', async () => {
  const sink = await sinkOn({ values: ['a', 'again', 'c'] }, { 'retry.at': 'again' })
  await sink.send(['d'])
  await until(() => sink.values().includes('d'))
  assert.deepEqual(sink.values(), ['a', 'again', 'c', 'd'])
  await sink.remove()
})

test('a partition that the task paused stays paused when the user pauses and resumes the connector', async () => {
  const sink = await sinkOn({ partitions: 2, values: ['stop'] }, { 'pause.after': 'stop' })
  await until(() => sink.values().length === 1)
  await sink.command('pause')
  await untilTasks(worker, sink.name, 'PAUSED')
  await sink.send(['never'])
  await produce(kafka.bootstrap, sink.topic, [{ value: 'other', partition: 1 }])
  await sink.command('resume')
  await until(() => sink.values().includes('other'))
  const idle = sink.hooks().length
  await until(
    () =>
      sink
        .hooks()
        .slice(idle)
        .filter(hook => hook === 'empty').length >= 2,
  )
  assert.deepEqual(sink.values(), ['stop', 'other'])
  await sink.remove()
})

test('a task created paused is not started before the first resume', async () => {
  const topic = uniqueName('t')
  await createTopic(kafka.bootstrap, topic)
  const name = uniqueName('paused')
  const log = join(worker.folder, `${name}.log`)
  const config = { 'connector.class': 'ScriptedSink', topics: topic, log }
  const body = { name, config, initial_state: 'PAUSED' }
  assert.equal((await worker.rest('/connectors', { method: 'POST', body })).status, 201)
  await worker.rest(`/connectors/${name}/restart?includeTasks=true`, { method: 'POST' })
  assert.equal(existsSync(log), false)
  await worker.rest(`/connectors/${name}/resume`, { method: 'PUT' })
  await until(() => existsSync(log))
  await worker.rest(`/connectors/${name}`, { method: 'DELETE' })
})

test('the errant-record reporter is there only where a report would go somewhere', async () => {
  const without = await sinkOn({})
  const withLog = await sinkOn({}, { 'errors.log.enable': 'true' })
  await until(() => without.hooks().includes('start') && withLog.hooks().includes('start'))
  assert.deepEqual([without.told()[0]?.what, withLog.told()[0]?.what], [{ reporter: false }, { reporter: true }])
  await without.remove()
  await withLog.remove()
})

test('a cooperative rebalance opens and closes only the partitions that move', async () => {
  const cooperative = { 'consumer.override.partition.assignment.strategy': COOPERATIVE }
  const first = await sinkOn({ partitions: 4 }, cooperative)
  await until(() => first.hooks().includes('open'))
  assert.deepEqual(partitionsOf(first.told().find(t => t.hook === 'open')?.what), [0, 1, 2, 3])
  const second = await sinkOn({ topic: first.topic }, { ...cooperative, 'consumer.override.group.id': `connect-${first.name}` })
  await until(() => second.hooks().includes('open'))
  const closed = partitionsOf(first.told().find(t => t.hook === 'close')?.what)
  assert.equal(closed.length, 2)
  assert.deepEqual(partitionsOf(second.told().find(t => t.hook === 'open')?.what), closed)
  assert.equal(first.hooks().filter(hook => hook === 'open').length, 1)
  await second.remove()
  await until(() => first.hooks().filter(hook => hook === 'open').length === 2)
  assert.deepEqual(partitionsOf(first.told().findLast(t => t.hook === 'open')?.what), closed)
  assert.equal(first.hooks().filter(hook => hook === 'close').length, 1)
  await first.remove()
})

test('an eager rebalance closes all, after a preCommit, and opens what is left', async () => {
  const first = await sinkOn({ partitions: 4, values: ['a'] })
  await until(() => first.values().length === 1)
  const second = await sinkOn({ topic: first.topic }, { 'consumer.override.group.id': `connect-${first.name}` })
  await until(() => second.hooks().includes('open'))
  await until(() => first.hooks().filter(hook => hook === 'open').length === 2)
  const hooks = first.told()
  const close = hooks.findIndex(t => t.hook === 'close')
  assert.equal(hooks[close - 1]?.hook, 'preCommit')
  assert.deepEqual(partitionsOf(hooks[close]?.what), [0, 1, 2, 3])
  const opened = [first, second].flatMap(sink => partitionsOf(sink.told().findLast(t => t.hook === 'open')?.what))
  assert.deepEqual(opened.sort(), [0, 1, 2, 3])
  assert.equal(first.values().length + second.values().length, 1)
  await first.remove()
  await second.remove()
})

test('a rebalance while a task stops waits for its last commit, so that its records are not put again', async () => {
  const gate = join(worker.folder, uniqueName('gate'))
  const beats = { 'consumer.override.heartbeat.interval.ms': '200' }
  const first = await sinkOn({ values: ['a'] }, { ...beats, 'commit.gate': gate })
  await until(() => first.hooks().includes('preCommit'))
  const removed = first.remove()
  const second = await sinkOn({ topic: first.topic }, { ...beats, 'consumer.override.group.id': `connect-${first.name}` })
  // some heartbeats of the first: it knows of the rebalance
  await until(() => second.hooks().filter(hook => hook === 'empty').length >= 4)
  writeFileSync(gate, '')
  await removed
  await second.send(['b'])
  await until(() => second.values().includes('b'))
  assert.deepEqual(second.values(), ['b'])
  await second.remove()
})

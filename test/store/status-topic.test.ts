// Goal: the status topic is read and written as Java's KafkaStatusBackingStore does, and a worker sees what it wrote at once. Method: Java's own
// class was put through the same steps (test/golden/store, recorder beside them) on a log whose acknowledgements the test gives.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { KafkaError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/log.ts'
import type { StateName, Status } from '../../src/store/status-store.ts'
import { StatusTopic } from '../../src/store/status-topic.ts'
import type { ReplicaListener, TopicReplica } from '../../src/store/topic-replica.ts'
import { scenarios } from '../golden/store/status-topic-cases.ts'
import { MemoryLog } from '../sim/memory-log.ts'
import { settle, TestClock } from '../support/clock.ts'

type Text = readonly [key: string, value: string | null]
interface Recorded {
  readonly sent: readonly Text[]
  readonly waiting: number
  readonly view: Record<string, unknown>
}
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, '../golden/store/status-topic.json'), 'utf8')) as Record<
  string,
  readonly Recorded[]
>

interface Waiting {
  readonly key: Buffer
  readonly value: Buffer | null
  resolve(at: { partition: number; offset: number }): void
  reject(error: Error): void
}

/** A log whose sends wait until the test settles them. */
class ManualLog {
  readonly clock = new TestClock()
  readonly waiting: Waiting[] = []
  sent: Text[] = []
  #offset = 0
  #listener: ReplicaListener | null = null

  open = (listener: ReplicaListener): TopicReplica => {
    this.#listener = listener
    return {
      partitionCount: 1,
      start: async () => undefined,
      stop: async () => undefined,
      readToEnd: async () => undefined,
      append: async () => undefined,
      send: (key, value) => {
        this.sent.push([key?.toString() ?? '', value?.toString() ?? null])
        return new Promise((resolve, reject) => this.waiting.push({ key: key ?? Buffer.alloc(0), value, resolve, reject }))
      },
    }
  }

  read(key: Buffer, value: Buffer | null): number {
    const offset = this.#offset++
    this.#listener?.onRecord({ partition: 0, offset, timestamp: 0, key, value })
    return offset
  }

  async ack(isReadFirst: boolean): Promise<void> {
    const one = this.waiting.shift()
    assert.ok(one)
    if (isReadFirst) one.resolve({ partition: 0, offset: this.read(one.key, one.value) })
    else {
      one.resolve({ partition: 0, offset: this.#offset })
      await settle()
      this.read(one.key, one.value)
    }
    await settle()
  }

  /** Rejects the oldest, and lets the time of a retry pass. */
  async fail(isRetriable: boolean): Promise<void> {
    this.waiting.shift()?.reject(new KafkaError('Produce', 7, 'refused', isRetriable))
    await this.clock.advance(10_000)
  }
}

function storeOn(log: ManualLog): StatusTopic {
  return new StatusTopic({ open: log.open, topic: 'statuses', clock: log.clock, log: silentLogger, onFailed: assert.ifError })
}

/** As RecordStatusTopic.java writes it; a worker id that is missing is '' here. */
function viewOf(store: StatusTopic, names: readonly string[]): unknown {
  const one = (name: string) => ({
    connector: store.connector(name) ?? null,
    tasks: Object.fromEntries(store.tasks(name)),
    topics: Object.fromEntries(store.topics(name).map(use => [use.topic, [use.connector, use.task, use.discoveredAtMs]])),
  })
  return Object.fromEntries(names.map(name => [name, one(name)]))
}

async function step(
  store: StatusTopic,
  log: ManualLog,
  isReadFirst: boolean,
  [what, ...args]: (typeof scenarios)[0]['steps'][0],
) {
  const [name, second, third, fourth] = args as [string, never, never, never]
  if (what === 'read') log.read(Buffer.from(name), second === null ? null : Buffer.from(second))
  else if (what === 'ack') await log.ack(isReadFirst)
  else if (what === 'fail' || what === 'failRetriably') await log.fail(what === 'failRetriably')
  else if (what === 'putConnector') store.putConnector(name, second)
  else if (what === 'putConnectorSafely') store.putConnectorSafely(name, second)
  else if (what === 'putTask') store.putTask(name, second, third)
  else if (what === 'putTaskSafely') store.putTaskSafely(name, second, third)
  else if (what === 'removeTask') store.removeTask(name, second)
  else if (what === 'removeConnector') store.remove(name)
  else if (what === 'putTopic') store.putTopic({ connector: name, topic: second, task: third, discoveredAtMs: fourth })
  else assert.fail(what)
}

describe('as Java does:', () => {
  for (const { name, names, steps } of scenarios) {
    if (name.startsWith('topics: ')) continue
    for (const isReadFirst of [false, true]) {
      it(`${name}, read ${isReadFirst ? 'before' : 'after'} it is acknowledged`, async () => {
        const log = new ManualLog()
        const store = storeOn(log)
        await store.start()
        for (const [i, one] of steps.entries()) {
          log.sent = []
          await step(store, log, isReadFirst, one)
          const java = recorded[name]?.[i]
          const at = `after step ${i}: ${JSON.stringify(one)}`
          assert.deepEqual(log.sent, java?.sent, at)
          assert.equal(log.waiting.length, java?.waiting, at)
          // what is on its way is seen at once here
          const view = JSON.parse(JSON.stringify(java?.view).replaceAll('"workerId":null', '"workerId":""')) as unknown
          if (java?.waiting === 0) assert.deepEqual(viewOf(store, names), view, at)
        }
      })
    }
  }

  it('topics that were found, forgotten, broken', () => {
    const found = scenarios.find(({ name }) => name.startsWith('topics: '))
    assert.ok(found)
    const log = new ManualLog()
    const store = storeOn(log)
    // Java writes a topic that is known already once more, so what Java wrote is read here
    const written: Text[] = []
    for (const [i, [what, ...args]] of found.steps.entries()) {
      const java: Recorded | undefined = recorded[found.name]?.[i]
      const text = (what === 'read' ? args : what === 'ack' ? written.shift() : undefined) as Text | undefined
      if (what !== 'failRetriably') written.push(...(java?.sent ?? []))
      if (text !== undefined) log.read(Buffer.from(text[0]), text[1] === null ? null : Buffer.from(text[1]))
      assert.deepEqual(viewOf(store, found.names), java?.view, `after step ${i}: ${what}`)
    }
  })
})

const status = (state: StateName, workerId = 'w', generation = 1): Status => {
  return { state, workerId, generation, trace: null, version: null }
}
const text = ({ state, workerId, generation }: Status) => Buffer.from(JSON.stringify({ state, worker_id: workerId, generation }))

describe('what this worker writes', () => {
  it('is seen at once, and not hidden by what others wrote before', async () => {
    const log = new ManualLog()
    const store = storeOn(log)
    store.putTask('a', 0, status('RUNNING'))
    assert.equal(store.task('a', 0)?.state, 'RUNNING')
    log.read(Buffer.from('status-task-a-0'), text(status('FAILED', 'x', 0)))
    assert.equal(store.task('a', 0)?.state, 'RUNNING')
    store.putTask('a', 0, status('PAUSED'))
    await log.ack(true)
    assert.equal(store.task('a', 0)?.state, 'PAUSED')
    await log.ack(true)
    log.read(Buffer.from('status-task-a-0'), text(status('FAILED', 'x', 2)))
    assert.equal(store.task('a', 0)?.state, 'FAILED')
    store.remove('a')
    assert.deepEqual([store.tasks('a'), store.connectors()], [[], []])
  })

  it('and cannot be written is not seen any more', async () => {
    const log = new ManualLog()
    const store = storeOn(log)
    log.read(Buffer.from('status-connector-a'), text(status('RUNNING', 'x')))
    store.putConnector('a', status('FAILED'))
    await log.fail(false)
    assert.deepEqual([store.connector('a')?.state, log.waiting.length], ['RUNNING', 0])
  })

  it('of a topic has the bytes of Java, once, and a tombstone when it is forgotten', async () => {
    const log = new ManualLog()
    const store = storeOn(log)
    const use = { connector: 'a', topic: 't.1', task: 0, discoveredAtMs: 1700000000000 }
    store.putTopic(use)
    store.putTopic({ ...use, task: 1 })
    assert.deepEqual(store.topics('a'), [use])
    await log.fail(true)
    const java = recorded['topics: found, found again, by whom, forgotten, broken']?.[0]?.sent[0]
    assert.deepEqual(log.sent, [java, java])
    await log.ack(false)
    log.sent = []
    store.resetTopics('a')
    assert.deepEqual([log.sent, store.topics('a')], [[['status-topic-t.1:connector-a', null]], []])
    await log.ack(true)
    store.putTopic(use)
    assert.deepEqual(store.topics('a'), [use])
  })

  it('of a removal is not tried again where the connector has come back meanwhile', async () => {
    const log = new ManualLog()
    const store = storeOn(log)
    log.read(Buffer.from('status-connector-a'), text(status('RUNNING', 'x')))
    store.remove('a')
    log.read(Buffer.from('status-connector-a'), text(status('RUNNING', 'x', 2)))
    await log.fail(true)
    assert.deepEqual([log.waiting.length, store.connector('a')?.generation], [0, 2])
  })

  it('and fails is not tried again behind something newer, nor after the store has stopped', async () => {
    const log = new ManualLog()
    const store = storeOn(log)
    store.putTask('a', 0, status('RUNNING'))
    log.read(Buffer.from('status-task-a-0'), text(status('RUNNING', 'x', 2)))
    await log.fail(true)
    assert.deepEqual([log.waiting.length, store.task('a', 0)?.workerId], [0, 'x'])
    store.putTask('a', 1, status('RUNNING'))
    store.putTask('a', 1, status('PAUSED'))
    await log.fail(true)
    assert.equal(log.waiting.length, 1)
    log.waiting.shift()?.reject(new KafkaError('Produce', 7, 'refused', true))
    await settle()
    await store.stop()
    await log.clock.advance(60_000)
    assert.equal(log.waiting.length, 0)
  })
})

it('workers see what the others write, a new one all of it, also after compaction', async () => {
  const log = new MemoryLog({ clock: systemClock, partitions: 5 })
  const make = () => {
    const options = { open: log.opener(), topic: 'statuses', clock: systemClock, log: silentLogger, onFailed: assert.ifError }
    return new StatusTopic(options)
  }
  const [one, other] = [make(), make()]
  await one.start()
  await other.start()
  for (const state of ['UNASSIGNED', 'RUNNING'] as const) {
    one.putConnector('a', status(state))
    for (let task = 11; task >= 0; task--) other.putTask('a', task, status(state, 'x'))
  }
  one.putTopic({ connector: 'a', topic: 't', task: 0, discoveredAtMs: 1 })
  one.putConnector('b', status('RUNNING'))
  await settle()
  one.remove('b')
  await settle()
  log.compact(true)
  const third = make()
  await third.start()
  for (const store of [one, other, third]) {
    assert.deepEqual(store.connectors(), ['a'])
    assert.equal(store.connector('a')?.state, 'RUNNING')
    assert.deepEqual(
      store.tasks('a').map(([task, { state }]) => [task, state]),
      Array.from({ length: 12 }, (_, i) => [i, 'RUNNING']),
    )
    assert.deepEqual(
      store.topics('a').map(({ topic }) => topic),
      ['t'],
    )
  }
})

it('a status that the tombstone of its connector hides is one to remove, until its own tombstone has come', async () => {
  const log = new ManualLog()
  const store = storeOn(log)
  const [task, connector] = [Buffer.from('status-task-a-1'), Buffer.from('status-connector-a')]
  log.read(task, text(status('RUNNING')))
  log.read(connector, null)
  assert.deepEqual([store.tasks('a'), store.storedTasks('a'), store.connectors()], [[], [1], ['a']])
  store.remove('a')
  assert.deepEqual(log.sent.map(([key]) => key), ['status-task-a-1', 'status-connector-a']) // biome-ignore format: one line is easier to read
  assert.deepEqual(store.storedTasks('a'), [])
  await log.ack(true)
  assert.deepEqual([store.storedTasks('a'), store.tasks('a')], [[], []])
  // one that comes after the tombstone is seen
  log.read(task, text(status('PAUSED')))
  assert.deepEqual([store.tasks('a').length, store.storedTasks('a')], [1, [1]])
})

it('flush settles when all that was written before is acknowledged or has failed, or its time is over', async () => {
  const log = new ManualLog()
  const store = storeOn(log)
  let settled = 0
  const flush = () => void store.flush(5_000).then(() => settled++)
  flush()
  await settle()
  assert.equal(settled, 1, 'nothing was under way')
  store.putConnector('a', status('RUNNING'))
  store.putTask('a', 0, status('UNASSIGNED'))
  flush()
  await log.ack(true)
  assert.equal(settled, 1)
  log.waiting.shift()?.reject(new KafkaError('Produce', 7, 'refused', true))
  await settle()
  assert.equal(settled, 2, 'it is tried again later, and nobody waits for that')
  await log.clock.advance(10_000)
  assert.equal(log.waiting.length, 1)
  flush()
  await log.clock.advance(4_900)
  assert.equal(settled, 2)
  await log.clock.advance(200)
  assert.equal(settled, 3)
})

it('topics beyond the ten thousandth of a connector are not tracked', () => {
  const log = new ManualLog()
  const store = storeOn(log)
  for (let i = 0; i < 10_001; i++) store.putTopic({ connector: 'a', topic: `t${i}`, task: 0, discoveredAtMs: 1 })
  assert.equal(log.sent.length, 10_000)
  log.read(
    Buffer.from('status-topic-x:connector-a'),
    Buffer.from('{"topic":{"name":"x","connector":"a","task":0,"discoverTimestamp":1}}'),
  )
  assert.equal(store.topics('a').length, 10_000)
})

it('a topic that cannot be read any more ends the worker', () => {
  const log = new ManualLog()
  const failures: string[] = []
  const onFailed = (error: Error) => void failures.push(error.message)
  let listener: ReplicaListener | undefined
  const open = (given: ReplicaListener) => {
    listener = given
    return log.open(given)
  }
  new StatusTopic({ open, topic: 'statuses', clock: log.clock, log: silentLogger, onFailed })
  listener?.onError(new Error('not authorised'))
  assert.deepEqual(failures, ['not authorised'])
})

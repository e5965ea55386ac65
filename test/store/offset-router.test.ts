// Which store a connector's offsets go to, and when one of its own is opened, replaced and closed. Stores in memory.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/log.ts'
import type { Props } from '../../src/store/config-store.ts'
import { OffsetRouter } from '../../src/store/offset-router.ts'
import type { OffsetEntry } from '../../src/store/offset-store.ts'
import { MemoryOffsets } from '../supervisor/fake-worker.ts'
import { settle } from '../support/clock.ts'

class Store extends MemoryOffsets {
  readonly topic: string
  readonly client: Props
  readonly fail: (error: Error) => void
  state: 'new' | 'started' | 'stopped' = 'new'
  constructor(topic: string, client: Props = {}, fail: (error: Error) => void = () => undefined) {
    super()
    this.topic = topic
    this.client = client
    this.fail = fail
  }
  override async start(): Promise<void> {
    if (this.topic === 'bad') throw new ConnectError('not compacted')
    this.state = 'started'
  }
  override async stop(): Promise<void> {
    this.state = 'stopped'
  }
}

/** A topic as a transaction sees it. */
class TopicStore extends Store {
  readonly told: unknown[] = []
  records(connector: string, entries: readonly OffsetEntry[]) {
    return entries.map(({ offset }) => ({ key: Buffer.from(connector), value: offset && Buffer.from(JSON.stringify(offset)) }))
  }
  committed(_connector: string, entries: readonly OffsetEntry[]): void {
    this.told.push(...entries)
  }
}

const partition = { f: 'x' }
const entry = (n: number) => ({ partition, offset: { n } })

function router(configs: Record<string, Props>, workerProps: Props = {}) {
  const global = new TopicStore('offsets')
  const opened: TopicStore[] = []
  const made = new OffsetRouter({
    global,
    topic: 'offsets',
    workerProps: { 'bootstrap.servers': 'a:1', ...workerProps },
    log: silentLogger,
    configOf: name => configs[name],
    open(topic, client, onFailed) {
      const store = new TopicStore(topic, client, onFailed)
      opened.push(store)
      return store
    },
  })
  return { made, global, opened, configs }
}

describe('the offsets of a connector', () => {
  it('without a topic of its own are the worker’s; one that names the worker’s topic has none of its own', async () => {
    const { made, global, opened } = router({ a: {}, b: { 'offsets.storage.topic': 'offsets' } })
    for (const name of ['a', 'b', 'gone']) await made.put(name, [entry(1)])
    assert.deepEqual([opened.length, global.entries.size], [0, 3])
  })

  it('with a topic of its own are in it, and in the worker’s as well', async () => {
    const { made, global, opened } = router({ a: { 'offsets.storage.topic': 'own' } })
    await Promise.all([made.put('a', [entry(1)]), made.get('a', [partition])])
    await settle()
    assert.deepEqual(
      opened.map(({ topic, state }) => [topic, state]),
      [['own', 'started']],
    )
    assert.deepEqual(await made.get('a', [partition]), [{ n: 1 }])
    assert.equal(global.entries.size, 1)
  })

  it('with the same topic on another cluster are there', async () => {
    const { made, opened } = router({
      a: { 'offsets.storage.topic': 'offsets', 'producer.override.bootstrap.servers': 'b:1' },
    })
    await made.put('a', [entry(1)])
    assert.equal(opened[0]?.client['bootstrap.servers'], 'b:1')
  })

  it('of an exactly-once source are on the cluster that its producer writes to, whatever names a topic', async () => {
    const configs = { a: {}, b: { 'producer.override.bootstrap.servers': 'b:1' } }
    const { made, opened } = router(configs, { 'exactly.once.source.support': 'enabled' })
    for (const name of ['a', 'b']) await made.put(name, [entry(1)])
    assert.deepEqual(
      opened.map(({ topic, client }) => [topic, client['bootstrap.servers']]),
      [['offsets', 'b:1']],
    )
  })

  it('move with the config: the store before is closed', async () => {
    const { made, opened, configs } = router({ a: { 'offsets.storage.topic': 'one' } })
    await made.put('a', [entry(1)])
    configs.a = { 'offsets.storage.topic': 'two' }
    await made.put('a', [entry(2)])
    await settle()
    assert.deepEqual(
      opened.map(({ topic, state }) => [topic, state]),
      [
        ['one', 'stopped'],
        ['two', 'started'],
      ],
    )
    const asked = made.get('a', [partition])
    made.release('a')
    assert.equal(opened[1]?.state, 'started')
    assert.deepEqual(await asked, [{ n: 2 }])
    await settle()
    assert.equal(opened[1]?.state, 'stopped')
  })

  it('in transactions: removals reach the worker’s topic before, the rest after the commit', async () => {
    const { made, global, opened } = router({ a: { 'offsets.storage.topic': 'own' }, b: {} })
    await global.put('a', [entry(1)])
    const removal = { partition, offset: null }
    assert.deepEqual(await made.records('a', [removal]), [{ key: Buffer.from('a'), value: null }])
    assert.equal(global.entries.size, 0)
    await made.records('a', [entry(2)])
    assert.equal(global.entries.size, 0)
    made.committed('a', [entry(2)])
    await settle()
    assert.equal(global.entries.size, 1)
    assert.deepEqual(opened[0]?.told, [entry(2)])
    assert.equal((await made.records('b', [entry(3)])).length, 1)
    made.committed('b', [entry(3)])
    await settle()
    assert.deepEqual(global.told, [entry(3)])
  })

  it('in a topic that cannot be used are refused, and tried anew by the next question', async () => {
    const { made, opened, configs } = router({ a: { 'offsets.storage.topic': 'bad' } })
    await assert.rejects(made.get('a', [partition]), /offsets topic bad of connector a cannot be used: not compacted/)
    assert.equal(opened[0]?.state, 'stopped')
    configs.a = { 'offsets.storage.topic': 'good' }
    assert.deepEqual(await made.get('a', [partition]), [null])
  })

  it('in a topic that ends while it is read are opened anew', async () => {
    const { made, opened } = router({ a: { 'offsets.storage.topic': 'own' } })
    await made.get('a', [partition])
    opened[0]?.fail(new ConnectError('gone'))
    await made.get('a', [partition])
    await settle()
    assert.deepEqual(
      opened.map(({ state }) => state),
      ['stopped', 'started'],
    )
    await made.stop()
    assert.equal(opened[1]?.state, 'stopped')
  })
})

// Goal: offsets in a topic are found by the meaning of their partition and written under the bytes that are there, as Java needs it; one
// connector's own topic and the worker's add up. Method: keys and values that Java's JsonConverter wrote (test/golden/store), on a log in memory.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { ConnectorOffsets } from '../../src/store/connector-offsets.ts'
import { readJavaMap } from '../../src/store/java-map.ts'
import type { OffsetEntry, OffsetStore } from '../../src/store/offset-store.ts'
import { OffsetTopic } from '../../src/store/offset-topic.ts'
import { MemoryLog, type MemoryReplica } from '../sim/memory-log.ts'
import { settle, TestClock } from '../support/clock.ts'

const golden = readJavaMap(readFileSync(join(import.meta.dirname, '../golden/store/many.offsets')))

interface Made {
  readonly store: OffsetTopic
  readonly replica: MemoryReplica
  readonly failures: string[]
}

function storeOn(log: MemoryLog): Made {
  const replicas: MemoryReplica[] = []
  const failures: string[] = []
  const store = new OffsetTopic({
    open: log.opener({}, one => replicas.push(one)),
    topic: 'offsets',
    log: silentLogger,
    onFailed: error => void failures.push(error.message),
  })
  return { store, replica: replicas[0] as MemoryReplica, failures }
}

async function started(log: MemoryLog): Promise<OffsetTopic> {
  const { store } = storeOn(log)
  await store.start()
  return store
}

const newLog = (clock = systemClock as TestClock | typeof systemClock) => new MemoryLog({ clock, partitions: 25 })
const append = (log: MemoryLog, key: string, value: string | null) =>
  log.append(Buffer.from(key), value === null ? null : Buffer.from(value))

describe('offsets that Java wrote', () => {
  it('are read: partitions, offsets, numbers beyond 2^53', async () => {
    const log = newLog()
    for (const { key, value } of golden) log.append(key, value)
    const store = await started(log)
    assert.deepEqual(await store.get('m', [{ topic: 't', cluster: 'source', partition: 3 }, { topic: 'other' }]), [
      { offset: 5 },
      null,
    ])
    assert.deepEqual(await store.all('odd ä'), [
      {
        partition: { yes: true, 'quote"back\\slash': 'tab\there\u0001\u001f ü € 😀 /', none: null },
        offset: { max: 9223372036854775807n, half: 0.5, big: 1e10, small: 1e-5, tenth: 123456.75 },
      },
    ])
    assert.deepEqual(await store.all('reset'), [])
    assert.deepEqual(await store.all('nobody'), [])
  })

  it('are written again under the same key, to the same partition, whatever the order given', async () => {
    const log = newLog()
    append(log, '["j",{"table":"orders","protocol":"1"}]', '{"incrementing":9}')
    const store = await started(log)
    await store.put('j', [{ partition: { protocol: '1', table: 'orders' }, offset: { incrementing: 10 } }])
    await store.put('j', [{ partition: { protocol: '1', table: 'orders' }, offset: null }])
    assert.deepEqual(log.texts, [
      ['["j",{"table":"orders","protocol":"1"}]', '{"incrementing":9}'],
      ['["j",{"table":"orders","protocol":"1"}]', '{"incrementing":10}'],
      ['["j",{"table":"orders","protocol":"1"}]', null],
    ])
  })

  it('under two orders of the same keys count by the newest, and a put leaves one', async () => {
    const [old, newest] = ['["j",{"a":1,"b":2}]', '["j",{"b":2,"a":1}]']
    for (const order of ['old first', 'newest first']) {
      const clock = new TestClock()
      const log = new MemoryLog({ clock, partitions: 1 })
      // records of two partitions may come in either order
      if (order === 'newest first') await clock.advance(1000)
      append(log, order === 'old first' ? old : newest, order === 'old first' ? '{"n":1}' : '{"n":2}')
      await clock.advance(order === 'old first' ? 1000 : -1000)
      append(log, order === 'old first' ? newest : old, order === 'old first' ? '{"n":2}' : '{"n":1}')
      const store = await started(log)
      assert.deepEqual(await store.get('j', [{ a: 1, b: 2 }]), [{ n: 2 }], order)
      await store.put('j', [{ partition: { a: 1, b: 2 }, offset: { n: 3 } }])
      await store.put('j', [{ partition: { a: 1, b: 2 }, offset: { n: 4 } }])
      assert.deepEqual(log.texts.slice(2), [
        [old, null],
        [newest, '{"n":3}'],
        [newest, '{"n":4}'],
      ])
      log.compact(true)
      assert.deepEqual(await (await started(log)).all('j'), [{ partition: { a: 1, b: 2 }, offset: { n: 4 } }])
    }
  })

  it('and are none are passed over: other keys, values of another form', async () => {
    const log = newLog()
    append(log, 'no json', '{"n":1}')
    append(log, '["c"]', '{"n":1}')
    append(log, '["c",{"f":{"g":1}}]', '{"n":1}')
    append(log, '["c",{"f":"a"}]', '{"n":1}')
    append(log, '["c",{"f":"a"}]', '[1]')
    append(log, '["c",{"f":"b"}]', 'no json')
    const store = await started(log)
    assert.deepEqual(await store.all('c'), [{ partition: { f: 'a' }, offset: { n: 1 } }])
  })
})

describe('what is put', () => {
  it('has the bytes and the partition that Java would give it', async () => {
    const log = newLog()
    const store = await started(log)
    const all = golden.filter(({ value }) => value !== null)
    const java = newLog()
    for (const { key, value } of all) java.append(key, value)
    const source = await started(java)
    for (const connector of ['m', 'jdbc', 'odd ä']) await store.put(connector, await source.all(connector))
    for (let partition = 0; partition < 25; partition++)
      assert.deepEqual(log.at(partition, 0)?.key?.toString(), java.at(partition, 0)?.key?.toString())
    // 1.0E10 is a whole number here: JavaScript has no other
    const texts = java.texts.map(([key, value]) => [key, value?.replace('1.0E10', '10000000000')])
    assert.deepEqual([...log.texts].sort(), texts.sort())
  })

  it('is found by another worker that asks after it settled', async () => {
    const log = newLog()
    const [one, other] = [await started(log), await started(log)]
    await one.put('c', [
      { partition: { f: 'a' }, offset: { n: 1 } },
      { partition: { f: 'b' }, offset: { n: 2 } },
    ])
    assert.deepEqual(await other.get('c', [{ f: 'b' }, { f: 'a' }, { f: 'c' }]), [{ n: 2 }, { n: 1 }, null])
    await other.put('c', [{ partition: { f: 'a' }, offset: null }])
    assert.deepEqual(await one.all('c'), [{ partition: { f: 'b' }, offset: { n: 2 } }])
    log.compact(true)
    assert.deepEqual(await (await started(log)).all('c'), [{ partition: { f: 'b' }, offset: { n: 2 } }])
  })

  it('and cannot be JSON is refused before anything of it is written', async () => {
    const log = newLog()
    const store = await started(log)
    const bad = store.put('c', [
      { partition: { f: 'a' }, offset: { n: 1 } },
      { partition: { f: 'b' }, offset: { n: Number.NaN } },
    ])
    await assert.rejects(bad, /NaN cannot stand in an offset/)
    assert.deepEqual(log.texts, [])
  })

  it('while the broker is away waits for it, up to ten thousand entries and a put more', async () => {
    const clock = new TestClock()
    const log = newLog(clock)
    const { store, replica } = storeOn(log)
    await store.start()
    replica.setReachable(false)
    const entries = (count: number, at: number): OffsetEntry[] =>
      Array.from({ length: count }, (_, i) => ({ partition: { n: at + i }, offset: { n: 1 } }))
    const taken = [store.put('c', entries(9_999, 0)), store.put('c', entries(500, 9_999))]
    await assert.rejects(store.put('c', entries(1, 0)), { retriable: true, message: /10499 offsets wait for topic offsets/ })
    replica.setReachable(true)
    await Promise.all(taken)
    assert.equal(log.texts.length, 10_499)
  })
})

it('a question that the broker does not let answer fails after a minute; those that come together share a reading', async () => {
  const clock = new TestClock()
  const log = newLog(clock)
  const { store, replica } = storeOn(log)
  await store.start()
  replica.setReachable(false)
  const asked = Array.from({ length: 50 }, (_, n) => assert.rejects(store.get('c', [{ n }]), { retriable: true }))
  await settle()
  // one reading under way and one for all that came after it began
  assert.ok(clock.waiting <= 2, `${clock.waiting}`)
  await clock.advance(120_000)
  await Promise.all(asked)
  replica.setReachable(true)
  assert.deepEqual(await store.get('c', [{ n: 1 }]), [null])
})

it('a topic that cannot be read any more is told', async () => {
  const { store, replica, failures } = storeOn(newLog())
  await store.start()
  replica.fail(new Error('not authorised'))
  assert.deepEqual(failures, ['not authorised'])
})

describe("a connector's own topic", () => {
  const a = { partition: { f: 'a' }, offset: { n: 1 } }
  const b = { partition: { f: 'b' }, offset: { n: 2 } }

  async function both(): Promise<{
    store: ConnectorOffsets
    own: OffsetTopic
    global: OffsetTopic
    ownLog: MemoryLog
    globalLog: MemoryLog
  }> {
    const [ownLog, globalLog] = [newLog(), newLog()]
    const { store: own } = storeOn(ownLog)
    const global = await started(globalLog)
    const store = new ConnectorOffsets({ own, global, connector: 'c', log: silentLogger })
    await store.start()
    return { store, own, global, ownLog, globalLog }
  }

  it("is asked first, then the worker's", async () => {
    const { store, own, global } = await both()
    await global.put('c', [a, b])
    await own.put('c', [{ ...b, offset: { n: 7 } }])
    assert.deepEqual(await store.get('c', [{ f: 'a' }, { f: 'b' }, { f: 'c' }]), [{ n: 1 }, { n: 7 }, null])
    assert.deepEqual(await store.all('c'), [{ ...b, offset: { n: 7 } }, a])
  })

  it("is written first, and then the worker's, whose failure does not count", async () => {
    const { store, globalLog, ownLog, own } = await both()
    await store.put('c', [a])
    assert.equal(ownLog.texts.length, 1)
    await settle()
    assert.deepEqual(globalLog.texts, ownLog.texts)
    const broken: OffsetStore = { ...emptyStore, put: () => Promise.reject(new Error('away')) }
    const alone = new ConnectorOffsets({ own, global: broken, connector: 'c', log: silentLogger })
    await alone.put('c', [b])
    assert.equal(ownLog.texts.length, 2)
    await settle()
  })

  it("is reset after the worker's: what was removed is not found there again", async () => {
    const { store, ownLog, globalLog } = await both()
    await store.put('c', [a, b])
    await settle()
    await store.put('c', [{ ...a, offset: null }])
    assert.deepEqual(await store.all('c'), [b])
    const broken: OffsetStore = { ...emptyStore, put: () => Promise.reject(new Error('away')) }
    const { store: own } = storeOn(ownLog)
    await own.start()
    const before = ownLog.texts.length
    const alone = new ConnectorOffsets({ own, global: broken, connector: 'c', log: silentLogger })
    await assert.rejects(alone.put('c', [{ ...b, offset: null }, a]), /away/)
    assert.equal(ownLog.texts.length, before)
    assert.equal(globalLog.texts.length, 3)
  })
})

const emptyStore: OffsetStore = {
  start: async () => undefined,
  get: async () => [],
  put: async () => undefined,
  all: async () => [],
  stop: async () => undefined,
}

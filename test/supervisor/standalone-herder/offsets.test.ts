// The standalone herder on fake actors, no time but the test's.
// What tasks store through the herder: offsets, and the topics that they use.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { settle } from '../../support/clock.ts'
import { config, create, SOURCE, setUp } from '../fake-worker.ts'

describe('offsets and topics', () => {
  it('a source task reads and writes the offsets of its own connector', async () => {
    const { herder, cast, offsets } = setUp()
    await herder.putConfig('c', config('c', { 'connector.class': SOURCE }), create)
    await settle()
    const task = cast.find('task', 'c-0')
    task.say({ type: 'offsetsPut', id: 1, entries: [{ partition: { f: 'a' }, offset: { position: 3 } }] })
    task.say({ type: 'offsetsRequested', id: 2, partitions: [{ f: 'a' }, { f: 'b' }] })
    await settle()
    assert.deepEqual(task.sent, [
      { type: 'reply', id: 1, value: null },
      { type: 'reply', id: 2, value: [{ position: 3 }, null] },
    ])
    assert.equal(offsets.entries.size, 1)
    assert.deepEqual(await herder.offsets('c'), [{ partition: { f: 'a' }, offset: { position: 3 } }])
  })

  it('are changed only while the connector is stopped', async () => {
    const { herder, offsets } = setUp()
    await herder.putConfig('c', config('c', { 'connector.class': SOURCE }), create)
    const change = [{ partition: { f: 'a' }, offset: { position: 9 } }]
    await assert.rejects(herder.alterOffsets('c', change), { code: 'CONNECT_BAD_REQUEST', message: /STOPPED/ })
    await herder.stopConnector('c')
    assert.match(await herder.alterOffsets('c', change), /altered successfully/)
    assert.deepEqual(await herder.offsets('c'), change)
    assert.match(await herder.resetOffsets('c'), /reset successfully/)
    assert.equal(offsets.entries.size, 0)
  })

  it('topics are remembered until they are reset or the connector goes', async () => {
    const { herder, cast } = setUp()
    await herder.putConfig('c', config('c'), create)
    await settle()
    cast.find('task', 'c-0').say({ type: 'topicUsed', topic: 't1' })
    assert.deepEqual(await herder.activeTopics('c'), ['t1'])
    await herder.resetActiveTopics('c')
    assert.deepEqual(await herder.activeTopics('c'), [])
  })
})

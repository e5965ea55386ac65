// Previews on a fake thread and a clock turned by hand: what is checked before a thread starts, what ends one, and who is told what.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PreviewReport, PreviewSpec } from '../../src/actor/preview-messages.ts'
import { ConfigError, ConnectError } from '../../src/base/errors.ts'
import { PREVIEW_DEADLINE_MS, PREVIEWS_MAX } from '../../src/supervisor/previews.ts'
import { settle } from '../support/clock.ts'
import { config, SINK, SOURCE, setUp } from './fake-worker.ts'

const ASK = { records: 5, from: 'first', topics: [], partition: null, readMs: 1_000 } as const
const REPORT = { name: 'p', type: 'sink', class: SINK, records: [], notes: [] } as unknown as PreviewReport

function previewing(connector = SINK, abort = new AbortController()) {
  const setup = setUp()
  const answer = setup.previews.ofPlugin(connector, { topics: 't' }, ASK, abort.signal)
  answer.catch(() => undefined)
  const actor = async () => {
    await settle()
    const one = setup.cast.actors.at(-1)
    assert.ok(one !== undefined)
    return one
  }
  return { ...setup, answer, actor, abort }
}

describe('a preview', () => {
  it('starts one thread with the config as written and answers with its report once the thread is gone', async () => {
    const { answer, actor } = previewing()
    const thread = await actor()
    const spec = thread.data as PreviewSpec
    assert.deepEqual(spec.connectorProps, { 'connector.class': SINK, name: 'preview', topics: 't' })
    assert.deepEqual([spec.kind, spec.ask], ['sink', ASK])
    thread.isStubborn = true
    let isAnswered = false
    void answer.then(() => (isAnswered = true))
    thread.say({ type: 'previewed', report: REPORT } as never)
    await settle()
    assert.equal(isAnswered, false, 'the place is not free before the thread is gone')
    thread.end({ reason: 'stopped' })
    assert.deepEqual(await answer, { report: REPORT })
  })

  it('lays the change over the stored config and keeps neither', async () => {
    const { herder, previews, cast, configs } = setUp()
    await herder.putConfig('c', config('c', { a: '1', b: '2' }), { allowReplace: false })
    const before = configs.get('c')
    const answer = previews.ofConnector('c', { a: null, b: '3' }, ASK, new AbortController().signal)
    await settle()
    const thread = cast.actors.at(-1)
    assert.deepEqual((thread?.data as PreviewSpec | undefined)?.connectorProps, config('c', { b: '3' }))
    thread?.say({ type: 'previewed', report: REPORT } as never)
    await answer
    assert.deepEqual(configs.get('c'), before)
  })

  it('starts no thread for an unknown connector, class, or an invalid config', async () => {
    const { previews, cast } = setUp()
    const { signal } = new AbortController()
    await assert.rejects(previews.ofConnector('none', {}, ASK, signal), { code: 'CONNECT_NOT_FOUND' })
    await assert.rejects(previews.ofPlugin('org.example.None', {}, ASK, signal), { code: 'CONNECT_BAD_REQUEST' })
    const answer = await previews.ofPlugin(SINK, { bad: 'x', empty: null }, ASK, signal)
    assert.ok('invalid' in answer)
    assert.match(answer.message, /contains the following 2 error\(s\):[\s\S]*bad is not good/)
    assert.equal(cast.actors.length, 0)
  })

  it('reads offsets from the store, and has no way to write them', async () => {
    const { answer, actor, offsets } = previewing(SOURCE)
    await offsets.put('preview', [{ partition: { f: 'x' }, offset: { n: 7 } }])
    const thread = await actor()
    thread.say({ type: 'offsetsRequested', id: 4, partitions: [{ f: 'x' }, { f: 'y' }] })
    await settle()
    assert.deepEqual(thread.sent, [{ type: 'reply', id: 4, value: [{ n: 7 }, null] }])
    thread.say({ type: 'previewed', report: REPORT } as never)
    await answer
  })

  it('is ended at its deadline, and the answer says what it was busy with', async () => {
    const { answer, actor, clock, cast } = previewing()
    const thread = await actor()
    thread.say({ type: 'entered', step: 'transform x (org.example.X)' } as never)
    cast.stopsLate = true
    await clock.advance(PREVIEW_DEADLINE_MS + 10_000)
    await assert.rejects(answer, { code: 'CONNECT_PREVIEW_TIMEOUT', message: /within 30 s.*busy with: transform x/ })
    assert.notEqual(thread.exit, null)
  })

  it('that nobody waits for any more ends its thread', async () => {
    const { answer, actor, abort } = previewing()
    const thread = await actor()
    abort.abort()
    await assert.rejects(answer, { code: 'CONNECT_ABORTED' })
    assert.deepEqual(thread.exit, { reason: 'stopped' })
  })

  it("tells of its thread's failure with the step, and of a bad config as a bad request", async () => {
    const failing = previewing()
    const thread = await failing.actor()
    thread.say({ type: 'entered', step: 'reading' } as never)
    thread.die(new ConnectError('out of memory', { code: 'CONNECT_TASK_OOM' }))
    await assert.rejects(failing.answer, {
      code: 'CONNECT_PREVIEW_FAILED',
      message: 'the preview failed (reading): out of memory',
    })
    const bad = previewing()
    ;(await bad.actor()).die(new ConfigError('topics', 'no such key'))
    await assert.rejects(bad.answer, { code: 'CONNECT_BAD_REQUEST', message: 'no such key' })
  })

  it('waits for no other: one more than may run is refused, and runs when a place is free', async () => {
    const { previews, cast } = setUp()
    const { signal } = new AbortController()
    const ask = () => previews.ofPlugin(SINK, { topics: 't' }, ASK, signal)
    const running = Array.from({ length: PREVIEWS_MAX }, ask)
    await assert.rejects(ask(), { code: 'CONNECT_BUSY', message: /Try again/ })
    await settle()
    cast.actors[0]?.say({ type: 'previewed', report: REPORT } as never)
    await running[0]
    const next = ask()
    await settle()
    for (const actor of cast.actors.slice(1)) actor.say({ type: 'previewed', report: REPORT } as never)
    assert.deepEqual(await next, { report: REPORT })
    await running[1]
  })

  it('ends with the worker, and none begins after that', async () => {
    const { answer, actor, previews } = previewing()
    await actor()
    await previews.close()
    await assert.rejects(answer, { code: 'CONNECT_ABORTED' })
    await assert.rejects(previews.ofPlugin(SINK, {}, ASK, new AbortController().signal), { code: 'CONNECT_STOPPING' })
  })
})

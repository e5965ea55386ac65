// Task configs on their way to the leader: the newest set counts, failures are tried again ever more slowly, nothing after a cancel.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectError } from '../../../src/base/errors.ts'
import { silentLogger } from '../../../src/base/log.ts'
import type { Props } from '../../../src/store/config-store.ts'
import { TaskPublisher } from '../../../src/supervisor/distributed/task-publisher.ts'
import { settle, TestClock } from '../../support/clock.ts'

function publisher() {
  const clock = new TestClock()
  const calls: { name: string; n: string | undefined; done(): void; fail(): void }[] = []
  const taskPublisher = new TaskPublisher({
    clock,
    log: silentLogger,
    publish: (name: string, tasks: readonly Props[]) =>
      new Promise<void>((resolve, reject) => {
        calls.push({ name, n: tasks[0]?.n, done: () => resolve(), fail: () => reject(new ConnectError('no leader')) })
      }),
  })
  const sent = () => calls.map(({ name, n }) => `${name} ${n}`)
  return { clock, calls, taskPublisher, sent }
}

describe('a set of task configs', () => {
  it('that comes while another is on its way goes out after it, and only the newest', async () => {
    const { calls, taskPublisher, sent } = publisher()
    for (const n of ['1', '2', '3']) taskPublisher.publish('c', [{ n }])
    assert.deepEqual(sent(), ['c 1'])
    calls[0]?.done()
    await settle()
    assert.deepEqual(sent(), ['c 1', 'c 3'])
    calls[1]?.done()
    await settle()
    assert.deepEqual(sent(), ['c 1', 'c 3'])
  })

  it('that fails is tried again after 250 ms, 500 ms, 1 s and so on, at most a minute, or at once when a leader is known', async () => {
    const { clock, calls, taskPublisher } = publisher()
    taskPublisher.publish('c', [{ n: '1' }])
    for (const delayMs of [250, 500, 1_000]) {
      const { length } = calls
      calls.at(-1)?.fail()
      await clock.advance(delayMs * 0.8 - 1)
      assert.equal(calls.length, length)
      await clock.advance(delayMs * 0.4 + 1)
      assert.equal(calls.length, length + 1)
    }
    for (let i = 0; i < 20; i++) {
      calls.at(-1)?.fail()
      await clock.advance(60_000)
    }
    const { length } = calls
    assert.equal(length, 24)
    calls.at(-1)?.fail()
    await settle()
    taskPublisher.hurry()
    assert.equal(calls.length, length + 1)
    assert.equal(clock.waiting, 0)
  })

  it('that is cancelled is not tried again, nor is what replaces it disturbed by its end', async () => {
    const { clock, calls, taskPublisher, sent } = publisher()
    taskPublisher.publish('c', [{ n: '1' }])
    taskPublisher.cancel('c')
    taskPublisher.publish('c', [{ n: '2' }])
    calls[0]?.fail()
    await clock.advance(120_000)
    assert.deepEqual(sent(), ['c 1', 'c 2'])
    calls[1]?.fail()
    await settle()
    taskPublisher.stop()
    await clock.advance(120_000)
    assert.deepEqual(sent(), ['c 1', 'c 2'])
  })
})

// Goal: never more is committed than preCommit names and than was put; a failed preCommit reads again; stale answers do not count.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetricsSlab } from '../../src/actor/metrics-slab.ts'
import type { Offsets, SinkTask } from '../../src/api/sink-task.ts'
import { silentLogger } from '../../src/base/log.ts'
import { Assignment } from '../../src/task/sink-task/assignment.ts'
import { Committer } from '../../src/task/sink-task/committer.ts'
import { TestClock } from '../support/clock.ts'

function open(task: Partial<SinkTask>, send: (offsets: Offsets) => Promise<void> = async () => {}) {
  const clock = new TestClock()
  const assignment = new Assignment()
  const held = assignment.add({ topic: 't', partition: 0 }, 10)
  held.delivered = 20
  const sent: Offsets[] = []
  const rewinds: (number | null)[] = []
  const errors: unknown[] = []
  const metrics = new MetricsSlab()
  const committer = new Committer({
    task: { start: () => {}, put: () => {}, stop: () => {}, ...task },
    taskClassName: 'T',
    assignment,
    clock,
    logger: silentLogger,
    metrics,
    intervalMs: 1_000,
    timeoutMs: 500,
    control: run => run(),
    send: offsets => {
      sent.push(offsets)
      return send(offsets)
    },
    reportsSafe: async () => {},
    rewind: (_held, offset) => void rewinds.push(offset),
    onError: error => void errors.push(error),
  })
  return { clock, assignment, held, committer, sent, rewinds, errors, metrics }
}

test('commits what was put on the timer, and nothing while nothing changed', async () => {
  const { committer, clock, sent, held } = open({})
  committer.start()
  await clock.advance(1_000)
  assert.deepEqual(sent, [[{ topic: 't', partition: 0, offset: 20 }]])
  assert.equal(held.committed, 20)
  await clock.advance(5_000)
  assert.equal(sent.length, 1)
  committer.stop()
})

test('commits only what preCommit names, never above what was put nor for partitions that are not held', async () => {
  const { committer, clock, sent } = open({
    preCommit: () => [
      { topic: 't', partition: 0, offset: 21 },
      { topic: 't', partition: 1, offset: 5 },
    ],
  })
  committer.start()
  await clock.advance(1_000)
  assert.deepEqual(sent, [])
  committer.stop()
})

test('a failed preCommit commits nothing and reads again from the last commit', async () => {
  const { committer, clock, sent, rewinds, metrics } = open({
    preCommit: () => {
      throw new Error('the store is away')
    },
  })
  committer.start()
  await clock.advance(1_000)
  assert.deepEqual(sent, [])
  assert.deepEqual(rewinds, [10])
  assert.equal(metrics.get('commitFailures'), 1)
  committer.stop()
})

test('without any commit it reads again from where reading began, not by the reset policy', async () => {
  const { committer, clock, rewinds, held } = open({
    preCommit: () => {
      throw new Error('the store is away')
    },
  })
  held.committed = null
  held.start = 7
  committer.start()
  await clock.advance(1_000)
  assert.deepEqual(rewinds, [7])
  committer.stop()
})

test('a commit that fails is not taken for done: the next one covers it', async () => {
  let failures = 1
  const { committer, clock, sent, held } = open({}, async () => {
    if (failures-- > 0) throw new Error('rebalance in progress')
  })
  committer.start()
  await clock.advance(1_000)
  assert.equal(held.committed, 10)
  await clock.advance(1_000)
  assert.equal(sent.length, 2)
  assert.equal(held.committed, 20)
  committer.stop()
})

test('an answer that comes after offset.flush.timeout.ms counts as a failure', async () => {
  const { committer, clock, metrics, held } = open({}, () => new Promise(() => {}))
  committer.start()
  await clock.advance(1_600)
  assert.equal(metrics.get('commitFailures'), 1)
  assert.equal(held.committed, 10)
  committer.stop()
})

test('with nothing put yet preCommit is not asked', async () => {
  let asked = 0
  const { committer, clock, held } = open({
    preCommit: current => {
      asked++
      return current
    },
  })
  held.delivered = null
  committer.start()
  await clock.advance(1_000)
  assert.equal(asked, 0)
  assert.deepEqual(await committer.commitLast([held]), [])
  assert.equal(asked, 0)
  committer.stop()
})

test('an empty map of preCommit commits nothing and fails nothing', async () => {
  const { committer, clock, sent, rewinds, metrics } = open({ preCommit: () => [] })
  committer.start()
  await clock.advance(1_000)
  assert.deepEqual(sent, [])
  assert.deepEqual(rewinds, [])
  assert.equal(metrics.get('commitFailures'), 0)
  committer.stop()
})

test('a commit that falls due while another is on its way waits for its answer', async () => {
  const answers: (() => void)[] = []
  const { committer, clock, sent, held } = open({}, () => new Promise(resolve => void answers.push(resolve)))
  committer.request()
  await clock.advance(0)
  held.delivered = 30
  committer.request()
  await clock.advance(0)
  assert.equal(sent.length, 1)
  answers[0]?.()
  await clock.advance(0)
  assert.deepEqual(sent[1], [{ topic: 't', partition: 0, offset: 30 }])
  answers[1]?.()
  await clock.advance(0)
  assert.equal(held.committed, 30)
  committer.stop()
})

test('a failed last preCommit is counted', async () => {
  const { committer, held, metrics } = open({
    preCommit: () => {
      throw new Error('the store is away')
    },
  })
  await assert.rejects(committer.commitLast([held]), /the store is away/)
  assert.equal(metrics.get('commitFailures'), 1)
})

test('an answer that comes behind the last commit of the same partitions is counted as skipped and changes nothing', async () => {
  const answers: (() => void)[] = []
  const { committer, clock, held, metrics } = open({}, () => new Promise(resolve => void answers.push(resolve)))
  committer.request()
  await clock.advance(0)
  held.delivered = 40
  const last = committer.sendLast(await committer.commitLast([held]), 500)
  answers[1]?.()
  await last
  assert.equal(held.committed, 40)
  answers[0]?.()
  await clock.advance(0)
  assert.equal(held.committed, 40)
  assert.equal(metrics.get('commitSkips'), 1)
  committer.stop()
})

test('a request commits at once, once', async () => {
  const { committer, clock, sent } = open({})
  committer.request()
  committer.request()
  await clock.advance(0)
  assert.equal(sent.length, 1)
  committer.stop()
})

test('dead letters that are not safe stop the commit and end the task', async () => {
  const { committer, clock, sent, errors } = open({})
  const other = new Committer({
    task: { start: () => {}, put: () => {}, stop: () => {} },
    taskClassName: 'T',
    assignment: new Assignment(),
    clock,
    logger: silentLogger,
    metrics: new MetricsSlab(),
    intervalMs: 1_000,
    timeoutMs: 500,
    control: run => run(),
    send: async offsets => void sent.push(offsets),
    reportsSafe: () => Promise.reject(new Error('the dead-letter topic is full')),
    rewind: () => {},
    onError: error => void errors.push(error),
  })
  other.start()
  await clock.advance(1_000)
  assert.deepEqual(sent, [])
  assert.match(String(errors[0]), /dead-letter topic is full/)
  other.stop()
  committer.stop()
})

for (const [what, named, told] of [
  ['nothing', undefined, /T\.preCommit returned undefined: it must return a list of \{ topic, partition, offset \}/],
  ['a string', 'x', /T\.preCommit returned a string/],
  ['a list with null', [null], /T\.preCommit returned a list with topic undefined/],
  ['an offset of NaN', [{ topic: 't', partition: 0, offset: Number.NaN }], /offset NaN/],
  ['a negative offset', [{ topic: 't', partition: 0, offset: -5 }], /offset -5/],
  ['a fraction', [{ topic: 't', partition: 0, offset: 1.5 }], /offset 1\.5/],
  ['an offset as text', [{ topic: 't', partition: 0, offset: '15' }], /offset "15"/],
  ['a partition as text', [{ topic: 't', partition: '0', offset: 15 }], /partition "0"/],
] as const) {
  test(`a preCommit that returns ${what} ends the task: nothing is committed, and nothing read again for ever`, async () => {
    const { committer, clock, sent, errors, rewinds } = open({ preCommit: () => named as unknown as Offsets })
    committer.start()
    await clock.advance(1_000)
    assert.deepEqual([sent, rewinds], [[], []])
    assert.equal(errors.length, 1)
    assert.match(String(errors[0]), told)
    committer.stop()
  })
}

test('the last commit, too, is refused where preCommit returns no list', async () => {
  const { committer, held } = open({ preCommit: (() => undefined) as unknown as NonNullable<SinkTask['preCommit']> })
  await assert.rejects(committer.commitLast([held]), { code: 'CONNECT_WRONG_RETURN' })
})

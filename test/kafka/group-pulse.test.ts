// Goal: the pulse beats for the identity it was given last, and not for a member that is stuck. Method: a scripted coordinator under a clock turned
// by hand; heartbeats and answers are counted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/log.ts'
import type { Cluster } from '../../src/kafka/cluster.ts'
import { E } from '../../src/kafka/codec/group-errors.ts'
import { Reader, Writer } from '../../src/kafka/codec/wire.ts'
import { PulseLoop } from '../../src/kafka/group-pulse.ts'
import { TestClock } from '../support/clock.ts'

/** @param codes answers; a function makes one of the request's generation */
function setUp(codes: (number | 'down')[] | ((generation: number) => number) = [], answerMs = 0) {
  const clock = new TestClock(0)
  const beats: string[] = []
  const answers: number[] = []
  let lookUps = 0
  let isKnown = false
  const cluster = {
    async coordinator() {
      if (!isKnown) lookUps++
      isKnown = true
      return 1
    },
    forgetCoordinator: () => void (isKnown = false),
    async call(_node: number, _lane: string, _api: unknown, body: Buffer) {
      const r = new Reader(body)
      const [, generation, memberId] = [r.string(), r.int32(), r.string()]
      beats.push(`${clock.now() / 1000} ${memberId} ${generation}`)
      if (answerMs > 0) await clock.sleep(answerMs)
      const code = typeof codes === 'function' ? codes(generation) : (codes.shift() ?? E.NONE)
      if (code === 'down') throw new KafkaError('Heartbeat', -1, 'down', true)
      return new Writer().int32(0).int16(code).finish()
    },
  }
  const loop = new PulseLoop({
    cluster: cluster as unknown as Cluster,
    log: silentLogger,
    clock,
    groupId: 'g',
    protocolType: 'test',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 20_000,
    heartbeatIntervalMs: 3000,
    answered: atMs => void answers.push(atMs / 1000),
  })
  const running = loop.run()
  const end = async () => {
    loop.stop()
    await running
  }
  return { loop, clock, beats, answers, end, lookUps: () => lookUps }
}

const member = (generation: number) => ({ generation, memberId: 'm', groupInstanceId: null })

test('beats at every interval for the newest identity, and for none', async () => {
  const { loop, clock, beats, answers, end } = setUp()
  await clock.advance(4000)
  loop.keep(member(1))
  await clock.advance(6000)
  loop.keep(member(2))
  await clock.advance(2000)
  loop.keep(null)
  await clock.advance(9000)
  assert.deepEqual(beats, ['6 m 1', '9 m 1', '12 m 2'])
  assert.deepEqual(answers, [6, 9, 12])
  await end()
})

test('an answer that is late does not make the next heartbeat late', async () => {
  const { loop, clock, beats, answers, end } = setUp([], 2000)
  loop.keep(member(1))
  await clock.advance(12_000)
  assert.deepEqual(beats, ['3 m 1', '6 m 1', '9 m 1', '12 m 1'])
  assert.deepEqual(answers, [5, 8, 11])
  loop.stop()
  await clock.advance(2000)
  await end()
})

test('a member that has not called for the rebalance timeout is stuck: it is let go', async () => {
  const { loop, clock, beats, end } = setUp()
  loop.keep(member(1))
  await clock.advance(60_000)
  assert.equal(beats.length, 6)
  loop.keep(member(1))
  await clock.advance(3000)
  assert.equal(beats.length, 7)
  await end()
})

test('a rebalance is an answer, a refusal is none; a coordinator that is away or elsewhere is looked for', async () => {
  const { loop, clock, beats, answers, end, lookUps } = setUp([
    E.REBALANCE_IN_PROGRESS,
    'down',
    E.NOT_COORDINATOR,
    E.UNKNOWN_MEMBER_ID,
  ])
  loop.keep(member(1))
  await clock.advance(15_000)
  assert.equal(beats.length, 5)
  assert.deepEqual(answers, [3, 15])
  assert.equal(lookUps(), 3)
  await end()
})

test('the coordinator is a generation ahead while the answer of JoinGroup lies unread: the place is kept in that one', async () => {
  let generation = 1
  const { loop, clock, beats, answers, end } = setUp(asked => (asked === generation ? E.NONE : E.ILLEGAL_GENERATION))
  loop.keep(member(1))
  await clock.advance(3000)
  generation = 2
  await clock.advance(3000)
  loop.keep(member(1))
  await clock.advance(3000)
  generation = 4
  await clock.advance(3000)
  loop.keep(member(4))
  await clock.advance(3000)
  assert.deepEqual(beats, ['3 m 1', '6 m 1', '6 m 2', '9 m 2', '12 m 2', '12 m 3', '12 m 4', '15 m 4'])
  assert.deepEqual(answers, [3, 6, 9, 12, 15])
  await end()
})

test('a generation that no guess meets is not sought without end', async () => {
  const { loop, clock, beats, answers, end } = setUp(() => E.ILLEGAL_GENERATION)
  loop.keep(member(1))
  await clock.advance(6000)
  assert.deepEqual(beats, ['3 m 1', '3 m 2', '3 m 3', '3 m 4', '6 m 1', '6 m 2', '6 m 3', '6 m 4'])
  assert.deepEqual(answers, [])
  await end()
})

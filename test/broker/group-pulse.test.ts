// Goal: a worker whose main thread gets no processor for longer than its session keeps its place in the group, also when the group comes to its next
// generation meanwhile. Method: a member on the real broker with a session of 6 s, this thread held for 9 s, once with the answer of its
// JoinGroup on the way; with the pulse thread, and without, which shows what it is for.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { clientConfigFrom } from '../../src/kafka/client-config.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { E } from '../../src/kafka/codec/group-errors.ts'
import { GroupMember } from '../../src/kafka/group-member.ts'
import { PulseThread } from '../../src/supervisor/distributed/pulse-thread.ts'
import { type Broker, broker } from '../support/broker.ts'
import { uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'

const SESSION_MS = 6000
const HELD_MS = 9000

let b: Broker
before(async () => {
  b = await broker()
})

const hold = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HELD_MS)

for (const { hasPulse, isJoining, losses } of [
  { hasPulse: true, isJoining: false, losses: [] },
  { hasPulse: false, isJoining: false, losses: [E.UNKNOWN_MEMBER_ID] },
  { hasPulse: true, isJoining: true, losses: [] },
  { hasPulse: false, isJoining: true, losses: [E.UNKNOWN_MEMBER_ID] },
])
  test(`held for longer than the session${isJoining ? ', joining,' : ''} ${hasPulse ? 'with' : 'without'} a pulse thread: ${hasPulse ? 'keeps' : 'loses'} its place`, async t => {
    const props = { 'bootstrap.servers': b.bootstrap }
    const cluster = new Cluster(clientConfigFrom(props, 'test'), silentLogger)
    const group = {
      groupId: uniqueName('group'),
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: 60_000,
      heartbeatIntervalMs: 1000,
    }
    const pulse = hasPulse ? new PulseThread(group, props, 'test', silentLogger) : undefined
    const lost: number[] = []
    let assigned = 0
    let heartbeats = 0
    let holdsWhenJoining = false
    const member = new GroupMember({
      ...group,
      ...(pulse === undefined ? {} : { pulse }),
      cluster,
      log: silentLogger,
      clock: systemClock,
      protocolType: 'test',
      unreachableTimeoutMs: group.heartbeatIntervalMs,
      figures: { heartbeat: () => void heartbeats++, joined() {}, synced() {}, rebalanced() {}, rebalanceFailed() {} },
      listener: {
        protocols() {
          // The request is written by what is ready to run now, its answer is not read before the thread is held.
          if (holdsWhenJoining) setImmediate(hold)
          holdsWhenJoining = false
          return [{ name: 'p', metadata: Buffer.alloc(0) }]
        },
        assign: (_protocol, members) => new Map(members.map(({ memberId }) => [memberId, Buffer.alloc(0)])),
        onRevoked: async () => {},
        onAssigned: async () => void assigned++,
        onLost: async (_why, code) => void lost.push(code),
        onError: error => assert.fail(error),
      },
    })
    t.after(async () => {
      await member.leave()
      await Promise.all([pulse?.close(), cluster.close()])
    })
    await cluster.connect()
    member.start()
    await until(() => assigned === 1)
    if (pulse !== undefined) await until(() => pulse.lastAnswerMs > 0)
    const before = heartbeats
    holdsWhenJoining = isJoining
    if (isJoining) member.requestRejoin('the test')
    else hold()
    // Two: the first may have been on its way when the thread was held.
    await until(() => heartbeats >= before + 2)
    assert.deepEqual(lost, losses)
  })

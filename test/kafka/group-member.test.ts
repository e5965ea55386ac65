// Goal: the member's answers to everything a coordinator may say. Method: a scripted coordinator under a clock turned by hand; the calls and
// callbacks are compared in their order.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRetriable, KafkaError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/log.ts'
import type { Cluster } from '../../src/kafka/cluster.ts'
import { E } from '../../src/kafka/codec/group-errors.ts'
import type { MemberIdentity } from '../../src/kafka/codec/group-heartbeat.ts'
import { Writer } from '../../src/kafka/codec/wire.ts'
import { GroupMember, type GroupProtocol } from '../../src/kafka/group-member.ts'
import type { GroupPulse } from '../../src/kafka/group-pulse.ts'
import type { Api } from '../../src/kafka/types.ts'
import { settle, TestClock } from '../support/clock.ts'

type Answer = number | 'silence' | 'down'

/** Answers with the scripted codes first, then well. */
class Coordinator {
  readonly clock = new TestClock()
  readonly events: string[] = []
  readonly script: Record<string, Answer[]> = {}
  always: Record<string, Answer> = {}
  generation = 0
  protocol = 'p'
  readonly member: GroupMember
  readonly onRevoked: () => Promise<void>

  constructor(
    options: {
      onRevoked?: () => Promise<void>
      protocols?: (c: Coordinator) => Promise<readonly GroupProtocol[]>
      groupInstanceId?: string
      unreachableTimeoutMs?: number
      pulse?: GroupPulse
    } = {},
  ) {
    this.onRevoked = options.onRevoked ?? (async () => {})
    const cluster = {
      coordinator: async () => 1,
      forgetCoordinator: () => {},
      call: (_node: number, lane: string, api: Api, body: Buffer) => this.#call(lane, api, body),
    }
    this.member = new GroupMember({
      cluster: cluster as unknown as Cluster,
      log: silentLogger,
      clock: this.clock,
      groupId: 'g',
      groupInstanceId: options.groupInstanceId ?? null,
      protocolType: 'test',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      heartbeatIntervalMs: 3000,
      ...(options.pulse === undefined ? {} : { pulse: options.pulse }),
      ...(options.unreachableTimeoutMs === undefined ? {} : { unreachableTimeoutMs: options.unreachableTimeoutMs }),
      listener: {
        protocols: () => options.protocols?.(this) ?? [{ name: 'p', metadata: Buffer.from('m') }],
        assign: (_protocol, members) => new Map(members.map(m => [m.memberId, Buffer.from('all')])),
        onRevoked: async leaving => {
          this.events.push(leaving ? 'revoked, leaving' : 'revoked')
          await this.onRevoked()
        },
        onAssigned: async a => void this.events.push(`assigned ${a.generation}`),
        onLost: async (_why, code) => void this.events.push(code === 0 ? 'lost in silence' : 'lost'),
        onUnreachable: () => void this.events.push('unreachable'),
        onError: error => void this.events.push(`error ${(error as KafkaError).errorCode}`),
      },
    })
  }

  /** Lets it join and forgets the calls this took. */
  async joined(): Promise<this> {
    this.member.start()
    await settle()
    this.events.length = 0
    return this
  }

  #call(lane: string, api: Api, body: Buffer): Promise<Buffer> {
    const answer = this.script[api.name]?.shift() ?? this.always[api.name] ?? 0
    this.events.push(api.name === 'LeaveGroup' || api.name === 'OffsetCommit' ? `${api.name} in ${lane}` : api.name)
    if (answer === 'silence') return new Promise(() => {})
    if (answer === 'down') return Promise.reject(new KafkaError(api.name, -1, 'down', true))
    return Promise.resolve(this.#body(api.name, answer, body))
  }

  #body(name: string, code: number, body: Buffer): Buffer {
    const w = new Writer()
    if (name === 'JoinGroup') {
      if (code === 0) this.generation++
      const asked = body.toString('latin1').includes('id-1')
      const id = asked || code === E.MEMBER_ID_REQUIRED ? 'id-1' : ''
      const real = code === 0 && !asked ? 'id-0' : id
      w.int32(0)
        .int16(code)
        .int32(code === 0 ? this.generation : -1)
        .string(this.protocol)
        .string(real)
        .string(real)
      return w.array([real], (v, m) => v.string(m).nullableString(null).bytes(Buffer.from('m'))).finish()
    }
    if (name === 'SyncGroup') return w.int32(0).int16(code).bytes(Buffer.from('mine')).finish()
    if (name === 'Heartbeat') return w.int32(0).int16(code).finish()
    if (name === 'LeaveGroup') return w.int32(0).int16(code).int32(0).finish()
    return w
      .int32(0)
      .array(['t'], (v, t) => v.string(t).array([0], (u, p) => u.int32(p).int16(code)))
      .finish()
  }
}

const one = [{ topic: 't', partition: 0, offset: 1 }]

test('joins with the id it was given, syncs, beats, and leaves', async () => {
  const c = new Coordinator()
  c.script.JoinGroup = [E.MEMBER_ID_REQUIRED]
  c.member.start()
  await settle()
  assert.equal(c.member.memberId, 'id-1')
  await c.clock.advance(6000)
  await c.member.leave()
  assert.deepEqual(c.events, [
    'JoinGroup',
    'JoinGroup',
    'SyncGroup',
    'assigned 1',
    'Heartbeat',
    'Heartbeat',
    'revoked, leaving',
    'LeaveGroup in meta',
  ])
  assert.equal(c.member.generation, -1)
})

test('a rebalance revokes once however often joining fails', async () => {
  const c = await new Coordinator().joined()
  c.script.Heartbeat = [E.REBALANCE_IN_PROGRESS]
  c.script.JoinGroup = [E.COORDINATOR_LOAD_IN_PROGRESS, E.NOT_COORDINATOR, 'down']
  c.script.SyncGroup = [E.REBALANCE_IN_PROGRESS]
  await c.clock.advance(6000)
  assert.deepEqual(
    c.events.filter(e => e !== 'Heartbeat'),
    ['revoked', 'JoinGroup', 'JoinGroup', 'JoinGroup', 'JoinGroup', 'SyncGroup', 'JoinGroup', 'SyncGroup', 'assigned 3'],
  )
  await c.member.leave()
})

test('is kept alive by heartbeats while onRevoked takes its time', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const c = await new Coordinator({ onRevoked: () => promise }).joined()
  c.always.Heartbeat = E.REBALANCE_IN_PROGRESS
  await c.clock.advance(30_000)
  assert.deepEqual([c.events[1], c.events.filter(e => e === 'Heartbeat').length], ['revoked', 10])
  resolve()
  c.always = {}
  await settle()
  assert.deepEqual(c.events.slice(-3), ['JoinGroup', 'SyncGroup', 'assigned 2'])
  await c.member.leave()
})

for (const code of [E.UNKNOWN_MEMBER_ID, E.ILLEGAL_GENERATION])
  test(`a heartbeat answered by ${code}: lost, not revoked, and joined again`, async () => {
    const c = await new Coordinator().joined()
    c.script.Heartbeat = [code]
    await c.clock.advance(3000)
    assert.deepEqual(c.events, ['Heartbeat', 'lost', 'JoinGroup', 'SyncGroup', 'assigned 2'])
    await c.member.leave()
  })

test('JoinGroup that does not know the member any more: what was kept over the rebalance is lost', async () => {
  const c = await new Coordinator().joined()
  c.script.JoinGroup = [E.UNKNOWN_MEMBER_ID]
  c.member.requestRejoin('test')
  await c.clock.advance(500)
  assert.deepEqual(c.events, ['revoked', 'JoinGroup', 'lost', 'JoinGroup', 'SyncGroup', 'assigned 2'])
  await c.member.leave()
})

test('silence for longer than the session is a loss, told once; joining goes on', async () => {
  const c = await new Coordinator().joined()
  c.always = { Heartbeat: 'down', JoinGroup: 'down' }
  await c.clock.advance(9000)
  assert.equal(c.events.includes('lost in silence'), false)
  await c.clock.advance(20_000)
  assert.equal(c.events.filter(e => e === 'lost in silence').length, 1)
  assert.equal(c.member.generation, -1)
  c.always = {}
  await c.clock.advance(2000)
  assert.ok(c.events.includes('assigned 2'))
  await c.member.leave()
})

test('a heartbeat that is never answered does not hide the loss', async () => {
  const c = await new Coordinator().joined()
  c.always.Heartbeat = 'silence'
  await c.clock.advance(13_000)
  assert.ok(c.events.includes('lost in silence'))
  await c.member.leave()
})

const calls = (c: Coordinator) => c.events.filter(e => e !== 'Heartbeat')

test('a coordinator out of reach for the time given is told once an outage, before the session is over; heartbeats go on faster', async () => {
  const c = await new Coordinator({ unreachableTimeoutMs: 3000 }).joined()
  for (let outages = 1; outages <= 2; outages++) {
    c.always = { Heartbeat: 'down' }
    await c.clock.advance(2900)
    assert.equal(calls(c).length, outages - 1)
    await c.clock.advance(4000)
    assert.deepEqual(calls(c), Array(outages).fill('unreachable'))
    c.always = {}
    await c.clock.advance(3000)
  }
  c.script.Heartbeat = ['down', E.NOT_COORDINATOR, E.COORDINATOR_NOT_AVAILABLE]
  await c.clock.advance(30_000)
  assert.deepEqual(calls(c), ['unreachable', 'unreachable'], 'three failures that follow one another are over in time')
  await c.member.leave()
})

test('told when the coordinator is out of reach, a member does not take silence for a loss: the next answer says', async () => {
  const c = await new Coordinator({ unreachableTimeoutMs: 3000 }).joined()
  c.always.Heartbeat = 'silence'
  await c.clock.advance(60_000)
  assert.deepEqual(calls(c), [])
  assert.equal(c.member.generation, 1)
  await c.member.leave()
})

test('where its pulse is answered the coordinator is in reach; the time counts from the last of these answers', async () => {
  const kept: string[] = []
  const pulse = {
    lastAnswerMs: -Infinity,
    keep: (identity: MemberIdentity | null) =>
      void kept.push(identity === null ? 'none' : `${identity.memberId} ${identity.generation}`),
  }
  const c = await new Coordinator({ unreachableTimeoutMs: 3000, pulse }).joined()
  c.always = { Heartbeat: 'down' }
  for (let i = 0; i < 10; i++) {
    pulse.lastAnswerMs = c.clock.monotonicMs()
    await c.clock.advance(2000)
  }
  assert.deepEqual(calls(c), [])
  await c.clock.advance(900)
  assert.deepEqual(calls(c), [])
  await c.clock.advance(200)
  assert.deepEqual(calls(c), ['unreachable'])
  c.always = {}
  c.script.Heartbeat = [E.UNKNOWN_MEMBER_ID]
  await c.clock.advance(3000)
  assert.ok(c.events.includes('assigned 2'))
  await c.member.leave()
  assert.deepEqual(
    kept.filter((one, i) => one !== kept[i - 1]),
    ['id-0 1', 'none', 'id-0 2', 'none'],
  )
})

test('is told of an outage while it cannot join, too', async () => {
  const c = new Coordinator({ unreachableTimeoutMs: 3000 })
  c.always = { JoinGroup: 'down' }
  c.member.start()
  await c.clock.advance(2900)
  assert.equal(c.events.includes('unreachable'), false)
  await c.clock.advance(200)
  assert.equal(c.events.filter(e => e === 'unreachable').length, 1)
  await c.member.leave()
})

test('leaves for now: the good-bye at once, then joins as somebody new', async () => {
  const c = await new Coordinator().joined()
  c.member.leaveForNow('too slow')
  await settle()
  assert.deepEqual(c.events, ['LeaveGroup in meta', 'lost', 'JoinGroup', 'SyncGroup', 'assigned 2'])
  await c.clock.advance(60_000)
  assert.equal(calls(c).length, 5)
  await c.member.leave()
})

test('leaves for now in the middle of joining: joins when its listener is done, and once', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  let asked = 0
  const c = await new Coordinator({
    protocols: async coordinator => {
      if (asked++ === 1) {
        coordinator.member.leaveForNow('cannot read')
        await promise
      }
      return [{ name: 'p', metadata: Buffer.from('m') }]
    },
  }).joined()
  c.member.requestRejoin('test')
  await c.clock.advance(60_000)
  assert.deepEqual(c.events, ['revoked', 'LeaveGroup in meta'])
  resolve()
  await settle()
  assert.deepEqual(c.events.slice(2), ['lost', 'JoinGroup', 'SyncGroup', 'assigned 2'])
  await c.clock.advance(60_000)
  assert.equal(calls(c).length, 6)
  await c.member.leave()
})

for (const code of [E.FENCED_INSTANCE_ID, E.GROUP_AUTHORIZATION_FAILED])
  test(`a heartbeat answered by ${code} ends the member: lost, then the error, no good-bye`, async () => {
    const c = await new Coordinator().joined()
    c.script.Heartbeat = [code]
    await c.clock.advance(60_000)
    await c.member.leave()
    assert.deepEqual(c.events, ['Heartbeat', 'lost', `error ${code}`])
  })

test('a group of another kind ends the member at once', async () => {
  const c = new Coordinator()
  c.always.JoinGroup = E.INCONSISTENT_GROUP_PROTOCOL
  c.member.start()
  await c.clock.advance(10_000)
  assert.deepEqual(c.events, ['JoinGroup', `error ${E.INCONSISTENT_GROUP_PROTOCOL}`])
})

test('commits: refused without a generation, overtaken ones may be tried again, the rest of the member draws its conclusions', async () => {
  const c = await new Coordinator().joined()
  await c.member.commit(one)
  c.script.OffsetCommit = [E.REBALANCE_IN_PROGRESS]
  await assert.rejects(c.member.commit(one), isRetriable)
  await settle()
  assert.deepEqual(c.events, ['OffsetCommit in meta', 'OffsetCommit in meta', 'revoked', 'JoinGroup', 'SyncGroup', 'assigned 2'])
  c.events.length = 0
  c.script.OffsetCommit = [E.UNKNOWN_MEMBER_ID]
  const refused = c.member.commit(one)
  await assert.rejects(refused, isRetriable)
  assert.equal(c.member.generation, -1)
  await assert.rejects(c.member.commit(one), isRetriable)
  await settle()
  assert.deepEqual(c.events, ['OffsetCommit in meta', 'lost', 'JoinGroup', 'SyncGroup', 'assigned 3'])
  await c.member.leave()
})

test('a commit is tried again while the coordinator moves, and gives up when the generation is over', async () => {
  const c = await new Coordinator().joined()
  c.script.OffsetCommit = [E.NOT_COORDINATOR, 'down', E.COORDINATOR_LOAD_IN_PROGRESS]
  const committed = c.member.commit(one)
  await c.clock.advance(2000)
  await committed
  c.always.OffsetCommit = E.COORDINATOR_NOT_AVAILABLE
  const given = assert.rejects(c.member.commit(one), isRetriable)
  await settle()
  c.member.requestRejoin('test')
  await c.clock.advance(3000)
  await given
  await c.member.leave()
})

test('leaving does not wait for a JoinGroup that is not answered, nor does a static member say good-bye', async () => {
  const c = await new Coordinator({ groupInstanceId: 'static' }).joined()
  c.always.JoinGroup = 'silence'
  c.member.requestRejoin('test')
  await settle()
  await c.member.leave()
  assert.deepEqual(c.events, ['revoked', 'JoinGroup', 'revoked, leaving'])
})

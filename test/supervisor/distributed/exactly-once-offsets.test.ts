// Goal: offsets of an exactly-once source are changed behind a round of zombie fencing only, and what that round changes or how it fails is heeded.
// Method: herders on fake actors whose rounds of fencing and transactions the test gives. That the producers really are fenced:
// test/broker/zombie-offsets.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConflictError } from '../../../src/base/errors.ts'
import { create, SOURCE, config as sinkConfig } from '../fake-worker.ts'
import { FakeCluster } from './fake-cluster.ts'

const OTHER_LEADER = 'http://w2:8083/'
const altered = { partition: { f: 'x' }, offset: { n: 2 } }
const former = { partition: { f: 'x' }, offset: { n: 1 } }

interface Made {
  readonly cluster: FakeCluster
  /** what was asked for, in order */
  readonly done: string[]
  /** what happens in the next rounds of fencing */
  inRound: () => Promise<void>
}

/** Two workers and a stopped connector s. */
async function stopped(options: { isExactlyOnce?: boolean; className?: string } = {}): Promise<Made> {
  const cluster = new FakeCluster()
  const made: Made = { cluster, done: [], inRound: async () => undefined }
  const { isExactlyOnce = true, className } = options
  const transactionalOffsets = {
    put: async (name: string, _config: unknown, entries: readonly unknown[]) => {
      made.done.push(`transaction of ${name}: ${JSON.stringify(entries)}`)
    },
  }
  for (let i = 0; i < 2; i++)
    await cluster.add({
      isExactlyOnce,
      fencing: {
        fence: async name => {
          made.done.push(`fenced ${name}`)
          await made.inRound()
        },
      },
      ...(isExactlyOnce ? { transactionalOffsets } : {}),
    })
  await cluster.quiet()
  for (const { cast } of cluster.workers) cast.taskConfigs.set('s', [{ n: '0' }])
  const config = sinkConfig('s', className === undefined ? {} : { 'connector.class': className })
  await cluster.leader.herder.putConfig('s', config, create)
  await cluster.quiet()
  await cluster.leader.herder.stopConnector('s')
  await cluster.quiet()
  await cluster.offsets.put('s', [former])
  made.done.length = 0
  return made
}

const source = () => stopped({ className: SOURCE })
const alter = ({ cluster }: Made) => cluster.leader.herder.alterOffsets('s', [altered])
const reset = ({ cluster }: Made) => cluster.leader.herder.resetOffsets('s')

test('first the round, then one transaction with what is asked', async () => {
  const made = await source()
  assert.match(await alter(made), /altered successfully/)
  assert.match(await reset(made), /reset successfully/)
  assert.deepEqual(made.done, [
    'fenced s',
    `transaction of s: ${JSON.stringify([altered])}`,
    'fenced s',
    `transaction of s: ${JSON.stringify([{ ...former, offset: null }])}`,
  ])
  assert.deepEqual(await made.cluster.offsets.all('s'), [former], 'nothing goes around the transaction')
})

test('nobody is fenced for a source that is not exactly-once, nor for a sink', async () => {
  const plain = await stopped({ className: SOURCE, isExactlyOnce: false })
  await alter(plain)
  assert.deepEqual(plain.done, [])
  assert.deepEqual(await plain.cluster.offsets.all('s'), [altered])
  const sink = await stopped()
  await reset(sink).catch(() => undefined)
  assert.deepEqual(sink.done, [])
})

test('nobody is fenced for a connector that is not stopped: its tasks may run', async () => {
  const made = await source()
  await made.cluster.leader.herder.resume('s')
  await made.cluster.quiet()
  made.done.length = 0
  for (const change of [alter, reset]) await assert.rejects(change(made), { code: 'CONNECT_BAD_REQUEST' })
  assert.deepEqual(made.done, [])
})

/** What comes in the round, and the code of the answer. Other workers write the config topic too. */
const rounds: readonly (readonly [what: string, (made: Made) => Promise<void>, code: string])[] = [
  ['fails', () => Promise.reject(new ConflictError('new task configurations')), 'CONNECT_CONFLICT'],
  [
    'ends when the connector is resumed',
    ({ cluster }) => cluster.leader.configs.putTarget('s', 'STARTED'),
    'CONNECT_BAD_REQUEST',
  ],
  ['ends when the connector is gone', ({ cluster }) => cluster.leader.configs.remove('s'), 'CONNECT_NOT_FOUND'],
  [
    'ends when another worker leads',
    async ({ cluster }) => {
      for (const member of cluster.coordinator.members)
        if (member.round !== null) member.round = { ...member.round, leaderId: OTHER_LEADER, leaderUrl: OTHER_LEADER }
    },
    'CONNECT_WRONG_WORKER',
  ],
]
for (const [what, inRound, code] of rounds)
  for (const [verb, change] of Object.entries({ altered: alter, reset }))
    test(`offsets that were to be ${verb} stay where the round ${what}`, async () => {
      const made = await source()
      made.inRound = () => inRound(made)
      await assert.rejects(change(made), { code })
      assert.deepEqual(made.done, ['fenced s'])
      assert.deepEqual(await made.cluster.offsets.all('s'), [former])
    })

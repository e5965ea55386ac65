// Goal: what tasks do as topics appear and go away, on a broker that makes none by itself: partitions of a sink as Java's SinkConnectorsIntegrationTest counts
// them under eager and cooperative consumers, topics that a source makes as SourceConnectorsIntegrationTest has it, tasks whose topic never
// comes. Method: one broker of its own, one worker after the other; hooks in a file.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Broker, ownBroker } from '../support/broker.ts'
import { createTopic, deleteTopic, endOffsets, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { type Config, Stage } from './stage.ts'

const TASKS = 3
let kafka: Broker
let stage: Stage

before(async () => {
  kafka = await ownBroker({ config: { 'auto.create.topics.enable': 'false' } })
  // commits of sinks come from rebalances alone
  stage = await Stage.open(1, { 'offset.flush.interval.ms': '600000' }, kafka)
})

after(() => stage?.close())

interface Step {
  /** topic that is created, or deleted, then the values that are produced to topics 1, 2 and 3 */
  readonly change: (topics: readonly string[]) => Promise<void>
  readonly values: readonly (readonly [topic: number, value: string])[]
  /** how often each of the three topics was opened, closed and committed by then */
  readonly opened: readonly number[]
  readonly closed: readonly number[]
  readonly committed: readonly number[]
}

const add = (topic: number) => (topics: readonly string[]) => createTopic(kafka.bootstrap, topics[topic] ?? '')
const remove = (topic: number) => (topics: readonly string[]) => deleteTopic(kafka.bootstrap, topics[topic] ?? '')

const EAGER: readonly Step[] = [
  { change: add(0), values: [[0, 't1v1']], opened: [1, 0, 0], closed: [0, 0, 0], committed: [0, 0, 0] },
  {
    change: add(1),
    values: [
      [1, 't2v1'],
      [1, 't1v2'],
    ],
    opened: [2, 1, 0],
    closed: [1, 0, 0],
    committed: [1, 0, 0],
  },
  {
    change: add(2),
    values: [
      [2, 't3v1'],
      [1, 't2v2'],
      [1, 't1v3'],
    ],
    opened: [3, 2, 1],
    closed: [2, 1, 0],
    committed: [2, 1, 0],
  },
  {
    change: remove(0),
    values: [
      [2, 't3v2'],
      [1, 't2v3'],
    ],
    opened: [3, 3, 2],
    closed: [3, 2, 1],
    committed: [3, 2, 1],
  },
]
const COOPERATIVE: readonly Step[] = [
  { change: add(0), values: [[0, 't1v1']], opened: [1, 0, 0], closed: [0, 0, 0], committed: [0, 0, 0] },
  {
    change: add(1),
    values: [
      [1, 't2v1'],
      [1, 't1v2'],
    ],
    opened: [1, 1, 0],
    closed: [0, 0, 0],
    committed: [0, 0, 0],
  },
  {
    change: add(2),
    values: [
      [2, 't3v1'],
      [1, 't2v2'],
      [1, 't1v3'],
    ],
    opened: [1, 1, 1],
    closed: [0, 0, 0],
    committed: [0, 0, 0],
  },
  {
    change: remove(0),
    values: [
      [2, 't3v2'],
      [1, 't2v3'],
    ],
    opened: [1, 1, 1],
    closed: [1, 0, 0],
    committed: [1, 0, 0],
  },
]

describe('partitions of a sink whose three topics come one by one, and one goes', () => {
  for (const { name: title, assignor, steps } of [
    { name: 'under an eager assignor', assignor: 'org.apache.kafka.clients.consumer.RoundRobinAssignor', steps: EAGER },
    {
      name: 'under a cooperative assignor',
      assignor: 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
      steps: COOPERATIVE,
    },
  ])
    it(title, async () => {
      const name = uniqueName('sink')
      const topics = [1, 2, 3].map(i => `${name}-${i}`)
      const overrides = {
        'consumer.override.partition.assignment.strategy': assignor,
        'consumer.override.metadata.max.age.ms': '300',
        'consumer.override.default.api.timeout.ms': '5000',
      }
      await stage.put(name, stage.sink(name, topics.join(','), { 'tasks.max': '1', ...overrides }))
      await stage.running(name, 1)
      const partitions = (what: unknown) => (what as { topic: string }[]).map(({ topic }) => topic)
      const times = (hook: string) =>
        topics.map(topic => stage.told(name, hook).filter(({ what }) => partitions(what).includes(topic)).length)
      const values = () => stage.told(name, 'put').flatMap(({ what }) => (what as { value: string }[]).map(r => r.value))
      const expected: string[] = []
      for (const { change, values: more, opened, closed, committed } of steps) {
        await change(topics)
        for (const [topic, value] of more) {
          await produce(kafka.bootstrap, topics[topic] ?? '', [{ value }])
          expected.push(value)
        }
        await until(() => values().length >= expected.length)
        await until(() => times('close').every((count, i) => count >= (closed[i] ?? 0)))
        await until(() => times('open').every((count, i) => count >= (opened[i] ?? 0)))
        assert.deepEqual(values().sort(), [...expected].sort())
        assert.deepEqual({ opened: times('open'), closed: times('close') }, { opened, closed })
        assert.deepEqual(times('preCommit'), committed)
      }
      await stage.remove(name)
    })
})

const groups = (topic: string): Config => ({
  'tasks.max': String(TASKS),
  topic,
  'topic.creation.groups': 'foo,bar',
  'topic.creation.default.replication.factor': '1',
  'topic.creation.default.partitions': '1',
  'topic.creation.foo.include': topic,
  'topic.creation.foo.exclude': 'bar.*',
  'topic.creation.foo.partitions': '9',
})
const partitionsOf = async (topic: string) => (await endOffsets(kafka.bootstrap, topic)).length
const withoutGroups = ({
  'topic.creation.default.replication.factor': _f,
  'topic.creation.default.partitions': _p,
  ...rest
}: Config) => rest

describe('topics of a source', () => {
  it('are made as the groups of topic.creation say', async () => {
    const name = uniqueName('foo')
    const config = stage.source(name, groups(name))
    const validate = '/connector-plugins/MonitoredSource/config/validate'
    assert.equal((await stage.expect<{ error_count: number }>(200, 'PUT', validate, { ...config, name })).error_count, 0)
    await stage.put(name, config)
    await stage.running(name, TASKS)
    await until(async () => (await partitionsOf(name)) === 9)
    await stage.remove(name)
  })

  it('that never come do not hold up the end of the tasks', async () => {
    const name = uniqueName('no-topic')
    await stage.put(name, withoutGroups(stage.source(name, { 'tasks.max': String(TASKS), throughput: '-1' })))
    await stage.running(name, TASKS)
    await until(() => stage.told(name, 'polled').length >= TASKS)
    await stage.remove(name)
    const stopped = { starts: 1, stops: 1 }
    await until(() => stage.counts(name, TASKS).tasks.every(({ stops }) => stops > 0))
    assert.deepEqual(stage.counts(name, TASKS), { connector: stopped, tasks: Array(TASKS).fill(stopped) })
    assert.equal(await partitionsOf(name), 0)
  })

  it('are made once a rolling restart has switched topic.creation.enable on', async () => {
    const [foo, bar] = [uniqueName('foo'), uniqueName('bar')]
    await stage.cluster.members.at(-1)?.stop()
    await stage.cluster.add('sluice', { 'topic.creation.enable': 'false' })
    await createTopic(kafka.bootstrap, bar)
    await stage.put(bar, withoutGroups(stage.source(bar, { 'tasks.max': String(TASKS) })))
    await stage.put(foo, stage.source(foo, groups(foo)))
    await Promise.all([stage.running(foo, TASKS), stage.running(bar, TASKS)])
    await until(async () => ((await endOffsets(kafka.bootstrap, bar))[0] ?? 0) > 0)
    assert.equal(await partitionsOf(foo), 0)
    await stage.cluster.members.at(-1)?.stop()
    await stage.cluster.add('sluice', { 'topic.creation.enable': 'true' })
    await Promise.all([stage.running(foo, TASKS), stage.running(bar, TASKS)])
    await until(async () => (await partitionsOf(foo)) === 9)
    assert.equal(await partitionsOf(bar), 1)
    await stage.remove(foo, bar)
  })
})

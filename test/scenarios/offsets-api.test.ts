// Goal: offsets are read, changed and reset over REST as Java's OffsetsApiIntegrationTest has it: of sources and sinks, with groups, offsets topics
// and clusters of their own, refused where they must be, and the connector goes on from what was written. Method: two workers, one broker
// and a second one for what targets another cluster; requests go to either worker.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Broker, ownBroker } from '../support/broker.ts'
import { groupState } from '../support/groups.ts'
import { createTopic, endOffsets, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { type Config, type OffsetEntry, Stage } from './stage.ts'

const TASKS = 2
const RECORDS = 10
const MANAGED = (verb: string) =>
  `The Connect framework-managed offsets for this connector have been ${verb} successfully. However, if this connector manages offsets externally, they will need to be manually ${verb} in the system that the connector uses.`

let stage: Stage
let elsewhere: Broker

before(async () => {
  ;[stage, elsewhere] = await Promise.all([Stage.open(2), ownBroker()])
})

after(async () => {
  await stage?.close()
  await elsewhere?.stop()
})

const override = (bootstrap: string, ...clients: string[]): Config =>
  Object.fromEntries(clients.map(client => [`${client}.override.bootstrap.servers`, bootstrap]))

/** Until the connector has these offsets, one a partition, in any order. */
const untilOffsets = (name: string, expected: readonly OffsetEntry[]) =>
  until(async () => {
    const sorted = (entries: readonly OffsetEntry[]) => entries.map(entry => JSON.stringify(entry)).sort()
    return sorted(await stage.offsets(name)).join() === sorted(expected).join()
  })

const change = (name: string, offsets: readonly OffsetEntry[]) =>
  stage.expect<{ message: string }>(200, 'PATCH', `/connectors/${name}/offsets`, { offsets })
const reset = (name: string) => stage.expect<{ message: string }>(200, 'DELETE', `/connectors/${name}/offsets`)

/** A change of a sink's offsets is refused as long as its consumers are in the group; a caller repeats it. */
function untilNobodyReads(method: 'PATCH' | 'DELETE', name: string, offsets?: readonly OffsetEntry[]): Promise<string> {
  return until(async () => {
    const body = offsets === undefined ? undefined : { offsets }
    const { status, body: answer } = await stage.ask(method, `/connectors/${name}/offsets`, body)
    if (status === 200) return answer.message ?? ''
    assert.equal(status, 500, JSON.stringify(answer))
    assert.match(answer.message ?? '', /this operation can be safely retried/)
    return null
  })
}

// ---- sinks

const sinkAt = (topic: string, partitions: readonly number[], offset: number | null): OffsetEntry[] =>
  partitions.map(partition => ({
    partition: { kafka_topic: topic, kafka_partition: partition },
    offset: offset === null ? null : { kafka_offset: offset },
  }))

interface SinkCase {
  readonly config: Config
  readonly bootstrap: string
  readonly groupId?: string
}

const sinkCases: Record<string, (name: string) => SinkCase> = {
  'under the default group': () => ({ config: {}, bootstrap: stage.kafka.bootstrap }),
  'under a group of its own': name => ({
    config: { 'consumer.override.group.id': `${name}-own` },
    bootstrap: stage.kafka.bootstrap,
    groupId: `${name}-own`,
  }),
  'of another cluster': () => ({
    config: override(elsewhere.bootstrap, 'consumer', 'admin'),
    bootstrap: elsewhere.bootstrap,
  }),
}

/** A sink that has put RECORDS records of each partition. */
async function sinkThatRead(partitions: readonly number[], makeCase: (name: string) => SinkCase) {
  const name = uniqueName('sink')
  const { config, bootstrap, groupId } = makeCase(name)
  const fill = () =>
    produce(
      bootstrap,
      name,
      partitions.flatMap(partition => Array.from({ length: RECORDS }, () => ({ key: 'key', value: 'value', partition }))),
    )
  await createTopic(bootstrap, name, { partitions: partitions.length })
  await fill()
  await stage.put(name, stage.sink(name, name, config))
  await stage.running(name, TASKS)
  await untilOffsets(name, sinkAt(name, partitions, RECORDS))
  const checkGroup = async () => {
    if (groupId === undefined) return
    assert.notEqual(await groupState(bootstrap, groupId), 'Dead')
    assert.equal(await groupState(bootstrap, `connect-${name}`), 'Dead')
  }
  return { name, fill, checkGroup }
}

describe('offsets of a sink', () => {
  for (const [which, makeCase] of Object.entries(sinkCases)) {
    it(`are read ${which}`, async () => {
      const partitions = [0, 1, 2, 3, 4]
      const { name, fill, checkGroup } = await sinkThatRead(partitions, makeCase)
      await fill()
      await untilOffsets(name, sinkAt(name, partitions, 2 * RECORDS))
      await checkGroup()
      await stage.remove(name)
    })

    it(`are changed ${which}: one removed, others set, with and without the connector's own hook`, async () => {
      const { name, checkGroup } = await sinkThatRead([0, 1, 2], makeCase)
      await stage.stopConnector(name)
      const entries = [...sinkAt(name, [0], null), ...sinkAt(name, [1, 2], 5)]
      assert.equal(await untilNobodyReads('PATCH', name, entries), MANAGED('altered'))
      await untilOffsets(name, sinkAt(name, [1, 2], 5))
      const { config } = makeCase(name)
      await stage.put(name, stage.sink(name, name, { ...config, 'alter.offsets.result': 'true' }))
      const { message } = await change(name, sinkAt(name, [1, 2], 3))
      assert.equal(message, 'The offsets for this connector have been altered successfully')
      await untilOffsets(name, sinkAt(name, [1, 2], 3))
      assert.deepEqual(stage.told(name, 'alterOffsets').at(-1)?.what, sinkAt(name, [1, 2], 3))
      await stage.resume(name)
      await stage.running(name, TASKS)
      await untilOffsets(name, sinkAt(name, [0, 1, 2], RECORDS))
      await checkGroup()
      await stage.remove(name)
    })

    it(`are reset ${which}, twice, and read anew`, async () => {
      const { name, checkGroup } = await sinkThatRead([0, 1, 2], makeCase)
      await stage.stopConnector(name)
      for (let i = 0; i < 2; i++) {
        assert.equal(await untilNobodyReads('DELETE', name), MANAGED('reset'))
        assert.deepEqual(await stage.offsets(name), [])
      }
      await stage.resume(name)
      await stage.running(name, TASKS)
      await untilOffsets(name, sinkAt(name, [0, 1, 2], RECORDS))
      await checkGroup()
      await stage.remove(name)
    })
  }

  for (const [method, what] of [
    ['PATCH', 'changed'],
    ['DELETE', 'reset'],
  ] as const)
    it(`are not ${what} while consumers are in the group; once a task that does not stop is ended, and the others are gone, they are`, async () => {
      const name = uniqueName('zombie')
      await createTopic(stage.kafka.bootstrap, name)
      await produce(
        stage.kafka.bootstrap,
        name,
        Array.from({ length: RECORDS }, () => ({ value: 'value' })),
      )
      await stage.put(name, stage.sink(name, name, { 'tasks.max': '1', 'block.in': 'task.stop' }))
      await stage.running(name, 1)
      await untilOffsets(name, sinkAt(name, [0], RECORDS))
      const other = `${name}-other`
      await stage.put(other, stage.sink(other, name, { 'consumer.override.group.id': `connect-${name}` }))
      await stage.running(other, TASKS)
      await until(() => stage.told(other, 'open').length > 0 || stage.told(name, 'close').length > 0)
      await stage.expect(204, 'PUT', `/connectors/${name}/stop`)
      const body = method === 'PATCH' ? { offsets: sinkAt(name, [0], null) } : undefined
      const first = await stage.ask(method, `/connectors/${name}/offsets`, body)
      assert.equal(first.status, 500, JSON.stringify(first.body))
      assert.match(first.body.message ?? '', /zombie sink task/)
      await stage.stopConnector(other)
      await untilNobodyReads(method, name, method === 'PATCH' ? sinkAt(name, [0], null) : undefined)
      assert.deepEqual(await stage.offsets(name), [])
      await stage.remove(name, other)
    })

  it('are refused in a body that is none, with what is wrong', async () => {
    const name = uniqueName('sink')
    await createTopic(stage.kafka.bootstrap, name)
    await stage.create(name, stage.sink(name, name), 'STOPPED')
    await stage.states(name, 'STOPPED', [])
    const partition = { kafka_topic: 'test', kafka_partition: 1 }
    const bodies: [body: unknown, message: string][] = [
      [{}, 'Partitions / offsets need to be provided for an alter offsets request'],
      [{ offsets: [] }, 'Partitions / offsets need to be provided for an alter offsets request'],
      [{ offsets: [{}] }, 'cannot be null or missing'],
      [{ offsets: [{ partition: null, offset: null }] }, 'cannot be null or missing'],
      [
        { offsets: [{ partition: {}, offset: null }] },
        "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
      ],
      [
        { offsets: [{ partition: { ...partition, kafka_partition: 'not a number' }, offset: null }] },
        'Partition values for sink connectors need to be integers',
      ],
      [
        { offsets: [{ partition, offset: {} }] },
        "The offset for a sink connector should either be null or contain the key 'kafka_offset'",
      ],
      [
        { offsets: [{ partition, offset: { kafka_offset: 'not a number' } }] },
        'Offset values for sink connectors need to be integers',
      ],
    ]
    for (const [body, message] of bodies) {
      const answer = await stage.ask('PATCH', `/connectors/${name}/offsets`, body)
      assert.equal(answer.status, 400, JSON.stringify(body))
      assert.ok(answer.body.message?.includes(message), `${JSON.stringify(body)}: ${answer.body.message}`)
    }
    await stage.remove(name)
  })
})

// ---- sources

const sourceAt = (name: string, saved: number): OffsetEntry[] =>
  Array.from({ length: TASKS }, (_, task) => ({ partition: { 'task.id': `${name}-${task}` }, offset: { saved } }))

interface SourceCase {
  readonly config: Config
  /** where the records go */
  readonly bootstrap: string
}

const sourceCases: Record<string, (name: string) => SourceCase> = {
  "in the worker's topic": () => ({ config: {}, bootstrap: stage.kafka.bootstrap }),
  'in a topic of its own': name => ({
    config: { 'offsets.storage.topic': `${name}-offsets` },
    bootstrap: stage.kafka.bootstrap,
  }),
  'whose records go to another cluster': () => ({
    config: override(elsewhere.bootstrap, 'producer', 'admin'),
    bootstrap: elsewhere.bootstrap,
  }),
}

const sourceConfig = (name: string, max: number, more: Config) =>
  stage.source(name, { 'messages.per.poll': '3', 'max.messages': String(max), ...more })

/** A source that has sent RECORDS records a task. */
async function sourceThatSent(makeCase: (name: string) => SourceCase) {
  const name = uniqueName('source')
  const { config, bootstrap } = makeCase(name)
  await stage.put(name, sourceConfig(name, RECORDS, config))
  await stage.running(name, TASKS)
  await untilOffsets(name, sourceAt(name, RECORDS))
  const sent = async () => (await endOffsets(bootstrap, name)).reduce((sum, end) => sum + end, 0)
  assert.equal(await sent(), TASKS * RECORDS)
  return { name, config, sent }
}

describe('offsets of a source', () => {
  for (const [which, makeCase] of Object.entries(sourceCases)) {
    it(`${which} are read`, async () => {
      const { name, config } = await sourceThatSent(makeCase)
      await stage.put(name, sourceConfig(name, 2 * RECORDS, config))
      await untilOffsets(name, sourceAt(name, 2 * RECORDS))
      await stage.remove(name)
    })

    it(`${which} are changed, with and without the connector's own hook, and it goes on behind them`, async () => {
      const { name, config, sent } = await sourceThatSent(makeCase)
      await stage.stopConnector(name)
      assert.equal((await change(name, sourceAt(name, 5))).message, MANAGED('altered'))
      await untilOffsets(name, sourceAt(name, 5))
      await stage.put(name, sourceConfig(name, RECORDS, { ...config, 'alter.offsets.result': 'true' }))
      const { message } = await change(name, sourceAt(name, 7))
      assert.equal(message, 'The offsets for this connector have been altered successfully')
      await untilOffsets(name, sourceAt(name, 7))
      await stage.resume(name)
      await stage.running(name, TASKS)
      await untilOffsets(name, sourceAt(name, RECORDS))
      assert.equal(await sent(), TASKS * (RECORDS + RECORDS - 7))
      await stage.remove(name)
    })

    it(`${which} are reset, twice, and it begins anew`, async () => {
      const { name, sent } = await sourceThatSent(makeCase)
      await stage.stopConnector(name)
      for (let i = 0; i < 2; i++) {
        assert.equal((await reset(name)).message, MANAGED('reset'))
        assert.deepEqual(await stage.offsets(name), [])
      }
      await stage.resume(name)
      await stage.running(name, TASKS)
      await untilOffsets(name, sourceAt(name, RECORDS))
      assert.equal(await sent(), TASKS * 2 * RECORDS)
      await stage.remove(name)
    })
  }

  it('are refused in a body that is none', async () => {
    const name = uniqueName('source')
    await stage.create(name, stage.source(name), 'STOPPED')
    await stage.states(name, 'STOPPED', [])
    const bodies: [body: unknown, status: number, message: RegExp | null][] = [
      ['[]', 500, null],
      [{}, 400, /Partitions \/ offsets need to be provided for an alter offsets request/],
      [{ key: [] }, 500, /key/],
      [{ offsets: [] }, 400, /Partitions \/ offsets need to be provided for an alter offsets request/],
      [{ offsets: {} }, 500, /offsets/],
      [{ offsets: [123] }, 500, /offsets/],
      [{ offsets: [{ key: 'val' }] }, 500, /key/],
      ['{"offsets": [{"partition": []]}]}', 500, null],
    ]
    for (const [body, status, message] of bodies) {
      const answer = await stage.ask('PATCH', `/connectors/${name}/offsets`, body)
      assert.equal(answer.status, status, JSON.stringify([body, answer.body]))
      if (message !== null) assert.match(answer.body.message ?? '', message)
    }
    await stage.remove(name)
  })
})

// ---- refused

describe('offsets', () => {
  it('of a connector that is not there are 404', async () => {
    await stage.expect(404, 'GET', '/connectors/non-existent-connector/offsets')
    const offsets = [{ partition: {}, offset: {} }]
    await stage.expect(404, 'PATCH', '/connectors/non-existent-connector/offsets', { offsets })
    await stage.expect(404, 'DELETE', '/connectors/non-existent-connector/offsets')
  })

  it('of a connector that runs or is paused are not changed: 400', async () => {
    const name = uniqueName('source')
    await stage.put(name, stage.source(name))
    const refused = async () => {
      for (const [method, body] of [['PATCH', { offsets: sourceAt(name, 5) }], ['DELETE']] as const) {
        const { message } = await stage.expect(400, method, `/connectors/${name}/offsets`, body)
        assert.match(message ?? '', /must be in the STOPPED state/)
      }
    }
    await stage.running(name, TASKS)
    await refused()
    await stage.expect(202, 'PUT', `/connectors/${name}/pause`)
    await stage.states(name, 'PAUSED', ['PAUSED', 'PAUSED'])
    await refused()
    await stage.remove(name)
  })
})

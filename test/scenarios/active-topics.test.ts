// Goal: the topics that a connector has used are shown, reset and forgotten as Java's ConnectorTopicsIntegrationTest has it. Method: two workers, asked in
// turn; one worker each where the reset, or all of it, is switched off, and its status topic read.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { readTopic } from '../broker/producer-parts.ts'
import { createTopic, endOffsets, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { type Config, Stage } from './stage.ts'

const TASKS = 2

/** Until every worker says so. */
const untilTopics = (stage: Stage, name: string, topics: readonly string[]) =>
  until(async () => {
    for (const member of stage.cluster.members) {
      const { status, body } = await member.rest<Record<string, { topics: string[] }>>(`/connectors/${name}/topics`)
      assert.equal(status, 200)
      if (body[name]?.topics.toSorted().join() !== [...topics].sort().join()) return false
    }
    return true
  })

async function withTopics(worker: Config, workers = 1) {
  const stage = await Stage.open(workers, worker)
  const [foo, bar] = [uniqueName('foo'), uniqueName('bar')]
  await Promise.all([createTopic(stage.kafka.bootstrap, foo), createTopic(stage.kafka.bootstrap, bar)])
  return { stage, foo, bar }
}

/** Until a sink has read all there is. */
const isThrough = (stage: Stage, sink: string, topic: string) =>
  until(async () => {
    const [end] = await endOffsets(stage.kafka.bootstrap, topic)
    const found = (await stage.offsets(sink)).find(({ partition }) => partition.kafka_topic === topic)
    return found?.offset?.kafka_offset === end
  })

describe('active topics', () => {
  let parts: Awaited<ReturnType<typeof withTopics>>

  before(async () => {
    parts = await withTopics({}, 2)
  })

  after(() => parts?.stage.close())

  it('appear with the first record, are reset, and go with the connector', async () => {
    const { stage, foo, bar } = parts
    const sink = uniqueName('sink')
    await untilTopics(stage, foo, [])
    for (const name of [foo, bar]) {
      await stage.put(name, stage.source(name))
      await stage.running(name, TASKS)
      await untilTopics(stage, name, [name])
    }
    await stage.put(sink, stage.sink(sink, `${foo},${bar}`))
    await stage.running(sink, TASKS)
    await untilTopics(stage, sink, [foo, bar])
    await stage.remove(bar)
    await untilTopics(stage, bar, [])
    await isThrough(stage, sink, bar)
    await stage.expect(202, 'PUT', `/connectors/${sink}/topics/reset`)
    await untilTopics(stage, sink, [foo])
    await produce(stage.kafka.bootstrap, bar, [{ value: 'again' }])
    await untilTopics(stage, sink, [foo, bar])
    await stage.remove(foo, sink)
  })
})

describe('topic.tracking.allow.reset=false', () => {
  let parts: Awaited<ReturnType<typeof withTopics>>

  before(async () => {
    parts = await withTopics({ 'topic.tracking.allow.reset': 'false' })
  })

  after(() => parts?.stage.close())

  it('topics are tracked and cannot be reset: 403', async () => {
    const { stage, foo } = parts
    const sink = uniqueName('sink')
    await stage.put(foo, stage.source(foo))
    await untilTopics(stage, foo, [foo])
    await stage.put(sink, stage.sink(sink, foo))
    await untilTopics(stage, sink, [foo])
    await stage.remove(foo)
    await untilTopics(stage, foo, [])
    const { message } = await stage.expect(403, 'PUT', `/connectors/${sink}/topics/reset`)
    assert.equal(message, 'Topic tracking reset is disabled.')
    await untilTopics(stage, sink, [foo])
    await stage.remove(sink)
  })
})

describe('topic.tracking.enable=false', () => {
  let parts: Awaited<ReturnType<typeof withTopics>>

  before(async () => {
    parts = await withTopics({ 'topic.tracking.enable': 'false' })
  })

  after(() => parts?.stage.close())

  it('topics are neither shown nor reset (403), and none is in the status topic', async () => {
    const { stage, foo } = parts
    await stage.put(foo, stage.source(foo))
    await stage.running(foo, TASKS)
    for (const [method, path] of [
      ['GET', 'topics'],
      ['PUT', 'topics/reset'],
    ] as const) {
      const { message } = await stage.expect(403, method, `/connectors/${foo}/${path}`)
      assert.equal(message, 'Topic tracking is disabled.')
    }
    await until(async () => (await stage.offsets(foo)).length === TASKS)
    await stage.remove(foo)
    const keys = (await readTopic(stage.kafka.bootstrap, `${stage.cluster.group}-status`)).map(({ key }) => key ?? '')
    assert.ok(keys.some(key => key.startsWith('status-task-')))
    assert.deepEqual(
      keys.filter(key => key.startsWith('status-topic-')),
      [],
    )
  })
})

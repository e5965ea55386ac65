// Goal: what becomes of records on their way, as Java's TransformationIntegrationTest, ErrorHandlingIntegrationTest and ExampleConnectIntegrationTest have it:
// filters by topic, tombstone and header, retries and dead letters, records that a sink reports. Method: one worker, topics filled and read without
// it; what reached the sink stands in a file.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { readTopic } from '../broker/producer-parts.ts'
import { createTopic, endOffsets, produce, type TestRecord, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { type Config, Stage } from './stage.ts'

interface Put {
  readonly topic: string
  readonly kafkaPartition: number
  readonly kafkaOffset: number
  readonly value: string | null
}

const RECORDS = 100
const PARTITIONS = 3
let stage: Stage

before(async () => {
  stage = await Stage.open(1)
})

after(() => stage?.close())

const put = (name: string): Put[] => stage.told(name, 'put').flatMap(({ what }) => what as Put[])

async function topicWith(name: string, textOf: (i: number) => string | null, count = RECORDS): Promise<void> {
  await createTopic(stage.kafka.bootstrap, name, { partitions: PARTITIONS })
  const records = Array.from(
    { length: count },
    (_, i): TestRecord => ({ key: `key-${i}`, value: textOf(i), partition: i % PARTITIONS }),
  )
  await produce(stage.kafka.bootstrap, name, records)
}

/** Until the group has committed the end of each partition of the topics. */
async function isThrough(name: string, ...topics: string[]): Promise<void> {
  const ends = (await Promise.all(topics.map(topic => endOffsets(stage.kafka.bootstrap, topic)))).flat()
  const all = ends.reduce((sum, end) => sum + end, 0)
  await until(async () => {
    const offsets = await stage.offsets(name)
    return offsets.reduce((sum, { offset }) => sum + Number(offset?.kafka_offset ?? 0), 0) === all
  })
}

const filter = (type: string, more: Config = {}, negate = false): Config => ({
  transforms: 'filter',
  'transforms.filter.type': 'Filter',
  'transforms.filter.predicate': 'p',
  ...(negate ? { 'transforms.filter.negate': 'true' } : {}),
  predicates: 'p',
  'predicates.p.type': type,
  ...Object.fromEntries(Object.entries(more).map(([key, value]) => [`predicates.p.${key}`, value])),
})

describe('a filter', () => {
  it('by topic name: the sink gets the records of the other topic, all are committed', async () => {
    const name = uniqueName('filter')
    const [foo, bar] = [`foo-${name}`, `bar-${name}`]
    await Promise.all([topicWith(foo, i => `value-${i}`), topicWith(bar, i => `value-${i}`)])
    await stage.put(name, stage.sink(name, `${foo},${bar}`, filter('TopicNameMatches', { pattern: 'bar-.*' })))
    await isThrough(name, foo, bar)
    assert.deepEqual(new Set(put(name).map(({ topic }) => topic)), new Set([foo]))
    assert.equal(put(name).length, RECORDS)
    await stage.remove(name)
  })

  it('of tombstones: the sink gets the half that has values, all are committed', async () => {
    const name = uniqueName('filter')
    await topicWith(name, i => (i % 2 === 0 ? `value-${i}` : null))
    await stage.put(name, stage.sink(name, name, filter('RecordIsTombstone')))
    await isThrough(name, name)
    assert.equal(put(name).length, RECORDS / 2)
    assert.ok(put(name).every(({ value }) => value !== null))
    await stage.remove(name)
  })

  it('by header key at a source that makes its topic: only records with the header are there', async () => {
    const name = uniqueName('filter')
    const config = stage.source(name, {
      'max.messages': String(RECORDS),
      'topic.creation.default.replication.factor': '-1',
      'topic.creation.default.partitions': String(PARTITIONS),
      ...filter('HasHeaderKey', { name: 'header-8' }, true),
    })
    const validate = '/connector-plugins/MonitoredSource/config/validate'
    assert.equal((await stage.expect<{ error_count: number }>(200, 'PUT', validate, { ...config, name })).error_count, 0)
    await stage.put(name, config)
    await until(async () => {
      const ends = await endOffsets(stage.kafka.bootstrap, name)
      return ends.reduce((sum, end) => sum + end, 0) === (2 * RECORDS) / 10
    })
    const records = await readTopic(stage.kafka.bootstrap, name)
    assert.equal(new Set(records.map(({ value }) => value)).size, (2 * RECORDS) / 10)
    assert.ok(records.every(({ headers }) => headers.some(([key]) => key === 'header-8')))
    assert.equal((await endOffsets(stage.kafka.bootstrap, name)).length, PARTITIONS)
    await stage.remove(name)
  })
})

const deadLetters = (name: string): Config => ({
  'errors.log.enable': 'true',
  'errors.log.include.messages': 'true',
  'errors.deadletterqueue.topic.name': `${name}-dead`,
  'errors.deadletterqueue.context.headers.enable': 'true',
  'errors.deadletterqueue.topic.replication.factor': '1',
  'errors.tolerance': 'all',
  'errors.retry.timeout': '1000',
})

describe('records that fail', () => {
  it('in a transform, after retries: skipped, and in the dead-letter topic with their context', async () => {
    const name = uniqueName('faulty')
    await topicWith(name, i => `value-${i}`, 20)
    const faulty = {
      transforms: 'failing_transform',
      'transforms.failing_transform.type': 'io.sluice.test.FaultyPassthrough',
      'transforms.failing_transform.fail.at': 'value-7',
    }
    await stage.put(name, stage.sink(name, name, { ...deadLetters(name), ...faulty }))
    await isThrough(name, name)
    assert.equal(put(name).length, 19)
    assert.ok(put(name).every(({ value }) => value !== 'value-7'))
    const letters = await readTopic(stage.kafka.bootstrap, `${name}-dead`)
    assert.deepEqual(
      letters.map(({ key, value }) => [key, value]),
      [['key-7', 'value-7']],
    )
    const headers = Object.fromEntries(letters[0]?.headers ?? [])
    assert.equal(headers['__connect.errors.topic'], name)
    assert.equal(headers['__connect.errors.exception.class.name'], 'org.apache.kafka.connect.errors.RetriableException')
    assert.equal(headers['__connect.errors.exception.message'], "Error when value='value-7'")
    await stage.remove(name)
  })

  it('as a sink reports them in put: in the dead-letter topic, and put all the same', async () => {
    const name = uniqueName('reported')
    await topicWith(name, i => `value-${i}`, 20)
    const more = { ...deadLetters(name), 'report.all': 'true', 'consumer.override.max.poll.records': '5' }
    await stage.put(name, stage.sink(name, name, more))
    await isThrough(name, name)
    assert.equal(put(name).length, 20)
    assert.ok(stage.told(name, 'put').every(({ what }) => (what as Put[]).length <= 5))
    const letters = await readTopic(stage.kafka.bootstrap, `${name}-dead`)
    assert.equal(new Set(letters.map(({ key }) => key)).size, 20)
    await stage.remove(name)
  })
})

describe('an example', () => {
  it('sink: each task has a partition, every record is put once and committed', async () => {
    const name = uniqueName('example')
    await stage.put(name, stage.sink(name, name, { 'tasks.max': '3', 'consumer.override.metadata.max.age.ms': '300' }))
    await topicWith(name, i => `value-${i}`)
    await stage.running(name, 3)
    await isThrough(name, name)
    assert.deepEqual(
      put(name)
        .map(({ value }) => value)
        .sort(),
      Array.from({ length: RECORDS }, (_, i) => `value-${i}`).sort(),
    )
    await stage.remove(name)
    assert.deepEqual(
      stage.counts(name, 3).tasks,
      Array.from({ length: 3 }, () => ({ starts: 1, stops: 1 })),
    )
  })

  it('source: every record of each task is in the topic once, and its offset committed', async () => {
    const name = uniqueName('example')
    await stage.put(name, stage.source(name, { 'tasks.max': '3', 'max.messages': String(RECORDS), throughput: '500' }))
    await stage.running(name, 3)
    await until(async () => {
      const offsets = await stage.offsets(name)
      return offsets.length === 3 && offsets.every(({ offset }) => offset?.saved === RECORDS)
    })
    const values = (await readTopic(stage.kafka.bootstrap, name)).map(({ value }) => value)
    assert.equal(values.length, 3 * RECORDS)
    assert.equal(new Set(values).size, 3 * RECORDS)
    await stage.remove(name)
    assert.deepEqual(stage.counts(name, 3).connector, { starts: 1, stops: 1 })
  })
})

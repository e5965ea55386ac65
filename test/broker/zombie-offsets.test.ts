// Goal: offsets of an exactly-once source that a request has altered or reset stay so, whatever a task does that does not know yet that it has
// ended (KIP-618, KIP-875): the producers of all former tasks are fenced before, and the request's own transaction has the transactional id
// of task 0. Method: a worker on the real broker; producers of the test take the ids of its tasks when they have stopped.
import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { INTERNAL_TOPIC_PRODUCER } from '../../src/kafka/producer-options.ts'
import { TransactionalProducer } from '../../src/kafka/transactional-producer.ts'
import { isFenced } from '../../src/kafka/transactions.ts'
import { newKeyBytes } from '../../src/store/offset-json.ts'
import { Stage } from '../scenarios/stage.ts'
import { endOffsets, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { connected, readTopic } from './producer-parts.ts'

const RECORDS = 10
const TASKS = [0, 1]
const ZOMBIES_OFFSET = 51
let stage: Stage

before(async () => {
  stage = await Stage.open(1, { 'exactly.once.source.support': 'enabled' })
})

after(async () => {
  await stage?.close()
})

const partitionOf = (name: string, task: number) => ({ 'task.id': `${name}-${task}` })
const offsetsOf = (name: string, saved: number) => TASKS.map(task => ({ partition: partitionOf(name, task), offset: { saved } }))

async function savedOffsets(name: string): Promise<[string, unknown][]> {
  const found = await stage.offsets(name)
  return found.map(({ partition, offset }): [string, unknown] => [String(partition['task.id']), offset?.saved]).sort()
}

/** A source of two tasks that has sent what it had, and is stopped. */
async function stoppedSource(offsetsTopic: string | null): Promise<string> {
  const name = uniqueName('source')
  const own = offsetsTopic === null ? {} : { 'offsets.storage.topic': offsetsTopic }
  await stage.put(name, stage.source(name, { 'max.messages': String(RECORDS), ...own }))
  await until(async () => (await savedOffsets(name)).filter(([, saved]) => saved === RECORDS).length === TASKS.length)
  await stage.stopConnector(name)
  return name
}

/** A producer with the id of a task, with a transaction that has an offset in it unless `isEmpty`. */
async function zombie(t: TestContext, name: string, task: number, offsetsTopic: string, isEmpty = false) {
  const cluster = await connected(stage.kafka.bootstrap)
  const producer = new TransactionalProducer({
    ...INTERNAL_TOPIC_PRODUCER,
    cluster,
    log: silentLogger,
    clock: systemClock,
    transactionalId: `${stage.cluster.group}-${name}-${task}`,
    transactionTimeoutMs: 120_000,
    maxBlockMs: 60_000,
  })
  t.after(async () => {
    await producer.close(0)
    await cluster.close()
  })
  await producer.init()
  producer.begin()
  const append = async () => {
    const key = newKeyBytes(name, partitionOf(name, task))
    const value = Buffer.from(JSON.stringify({ saved: ZOMBIES_OFFSET }))
    await producer.producer.append(offsetsTopic, null, systemClock.now(), key, value, [], () => {})
    await producer.producer.flush()
  }
  if (!isEmpty) await append()
  return {
    /** what came of its transaction */
    async end(): Promise<'committed' | 'fenced'> {
      try {
        if (isEmpty) await append()
        await producer.commit()
        return 'committed'
      } catch (error) {
        if (!isFenced(error)) throw error
        return 'fenced'
      }
    },
  }
}

for (const isOwn of [false, true]) {
  const where = isOwn ? 'a topic of its own' : "the worker's topic"
  const topics = () => {
    const own = isOwn ? uniqueName('offsets') : null
    return { own, topic: own ?? `${stage.cluster.group}-offsets` }
  }

  test(`altered offsets in ${where} stay what they are: tasks that come back are fenced`, async t => {
    const { own, topic } = topics()
    const name = await stoppedSource(own)
    const zombies = await Promise.all(TASKS.map(task => zombie(t, name, task, topic)))
    await stage.expect(200, 'PATCH', `/connectors/${name}/offsets`, { offsets: offsetsOf(name, 5) })
    assert.deepEqual(await Promise.all(zombies.map(one => one.end())), ['fenced', 'fenced'])
    const altered = TASKS.map(task => [`${name}-${task}`, 5])
    assert.deepEqual(await savedOffsets(name), altered)
    // Nothing is to be fenced any more; the request's own transaction fences who has taken the id of task 0 since.
    const late = await zombie(t, name, 0, topic, true)
    await stage.expect(200, 'PATCH', `/connectors/${name}/offsets`, { offsets: offsetsOf(name, 7).slice(0, 1) })
    assert.equal(await late.end(), 'fenced')
    assert.deepEqual(await savedOffsets(name), [
      [`${name}-0`, 7],
      [`${name}-1`, 5],
    ])
    const committed = await readTopic(stage.kafka.bootstrap, topic, 'read_committed')
    assert.deepEqual(
      committed.filter(({ value }) => value === JSON.stringify({ saved: ZOMBIES_OFFSET })),
      [],
    )
    await stage.remove(name)
  })

  test(`offsets in ${where} that were reset are gone: tasks that come back are fenced, and the source begins anew`, async t => {
    const { own, topic } = topics()
    const name = await stoppedSource(own)
    const zombies = await Promise.all(TASKS.map(task => zombie(t, name, task, topic)))
    await stage.expect(200, 'DELETE', `/connectors/${name}/offsets`)
    assert.deepEqual(await Promise.all(zombies.map(one => one.end())), ['fenced', 'fenced'])
    assert.deepEqual(await savedOffsets(name), [])
    const before = (await endOffsets(stage.kafka.bootstrap, topic)).reduce((sum, end) => sum + end, 0)
    await stage.expect(200, 'DELETE', `/connectors/${name}/offsets`)
    const now = (await endOffsets(stage.kafka.bootstrap, topic)).reduce((sum, end) => sum + end, 0)
    assert.equal(now, before, 'nothing to remove, nothing written')
    await stage.resume(name)
    await stage.running(name, TASKS.length)
    await until(async () => (await savedOffsets(name)).filter(([, saved]) => saved === RECORDS).length === TASKS.length)
    const sent = (await readTopic(stage.kafka.bootstrap, name, 'read_committed')).length
    assert.equal(sent, TASKS.length * 2 * RECORDS)
    await stage.remove(name)
  })
}

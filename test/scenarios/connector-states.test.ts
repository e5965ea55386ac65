// Goal: the states of a connector and what may be done in each, as Java's ConnectWorkerIntegrationTest has them: every change between running, paused and
// stopped, connectors that fail in start or stop, connectors created paused or stopped, and their offsets. Method: one cluster of two workers; what
// connectors were asked stands in files, what they sent in topics.
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { createTopic, endOffsets, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { Stage } from './stage.ts'

const TASKS = 4
let stage: Stage

before(async () => {
  stage = await Stage.open(2)
})

after(() => stage?.close())

const source = (name: string, more: Record<string, string> = {}) => stage.source(name, { 'tasks.max': String(TASKS), ...more })
const paused = (name: string, tasks: number) => stage.states(name, 'PAUSED', Array(tasks).fill('PAUSED'))
const command = (name: string, what: 'pause' | 'resume' | 'stop') =>
  stage.expect(what === 'stop' ? 204 : 202, 'PUT', `/connectors/${name}/${what}`)

/** No tasks, and no task configs. */
async function hasNoTasks(name: string): Promise<void> {
  assert.deepEqual((await stage.expect<{ tasks: unknown[] }>(200, 'GET', `/connectors/${name}`)).tasks, [])
  assert.deepEqual(await stage.expect<unknown[]>(200, 'GET', `/connectors/${name}/tasks`), [])
}

it('running, paused, stopped: every change from one to another, each asked twice', async () => {
  const name = uniqueName('states')
  await stage.put(name, source(name))
  await stage.running(name, TASKS)
  for (let i = 0; i < 2; i++) await command(name, 'stop')
  await stage.states(name, 'STOPPED', [])
  await hasNoTasks(name)
  for (let i = 0; i < 2; i++) await command(name, 'resume')
  await stage.running(name, TASKS)
  for (let i = 0; i < 2; i++) await command(name, 'pause')
  await paused(name, TASKS)
  await command(name, 'stop')
  await stage.states(name, 'STOPPED', [])
  await hasNoTasks(name)
  await command(name, 'pause')
  await paused(name, 0)
  await command(name, 'resume')
  await stage.running(name, TASKS)
  await stage.remove(name)
})

it('a connector that fails in start, or in stop, can be stopped, changed, resumed and deleted', async () => {
  const name = uniqueName('failing')
  await stage.put(name, source(name, { 'fail.in': 'connector.start' }))
  await stage.states(name, 'FAILED', [])
  await stage.stopConnector(name)
  await hasNoTasks(name)
  await stage.put(name, source(name))
  await command(name, 'resume')
  await stage.running(name, TASKS)
  await stage.put(name, source(name, { 'fail.in': 'connector.stop' }))
  await stage.running(name, TASKS)
  await stage.stopConnector(name)
  await hasNoTasks(name)
  await command(name, 'resume')
  await stage.running(name, TASKS)
  await stage.remove(name)
})

it('a connector created PAUSED has no tasks before it is resumed', async () => {
  const name = uniqueName('paused')
  await stage.create(name, source(name), 'PAUSED')
  await paused(name, 0)
  await hasNoTasks(name)
  await command(name, 'resume')
  await stage.running(name, TASKS)
  await stage.remove(name)
})

it('a source created STOPPED begins at the offset it is given before it is resumed', async () => {
  const name = uniqueName('stopped')
  await stage.create(name, source(name, { 'tasks.max': '1', 'max.messages': '10' }), 'STOPPED')
  await stage.states(name, 'STOPPED', [])
  await hasNoTasks(name)
  const entry = { partition: { 'task.id': `${name}-0` }, offset: { saved: 5 } }
  await stage.expect(200, 'PATCH', `/connectors/${name}/offsets`, { offsets: [entry] })
  await command(name, 'resume')
  await stage.running(name, 1)
  await until(async () => (await stage.offsets(name))[0]?.offset?.saved === 10)
  assert.deepEqual(await endOffsets(stage.kafka.bootstrap, name), [5])
  await stage.remove(name)
})

it('a sink created STOPPED begins at the offset it is given before it is resumed', async () => {
  const name = uniqueName('stopped')
  await createTopic(stage.kafka.bootstrap, name)
  await produce(
    stage.kafka.bootstrap,
    name,
    Array.from({ length: 10 }, (_, i) => ({ value: `Message ${i}` })),
  )
  await stage.create(name, stage.sink(name, name, { 'tasks.max': '1' }), 'STOPPED')
  await stage.states(name, 'STOPPED', [])
  await hasNoTasks(name)
  const entry = { partition: { kafka_topic: name, kafka_partition: 0 }, offset: { kafka_offset: 5 } }
  await stage.expect(200, 'PATCH', `/connectors/${name}/offsets`, { offsets: [entry] })
  await command(name, 'resume')
  await stage.running(name, 1)
  const offsets = () => stage.told(name, 'put').flatMap(({ what }) => (what as { kafkaOffset: number }[]).map(r => r.kafkaOffset))
  await until(() => offsets().includes(9))
  assert.deepEqual(offsets(), [5, 6, 7, 8, 9])
  await stage.remove(name)
})

it('connectors created PAUSED or STOPPED can be deleted', async () => {
  for (const state of ['PAUSED', 'STOPPED'] as const) {
    const name = uniqueName('created')
    await stage.create(name, source(name), state)
    await stage.states(name, state, [])
    await hasNoTasks(name)
    await stage.remove(name)
    await stage.expect(404, 'GET', `/connectors/${name}`)
  }
})

it('a task that failed at its start runs again once its config is right and it is restarted', async () => {
  const name = uniqueName('restart')
  const config = source(name, { 'tasks.max': '1' })
  // refused by the client as it is made, as in Java: an address without a port
  await stage.put(name, { ...config, 'producer.override.bootstrap.servers': 'nobrokerrunningatthisaddress' })
  await stage.states(name, 'RUNNING', ['FAILED'])
  await stage.put(name, config)
  await stage.expect(204, 'POST', `/connectors/${name}/tasks/0/restart`)
  await stage.running(name, 1)
  await stage.remove(name)
})

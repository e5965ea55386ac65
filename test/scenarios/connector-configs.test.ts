// Goal: what a change of a connector's config does, as Java's ConnectWorkerIntegrationTest has it: patches, other numbers of tasks, more tasks than
// tasks.max, config values that a provider does not have any more, converters, short names of plugins. Method: one cluster of two workers;
// what the worker stores, shows and starts.
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { after, before, it } from 'node:test'
import { createTopic, endOffsets, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { Stage } from './stage.ts'

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const STRING_CONVERTER = 'org.apache.kafka.connect.storage.StringConverter'
let stage: Stage

before(async () => {
  stage = await Stage.open(2, {
    'config.providers': 'file',
    'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
  })
})

after(() => stage?.close())

it('a patch changes, adds and removes keys, and the tasks follow', async () => {
  const name = uniqueName('patched')
  await createTopic(stage.kafka.bootstrap, name)
  const config = stage.sink(name, name, { 'unaffected-key': 'unaffected-value', 'to-be-deleted-key': 'value' })
  await stage.put(name, config)
  await stage.running(name, 2)
  const patch = { 'tasks.max': '3', 'to-be-added-key': 'value', 'to-be-deleted-key': null }
  await stage.expect(200, 'PATCH', `/connectors/${name}/config`, patch)
  await stage.running(name, 3)
  const { 'to-be-deleted-key': _deleted, ...rest } = config
  const expected = { ...rest, name, 'tasks.max': '3', 'to-be-added-key': 'value' }
  assert.deepEqual((await stage.expect<{ config: unknown }>(200, 'GET', `/connectors/${name}`)).config, expected)
  await stage.remove(name)
})

it('tasks.max up and down: as many tasks are shown as there are', async () => {
  const name = uniqueName('tasks')
  for (const tasks of [1, 5, 3]) {
    await stage.put(name, stage.source(name, { 'tasks.max': String(tasks) }))
    await stage.running(name, tasks)
  }
  await stage.remove(name)
})

it('the tasks go on with a new config though a value of the old one cannot be looked up any more', async () => {
  const [name, first, second] = [uniqueName('secret'), uniqueName('first'), uniqueName('second')]
  const secrets = stage.path(`${name}.properties`)
  writeFileSync(secrets, 'throughput=100\n')
  await Promise.all([createTopic(stage.kafka.bootstrap, first), createTopic(stage.kafka.bootstrap, second)])
  await stage.put(name, stage.source(name, { topic: first, throughput: `\${file:${secrets}:throughput}` }))
  await stage.running(name, 2)
  await until(async () => (await stage.offsets(name)).length === 2)
  rmSync(secrets)
  await stage.put(name, stage.source(name, { topic: second, throughput: '100' }))
  await until(async () => (await endOffsets(stage.kafka.bootstrap, second))[0] !== 0)
  await stage.running(name, 2)
  await stage.remove(name)
})

it('a value of a provider is looked up again when the connector is restarted', async () => {
  const [name, topic] = [uniqueName('secret'), uniqueName('values')]
  const values = stage.path(`${name}.properties`)
  await Promise.all(['a', 'b'].map(which => createTopic(stage.kafka.bootstrap, `${topic}-${which}`)))
  writeFileSync(values, `topic=${topic}-a\n`)
  await stage.put(name, stage.source(name, { topic: `\${file:${values}:topic}` }))
  await until(async () => (await endOffsets(stage.kafka.bootstrap, `${topic}-a`))[0] !== 0)
  writeFileSync(values, `topic=${topic}-b\n`)
  await stage.expect(202, 'POST', `/connectors/${name}/restart?includeTasks=true`)
  await until(async () => (await endOffsets(stage.kafka.bootstrap, `${topic}-b`))[0] !== 0)
  await stage.remove(name)
})

it('another converter reaches the tasks of a connector whose task configs stay as they are', async () => {
  const name = uniqueName('converters')
  await createTopic(stage.kafka.bootstrap, name)
  await produce(stage.kafka.bootstrap, name, [{ value: 'non-json-value' }])
  const config = (converter: string) =>
    stage.sink(name, name, {
      'tasks.max': '1',
      'empty.task.configs': 'true',
      'value.converter': converter,
      'value.converter.schemas.enable': 'false',
    })
  await stage.put(name, config(JSON_CONVERTER))
  await stage.states(name, 'RUNNING', ['FAILED'])
  assert.deepEqual(await stage.offsets(name), [])
  await stage.put(name, config(STRING_CONVERTER))
  await stage.running(name, 1)
  const expected = [{ partition: { kafka_topic: name, kafka_partition: 0 }, offset: { kafka_offset: 1 } }]
  await until(async () => JSON.stringify(await stage.offsets(name)) === JSON.stringify(expected))
  await stage.remove(name)
})

it('short names of connector, converters, transforms and predicates', async () => {
  const name = uniqueName('short')
  await createTopic(stage.kafka.bootstrap, name)
  const plugins = {
    'key.converter': 'StringConverter',
    'value.converter': 'StringConverter',
    'header.converter': 'StringConverter',
    transforms: 'filter',
    'transforms.filter.type': 'Filter',
    'transforms.filter.predicate': 'tombstone',
    predicates: 'tombstone',
    'predicates.tombstone.type': 'RecordIsTombstone',
  }
  await stage.put(`${name}-in`, stage.source(`${name}-in`, { topic: name, ...plugins }))
  await stage.running(`${name}-in`, 2)
  await stage.put(`${name}-out`, stage.sink(`${name}-out`, name, plugins))
  await stage.running(`${name}-out`, 2)
  await until(() => stage.told(`${name}-out`, 'put').length > 0)
  await stage.remove(`${name}-in`, `${name}-out`)
})

it('the task configs that compaction left of a deleted connector are not those of a new one of its name', async () => {
  const [name, old, fresh] = [uniqueName('orphan'), uniqueName('old'), uniqueName('fresh')]
  await Promise.all([createTopic(stage.kafka.bootstrap, old), createTopic(stage.kafka.bootstrap, fresh)])
  const record = (key: string, value: unknown) => ({ key, value: JSON.stringify(value) })
  // the connector's own records are gone, these are not
  await produce(stage.kafka.bootstrap, `${stage.cluster.group}-configs`, [
    ...[0, 1].map(task =>
      record(`task-${name}-${task}`, {
        properties: {
          ...stage.source(name, { topic: old }),
          name,
          'task.number': String(task),
          'task.class': 'io.sluice.test.MonitoredSourceTask',
        },
      }),
    ),
    record(`commit-${name}`, { tasks: 2 }),
  ])
  await stage.cluster.members[0]?.stop()
  await stage.cluster.add('sluice')
  assert.ok(!(await stage.expect<unknown[]>(200, 'GET', '/connectors')).includes(name))
  await stage.put(name, stage.source(name, { topic: fresh }))
  await stage.running(name, 2)
  await until(async () => (await stage.offsets(name)).length === 2)
  assert.deepEqual(await endOffsets(stage.kafka.bootstrap, old), [0])
  await stage.remove(name)
})

it('more tasks than tasks.max fail the connector, and the tasks of a stored set that is too large; tasks.max.enforce=false lets them run', async () => {
  const name = uniqueName('too-many')
  const config = (tasks: number, enforce: boolean) =>
    stage.source(name, { 'tasks.max': '1', 'num.tasks': String(tasks), 'tasks.max.enforce': String(enforce) })
  await stage.put(name, config(2, true))
  const { connector } = await stage.states(name, 'FAILED', [])
  const expected =
    `The connector ${name} has generated 2 tasks, which is greater than 1, the maximum number of tasks it is configured to create. ` +
    "This behaviour should be considered a bug and is disallowed. If necessary, it can be permitted by reconfiguring the connector with 'tasks.max.enforce' set to false; however, this option will be removed in a future release of Kafka Connect."
  assert.ok(connector.trace?.includes(expected), connector.trace)

  // as a worker before tasks.max was enforced left them
  const running = stage.cluster.members.filter(member => member.running())
  await Promise.all(running.map(member => member.stop()))
  const task = (id: number) => ({
    ...config(2, true),
    name,
    'task.number': String(id),
    'task.class': 'io.sluice.test.MonitoredSourceTask',
  })
  await produce(stage.kafka.bootstrap, `${stage.cluster.group}-configs`, [
    ...[0, 1].map(id => ({ key: `task-${name}-${id}`, value: JSON.stringify({ properties: task(id) }) })),
    { key: `commit-${name}`, value: JSON.stringify({ tasks: 2 }) },
  ])
  await Promise.all([stage.cluster.add('sluice'), stage.cluster.add('sluice')])
  const { tasks } = await stage.states(name, 'FAILED', ['FAILED', 'FAILED'])
  for (const { trace } of tasks) assert.ok(trace?.includes(expected), trace)

  await stage.put(name, config(2, false))
  await stage.running(name, 2)
  await stage.put(name, config(3, false))
  await stage.running(name, 3)
  await stage.put(name, config(1, true))
  await stage.running(name, 1)
  await stage.put(name, config(2, true))
  await stage.states(name, 'FAILED', ['RUNNING'])
  const starts = stage.counts(name, 1).tasks[0]?.starts ?? 0
  await stage.expect(204, 'POST', `/connectors/${name}/tasks/0/restart`)
  await until(() => (stage.counts(name, 1).tasks[0]?.starts ?? 0) > starts)
  await stage.states(name, 'FAILED', ['RUNNING'])
  await stage.remove(name)
})

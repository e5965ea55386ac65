// Goal: connectors and tasks stay unique and balanced within one as Java's RebalanceSourceConnectorsIntegrationTest has it, while connectors are created,
// changed and deleted and workers come, go and come back; a broker that is away for longer than the session stops the work, and it comes back.
// Method: three workers, a group of their own; who runs what is read from REST, what was started from files.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Broker, ownBroker } from '../support/broker.ts'
import { createTopic, endOffsets, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { type Config, Stage } from './stage.ts'

const TASKS = 4
const source = (stage: Stage, name: string, more: Config = {}) =>
  stage.source(name, { 'tasks.max': String(TASKS), throughput: '10', ...more })

describe('three workers', () => {
  let stage: Stage
  const names = Array.from({ length: 4 }, (_, i) => uniqueName(`seq${i}`))

  before(async () => {
    stage = await Stage.open(3, { 'connect.protocol': 'compatible' })
  })

  after(() => stage?.close())

  const alive = () => stage.cluster.members.filter(member => member.running())

  /** Until each connector and task runs on one worker, and no worker that runs has two more of them than another. */
  const balanced = (connectors: readonly string[]) =>
    until(async () => {
      const infos = await Promise.all(connectors.map(name => stage.cluster.status(name)))
      const counts = new Map(alive().map(({ workerId }) => [workerId, { connectors: 0, tasks: 0 }]))
      for (const info of infos) {
        if (info?.tasks.length !== TASKS || new Set(info.tasks.map(({ id }) => id)).size !== TASKS) return false
        if (![info.connector, ...info.tasks].every(({ state }) => state === 'RUNNING')) return false
        for (const { worker_id: id } of info.tasks) (counts.get(id) ?? { tasks: 0 }).tasks++
        ;(counts.get(info.connector.worker_id) ?? { connectors: 0 }).connectors++
        if (![info.connector, ...info.tasks].every(({ worker_id: id }) => counts.has(id))) return false
      }
      const within = (of: 'connectors' | 'tasks') => {
        const all = [...counts.values()].map(count => count[of])
        return Math.max(...all) - Math.min(...all) < 2
      }
      return within('connectors') && within('tasks')
    })

  it('start two connectors', async () => {
    for (const name of names.slice(0, 2)) await stage.put(name, source(stage, name))
    await Promise.all(names.slice(0, 2).map(name => stage.running(name, TASKS)))
    await balanced(names.slice(0, 2))
  })

  it('restart connector and tasks for a new config, which goes to another topic', async () => {
    const [name = ''] = names
    const other = `${name}-other`
    await createTopic(stage.kafka.bootstrap, other)
    const before = stage.counts(name, TASKS)
    await stage.put(name, source(stage, name, { topic: other }))
    await until(() => stage.counts(name, TASKS).connector.starts > before.connector.starts)
    await until(() => stage.counts(name, TASKS).tasks.every(({ starts }, i) => starts > (before.tasks[i]?.starts ?? 0)))
    await until(async () => ((await endOffsets(stage.kafka.bootstrap, other))[0] ?? 0) > 0)
    await stage.running(name, TASKS)
  })

  it('are balanced after one of four connectors is deleted', async () => {
    for (const name of names.slice(2)) await stage.put(name, source(stage, name))
    await balanced(names)
    await stage.remove(names[3] ?? '')
    await balanced(names.slice(0, 3))
    await stage.put(names[3] ?? '', source(stage, names[3] ?? ''))
    await balanced(names)
  })

  it('are balanced after a fourth has come', async () => {
    await stage.cluster.add('sluice')
    await balanced(names)
  })

  it('are balanced after one has gone', async () => {
    assert.equal(await alive().at(-1)?.stop(), 0)
    await balanced(names)
  })

  it('are balanced after two have gone and two have come', async () => {
    await Promise.all(
      alive()
        .slice(1)
        .map(member => member.stop()),
    )
    await Promise.all([stage.cluster.add('sluice'), stage.cluster.add('sluice')])
    await balanced(names)
    await stage.remove(...names)
  })

  it('a worker more takes part, and the work goes on when it has left', async () => {
    const name = uniqueName('extra')
    await stage.put(name, source(stage, name))
    await stage.running(name, TASKS)
    const extra = await stage.cluster.add('sluice')
    await balanced([name])
    assert.equal((await extra.rest<{ status: string }>('/health')).body.status, 'healthy')
    assert.equal(await extra.stop(), 0)
    await balanced([name])
    await stage.remove(name)
  })
})

describe('a broker that is away for longer than the session', () => {
  let stage: Stage
  let kafka: Broker

  before(async () => {
    kafka = await ownBroker()
    stage = await Stage.open(2, {}, kafka)
  })

  after(() => stage?.close())

  it('ends the work of connectors and tasks, and they are started again when it is back', async () => {
    const name = uniqueName('away')
    await stage.put(name, source(stage, name))
    await stage.running(name, TASKS)
    const before = stage.counts(name, TASKS)
    await kafka.kill()
    await until(() => stage.counts(name, TASKS).connector.stops > before.connector.stops)
    await until(() => stage.counts(name, TASKS).tasks.every(({ stops }, i) => stops > (before.tasks[i]?.stops ?? 0)))
    await kafka.restart()
    await until(() => stage.counts(name, TASKS).connector.starts > before.connector.starts)
    await stage.running(name, TASKS)
    const end = async () => (await endOffsets(kafka.bootstrap, name))[0] ?? 0
    const there = await end()
    await until(async () => (await end()) > there)
    for (const member of stage.cluster.members) await until(async () => (await member.rest('/health')).status === 200)
  })
})

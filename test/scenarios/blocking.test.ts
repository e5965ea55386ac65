// Goal: a connector or task that never comes back from a call holds up nobody else, as Java's BlockingConnectorTest has it: another connector is created,
// runs and commits, REST answers, and the blocked one can be deleted (which Java's cannot promise). Method: one worker and a connector that blocks where
// it is told to; each block is seen in its file before the test goes on.
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { type Config, Stage } from './stage.ts'

let stage: Stage

before(async () => {
  stage = await Stage.open(1)
})

after(() => stage?.close())

const source = (name: string, block = ''): Config => stage.source(name, { 'tasks.max': '1', 'block.in': block })

/** A connector of its own runs, sends and commits. */
async function othersGoOn(name = uniqueName('normal')): Promise<void> {
  await stage.put(name, source(name))
  await sendsAndCommits(name)
  await stage.remove(name)
}

async function sendsAndCommits(name: string): Promise<void> {
  await stage.running(name, 1)
  const saved = async () => Number((await stage.offsets(name))[0]?.offset?.saved ?? 0)
  const before = await saved()
  await until(async () => (await saved()) > before)
}

const hasReached = (name: string, hook: string, isTask: boolean, times = 1) =>
  until(() => stage.told(name, hook).filter(({ task }) => (task !== null) === isTask).length >= times)

it('in validate: the request waits, nothing is created, others go on', async () => {
  const name = uniqueName('blocked')
  const body = { name, config: source(name, 'connector.validate') }
  let isAnswered = false
  const request = stage.cluster.rest('/connectors', 'POST', body).finally(() => {
    isAnswered = true
  })
  await othersGoOn()
  assert.ok(!isAnswered, 'others waited for it')
  await stage.expect(404, 'GET', `/connectors/${name}`)
  const { status, body: answer } = await request
  assert.equal(status, 500)
  assert.match(JSON.stringify(answer), /a validate job did not end within 30000 ms/)
  await stage.expect(404, 'GET', `/connectors/${name}`)
})

it('in start: others go on; a restart ends the thread that hangs, and so does a deletion', async () => {
  const name = uniqueName('blocked')
  await stage.create(name, source(name, 'connector.start'))
  await hasReached(name, 'start', false)
  await othersGoOn()
  // it waits for the start, as in Java
  const restart = stage.cluster.rest(`/connectors/${name}/restart`, 'POST')
  await hasReached(name, 'start', false, 2)
  await othersGoOn()
  await stage.remove(name)
  assert.ok((await restart).status >= 400)
})

it('in stop of the connector: its deletion goes through, others go on', async () => {
  const name = uniqueName('blocked')
  await stage.put(name, source(name, 'connector.stop'))
  await stage.running(name, 1)
  await stage.expect(204, 'DELETE', `/connectors/${name}`)
  await hasReached(name, 'stop', false)
  await othersGoOn()
  await until(async () => (await stage.cluster.rest(`/connectors/${name}/status`)).status === 404)
})

const onTopic = async (kind: 'source' | 'sink', name: string, block: string): Promise<Config> => {
  await createTopic(stage.kafka.bootstrap, name)
  return kind === 'source' ? source(name, block) : stage.sink(name, name, { 'tasks.max': '1', 'block.in': block })
}

for (const kind of ['source', 'sink'] as const) {
  it(`in start of a ${kind} task: others go on, and it can be deleted`, async () => {
    const name = uniqueName('blocked')
    await stage.put(name, await onTopic(kind, name, 'task.start'))
    await hasReached(name, 'start', true)
    await othersGoOn()
    await stage.remove(name)
  })

  it(`in stop of a ${kind} task: its deletion goes through, others go on`, async () => {
    const name = uniqueName('blocked')
    await stage.put(name, await onTopic(kind, name, 'task.stop'))
    await stage.running(name, 1)
    await hasReached(name, 'start', true)
    await stage.expect(204, 'DELETE', `/connectors/${name}`)
    await hasReached(name, 'stop', true)
    await othersGoOn()
    await until(async () => (await stage.cluster.rest(`/connectors/${name}/status`)).status === 404)
  })
}

it('in start, and the worker is replaced: it blocks again, the others of before go on', async () => {
  const [name, normal] = [uniqueName('blocked'), uniqueName('normal')]
  await stage.create(name, source(name, 'connector.start'))
  await hasReached(name, 'start', false)
  await stage.put(normal, source(normal))
  await sendsAndCommits(normal)
  await stage.cluster.members.at(-1)?.stop()
  await stage.cluster.add('sluice')
  await hasReached(name, 'start', false, 2)
  await sendsAndCommits(normal)
  await stage.remove(name, normal)
})

it('in stop, and the worker is replaced: it ends all the same, and both run again', async () => {
  const [name, normal] = [uniqueName('blocked'), uniqueName('normal')]
  await stage.put(name, source(name, 'connector.stop'))
  await stage.put(normal, source(normal))
  await Promise.all([stage.running(name, 1), stage.running(normal, 1)])
  assert.equal(await stage.cluster.members.at(-1)?.stop(), 0)
  await hasReached(name, 'stop', false)
  await stage.cluster.add('sluice')
  await Promise.all([stage.running(name, 1), sendsAndCommits(normal)])
  await stage.remove(normal, name)
})

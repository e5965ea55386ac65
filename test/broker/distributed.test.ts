// Goal: three of our workers are one cluster to whoever calls any of them: connectors and tasks spread, requests reach who must answer, states
// and offsets agree everywhere, and nothing is lost when a worker is killed or stopped. Method: real worker processes on the real
// broker, watched through REST and files.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import { ConnectCluster, type Member } from '../support/connect-cluster.ts'
import { append, missing } from '../support/line-files.ts'
import { createTopic, endOffsets, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'

let kafka: Broker
const folder = mkdtempSync(join(tmpdir(), 'sluice-distributed-'))
const worker = {
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'offset.flush.interval.ms': '200',
  'session.timeout.ms': '6000',
  'heartbeat.interval.ms': '1000',
}
const SINK_TASKS = 4

before(async () => {
  kafka = await broker()
})

after(async () => {
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('three workers', () => {
  let cluster: ConnectCluster
  const topic = uniqueName('lines')
  const input = join(folder, 'input.txt')
  const output = join(folder, 'output.txt')
  const source = { 'connector.class': 'FileStreamSource', file: input, topic }
  const sink = { 'connector.class': 'FileStreamSink', file: output, topics: topic, 'tasks.max': String(SINK_TASKS) }

  before(async () => {
    await createTopic(kafka.bootstrap, topic, { partitions: SINK_TASKS })
    cluster = new ConnectCluster({ bootstrap: kafka.bootstrap, worker })
    await Promise.all([cluster.add('sluice'), cluster.add('sluice'), cluster.add('sluice')])
    append(input, 0, 100)
  })

  after(() => cluster?.stop())

  const everywhere = <T>(ask: (member: Member) => Promise<T>) => Promise.all(cluster.members.filter(m => m.running()).map(ask))

  it('take connectors from any of them; tasks run on several and lines flow', async () => {
    for (const [i, [name, config]] of Object.entries({ in: source, out: sink }).entries()) {
      const member = cluster.members[i] as Member
      const { status, body } = await until(async () => {
        const answer = await member.rest(`/connectors`, { method: 'POST', body: { name, config } })
        return answer.status === 409 ? null : answer
      })
      assert.equal(status, 201, JSON.stringify(body))
    }
    const { tasks } = await cluster.running('out', SINK_TASKS)
    await cluster.running('in', 1)
    assert.ok(new Set(tasks.map(({ worker_id }) => worker_id)).size > 1, 'all tasks on one worker')
    await until(() => missing(output, 100).length === 0)
  })

  it('give the same answers', async () => {
    for (const path of ['/connectors/in', '/connectors/out/tasks', '/connectors/out/status', '/connectors/out/topics']) {
      const [first, ...others] = await everywhere(member => member.rest(path))
      for (const other of others) assert.deepEqual(other, first, path)
    }
  })

  it('tell of a connector in the metrics of the one that has it only, whoever has its tasks', async () => {
    const { connector, tasks } = await cluster.running('out', SINK_TASKS)
    assert.ok(tasks.some(({ worker_id }) => worker_id !== connector.worker_id))
    for (const { workerId, text } of await everywhere(async member => ({
      workerId: member.workerId,
      text: String((await member.rest('/metrics')).body),
    }))) {
      const isTold = text.includes('connector_metrics_status{connector="out",status="running"} 1')
      assert.equal(isTold, workerId === connector.worker_id, workerId)
    }
  })

  it('send on what another one must answer: restarts, pause, offsets, config', async () => {
    for (const member of cluster.members) {
      const ask = (path: string, method: string, body?: unknown) =>
        until(async () => {
          const answer = await member.rest(path, { method, ...(body === undefined ? {} : { body }) })
          return answer.status === 409 ? null : answer
        })
      for (let task = 0; task < SINK_TASKS; task++)
        assert.equal((await ask(`/connectors/out/tasks/${task}/restart`, 'POST')).status, 204)
      assert.equal((await ask('/connectors/in/restart', 'POST')).status, 204)
      const { status, body } = await ask('/connectors/out/restart?includeTasks=true', 'POST')
      assert.equal(status, 202)
      assert.ok((body as { tasks: { state: string }[] }).tasks.every(({ state }) => state === 'RESTARTING'))
      await cluster.running('out', SINK_TASKS)
      assert.equal((await ask('/connectors/in/pause', 'PUT')).status, 202)
      await cluster.running('in', 1, 'PAUSED')
      assert.equal((await ask('/connectors/in/resume', 'PUT')).status, 202)
      await cluster.running('in', 1)
    }
  })

  it('make tasks anew that the late commit of a former leader has taken away', async () => {
    await cluster.running('out', SINK_TASKS)
    // A leader that stood still between the task configs and their commit: others have committed what it wrote, and its own finds none.
    const commit = { key: Buffer.from('commit-out'), value: Buffer.from(`{"tasks":${SINK_TASKS}}`) }
    const [end = 0] = await endOffsets(kafka.bootstrap, `${cluster.group}-configs`)
    await produce(kafka.bootstrap, `${cluster.group}-configs`, [commit])
    // That commit, the task configs anew, their commit.
    await until(async () => ((await endOffsets(kafka.bootstrap, `${cluster.group}-configs`))[0] ?? 0) >= end + SINK_TASKS + 2)
    await cluster.running('out', SINK_TASKS)
  })

  it('change offsets of a stopped connector, asked of any', async () => {
    for (const [i, member] of cluster.members.entries()) {
      assert.equal((await member.rest('/connectors/in/stop', { method: 'PUT' })).status, 204)
      const offset = { partition: { filename: input }, offset: { position: 0 } }
      const changed = await until(async () => {
        const answer = await member.rest('/connectors/in/offsets', { method: 'PATCH', body: { offsets: [offset] } })
        // Until all tasks are gone; 409 while the group is told.
        return answer.status === 200 ? answer : null
      })
      assert.match((changed.body as { message: string }).message, /altered successfully/)
      for (const { body } of await everywhere(one => one.rest('/connectors/in/offsets')))
        assert.deepEqual(body, { offsets: [offset] })
      assert.equal((await member.rest('/connectors/in/resume', { method: 'PUT' })).status, 202)
      await cluster.running('in', 1)
      append(input, 100 + i * 10, 110 + i * 10)
      await until(() => missing(output, 110 + i * 10).length === 0)
    }
  })

  it('take over the work of one that is killed, and of one that stops; nothing is lost', async () => {
    const { tasks } = await cluster.running('out', SINK_TASKS)
    const victim = cluster.members.find(({ workerId }) => workerId === tasks[0]?.worker_id) as Member
    append(input, 130, 200)
    await victim.kill()
    await cluster.running('out', SINK_TASKS)
    await cluster.running('in', 1)
    append(input, 200, 300)
    await until(() => missing(output, 300).length === 0)
    const leaving = cluster.members.find(member => member.running()) as Member
    assert.equal(await leaving.stop(), 0)
    await cluster.running('out', SINK_TASKS)
    await cluster.running('in', 1)
    append(input, 300, 400)
    await until(() => missing(output, 400).length === 0)
  })

  it('refuse requests between workers that are not signed', async () => {
    const member = cluster.members.find(one => one.running()) as Member
    const { status, body } = await member.rest('/connectors/out/tasks', { method: 'POST', body: [] })
    assert.deepEqual([status, body], [400, { error_code: 400, message: 'Internal request missing required signature' }])
    await cluster.running('out', SINK_TASKS)
  })

  it("log what the command line does under the name of Java's", () => {
    for (const member of cluster.members) {
      const started = member
        .logs()
        .split('\n')
        .find(line => line.includes('Kafka Connect started'))
      assert.equal((JSON.parse(started ?? '{}') as { logger?: string }).logger, 'org.apache.kafka.connect.cli.ConnectDistributed')
      assert.doesNotMatch(member.logs(), /ConnectStandalone/)
    }
  })

  it('forget a deleted connector, its status too', async () => {
    for (const name of ['in', 'out']) {
      await until(async () => (await cluster.rest(`/connectors/${name}`, 'DELETE')).status === 204)
      await until(async () => (await cluster.rest(`/connectors/${name}/status`)).status === 404)
    }
  })
})

describe('two workers on their way to exactly-once sources', () => {
  let cluster: ConnectCluster
  const topic = uniqueName('lines')

  before(async () => {
    await createTopic(kafka.bootstrap, topic)
    cluster = new ConnectCluster({
      bootstrap: kafka.bootstrap,
      worker: { ...worker, 'exactly.once.source.support': 'preparing' },
    })
    await cluster.add('sluice')
    await cluster.add('sluice')
  })

  after(() => cluster?.stop())

  it('write configs in transactions, whose markers do not keep the group from agreeing; the next leader takes the right over', async () => {
    const sink = (file: string) => ({ 'connector.class': 'FileStreamSink', file: join(folder, file), topics: topic })
    await cluster.put('t', { ...sink('t.out'), 'tasks.max': '2' })
    await cluster.running('t', 2)
    for (const tasks of [1, 2]) {
      await cluster.put('t', { ...sink('t.out'), 'tasks.max': String(tasks) })
      await cluster.running('t', tasks)
    }
    await cluster.members[0]?.kill()
    await cluster.put('u', sink('u.out'))
    await cluster.running('u', 1)
    await cluster.running('t', 2)
  })
})

describe('a group that the broker has forgotten, all its workers having been away', () => {
  it('begins with low generations; what a task failed of is seen all the same', async t => {
    // A task that comes back by itself would say RESTARTING on the way.
    const cluster = new ConnectCluster({ bootstrap: kafka.bootstrap, worker: { ...worker, 'task.restart.enable': 'false' } })
    t.after(() => cluster.stop())
    const left = async (kind: string, records: Record<string, object>) => {
      const topic = `${cluster.group}-${kind}`
      await createTopic(kafka.bootstrap, topic, { config: { 'cleanup.policy': 'compact' } })
      const written = Object.entries(records).map(([key, value]) => ({ key, value: JSON.stringify(value) }))
      await produce(kafka.bootstrap, topic, written)
    }
    // There is no such folder any more: the task fails before it has ever been RUNNING.
    const file = join(folder, 'nowhere', 'out.txt')
    const properties = { 'connector.class': 'FileStreamSink', file, topics: uniqueName('lines'), name: 'late' }
    await left('configs', { 'connector-late': { properties }, 'task-late-0': { properties }, 'commit-late': { tasks: 1 } })
    const status = { state: 'RUNNING', trace: null, worker_id: 'gone:8083', generation: 57, version: '1' }
    await left('status', { 'status-task-late-0': status })
    const { workerId } = await cluster.add('sluice')
    const task = await until(async () => (await cluster.status('late'))?.tasks.find(({ state }) => state === 'FAILED'))
    assert.equal(task.worker_id, workerId)
  })
})

describe('a worker that cannot be of a cluster', () => {
  it('ends with 2 and says which topic is not compacted', async () => {
    const cluster = new ConnectCluster({ bootstrap: kafka.bootstrap })
    await createTopic(kafka.bootstrap, `${cluster.group}-configs`, { partitions: 1 })
    await assert.rejects(cluster.add('sluice'), /ended with 2[\s\S]*config\.storage\.topic[\s\S]*cleanup\.policy/)
  })
})

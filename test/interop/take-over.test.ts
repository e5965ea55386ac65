// Goal: our workers go on where a Java cluster stopped, and Java where ours stopped; and Java workers are replaced one by one under load
// without losing a record. Method: real processes of both on one set of topics; states, configs and offsets by REST before and after, records
// by what the sinks wrote.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import { ConnectCluster, type Kind, type Member, type StateInfo } from '../support/connect-cluster.ts'
import { append, linesOf, missing } from '../support/line-files.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'

const SOURCE = 'org.apache.kafka.connect.file.FileStreamSourceConnector'
const SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector'
const worker = {
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'offset.flush.interval.ms': '500',
  'session.timeout.ms': '6000',
  'heartbeat.interval.ms': '1000',
  // a failed task stays failed, as in Java
  'task.restart.enable': 'false',
}

let kafka: Broker
const folder = mkdtempSync(join(tmpdir(), 'sluice-take-over-'))
const clusters: ConnectCluster[] = []

before(async () => {
  kafka = await broker()
})

after(async () => {
  await Promise.all(clusters.map(cluster => cluster.stop()))
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** What must be the same whoever runs the cluster. */
async function picture(cluster: ConnectCluster, names: readonly string[]) {
  const entries = names.map(async name => {
    const { connector, tasks } = (await cluster.status(name)) as StateInfo
    const [config, taskConfigs, offsets] = await Promise.all(
      ['config', 'tasks', 'offsets'].map(async path => (await cluster.rest(`/connectors/${name}/${path}`)).body),
    )
    // Of a group they come in the order of its hash table. The start of a partition without records is a commit of ours and none of Java's.
    const known = (offsets as { offsets: { partition: object; offset: { kafka_offset?: number } }[] }).offsets
      .filter(({ offset }) => offset.kafka_offset !== 0)
      .map(({ partition, offset }) => JSON.stringify([Object.entries(partition).sort(), offset]))
      .sort()
    return [
      name,
      { state: connector.state, tasks: tasks.map(({ state }) => state), config, taskConfigs, offsets: known },
    ] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

async function replaced(cluster: ConnectCluster, leaving: Member, kind: Kind): Promise<Member> {
  await leaving.stop()
  return cluster.add(kind)
}

it('Java to ours and back: running, paused, stopped and failed connectors, their configs and offsets', async () => {
  const cluster = new ConnectCluster({ bootstrap: kafka.bootstrap, worker })
  clusters.push(cluster)
  const topic = uniqueName('lines')
  const input = join(folder, 'in')
  const output = join(folder, 'out')
  await createTopic(kafka.bootstrap, topic, { partitions: 2 })
  let lines = 100
  append(input, 0, lines)
  const first = await cluster.add('java')
  const sink = { 'connector.class': SINK, topics: topic }
  await cluster.put('running-in', { 'connector.class': SOURCE, file: input, topic, 'tasks.max': '1' })
  await cluster.put('running-out', { ...sink, file: output, 'tasks.max': '2' })
  await cluster.put('paused', { ...sink, file: join(folder, 'paused'), 'tasks.max': '2' })
  await cluster.put('stopped', { ...sink, file: join(folder, 'stopped') })
  // its value is no JSON: the task fails
  await cluster.put('failed', {
    ...sink,
    file: join(folder, 'failed'),
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  })
  const names = ['running-in', 'running-out', 'paused', 'stopped', 'failed']
  await cluster.running('running-in', 1)
  await cluster.running('running-out', 2)
  await cluster.running('paused', 2)
  await cluster.running('stopped', 1)
  await until(() => missing(output, 100).length === 0)
  await cluster.rest('/connectors/paused/pause', 'PUT')
  await until(async () => (await cluster.rest('/connectors/stopped/stop', 'PUT')).status === 204)
  const isSettled = async () => {
    const paused = await cluster.status('paused')
    const stopped = await cluster.status('stopped')
    const failed = await cluster.status('failed')
    return (
      paused?.tasks.length === 2 &&
      [paused.connector, ...paused.tasks].every(({ state }) => state === 'PAUSED') &&
      stopped?.connector.state === 'STOPPED' &&
      stopped.tasks.length === 0 &&
      failed?.connector.state === 'RUNNING' &&
      failed.tasks[0]?.state === 'FAILED'
    )
  }
  await until(isSettled)
  const isCommitted = async (count: number) => {
    const offsetsOf = async (name: string) => {
      type Answer = { offsets: { offset: { kafka_offset?: number; position?: number } }[] }
      return (await cluster.rest<Answer>(`/connectors/${name}/offsets`)).body.offsets.map(({ offset }) => offset)
    }
    // Each commits by a clock of its own: the sink may be ahead of the source.
    const [source] = await offsetsOf('running-in')
    const written = (await offsetsOf('running-out')).reduce((sum, { kafka_offset = 0 }) => sum + kafka_offset, 0)
    return source?.position === statSync(input).size && written === count
  }
  await until(() => isCommitted(lines))
  const before = await picture(cluster, names)
  let member = first
  for (const kind of ['sluice', 'java'] as const) {
    member = await replaced(cluster, member, kind)
    await cluster.running('running-in', 1)
    await cluster.running('running-out', 2)
    await until(isSettled)
    assert.deepEqual(await picture(cluster, names), before, `after ${kind} took over`)
    append(input, lines, lines + 100)
    lines += 100
    await until(() => missing(output, lines).length === 0)
    // What was written before the take-over is not written again.
    assert.equal(linesOf(output).length, lines)
    if (kind === 'java') break
    // Offsets have grown by what came in: the next picture is taken of these.
    await until(async () => {
      if (!(await isCommitted(lines))) return false
      Object.assign(before, await picture(cluster, names))
      return true
    })
  }
})

it('three Java workers replaced one by one under load: no record lost', async context => {
  const cluster = new ConnectCluster({ bootstrap: kafka.bootstrap, worker })
  clusters.push(cluster)
  const topic = uniqueName('load')
  const input = join(folder, 'load.in')
  const output = join(folder, 'load.out')
  await createTopic(kafka.bootstrap, topic, { partitions: 3 })
  await Promise.all([cluster.add('java'), cluster.add('java'), cluster.add('java')])
  await cluster.put('in', { 'connector.class': SOURCE, file: input, topic, 'tasks.max': '1' })
  await cluster.put('out', { 'connector.class': SINK, file: output, topics: topic, 'tasks.max': '3' })
  append(input, 0, 100)
  await cluster.running('in', 1)
  await cluster.running('out', 3)
  let lines = 100
  let isDone = false
  let grewAtMs = performance.now()
  let seen = 0
  let gapMs = 0
  const load = until(() => {
    append(input, lines, lines + 20)
    lines += 20
    const now = linesOf(output).length
    if (now > seen) {
      gapMs = Math.max(gapMs, performance.now() - grewAtMs)
      grewAtMs = performance.now()
      seen = now
    }
    return isDone
  }, 50)
  for (const leaving of [...cluster.members]) {
    gapMs = 0
    const before = seen
    await replaced(cluster, leaving, 'sluice')
    await cluster.running('in', 1)
    await cluster.running('out', 3)
    // What is RUNNING may still be on its way to its first record; the silence until then is this step's.
    const then = lines
    await until(() => seen > before && seen >= then)
    context.diagnostic(`${leaving.workerId} replaced; the longest time without progress: ${Math.round(gapMs)} ms`)
  }
  isDone = true
  await load
  await until(() => missing(output, lines).length === 0)
})

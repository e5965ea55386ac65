// Goal: adding, changing and deleting one connector interrupts nobody else's tasks. Method: 20 connectors with 5 tasks each on three workers,
// records coming all the while; every task's count of records is sampled over REST. No count may begin anew or go away, which is how a
// task that was stopped would show; the largest time between two samples in which a count grew is printed.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Broker, broker } from '../support/broker.ts'
import { ConnectCluster, type Member } from '../support/connect-cluster.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'

// The names are those of consumer groups, on a broker that other tests use.
const MORE = 'one-more'
const CONNECTORS = 20
const TASKS = 5
const SAMPLE_MS = 250
/** Between records of a partition; a hundred tasks that take each at once leave two cores time for more. */
const FEED_MS = 200
/** Samples before, and after everything is done. */
const QUIET_SAMPLES = 12

const folder = mkdtempSync(join(tmpdir(), 'sluice-zero-effect-'))
const topic = uniqueName('lines')
let kafka: Broker
let cluster: ConnectCluster

before(async () => {
  kafka = await broker()
  await createTopic(kafka.bootstrap, topic, { partitions: TASKS })
  const worker = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' }
  cluster = new ConnectCluster({ bootstrap: kafka.bootstrap, worker })
  await Promise.all([cluster.add('sluice'), cluster.add('sluice'), cluster.add('sluice')])
})

after(async () => {
  await cluster?.stop()
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const sink = (name: string, tasks = TASKS) => ({
  'connector.class': 'FileStreamSink',
  file: join(folder, name),
  topics: topic,
  'tasks.max': String(tasks),
})

/** `worker connector-task` -> records put so far */
async function counts(members: readonly Member[]): Promise<Map<string, number>> {
  const texts = await Promise.all(members.map(member => member.rest<string>('/metrics')))
  const found = new Map<string, number>()
  for (const [i, { body }] of texts.entries())
    for (const [, connector, task, count] of body.matchAll(
      /^kafka_connect_sink_task_metrics_sink_record_send_total\{connector="([^"]+)",task="(\d+)"\} (\d+)$/gm,
    ))
      found.set(`${members[i]?.workerId} ${connector}-${task}`, Number(count))
  return found
}

/** For a failure: what a worker heard of its group, and its warnings. */
function roundsOf(member: Member): string {
  const lines = member.logs().split('\n')
  const told = lines.filter(line => line.includes('WorkerCoordinator') || /"level":[456]0/.test(line))
  return [`${member.workerId}:`, ...told.slice(-60)].join('\n')
}

it('one connector more, changed and less: the tasks of 20 others never stop', async context => {
  const names = Array.from({ length: CONNECTORS }, (_, i) => `others-${i}`)
  for (const name of names) await cluster.put(name, sink(name))
  await Promise.all(names.map(name => cluster.running(name, TASKS)))
  const done = new AbortController()
  let hasPassed = false
  context.after(() => {
    // Else it would feed on, and the run of all tests wait for it.
    done.abort()
    if (!hasPassed) for (const member of cluster.members) context.diagnostic(roundsOf(member))
  })
  const feeding = (async () => {
    for (let n = 0; !done.signal.aborted; n++) {
      const records = Array.from({ length: TASKS }, (_, partition) => ({ partition, value: `line ${n}` }))
      await produce(kafka.bootstrap, topic, records)
      await delay(FEED_MS)
    }
  })()
  const ofOthers = (all: Map<string, number>) => new Map([...all].filter(([key]) => !key.includes(` ${MORE}-`)))
  const first = await until(async () => {
    const found = await counts(cluster.members)
    return found.size === CONNECTORS * TASKS && [...found.values()].every(count => count > 0) ? found : null
  })
  let isWorking = true
  const work = (async () => {
    await cluster.put(MORE, sink(MORE))
    await cluster.running(MORE, TASKS)
    await cluster.put(MORE, sink(MORE, 2))
    await cluster.running(MORE, 2)
    await until(async () => (await cluster.rest(`/connectors/${MORE}`, 'DELETE')).status === 204)
    await until(async () => (await cluster.rest(`/connectors/${MORE}/status`)).status === 404)
  })().finally(() => (isWorking = false))
  let before = first
  const grewAtMs = new Map([...first.keys()].map(key => [key, performance.now()]))
  let largestGapMs = 0
  let samples = 0
  let quiet = 0
  await until(async () => {
    const now = ofOthers(await counts(cluster.members))
    assert.deepEqual([...now.keys()].sort(), [...first.keys()].sort(), 'a task is gone from its worker, or came to another')
    for (const [key, count] of now) {
      const earlier = before.get(key) ?? 0
      assert.ok(count >= earlier, `${key} was started anew`)
      if (count === earlier) continue
      largestGapMs = Math.max(largestGapMs, performance.now() - (grewAtMs.get(key) ?? 0))
      grewAtMs.set(key, performance.now())
    }
    before = now
    samples++
    if (!isWorking) quiet++
    return quiet >= QUIET_SAMPLES
  }, SAMPLE_MS)
  done.abort()
  await Promise.all([work, feeding])
  for (const [key, count] of before) assert.ok(count > (first.get(key) ?? 0), `${key} got no record`)
  hasPassed = true
  context.diagnostic(`${samples} samples; the longest that a task was seen without a new record: ${Math.round(largestGapMs)} ms`)
})

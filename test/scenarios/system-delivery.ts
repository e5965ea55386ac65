// Verifiable connectors over bounces of their workers, and what of their records must be where in the end. Main thread of a test file.
import assert from 'node:assert/strict'
import { type ReadRecord, readTopic } from '../broker/producer-parts.ts'
import type { Member } from '../support/connect-cluster.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { type SystemCluster, seqnosOf, TOOLS, untilMore } from './system-cluster.ts'

/** Of the source and of the sink. */
export const TASKS = 3
/** Records a second of each of the source's tasks. */
const THROUGHPUT = '50'
/** That each task must get done before the next worker is bounced. */
const PROGRESS = 20
const ids = Array.from({ length: TASKS }, (_, task) => task)

export interface Flow {
  readonly source: string
  /** null where nobody reads */
  readonly sink: string | null
  readonly topic: string
}

/** A source, and a sink that reads what it writes if wanted; resolves when they are at work. */
export async function startFlow(cluster: SystemCluster, bootstrap: string, { hasSink }: { hasSink: boolean }): Promise<Flow> {
  const topic = uniqueName('verifiable')
  const flow = { topic, source: `${topic}-source`, sink: hasSink ? `${topic}-sink` : null }
  await createTopic(bootstrap, topic, { partitions: TASKS })
  await cluster.put(flow.source, {
    'connector.class': `${TOOLS}VerifiableSourceConnector`,
    'tasks.max': String(TASKS),
    throughput: THROUGHPUT,
    topic,
  })
  if (flow.sink !== null)
    await cluster.put(flow.sink, {
      'connector.class': `${TOOLS}VerifiableSinkConnector`,
      'tasks.max': String(TASKS),
      topics: topic,
    })
  await cluster.running(flow.source, TASKS)
  await untilProgress(cluster, flow)
  return flow
}

/** Waits until every task has written more, and all of it has been read on. */
export async function untilProgress(cluster: SystemCluster, { source, sink }: Flow): Promise<void> {
  await Promise.all([
    untilMore(() => cluster.committed(source), TASKS, PROGRESS),
    ...(sink === null ? [] : [untilMore(() => cluster.flushed(sink), TASKS, PROGRESS)]),
  ])
}

/** Bounces every worker that is there, beginning with number `first`; `recover` is waited for after each. */
export async function bounceAll(
  cluster: SystemCluster,
  isClean: boolean,
  first: number,
  recover: () => Promise<void>,
): Promise<void> {
  const all = cluster.live()
  const order: Member[] = [...all.slice(first), ...all.slice(0, first)]
  for (const member of order) {
    await cluster.bounce(member, isClean)
    await recover()
  }
}

/** Stops the source, and gives what is in the topic once nothing is added any more. */
export async function drained(
  cluster: SystemCluster,
  bootstrap: string,
  { source, topic }: Flow,
  isolation: 'read_committed' | 'read_uncommitted',
): Promise<ReadRecord[]> {
  await cluster.tell('PUT', `/connectors/${source}/stop`)
  await cluster.everywhere(source, 0, 'STOPPED')
  let count = -1
  return until(async () => {
    const records = await readTopic(bootstrap, topic, isolation)
    const isQuiet = records.length === count
    count = records.length
    return isQuiet ? records : null
  }, 1000)
}

/** None of [0, max] is missing. */
export function assertNoneMissing(seqnos: readonly number[], what: string): void {
  const there = new Set(seqnos)
  const max = seqnos.reduce((a, b) => Math.max(a, b), -1)
  const missing = Array.from({ length: max + 1 }, (_, i) => i).filter(seqno => !there.has(seqno))
  assert.ok(max >= 0, `${what}: nothing`)
  assert.deepEqual(missing, [], `${what}: missing`)
}

export function assertNoneTwice(seqnos: readonly number[], what: string): void {
  const once = new Set<number>()
  assert.deepEqual(
    seqnos.filter(seqno => once.size === once.add(seqno).size),
    [],
    `${what}: more than once`,
  )
}

/** Whether all of `some` are among `all`. */
function isWithin(some: readonly number[], all: readonly number[]): boolean {
  const known = new Set(all)
  return some.every(seqno => known.has(seqno))
}

/** What JsonConverter with schemas has written. */
const payloadOf = (json: string | null) => (JSON.parse(json ?? 'null') as { payload: number }).payload

/** Seqnos of one task, in the order of the topic: its records have the task's number as their key. */
export function seqnosIn(records: readonly ReadRecord[], task: number): number[] {
  return records.flatMap(({ key, value }) => (payloadOf(key) === task ? [payloadOf(value)] : []))
}

/**
 * Source and sink over three bounces: nothing is lost anywhere, and nothing is there twice after clean ones.
 * @throws AssertionError naming task and seqnos
 */
export async function bounceScenario(cluster: SystemCluster, bootstrap: string, isClean: boolean): Promise<void> {
  const flow = await startFlow(cluster, bootstrap, { hasSink: true })
  const { source, sink } = flow
  if (sink === null) throw new Error('the flow has no sink')
  await bounceAll(cluster, isClean, 1, () => untilProgress(cluster, flow))
  await cluster.everywhere(source, TASKS)
  await cluster.everywhere(sink, TASKS)
  const records = await drained(cluster, bootstrap, flow, 'read_uncommitted')
  await until(() => {
    const flushed = cluster.flushed(sink)
    return ids.every(task => isWithin(seqnosIn(records, task), seqnosOf(flushed, task)))
  }, 300)
  const [committed, flushed] = [cluster.committed(source), cluster.flushed(sink)]
  for (const task of ids) {
    const parts = {
      [`the source's task ${task}`]: seqnosOf(committed, task),
      [`the topic, of task ${task}`]: seqnosIn(records, task),
      [`the sink, of task ${task}`]: seqnosOf(flushed, task),
    }
    for (const [what, seqnos] of Object.entries(parts)) {
      assertNoneMissing(seqnos, what)
      if (isClean) assertNoneTwice(seqnos, what)
    }
    // nothing is acknowledged that is not there, nothing read that was not written
    const inTopic = seqnosIn(records, task)
    assert.ok(isWithin(seqnosOf(committed, task), inTopic), `task ${task}: acknowledged, and not in the topic`)
    assert.ok(isWithin(seqnosOf(flushed, task), inTopic), `task ${task}: read, and not in the topic`)
  }
  for (const name of [source, sink]) await cluster.tell('DELETE', `/connectors/${name}`)
}

/**
 * A source alone over six bounces, of which the last three leave no time to recover: each record once and in its order, for readers of what is
 * committed.
 */
export async function exactlyOnceScenario(cluster: SystemCluster, bootstrap: string, isClean: boolean): Promise<void> {
  const flow = await startFlow(cluster, bootstrap, { hasSink: false })
  await bounceAll(cluster, isClean, 0, () => untilProgress(cluster, flow))
  await bounceAll(cluster, isClean, 1, async () => {})
  // a fencing request may have gone to a leader that was bounced: Java's test asks for this, too
  await cluster.tell('POST', `/connectors/${flow.source}/restart?onlyFailed=true&includeTasks=true`)
  await cluster.everywhere(flow.source, TASKS)
  await untilProgress(cluster, flow)
  const records = await drained(cluster, bootstrap, flow, 'read_committed')
  for (const task of ids) {
    const seqnos = seqnosIn(records, task)
    assertNoneMissing(seqnos, `task ${task}`)
    assertNoneTwice(seqnos, `task ${task}`)
    assert.deepEqual(
      seqnos,
      seqnos.toSorted((a, b) => a - b),
      `task ${task}: out of order`,
    )
  }
  await cluster.tell('DELETE', `/connectors/${flow.source}`)
}

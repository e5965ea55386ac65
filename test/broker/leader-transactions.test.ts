// Goal: with exactly.once.source.support on, leaders of either kind write configs in transactions in turn; each takes over what the one before
// left. Method: one group, one leader after the other: Java's, then ours; each writes a connector, and changes its predecessor's.
// Main thread of a test file.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { broker } from '../support/broker.ts'
import { ConnectCluster, type Kind, type Member } from '../support/connect-cluster.ts'
import { createTopic, endOffsets, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { readTopic } from './producer-parts.ts'

const worker = {
  'exactly.once.source.support': 'preparing',
  'scheduled.rebalance.max.delay.ms': '0',
  'session.timeout.ms': '6000',
  'heartbeat.interval.ms': '1000',
}

/** The last offset is a transaction's marker, which is no record. */
async function endsWithMarker(bootstrap: string, topic: string): Promise<boolean> {
  const [end = 0] = await endOffsets(bootstrap, topic)
  const records = await readTopic(bootstrap, topic)
  return records.at(-1)?.offset === end - 2
}

test('leaders of both kinds write in transactions, one after the other', async t => {
  const kafka = await broker()
  const folder = mkdtempSync(join(tmpdir(), 'sluice-leaders-'))
  const cluster = new ConnectCluster({ bootstrap: kafka.bootstrap, worker })
  t.after(async () => {
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const topics = uniqueName('lines')
  await createTopic(kafka.bootstrap, topics, { partitions: 2 })
  const sink = (file: string) => ({ 'connector.class': 'FileStreamSink', topics, file: join(folder, file), 'tasks.max': '2' })

  let leader: Member | null = null
  const kinds: readonly Kind[] = ['java', 'sluice']
  for (const [turn, kind] of kinds.entries()) {
    const next = await cluster.add(kind)
    await leader?.kill()
    leader = next
    await cluster.put(`made-${turn}`, sink(`made-${turn}`), leader)
    await cluster.running(`made-${turn}`, 2)
    await until(() => endsWithMarker(kafka.bootstrap, `${cluster.group}-configs`))
    if (turn === 0) continue
    // of the leader before: its tasks are written again, in a transaction of this one
    await cluster.put(`made-${turn - 1}`, { ...sink('changed'), 'tasks.max': '1' }, leader)
    await cluster.running(`made-${turn - 1}`, 1)
  }
  const { body } = await cluster.rest<string[]>('/connectors')
  assert.deepEqual(body.sort(), ['made-0', 'made-1'])
})

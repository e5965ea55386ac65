// Goal: a sink that takes a second a batch slows its own fetching and nothing else: memory does not grow with what waits in the topic.
// Method: the worker's RSS is read before the topic has data and twice a second for a minute while it holds 1 GB; JSON records of 1 KB, so
// that converted records weigh several times their bytes. A second connector on another topic must go on meanwhile.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { broker } from '../support/broker.ts'
import { create, metric, status, untilTasks } from '../support/connectors.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker } from '../support/worker.ts'

const RECORDS = 1_000_000
const WATCH_MS = 60_000
const GROWTH_BYTES_MAX = 100 * 1024 * 1024
const PLUGINS = fileURLToPath(new URL('../support/plugins', import.meta.url))

/** Resident bytes of a process, from the kernel. */
function residentBytes(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) * 1024
}

const mib = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(0)} MiB`

test('memory stays within 100 MB of idle while a slow sink faces 1 GB, and another connector goes on', async t => {
  const kafka = await broker()
  const topic = uniqueName('big')
  await createTopic(kafka.bootstrap, topic, { partitions: 4 })
  const worker = await startWorker({ bootstrap: kafka.bootstrap, worker: { 'plugin.path': PLUGINS } })
  try {
    const other = uniqueName('other')
    const otherFile = join(worker.folder, 'other.txt')
    await create(worker, 'generator', { 'connector.class': 'GeneratorSource', topic: other, messages: '-1', 'sleep.ms': '20' })
    await create(worker, 'other', { 'connector.class': 'FileStreamSink', topics: other, file: otherFile })
    await create(worker, 'slow', { 'connector.class': 'SlowSink', topics: topic, 'sleep.ms': '1000' })
    await untilTasks(worker, 'slow', 'RUNNING')
    const otherBytes = () => (existsSync(otherFile) ? statSync(otherFile).size : 0)
    await until(() => otherBytes() > 0)
    await delay(5_000)
    const idle = residentBytes(worker.pid)

    const text = 'x'.repeat(900)
    const records = function* () {
      for (let i = 0; i < RECORDS; i++) {
        yield {
          key: null,
          value: `{"id":${i},"name":"name-${i}","amount":${i}.25,"active":true,"text":"${text}"}`,
          partition: i % 4,
        }
      }
    }
    await produce(kafka.bootstrap, topic, records())
    const sent = () => metric(worker, 'kafka_connect_sink_task_metrics_sink_record_send_total', { connector: 'slow' })
    await until(async () => (await sent()) > 0)
    const [sentBefore, otherBefore] = [await sent(), otherBytes()]
    let peak = 0
    for (const endMs = performance.now() + WATCH_MS; performance.now() < endMs; await delay(500))
      peak = Math.max(peak, residentBytes(worker.pid))
    t.diagnostic(
      `idle ${mib(idle)}, peak ${mib(peak)} over ${WATCH_MS / 1000} s; the slow sink took ${(await sent()) - sentBefore} records`,
    )
    assert.ok(peak - idle < GROWTH_BYTES_MAX, `RSS grew from ${mib(idle)} to ${mib(peak)}`)
    assert.ok((await sent()) > sentBefore)
    assert.ok(otherBytes() > otherBefore)
    assert.equal((await status(worker, 'slow'))?.tasks[0]?.state, 'RUNNING')
  } finally {
    await worker.stop()
    await kafka.stop()
  }
})

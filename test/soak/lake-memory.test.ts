// Goal: a lake sink whose files would never be full stays within its memory, with 1 GB behind a small budget and with the default one; it loses
// nothing. Method: the worker's RSS twice a second until the lake has all records; values of 900 bytes of which no two are the same, so that
// dictionaries and compression keep nothing small.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { prng } from '../../src/base/prng.ts'
import { broker } from '../support/broker.ts'
import { metric, status, untilTasks } from '../support/connectors.ts'
import { duckRows } from '../support/parquet-reading.ts'
import { createTopic, produce, uniqueName } from '../support/topics.ts'
import { startWorker } from '../support/worker.ts'

const MB = 1_000_000
/** What may come on top: JS heap, answers on their way, fetched bytes that wait for the garbage collector, an upload. */
const BESIDES_BYTES = 160 * MB
/** The batch that reaches a limit passes it. */
const OVERSHOOT = 1.05
const RECORDS = 1_150_000
const BUDGETS = [
  { bytes: 24 * MB, total: 24 * MB },
  { bytes: null, total: 64 * 1024 * 1024 },
]

/** Resident bytes of a process, from the kernel. */
function residentBytes(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib) * 1024
}

function* records() {
  const random = prng(3)
  const text = Buffer.alloc(840)
  for (let i = 0; i < RECORDS; i++) {
    for (let at = 0; at < text.length; at++) text[at] = 97 + Math.floor(random() * 26)
    yield { key: null, value: `{"id":${i},"text":"${text.toString('latin1')}"}`, partition: i % 4 }
  }
}

test('a lake sink with a flush.size that is never met takes 1 GB within its budget', async t => {
  const kafka = await broker()
  const topic = uniqueName('big')
  await createTopic(kafka.bootstrap, topic, { partitions: 4 })
  await produce(kafka.bootstrap, topic, records())
  try {
    for (const { bytes, total } of BUDGETS) {
      const budget: Record<string, string> = bytes === null ? {} : { 'task.buffer.memory.bytes': String(bytes) }
      const worker = await startWorker({
        bootstrap: kafka.bootstrap,
        worker: { ...budget, 'value.converter.schemas.enable': 'false', 'offset.flush.interval.ms': '2000' },
      })
      try {
        const name = uniqueName('lake')
        const lake = join(worker.folder, 'lake')
        const config = {
          'connector.class': 'LakeSink',
          topics: topic,
          'store.url': lake,
          'format.class': 'parquet',
          'flush.size': '2000000000',
          'consumer.override.auto.offset.reset': 'earliest',
        }
        await worker.rest('/connectors', { method: 'POST', body: { name, config, initial_state: 'PAUSED' } })
        await untilTasks(worker, name, 'PAUSED')
        await delay(2_000)
        const idle = residentBytes(worker.pid)
        await worker.rest(`/connectors/${name}/resume`, { method: 'PUT' })
        await untilTasks(worker, name, 'RUNNING')
        const own = (gauge: string) => metric(worker, `kafka_connect_sluice_${gauge}`, { connector: name })
        const sent = () => metric(worker, 'kafka_connect_sink_task_metrics_sink_record_send_total', { connector: name })
        let [peak, buffered] = [0, 0]
        while ((await sent()) < RECORDS) {
          await delay(500)
          peak = Math.max(peak, residentBytes(worker.pid))
          buffered = Math.max(buffered, (await own('task_metrics_mailbox_bytes')) + (await own('task_metrics_buffered_bytes')))
          assert.equal((await status(worker, name))?.tasks[0]?.state, 'RUNNING')
        }
        t.diagnostic(
          `budget ${total / MB} MB: at most ${buffered / MB} MB of it, RSS ${idle / MB} MB when idle, at most ${peak / MB} MB`,
        )
        assert.equal(await own('task_metrics_buffer_total_bytes'), total)
        assert.ok(buffered > 0 && buffered <= total * OVERSHOOT, `${buffered} bytes`)
        assert.ok(peak - idle < total + BESIDES_BYTES, `RSS rose from ${idle} to ${peak}`)
        const [row] = await duckRows(`SELECT count(DISTINCT id) n, count(*) c FROM '${lake}/topics/*/*/*.parquet'`)
        assert.equal(row?.n, row?.c)
        // the rest is in open files
        assert.ok(Number(row?.n) > RECORDS * 0.7, `${row?.n} records in files`)
      } finally {
        await worker.stop()
      }
    }
  } finally {
    await kafka.stop()
  }
})

// Goal: a worker that runs for long, and whose connectors come and go, neither grows nor collects open files. Method: records flow without a
// pause into one sink while a second one is created, reads everything and is deleted, again and again; resident memory and open
// files of the later half are held against the earlier. By hand: `SOAK_MINUTES=30 npm run test:soak`; 2 minutes when not set. Linux.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { broker } from '../support/broker.ts'
import { createTopic, endOffsets, produce, uniqueName } from '../support/topics.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'

const MINUTES = Number(process.env.SOAK_MINUTES ?? 2)
const BATCH = 5000
const GROWTH_MB_MAX = 60
const FILES_MORE_MAX = 10

interface Sample {
  rssMb: number
  files: number
}

function sample(pid: number): Sample {
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return { rssMb: Number(rss) / 1024, files: readdirSync(`/proc/${pid}/fd`).length }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

async function committed(worker: WorkerProcess, connector: string): Promise<number> {
  const { status, body } = await worker.rest<{ offsets: { offset: { kafka_offset: number } }[] }>(
    `/connectors/${connector}/offsets`,
  )
  return status === 200 ? body.offsets.reduce((sum, one) => sum + one.offset.kafka_offset, 0) : 0
}

/** Of the main thread: tells a leak there from memory that the allocator keeps. */
async function mainHeapMb(worker: WorkerProcess): Promise<string> {
  const { body } = await worker.rest<string>('/metrics')
  return (Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(String(body))?.[1]) / 1e6).toFixed(1)
}

function* batch(from: number) {
  for (let i = from; i < from + BATCH; i++)
    yield { key: String(i), value: `{"id":${i},"text":"${'x'.repeat(100)}"}`, partition: i % 2 }
}

test('memory and open files stay level while records flow and connectors come and go', async t => {
  const { bootstrap } = await broker()
  const topic = uniqueName('soak')
  await createTopic(bootstrap, topic, { partitions: 2, config: { 'retention.bytes': '50000000', 'segment.bytes': '10000000' } })
  const sink = (file: string) => ({
    'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
    'tasks.max': '1',
    topics: topic,
    file,
  })
  const worker = await startWorker({ bootstrap, connectors: { steady: sink('/dev/null') } })
  try {
    const samples: Sample[] = []
    const end = performance.now() + MINUTES * 60_000
    for (let round = 0; performance.now() < end; round++) {
      for (let i = 0; i < 10; i++) await produce(bootstrap, topic, batch((round * 10 + i) * BATCH))
      const name = `passing-${round}`
      const file = join(worker.folder, name)
      assert.equal((await worker.rest('/connectors', { method: 'POST', body: { name, config: sink(file) } })).status, 201)
      const produced = (await endOffsets(bootstrap, topic)).reduce((sum, one) => sum + one, 0)
      while ((await committed(worker, name)) < produced) await delay(200)
      assert.equal((await worker.rest(`/connectors/${name}`, { method: 'DELETE' })).status, 204)
      rmSync(file)
      samples.push(sample(worker.pid))
      const { rssMb, files } = samples.at(-1) ?? { rssMb: 0, files: 0 }
      t.diagnostic(
        `round ${round}: ${produced} records, ${Math.round(rssMb)} MB, main heap ${await mainHeapMb(worker)} MB, ${files} files`,
      )
    }
    // the first quarter warms up
    const warm = samples.slice(Math.ceil(samples.length / 4))
    const [earlier, later] = [warm.slice(0, Math.ceil(warm.length / 2)), warm.slice(Math.ceil(warm.length / 2))]
    assert.ok(later.length > 0, 'too few rounds: give it more minutes')
    const growth = median(later.map(one => one.rssMb)) - median(earlier.map(one => one.rssMb))
    const more = median(later.map(one => one.files)) - median(earlier.map(one => one.files))
    assert.ok(growth < GROWTH_MB_MAX, `memory grew by ${Math.round(growth)} MB`)
    assert.ok(more <= FILES_MORE_MAX, `${more} more files are open`)
  } finally {
    await worker.stop()
  }
})

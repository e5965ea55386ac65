// Goal: a standalone worker as an operator meets it: file to topic to file, states by REST, offsets read and changed, an orderly end, and
// nothing lost over a SIGKILL. Method: the real worker process on the real broker; everything is observed through REST and files.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Broker, broker } from '../support/broker.ts'
import { create, status, untilTasks } from '../support/connectors.ts'
import { append, linesOf, numbered } from '../support/line-files.ts'
import { createTopic, endOffsets, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'

let kafka: Broker
const folder = mkdtempSync(join(tmpdir(), 'sluice-standalone-'))
const worker = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter', 'offset.flush.interval.ms': '200' }

before(async () => {
  kafka = await broker()
})

after(async () => {
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

function source(file: string, topic: string) {
  return { 'connector.class': 'FileStreamSource', file, topic }
}

function sink(file: string, topic: string) {
  return { 'connector.class': 'FileStreamSink', file, topics: topic }
}

describe('one worker', () => {
  let process: WorkerProcess
  const topic = uniqueName('lines')
  const input = join(folder, 'input.txt')
  const output = join(folder, 'output.txt')

  before(async () => {
    await createTopic(kafka.bootstrap, topic)
    process = await startWorker({ bootstrap: kafka.bootstrap, worker })
    append(input, 0, 100)
    assert.equal((await create(process, 'standalone-in', source(input, topic))).status, 201)
    assert.equal((await create(process, 'standalone-out', sink(output, topic))).status, 201)
  })

  after(() => process?.kill())

  it('takes lines from file to topic to file, in order', async () => {
    await until(() => linesOf(output).length >= 100)
    assert.deepEqual(linesOf(output), numbered(0, 100))
  })

  it('tells the id of the cluster', async () => {
    const { body } = await process.rest<{ kafka_cluster_id: string }>('/')
    assert.match(body.kafka_cluster_id, /^[\w-]{22}$/)
  })

  it('names the topics of both connectors', async () => {
    await until(async () => {
      const answers = await Promise.all(
        ['standalone-in', 'standalone-out'].map(name => process.rest(`/connectors/${name}/topics`)),
      )
      return answers.every(
        ({ body }, i) =>
          JSON.stringify(body) === JSON.stringify({ [['standalone-in', 'standalone-out'][i] as string]: { topics: [topic] } }),
      )
    })
  })

  it('has offsets of the source and of the sink', async () => {
    await until(async () => {
      const { body } = await process.rest<{ offsets: { partition: unknown; offset: { position: number } }[] }>(
        '/connectors/standalone-in/offsets',
      )
      return body.offsets[0]?.offset.position === readFileSync(input).length
    })
    await until(async () => {
      const { body } = await process.rest<{ offsets: { offset: { kafka_offset: number } }[] }>(
        '/connectors/standalone-out/offsets',
      )
      return body.offsets[0]?.offset.kafka_offset === 100
    })
  })

  it('counts records for Prometheus', async () => {
    const { body } = await process.rest<string>('/metrics')
    assert.match(body, /kafka_connect_source_task_metrics_source_record_write_total\{connector="standalone-in",task="0"\} 100/)
    assert.match(body, /kafka_connect_sink_task_metrics_sink_record_send_total\{connector="standalone-out",task="0"\} 100/)
  })

  it('a paused sink takes nothing, and goes on where it was when it resumes', async () => {
    await process.rest('/connectors/standalone-out/pause', { method: 'PUT' })
    await untilTasks(process, 'standalone-out', 'PAUSED')
    append(input, 100, 200)
    await until(async () => (await endOffsets(kafka.bootstrap, topic))[0] === 200)
    assert.equal(linesOf(output).length, 100)
    await process.rest('/connectors/standalone-out/resume', { method: 'PUT' })
    await until(() => linesOf(output).length >= 200)
    assert.deepEqual(linesOf(output), numbered(0, 200))
  })

  it('a restarted source goes on from its offset', async () => {
    assert.equal((await process.rest('/connectors/standalone-in/restart?includeTasks=true', { method: 'POST' })).status, 202)
    await untilTasks(process, 'standalone-in', 'RUNNING')
    append(input, 200, 250)
    await until(() => linesOf(output).length >= 250)
    assert.deepEqual(linesOf(output), numbered(0, 250))
  })

  it('a stopped sink reads again from an offset written by REST', async () => {
    const body = { offsets: [{ partition: { kafka_topic: topic, kafka_partition: 0 }, offset: { kafka_offset: 240 } }] }
    const early = await process.rest('/connectors/standalone-out/offsets', { method: 'PATCH', body })
    assert.equal(early.status, 400)
    assert.equal((await process.rest('/connectors/standalone-out/stop', { method: 'PUT' })).status, 204)
    const unknown = {
      offsets: [{ partition: { kafka_topic: 'no-such-topic', kafka_partition: 0 }, offset: { kafka_offset: 1 } }],
    }
    assert.equal((await process.rest('/connectors/standalone-out/offsets', { method: 'PATCH', body: unknown })).status, 500)
    const altered = await process.rest('/connectors/standalone-out/offsets', { method: 'PATCH', body })
    assert.equal(altered.status, 200, JSON.stringify(altered.body))
    await process.rest('/connectors/standalone-out/resume', { method: 'PUT' })
    await until(() => linesOf(output).length >= 260)
    assert.deepEqual(linesOf(output).slice(250), numbered(240, 250))
  })

  it('a new config replaces the sink, a deleted one is gone', async () => {
    const other = join(folder, 'other.txt')
    const put = await process.rest('/connectors/standalone-out/config', { method: 'PUT', body: sink(other, topic) })
    assert.equal(put.status, 200)
    append(input, 250, 260)
    await until(() => linesOf(other).length >= 10)
    assert.equal((await process.rest('/connectors/standalone-out', { method: 'DELETE' })).status, 204)
    assert.equal((await process.rest('/connectors/standalone-out/status')).status, 404)
    assert.deepEqual((await process.rest('/connectors')).body, ['standalone-in'])
  })

  it('ends 0 on SIGTERM', async () => {
    assert.equal(await process.stop(), 0)
    assert.match(process.logs(), /Kafka Connect stopped/)
  })
})

it('a worker that was killed goes on after the last durable offset: nothing is missing', async () => {
  const topic = uniqueName('killed')
  const input = join(folder, 'killed-in.txt')
  const output = join(folder, 'killed-out.txt')
  await createTopic(kafka.bootstrap, topic)
  writeFileSync(input, '')
  const options = {
    bootstrap: kafka.bootstrap,
    folder: join(folder, 'killed'),
    worker,
    // a killed member is missed by its group only after the session timeout: not the default 45 s here
    connectors: {
      'killed-in': source(input, topic),
      'killed-out': { ...sink(output, topic), 'consumer.override.session.timeout.ms': '6000' },
    },
  }
  const first = await startWorker(options)
  append(input, 0, 20_000)
  await until(() => linesOf(output).length > 100)
  await first.kill()
  append(input, 20_000, 20_100)
  const second = await startWorker(options)
  try {
    await until(() => linesOf(output).includes('line 20099'))
    const seen = new Set(linesOf(output))
    assert.deepEqual(
      numbered(0, 20_100).filter(line => !seen.has(line)),
      [],
    )
    assert.equal((await status(second, 'killed-in'))?.tasks[0]?.state, 'RUNNING')
  } finally {
    assert.equal(await second.stop(), 0)
  }
})

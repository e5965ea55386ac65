// Goal: a real worker's scrape is right and complete: every metric that the table calls exported is there, with the values of what was done, and a
// restart begins anew. Method: file to topic to file through transforms, then /metrics as Prometheus reads it.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { allMetrics, prometheusName } from '../../src/metrics/table.ts'
import { seriesOf, violations } from '../metrics/exposition.ts'
import { type Broker, broker } from '../support/broker.ts'
import { create, untilTasks } from '../support/connectors.ts'
import { createTopic, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'

const RECORDS = 250
const folder = mkdtempSync(join(tmpdir(), 'sluice-metrics-'))
const topic = uniqueName('metrics')
const output = join(folder, 'out.txt')
const transforms = {
  transforms: 'mark',
  'transforms.mark.type': 'InsertHeader',
  'transforms.mark.header': 'h',
  'transforms.mark.value.literal': 'v',
  'transforms.mark.predicate': 'named',
  predicates: 'named',
  'predicates.named.type': 'TopicNameMatches',
  'predicates.named.pattern': '.*',
}
let kafka: Broker
let worker: WorkerProcess

const scrape = async () => (await worker.rest<string>('/metrics')).body
const lag = `kafka_consumer_consumer_fetch_manager_metrics_records_lag{connector="metrics-sink",task="0",topic="${topic}",partition="0"}`
const sinkLabels = '{connector="metrics-sink",task="0"}'
const sourceLabels = '{connector="metrics-source",task="0"}'

/** Scrapes until the series has the value. */
async function untilValue(series: string, wanted: (value: number) => boolean): Promise<Map<string, number>> {
  return until(async () => {
    const found = seriesOf(await scrape())
    const value = found.get(series)
    return value !== undefined && wanted(value) ? found : null
  })
}

before(async () => {
  kafka = await broker()
  await createTopic(kafka.bootstrap, topic)
  writeFileSync(join(folder, 'in.txt'), Array.from({ length: RECORDS }, (_, i) => `line ${i}\n`).join(''))
  worker = await startWorker({
    bootstrap: kafka.bootstrap,
    worker: {
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'offset.flush.interval.ms': '200',
      'consumer.heartbeat.interval.ms': '200',
    },
  })
  const source = { 'connector.class': 'FileStreamSource', file: join(folder, 'in.txt'), topic, ...transforms }
  const sink = { 'connector.class': 'FileStreamSink', file: output, topics: topic, ...transforms }
  assert.equal((await create(worker, 'metrics-source', source)).status, 201)
  assert.equal((await create(worker, 'metrics-sink', sink)).status, 201)
  await until(() => existsSync(output) && readFileSync(output, 'utf8').split('\n').length > RECORDS)
})

after(async () => {
  await worker?.kill()
  await kafka?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('a scrape of a worker with work', () => {
  it('is text that Prometheus takes', async () => {
    assert.deepEqual(violations(await scrape()), [])
  })

  it('has a series of every metric that is declared as exported', async () => {
    await untilValue(`kafka_consumer_consumer_coordinator_metrics_heartbeat_total${sinkLabels}`, value => value > 0)
    await untilValue(lag, () => true)
    const names = new Set([...seriesOf(await scrape()).keys()].map(series => series.replace(/\{.*/, '')))
    const isExported = ({ scope }: (typeof allMetrics)[number]) => scope !== 'distributed' && scope !== 'exactly-once source task'
    const missing = allMetrics.filter(metric => isExported(metric) && !names.has(prometheusName(metric)))
    assert.deepEqual(missing.map(prometheusName), [])
  })

  it('counts each record once on its way from file to file, and knows when the sink is through', async () => {
    await untilValue(lag, value => value === 0)
    const found = await untilValue(`kafka_connect_sink_task_metrics_sink_record_active_count${sinkLabels}`, value => value === 0)
    for (const series of [
      `kafka_connect_source_task_metrics_source_record_poll_total${sourceLabels}`,
      `kafka_connect_source_task_metrics_source_record_write_total${sourceLabels}`,
      `kafka_producer_producer_metrics_record_send_total${sourceLabels}`,
      `kafka_consumer_consumer_fetch_manager_metrics_records_consumed_total${sinkLabels}`,
      `kafka_connect_sink_task_metrics_sink_record_read_total${sinkLabels}`,
      `kafka_connect_sink_task_metrics_sink_record_send_total${sinkLabels}`,
    ])
      assert.equal(found.get(series), RECORDS, series)
    assert.equal(found.get(`kafka_connect_sluice_task_metrics_lag_sum${sinkLabels}`), 0)
    assert.equal(found.get(`kafka_producer_producer_metrics_record_error_total${sourceLabels}`), 0)
    assert.equal(found.get(`kafka_consumer_consumer_coordinator_metrics_assigned_partitions${sinkLabels}`), 1)
    assert.equal(found.get(`kafka_connect_sluice_task_metrics_buffered_bytes${sinkLabels}`), 0)
    // the largest of the window is what was read before the first commit
    assert.ok((found.get(`kafka_connect_connector_task_metrics_batch_size_max${sinkLabels}`) ?? 0) >= 1)
    assert.ok((found.get(`kafka_consumer_consumer_fetch_manager_metrics_bytes_consumed_total${sinkLabels}`) ?? 0) >= RECORDS * 6)
  })

  it('names the classes of tasks, converters, transforms and predicates as Java does', async () => {
    const found = [...seriesOf(await scrape()).keys()]
    for (const part of [
      'task_class="org.apache.kafka.connect.file.FileStreamSinkTask"',
      'header_converter_class="org.apache.kafka.connect.storage.SimpleHeaderConverter"',
      'transform="mark",transform_class="org.apache.kafka.connect.transforms.InsertHeader"',
      'predicate="named",predicate_class="org.apache.kafka.connect.transforms.predicates.TopicNameMatches"',
    ])
      assert.ok(
        found.some(series => series.includes(part)),
        part,
      )
  })

  it('begins anew for a task that is restarted', async () => {
    await worker.rest('/connectors/metrics-sink/tasks/0/restart', { method: 'POST' })
    await untilValue(`kafka_connect_sink_task_metrics_sink_record_read_total${sinkLabels}`, value => value === 0)
    await untilTasks(worker, 'metrics-sink', 'RUNNING')
    assert.deepEqual(violations(await scrape()), [])
  })
})

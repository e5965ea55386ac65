// What Prometheus gets: names that follow from Java's, values from slabs and statuses, nothing left of what has gone.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MetricsSlab, SLOTS } from '../../src/actor/metrics-slab.ts'
import { type ConnectorView, MetricsRegistry, type TaskView } from '../../src/metrics/registry.ts'
import {
  connectorMetrics,
  prometheusName,
  taskMetrics,
  textMetrics,
  threadMetrics,
  workerMetrics,
} from '../../src/metrics/table.ts'
import { metricsSource } from '../../src/supervisor/metrics-source.ts'
import { config, setUp } from '../supervisor/fake-worker.ts'
import { settle, TestClock } from '../support/clock.ts'

const figures = {
  connectorCount: 1,
  taskCount: 1,
  connectorStartups: 4,
  connectorStartupFailures: 1,
  taskStartups: 2,
  taskStartupFailures: 0,
}
const usage = async () => ({ heapBytes: 10, externalBytes: 20, loopUtilization: 0.5, cpuMicros: 2_000_000 })

function task(change: Partial<TaskView> = {}): TaskView {
  return { connector: 'c', task: 0, kind: 'sink', metrics: new MetricsSlab(), usage, ...change }
}

function registry(tasks: TaskView[], connectors: ConnectorView[] = [], clock = new TestClock()) {
  return new MetricsRegistry({ worker: () => figures, connectors: () => connectors, tasks: () => tasks }, clock)
}

/** value of a series in the text, undefined where it is not */
function value(text: string, series: string): number | undefined {
  const line = text.split('\n').find(candidate => candidate.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

const sink = (attribute: string) => `kafka_connect_sink_task_metrics_${attribute}{connector="c",task="0"}`

describe('the table', () => {
  const all = [
    ...taskMetrics,
    ...workerMetrics,
    ...connectorMetrics,
    ...Object.values(textMetrics),
    ...Object.values(threadMetrics),
  ]

  it('names no series twice, and only what Prometheus takes', () => {
    const names = all.map(prometheusName)
    assert.equal(new Set(names).size, names.length)
    for (const name of names) assert.match(name, /^kafka_connect_[a-z_]+$/)
  })

  it('calls counters _total, as Java does, and describes every metric', () => {
    for (const metric of [...taskMetrics, ...workerMetrics]) {
      assert.notEqual(metric.help, '')
      if (metric.attribute.endsWith('-total')) assert.equal(metric.type, 'counter', metric.attribute)
    }
  })

  it('uses every slot that a task fills, except those that are for the supervisor', () => {
    const used = new Set<string>()
    const spy = new Proxy({} as Record<string, number>, {
      get: (_target, slot) => {
        used.add(String(slot))
        return 1
      },
    })
    for (const metric of taskMetrics) {
      metric.of?.(spy as never)
      if (metric.rateOf !== undefined) used.add(metric.rateOf)
    }
    assert.deepEqual(
      SLOTS.filter(slot => !used.has(slot)),
      ['loopBeat'],
    )
  })
})

describe('a scrape', () => {
  it('has the totals and averages of a task', async () => {
    const view = task()
    view.metrics.add('recordsRead', 100)
    view.metrics.add('putCount', 4)
    view.metrics.add('putTimeMs', 10)
    const text = await registry([view]).text()
    assert.equal(value(text, sink('sink_record_read_total')), 100)
    assert.equal(value(text, sink('put_batch_avg_time_ms')), 2.5)
    assert.equal(value(text, sink('sink_record_send_total')), 0)
    assert.equal(value(text, 'kafka_connect_connect_worker_metrics_connector_startup_success_percentage'), 0.75)
    assert.equal(value(text, 'kafka_connect_sluice_task_metrics_cpu_seconds_total{connector="c",task="0"}'), 2)
  })

  it('has no source metrics for a sink, and none that are NaN', async () => {
    const text = await registry([task()]).text()
    assert.doesNotMatch(text, /source_task_metrics_\w+\{/)
    assert.doesNotMatch(text, /^kafka_connect.*NaN/m)
  })

  it('gives rates over the last minute', async () => {
    const clock = new TestClock()
    const view = task()
    const metrics = registry([view], [], clock)
    await metrics.text()
    await clock.advance(10_000)
    view.metrics.add('recordsRead', 500)
    assert.equal(value(await metrics.text(), sink('sink_record_read_rate')), 50)
    await clock.advance(120_000)
    assert.equal(value(await metrics.text(), sink('sink_record_read_rate')), 0)
  })

  it('does not wait for a thread that does not answer', async () => {
    const clock = new TestClock()
    const text = registry([task({ usage: () => new Promise(() => undefined) })], [], clock).text()
    await clock.advance(500)
    assert.equal(value(await text, sink('sink_record_read_total')), 0)
    assert.equal(clock.waiting, 0)
  })

  it('keeps names with quotes and line breaks apart from the text', async () => {
    const text = await registry([task({ connector: 'a"b\nc' })]).text()
    assert.match(text, /connector="a\\"b\\nc"/)
  })

  it('at the same time as another is one collection', async () => {
    let asked = 0
    const view = task({
      usage: () => {
        asked++
        return usage()
      },
    })
    const metrics = registry([view])
    await Promise.all([metrics.text(), metrics.text(), metrics.text()])
    assert.equal(asked, 1)
  })
})

it('follows the connectors of a worker: states, classes, and nothing of one that is gone', async () => {
  const { herder, worker, configs, statuses, plugins, clock } = setUp()
  const metrics = new MetricsRegistry(metricsSource({ worker, configs, statuses, plugins }), clock)
  await herder.putConfig('c', config('c'), { allowReplace: false })
  await settle()
  const text = await metrics.text()
  assert.equal(value(text, 'kafka_connect_connect_worker_metrics_connector_running_task_count{connector="c"}'), 1)
  assert.equal(value(text, 'kafka_connect_connector_metrics_status{connector="c",status="running"}'), 1)
  assert.equal(
    value(text, 'kafka_connect_connector_metrics_connector_class{connector="c",connector_class="org.example.Sink"}'),
    1,
  )
  assert.equal(value(text, 'kafka_connect_connector_task_metrics_status{connector="c",task="0",status="running"}'), 1)
  assert.equal(value(text, 'kafka_connect_connect_worker_metrics_task_startup_success_total'), 1)
  await herder.deleteConnector('c')
  assert.doesNotMatch(await metrics.text(), /connector="c"/)
})

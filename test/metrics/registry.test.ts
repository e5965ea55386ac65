// What Prometheus gets: names that follow from Java's, values from slabs and statuses over windows, nothing left of what has gone.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { groupFigures } from '../../src/actor/group-figures.ts'
import { DURATIONS, LAG_ROWS_MAX, MAXIMA, MetricsSlab, MINIMA, SLOTS } from '../../src/actor/metrics-slab.ts'
import { type ConnectorView, MetricsRegistry, type TaskView } from '../../src/metrics/registry.ts'
import { allMetrics, prometheusName, taskMetrics } from '../../src/metrics/table.ts'
import type { TaskWindowed } from '../../src/metrics/windows.ts'
import { metricsSource } from '../../src/supervisor/metrics-source.ts'
import { config, setUp } from '../supervisor/fake-worker.ts'
import { settle, TestClock } from '../support/clock.ts'
import { seriesOf, violations } from './exposition.ts'

const app = { version: '1.2.3', commit: 'abc' }
const starts = { connectorStartups: 4, connectorStartupFailures: 1, taskStartups: 2, taskStartupFailures: 0 }
const usage = async () => ({ heapBytes: 10, externalBytes: 20, loopUtilization: 0.5, cpuMicros: 2_000_000 })
const START_MS = new TestClock().monotonicMs()

function task(change: Partial<TaskView> = {}): TaskView {
  const lagRows = { generation: 0, partitions: [] }
  const made = { metrics: new MetricsSlab(), startedMs: START_MS, description: null, lagRows, usage }
  return { connector: 'c', task: 0, kind: 'sink', ...made, ...change }
}

function registry(tasks: TaskView[], connectors: ConnectorView[] = [], clock = new TestClock(), samples = 2) {
  const worker = () => ({ connectorCount: 1, taskCount: 1, starts })
  const source = { app, worker, connectors: () => connectors, tasks: () => tasks }
  return new MetricsRegistry(source, clock, { samples, windowMs: 30_000 })
}

/** value of a series in the text, undefined where it is not */
function value(text: string, series: string): number | undefined {
  return seriesOf(text).get(series)
}

const sink = (attribute: string) => `kafka_connect_sink_task_metrics_${attribute}{connector="c",task="0"}`
const fetch = (attribute: string, labels = '') =>
  `kafka_consumer_consumer_fetch_manager_metrics_${attribute}{connector="c",task="0"${labels}}`

describe('the table', () => {
  it('names no series twice, and only what Prometheus takes', () => {
    const names = allMetrics.map(prometheusName)
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    )
    for (const { domain, ...rest } of allMetrics) {
      const name = prometheusName({ domain, ...rest })
      assert.match(
        name,
        domain === 'process' ? /^(process|nodejs)_[a-z0-9_]+$/ : /^kafka_(connect|consumer|producer)_[a-z0-9_]+$/,
      )
    }
  })

  it('calls counters _total, as Java does, and describes every metric', () => {
    for (const metric of allMetrics) {
      assert.notEqual(metric.help, '')
      if (metric.attribute.endsWith('-total')) assert.equal(metric.type, 'counter', metric.attribute)
    }
  })

  it('uses every slot that a task fills, except those that are for the supervisor', () => {
    const used = new Set<string>()
    const note = (...names: string[]) => {
      for (const name of names) used.add(name)
      return 1
    }
    const spy: TaskWindowed = {
      ...{ total: note, growth: note, rate: note, average: note, share: note },
      ...{ max: note, min: note, p99: note, secondsSince: note },
    }
    for (const metric of taskMetrics) metric.of(spy)
    assert.deepEqual(
      [...SLOTS, ...MAXIMA, ...MINIMA, ...DURATIONS].filter(slot => !used.has(slot)),
      ['lagGeneration'],
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
    assert.equal(value(text, 'kafka_connect_sluice_task_metrics_cpu_seconds_total{connector="c",task="0"}'), 2)
    assert.equal(value(text, 'kafka_connect_app_info_version{version="1.2.3"}'), 1)
  })

  it('has no source metrics for a sink, and no sink metrics for a source', async () => {
    const texts = await Promise.all([registry([task()]).text(), registry([task({ kind: 'source' })]).text()])
    assert.doesNotMatch(texts[0] as string, /^(kafka_connect_source_task|kafka_producer)\w*\{/m)
    assert.doesNotMatch(texts[1] as string, /^(kafka_connect_sink_task|kafka_consumer)\w*\{/m)
  })

  it('has sizes of transactions for a source that has committed one, the smallest of nothing forgotten like the largest', async () => {
    const clock = new TestClock()
    const views = [task({ kind: 'source' }), task({ kind: 'source', task: 1 })]
    const metrics = registry(views, [], clock)
    const size = async (which: string, of = 1) =>
      value(await metrics.text(), `kafka_connect_source_task_metrics_transaction_size_${which}{connector="c",task="${of}"}`)
    const committed = (records: number) => {
      const slab = (views[1] as TaskView).metrics
      slab.add('transactionCount', 1)
      slab.add('transactionRecords', records)
      slab.min('transactionRecordsMin', records)
      slab.max('transactionRecordsMax', records)
    }
    const all = () => Promise.all(['min', 'avg', 'max'].map(which => size(which)))
    assert.deepEqual(await all(), [undefined, undefined, undefined])
    metrics.start()
    committed(0)
    committed(6)
    assert.deepEqual(await all(), [0, 3, 6])
    assert.equal(await size('avg', 0), undefined)
    await clock.advance(30_000)
    committed(4)
    assert.deepEqual(await all(), [0, 10 / 3, 6])
    await clock.advance(30_000)
    assert.deepEqual(await all(), [4, 4, 4])
    await clock.advance(30_000)
    assert.deepEqual(await all(), [Number.NaN, Number.NaN, Number.NaN])
    metrics.stop()
  })

  it('is text that Prometheus takes: HELP and TYPE once before their series, no series twice', async () => {
    const text = await registry([task(), task({ task: 1, kind: 'source' }), task({ connector: 'a"b\\c\nd' })]).text()
    assert.deepEqual(violations(text), [])
  })

  it('tells an average and a maximum of nothing as NaN, rates and shares of nothing as 0', async () => {
    const text = await registry([task()]).text()
    assert.equal(value(text, sink('put_batch_avg_time_ms')), Number.NaN)
    assert.equal(value(text, sink('put_batch_max_time_ms')), Number.NaN)
    assert.equal(value(text, sink('sink_record_read_rate')), 0)
    const commits = 'kafka_connect_connector_task_metrics_offset_commit_success_percentage{connector="c",task="0"}'
    assert.equal(value(text, commits), 0)
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

  it('names classes and versions of what a task is made of', async () => {
    const name = (className: string) => ({ className, version: '1.0' })
    const description = {
      task: name('T'),
      keyConverter: name('K'),
      valueConverter: name('V'),
      headerConverter: name('H'),
      transforms: { mask: name('M') },
      predicates: { named: name('P') },
    }
    const text = await registry([task({ description })]).text()
    const of = 'connector="c",task="0"'
    assert.equal(value(text, `kafka_connect_connector_task_metrics_task_class{${of},task_class="T"}`), 1)
    assert.equal(value(text, `kafka_connect_connector_task_metrics_key_converter_version{${of},key_converter_version="1.0"}`), 1)
    const transform = `kafka_connect_connector_transform_metrics_transform_class{${of},transform="mask",transform_class="M"}`
    assert.equal(value(text, transform), 1)
    const predicate = `kafka_connect_connector_predicate_metrics_predicate_class{${of},predicate="named",predicate_class="P"}`
    assert.equal(value(text, predicate), 1)
  })
})

describe('windows', () => {
  it('give a rate over what has passed, missing windows counted, as Java does', async () => {
    const clock = new TestClock()
    const view = task()
    const metrics = registry([view], [], clock)
    metrics.start()
    await clock.advance(10_000)
    view.metrics.add('recordsRead', 500)
    // 10 s of the first window, and 30 s for the one that is missing
    assert.equal(value(await metrics.text(), sink('sink_record_read_rate')), 500 / 40)
    await clock.advance(30_000)
    assert.equal(value(await metrics.text(), sink('sink_record_read_rate')), 500 / 40)
    await clock.advance(30_000)
    assert.equal(value(await metrics.text(), sink('sink_record_read_rate')), 0)
    metrics.stop()
    assert.equal(clock.waiting, 0)
  })

  for (const samples of [1, 2, 3, 5]) {
    it(`forget a maximum and an average after ${samples} windows, however often they are asked for`, async () => {
      const clock = new TestClock()
      const view = task()
      const metrics = registry([view], [], clock, samples)
      metrics.start()
      const put = (tookMs: number) => {
        view.metrics.add('putCount', 1)
        view.metrics.add('putTimeMs', tookMs)
        view.metrics.max('putTimeMsMax', tookMs)
      }
      put(100)
      for (let i = 0; i < samples; i++) {
        assert.equal(value(await metrics.text(), sink('put_batch_max_time_ms')), 100, `window ${i}`)
        put(7)
        await clock.advance(30_000)
      }
      put(9)
      const text = await metrics.text()
      assert.equal(value(text, sink('put_batch_max_time_ms')), 9)
      assert.equal(value(text, sink('put_batch_avg_time_ms')), (7 * (samples - 1) + 9) / samples)
      await clock.advance(30_000 * samples)
      assert.equal(value(await metrics.text(), sink('put_batch_max_time_ms')), Number.NaN)
      metrics.stop()
    })
  }

  it('tell a 99th percentile of this window and the one before, within a fifth and never too low', async () => {
    const clock = new TestClock()
    const view = task()
    const metrics = registry([view], [], clock)
    metrics.start()
    const p99 = async (which: string) =>
      value(await metrics.text(), `kafka_connect_sluice_task_metrics_${which}_time_p99_ms{connector="c",task="0"}`) ?? -1
    assert.equal(await p99('put'), Number.NaN)
    for (let i = 0; i < 1000; i++) view.metrics.took('putTime', i < 985 ? 3 : 47)
    view.metrics.took('commitTime', 0)
    await clock.advance(30_000)
    const found = await p99('put')
    assert.ok(found >= 47 && found <= 47 * 1.2, String(found))
    assert.equal(await p99('commit'), 0.1)
    view.metrics.took('putTime', 10 ** 9)
    for (let i = 0; i < 9_000; i++) view.metrics.took('putTime', 3)
    const lower = await p99('put')
    assert.ok(lower >= 3 && lower <= 3 * 1.2, String(lower))
    await clock.advance(60_000)
    assert.equal(await p99('put'), Number.NaN)
    metrics.stop()
  })

  it('keep a maximum that a task writes late into the window that has just ended', async () => {
    const view = task()
    const { metrics } = view
    const other = new MetricsSlab(metrics.shared)
    metrics.max('putTimeMsMax', 5)
    other.nextWindow()
    assert.equal(other.maximum('putTimeMsMax', 'before'), 5)
    assert.equal(other.maximum('putTimeMsMax', 'present'), 0)
    other.nextWindow()
    assert.equal(other.maximum('putTimeMsMax', 'before'), 0)
  })
})

describe('lag by partition', () => {
  const partitions = (count: number) => Array.from({ length: count }, (_, partition) => ({ topic: 't', partition }))

  it('is told with topic and partition, unknown ones left out', async () => {
    const view = task({ lagRows: { generation: 1, partitions: partitions(2) } })
    view.metrics.set('lagGeneration', 1)
    view.metrics.setLag(0, 42)
    view.metrics.setLag(1, Number.NaN)
    const text = await registry([view]).text()
    assert.equal(value(text, fetch('records_lag', ',topic="t",partition="0"')), 42)
    assert.equal(value(text, fetch('records_lag', ',topic="t",partition="1"')), undefined)
  })

  it('is left out while the names of other partitions are on the way', async () => {
    const view = task({ lagRows: { generation: 1, partitions: partitions(1) } })
    view.metrics.set('lagGeneration', 2)
    assert.doesNotMatch(await registry([view]).text(), /records_lag\{/)
  })

  it('of more partitions than have a series is summed up', async () => {
    const view = task({ lagRows: { generation: 0, partitions: partitions(LAG_ROWS_MAX + 1) } })
    view.metrics.setLag(LAG_ROWS_MAX, 77)
    const text = await registry([view]).text()
    assert.equal(value(text, fetch('records_lag', ',topic="_other",partition="_other"')), 77)
    assert.equal([...seriesOf(text).keys()].filter(series => series.includes('records_lag{')).length, LAG_ROWS_MAX + 1)
  })
})

it('follows the connectors of a worker: states, classes, restarts, and nothing of one that is gone', async () => {
  const { herder, worker, configs, statuses, plugins, clock } = setUp()
  const automaticRestarts = (name: string) => herder.automaticRestarts(name)
  const metrics = new MetricsRegistry(metricsSource({ worker, configs, statuses, plugins, app, automaticRestarts }), clock)
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
  assert.equal(value(text, 'kafka_connect_connect_worker_metrics_task_startup_success_percentage'), 1)
  assert.equal(value(text, 'kafka_connect_sluice_connector_metrics_restart_total{connector="c"}'), 0)
  await herder.deleteConnector('c')
  assert.doesNotMatch(await metrics.text(), /connector="c"/)
})

describe('a worker in a cluster', () => {
  const rebalance = (attribute: string) => `kafka_connect_connect_worker_rebalance_metrics_${attribute}`
  const coordinator = (attribute: string) => `kafka_connect_connect_coordinator_metrics_${attribute}`

  it('tells its place in the group and the time of rebalances; a standalone one has none of it', async () => {
    const clock = new TestClock()
    const metrics = new MetricsSlab()
    const figures = groupFigures(metrics, clock)
    const view = {
      leaderUrl: 'http://a:8083/',
      generation: 7,
      protocol: 'default',
      isRebalancing: true,
      connectors: 2,
      tasks: 5,
    }
    const worker = () => ({ connectorCount: 1, taskCount: 1, starts })
    const source = { app, worker, connectors: () => [], tasks: () => [] }
    const cluster = { metrics, startedMs: START_MS, view: () => view }
    const clustered = new MetricsRegistry({ ...source, cluster }, clock)
    assert.match(await clustered.text(), /rebalance_metrics_time_since_last_rebalance_ms \+Inf\n/)
    figures.joined(30)
    figures.synced(10)
    figures.rebalanced(40)
    figures.rebalanced(60)
    await clock.advance(1_500)
    const text = await clustered.text()
    assert.deepEqual(violations(text), [])
    const read = (name: string) => value(text, name)
    assert.equal(read(`${rebalance('leader_name')}{leader_name="http://a:8083/"}`), 1)
    assert.equal(read(`${rebalance('connect_protocol')}{connect_protocol="EAGER"}`), 1)
    assert.deepEqual(
      ['epoch', 'rebalancing', 'completed_rebalances_total', 'rebalance_avg_time_ms', 'time_since_last_rebalance_ms'].map(name =>
        read(rebalance(name)),
      ),
      [7, 1, 2, 50, 1_500],
    )
    assert.deepEqual(
      ['assigned_connectors', 'assigned_tasks', 'join_time_max', 'sync_total', 'last_rebalance_seconds_ago'].map(name =>
        read(coordinator(name)),
      ),
      [2, 5, 30, 1, 1],
    )
    assert.doesNotMatch(await new MetricsRegistry(source, clock).text(), /rebalance_metrics/)
  })
})

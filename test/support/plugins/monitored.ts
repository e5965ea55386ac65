// A source and a sink that say what is done with them, as Java's TestableSourceConnector and TestableSinkConnector do: each hook of connector and
// tasks is a JSON line in a file, and where the config says so a hook fails or never ends. Connector, task and job threads; for tests.
import { appendFileSync } from 'node:fs'
import {
  type Connector,
  type ConnectorContext,
  Headers,
  type Plugin,
  type Props,
  RetriableError,
  type SinkTask,
  type SinkTaskContext,
  SourceRecord,
  type SourceTask,
  STRING,
} from '../../../src/api/index.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { defineConfig } from '../../../src/config/define.ts'

const shared = {
  log: { type: 'string', default: '/dev/null', importance: 'low', doc: 'File that the hooks are written to.' },
  'num.tasks': { type: 'int', default: -1, importance: 'low', doc: 'Tasks, whatever tasks.max says; -1: as many as that.' },
  'empty.task.configs': { type: 'boolean', default: false, importance: 'low', doc: 'Tasks are told their number only.' },
  'fail.in': { type: 'list', default: [], importance: 'low', doc: 'connector.start, connector.stop, taskConfigs: these fail.' },
  'fail.tasks': { type: 'list', default: [], importance: 'low', doc: 'Numbers of tasks whose start fails.' },
  'block.in': {
    type: 'string',
    default: '',
    importance: 'low',
    doc: 'connector.validate, connector.start, connector.stop, task.start, task.stop: never ends.',
  },
  'alter.offsets.result': { type: 'boolean', default: false, importance: 'low', doc: 'What alterOffsets returns.' },
} as const

const sourceConfig = defineConfig({
  ...shared,
  topic: { type: 'string', default: 'unset', importance: 'high', doc: 'Where records go.' },
  'max.messages': { type: 'long', default: -1, importance: 'low', doc: 'Records a task makes in all; -1: no end.' },
  'messages.per.poll': { type: 'int', default: 10, importance: 'low', doc: 'Records a poll.' },
  throughput: { type: 'long', default: 1000, importance: 'low', doc: 'Records a second a task, about.' },
})
const sinkConfig = defineConfig({
  ...shared,
  'report.all': { type: 'boolean', default: false, importance: 'low', doc: 'put reports each record as bad.' },
})

interface Told {
  readonly connector: string
  /** null for hooks of the connector */
  readonly task: number | null
  readonly hook: string
  readonly what: unknown
}

const never = (): Promise<void> => new Promise(() => {})

/** A function that writes a hook of this connector or task to the file, and fails or blocks where that is asked for. */
function teller(props: Props, task: number | null) {
  const config = sinkConfig.parse(props)
  const scope = task === null ? 'connector.' : 'task.'
  return (hook: string, what: unknown = null): void | Promise<void> => {
    const told: Told = { connector: props.name ?? '', task, hook, what }
    appendFileSync(config.log, `${JSON.stringify(told)}\n`)
    const failing = task === null ? config['fail.in'].includes(scope + hook) || config['fail.in'].includes(hook) : false
    if (failing || (hook === 'start' && config['fail.tasks'].includes(String(task)))) throw new Error(`${hook} fails as told`)
    if (config['block.in'] === scope + hook) return never()
  }
}

function monitoredConnector(): Connector {
  let props: Props = {}
  let tell: ReturnType<typeof teller> = () => {}
  return {
    start(started: Props, _context: ConnectorContext) {
      props = started
      tell = teller(props, null)
      return tell('start')
    },
    taskConfigs(maxTasks) {
      tell('taskConfigs', maxTasks)
      const { 'num.tasks': asked, 'empty.task.configs': empty } = sinkConfig.parse(props)
      const own = empty ? {} : props
      return Array.from({ length: asked === -1 ? maxTasks : asked }, (_, i) => ({ ...own, 'task.number': String(i) }))
    },
    stop: () => tell('stop'),
    async validate(given) {
      if (given['block.in'] === 'connector.validate') await never()
      return []
    },
    exactlyOnceSupport: () => 'supported',
    alterOffsets(given, offsets) {
      teller(given, null)('alterOffsets', offsets)
      return sinkConfig.parse(given)['alter.offsets.result']
    },
  }
}

/** Record n of task t, from 1: value `<connector>-<t> <n>`, header `header-<n % 10>`, offset `{saved: n}` of the partition `{task.id: <connector>-<t>}`. */
function monitoredSource(): SourceTask {
  let config = sourceConfig.parse({})
  let tell: ReturnType<typeof teller> = () => {}
  let partition = { 'task.id': '' }
  let saved = 0
  let hasPolled = false
  return {
    async start(props, context) {
      config = sourceConfig.parse(props)
      tell = teller(props, Number(props['task.number']))
      partition = { 'task.id': `${props.name}-${props['task.number']}` }
      const [offset] = await context.offsets([partition])
      saved = Number(offset?.saved ?? 0)
      await tell('start', saved)
    },
    async poll(signal) {
      const { 'max.messages': max, 'messages.per.poll': perPoll, throughput, topic } = config
      await systemClock.sleep(throughput > 0 ? (1000 * perPoll) / throughput : 1, signal).catch(() => {})
      const count = max < 0 ? perPoll : Math.min(perPoll, max - saved)
      if (count <= 0 || signal.aborted) return null
      if (!hasPolled) tell('polled')
      hasPolled = true
      return Array.from({ length: count }, () => {
        const value = `${partition['task.id']} ${++saved}`
        const headers = new Headers([{ key: `header-${saved % 10}`, schema: STRING, value: 'told' }])
        return new SourceRecord(partition, { saved }, topic, null, null, null, STRING, value, null, headers)
      })
    },
    stop: () => tell('stop'),
  }
}

function monitoredSink(): SinkTask {
  let tell: ReturnType<typeof teller> = () => {}
  let context: SinkTaskContext | null = null
  let reportsAll = false
  return {
    start(props, given) {
      tell = teller(props, Number(props['task.number']))
      context = given
      reportsAll = sinkConfig.parse(props)['report.all']
      return tell('start')
    },
    open: partitions => void tell('open', partitions),
    async put(records) {
      if (records.length === 0) return
      if (reportsAll)
        for (const record of records) await context?.errantRecordReporter?.report(record, new Error('reported as told'))
      tell(
        'put',
        records.map(({ topic, kafkaPartition, kafkaOffset, value }) => ({ topic, kafkaPartition, kafkaOffset, value })),
      )
    },
    preCommit(current) {
      tell('preCommit', current)
      return current
    },
    close: partitions => void tell('close', partitions),
    stop: () => tell('stop'),
  }
}

const faultyConfig = defineConfig({
  'fail.at': { type: 'string', default: '', importance: 'low', doc: 'A value that fails, each time it is tried.' },
})

export const plugins: readonly Plugin[] = [
  {
    kind: 'transformation',
    className: 'io.sluice.test.FaultyPassthrough',
    version: '0.1.0',
    config: faultyConfig,
    create() {
      let failAt = ''
      return {
        configure(props) {
          failAt = faultyConfig.parse(props)['fail.at']
        },
        apply(record) {
          if (record.value === failAt) throw new RetriableError(`Error when value='${failAt}'`)
          return record
        },
        close() {},
      }
    },
  },
  {
    kind: 'source',
    className: 'io.sluice.test.MonitoredSourceConnector',
    taskClass: 'io.sluice.test.MonitoredSourceTask',
    aliases: ['MonitoredSource'],
    version: '0.1.0',
    config: sourceConfig,
    connector: monitoredConnector,
    task: monitoredSource,
  },
  {
    kind: 'sink',
    className: 'io.sluice.test.MonitoredSinkConnector',
    taskClass: 'io.sluice.test.MonitoredSinkTask',
    aliases: ['MonitoredSink'],
    version: '0.1.0',
    config: sinkConfig,
    connector: monitoredConnector,
    task: monitoredSink,
  },
]

// Plugins whose every call is on record: a sink that writes each of its hooks as a JSON line and fails where it is told to, and a source
// that polls what a file holds. Task thread; for tests of the task contract on a real worker.
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import {
  Headers,
  INT32,
  NO_HEADERS,
  type Offsets,
  type Plugin,
  RetriableError,
  type SinkTask,
  type SinkTaskContext,
  SourceRecord,
  type SourceTask,
  STRING,
} from '../../../src/api/index.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { defineConfig } from '../../../src/config/define.ts'
import { countedConnector } from './counted.ts'

const sinkConfig = defineConfig({
  log: { type: 'string', importance: 'high', doc: 'File that the hooks are written to.' },
  'fail.in': { type: 'string', default: '', importance: 'low', doc: 'Hook that throws.' },
  'fail.at': { type: 'string', default: '', importance: 'low', doc: 'put throws at this value.' },
  'retry.at': { type: 'string', default: '', importance: 'low', doc: 'put throws RetriableError at this value, three times.' },
  'rewind.in.open': { type: 'int', default: -1, importance: 'low', doc: 'open asks for this offset of each partition.' },
  'commit.gate': { type: 'string', default: '', importance: 'low', doc: 'File that preCommit waits for.' },
  'pause.after': { type: 'string', default: '', importance: 'low', doc: 'put pauses partition 0 of the topic after this value.' },
})

function scriptedSink(): SinkTask {
  let config = sinkConfig.parse({ log: '/dev/null' })
  let context: SinkTaskContext | null = null
  let task = ''
  let retries = 3
  const told = (hook: string, what: unknown) => {
    appendFileSync(config.log, `${JSON.stringify({ task, hook, what })}\n`)
    if (config['fail.in'] === hook) throw new Error(`${hook} fails as told`)
  }
  return {
    start(props, given) {
      config = sinkConfig.parse(props)
      context = given
      task = props['task.number'] ?? ''
      told('start', { reporter: given.errantRecordReporter !== null })
    },
    open(partitions) {
      for (const partition of partitions) if (config['rewind.in.open'] >= 0) context?.offset(partition, config['rewind.in.open'])
      told('open', partitions)
    },
    put(records) {
      if (records.length === 0) return told('empty', null)
      for (const { value } of records) {
        if (value === config['fail.at']) throw new Error('put fails as told')
        if (value === config['retry.at'] && retries-- > 0) {
          context?.timeout(20)
          throw new RetriableError('put is to be tried again')
        }
      }
      told(
        'put',
        records.map(r => ({ offset: r.kafkaOffset, value: r.value, topic: r.topic, timestamp: r.timestamp })),
      )
      if (records.some(r => r.value === config['pause.after']))
        context?.pause({ topic: records[0]?.originalTopic ?? '', partition: 0 })
    },
    async preCommit(current: Offsets) {
      told('preCommit', current)
      const gate = config['commit.gate']
      while (gate !== '' && !existsSync(gate)) await systemClock.sleep(20)
      return current
    },
    close: partitions => told('close', partitions),
    stop: () => told('stop', null),
  }
}

const sourceConfig = defineConfig({
  topic: { type: 'string', importance: 'high', doc: 'Where records go; `%` stands for the number of the line.' },
  script: { type: 'string', importance: 'high', doc: 'File: each line is a record.' },
  log: { type: 'string', importance: 'high', doc: 'File that commit and commitRecord are written to.' },
})

/** Each line is a record of source partition `{line: parity}`; `bad` becomes a value that its schema does not take. */
function scriptedSource(): SourceTask {
  let config = sourceConfig.parse({ topic: '', script: '/dev/null', log: '/dev/null' })
  let next = 0
  const told = (hook: string, what: unknown) => appendFileSync(config.log, `${JSON.stringify({ hook, what })}\n`)
  return {
    async start(props, context) {
      config = sourceConfig.parse(props)
      const [offset] = await context.offsets([{ script: config.script }])
      next = Number(offset?.next ?? 0)
      told('start', next)
    },
    poll() {
      const all = readFileSync(config.script, 'utf8').split('\n').slice(0, -1)
      const stop = all.indexOf('retriable', next + 1)
      const lines = stop < 0 ? all : all.slice(0, stop)
      if (lines[next] === 'retriable') {
        next++
        throw new RetriableError('poll is to be tried again')
      }
      const records = lines.slice(next).map((line, i) => {
        const headers = line === 'bad' ? new Headers([{ key: 'why', schema: STRING, value: 'told so' }]) : NO_HEADERS
        const topic = config.topic.replace('%', String(next + i))
        const schema = line === 'bad' ? INT32 : STRING
        return new SourceRecord(
          { script: config.script },
          { next: next + i + 1 },
          topic,
          null,
          STRING,
          `k${next + i}`,
          schema,
          line,
          null,
          headers,
        )
      })
      next += records.length
      return records.length === 0 ? null : records
    },
    commit: () => told('commit', null),
    commitRecord: (record, metadata) => told('commitRecord', [record.value, metadata?.offset ?? null]),
    stop: () => told('stop', null),
  }
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'sink',
    className: 'io.sluice.test.ScriptedSinkConnector',
    taskClass: 'io.sluice.test.ScriptedSinkTask',
    aliases: ['ScriptedSink'],
    version: '0.1.0',
    config: sinkConfig,
    connector: countedConnector,
    task: scriptedSink,
  },
  {
    kind: 'source',
    className: 'io.sluice.test.ScriptedSourceConnector',
    taskClass: 'io.sluice.test.ScriptedSourceTask',
    aliases: ['ScriptedSource'],
    version: '0.1.0',
    config: sourceConfig,
    connector: countedConnector,
    task: scriptedSource,
  },
]

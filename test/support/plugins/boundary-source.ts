// A source whose batches and ends of transactions stand in a script that the test goes on writing: `a` is a record, `a commit`, `a abort` and `a both`
// ask for an end behind it, `--` ends a batch, `-- commit` and so on ask for an end behind the batch; `!` makes the poll fail. A batch is polled
// once its end is there. Task thread; a plugin for tests.
import { appendFileSync, readFileSync } from 'node:fs'
import {
  NO_HEADERS,
  type Plugin,
  SourceRecord,
  type SourceTask,
  STRING,
  type TransactionContext,
} from '../../../src/api/index.ts'
import { defineConfig } from '../../../src/config/define.ts'
import { countedConnector } from './counted.ts'

const config = defineConfig({
  topic: { type: 'string', importance: 'high', doc: 'Where records go.' },
  script: { type: 'string', importance: 'high', doc: 'File, see above.' },
  log: { type: 'string', importance: 'high', doc: 'File that start, commit and commitRecord are written to.' },
})

function boundarySource(): SourceTask {
  let own = config.parse({ topic: '', script: '/dev/null', log: '/dev/null' })
  let transactions: TransactionContext | null = null
  let next = 0
  const told = (hook: string, what: unknown) => appendFileSync(own.log, `${JSON.stringify([hook, what])}\n`)
  const ask = (what: string | undefined, record?: SourceRecord) => {
    if (what === 'commit' || what === 'both') transactions?.commitTransaction(record)
    if (what === 'abort' || what === 'both') transactions?.abortTransaction(record)
  }
  return {
    async start(props, context) {
      own = config.parse(props)
      transactions = context.transactions
      const [offset] = await context.offsets([{ script: own.script }])
      next = Number(offset?.next ?? 0)
      told('start', next)
    },
    poll() {
      const lines = readFileSync(own.script, 'utf8').split('\n').slice(next, -1)
      const end = lines.findIndex(line => line.startsWith('--'))
      if (lines[0] === '!') throw new Error('poll fails as told')
      if (end < 0) return null
      const records = lines.slice(0, end).map((line, i) => {
        const [value = '', asked] = line.split(' ')
        const record = recordOf(own.script, next + i + (i + 1 === end ? 2 : 1), own.topic, value)
        ask(asked, record)
        return record
      })
      ask(lines[end]?.split(' ')[1])
      next += end + 1
      return records
    },
    commit: () => told('commit', null),
    commitRecord: (record, metadata) => told('commitRecord', [record.value, metadata !== null]),
    stop: () => told('stop', null),
  }
}

function recordOf(script: string, next: number, topic: string, value: string): SourceRecord {
  return new SourceRecord({ script }, { next }, topic, null, null, null, STRING, value, null, NO_HEADERS)
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'source',
    className: 'io.sluice.test.BoundarySourceConnector',
    taskClass: 'io.sluice.test.BoundarySourceTask',
    aliases: ['BoundarySource'],
    version: '0.1.0',
    config,
    connector: () => ({
      ...countedConnector(),
      exactlyOnceSupport: props => {
        if (props['say.support'] === 'fail') throw new Error('cannot tell')
        return props['say.support'] === 'unsupported' ? 'unsupported' : 'supported'
      },
      canDefineTransactionBoundaries: props => (props['say.boundaries'] === 'unsupported' ? 'unsupported' : 'supported'),
    }),
    task: boundarySource,
  },
]

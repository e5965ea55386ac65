// Plugins as a JavaScript author may write them by mistake: a transform that is async, one that throws what is no proper error, a sink that empties the
// list it is given, a source whose records are none. Task threads; for test/broker/careless-plugins.test.ts.
import { appendFileSync } from 'node:fs'
import {
  type ConnectRecord,
  defineSink,
  defineSource,
  defineTransform,
  NO_HEADERS,
  type Plugin,
  RetriableError,
  type SinkRecord,
  SourceRecord,
} from '../../../src/api/index.ts'
import { defineConfig } from '../../../src/config/define.ts'

const file = defineConfig({ file: { type: 'string', importance: 'high', doc: 'Gets the value of each record, a line each.' } })

const changes: Readonly<Record<string, (record: ConnectRecord) => unknown>> = {
  async: async record => record,
  nothing: () => undefined,
  'throw a long message': () => {
    throw new Error('M'.repeat(3_000_000))
  },
  'throw null': () => {
    throw null
  },
  'throw no text': () => {
    throw Object.assign(new Error('x'), { message: 5, stack: 7 })
  },
}

const records: Readonly<Record<string, object>> = {
  'negative partition': { kafkaPartition: -1 },
  'date offset': { sourceOffset: { since: new Date(0) } },
  'no headers': { headers: null },
  'a timestamp of the next century': { timestamp: 4e12 },
  'half a millisecond': { timestamp: 1.5 },
}

const change = defineConfig({ change: { type: 'string', importance: 'high', doc: 'What apply does.' } })
const poll = defineConfig({
  topic: { type: 'string', importance: 'high', doc: 'Where records go.' },
  poll: { type: 'string', importance: 'high', doc: 'What poll returns, once.' },
})

export const plugins: readonly Plugin[] = [
  defineTransform({
    className: 'io.sluice.test.CarelessTransform',
    aliases: ['Careless'],
    version: '0.1.0',
    config: change,
    create: () => {
      let apply: (record: ConnectRecord) => unknown = record => record
      return {
        configure: config => void (apply = changes[config.change] ?? apply),
        apply: <R extends ConnectRecord>(record: R) => apply(record) as R,
      }
    },
  }),
  defineSink({
    className: 'io.sluice.test.SplicingSinkConnector',
    aliases: ['SplicingSink'],
    version: '0.1.0',
    config: file,
    task: () => {
      let path = ''
      let puts = 0
      return {
        start: config => void (path = config.file),
        put(given) {
          const taken = (given as SinkRecord[]).splice(0)
          if (taken.length === 0) return
          if (puts++ === 0) throw new RetriableError('not now')
          for (const { value } of taken) appendFileSync(path, `${value}\n`)
        },
        stop() {},
      }
    },
  }),
  defineSource({
    className: 'io.sluice.test.CarelessSourceConnector',
    aliases: ['CarelessSource'],
    version: '0.1.0',
    config: poll,
    task: () => {
      let polls = 0
      let topic = ''
      let odd: object = {}
      return {
        start(config) {
          topic = config.topic
          odd = records[config.poll] ?? {}
        },
        poll() {
          if (polls++ > 0) return null
          const record = new SourceRecord({ file: 'a' }, { position: 1 }, topic, null, null, null, null, 'v', null, NO_HEADERS)
          return [Object.assign(record, odd)]
        },
        stop() {},
      }
    },
  }),
]

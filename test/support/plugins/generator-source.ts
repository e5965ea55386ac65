// A source that counts: records `<task>-<n>` with offset n, so a test can tell loss and duplicates. Resumes after the committed
// offset. Ends at `messages` (then polls nothing). Task thread; for benches and chaos tests.
import { NO_HEADERS, type Plugin, SourceRecord, type SourceTask, STRING } from '../../../src/api/index.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { codeOf } from '../../../src/base/errors.ts'
import { defineConfig } from '../../../src/config/define.ts'
import { countedConnector } from './counted.ts'

const generatorConfig = defineConfig({
  topic: { type: 'string', importance: 'high', doc: 'Where records go.' },
  messages: { type: 'long', default: 1000, importance: 'low', doc: 'Records a task makes in all; -1: no end.' },
  'batch.size': { type: 'int', default: 500, importance: 'low', doc: 'Records a poll.' },
  'sleep.ms': { type: 'int', default: 0, importance: 'low', doc: 'Sleep before each poll.' },
  'value.bytes': { type: 'int', default: 0, importance: 'low', doc: 'Values are padded to this length.' },
})

function createTask(): SourceTask {
  let config = generatorConfig.parse({ topic: 'unset' })
  let task = '0'
  let next = 0
  return {
    async start(props, context) {
      config = generatorConfig.parse(props)
      task = props['task.number'] ?? '0'
      const [offset] = await context.offsets([{ task }])
      next = offset === null || offset === undefined ? 0 : Number(offset.n) + 1
    },
    async poll(signal) {
      const limit = config.messages < 0 ? Number.MAX_SAFE_INTEGER : config.messages
      const sleepMs = next >= limit ? 50 : config['sleep.ms']
      if (sleepMs > 0) {
        try {
          await systemClock.sleep(sleepMs, signal)
        } catch (error) {
          if (codeOf(error) === 'CONNECT_ABORTED') return null
          throw error
        }
      }
      const records: SourceRecord[] = []
      for (let i = 0; i < config['batch.size'] && next < limit; i++, next++) {
        const value = `${task}-${next}`.padEnd(config['value.bytes'], '.')
        records.push(new SourceRecord({ task }, { n: next }, config.topic, null, null, null, STRING, value, null, NO_HEADERS))
      }
      return records.length > 0 ? records : null
    },
    stop() {},
  }
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'source',
    className: 'io.sluice.test.GeneratorSourceConnector',
    taskClass: 'io.sluice.test.GeneratorSourceTask',
    aliases: ['GeneratorSource'],
    version: '0.1.0',
    config: generatorConfig,
    connector: countedConnector,
    task: createTask,
  },
]

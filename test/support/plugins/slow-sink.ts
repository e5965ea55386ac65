// A sink that sleeps before it takes a batch, appends each value as a line to a file (when named), and can refuse batches for a
// while with RetriableError. Task thread; for chaos tests.
import { appendFileSync } from 'node:fs'
import { type Plugin, RetriableError, type SinkTask } from '../../../src/api/index.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { defineConfig } from '../../../src/config/define.ts'
import { javaString } from '../../../src/data/java-string.ts'
import { countedConnector } from './counted.ts'

const slowSinkConfig = defineConfig({
  'sleep.ms': { type: 'int', default: 100, importance: 'low', doc: 'Sleep before each batch.' },
  file: { type: 'string', default: null, importance: 'low', doc: 'Values are appended here, a line each.' },
  'retriable.failures': {
    type: 'int',
    default: 0,
    importance: 'low',
    doc: 'The first puts fail this often with RetriableError.',
  },
})

function createTask(): SinkTask {
  let sleepMs = 0
  let file: string | null = null
  let failuresLeft = 0
  return {
    start(props) {
      const config = slowSinkConfig.parse(props)
      sleepMs = config['sleep.ms']
      file = config.file
      failuresLeft = config['retriable.failures']
    },
    async put(records) {
      if (records.length === 0) return
      await systemClock.sleep(sleepMs)
      if (failuresLeft-- > 0) throw new RetriableError('not yet')
      if (file !== null) appendFileSync(file, `${records.map(r => javaString(r.value, r.valueSchema)).join('\n')}\n`)
    },
    stop() {},
  }
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'sink',
    className: 'io.sluice.test.SlowSinkConnector',
    taskClass: 'io.sluice.test.SlowSinkTask',
    aliases: ['SlowSink'],
    version: '0.1.0',
    config: slowSinkConfig,
    connector: countedConnector,
    task: createTask,
  },
]

// Sinks whose tasks end badly, each in one way: heap exhausted, thread never yielding, a rejection nobody awaits, a plain throw,
// a stop that never ends. The bad thing happens at the first record, or at start with `when=start`; with `task.number.only` in one
// task alone. Task thread; for chaos tests.
import type { Plugin, SinkTask } from '../../../src/api/index.ts'
import { defineConfig } from '../../../src/config/define.ts'
import { countedConnector } from './counted.ts'

const misbehavingConfig = defineConfig({
  when: { type: 'string', default: 'put', importance: 'low', doc: 'start, put or stop.' },
  'task.number.only': { type: 'int', default: -1, importance: 'low', doc: 'Only this task misbehaves; -1: all.' },
})

type When = 'start' | 'put' | 'stop'

function createTask(misbehave: () => void | Promise<void>, defaultWhen: When | null): SinkTask {
  let when: string | null = null
  return {
    start(props) {
      const config = misbehavingConfig.parse(props)
      const only = config['task.number.only']
      when = only === -1 || String(only) === props['task.number'] ? (defaultWhen ?? config.when) : null
      if (when === 'start') return misbehave()
    },
    put(records) {
      if (when === 'put' && records.length > 0) return misbehave()
    },
    stop() {
      if (when === 'stop') return misbehave()
    },
  }
}

function allocate(): void {
  const hoard: string[][] = []
  for (let i = 0; ; i++) hoard.push(Array.from({ length: 10_000 }, (_, j) => `${i}-${j}`))
}

function spin(): void {
  for (;;);
}

function reject(): void {
  void Promise.reject(new Error('a rejection that nobody awaits'))
}

function fail(): void {
  throw new Error('the task misbehaves as told')
}

const hang = (): Promise<void> => new Promise(() => {})

const define = (name: string, misbehave: () => void | Promise<void>, when: When | null = null): Plugin => ({
  kind: 'sink',
  className: `io.sluice.test.${name}Connector`,
  taskClass: `io.sluice.test.${name}Task`,
  aliases: [name],
  version: '0.1.0',
  config: misbehavingConfig,
  connector: countedConnector,
  task: () => createTask(misbehave, when),
})

export const plugins: readonly Plugin[] = [
  define('AllocatingSink', allocate),
  define('SpinningSink', spin),
  define('RejectingSink', reject),
  define('FailingSink', fail),
  define('HangingStopSink', hang, 'stop'),
]

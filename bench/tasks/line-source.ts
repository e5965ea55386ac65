// A source of several tasks that share a number of lines and make them in memory: what a task costs from poll to acknowledged record, by
// records. Offsets are kept as any source's, and not read again. Task thread; loaded through plugin.path by bench:tasks.
import { setTimeout as delay } from 'node:timers/promises'
import { defineConfig, NO_HEADERS, type Plugin, type Props, SourceRecord, type SourceTask, STRING } from '../../src/api/index.ts'
import { recordAt } from '../records.ts'

const BATCH_RECORDS = 2000
/** Lines that take turns. */
const LINES = 1000
const IDLE_MS = 100

const config = defineConfig({
  topic: { type: 'string', importance: 'high', doc: 'Where the lines go.' },
  lines: { type: 'int', importance: 'high', doc: 'How many, of all tasks together.' },
  'line.bytes': { type: 'int', default: 150, importance: 'low', doc: 'Of about this size.' },
})

class LineTask implements SourceTask {
  #lines: readonly string[] = []
  #topic = ''
  #partition = { task: '' }
  #made = 0
  #share = 0

  start(props: Props): void {
    const { topic, lines, 'line.bytes': bytes } = config.parse(props)
    const [task, tasks] = [Number(props['task.number']), Number(props['task.count'])]
    this.#topic = topic
    this.#partition = { task: String(task) }
    this.#share = Math.floor((lines * (task + 1)) / tasks) - Math.floor((lines * task) / tasks)
    this.#lines = Array.from({ length: LINES }, (_, i) => recordAt(i, bytes))
  }

  async poll(signal: AbortSignal): Promise<SourceRecord[] | null> {
    const count = Math.min(BATCH_RECORDS, this.#share - this.#made)
    if (count === 0) {
      await delay(IDLE_MS, undefined, { signal }).catch(() => {})
      return null
    }
    const now = Date.now()
    return Array.from({ length: count }, () => this.#record(now))
  }

  stop(): void {}

  #record(now: number): SourceRecord {
    const line = this.#lines[this.#made % LINES]
    const offset = { line: ++this.#made }
    return new SourceRecord(this.#partition, offset, this.#topic, null, null, null, STRING, line, now, NO_HEADERS)
  }
}

function connector() {
  let props: Props = {}
  return {
    start(started: Props) {
      props = started
    },
    taskConfigs: (max: number) =>
      Array.from({ length: max }, (_, i) => ({ ...props, 'task.number': String(i), 'task.count': String(max) })),
    stop() {},
  }
}

export const plugins: readonly Plugin[] = [
  {
    kind: 'source',
    className: 'io.sluice.bench.LineSourceConnector',
    taskClass: 'io.sluice.bench.LineSourceTask',
    aliases: ['LineSource'],
    version: '0.1.0',
    config,
    connector,
    task: () => new LineTask(),
  },
]

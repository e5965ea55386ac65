// TemplateName: appends the value of every record to a file, a line of JSON each. Replace what it does; the shape stays.
import { type FileHandle, open } from 'node:fs/promises'
import {
  atLeast,
  type ConfigOf,
  DataError,
  defineConfig,
  defineSink,
  type Plugin,
  type SinkRecord,
  type SinkTask,
  type SinkTaskContext,
} from 'sluice'
import { jsonText } from 'sluice/kit'

const config = defineConfig({
  path: { type: 'string', importance: 'high', doc: 'The file that lines are appended to.' },
  'line.bytes.max': {
    type: 'int',
    default: 1_000_000,
    importance: 'low',
    doc: 'A record with a longer line is bad data: `errors.tolerance` says what becomes of it.',
    check: atLeast(1),
  },
})

type Config = ConfigOf<typeof config>

class TemplateNameTask implements SinkTask<Config> {
  #file: FileHandle | null = null
  #lineBytesMax = 0
  #context: SinkTaskContext | null = null

  async start(config: Config, context: SinkTaskContext): Promise<void> {
    this.#file = await open(config.path, 'a')
    this.#lineBytesMax = config['line.bytes.max']
    this.#context = context
  }

  /** Records arrive in order per partition; the same ones may come again after a failure. */
  async put(records: readonly SinkRecord[]): Promise<void> {
    let text = ''
    for (const record of records) {
      const line = `${jsonText(record.value, record.valueSchema, 'NUMERIC')}\n`
      if (Buffer.byteLength(line) <= this.#lineBytesMax) text += line
      else await this.#refuse(record, new DataError(`a line of ${Buffer.byteLength(line)} bytes is over line.bytes.max`))
    }
    if (text !== '') await this.#file?.appendFile(text)
  }

  /** What was put is durable before its offsets are committed. */
  async flush(): Promise<void> {
    await this.#file?.sync()
  }

  async stop(): Promise<void> {
    await this.#file?.close()
  }

  /** To the dead-letter topic where there is one; otherwise the task fails. */
  async #refuse(record: SinkRecord, error: Error): Promise<void> {
    const reporter = this.#context?.errantRecordReporter
    if (reporter == null) throw error
    await reporter.report(record, error)
  }
}

export const plugins: readonly Plugin[] = [
  defineSink({ className: 'com.example.TemplateNameConnector', config, task: () => new TemplateNameTask() }),
]

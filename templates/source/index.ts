// TemplateName: reads a file of lines, each a record, and goes on where it stopped. Replace what it does; the shape stays.
import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import {
  atLeast,
  type ConfigOf,
  defineConfig,
  defineSource,
  type Plugin,
  type SourceRecord,
  type SourceTask,
  type SourceTaskContext,
  STRING,
  sourceRecord,
} from 'sluice'

const config = defineConfig({
  path: { type: 'string', importance: 'high', doc: 'The file that lines are read from; it may grow.' },
  topic: { type: 'string', importance: 'high', doc: 'The topic that records are written to.' },
  'poll.interval.ms': {
    type: 'int',
    default: 500,
    importance: 'low',
    doc: 'How long to wait at the end of the file.',
    check: atLeast(1),
  },
})

type Config = ConfigOf<typeof config>

const READ_BYTES_MAX = 64 * 1024

class TemplateNameTask implements SourceTask<Config> {
  #config: Config | null = null
  #file: FileHandle | null = null
  #position = 0

  async start(config: Config, context: SourceTaskContext): Promise<void> {
    this.#config = config
    this.#file = await open(config.path)
    const [committed] = await context.offsets([{ path: config.path }])
    this.#position = Number(committed?.position ?? 0)
  }

  /** The next lines, or null when there are none for now. */
  async poll(signal: AbortSignal): Promise<SourceRecord[] | null> {
    const config = this.#config
    if (config === null || this.#file === null) return null
    const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(READ_BYTES_MAX), 0, READ_BYTES_MAX, this.#position)
    const records: SourceRecord[] = []
    let start = 0
    for (let end = buffer.indexOf(10); end !== -1 && end < bytesRead; end = buffer.indexOf(10, start)) {
      const position = this.#position + end + 1
      records.push(
        sourceRecord({
          sourcePartition: { path: config.path },
          sourceOffset: { position },
          topic: config.topic,
          valueSchema: STRING,
          value: buffer.toString('utf8', start, end),
        }),
      )
      start = end + 1
    }
    this.#position += start
    if (records.length === 0) await delay(config['poll.interval.ms'], undefined, { signal }).catch(() => undefined)
    return records
  }

  async stop(): Promise<void> {
    await this.#file?.close()
  }
}

export const plugins: readonly Plugin[] = [
  defineSource({ className: 'com.example.TemplateNameConnector', config, task: () => new TemplateNameTask() }),
]

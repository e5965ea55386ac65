// The file source's task: follows one file like `tail -F` and hands over its whole lines. One instance a task thread.
import {
  NO_HEADERS,
  type Props,
  type SourceMap,
  SourceRecord,
  type SourceTask,
  type SourceTaskContext,
  STRING,
} from '../../api/index.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { codeOf } from '../../base/errors.ts'
import { TextRecords } from '../../data/text-records.ts'
import { type FileSourceConfig, fileSourceConfig } from './config.ts'
import { type Input, openFile, openStdin } from './input.ts'
import { LineSplitter } from './lines.ts'

/** Pause between looks at a file that has nothing new. */
const IDLE_MS = 200

export class FileSourceTask implements SourceTask {
  readonly #clock: Clock
  #config: FileSourceConfig | null = null
  #context: SourceTaskContext | null = null
  #path: string | null = null
  #partition: SourceMap = {}
  #input: Input | null = null
  #lines = new LineSplitter('', 0)
  #toldMissing = false
  /** the file was replaced and the old one had nothing new: at the second such look the old one is done with */
  #replacedSeen = false

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  async start(props: Props, context: SourceTaskContext): Promise<void> {
    this.#config = fileSourceConfig.parse(props)
    this.#context = context
    this.#path = this.#config.file || null
    this.#partition = { filename: this.#path }
    let position = 0
    if (this.#path !== null) {
      const [offset] = await context.offsets([this.#partition])
      position = Number(offset?.position ?? 0)
    }
    this.#lines = new LineSplitter(this.#path ?? 'standard input', position)
  }

  /** Whole lines at hand are handed over without a wait; a read happens only when there is none. */
  poll(signal: AbortSignal): SourceRecord[] | Promise<SourceRecord[] | null> {
    return this.#lines.hasLine ? this.#batch() : this.#read(signal, () => this.#batch())
  }

  /** As poll; lines that are valid UTF-8 stay bytes of the block that was read. */
  pollTexts(signal: AbortSignal): TextRecords | SourceRecord[] | Promise<TextRecords | SourceRecord[] | null> {
    return this.#lines.hasLine ? this.#texts() : this.#read(signal, () => this.#texts())
  }

  async stop(): Promise<void> {
    const input = this.#input
    this.#input = null
    await input?.close()
  }

  get #limit(): number {
    return Math.max(this.#config?.['batch.size'] ?? 1, 1)
  }

  #texts(): TextRecords | SourceRecord[] {
    if (!this.#lines.isUtf8) return this.#batch()
    const { buffer, starts, ends, positions, count } = this.#lines.ranges(this.#limit)
    const offsetAt = (i: number) => this.#offset(positions[i] ?? 0)
    return new TextRecords(this.#partition, this.#config?.topic ?? '', this.#clock.now(), buffer, starts, ends, count, offsetAt)
  }

  #batch(): SourceRecord[] {
    const lines = this.#lines
    const limit = this.#limit
    const now = this.#clock.now()
    const records: SourceRecord[] = []
    while (records.length < limit && lines.hasLine) records.push(this.#record(lines.next(), lines.position, now))
    return records
  }

  #offset(position: number): SourceMap {
    return { position: this.#path === null ? null : position }
  }

  #record(line: string, position: number, now: number): SourceRecord {
    const offset = this.#offset(position)
    return new SourceRecord(this.#partition, offset, this.#config?.topic ?? '', null, null, null, STRING, line, now, NO_HEADERS)
  }

  async #read<B>(signal: AbortSignal, batch: () => B): Promise<B | SourceRecord[] | null> {
    const input = this.#input ?? (await this.#open())
    if (input === null) return this.#idle(signal)
    const { buffer, offset, length } = this.#lines.space()
    const bytes = await input.read(buffer, offset, length)
    if (bytes === 0) return (await this.#atEnd(input)) ?? this.#idle(signal)
    this.#replacedSeen = false
    this.#lines.filled(bytes)
    return this.#lines.hasLine ? batch() : null
  }

  async #open(): Promise<Input | null> {
    const path = this.#path
    if (path === null) {
      this.#input = openStdin()
      return this.#input
    }
    const wanted = this.#lines.position
    const opened = await openFile(path, wanted)
    if (opened === null) {
      if (!this.#toldMissing) this.#context?.logger.warn(`${path} does not exist; waiting for it`)
      this.#toldMissing = true
      return null
    }
    this.#toldMissing = false
    if (opened.start !== wanted) {
      this.#context?.logger.warn(`${path} is shorter than the committed position ${wanted}; reading it from its start`)
    }
    this.#lines = new LineSplitter(path, opened.start)
    this.#input = opened.input
    return this.#input
  }

  /** Nothing more to read for now: the file may have been cut or replaced. Records: the last line of a replaced file. */
  async #atEnd(input: Input): Promise<SourceRecord[] | null> {
    const change = await input.changed()
    if (change === 'same') return null
    // The writer of a renamed file may still be writing to it: it is left at the second look without news.
    if (change === 'replaced' && !this.#replacedSeen) {
      this.#replacedSeen = true
      return null
    }
    const rest = change === 'replaced' ? this.#lines.rest() : null
    const record = rest === null ? null : this.#record(rest, this.#lines.position, this.#clock.now())
    this.#context?.logger.info(`${this.#path} was ${change}; reading it from its start`)
    this.#replacedSeen = false
    await this.stop()
    this.#lines = new LineSplitter(this.#path ?? '', 0)
    return record === null ? null : [record]
  }

  async #idle(signal: AbortSignal): Promise<null> {
    try {
      await this.#clock.sleep(IDLE_MS, signal)
    } catch (error) {
      if (codeOf(error) !== 'CONNECT_ABORTED') throw error
    }
    return null
  }
}

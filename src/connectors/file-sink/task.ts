// The file sink's task: appends Java's text of each value and a newline. One instance a task thread; several tasks append to the
// same file, each in writes that end at a line.
import { constants, writeSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import type { Props, SinkRecord, SinkTask, SinkTaskContext } from '../../api/index.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { ConnectError, codeOf, RetriableError } from '../../base/errors.ts'
import { MIB } from '../../base/units.ts'
import { type ColumnBatch, TEXT } from '../../data/columns.ts'
import { javaString } from '../../data/java-string.ts'
import { JavaTextBuffer } from '../../data/java-text-buffer.ts'
import { RowText } from '../../data/row-text.ts'
import { wellFormed } from '../../data/well-formed.ts'
import { fileSinkConfig } from './config.ts'

/** Lines of one put, before they are written at its end: who follows the file sees them at once, as with Java. */
const BUFFER_BYTES = 2 * MIB
const LF = 10
const LINE_END = Buffer.from([LF])
/** Pause asked for before a full disk is tried again. */
const DISK_FULL_RETRY_MS = 5000
/** A full pipe is tried again after a short pause, so many times in one put; then the worker is asked to put again later. */
const PIPE_PAUSE_MS = 5
const PIPE_PAUSES_MAX = 100
const PIPE_FULL_RETRY_MS = 1000
/** Neither the open nor a write waits for a reader: a thread of libuv's few would be held until one comes. */
const PIPE_FLAGS = constants.O_RDWR | constants.O_NONBLOCK

export class FileSinkTask implements SinkTask {
  readonly #clock: Clock
  readonly #lines = new JavaTextBuffer(BUFFER_BYTES)
  readonly #rows = new RowText({ separator: ', ', key: name => wellFormed(`${name}=`), quote: '', text: javaString })
  /** bytes of the lines that are written already: not 0 only after a write that failed midway */
  #written = 0
  #context: SinkTaskContext | null = null
  #path: string | null = null
  #handle: FileHandle | null = null
  #isRegularFile = false
  /** the file ends, as far as this task knows, within a line */
  #isTorn = false
  /** By partition, first and last offset of a put that failed after its records were taken: those are not taken twice. */
  #taken: Taken | null = null

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  async start(props: Props, context: SinkTaskContext): Promise<void> {
    this.#context = context
    this.#path = fileSinkConfig.parse(props).file || null
    if (this.#path === null) return
    try {
      const isPipe = (await stat(this.#path).catch(() => null))?.isFIFO() ?? false
      this.#handle = await open(this.#path, isPipe ? PIPE_FLAGS : 'a')
      this.#isRegularFile = (await this.#handle.stat()).isFile()
      this.#isTorn = this.#isRegularFile && (await endsMidway(this.#path))
    } catch (error) {
      throw new ConnectError(`cannot open ${this.#path} for appending: ${(error as Error).message}`, { cause: error })
    }
  }

  put(records: readonly SinkRecord[]): void | Promise<void> {
    const lines = this.#lines
    const taken = this.#taken
    for (let i = 0; i < records.length; i++) {
      const record = records[i] as SinkRecord
      if (taken !== null && isTaken(taken, record)) continue
      lines.append(record.value, record.valueSchema)
      lines.appendByte(LF)
    }
    if (records.length > 0) this.#taken = null
    // Written at every put, as Java does: whoever follows the file sees the lines at once.
    if (lines.length > 0) return this.#writeTaken(() => (records.length > 0 ? rangesOf(records) : null))
  }

  putColumns(batch: ColumnBatch): void | Promise<void> {
    // After a write that failed some records may be taken already: they are looked at one by one.
    if (this.#taken !== null) return this.put(recordsOf(batch))
    const [first] = batch.columns
    if (batch.form === 'single' && first?.mask === 1 << TEXT) this.#rows.appendTexts(this.#lines, first, 0, batch.count)
    else if (batch.schema === null && batch.form === 'rows') this.#rows.append(this.#lines, batch, 0, batch.count)
    else {
      for (let row = 0; row < batch.count; row++) {
        this.#lines.append(batch.valueAt(row), batch.schema)
        this.#lines.appendByte(LF)
      }
    }
    return this.#writeTaken(() => rangesOf(recordsOf(batch)))
  }

  /** Afterwards every line put so far survives a power cut. Java's connector hands them to the operating system only. */
  async flush(): Promise<void> {
    // Lines at hand are those of a put that failed: no offset to be committed is theirs.
    try {
      await this.#handle?.datasync()
    } catch (error) {
      // Pipes and character devices have nothing to sync.
      if (codeOf(error) !== 'EINVAL') throw this.#failure(error)
    }
  }

  async stop(): Promise<void> {
    const handle = this.#handle
    this.#handle = null
    await handle?.close()
  }

  /** @param taken the records of this put, null for an empty one */
  async #writeTaken(taken: () => Taken | null): Promise<void> {
    try {
      await this.#write()
    } catch (error) {
      this.#taken = taken() ?? this.#taken
      throw error
    }
  }

  async #write(): Promise<void> {
    let pauses = 0
    while (this.#written < this.#lines.length) {
      try {
        if (this.#isTorn) this.#isTorn = (await this.#writeSome(LINE_END)) === 0
        this.#written += await this.#writeSome(this.#lines.view().subarray(this.#written))
      } catch (error) {
        if (codeOf(error) !== 'EAGAIN' || pauses++ === PIPE_PAUSES_MAX) {
          this.#beginLineAgain()
          throw this.#failure(error)
        }
        await this.#clock.sleep(PIPE_PAUSE_MS)
      }
    }
    this.#lines.clear()
    this.#written = 0
    this.#context?.reportBufferedBytes(0)
  }

  /** A line that was cut off is written again as a whole, on a line of its own: others may write to the file meanwhile. */
  #beginLineAgain(): void {
    if (!this.#isRegularFile || this.#written === 0) return
    const begin = this.#lines.view().lastIndexOf(LF, this.#written - 1) + 1
    if (begin === this.#written) return
    this.#written = begin
    this.#isTorn = true
  }

  async #writeSome(bytes: Buffer): Promise<number> {
    // A copy into the page cache, quicker than the way to a pool thread and back. A terminal may block: not on this thread.
    if (this.#handle !== null && this.#isRegularFile) return writeSync(this.#handle.fd, bytes)
    if (this.#handle !== null) return (await this.#handle.write(bytes, 0, bytes.length)).bytesWritten
    if (this.#path !== null) throw new ConnectError('the task was stopped')
    const copy = Buffer.from(bytes)
    await new Promise<void>((resolve, reject) => process.stdout.write(copy, error => (error ? reject(error) : resolve())))
    return bytes.length
  }

  #failure(error: unknown): ConnectError {
    const reason = (error as Error).message
    const name = this.#path ?? 'standard output'
    if (codeOf(error) === 'EAGAIN') {
      this.#context?.timeout(PIPE_FULL_RETRY_MS)
      return new RetriableError(`cannot write to ${name}, the pipe is full: ${reason}`, { cause: error })
    }
    if (codeOf(error) !== 'ENOSPC' && codeOf(error) !== 'EDQUOT') {
      return new ConnectError(`cannot write to ${name}: ${reason}`, { cause: error })
    }
    this.#context?.timeout(DISK_FULL_RETRY_MS)
    return new RetriableError(`cannot write to ${name}, the disk is full: ${reason}`, { cause: error })
  }
}

type Taken = Map<string, { readonly first: number; last: number }>

const partitionOf = (record: SinkRecord): string => `${record.originalTopic}\0${record.originalKafkaPartition}`

function recordsOf(batch: ColumnBatch): SinkRecord[] {
  return Array.from({ length: batch.count }, (_, row) => batch.record(row)).filter(record => record !== null)
}

function rangesOf(records: readonly SinkRecord[]): Taken {
  const ranges: Taken = new Map()
  for (const record of records) {
    const range = ranges.get(partitionOf(record))
    if (range === undefined)
      ranges.set(partitionOf(record), { first: record.originalKafkaOffset, last: record.originalKafkaOffset })
    else range.last = record.originalKafkaOffset
  }
  return ranges
}

/** The batch is not the same where partitions went or reading went back meanwhile. */
function isTaken(taken: ReadonlyMap<string, { readonly first: number; readonly last: number }>, record: SinkRecord): boolean {
  const range = taken.get(partitionOf(record))
  return range !== undefined && record.originalKafkaOffset >= range.first && record.originalKafkaOffset <= range.last
}

/** A line that a full disk or a kill cut off: the next one must not be glued to it. */
async function endsMidway(path: string): Promise<boolean> {
  // One that may be written and not read is taken for whole.
  const file = await open(path, 'r').catch(() => null)
  if (file === null) return false
  try {
    const { size } = await file.stat()
    if (size === 0) return false
    const last = Buffer.alloc(1)
    await file.read(last, 0, 1, size - 1)
    return last[0] !== LF
  } finally {
    await file.close()
  }
}

// The file sink's task: appends Java's text of each value and a newline. One instance a task thread; several tasks append to the
// same file, each in writes that end at a line.
import { writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Props, SinkRecord, SinkTask, SinkTaskContext } from '../../api/index.ts'
import { ConnectError, codeOf, RetriableError } from '../../base/errors.ts'
import { MIB } from '../../base/units.ts'
import { JavaTextBuffer } from '../../data/java-text-buffer.ts'
import { fileSinkConfig } from './config.ts'

/** Lines of one put, before they are written at its end: who follows the file sees them at once, as with Java. */
const BUFFER_BYTES = 2 * MIB
const LF = 10
/** Pause asked for before a full disk is tried again. */
const DISK_FULL_RETRY_MS = 5000

export class FileSinkTask implements SinkTask {
  readonly #lines = new JavaTextBuffer(BUFFER_BYTES)
  /** bytes of the lines that are written already: not 0 only after a write that failed midway */
  #written = 0
  #context: SinkTaskContext | null = null
  #path: string | null = null
  #handle: FileHandle | null = null
  #isRegularFile = false
  /** the last put failed after its records were taken: the same batch comes again and is not taken twice */
  #taken = false

  async start(props: Props, context: SinkTaskContext): Promise<void> {
    this.#context = context
    this.#path = fileSinkConfig.parse(props).file || null
    if (this.#path === null) return
    try {
      this.#handle = await open(this.#path, 'a')
      this.#isRegularFile = (await this.#handle.stat()).isFile()
    } catch (error) {
      throw new ConnectError(`cannot open ${this.#path} for appending: ${(error as Error).message}`, { cause: error })
    }
  }

  put(records: readonly SinkRecord[]): void | Promise<void> {
    if (!this.#taken) {
      const lines = this.#lines
      for (let i = 0; i < records.length; i++) {
        const record = records[i] as SinkRecord
        lines.append(record.value, record.valueSchema)
        lines.appendByte(LF)
      }
    } else if (records.length > 0) this.#taken = false
    // Written at every put, as Java does: whoever follows the file sees the lines at once.
    if (this.#lines.length > 0) return this.#writeInPut()
  }

  /** Afterwards every line put so far survives a power cut. Java's connector hands them to the operating system only. */
  async flush(): Promise<void> {
    await this.#write()
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

  async #writeInPut(): Promise<void> {
    try {
      await this.#write()
    } catch (error) {
      this.#taken = true
      throw error
    }
  }

  async #write(): Promise<void> {
    while (this.#written < this.#lines.length) {
      try {
        this.#written += await this.#writeSome(this.#lines.view().subarray(this.#written))
      } catch (error) {
        throw this.#failure(error)
      }
    }
    this.#lines.clear()
    this.#written = 0
    this.#context?.reportBufferedBytes(0)
  }

  async #writeSome(bytes: Buffer): Promise<number> {
    // A copy into the page cache, quicker than the way to a pool thread and back. A pipe may block: not on this thread.
    if (this.#handle !== null && this.#isRegularFile) return writeSync(this.#handle.fd, bytes)
    if (this.#handle !== null) return (await this.#handle.write(bytes, 0, bytes.length)).bytesWritten
    const copy = Buffer.from(bytes)
    await new Promise<void>((resolve, reject) => process.stdout.write(copy, error => (error ? reject(error) : resolve())))
    return bytes.length
  }

  #failure(error: unknown): ConnectError {
    const reason = (error as Error).message
    const name = this.#path ?? 'standard output'
    if (codeOf(error) !== 'ENOSPC' && codeOf(error) !== 'EDQUOT') {
      return new ConnectError(`cannot write to ${name}: ${reason}`, { cause: error })
    }
    this.#context?.timeout(DISK_FULL_RETRY_MS)
    return new RetriableError(`cannot write to ${name}, the disk is full: ${reason}`, { cause: error })
  }
}

// Where the file source's bytes come from: a file that may be missing, grow, shrink or be replaced; or standard input.
// Reads are asynchronous and at most a chunk, so they never hold the event loop. Task threads, file source only.
import { constants, fstatSync, type Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { isatty, ReadStream as TtyStream } from 'node:tty'
import { ConnectError, codeOf } from '../../base/errors.ts'

export interface Input {
  /** Bytes read; 0: none for now. */
  read(buffer: Buffer, offset: number, length: number): Promise<number>
  /** After a read of 0: whether the file behind the name is another one or was cut below what was read. */
  changed(): Promise<'same' | 'cut' | 'replaced'>
  close(): Promise<void>
}

/** Nothing but a plain file may block: a read or open that waits for a pipe's other end holds one of libuv's few threads for ever. */
const READ_NOW = constants.O_RDONLY | constants.O_NONBLOCK

/** Opens at a byte position, or null while there is no such file. A position behind the end is the start of a new file. */
export async function openFile(path: string, position: number): Promise<{ input: Input; start: number } | null> {
  let handle: FileHandle
  try {
    handle = await open(path, (await stat(path)).isFile() ? 'r' : READ_NOW)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw new ConnectError(`cannot open ${path}: ${(error as Error).message}`, { cause: error })
  }
  const opened = await handle.stat()
  if (opened.isDirectory()) {
    await handle.close()
    throw new ConnectError(`cannot read ${path}: it is a folder`)
  }
  const start = opened.isFile() && opened.size < position ? 0 : position
  return { input: fileInput(path, handle, opened, start), start }
}

function fileInput(path: string, handle: FileHandle, opened: Stats, start: number): Input {
  let position = start
  const seekable = opened.isFile()
  return {
    async read(buffer, offset, length) {
      try {
        const { bytesRead } = await handle.read(buffer, offset, length, seekable ? position : null)
        position += bytesRead
        return bytesRead
      } catch (error) {
        if (!seekable && codeOf(error) === 'EAGAIN') return 0
        throw new ConnectError(`cannot read ${path} at byte ${position}: ${(error as Error).message}`, { cause: error })
      }
    },
    async changed() {
      if (!seekable) return 'same'
      const named = await stat(path).catch(() => null)
      if (named !== null && (named.ino !== opened.ino || named.dev !== opened.dev)) return 'replaced'
      return (await handle.stat()).size < position ? 'cut' : 'same'
    },
    close: () => handle.close(),
  }
}

/** Standard input of the process, read by its descriptor: a worker thread's process.stdin carries nothing. */
export function openStdin(): Input {
  const kind = fstatSync(0)
  if (isatty(0)) return streamInput(new TtyStream(0))
  if (kind.isFIFO() || kind.isSocket()) return streamInput(new Socket({ fd: 0, readable: true, writable: false }))
  let handle: Promise<FileHandle> | null = null
  return {
    async read(buffer, offset, length) {
      handle ??= open('/dev/stdin', 'r')
      return (await (await handle).read(buffer, offset, length, null)).bytesRead
    },
    changed: async () => 'same',
    close: async () => (await handle)?.close(),
  }
}

function streamInput(stream: Readable): Input {
  let failure: Error | null = null
  stream.on('error', error => {
    failure = error
  })
  // 'readable' listeners switch the stream to pull mode: it reads ahead at most its high-water mark.
  stream.on('readable', () => {})
  return {
    async read(buffer, offset, length) {
      if (failure !== null) throw new ConnectError(`cannot read standard input: ${failure.message}`, { cause: failure })
      const ready = stream.readableLength
      const chunk = ready === 0 ? null : (stream.read(Math.min(ready, length)) as Buffer | null)
      return chunk === null ? 0 : chunk.copy(buffer, offset)
    },
    changed: async () => 'same',
    async close() {
      stream.destroy()
    },
  }
}

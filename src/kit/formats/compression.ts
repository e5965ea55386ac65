// Whole-file compression of text and bytes files: gzip or zstd. Runs on libuv's threads, so the task's own thread stays free.
// Task threads.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, createZstdCompress } from 'node:zlib'
import { ConfigError } from '../../base/errors.ts'

export type Compression = 'none' | 'gzip' | 'zstd'

export const COMPRESSION_EXTENSION: Readonly<Record<Compression, string>> = { none: '', gzip: '.gz', zstd: '.zst' }

/** @throws ConfigError where this Node.js lacks it (zstd needs 22.15) */
export function checkCompression(key: string, compression: Compression): void {
  if (compression === 'zstd' && typeof createZstdCompress !== 'function') {
    throw new ConfigError(key, `Invalid value zstd for configuration ${key}: this version of Node.js has no zstd`)
  }
}

/** @param level -1: the library's default */
export async function compressChunks(
  chunks: readonly Buffer[],
  compression: Compression,
  level: number,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  if (compression === 'none') {
    for (const chunk of chunks) await write(chunk)
    return
  }
  const compressor = compression === 'gzip' ? createGzip(level < 0 ? {} : { level }) : createZstdCompress()
  await pipeline(Readable.from(chunks), compressor, async pieces => {
    for await (const piece of pieces) await write(piece as Buffer)
  })
}

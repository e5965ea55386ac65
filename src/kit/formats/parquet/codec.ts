// Compression of Parquet pages. Snappy and lz4 are quick enough for the task's thread; gzip and zstd run on libuv's threads. Task threads.
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { gzip, zstdCompress } from 'node:zlib'
import { ConfigError } from '../../../base/errors.ts'

interface Snappy {
  compressSync(bytes: Buffer, options: { copyOutputData: true }): Buffer
}
interface Lz4 {
  /** a block behind its length before compression, int32 */
  compressSync(bytes: Buffer): Buffer
}
const LZ4_LENGTH_BYTES = 4
/** Memory of Rust's handed over as it is would wait for a finalizer of V8's, uncounted. */
const COPY = { copyOutputData: true } as const
const load = createRequire(import.meta.url)
let snappyModule: Snappy | null = null
let lz4Module: Lz4 | null = null
const snappy = (): Snappy => {
  snappyModule ??= load('snappy') as Snappy
  return snappyModule
}
const lz4 = (): Lz4 => {
  lz4Module ??= load('lz4-napi') as Lz4
  return lz4Module
}

export type ParquetCodec = 'none' | 'snappy' | 'gzip' | 'zstd' | 'lz4'

/** Parquet's numbers of the codecs. */
export const CODEC_NUMBER: Readonly<Record<ParquetCodec, number>> = { none: 0, snappy: 1, gzip: 2, zstd: 6, lz4: 7 }

export function checkCodec(key: string, codec: ParquetCodec): void {
  if (codec === 'zstd' && typeof zstdCompress !== 'function') {
    throw new ConfigError(key, `Invalid value zstd for configuration ${key}: this version of Node.js has no zstd`)
  }
}

export async function compressPage(codec: ParquetCodec, bytes: Buffer): Promise<Uint8Array> {
  switch (codec) {
    case 'none':
      return bytes
    case 'snappy':
      return snappy().compressSync(bytes, COPY)
    case 'lz4':
      return lz4().compressSync(bytes).subarray(LZ4_LENGTH_BYTES)
    case 'gzip':
      return promisify(gzip)(bytes)
    case 'zstd':
      return promisify(zstdCompress)(bytes)
  }
}

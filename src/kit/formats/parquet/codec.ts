// Compression of Parquet pages. Snappy is quick enough for the task's thread; gzip and zstd run on libuv's threads. Task threads.
import { promisify } from 'node:util'
import { gzip, zstdCompress } from 'node:zlib'
import { compressSync } from 'snappy'
import { ConfigError } from '../../../base/errors.ts'

export type ParquetCodec = 'none' | 'snappy' | 'gzip' | 'zstd'

/** Parquet's numbers of the codecs. */
export const CODEC_NUMBER: Readonly<Record<ParquetCodec, number>> = { none: 0, snappy: 1, gzip: 2, zstd: 6 }

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
      return compressSync(bytes)
    case 'gzip':
      return promisify(gzip)(bytes)
    case 'zstd':
      return promisify(zstdCompress)(bytes)
  }
}

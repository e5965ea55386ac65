// Compression of Parquet pages. Snappy and lz4 are quick enough for the task's thread; gzip and zstd run on libuv's threads. Task threads.
import { promisify } from 'node:util'
import { gzip, zstdCompress } from 'node:zlib'
import { ConfigError } from '../../../base/errors.ts'
import { COPY, lz4, snappy } from '../../../base/rust-codecs.ts'

/** What lz4 puts before a block: its length before compression. */
const LZ4_LENGTH_BYTES = 4

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

// Parquet files for lake sinks: what their options mean. Task threads.
import type { FileFormat } from '../format.ts'
import { checkCodec, type ParquetCodec } from './codec.ts'
import { ParquetFile, type Remembered } from './parquet-file.ts'
import { WEIGH_ROWS } from './record-columns.ts'

export type { ParquetCodec } from './codec.ts'

export interface ParquetOptions {
  readonly codec: ParquetCodec
  /** bytes of columns in memory that make a row group; absent: a file is one */
  readonly rowGroupBytes?: number
  /** 1 where absent */
  readonly dataPageVersion?: 1 | 2
}

const EXTENSION: Readonly<Record<ParquetCodec, string>> = {
  none: '.parquet',
  snappy: '.snappy.parquet',
  gzip: '.gz.parquet',
  zstd: '.zstd.parquet',
  lz4: '.lz4raw.parquet',
}

/** @throws ConfigError for a codec that this Node.js lacks */
export function parquetFormat({
  codec,
  rowGroupBytes = Number.POSITIVE_INFINITY,
  dataPageVersion = 1,
}: ParquetOptions): FileFormat {
  checkCodec('parquet.codec', codec)
  const remembered: Remembered = new Map()
  return {
    extension: EXTENSION[codec],
    takesColumns: true,
    weighRows: WEIGH_ROWS,
    groupBytesMax: rowGroupBytes,
    open: topic => new ParquetFile(topic, { codec, version: dataPageVersion }, remembered),
  }
}

// Raw bytes: each value as it is, with a separator behind it. Task threads; lake sinks. Confluent: ByteArrayFormat.
import { DataError } from '../../base/errors.ts'
import { ByteChunks } from './byte-chunks.ts'
import { COMPRESSION_EXTENSION, type Compression, compressChunks } from './compression.ts'
import type { FileFormat } from './format.ts'

export interface RawBytesOptions {
  readonly compression: Compression
  readonly compressionLevel: number
  /** with its dot */
  readonly extension: string
  readonly separator: string
}

export function rawBytesFormat(options: RawBytesOptions): FileFormat {
  const separator = Buffer.from(options.separator)
  return {
    extension: options.extension + COMPRESSION_EXTENSION[options.compression],
    takesColumns: false,
    weighRows: 1,
    open() {
      const chunks = new ByteChunks()
      return {
        append(record) {
          const { value } = record
          if (value instanceof Uint8Array) chunks.append(value)
          else if (typeof value === 'string') chunks.append(Buffer.from(value))
          else throw new DataError(`the bytes format takes bytes or strings, not ${value === null ? 'null' : typeof value}`)
          chunks.append(separator)
        },
        get bytes() {
          return chunks.bytes
        },
        encode: write => compressChunks(chunks.chunks(), options.compression, options.compressionLevel, write),
      }
    },
  }
}

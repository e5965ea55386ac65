// Raw bytes: each value as it is, with a separator behind it. Task threads; lake sinks. Confluent: ByteArrayFormat.
import { DataError } from '../../base/errors.ts'
import { BYTES, TEXT } from '../../data/columns.ts'
import { ByteChunks } from './byte-chunks.ts'
import { COMPRESSION_EXTENSION, type Compression, compressChunks } from './compression.ts'
import type { FileFormat } from './format.ts'

/** Values that stand in a buffer. */
const RANGES = (1 << TEXT) | (1 << BYTES)

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
    takesColumns: true,
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
        appendColumns(batch, from, to) {
          const [column] = batch.columns
          if (batch.form !== 'single' || column === undefined || (column.mask & ~RANGES) !== 0) return false
          const { buffer, starts, ends } = column
          for (let row = from; row < to; row++) {
            const length = ends[row]! - starts[row]!
            const bytes = chunks.reserve(length)
            buffer.copy(bytes, chunks.at, starts[row], ends[row])
            chunks.advance(length)
            chunks.append(separator)
          }
          return true
        },
        get bytes() {
          return chunks.bytes
        },
        get spareBytes() {
          return chunks.spareBytes
        },
        encode: write => compressChunks(chunks.chunks(), options.compression, options.compressionLevel, write),
        free: () => chunks.free(),
      }
    },
  }
}

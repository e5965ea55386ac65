// JSON lines: one document a record. Task threads; lake sinks.
import { ByteChunks } from './byte-chunks.ts'
import { COMPRESSION_EXTENSION, type Compression, compressChunks } from './compression.ts'
import type { FileFormat } from './format.ts'
import { type DecimalFormat, jsonText } from './json-text.ts'

export interface JsonLinesOptions {
  readonly compression: Compression
  readonly compressionLevel: number
  readonly decimals: DecimalFormat
}

export function jsonLinesFormat(options: JsonLinesOptions): FileFormat {
  const { compression, compressionLevel, decimals } = options
  return {
    extension: `.json${COMPRESSION_EXTENSION[compression]}`,
    open() {
      const chunks = new ByteChunks()
      return {
        append: record => chunks.appendLine(jsonText(record.value, record.valueSchema, decimals)),
        get bytes() {
          return chunks.bytes
        },
        encode: write => compressChunks(chunks.chunks(), compression, compressionLevel, write),
      }
    },
  }
}

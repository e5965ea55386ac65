// JSON lines: one document a record. Task threads; lake sinks.
import { RowText } from '../../data/row-text.ts'
import { ByteChunks } from './byte-chunks.ts'
import { COMPRESSION_EXTENSION, type Compression, compressChunks } from './compression.ts'
import type { FileFormat } from './format.ts'
import { type DecimalFormat, jsonText, quoted } from './json-text.ts'

export interface JsonLinesOptions {
  readonly compression: Compression
  readonly compressionLevel: number
  readonly decimals: DecimalFormat
}

export function jsonLinesFormat(options: JsonLinesOptions): FileFormat {
  const { compression, compressionLevel, decimals } = options
  const rows = new RowText({
    separator: ',',
    key: name => `${quoted(name)}:`,
    quote: '"',
    text: value => jsonText(value, null, decimals),
  })
  return {
    extension: `.json${COMPRESSION_EXTENSION[compression]}`,
    takesColumns: true,
    weighRows: 1,
    open() {
      const chunks = new ByteChunks()
      return {
        append: record => chunks.appendLine(jsonText(record.value, record.valueSchema, decimals)),
        appendColumns(batch, from, to) {
          if (batch.form === 'rows') rows.append(chunks, batch, from, to)
          else if (batch.schema !== null) return false
          else for (let row = from; row < to; row++) chunks.appendLine(jsonText(batch.valueAt(row), null, decimals))
          return true
        },
        get bytes() {
          return chunks.bytes
        },
        get spareBytes() {
          return chunks.spareBytes
        },
        encode: write => compressChunks(chunks.chunks(), compression, compressionLevel, write),
        free: () => chunks.free(),
      }
    },
  }
}

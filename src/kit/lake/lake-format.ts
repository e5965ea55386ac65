// Makes the file format that a lake sink's config names. Task threads.
import { ConfigError } from '../../base/errors.ts'
import { type Compression, checkCompression } from '../formats/compression.ts'
import type { FileFormat } from '../formats/format.ts'
import { jsonLinesFormat } from '../formats/json-lines.ts'
import type { DecimalFormat } from '../formats/json-text.ts'
import { type ParquetCodec, parquetFormat } from '../formats/parquet/parquet-format.ts'
import { rawBytesFormat } from '../formats/raw-bytes.ts'
import { formatName, type LakeConfig } from './lake-config.ts'

export function createFormat(config: LakeConfig): FileFormat {
  const compression = config['compression.type'] as Compression
  const compressionLevel = config['compression.level']
  checkCompression('compression.type', compression)
  switch (formatName(config['format.class'])) {
    case 'json':
      return jsonLinesFormat({ compression, compressionLevel, decimals: config['json.decimal.format'] as DecimalFormat })
    case 'parquet':
      return parquetFormat({
        codec: config['parquet.codec'] as ParquetCodec,
        rowGroupBytes: config['parquet.row.group.bytes'],
        dataPageVersion: config['parquet.data.page.version'] === 2 ? 2 : 1,
      })
    case 'bytes':
      return rawBytesFormat({
        compression,
        compressionLevel,
        extension: config['format.bytearray.extension'],
        separator: config['format.bytearray.separator'] ?? '\n',
      })
    default:
      throw new ConfigError(
        'format.class',
        `Invalid value ${config['format.class']} for configuration format.class: unknown format`,
      )
  }
}

// The formats of the lake sink under the format suite.
import { readFileSync } from 'node:fs'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { INT32, Struct } from '../../src/api/index.ts'
import { structOf } from '../../src/data/schema-builder.ts'
import type { Compression } from '../../src/kit/formats/compression.ts'
import { jsonLinesFormat } from '../../src/kit/formats/json-lines.ts'
import { parquetFormat } from '../../src/kit/formats/parquet/parquet-format.ts'
import { rawBytesFormat } from '../../src/kit/formats/raw-bytes.ts'
import { formatConformance } from '../conformance/format.ts'
import { duckRows } from '../support/parquet-reading.ts'
import { sinkRecord } from '../support/task-contexts.ts'

const plain = { none: (b: Buffer) => b, gzip: gunzipSync, zstd: zstdDecompressSync }
const lines = (file: string, compression: Compression): string[] =>
  plain[compression](readFileSync(file)).toString().split('\n').slice(0, -1)

for (const compression of ['none', 'gzip', 'zstd'] as const) {
  formatConformance({
    name: `JSON lines, ${compression}`,
    format: () => jsonLinesFormat({ compression, compressionLevel: -1, decimals: 'BASE64' }),
    read: async file => lines(file, compression).map(line => JSON.parse(line) as string),
    refused: sinkRecord(1, { a: 'kept', b: () => 1 }),
  })
  formatConformance({
    name: `raw bytes, ${compression}`,
    format: () => rawBytesFormat({ compression, compressionLevel: 1, extension: '.bin', separator: '\n' }),
    read: async file => lines(file, compression),
    refused: sinkRecord(1, { no: 'bytes' }),
  })
}

const schema = structOf({ a: INT32 })
formatConformance({
  name: 'Parquet',
  format: () => parquetFormat({ codec: 'snappy' }),
  read: async file => (await duckRows(`SELECT value FROM '${file}'`)).map(row => String(row.value)),
  refused: sinkRecord(1, { value: 'kept?', other: [new Struct(schema, [1]), Symbol('no')] }),
})

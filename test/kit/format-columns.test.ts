// Goal: a file is the same, byte by byte, whether its rows came as records or as columns. Method: seeded documents of mixed shapes, types and
// oddities go both ways into each format that takes columns.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ColumnReader } from '../../src/api/converter.ts'
import { prng } from '../../src/base/prng.ts'
import { ByteArrayConverter } from '../../src/converters/byte-array-converter.ts'
import { JsonColumns } from '../../src/converters/json/columns/json-columns.ts'
import { JsonConverter } from '../../src/converters/json/json-converter.ts'
import { StringConverter } from '../../src/converters/string-converter.ts'
import type { SinkRecord } from '../../src/data/record.ts'
import type { FileEncoder, FileFormat } from '../../src/kit/formats/format.ts'
import { jsonLinesFormat } from '../../src/kit/formats/json-lines.ts'
import { parquetFormat } from '../../src/kit/formats/parquet/parquet-format.ts'
import { rawBytesFormat } from '../../src/kit/formats/raw-bytes.ts'
import { piecesOf, recordOf, recordsOf } from '../support/column-batches.ts'
import { documentsOf, enveloped } from '../support/enveloped-documents.ts'
import { Documents } from '../support/json-documents.ts'

const formats: Record<string, () => FileFormat> = {
  parquet: () => parquetFormat({ codec: 'snappy' }),
  'json lines': () => jsonLinesFormat({ compression: 'none', compressionLevel: -1, decimals: 'BASE64' }),
}

async function bytesOf(file: FileEncoder): Promise<Buffer> {
  const pieces: Buffer[] = []
  file.seal?.()
  await file.encode(async bytes => void pieces.push(Buffer.from(bytes)))
  return Buffer.concat(pieces)
}

for (const [name, make] of Object.entries(formats)) {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    test(`${name} of seed ${seed} is the same by columns and by rows`, async () => {
      const documents = new Documents(seed)
      const reader = new JsonColumns({ givesUp: false })
      const [byRows, byColumns] = [make(), make()]
      let taken = 0
      let rows = 0
      // files of one format share what was learned about their topic
      for (let i = 0; i < 5; i++) {
        const [one, other] = [byRows.open('t'), byColumns.open('t')]
        for (let part = 0; part < 3; part++) {
          const batch = documents.batch(300, 0.01)
          const records = recordsOf(batch)
          rows += records.length
          for (const record of records) one.append(record)
          for (const piece of piecesOf(reader, batch)) {
            if ('record' in piece) other.append(piece.record)
            else if (other.appendColumns?.(piece.batch, 0, piece.batch.count) === true) taken += piece.batch.count
            else assert.fail('columns are not taken')
          }
        }
        const [expected, found] = [await bytesOf(one), await bytesOf(other)]
        assert.ok(expected.equals(found), `file ${i} differs: ${expected.length} and ${found.length} bytes`)
      }
      assert.ok(taken > rows * 0.9, `${taken} of ${rows} rows as columns`)
    })
  }
}

for (const [name, make] of Object.entries(formats)) {
  test(`${name} of structs is the same by columns and by rows`, async () => {
    const random = prng(5)
    const [rows, ours] = [new JsonConverter(), new JsonConverter()]
    for (const converter of [rows, ours]) converter.configure({ 'schemas.enable': 'true', 'converter.type': 'value' })
    const reader = ours.columns()
    assert.ok(reader !== null)
    for (const names of [['a', 'b', 'c', 'd', 'e', 'f', 'g'], ['c'], ['b', 'c', 'e']] as const) {
      const [one, other] = [make().open('t'), make().open('t')]
      let taken = 0
      for (let part = 0; part < 6; part++) {
        const documents = documentsOf(enveloped(random, names, 150))
        for (const record of recordsOf(documents, 0, rows)) if (record.value !== null) one.append(record)
        // the envelope is learned by the row path
        recordOf(documents, 0, 0, ours)
        for (const piece of piecesOf(reader, documents, 0, rows)) {
          if ('record' in piece) {
            if (piece.record.value !== null) other.append(piece.record)
            continue
          }
          assert.equal(other.appendColumns?.(piece.batch, 0, piece.batch.count), true)
          taken += piece.batch.count
        }
      }
      const [expected, found] = [await bytesOf(one), await bytesOf(other)]
      assert.ok(expected.equals(found), `${names.join()} differs: ${expected.length} and ${found.length} bytes`)
      assert.ok(taken > 200, `${taken} rows as columns`)
    }
  })
}

const single: Record<string, FileFormat> = {
  ...Object.fromEntries(Object.entries(formats).map(([name, make]) => [name, make()])),
  'raw bytes': rawBytesFormat({ compression: 'none', compressionLevel: -1, extension: '.bin', separator: '\n' }),
}

for (const [name, format] of Object.entries(single)) {
  for (const converter of [new StringConverter(), new ByteArrayConverter()]) {
    test(`${name} of whole values by ${converter.constructor.name} is the same by columns and by rows`, async () => {
      const texts = ['', 'a', 'ünï😀', 'a\nb"\\', 'x'.repeat(5000), '\u0000', 'abcdefgh']
      const values = Array.from({ length: 3000 }, (_, i) => Buffer.from(texts[i % texts.length] as string))
      for (let i = 100; i < 3000; i += 700) values[i] = Buffer.from([0xff, 0x41, 0xc3])
      const lengths = Int32Array.from(values, value => value.length)
      const starts = new Int32Array(values.length)
      for (let i = 1; i < values.length; i++) starts[i] = starts[i - 1]! + lengths[i - 1]!
      lengths[50] = -1
      const documents = { buffer: Buffer.concat(values), starts, lengths }
      const [one, other] = [format.open('t'), format.open('t')]
      for (const record of recordsOf(documents, 0, converter)) one.append(record)
      let taken = 0
      for (const piece of piecesOf(converter.columns() as ColumnReader, documents, 0, converter)) {
        if ('record' in piece) other.append(piece.record)
        else {
          assert.equal(other.appendColumns?.(piece.batch, 0, piece.batch.count), name !== 'json lines')
          if (name === 'json lines')
            for (let row = 0; row < piece.batch.count; row++) other.append(piece.batch.record(row) as SinkRecord)
          taken += piece.batch.count
        }
      }
      assert.ok((await bytesOf(one)).equals(await bytesOf(other)))
      assert.ok(taken > 2900, `${taken} rows as columns`)
    })
  }
}

// Question: what does a record cost in the batch codec alone: building a batch, finding the records of one, its checksum, its compression?
// Method: batches of 16 KB with 174-byte JSON records, as a producer with default settings makes them, in memory; CPU ns a record, the best
// of 7 rounds. Wrong if another process takes the core's cache, or on a processor without CRC instructions.
import { BATCH_HEADER_BYTES } from '../../src/kafka/codec/batch-header.ts'
import { COMPRESSIONS, type Compression } from '../../src/kafka/codec/compression.ts'
import { crc32c, plainCrc32c } from '../../src/kafka/codec/crc32c.ts'
import { PartitionRecords } from '../../src/kafka/codec/partition-records.ts'
import { RecordBatchBuilder } from '../../src/kafka/codec/record-batch-builder.ts'
import { IndexScratch, indexRecords } from '../../src/kafka/codec/record-index.ts'
import { appendResult } from '../machine.ts'

const BATCHES = 64
const PER_BATCH = 84
const RECORDS = BATCHES * PER_BATCH
const values = Array.from({ length: RECORDS }, (_, i) => {
  const mixed = Math.imul(i ^ (i >>> 15), 0x2c1b3c6d) >>> 0
  const body = `{"id":${i},"user":"user-${mixed % 50_000}","amount":${(mixed % 1_000_000) / 100},"time":${1_700_000_000_000 + i * 37},"note":"`
  return Buffer.from(`${body.padEnd(172, 'some text of a record ')}"}`)
})
const keys = values.map((_, i) => Buffer.from(`key${10_000 + (i % 10_000)}`))
const results: Record<string, number> = {}

function measure(name: string, run: () => void): void {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 7; round++) {
    const before = process.cpuUsage()
    let times = 0
    for (const endMs = performance.now() + 80; performance.now() < endMs; times++) run()
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, ((user + system) * 1000) / (RECORDS * times))
  }
  results[name] = Number(best.toFixed(1))
  console.log(`${name.padEnd(36)} ${best.toFixed(1).padStart(8)} ns a record`)
}

function batch(first: number, compression: Compression): Buffer {
  const builder = new RecordBatchBuilder({ compression, initialBytes: 16_384 })
  for (let i = first; i < first + PER_BATCH; i++) builder.append(1_700_000_000_000 + i, keys[i] ?? null, values[i] ?? null, [])
  const bytes = builder.build()
  bytes.writeBigInt64BE(BigInt(first), 0)
  return bytes
}

function all(compression: Compression): Buffer[] {
  return Array.from({ length: BATCHES }, (_, b) => batch(b * PER_BATCH, compression))
}

const plain = all('none')
const scratch = new IndexScratch()
measure('index only', () => {
  for (const bytes of plain) {
    scratch.count = 0
    if (indexRecords(scratch, bytes, BATCH_HEADER_BYTES, bytes.length, PER_BATCH, 0, 0) !== -1) throw new Error('not indexed')
  }
})
measure('checksum, native', () => {
  for (const bytes of plain) crc32c(bytes)
})
measure('checksum, plain JS', () => {
  for (const bytes of plain) plainCrc32c(bytes)
})
for (const compression of COMPRESSIONS) {
  measure(`build, ${compression}`, () => all(compression))
  const buffer = Buffer.concat(all(compression))
  measure(`check, decompress, index, ${compression}`, () => {
    const records = new PartitionRecords({
      topic: 't',
      partition: 0,
      epoch: 0,
      highWatermark: 0,
      buffer,
      fromOffset: 0,
      aborted: null,
    })
    let count = 0
    for (let next = records.next(); next !== null; next = records.next()) count += next.count
    if (count !== RECORDS) throw new Error(`${count} records`)
  })
}
appendResult('record-batch', { nsPerRecord: results })

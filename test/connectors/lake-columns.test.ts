// Goal: a lake is the same, file by file and byte by byte, whether its sink got records or columns, under every partitioner and rotation; and what is
// bad is reported the same. Method: seeded documents through two tasks of one config, one of which gets columns where the reader makes them.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Props } from '../../src/api/index.ts'
import { prng } from '../../src/base/prng.ts'
import { lakeSinkTask } from '../../src/connectors/lake-sink/connector.ts'
import { JsonColumns } from '../../src/converters/json/columns/json-columns.ts'
import { TestClock } from '../support/clock.ts'
import { piecesOf, recordsOf } from '../support/column-batches.ts'
import { FakeSinkContext } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

const TIME = { timezone: 'Europe/Berlin', locale: 'en', 'path.format': "'h'=HH/'m'=mm", 'partition.duration.ms': '60000' }
const BY_TIME = { ...TIME, 'partitioner.class': 'TimeBasedPartitioner' }

const cases: Record<string, Props> = {
  'flush.size': { 'flush.size': '97' },
  'many folders of a field': { 'flush.size': '500', 'partitioner.class': 'FieldPartitioner', 'partition.field.name': 'city' },
  'two fields': { 'flush.size': '300', 'partitioner.class': 'FieldPartitioner', 'partition.field.name': 'city,n' },
  'nested field': { 'flush.size': '300', 'partitioner.class': 'FieldPartitioner', 'partition.field.name': 'at.place' },
  'Kafka time': { ...BY_TIME, 'flush.size': '300', 'timestamp.extractor': 'Record' },
  'time in a field': { ...BY_TIME, 'flush.size': '300', 'timestamp.extractor': 'RecordField', 'timestamp.field': 'time' },
  'record time rotation': { ...BY_TIME, 'flush.size': '300', 'timestamp.extractor': 'Record', 'rotate.interval.ms': '150' },
  bytes: { 'flush.size': '100000', 'file.size.max.bytes': '20000' },
  'row groups': { 'flush.size': '600', 'parquet.row.group.bytes': '5000' },
  'row groups and bytes': { 'flush.size': '100000', 'file.size.max.bytes': '9000', 'parquet.row.group.bytes': '5000' },
}

/** Mostly alike; some lack what a partitioner needs, or have it in a form that is no name or no time. */
function documentsOf(random: () => number, first: number, count: number) {
  const pick = (of: readonly string[]) => of[Math.floor(random() * of.length)] as string
  const texts = Array.from({ length: count }, (_, i) => {
    const city =
      random() < 0.9
        ? pick(['"DE"', '"US"', '"Zürich"'])
        : pick(['null', '"a/b"', '"\\u0041"', '1.50', '{"x":1}', 'true', `"${'long'.repeat(80)}"`])
    const ms = 1_700_000_000_000 + (first + i) * 200
    const time =
      random() < 0.9 ? String(ms) : pick([`"${ms}"`, `"${new Date(ms).toISOString()}"`, '"soon"', 'null', '1.5', '9e15'])
    const parts = [`"city":${city}`, `"n":${Math.floor(random() * 3)}`, `"time":${time}`, `"at":{"place":"p${i % 2}"}`]
    return `{${parts.filter(() => random() < 0.99).join(',')}}`
  })
  const documents = texts.map(text => Buffer.from(random() < 0.01 ? pick(['[]', '{', 'null', '1']) : text))
  const lengths = Int32Array.from(documents, document => document.length)
  const starts = new Int32Array(count)
  for (let i = 1; i < count; i++) starts[i] = starts[i - 1]! + lengths[i - 1]!
  return { buffer: Buffer.concat(documents), starts, lengths }
}

function filesOf(root: string): Map<string, Buffer> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return new Map(
    entries.map(entry => [
      join(entry.parentPath, entry.name).slice(root.length),
      readFileSync(join(entry.parentPath, entry.name)),
    ]),
  )
}

async function started(root: string, props: Props) {
  const task = lakeSinkTask(new TestClock())
  const context = new FakeSinkContext().takeErrantRecords()
  task.start({ 'store.url': root, ...props }, context)
  await task.open([{ topic: 'events', partition: 0 }])
  return { task, context }
}

for (const format of ['parquet', 'json']) {
  for (const [name, props] of Object.entries(cases)) {
    test(`${format}, ${name}: columns write the lake that records write`, async t => {
      const [one, other] = [tempFolder(t), tempFolder(t)]
      const byRows = await started(one, { 'format.class': format, ...props })
      const byColumns = await started(other, { 'format.class': format, ...props })
      const random = prng(7)
      const reader = new JsonColumns({ givesUp: false })
      let first = 0
      let taken = 0
      for (let i = 0; i < 12; i++) {
        const batch = documentsOf(random, first, 250)
        const records = recordsOf(batch, first).filter(record => record.value !== null)
        // one put a piece: the budget is looked at after each
        for (const piece of piecesOf(reader, batch, first)) {
          if ('record' in piece) {
            if (piece.record.value !== null) {
              await byColumns.task.put([piece.record])
              await byRows.task.put([records.shift() as (typeof records)[0]])
            }
            continue
          }
          await byColumns.task.putColumns(piece.batch)
          await byRows.task.put(records.splice(0, piece.batch.count))
          taken += piece.batch.count
        }
        assert.equal(records.length, 0)
        first += 250
      }
      const [expected, found] = [filesOf(one), filesOf(other)]
      assert.ok(expected.size > 3, `${expected.size} files`)
      assert.ok(taken > 1500, `${taken} rows as columns`)
      assert.deepEqual([...found.keys()].sort(), [...expected.keys()].sort())
      for (const [path, bytes] of expected) assert.ok(found.get(path)?.equals(bytes), `${path} differs`)
      const reasons = ({ errant }: FakeSinkContext) => errant.map(({ record, error }) => `${record.kafkaOffset} ${error.message}`)
      assert.deepEqual(reasons(byColumns.context), reasons(byRows.context))
      const current = [{ topic: 'events', partition: 0, offset: first }]
      assert.deepEqual(byColumns.task.preCommit(current), byRows.task.preCommit(current))
    })
  }
}

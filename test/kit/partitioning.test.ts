// Folders of records: time patterns, zones with their clock changes, extractors, and what is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DataError, INT32, type SinkRecord, Struct } from '../../src/api/index.ts'
import { defineConfig, type Props } from '../../src/config/define.ts'
import { JsonConverter } from '../../src/converters/json/json-converter.ts'
import { structOf } from '../../src/data/schema-builder.ts'
import { createPartitioner } from '../../src/kit/partitioning/partitioner.ts'
import { partitioningKeys } from '../../src/kit/partitioning/partitioning-config.ts'
import { compileTimePattern } from '../../src/kit/partitioning/time-pattern.ts'
import { TimeZone } from '../../src/kit/partitioning/time-zone.ts'
import { Rotation } from '../../src/kit/rotation.ts'
import { TestClock } from '../support/clock.ts'
import { piecesOf, recordsOf } from '../support/column-batches.ts'
import { documentsOf } from '../support/enveloped-documents.ts'
import { sinkRecord } from '../support/task-contexts.ts'

const config = defineConfig(partitioningKeys)
const partitioner = (props: Props, clock = new TestClock()) => createPartitioner(config.parse(props), clock)
const time = {
  'partitioner.class': 'TimeBasedPartitioner',
  'partition.duration.ms': '3600000',
  'path.format': "'dt'=YYYY-MM-dd/'h'=HH/",
  locale: 'en',
  timezone: 'UTC',
  'timestamp.extractor': 'Record',
}
const at = (iso: string, value: unknown = {}): SinkRecord => sinkRecord(0, value, { timestamp: Date.parse(iso) })

test('patterns write what Joda writes for the letters that paths use', () => {
  const local = new Date('2024-12-30T00:05:06.789Z')
  const show = (pattern: string, locale = 'en') => compileTimePattern('path.format', pattern, locale)(local, 3_600_000)
  assert.equal(show("'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH/mm-ss.SSS"), 'year=2024/month=12/day=30/hour=00/05-06.789')
  assert.equal(show("yy-M-d-D-H-k-K-h-a-e''x-ww-S"), "24-12-30-365-0-24-0-12-AM-1'2025-01-7")
  assert.equal(show('EEE EEEE MMM MMMM Z ZZ'), 'Mon Monday Dec December +0100 +01:00')
  assert.equal(show('EEEE MMMM', 'de'), 'Montag Dezember')
  assert.throws(() => show('YYYY-QQ'), /letter Q is not supported/)
  assert.throws(() => show("'open"), /quote is not closed/)
})

test('buckets are local: half-hour zones, midnight, and the hours of a clock change', () => {
  const kolkata = partitioner({ ...time, timezone: 'Asia/Kolkata' })
  assert.equal(kolkata.encode(at('2024-02-29T18:29:59Z')), 'dt=2024-02-29/h=23')
  assert.equal(kolkata.encode(at('2024-02-29T18:30:00Z')), 'dt=2024-03-01/h=00')
  const berlin = partitioner({ ...time, timezone: 'Europe/Berlin' })
  const hours = [
    '2024-03-31T00:59:59Z',
    '2024-03-31T01:00:00Z',
    '2024-10-27T00:30:00Z',
    '2024-10-27T01:30:00Z',
    '2024-10-27T02:30:00Z',
  ]
  assert.deepEqual(
    hours.map(h => berlin.encode(at(h)).slice(-4)),
    ['h=01', 'h=03', 'h=02', 'h=02', 'h=03'],
  )
  assert.equal(berlin.encode(at('1969-12-31T22:59:59Z')), 'dt=1969-12-31/h=23')
})

test('times come from fields as numbers, text, dates; what has none is refused', () => {
  const field = partitioner({ ...time, 'timestamp.extractor': 'RecordField', 'timestamp.field': 'meta.at' })
  const day = (at: unknown) => field.encode(sinkRecord(0, { meta: { at } }))
  for (const value of [
    1709164800000,
    '1709164800000',
    '2024-02-29',
    '2024-02-29T00:00:00Z',
    '2024-02-29T02:30:00.5+02:30',
    new Date(1709164800000),
  ]) {
    assert.equal(day(value), 'dt=2024-02-29/h=00', String(value))
  }
  assert.equal(day('2024-02-29T05:00:00-0100'), 'dt=2024-02-29/h=06')
  assert.equal(day('2024-02-29T05:00:00+02'), 'dt=2024-02-29/h=03')
  for (const value of [null, 'yesterday', true, 1.5]) assert.throws(() => day(value), /meta\.at is no time/)
  assert.throws(() => field.encode(sinkRecord(0, { other: 1 })), /has no field meta\.at/)
  assert.throws(() => partitioner(time).encode(sinkRecord(0, {}, { timestamp: null })), /no timestamp/)
  const clock = new TestClock(Date.parse('2024-05-06T07:08:09Z'))
  assert.equal(
    partitioner({ ...time, 'timestamp.extractor': 'Wallclock' }, clock).encode(sinkRecord(0, {})),
    'dt=2024-05-06/h=07',
  )
})

test('fields name folders: nested, null, numbers, structs; objects are refused', () => {
  const fields = partitioner({
    'partitioner.class': 'io.confluent.connect.storage.partitioner.FieldPartitioner',
    'partition.field.name': 'a,b.c',
  })
  const schema = structOf({ a: INT32, b: structOf({ c: INT32 }) })
  const inner = schema.field('b')?.schema
  assert.ok(inner !== undefined)
  assert.equal(fields.encode(sinkRecord(0, new Struct(schema, [1, new Struct(inner, [2])]))), 'a=1/b.c=2')
  assert.equal(fields.encode(sinkRecord(0, { a: null, b: { c: 1.5 } })), 'a=null/b.c=1.5')
  assert.equal(fields.encode(sinkRecord(0, { a: true, b: null })), 'a=true/b.c=null')
  assert.throws(() => fields.encode(sinkRecord(0, { a: {}, b: null })), /a is not a single value/)
  assert.throws(() => fields.encode(sinkRecord(0, 'text')), /has no field a/)
  assert.equal(partitioner({}).encode(sinkRecord(0, {}, { partition: 7 })), 'partition=7')
})

test('a value that makes no possible folder name is refused by its field and length, to the byte', () => {
  const fields = partitioner({ 'partitioner.class': 'FieldPartitioner', 'partition.field.name': 'a,b' })
  const encode = (b: string) => fields.encode(sinkRecord(0, { a: 1, b }))
  assert.equal(encode('x'.repeat(253)), `a=1/b=${'x'.repeat(253)}`)
  assert.equal(encode(`${'ü'.repeat(126)}x`).length, 'a=1/b='.length + 127)
  const refused = (bytes: number) => (error: Error) =>
    error instanceof DataError && error.message.includes('the field b ') && error.message.includes(` ${bytes} bytes`)
  assert.throws(() => encode('x'.repeat(254)), refused(256))
  assert.throws(() => encode('ü'.repeat(127)), refused(256))
  assert.throws(() => encode('/'.repeat(90)), refused(272))
})

test('a time that no date can hold is bad data, by all partitioners of time', () => {
  const daily = { ...time, 'partitioner.class': 'DailyPartitioner' }
  for (const props of [time, daily, { ...time, timezone: 'Asia/Kolkata' }, { ...time, 'partition.duration.ms': '604800001' }]) {
    const field = partitioner({ ...props, 'timestamp.extractor': 'RecordField', 'timestamp.field': 'at' })
    for (const at of [
      9007199254740991,
      1e23,
      -1e23,
      8.64e15 + 1,
      -8.64e15 - 1,
      2n ** 63n,
      '9223372036854775807',
      new Date(Number.NaN),
    ]) {
      assert.throws(() => field.encode(sinkRecord(0, { at })), DataError, String(at))
    }
    assert.match(field.encode(sinkRecord(0, { at: 0 })), /=19(70|69)/)
  }
  const first = { at: -8.64e15 }
  const last = { at: 8.64e15 }
  const zone = (timezone: string) =>
    partitioner({ ...time, timezone, 'timestamp.extractor': 'RecordField', 'timestamp.field': 'at' })
  assert.equal(zone('UTC').encode(sinkRecord(0, last)), 'dt=275760-09-13/h=00')
  assert.throws(() => zone('Asia/Kolkata').encode(sinkRecord(0, last)), DataError)
  assert.throws(() => zone('America/New_York').encode(sinkRecord(0, first)), DataError)
})

test('schedule slots begin at midnight of the zone, also on days of 23 and 25 hours', () => {
  const rules = {
    flushSize: 10,
    intervalMs: -1,
    scheduleIntervalMs: 3 * 3_600_000,
    timezone: 'Europe/Berlin',
    onPartitionChange: true,
    fileBytesMax: 1e9,
  }
  const start = Date.parse('2024-03-31T00:30:00Z')
  const rotation = new Rotation(rules, start)
  rotation.added('p', 0)
  // Midnight of that day is 23:00Z of the day before; three hours later the clocks show 04:00.
  assert.equal(rotation.isSlotOver(Date.parse('2024-03-31T01:59:59Z')), false)
  assert.equal(rotation.isSlotOver(Date.parse('2024-03-31T02:00:00Z')), true)
  const zone = new TimeZone('timezone', 'Europe/Berlin')
  for (const iso of ['2024-03-31T12:00:00Z', '2024-10-27T12:00:00Z', '2024-06-01T12:00:00Z']) {
    assert.equal(zone.toUtc(zone.toLocal(Date.parse(iso))), Date.parse(iso))
  }
})

test('columns of a schema name the folders that structs name: dates, times, doubles, nulls', () => {
  const logical = (field: string, type: string, name: string) => ({ field, type, name: `org.apache.kafka.connect.data.${name}` })
  const fields = [
    logical('date', 'int32', 'Date'),
    logical('time', 'int32', 'Time'),
    logical('at', 'int64', 'Timestamp'),
    { field: 'double', type: 'double' },
    { field: 'text', type: 'string', optional: true },
    { field: 'flag', type: 'boolean' },
  ]
  const schema = JSON.stringify({ type: 'struct', fields })
  const payload = '{"date":19000,"time":1000,"at":1700000000000,"double":5,"flag":true}'
  const converter = new JsonConverter()
  converter.configure({ 'schemas.enable': 'true', 'converter.type': 'value' })
  const columns = converter.columns()
  assert.ok(columns)
  const documents = documentsOf(Array.from({ length: 3 }, () => `{"schema":${schema},"payload":${payload}}`))
  const [record] = recordsOf(documents, 0, converter)
  const piece = [...piecesOf(columns, documents, 0, converter)].find(one => 'batch' in one)
  assert.ok(record !== undefined && piece !== undefined && 'batch' in piece)
  const outcome = (of: () => unknown): unknown => {
    try {
      return of()
    } catch (error) {
      if (error instanceof DataError) return error.message
      throw error
    }
  }
  for (const { field } of fields) {
    const daily = { ...time, 'timestamp.extractor': 'RecordField', 'timestamp.field': field }
    for (const props of [{ 'partitioner.class': 'FieldPartitioner', 'partition.field.name': field }, daily]) {
      const { encode, timeOf, rows } = partitioner(props)
      const places = rows(piece.batch)
      assert.ok(places, field)
      assert.equal(
        outcome(() => places.encode(0)),
        outcome(() => encode(record)),
        field,
      )
      assert.equal(
        outcome(() => places.timeOf(0)),
        outcome(() => timeOf(record)),
        field,
      )
    }
  }
  const byDate = { ...time, 'timestamp.extractor': 'RecordField', 'timestamp.field': 'date' }
  assert.equal(partitioner(byDate).rows(piece.batch)?.encode(0), 'dt=2022-01-08/h=00')
})

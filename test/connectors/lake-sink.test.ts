// The lake sink: layout, rotation, delivery under kills and failed writes, bad records, memory.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { type Props, RetriableError, type SinkTask, STRING, Struct } from '../../src/api/index.ts'
import { lakeSinkConfig } from '../../src/connectors/lake-sink/config.ts'
import { lakeSinkTask, plugins } from '../../src/connectors/lake-sink/connector.ts'
import { INT32, OPTIONAL_INT32 } from '../../src/data/schema.ts'
import { structOf } from '../../src/data/schema-builder.ts'
import { LakeTask } from '../../src/kit/lake/lake-task.ts'
import { directoryStore } from '../../src/kit/object-store/directory-store.ts'
import type { ObjectStore } from '../../src/kit/object-store/object-store.ts'
import { sinkConformance } from '../conformance/sink.ts'
import { TestClock } from '../support/clock.ts'
import { duckRows } from '../support/parquet-reading.ts'
import { FakeSinkContext, sinkRecord } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

const tp = (partition = 0, topic = 'events') => ({ topic, partition })

/** Visible files by path below the root. */
function files(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.parentPath.includes('.sluice-staging'))
    .map(entry => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
}

const lines = (file: string): unknown[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))

interface Running {
  readonly task: SinkTask
  readonly context: FakeSinkContext
}

async function started(root: string, props: Props, clock = new TestClock(), partitions = [tp()]): Promise<Running> {
  const task = lakeSinkTask(clock)
  const context = new FakeSinkContext()
  await task.start({ 'store.url': root, 'format.class': 'json', 'flush.size': '10', ...props }, context)
  await task.open?.(partitions)
  return { task, context }
}

const values = (from: number, count: number, value: (i: number) => unknown = i => ({ i })) =>
  Array.from({ length: count }, (_, i) => sinkRecord(from + i, value(from + i)))

for (const format of ['json', 'parquet', 'bytes']) {
  sinkConformance({
    name: `lake sink, ${format}`,
    delivery: 'exactly',
    nullValues: 'refused',
    setUp(t) {
      const root = tempFolder(t)
      let failNext = false
      const store: ObjectStore = {
        ...directoryStore(root),
        async begin(key, owner) {
          const upload = await directoryStore(root).begin(key, owner)
          const fails = failNext
          failNext = false
          return {
            ...upload,
            async write(bytes) {
              if (fails) throw new RetriableError('as told')
              await upload.write(bytes)
            },
          }
        },
      }
      return {
        props: { 'store.url': root, 'format.class': format, 'flush.size': '10' },
        task: () => new LakeTask(new TestClock(), props => ({ config: lakeSinkConfig.parse(props), store })),
        failNextWrite: () => {
          failNext = true
        },
        async durable() {
          const found = files(root).map(f => join(root, f))
          if (format !== 'parquet') {
            const text = found.map(f => readFileSync(f, 'utf8')).join('')
            return text
              .split('\n')
              .filter(line => line !== '')
              .map(line => (format === 'json' ? JSON.parse(line) : line))
          }
          if (found.length === 0) return []
          return (await duckRows(`SELECT value FROM '${root}/topics/**/*.parquet'`)).map(row => String(row.value))
        },
      }
    },
  })
}

test('names objects as Confluent does and commits only finished files', async t => {
  const root = tempFolder(t)
  const { task, context } = await started(root, {})
  await task.put(values(0, 25))
  assert.deepEqual(files(root), [
    'topics/events/partition=0/events+0+0000000000.json',
    'topics/events/partition=0/events+0+0000000010.json',
  ])
  assert.deepEqual(await task.preCommit?.([{ ...tp(), offset: 25 }]), [{ ...tp(), offset: 20 }])
  assert.equal(context.commitsRequested, 2)
  assert.ok(context.bufferedBytes > 0)
  await task.put(values(25, 5))
  assert.equal(context.bufferedBytes, 0)
  assert.deepEqual(await task.preCommit?.([{ ...tp(), offset: 40 }]), [{ ...tp(), offset: 40 }], 'filtered records pass')
  await task.stop()
})

test('an empty topics.dir, another pad width and delimiter change the names', async t => {
  const root = tempFolder(t)
  const { task } = await started(root, { 'topics.dir': '', 'filename.offset.zero.pad.width': '3', 'file.delim': '_' })
  await task.put(values(100, 10))
  assert.deepEqual(files(root), ['events/partition=0/events_0_100.json'])
  await task.stop()
})

test('an SMT that merges two topics into one does not make them overwrite each other', async t => {
  const root = tempFolder(t)
  const { task } = await started(root, { 'flush.size': '1' }, new TestClock(), [tp(0, 'a'), tp(0, 'b')])
  for (const topic of ['a', 'b']) await task.put([sinkRecord(0, { from: topic }, { topic }).with({ topic: 'merged' })])
  assert.deepEqual(files(root), [
    'topics/merged/partition=0/a+0+0000000000.json',
    'topics/merged/partition=0/b+0+0000000000.json',
  ])
  await task.stop()
})

test('field partitions are counted together and finished together; slashes in values make no folders', async t => {
  const root = tempFolder(t)
  const { task, context } = await started(root, {
    'partitioner.class': 'FieldPartitioner',
    'partition.field.name': 'country,o.city',
  })
  context.takeErrantRecords()
  const city = (i: number) => ({ country: i % 2 === 0 ? 'de' : '../x', o: { city: 'a/b' } })
  await task.put(values(0, 9, city))
  assert.deepEqual(files(root), [])
  await task.put([sinkRecord(9, { country: 'no city' }), sinkRecord(10, city(0))])
  assert.equal(context.errant.length, 1)
  assert.match(String(context.errant[0]?.error.message), /events-0 at offset 9: the value has no field o.city/)
  assert.deepEqual(files(root), [
    'topics/events/country=..%2Fx/o.city=a%2Fb/events+0+0000000001.json',
    'topics/events/country=de/o.city=a%2Fb/events+0+0000000000.json',
  ])
  assert.deepEqual(await task.preCommit?.([{ ...tp(), offset: 11 }]), [{ ...tp(), offset: 11 }])
  await task.stop()
})

test('hourly partitions by record time rotate when the hour changes, with rotate.interval.ms', async t => {
  const root = tempFolder(t)
  const { task } = await started(root, {
    'partitioner.class': 'io.confluent.connect.storage.partitioner.HourlyPartitioner',
    locale: 'en',
    timezone: 'Asia/Kolkata',
    'timestamp.extractor': 'Record',
    'rotate.interval.ms': '3600000',
  })
  const at = (offset: number, time: string) => sinkRecord(offset, { offset }, { timestamp: Date.parse(time) })
  await task.put([at(0, '2024-02-29T18:00:00Z'), at(1, '2024-02-29T18:29:59Z'), at(2, '2024-02-29T18:30:00Z')])
  assert.deepEqual(files(root), ['topics/events/year=2024/month=02/day=29/hour=23/events+0+0000000000.json'])
  assert.deepEqual(await task.preCommit?.([{ ...tp(), offset: 3 }]), [{ ...tp(), offset: 2 }])
  await task.put([at(3, '2024-02-29T19:30:00Z')])
  assert.deepEqual(files(root).at(-1), 'topics/events/year=2024/month=03/day=01/hour=00/events+0+0000000002.json')
  await task.stop()
})

test('the wall-clock schedule finishes files of an idle partition on an empty put', async t => {
  const root = tempFolder(t)
  const clock = new TestClock(Date.parse('2024-01-01T10:07:00Z'))
  const { task } = await started(root, { 'rotate.schedule.interval.ms': '600000', timezone: 'UTC' }, clock)
  await task.put(values(0, 3))
  await clock.advance(2 * 60_000)
  await task.put([])
  assert.deepEqual(files(root), [])
  await clock.advance(60_000)
  await task.put([])
  assert.deepEqual(files(root).length, 1)
  assert.deepEqual(await task.preCommit?.([{ ...tp(), offset: 3 }]), [{ ...tp(), offset: 3 }])
  await task.stop()
})

test('a changed schema begins another file; an equal schema does not', async t => {
  const root = tempFolder(t)
  const { task } = await started(root, { 'format.class': 'io.confluent.connect.s3.format.parquet.ParquetFormat' })
  const one = structOf({ a: INT32 })
  const same = structOf({ a: INT32 })
  const two = structOf({ a: INT32, b: OPTIONAL_INT32 })
  const record = (offset: number, schema: typeof one) =>
    sinkRecord(
      offset,
      new Struct(
        schema,
        schema.fields.map(() => offset),
      ),
      { valueSchema: schema },
    )
  await task.put([record(0, one), record(1, same), record(2, two), record(3, two)])
  assert.deepEqual(files(root), ['topics/events/partition=0/events+0+0000000000.snappy.parquet'])
  await task.put(Array.from({ length: 8 }, (_, i) => record(4 + i, two)))
  assert.deepEqual(await duckRows(`SELECT sum(a) a, sum(b) b FROM read_parquet('${root}/**/*.parquet', union_by_name = true)`), [
    { a: '66', b: '65' },
  ])
  await task.stop()
})

test('compressed text files carry their extension and content', async t => {
  const root = tempFolder(t)
  for (const type of ['gzip', 'zstd']) {
    const { task } = await started(root, { 'compression.type': type, 'topics.dir': type, 'flush.size': '30000' })
    await task.put(values(0, 30_000))
    await task.stop()
  }
  const [gz, zst] = files(root)
  assert.deepEqual([gz?.slice(-8), zst?.slice(-9)], ['.json.gz', '.json.zst'])
  const text = gunzipSync(readFileSync(join(root, String(gz)))).toString()
  assert.equal(text.split('\n').length, 30_001)
  assert.equal(zstdDecompressSync(readFileSync(join(root, String(zst)))).toString(), text)
})

test('bad records and null values: to the reporter where there is one, else the task names the record', async t => {
  const root = tempFolder(t)
  const failing = await started(root, { 'format.class': 'bytes' })
  await assert.rejects(async () => failing.task.put([sinkRecord(7, { not: 'bytes' })]), /events-0 at offset 7: the bytes format/)
  await assert.rejects(async () => failing.task.put([sinkRecord(8, null)]), /events-0 at offset 8: it has no value/)
  const ignoring = await started(root, { 'behavior.on.null.values': 'ignore', 'flush.size': '1' })
  ignoring.context.takeErrantRecords()
  await ignoring.task.put([sinkRecord(0, null), sinkRecord(1, { a: 1 })])
  assert.deepEqual(
    ignoring.context.errant.map(e => e.record.kafkaOffset),
    [0],
  )
  assert.deepEqual(lines(join(root, String(files(root)[0]))), [{ a: 1 }])
})

test('a task over its byte budget finishes the partition that holds most', async t => {
  const root = tempFolder(t)
  const { task, context } = await started(root, { 'buffer.max.bytes': '4500000', 'flush.size': '1000000' }, new TestClock(), [
    tp(0),
    tp(1),
  ])
  // A chunk of memory each, of three bytes a character.
  const big = (offset: number, partition: number) => sinkRecord(offset, { text: 'x'.repeat(400_000) }, { partition })
  await task.put([big(0, 0), big(0, 1), big(1, 1)])
  assert.deepEqual(files(root), [])
  await task.put([big(2, 1)])
  assert.deepEqual(files(root), ['topics/events/partition=1/events+1+0000000000.json'])
  assert.ok(context.bufferedBytes < 1_300_000)
  await task.stop()
})

for (const ofConfig of [{}, { 'buffer.max.bytes': '1000000' }] as Props[]) {
  test(`open files stay within the worker's share for the sink, whatever flush.size and buffer.max.bytes say: ${JSON.stringify(ofConfig)}`, async t => {
    const root = tempFolder(t)
    const task = lakeSinkTask(new TestClock())
    const context = new FakeSinkContext()
    context.bufferBytesMax = 100_000
    task.start({ 'store.url': root, 'format.class': 'json', 'flush.size': '1000000', ...ofConfig }, context)
    await task.open([tp(0), tp(1)])
    for (let i = 0; i < 40; i++) {
      await task.put([0, 1].map(partition => sinkRecord(i, { text: 'x'.repeat(20_000) }, { partition })))
      assert.ok(context.bufferedBytes <= 100_000)
    }
    assert.ok(files(root).length >= 16)
    await task.stop()
  })
}

test('a file at file.size.max.bytes is finished before flush.size', async t => {
  const root = tempFolder(t)
  const { task } = await started(root, { 'file.size.max.bytes': '100000', 'flush.size': '1000000' })
  await task.put(values(0, 10, () => ({ text: 'x'.repeat(30_000) })))
  assert.equal(files(root).length, 2)
  await task.stop()
})

test('records of a topic that was deleted and made again are written as well as those in the files that were open', async t => {
  const root = tempFolder(t)
  const { task } = await started(root, {})
  await task.put(values(100, 5))
  await task.put(values(0, 10))
  assert.deepEqual(
    files(root).map(f => [f.slice(-16), lines(join(root, f)).length]),
    [
      ['+0000000000.json', 10],
      ['+0000000100.json', 5],
    ],
  )
  assert.deepEqual(await task.preCommit?.([{ ...tp(), offset: 10 }]), [{ ...tp(), offset: 10 }])
  await task.stop()
})

test('files of a deleted topic that cannot be finished yet are tried again, and the new records are not taken for old ones', async t => {
  const root = tempFolder(t)
  let failures = 1
  const store: ObjectStore = {
    ...directoryStore(root),
    async begin(key, owner) {
      if (failures-- > 0) throw new RetriableError('the disk is full')
      return directoryStore(root).begin(key, owner)
    },
  }
  const task = new LakeTask(new TestClock(), props => ({ config: lakeSinkConfig.parse(props), store }))
  await task.start({ 'store.url': root, 'format.class': 'json', 'flush.size': '10' }, new FakeSinkContext())
  await task.open?.([tp()])
  await task.put(values(100, 5))
  const fresh = values(0, 10)
  await assert.rejects(async () => task.put(fresh), { retriable: true })
  await task.put(fresh)
  assert.deepEqual(
    files(root).map(f => lines(join(root, f)).length),
    [10, 5],
  )
  await task.stop()
})

test('the same offsets twice, without a failed put between, end in one file', async t => {
  const root = tempFolder(t)
  const { task } = await started(root, {})
  await task.put(values(0, 5))
  await task.put(values(0, 10))
  assert.deepEqual(
    files(root).map(f => lines(join(root, f)).length),
    [10],
  )
  await task.stop()
})

test('a new owner removes what a dead task left in the staging folder, and nothing of others', async t => {
  const root = tempFolder(t)
  const store = directoryStore(root)
  const abandoned = await store.begin('topics/events/partition=0/events+0+0000000000.json', {
    prefix: 'topics/',
    name: 'events+0+',
  })
  await abandoned.write(Buffer.from('half'))
  const living = await store.begin('topics/events/partition=1/events+1+0000000000.json', { prefix: 'topics/', name: 'events+1+' })
  await living.write(Buffer.from('whole'))
  const { task } = await started(root, {})
  assert.equal(readdirSync(join(root, '.sluice-staging')).length, 1)
  assert.equal(await living.complete(), 'written')
  await assert.rejects(abandoned.complete(), /events\+0\+0000000000/)
  await task.stop()
})

test('a folder that cannot be written fails with its path, not retriable', async t => {
  const root = tempFolder(t)
  writeFileSync(join(root, 'topics'), 'a file is in the way')
  const { task } = await started(root, { 'flush.size': '1' })
  await assert.rejects(
    async () => task.put(values(0, 1)),
    (error: Error & { retriable?: boolean }) => error.message.includes(join(root, 'topics')) && error.retriable !== true,
  )
  mkdirSync(join(root, 'elsewhere'))
  await task.stop()
})

test('validation names the keys of what does not fit together', async () => {
  const [plugin] = plugins
  assert.ok(plugin?.kind === 'sink')
  const connector = plugin.connector()
  const base = { 'store.url': '/tmp/x', 'format.class': 'json', 'flush.size': '1' }
  const names = async (props: Props) => ((await connector.validate?.({ ...base, ...props })) ?? []).map(e => e.name)
  assert.deepEqual(await names({}), [])
  assert.deepEqual(await names({ 'partitioner.class': 'FieldPartitioner' }), ['partition.field.name'])
  assert.deepEqual(await names({ 'partitioner.class': 'TimeBasedPartitioner' }), ['path.format'])
  assert.deepEqual(await names({ 'partitioner.class': 'DailyPartitioner', locale: 'en', timezone: 'Mars/Olympus' }), ['timezone'])
  assert.deepEqual(await names({ 'rotate.schedule.interval.ms': '1000' }), ['timezone'])
  const errors = (props: Props) => lakeSinkConfig.validate({ ...base, ...props }).filter(v => v.errors.length > 0)
  assert.match(String(errors({ 'store.url': 's3://bucket' })[0]?.errors), /scheme s3/)
  assert.match(String(errors({ 'format.class': 'io.confluent.connect.s3.format.avro.AvroFormat' })[0]?.errors), /Avro/)
  assert.match(String(errors({ 'behavior.on.null.values': 'write' })[0]?.errors), /not supported/)
  assert.equal(errors({ 'format.class': 'io.confluent.connect.gcs.format.bytearray.ByteArrayFormat' }).length, 0)
})

test('string records of a schema become JSON strings, a document a line', async t => {
  const root = tempFolder(t)
  const { task } = await started(root, { 'flush.size': '2' })
  await task.put([sinkRecord(0, 'a\n"b"', { valueSchema: STRING }), sinkRecord(1, '\ud800', { valueSchema: STRING })])
  assert.deepEqual(lines(join(root, String(files(root)[0]))), ['a\n"b"', '\ud800'])
  await task.stop()
})

test('a record whose folder or path no file system takes goes to the reporter; the others are written', async t => {
  const root = tempFolder(t)
  const props = { 'partitioner.class': 'FieldPartitioner', 'partition.field.name': 'a,b', 'flush.size': '2' }
  const { task, context } = await started(root, props)
  context.takeErrantRecords()
  const good = { a: 'x', b: 'y' }
  await task.put([sinkRecord(0, good), sinkRecord(1, { a: 'x', b: 'y'.repeat(300) }), sinkRecord(2, good)])
  assert.match(String(context.errant[0]?.error.message), /events-0 at offset 1: the field b makes a folder name of 302 bytes/)
  assert.deepEqual(files(root), ['topics/events/a=x/b=y/events+0+0000000000.json'])
  const topic = 't'.repeat(256)
  await task.put([sinkRecord(3, good), sinkRecord(4, good).with({ topic }), sinkRecord(5, good).with({ topic: '..' })])
  assert.deepEqual(
    context.errant.map(e => e.record.kafkaOffset),
    [1, 4, 5],
  )
  await task.put([sinkRecord(6, good)])
  assert.deepEqual(lines(join(root, String(files(root)[1]))), [good, good])
  await task.stop()
  const deep = await started(root, { ...props, 'partition.field.name': Array(17).fill('a').join(',') })
  deep.context.takeErrantRecords()
  await deep.task.put([sinkRecord(0, { a: 'x'.repeat(250) })])
  assert.match(String(deep.context.errant[0]?.error.message), /a path has at most 4095 bytes/)
})

test('a time that no date can hold goes to the reporter', async t => {
  const { task, context } = await started(tempFolder(t), {
    'partitioner.class': 'DailyPartitioner',
    locale: 'en',
    timezone: 'Europe/Berlin',
    'timestamp.extractor': 'RecordField',
  })
  context.takeErrantRecords()
  await task.put([sinkRecord(0, { timestamp: 1e23 }), sinkRecord(1, { timestamp: 9007199254740991 })])
  assert.deepEqual(
    context.errant.map(e => e.record.kafkaOffset),
    [0, 1],
  )
  assert.match(String(context.errant[0]?.error.message), /events-0 at offset 0: the time 1e\+23 is beyond/)
  await task.stop()
})

test('a store below /proc, where no folder can be made, fails by name instead of trying for ever', {
  timeout: 60_000,
}, async () => {
  const { task } = await started('/proc/no-such/lake', { 'flush.size': '1' })
  await assert.rejects(
    async () => task.put(values(0, 1)),
    (error: Error & { retriable?: boolean }) => /cannot make the folder \/proc/.test(error.message) && error.retriable !== true,
  )
  await task.stop()
})

test('many files are finished a few at a time; where one fails the others end first and no offset moves', async t => {
  const root = tempFolder(t)
  const inner = directoryStore(root)
  const begun: string[] = []
  let running = 0
  let most = 0
  let failAt = 3
  const store: ObjectStore = {
    ...inner,
    async begin(key, owner) {
      begun.push(key)
      most = Math.max(most, ++running)
      const fails = begun.length === failAt
      const upload = await inner.begin(key, owner)
      return {
        ...upload,
        async complete(options) {
          if (fails) throw new RetriableError('as told')
          const written = await upload.complete(options)
          running--
          return written
        },
        async abort() {
          await upload.abort()
          running--
        },
      }
    },
  }
  const task = new LakeTask(new TestClock(), props => ({ config: lakeSinkConfig.parse(props), store }))
  const context = new FakeSinkContext()
  await task.start(
    {
      'store.url': root,
      'format.class': 'json',
      'flush.size': '30',
      'partitioner.class': 'FieldPartitioner',
      'partition.field.name': 'i',
    },
    context,
  )
  await task.open([tp()])
  await assert.rejects(async () => task.put(values(0, 30)), /as told/)
  assert.equal(running, 0)
  assert.deepEqual(readdirSync(join(root, '.sluice-staging')), [])
  assert.deepEqual(await task.preCommit([{ ...tp(), offset: 30 }]), [{ ...tp(), offset: 0 }])
  const before = files(root).length
  assert.ok(before < 30)
  failAt = -1
  await task.put(values(0, 30))
  assert.equal(files(root).length, 30)
  assert.equal(new Set(begun).size, 30)
  assert.equal(begun.length, 31, 'only the file that failed is written again')
  assert.ok(most > 1 && most <= 8, `${most} at a time`)
  assert.deepEqual(await task.preCommit([{ ...tp(), offset: 30 }]), [{ ...tp(), offset: 30 }])
  await task.stop()
})

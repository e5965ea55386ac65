// The S3 sink under the sink suite on both servers, and its column path: the bucket is the folder lake, byte by byte.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Props, SinkTask } from '../../src/api/index.ts'
import { systemClock } from '../../src/base/clock.ts'
import { RetriableError } from '../../src/base/errors.ts'
import { lakeSinkTask } from '../../src/connectors/lake-sink/connector.ts'
import { configureS3, s3SinkTask } from '../../src/connectors/s3-sink/connector.ts'
import { JsonColumns } from '../../src/converters/json/columns/json-columns.ts'
import { LakeTask } from '../../src/kit/lake/lake-task.ts'
import { directoryStore } from '../../src/kit/object-store/directory-store.ts'
import type { ObjectStore } from '../../src/kit/object-store/object-store.ts'
import { s3Store } from '../../src/kit/object-store/s3/s3-store.ts'
import { sinkConformance } from '../conformance/sink.ts'
import { piecesOf, recordsOf } from '../support/column-batches.ts'
import { freshBucket, settingsFor } from '../support/s3-buckets.ts'
import { type S3Server, startS3Server } from '../support/s3-server.ts'
import { FakeSinkContext } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

const propsFor = (server: S3Server, bucket: string, more: Props = {}): Props => ({
  's3.bucket.name': bucket,
  's3.region': server.region,
  'store.url': server.url,
  'aws.access.key.id': server.accessKeyId,
  'aws.secret.access.key': server.secretAccessKey,
  'format.class': 'io.confluent.connect.s3.format.json.JsonFormat',
  'flush.size': '10',
  ...more,
})

async function contentsOf(store: ObjectStore): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>()
  for await (const { key } of store.list('topics/')) found.set(key, await store.read(key))
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

for (const kind of ['versitygw', 'moto'] as const) {
  const server = await startS3Server(kind)
  after(() => server.stop())
  // the suite's setUp is synchronous: it takes a bucket made before, one for each of its tests
  const buckets = await Promise.all(Array.from({ length: 10 }, () => freshBucket(server)))

  sinkConformance({
    name: `S3 sink, ${kind}`,
    delivery: 'exactly',
    nullValues: 'refused',
    setUp() {
      const bucket = buckets.pop()
      if (bucket === undefined) throw new Error('the suite has more tests than buckets')
      const store = s3Store(settingsFor(server, bucket))
      let failNext = false
      const configure = configureS3(systemClock)
      const failing = (): SinkTask =>
        new LakeTask(systemClock, (props, logger) => {
          const { config, store: inner } = configure(props, logger)
          const begin: ObjectStore['begin'] = async (...about) => {
            const fails = failNext
            failNext = false
            if (fails) throw new RetriableError('as told')
            return inner.begin(...about)
          }
          return { config, store: { ...inner, begin } }
        })
      return {
        props: propsFor(server, bucket),
        task: failing,
        failNextWrite: () => {
          failNext = true
        },
        async durable() {
          const text = [...(await contentsOf(store)).values()].join('')
          return text
            .split('\n')
            .filter(line => line !== '')
            .map(line => JSON.parse(line) as string)
        },
      }
    },
  })
}

const server = await startS3Server('versitygw')
after(() => server.stop())

function documents(count: number) {
  const texts = Array.from({ length: count }, (_, i) => Buffer.from(`{"n":${i},"city":"c${i % 5}","x":${i / 7}}`))
  const lengths = Int32Array.from(texts, text => text.length)
  const starts = new Int32Array(count)
  for (let i = 1; i < count; i++) starts[i] = (starts[i - 1] ?? 0) + (lengths[i - 1] ?? 0)
  return { buffer: Buffer.concat(texts), starts, lengths }
}

for (const format of ['parquet.ParquetFormat', 'json.JsonFormat']) {
  test(`columns go into the bucket as they and records go into a folder, byte by byte: ${format}`, async t => {
    const bucket = await freshBucket(server)
    const shape = { 'format.class': `io.confluent.connect.s3.format.${format}`, 'flush.size': '700' }
    const fields = { 'partitioner.class': 'FieldPartitioner', 'partition.field.name': 'city' }
    const s3 = s3SinkTask()
    await s3.start(propsFor(server, bucket, { ...shape, ...fields }), new FakeSinkContext())
    const root = tempFolder(t)
    const folder = lakeSinkTask()
    await folder.start({ 'store.url': root, ...shape, ...fields }, new FakeSinkContext())
    for (const task of [s3, folder]) await task.open([{ topic: 'events', partition: 0 }])
    assert.ok(s3.takesColumns)
    const batch = documents(2_500)
    let columns = 0
    for (const piece of piecesOf(new JsonColumns(), batch)) {
      if ('record' in piece) await s3.put([piece.record])
      else {
        await s3.putColumns(piece.batch)
        columns += piece.batch.count
      }
    }
    assert.ok(columns > 2_000, `${columns} rows as columns`)
    await folder.put(recordsOf(batch))
    const [found, expected] = [await contentsOf(s3Store(settingsFor(server, bucket))), await contentsOf(directoryStore(root))]
    assert.ok(expected.size >= 15)
    assert.deepEqual([...found.keys()], [...expected.keys()])
    for (const [key, bytes] of expected) assert.ok(found.get(key)?.equals(bytes), `${key} differs`)
    const current = [{ topic: 'events', partition: 0, offset: 2_500 }]
    assert.deepEqual(s3.preCommit(current), folder.preCommit(current))
  })
}

test('tags of objects say which records are in them, for records and for columns', async () => {
  const { GetObjectTaggingCommand } = await import('@aws-sdk/client-s3')
  for (const byColumns of [false, true]) {
    const bucket = await freshBucket(server)
    const task = s3SinkTask()
    const tags = { 's3.object.tagging': 'true', 's3.object.tagging.key.value.pairs': 'team:data,url:a:b', 'flush.size': '40' }
    await task.start(propsFor(server, bucket, tags), new FakeSinkContext())
    await task.open([{ topic: 'events', partition: 0 }])
    const batch = documents(100)
    if (!byColumns) await task.put(recordsOf(batch))
    else {
      for (const piece of piecesOf(new JsonColumns(), batch)) {
        if ('record' in piece) await task.put([piece.record])
        else await task.putColumns(piece.batch)
      }
    }
    const keys = [...(await contentsOf(s3Store(settingsFor(server, bucket)))).keys()]
    assert.equal(keys.length, 2)
    const answer = await (await server.client()).send(new GetObjectTaggingCommand({ Bucket: bucket, Key: keys[1] ?? '' }))
    assert.deepEqual(Object.fromEntries((answer.TagSet ?? []).map(tag => [tag.Key, tag.Value])), {
      startOffset: '40',
      endOffset: '79',
      recordCount: '40',
      team: 'data',
      url: 'a:b',
    })
  }
})

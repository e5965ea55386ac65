// Goal: a preview says what the real sink or source then does, and leaves no trace. Method: one broker and one worker; each preview is compared
// with what is known of the topic, with the files a real sink writes, or with the state of the broker before it.
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { PreviewReport, SinkRecordPreview, SourceRecordPreview } from '../../src/actor/preview-messages.ts'
import { silentLogger } from '../../src/base/log.ts'
import { Admin } from '../../src/kafka/admin.ts'
import { clientConfigFrom } from '../../src/kafka/client-config.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { Sluice } from '../cli/sluice.ts'
import { type Broker, broker } from '../support/broker.ts'
import { type Config, create } from '../support/connectors.ts'
import { runJava } from '../support/java.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { createTopic, endOffsets, produce, uniqueName } from '../support/topics.ts'
import { until } from '../support/until.ts'
import { startWorker, type WorkerProcess } from '../support/worker.ts'

let kafka: Broker
let worker: WorkerProcess
const SECRET = 'tr0ub4dor&"3'

before(async () => {
  kafka = await broker()
  worker = await startWorker({
    bootstrap: kafka.bootstrap,
    worker: {
      'config.providers': 'env',
      'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
    },
    env: { PREVIEW_SECRET: SECRET },
  })
})

after(async () => {
  await worker?.stop()
  await kafka?.stop()
})

type Report<R> = Omit<PreviewReport, 'records'> & { records: R[] }

/** The report; fails the test unless the answer is 200. */
async function report<R = SinkRecordPreview>(path: string, body: object): Promise<Report<R>> {
  const answer = await worker.rest<Report<R>>(path, { method: 'POST', body })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}

const sink = (config: Config, ask: object = {}) =>
  report('/connector-plugins/FileStreamSink/preview', { config: { file: '/nowhere/x', ...config }, ...ask })

async function topicOf(values: readonly string[], partitions = 1): Promise<string> {
  const topic = uniqueName('preview')
  await createTopic(kafka.bootstrap, topic, { partitions })
  await produce(
    kafka.bootstrap,
    topic,
    values.map((value, i) => ({ key: `k${i}`, value, partition: i % partitions, timestamp: 1_700_000_000_000 + i })),
  )
  return topic
}

const STRINGS = { 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' }
const valuesOf = (r: Report<SinkRecordPreview>) => r.records.map(one => one.record?.value.value)
/** Put together here, so that no template sees it. */
const variable = (name: string) => `$${`{env:${name}}`}`

const CHAIN = {
  transforms: 'add,same,mask,drop,cast',
  'transforms.add.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
  'transforms.add.static.field': 'from',
  'transforms.add.static.value': 'here',
  'transforms.same.type': 'DropHeaders',
  'transforms.same.headers': 'none',
  'transforms.mask.type': 'MaskField$Value',
  'transforms.mask.fields': 'card',
  'transforms.mask.predicate': 'isNull',
  'transforms.mask.negate': 'true',
  'transforms.drop.type': 'Filter',
  'transforms.drop.predicate': 'isNull',
  'transforms.cast.type': 'Cast$Value',
  'transforms.cast.spec': 'n:int32',
  predicates: 'isNull',
  'predicates.isNull.type': 'RecordIsTombstone',
}

test('each record is shown after converters and every transform: changed, unchanged, not applied, dropped, failed, unreadable', async () => {
  const topic = uniqueName('preview')
  await createTopic(kafka.bootstrap, topic)
  await produce(kafka.bootstrap, topic, [
    { key: 'a', value: '{"n":"7","card":"4111"}', headers: [['h', '5']], timestamp: 1_700_000_000_000 },
    { key: 'b', value: null },
    { key: 'c', value: '{"n":"seven","card":"4111"}' },
    { key: 'd', value: '{"n":' },
  ])
  // A null value passes InsertField and MaskField untouched.
  const r = await sink({ topics: topic, ...CHAIN })
  const { ms, ...counts } = r.summary
  assert.equal(typeof ms, 'number')
  const stages = { TRANSFORMATION: 1, VALUE_CONVERTER: 1 }
  assert.deepEqual(counts, { read: 4, ok: 1, dropped: 1, ignored: 0, failed: 2, failed_by_stage: stages, ended: 'end' })
  const [good, tombstone, uncastable, broken] = r.records
  const results = (one: SinkRecordPreview | undefined) => one?.transforms.map(step => `${step.alias} ${step.result}`)
  assert.deepEqual(results(good), ['add changed', 'same unchanged', 'mask changed', 'drop not_applied', 'cast changed'])
  assert.deepEqual(results(tombstone), ['add unchanged', 'same unchanged', 'mask not_applied', 'drop dropped'])
  assert.deepEqual(results(uncastable)?.at(-1), 'cast failed')
  assert.deepEqual(results(broken), [])
  assert.deepEqual(
    [good?.outcome, good?.topic, good?.partition, good?.offset, good?.timestamp, good?.key_bytes, good?.value_bytes],
    ['ok', topic, 0, 0, 1_700_000_000_000, 1, 23],
  )
  assert.deepEqual(good?.record?.headers, [{ name: 'h', schema: { type: 'int8', optional: false }, value: 5 }])
  assert.deepEqual(good?.transforms[0]?.record?.value, { schema: null, value: { n: '7', card: '4111', from: 'here' } })
  assert.deepEqual(good?.transforms[2]?.record?.value.value, { n: '7', card: '', from: 'here' })
  assert.deepEqual(good?.transforms[4]?.record?.value.value, { n: 7, card: '', from: 'here' })
  assert.equal(tombstone?.outcome, 'dropped')
  assert.deepEqual([uncastable?.error?.stage, uncastable?.error?.transform], ['TRANSFORMATION', 'cast'])
  assert.match(uncastable?.error?.message ?? '', /seven/)
  assert.equal(broken?.error?.stage, 'VALUE_CONVERTER')
  assert.deepEqual(broken?.raw, { key: 'd', value: '{"n":' })
})

test('a lake preview names the very files that the real sink then writes, and writes none itself', async t => {
  const folder = tempFolder(t)
  const values = Array.from({ length: 40 }, (_, i) => JSON.stringify({ i, region: i % 7 === 0 ? 'north/south' : `r${i % 3}` }))
  const topic = await topicOf(values, 3)
  const single = 'partition.field.name'
  const cases: { own: Config; isSingle: boolean }[] = [
    { own: { 'flush.size': '4', 'format.class': 'json' }, isSingle: true },
    {
      own: { 'flush.size': '5', 'format.class': 'parquet', 'partitioner.class': 'FieldPartitioner', [single]: 'region' },
      isSingle: false,
    },
    {
      own: {
        'flush.size': '100',
        'rotate.interval.ms': '10',
        'format.class': 'json',
        'partitioner.class': 'HourlyPartitioner',
        timezone: 'UTC',
        locale: 'en',
        'timestamp.extractor': 'Record',
      },
      isSingle: true,
    },
  ]
  for (const [n, { own, isSingle }] of cases.entries()) {
    const store = join(folder, String(n))
    const config = { topics: topic, 'store.url': store, ...own }
    const { summary, records } = await report('/connector-plugins/LakeSink/preview', { config, records: 40 })
    assert.equal(summary.ok, 40)
    assert.ok(!existsSync(store), 'the preview wrote into the lake')
    const name = uniqueName('lake')
    assert.equal((await create(worker, name, { 'connector.class': 'LakeSink', ...config })).status, 201)
    const paths = new Set(records.map(pathOf))
    const full = new Set(
      [0, 1, 2].flatMap(partition => fullFiles(partition, records, isSingle ? null : Number(own['flush.size']))),
    )
    assert.ok(full.size >= 6, `only ${full.size} files are full`)
    const written = () => globSync('topics/**/*.{json,parquet}', { cwd: store })
    await until(() => [...full].every(path => written().includes(path)))
    assert.deepEqual(
      written().filter(path => !paths.has(path)),
      [],
    )
    assert.equal((await worker.rest(`/connectors/${name}`, { method: 'DELETE' })).status, 204)
  }
})

const pathOf = (record: SinkRecordPreview) => String(record.target?.path)

/** The files that the sink finishes without more records: those before the last in a single folder, or those of the flushes that are over. */
function fullFiles(partition: number, records: readonly SinkRecordPreview[], flushSize: number | null): string[] {
  const paths = records.filter(record => record.partition === partition).map(pathOf)
  if (flushSize === null) return paths.filter(path => path !== paths.at(-1))
  return paths.slice(0, paths.length - (paths.length % flushSize))
}

test('nothing is committed, created or written: no group, no connector, no topic, no log end that moved', async () => {
  const topic = await topicOf(['{"a":1}', '{"a":2}'])
  const missing = uniqueName('missing')
  const name = uniqueName('traceless')
  const cluster = new Cluster(clientConfigFrom({ 'bootstrap.servers': kafka.bootstrap }, 'test'), silentLogger)
  await cluster.connect()
  const admin = new Admin(cluster)
  const before = { ends: await endOffsets(kafka.bootstrap, topic), connectors: (await worker.rest('/connectors')).body }
  const dead = { 'errors.tolerance': 'all', 'errors.deadletterqueue.topic.name': `${name}-dead` }
  const r = await sink({ name, topics: `${topic},${missing}`, ...dead })
  assert.equal(r.summary.ok, 2)
  assert.match(r.notes.join(), new RegExp(`topic ${missing} does not exist`))
  assert.deepEqual(before, {
    ends: await endOffsets(kafka.bootstrap, topic),
    connectors: (await worker.rest('/connectors')).body,
  })
  const topics = (await admin.listTopics()).map(one => one.name)
  for (const absent of [missing, `${name}-dead`]) assert.ok(!topics.includes(absent), absent)
  assert.equal((await admin.groupOffsets(`connect-${name}`)).size, 0)
  assert.match((await admin.describeGroup(`connect-${name}`)).state, /^(Dead|)$/)
  await cluster.close()
})

test('the first come from every partition in equal shares, the newest by time; topics and partition narrow them', async () => {
  const topic = await topicOf(
    Array.from({ length: 30 }, (_, i) => `v${i}`),
    3,
  )
  const other = await topicOf(['x'])
  const config = { topics: `${topic},${other}`, ...STRINGS }
  const offsets = (r: Report<SinkRecordPreview>) =>
    r.records.map(one => `${one.topic === topic ? 't' : 'o'}${one.partition}@${one.offset}`)
  const narrowed = { topics: [topic], records: 4 }
  assert.deepEqual(offsets(await sink(config, narrowed)).sort(), ['t0@0', 't0@1', 't1@0', 't2@0'])
  assert.deepEqual(valuesOf(await sink(config, { ...narrowed, from: 'newest' })).sort(), ['v26', 'v27', 'v28', 'v29'])
  assert.deepEqual(valuesOf(await sink(config, { ...narrowed, from: 'newest', partition: 1 })), ['v19', 'v22', 'v25', 'v28'])
  assert.equal((await sink(config, { records: 100 })).summary.read, 31)
  const regex = await sink({ 'topics.regex': `${topic.slice(0, -1)}.`, ...STRINGS }, { records: 2, from: 'newest' })
  assert.deepEqual(valuesOf(regex).sort(), ['v28', 'v29'])
})

test('empty and missing topics, and a pattern that matches none, are an answer with the reason', async () => {
  const empty = uniqueName('empty')
  await createTopic(kafka.bootstrap, empty, { partitions: 2 })
  const r = await sink({ topics: empty })
  assert.deepEqual([r.summary.read, r.summary.ended], [0, 'end'])
  assert.match(r.notes.join(), /no record to show: the topics are empty/)
  assert.match((await sink({ 'topics.regex': 'no-such-topic-.*' })).notes.join(), /no topic matches topics\.regex no-such-topic/)
  assert.match((await sink({ topics: empty }, { partition: 7 })).notes.join(), /has no partition 7/)
})

test('compressed batches and transactions: aborted records are seen unless the consumer is told otherwise, markers never', async () => {
  const topic = uniqueName('txn')
  await createTopic(kafka.bootstrap, topic)
  await runJava(new URL('java/Transactions.java', import.meta.url), [kafka.bootstrap, topic])
  const all = valuesOf(await sink({ topics: topic, ...STRINGS }, { records: 100 }))
  assert.equal(all.length, 60)
  const committedOnly = { topics: topic, ...STRINGS, 'consumer.override.isolation.level': 'read_committed' }
  const committed = all.filter(value => String(value).startsWith('yes'))
  assert.deepEqual(valuesOf(await sink(committedOnly, { records: 100 })), committed)
  assert.deepEqual(valuesOf(await sink(committedOnly, { records: 10, from: 'newest' })), committed.slice(-10))
  assert.deepEqual(valuesOf(await sink(committedOnly, { records: 7 })), committed.slice(0, 7))
})

test('an invalid config is refused with its errors by key, as validation says them and with the text of a refused connector', async () => {
  const config = { topics: 't', 'tasks.max': 'many', transforms: 'x', 'transforms.x.type': 'NoSuchTransform' }
  const { status, body } = await worker.rest<{
    error_code: number
    message: string
    error_count: number
    configs: { value: { name: string; errors: string[] } }[]
  }>('/connector-plugins/FileStreamSink/preview', { method: 'POST', body: { config } })
  assert.equal(status, 400)
  assert.deepEqual([body.error_code, body.error_count > 0], [400, true])
  const wrong = body.configs.filter(one => one.value.errors.length > 0).map(one => one.value.name)
  assert.ok(wrong.includes('tasks.max') && wrong.includes('transforms.x.type'), wrong.join())
  const created = await create(worker, 'preview', { 'connector.class': 'FileStreamSink', ...config })
  assert.deepEqual([created.status, created.body.message], [400, body.message])
})

test('bad requests are refused with what is allowed', async () => {
  const topic = await topicOf(['{}'])
  const config = { topics: topic }
  const cases: [body: unknown, status: number, message: RegExp][] = [
    [{ config, records: 0 }, 400, /Invalid records "0", must be a whole number from 1 to 100/],
    [{ config, records: 101 }, 400, /from 1 to 100/],
    [{ config, timeout_ms: 1e9 }, 400, /Invalid timeout_ms/],
    [{ config, from: 'middle' }, 400, /must be one of first, newest/],
    [{ config, partition: -1 }, 400, /Invalid partition/],
    [{ config, topics: ['strange'] }, 400, new RegExp(`does not read topic strange\\. Its topics: ${topic}`)],
    [{ config: { ...config, 'connector.class': 'LakeSink' } }, 400, /does not match request type FileStreamSink/],
    [{ config, limit: 5 }, 500, /Unrecognized field "limit"/],
  ]
  for (const [body, status, message] of cases) {
    const answer = await worker.rest<{ message: string }>('/connector-plugins/FileStreamSink/preview', { method: 'POST', body })
    assert.equal(answer.status, status, JSON.stringify(body))
    assert.match(answer.body.message, message)
  }
  const unknown = await worker.rest('/connector-plugins/NoSuchThing/preview', { method: 'POST', body: { config } })
  assert.equal(unknown.status, 400)
  assert.equal((await worker.rest('/connectors/nobody/preview', { method: 'POST', body: {} })).status, 404)
})

test('a source is polled without a trace: its offsets are read and not written, and the connector later reads from the start', async t => {
  const file = join(tempFolder(t), 'lines.txt')
  writeFileSync(file, 'one\ntwo\nthree\n')
  const name = uniqueName('lines')
  const topic = uniqueName('lines')
  const config = {
    'connector.class': 'FileStreamSource',
    name,
    file,
    topic,
    ...STRINGS,
    transforms: 'r',
    'transforms.r.type': 'RegexRouter',
    'transforms.r.regex': '(.*)',
    'transforms.r.replacement': '$1-routed',
  }
  const ask = { config, records: 2 }
  const r = await report<SourceRecordPreview>('/connector-plugins/FileStreamSource/preview', ask)
  assert.deepEqual([r.type, r.summary.ok, r.summary.ended], ['source', 2, 'records'])
  const [first, second] = r.records
  assert.deepEqual(first?.source_partition, { filename: file })
  assert.deepEqual([first?.source_offset, second?.source_offset], [{ position: 4 }, { position: 8 }])
  assert.deepEqual(first?.record?.value, { schema: { type: 'string', optional: false }, value: 'one' })
  assert.deepEqual(first?.produced, {
    topic: `${topic}-routed`,
    partition: null,
    timestamp: first?.produced?.timestamp ?? 0,
    key_bytes: null,
    value_bytes: 3,
    key: null,
    value: 'one',
    headers: [],
  })
  const { body: offsetsFile } = {
    body: existsSync(join(worker.folder, 'offsets')) ? readFileSync(join(worker.folder, 'offsets')) : null,
  }
  assert.ok(offsetsFile === null || !offsetsFile.includes(name))
  await createTopic(kafka.bootstrap, `${topic}-routed`)
  assert.equal((await create(worker, name, config)).status, 201)
  await until(async () => (await endOffsets(kafka.bootstrap, `${topic}-routed`))[0] === 3)
  type Offsets = { offsets: { offset: { position: number } }[] }
  const stored = async () => (await worker.rest<Offsets>(`/connectors/${name}/offsets`)).body.offsets[0]?.offset.position
  await until(async () => (await stored()) === 14)
  // Now the stored offsets are what the preview begins with.
  assert.equal((await report(`/connectors/${name}/preview`, { timeout_ms: 1500 })).summary.read, 0)
  writeFileSync(file, 'one\ntwo\nthree\nfour\n')
  const continued = await report<SourceRecordPreview>(`/connectors/${name}/preview`, { config: { transforms: null } })
  const shown = continued.records.map(one => [one.produced?.topic, one.produced?.value])
  // Unless the running connector was faster, in which case there is nothing left to show.
  assert.ok(JSON.stringify(shown) === JSON.stringify([[topic, 'four']]) || shown.length === 0, JSON.stringify(shown))
  await until(async () => (await endOffsets(kafka.bootstrap, `${topic}-routed`))[0] === 4)
})

test("an existing connector is previewed under its config and under a changed one, which is not kept; a provider's secret is never shown", async () => {
  const topic = await topicOf(['{"a":1}'])
  const name = uniqueName('kept')
  const config = {
    'connector.class': 'FileStreamSink',
    topics: topic,
    file: join(worker.folder, name),
    transforms: 'add',
    'transforms.add.type': 'InsertField$Value',
    'transforms.add.static.field': 'key',
    'transforms.add.static.value': variable('PREVIEW_SECRET'),
  }
  assert.equal((await create(worker, name, config)).status, 201)
  const path = `/connectors/${name}/preview`
  const asStored = await report(path, {})
  assert.equal(asStored.name, name)
  assert.deepEqual(asStored.records[0]?.transforms[0]?.record?.value.value, { a: 1, key: variable('PREVIEW_SECRET') })
  const changed = await report(path, { config: { transforms: null } })
  assert.deepEqual(changed.records[0]?.transforms, [])
  assert.ok(![asStored, changed].some(one => JSON.stringify(one).includes('tr0ub4dor')))
  assert.ok(!worker.logs().includes('tr0ub4dor'))
  assert.equal((await worker.rest<Config>(`/connectors/${name}/config`)).body.transforms, 'add')
})

test('sluice preview shows the same without a worker, as text and as JSON, and refuses what is wrong', async t => {
  const folder = tempFolder(t)
  const topic = await topicOf(['{"a":1}', '{"a":9007199254740993}', 'broken'])
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const workerFile = write(
    'worker.properties',
    `bootstrap.servers=${kafka.bootstrap}\nkey.converter=StringConverter\nvalue.converter=JsonConverter\nvalue.converter.schemas.enable=false\noffset.storage.file.filename=${join(folder, 'offsets')}\n`,
  )
  const config = {
    'connector.class': 'LakeSink',
    topics: topic,
    'store.url': join(folder, 'lake'),
    'format.class': 'json',
    'flush.size': '2',
  }
  const connector = write('lake.json', JSON.stringify({ name: 'lake', config }))
  const run = async (...args: string[]) => {
    const sluice = new Sluice('sluice.js', ['preview', ...args])
    return { code: await sluice.exit, output: sluice.output }
  }
  const text = await run(connector, '--worker', workerFile)
  assert.equal(text.code, 0, text.output)
  assert.match(text.output, /3 read, 2 ok, 0 dropped, 0 ignored, 1 failed \(1 in VALUE_CONVERTER\)/)
  assert.match(text.output, new RegExp(`to   topics/${topic}/partition=0/${topic}\\+0\\+0000000000\\.json \\(json\\)`))
  const json = await run(connector, '--worker', workerFile, '--json', '--records', '2', '--from', 'newest')
  assert.equal(json.code, 0, json.output)
  assert.match(json.output, /"a": 9007199254740993/)
  assert.equal(existsSync(join(folder, 'lake')) || existsSync(join(folder, 'offsets')), false)
  const bad = await run(
    write('bad.json', JSON.stringify({ name: 'bad', config: { ...config, 'flush.size': '0' } })),
    '--worker',
    workerFile,
  )
  assert.deepEqual([bad.code, /flush\.size/.test(bad.output)], [3, true])
  assert.equal((await run(connector)).code, 1)
  assert.equal((await run(connector, '--worker', join(folder, 'none'))).code, 2)
})

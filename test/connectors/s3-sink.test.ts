// The S3 sink without a server: its keys, what it refuses and ignores, what becomes of them, and that nothing is loaded or asked too early.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Props } from '../../src/api/index.ts'
import { s3SinkConfig } from '../../src/connectors/s3-sink/config.ts'
import { plugins, s3SinkTask, settingsOf } from '../../src/connectors/s3-sink/connector.ts'
import { FakeSinkContext, sinkRecord } from '../support/task-contexts.ts'

const [plugin] = plugins
assert.ok(plugin?.kind === 'sink')
const { connector, previewTarget } = plugin

/** The example of the README. */
const EXAMPLE: Props = {
  'connector.class': 'io.confluent.connect.s3.S3SinkConnector',
  topics: 'events',
  's3.bucket.name': 'data-lake',
  's3.region': 'us-east-1',
  'format.class': 'io.confluent.connect.s3.format.parquet.ParquetFormat',
  'flush.size': '10000',
}

async function errorsOf(props: Props): Promise<Record<string, string>> {
  const all = { ...EXAMPLE, ...props }
  const single = s3SinkConfig.validate(all).filter(value => value.errors.length > 0)
  const several = (await connector().validate?.(all)) ?? []
  return Object.fromEntries([...single, ...several].map(({ name, errors }) => [name, errors.join()]))
}

test('the config of the field is valid as it is, and so is one that sets every key to its default', async () => {
  assert.deepEqual(await errorsOf({}), {})
  assert.deepEqual(
    await errorsOf({
      'storage.class': 'io.confluent.connect.s3.storage.S3Storage',
      's3.credentials.provider.class': 'com.amazonaws.auth.DefaultAWSCredentialsProviderChain',
      'schema.compatibility': 'NONE',
      'partitioner.class': 'io.confluent.connect.storage.partitioner.DefaultPartitioner',
      'keys.format.class': 'io.confluent.connect.s3.format.avro.AvroFormat',
      's3.schema.partition.affix.type': 'NONE',
      'store.kafka.keys': 'false',
    }),
    {},
  )
})

test('what is not supported is refused by its key, not ignored', async () => {
  const refused: Record<string, string> = {
    'format.class': 'io.confluent.connect.s3.format.avro.AvroFormat',
    'schema.compatibility': 'BACKWARD',
    'behavior.on.null.values': 'write',
    'store.kafka.keys': 'true',
    'store.kafka.headers': 'true',
    's3.proxy.url': 'http://proxy:3128',
    's3.schema.partition.affix.type': 'PREFIX',
    'partitioner.max.open.files': '10',
    's3.credentials.provider.class': 'com.example.MyProvider',
    'storage.class': 'io.confluent.connect.gcs.storage.GcsStorage',
  }
  for (const [key, value] of Object.entries(refused)) assert.deepEqual(Object.keys(await errorsOf({ [key]: value })), [key])
})

test('values that cannot be right are refused, and no message shows a secret', async () => {
  const bad: Record<string, string> = {
    's3.part.size': '5242879',
    's3.bucket.name': '',
    'store.url': 'minio:9000',
    's3.acl.canned': 'everyone',
    's3.ssea.name': 'rot13',
    's3.compression.type': 'snappy',
    's3.object.tagging.key.value.pairs': 'a',
  }
  for (const [key, value] of Object.entries(bad)) assert.deepEqual(Object.keys(await errorsOf({ [key]: value })), [key])
  const short = await errorsOf({ 's3.sse.customer.key': 'too-short-a-secret', 's3.ssea.name': 'AES256' })
  assert.deepEqual(short, { 's3.sse.customer.key': 's3.sse.customer.key must be 32 bytes in base64' })
  const shown = s3SinkConfig.validate({ ...EXAMPLE, 'aws.secret.access.key': 'hush', 's3.proxy.password': 'hush' })
  assert.ok(!JSON.stringify(shown).includes('hush'))
})

test('keys that do not go together are told at the one to change', async () => {
  const half = await errorsOf({ 'aws.access.key.id': 'AKIA' })
  assert.match(half['aws.secret.access.key'] ?? '', /must be set where aws\.access\.key\.id is/)
  assert.deepEqual(Object.keys(await errorsOf({ 'aws.secret.access.key': 'x' })), ['aws.access.key.id'])
  assert.deepEqual(Object.keys(await errorsOf({ 's3.wan.mode': 'true' })), ['s3.path.style.access.enabled'])
  assert.deepEqual(await errorsOf({ 's3.wan.mode': 'true', 's3.path.style.access.enabled': 'false' }), {})
  const key = Buffer.alloc(32).toString('base64')
  assert.deepEqual(Object.keys(await errorsOf({ 's3.sse.customer.key': key })), ['s3.ssea.name'])
  assert.deepEqual(Object.keys(await errorsOf({ 'partitioner.class': 'HourlyPartitioner' })), ['timezone'])
})

test('keys become settings of the store; keys that are set win over the provider', () => {
  const settings = (props: Props) => settingsOf(s3SinkConfig.parse({ ...EXAMPLE, ...props }))
  const plain = settings({})
  assert.deepEqual(
    { ...plain },
    {
      bucket: 'data-lake',
      region: 'us-east-1',
      endpoint: null,
      credentials: { from: 'default' },
      isPathStyle: true,
      isAccelerated: false,
      partBytes: 26_214_400,
      retries: 3,
      retryBackoffMs: 200,
      encryption: null,
      kmsKeyId: null,
      customerKey: null,
      acl: null,
      sendsMd5: false,
      expectsContinue: true,
      tagging: null,
    },
  )
  const provider = 'software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider'
  assert.equal(settings({ 's3.credentials.provider.class': provider }).credentials.from, 'environment')
  const keys = { 'aws.access.key.id': 'AKIA', 'aws.secret.access.key': 'hush', 's3.credentials.provider.class': provider }
  assert.equal(settings(keys).credentials.from, 'keys')
  assert.ok(!JSON.stringify(settings(keys)).includes('hush'))
  const customer = settings({ 's3.ssea.name': 'AES256', 's3.sse.customer.key': Buffer.alloc(32).toString('base64') })
  assert.equal(customer.encryption, null, 'SSE-C stands instead of SSE-S3')
  assert.deepEqual(settings({ 's3.object.tagging': 'true', 's3.object.tagging.key.value.pairs': 'a:b,c:d:e' }).tagging, {
    more: [
      ['a', 'b'],
      ['c', 'd:e'],
    ],
    isFailureIgnored: true,
  })
})

test('keys without effect are logged once when set to another value than their default', () => {
  const context = new FakeSinkContext()
  const warnings: string[] = []
  context.logger.warn = ((text: unknown) => void warnings.push(String(text))) as typeof context.logger.warn
  s3SinkTask().start(
    { ...EXAMPLE, 's3.elastic.buffer.enable': 'true', 'avro.codec': 'snappy', 'max.files.scan.limit': '100' },
    context,
  )
  assert.deepEqual(warnings, ['without effect in this sink: s3.elastic.buffer.enable, avro.codec'])
})

test('a preview names the objects and asks nobody', async () => {
  const target = previewTarget?.({ ...EXAMPLE, 'store.url': 'http://127.0.0.1:9' })
  assert.equal((await target?.(sinkRecord(7, { a: 1 })))?.path, 'topics/events/partition=0/events+0+0000000007.snappy.parquet')
})

test('the AWS SDK is not loaded by the catalogue, by validation or by the start of a task', () => {
  const connectorUrl = new URL('../../src/connectors/s3-sink/connector.ts', import.meta.url)
  const contextsUrl = new URL('../../src/kit/fake-contexts.ts', import.meta.url)
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load(url, context, next) { if (url.includes('@aws-sdk')) loaded.push(url); return next(url, context) } })
    const { plugins, s3SinkTask } = await import(${JSON.stringify(connectorUrl.href)})
    const { FakeSinkContext } = await import(${JSON.stringify(contextsUrl.href)})
    const props = ${JSON.stringify({ ...EXAMPLE, 'store.url': 'http://127.0.0.1:9', 's3.part.retries': '0' })}
    await plugins[0].connector().validate(props)
    const task = s3SinkTask()
    task.start(props, new FakeSinkContext())
    const before = loaded.length
    await task.open([{ topic: 'events', partition: 0 }]).catch(() => {})
    process.stdout.write(JSON.stringify([before, loaded.length > 0]))
  `
  const env = { ...process.env, AWS_EC2_METADATA_DISABLED: 'true', AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' }
  const answer = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env,
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    encoding: 'utf8',
  })
  assert.equal(answer, '[0,true]')
})

test('without the AWS SDK the task says what to install', () => {
  const clientUrl = new URL('../../src/kit/object-store/s3/s3-client.ts', import.meta.url)
  const script = `
    import { registerHooks } from 'node:module'
    registerHooks({ resolve(name, context, next) {
      if (!name.startsWith('@aws-sdk/')) return next(name, context)
      throw Object.assign(new Error('no such package'), { code: 'ERR_MODULE_NOT_FOUND' })
    } })
    const { connectS3 } = await import(${JSON.stringify(clientUrl.href)})
    await connectS3({}).catch(error => process.stdout.write(error.message))
  `
  const answer = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  assert.match(answer, /npm install @aws-sdk\/client-s3/)
})

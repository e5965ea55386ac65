// Goal: a slow, failing or lying S3 loses nothing, doubles nothing and says what is wrong. Method: the store, and the sink above it, talk to
// a real server through a proxy that fails requests as told; a client of the test's own looks at what is there.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import { inspect } from 'node:util'
import { prng } from '../../src/base/prng.ts'
import { Password } from '../../src/config/define.ts'
import { s3SinkTask } from '../../src/connectors/s3-sink/connector.ts'
import type { S3Settings } from '../../src/kit/object-store/s3/s3-settings.ts'
import { s3Store } from '../../src/kit/object-store/s3/s3-store.ts'
import { type Fault, faultProxy, type SeenRequest } from '../support/fault-proxy.ts'
import { freshBucket, PART_BYTES_MIN, partsArrived, settingsFor, unfinishedUploads } from '../support/s3-buckets.ts'
import { type S3Server, startS3Server } from '../support/s3-server.ts'
import { FakeSinkContext, sinkRecord } from '../support/task-contexts.ts'

const server = await startS3Server('versitygw')
after(() => server.stop())

const KEY = 'topics/events/partition=0/events+0+0000000000.json'
const OWNER = { prefix: 'topics/', name: 'events+0+' }
const SLOW_DOWN: Fault = { answer: 503, code: 'SlowDown' }
const LARGE = Buffer.alloc(2 * PART_BYTES_MIN + 1, 'sluice')

const isPut = ({ method, path }: SeenRequest) => method === 'PUT' && !path.includes('partNumber')
const isPart = ({ method, path }: SeenRequest) => method === 'PUT' && path.includes('partNumber')
const isComplete = ({ method, path }: SeenRequest) => method === 'POST' && path.includes('uploadId')

async function proxied(t: Parameters<typeof faultProxy>[0], more: Partial<S3Settings> = {}, idleTimeoutMs = 2_000) {
  const proxy = await faultProxy(t, server.url)
  const bucket = await freshBucket(server)
  const settings = settingsFor(server, bucket, { endpoint: proxy.url, ...more })
  const direct = s3Store(settingsFor(server, bucket))
  return { proxy, bucket, settings, store: s3Store(settings, { idleTimeoutMs }), direct }
}

async function put(store: ReturnType<typeof s3Store>, bytes: Buffer, options?: { ifAbsent: boolean }) {
  const upload = await store.begin(KEY, OWNER)
  try {
    await upload.write(bytes)
    return await upload.complete(options)
  } catch (error) {
    await upload.abort()
    throw error
  }
}

/** The fault meets the first `count` requests of a kind. */
function first(count: number, kind: (seen: SeenRequest) => boolean, fault: Fault) {
  let left = count
  return (seen: SeenRequest) => (kind(seen) && left-- > 0 ? fault : null)
}

const faults: Record<string, Fault> = {
  'is throttled': SLOW_DOWN,
  'meets an internal error': { answer: 500, code: 'InternalError' },
  'meets a page of HTML': 'garble',
  'is cut off': 'cut',
  'loses its answer': 'lose the answer',
  'meets silence': 'silence',
}

for (const [name, fault] of Object.entries(faults)) {
  for (const [what, kind, bytes] of [
    ['a small object', isPut, Buffer.from('small')],
    ['a part', isPart, LARGE],
    ['the end of a multipart upload', isComplete, LARGE],
  ] as const) {
    test(`${what} that ${name} twice is written once, whole`, async t => {
      const { proxy, store, direct, bucket } = await proxied(t)
      proxy.plan = first(2, kind, fault)
      assert.equal(await put(store, bytes), 'written')
      assert.ok(proxy.seen.filter(kind).length >= 3, 'the faults met nothing')
      assert.ok(bytes.equals(await direct.read(KEY)))
      assert.equal(await unfinishedUploads(server, bucket), 0)
    })
  }
}

for (const [what, kind, bytes] of [
  ['small', isPut, Buffer.from('small')],
  ['multipart', isComplete, LARGE],
] as const) {
  test(`a ${what} conditional write whose answer was lost knows its own object, and another's`, async t => {
    const { proxy, store, direct } = await proxied(t)
    proxy.plan = first(1, kind, 'lose the answer')
    assert.equal(await put(store, bytes, { ifAbsent: true }), 'written')
    proxy.plan = first(1, kind, SLOW_DOWN)
    const other = Buffer.concat([bytes, Buffer.from('!')])
    assert.equal(await put(store, other, { ifAbsent: true }), 'exists')
    assert.ok(bytes.equals(await direct.read(KEY)))
  })
}

test('retries end with a retriable error that names object and cause, after growing waits; nothing is left', async t => {
  const { proxy, store, direct, bucket } = await proxied(t)
  proxy.plan = seen => (isPart(seen) ? SLOW_DOWN : null)
  await assert.rejects(put(store, LARGE), (error: Error & { retriable?: boolean }) => {
    assert.equal(error.retriable, true)
    assert.match(
      error.message,
      /cannot write s3:\/\/lake-.*events\+0\+0000000000\.json: SlowDown \(HTTP 503\): as told, after 4 tries/,
    )
    return true
  })
  assert.equal(await direct.head(KEY), null)
  assert.equal(await unfinishedUploads(server, bucket), 0)
})

test('a server that is not there is a retriable error that names it', async () => {
  const store = s3Store(settingsFor(server, 'lake', { endpoint: 'http://127.0.0.1:9', retries: 0 }))
  await assert.rejects(put(store, Buffer.from('x')), (error: Error & { retriable?: boolean }) => {
    assert.match(error.message, /no answer from http:\/\/127\.0\.0\.1:9/)
    return error.retriable === true
  })
})

test('what no other try can help is told at once, with what to do', async t => {
  const { proxy, settings, store } = await proxied(t)
  const fatal = (pattern: RegExp) => (error: Error & { retriable?: boolean }) => {
    assert.match(error.message, pattern)
    return error.retriable === false
  }
  await assert.rejects(
    async () => s3Store({ ...settings, bucket: 'no-such-bucket' }).discard?.(OWNER),
    fatal(
      /s3:\/\/no-such-bucket: NoSuchBucket \(HTTP 404\).*make the bucket no-such-bucket at http.*s3\.region \(now us-east-1\)/,
    ),
  )
  await assert.rejects(
    put(s3Store({ ...settings, bucket: 'no-such-bucket' }), Buffer.from('x')),
    fatal(/NoSuchBucket.*make the bucket no-such-bucket/),
  )
  const keys = { from: 'keys', accessKeyId: server.accessKeyId, secretAccessKey: new Password('wrong') } as const
  await assert.rejects(
    put(s3Store({ ...settings, credentials: keys }), Buffer.from('x')),
    fatal(/SignatureDoesNotMatch \(HTTP 403\).*check aws\.access\.key\.id/),
  )
  proxy.plan = () => ({ answer: 403, code: 'AccessDenied' })
  await assert.rejects(put(store, Buffer.from('x')), fatal(/AccessDenied \(HTTP 403\).*s3:PutObject/))
  proxy.plan = () => ({ answer: 301, code: 'PermanentRedirect' })
  await assert.rejects(put(store, Buffer.from('x')), fatal(/s3\.region is us-east-1: set it to the region of the bucket/))
  proxy.plan = () => ({ answer: 501, code: 'NotImplemented' })
  await assert.rejects(
    put(store, Buffer.from('x'), { ifAbsent: true }),
    fatal(/does not know this request or one of its headers/),
  )
})

test('where unfinished uploads may not be listed the task goes on, and says what that costs', async t => {
  const { proxy, settings } = await proxied(t)
  proxy.plan = ({ path }) => (path.includes('uploads') ? { answer: 403, code: 'AccessDenied' } : null)
  const warnings: string[] = []
  const context = new FakeSinkContext()
  const logger = { ...context.logger, warn: (text: unknown) => void warnings.push(String(text)) }
  await s3Store(settings, { logger: logger as typeof context.logger }).discard?.(OWNER)
  assert.match(String(warnings), /cannot be ended.*AccessDenied.*lifecycle rule/)
})

test('encryption, ACL, MD5 and the customer key go with every request that needs them', async t => {
  const answerOf = async (more: Partial<S3Settings>) => {
    const { proxy, store } = await proxied(t, more)
    // the server under test knows no KMS and no SSE-C: what counts here is what was asked
    proxy.plan = seen => (seen.method === 'PUT' && !isPart(seen) ? { answer: 400, code: 'InvalidArgument' } : null)
    await assert.rejects(put(store, Buffer.from('x')))
    return proxy.seen.find(isPut)?.headers ?? {}
  }
  const kms = await answerOf({ encryption: 'aws:kms', kmsKeyId: 'key-1', acl: 'bucket-owner-full-control', sendsMd5: true })
  assert.equal(kms['x-amz-server-side-encryption'], 'aws:kms')
  assert.equal(kms['x-amz-server-side-encryption-aws-kms-key-id'], 'key-1')
  assert.equal(kms['x-amz-acl'], 'bucket-owner-full-control')
  assert.equal(kms['content-md5'], createHash('md5').update('x').digest('base64'))
  assert.match(String(kms['x-amz-checksum-crc32']), /^.{8}$/)
  const own = await answerOf({ customerKey: new Password(Buffer.alloc(32, 7).toString('base64')) })
  assert.equal(own['x-amz-server-side-encryption-customer-algorithm'], 'AES256')
  assert.equal(own['x-amz-server-side-encryption-customer-key'], Buffer.alloc(32, 7).toString('base64'))
})

test('objects are tagged with their offsets; a server that refuses tags keeps no data out, unless told to fail', async t => {
  const tagging = { more: [['team', 'data']], isFailureIgnored: true } as const
  const { proxy, store, direct, settings } = await proxied(t, { tagging })
  const content = { firstOffset: 3, lastOffset: 9, records: 5 }
  const write = async (target: typeof store) => {
    const upload = await target.begin(KEY, OWNER, content)
    await upload.write(Buffer.from('x'))
    return upload.complete()
  }
  assert.equal(await write(store), 'written')
  const { GetObjectTaggingCommand } = await import('@aws-sdk/client-s3')
  const found = await (await server.client()).send(new GetObjectTaggingCommand({ Bucket: settings.bucket, Key: KEY }))
  assert.deepEqual(Object.fromEntries((found.TagSet ?? []).map(({ Key, Value }) => [Key, Value])), {
    startOffset: '3',
    endOffset: '9',
    recordCount: '5',
    team: 'data',
  })
  proxy.plan = ({ path }) => (path.includes('tagging') ? { answer: 403, code: 'AccessDenied' } : null)
  assert.equal(await write(store), 'written')
  assert.ok(await direct.head(KEY))
  await assert.rejects(write(s3Store({ ...settings, tagging: { ...tagging, isFailureIgnored: false } })), /cannot tag s3:/)
})

test('no secret stands in an error, its causes or a log line', async t => {
  const secret = 'the-secret-that-nobody-may-see'
  const { settings } = await proxied(t)
  const keys = { from: 'keys', accessKeyId: server.accessKeyId, secretAccessKey: new Password(secret) } as const
  const customerKey = new Password(Buffer.from(secret.padEnd(32, '!')).toString('base64'))
  const store = s3Store({ ...settings, credentials: keys, customerKey })
  const error = await put(store, Buffer.from('x')).then(
    () => null,
    failed => failed,
  )
  const shown = inspect(error, { depth: 10, showHidden: true })
  for (const hidden of [secret, customerKey.value, 'StringToSign', 'AWS4-HMAC-SHA256']) assert.ok(!shown.includes(hidden), hidden)
})

/** Values in the order of objects and lines, of one Kafka partition. */
async function valuesIn(s3: S3Server, bucket: string): Promise<number[]> {
  const store = s3Store(settingsFor(s3, bucket))
  const keys: string[] = []
  for await (const { key } of store.list('topics/')) keys.push(key)
  const values: number[] = []
  for (const key of keys.sort()) {
    const text = (await store.read(key)).toString()
    values.push(
      ...text
        .split('\n')
        .filter(Boolean)
        .map(line => (JSON.parse(line) as { i: number }).i),
    )
  }
  return values
}

function sinkProps(url: string, bucket: string) {
  return {
    's3.bucket.name': bucket,
    's3.region': server.region,
    'store.url': url,
    'aws.access.key.id': server.accessKeyId,
    'aws.secret.access.key': server.secretAccessKey,
    'format.class': 'io.confluent.connect.s3.format.json.JsonFormat',
    'flush.size': '50',
    's3.part.retries': '1',
    's3.retry.backoff.ms': '1',
    'retry.backoff.ms': '1',
  }
}

test('a sink over a server that fails one request in four, in every way, loses nothing, doubles nothing and keeps the order', async t => {
  const proxy = await faultProxy(t, server.url)
  const bucket = await freshBucket(server)
  const random = prng(5)
  const kinds: Fault[] = [SLOW_DOWN, 'cut', 'lose the answer', 'garble', { answer: 500, code: 'InternalError' }]
  const task = s3SinkTask()
  await task.start(sinkProps(proxy.url, bucket), new FakeSinkContext())
  await task.open([{ topic: 'events', partition: 0 }])
  let faultsMet = 0
  proxy.plan = () => {
    if (random() >= 0.25) return null
    faultsMet++
    return kinds[Math.floor(random() * kinds.length)] ?? null
  }
  let failures = 0
  for (let from = 0; from < 5_000; from += 125) {
    const records = Array.from({ length: 125 }, (_, i) => sinkRecord(from + i, { i: from + i }))
    for (let isPut = false; !isPut; ) {
      try {
        await task.put(records)
        isPut = true
      } catch (error) {
        assert.equal((error as { retriable?: boolean }).retriable, true, String(error))
        failures++
      }
    }
    if (from % 1_000 !== 0) continue
    const [committed] = task.preCommit([{ topic: 'events', partition: 0, offset: from + 125 }])
    const visible = await valuesIn(server, bucket)
    assert.ok((committed?.offset ?? 0) <= visible.length, 'an offset above what is visible')
  }
  await task.stop()
  assert.ok(failures > 0 && faultsMet > 10, `${failures} failed puts, ${faultsMet} faults`)
  assert.deepEqual(
    await valuesIn(server, bucket),
    Array.from({ length: 5_000 }, (_, i) => i),
  )
})

test('a task killed amid a multipart upload leaves nothing visible, and its next owner ends the upload', async () => {
  const bucket = await freshBucket(server)
  const settings = settingsFor(server, bucket)
  const dead = await s3Store(settings).begin(KEY, OWNER)
  await dead.write(LARGE)
  await partsArrived(server, bucket, 2)
  const before = await unfinishedUploads(server, bucket)
  assert.equal(before, 1)
  assert.deepEqual(await valuesIn(server, bucket), [])
  const task = s3SinkTask()
  await task.start(sinkProps(server.url, bucket), new FakeSinkContext())
  await task.open([{ topic: 'events', partition: 0 }])
  assert.equal(await unfinishedUploads(server, bucket), 0)
  await assert.rejects(dead.complete(), { retriable: true })
  assert.deepEqual(await valuesIn(server, bucket), [])
  await task.stop()
})

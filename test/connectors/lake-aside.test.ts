// Hazards of encoding beside the task: other bytes than the task's own thread makes, offsets committed before their file is visible, files out of
// order, rows lost when a file in the background fails, files that appear when their partition is another's already.
import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { RetriableError } from '../../src/api/index.ts'
import { codeOf, isRetriable } from '../../src/base/errors.ts'
import { ThreadPool } from '../../src/base/thread-pool.ts'
import { MIB } from '../../src/base/units.ts'
import { lakeSinkConfig } from '../../src/connectors/lake-sink/config.ts'
import { encodeAside } from '../../src/kit/formats/parquet/encode-aside.ts'
import { type ParquetCodec, parquetFormat } from '../../src/kit/formats/parquet/parquet-format.ts'
import { leafPaths, presentable } from '../../src/kit/formats/parquet/presentable.ts'
import { RecordColumns } from '../../src/kit/formats/parquet/record-columns.ts'
import { encodePacked, encodeRowGroup, memoryOf } from '../../src/kit/formats/parquet/row-group.ts'
import { LakeTask, writerParts } from '../../src/kit/lake/lake-task.ts'
import { PartitionWriter } from '../../src/kit/lake/partition-writer.ts'
import { directoryStore } from '../../src/kit/object-store/directory-store.ts'
import type { ObjectStore } from '../../src/kit/object-store/object-store.ts'
import { TestClock } from '../support/clock.ts'
import { duckRows } from '../support/parquet-reading.ts'
import { FakeSinkContext, sinkRecord } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

const value = (i: number) => ({
  id: i,
  few: `v${i % 7}`,
  many: `value number ${i} with some more text, so that the columns soon weigh a megabyte`,
  big: i % 5 === 0 ? 2n ** 60n + BigInt(i) : i,
  half: i / 2,
  flag: i % 3 === 0,
  sparse: i % 100 === 0 ? i : null,
  list: i % 4 === 0 ? [] : [{ a: i }, { a: null }],
  bytes: Buffer.from([i & 255, 1]),
  never: null,
})

for (const codec of ['none', 'snappy', 'gzip'] satisfies ParquetCodec[]) {
  test(`a row group (${codec}) is the same bytes from either thread, and its columns' memory goes along`, async () => {
    const columnsOf = () => {
      const columns = new RecordColumns(null, null)
      for (let i = 0; i < 9000; i++) columns.append(sinkRecord(i, value(i)))
      return presentable(columns.root).flatMap(node => [...leafPaths(node, [])])
    }
    const pages = { codec, version: 2 } as const
    const own = await encodeRowGroup(columnsOf(), pages)
    const leaves = columnsOf()
    const job = { leaves: leaves.map(({ leaf, path }) => ({ packed: leaf.pack(), path })), pages }
    const memory = memoryOf(job)
    const crossed = structuredClone(job, { transfer: memory })
    assert.ok(memory.every(buffer => buffer.byteLength === 0))
    const aside = await encodePacked(crossed)
    assert.ok(Buffer.from(aside.bytes).equals(own.bytes))
    assert.deepEqual(JSON.stringify(aside.chunks), JSON.stringify(own.chunks))
  })
}

const FLUSH = 15_000
const PUT = 1000

function setUp(t: Parameters<typeof tempFolder>[0], change: (store: ObjectStore) => ObjectStore) {
  const root = tempFolder(t)
  const store = change(directoryStore(root))
  const props = { 'store.url': root, 'format.class': 'parquet', 'flush.size': String(FLUSH) }
  const task = new LakeTask(new TestClock(), given => ({ config: lakeSinkConfig.parse(given), store }))
  const context = new FakeSinkContext()
  task.start(props, context)
  const visible = () =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && !entry.parentPath.includes('.sluice-staging'))
      .map(entry => Number(/\+(\d+)\./.exec(entry.name)?.[1]))
      .sort((a, b) => a - b)
  const put = (from: number) => task.put(Array.from({ length: PUT }, (_, i) => sinkRecord(from + i, value(from + i))))
  const safe = (upTo: number) => task.preCommit([{ topic: 'events', partition: 0, offset: upTo }])[0]?.offset ?? -1
  return { root, task, context, visible, put, safe }
}

test('what is committed is visible, files appear in order, and drain waits for the last', async t => {
  const { root, task, context, visible, put, safe } = setUp(t, store => store)
  await task.open([{ topic: 'events', partition: 0 }])
  for (let from = 0; from < 40_000; from += PUT) {
    await put(from)
    const committed = safe(from + PUT)
    const files = visible()
    assert.deepEqual(files, [0, FLUSH].slice(0, files.length))
    assert.ok(committed <= files.length * FLUSH, `${committed} with ${files}`)
  }
  await task.drain()
  assert.deepEqual(visible(), [0, FLUSH])
  assert.equal(safe(40_000), 2 * FLUSH)
  assert.equal(context.commitsRequested, 2)
  const rows = await duckRows(`SELECT count(*) n, sum(id) s, max(many) m FROM '${join(root, 'topics/**/*.parquet')}'`)
  assert.deepEqual({ n: rows[0]?.n, s: rows[0]?.s }, { n: '30000', s: String((30_000 * 29_999) / 2) })
})

for (const step of ['begin', 'complete'] as const) {
  test(`a file whose ${step} fails in the background is tried again before anything is added, and none overtakes it`, async t => {
    let failures = 3
    const fail = () => {
      if (failures-- > 0) throw new RetriableError('as told')
    }
    const { root, task, visible, put, safe } = setUp(t, store => ({
      ...store,
      begin: async (key, owner) => {
        if (step === 'begin') fail()
        const upload = await store.begin(key, owner)
        const complete = async () => {
          if (step === 'complete') fail()
          return upload.complete()
        }
        return { ...upload, complete }
      },
    }))
    await task.open([{ topic: 'events', partition: 0 }])
    let refused = 0
    for (let from = 0; from < 40_000; ) {
      try {
        await put(from)
        from += PUT
      } catch (error) {
        assert.ok(error instanceof RetriableError)
        refused++
        assert.equal(safe(from), 0)
        assert.deepEqual(visible(), [])
      }
    }
    assert.ok(refused > 0)
    await task.drain()
    assert.deepEqual(visible(), [0, FLUSH])
    assert.equal(safe(40_000), 2 * FLUSH)
    const [row] = await duckRows(`SELECT count(*) n, sum(id) s FROM '${join(root, 'topics/**/*.parquet')}'`)
    assert.deepEqual({ n: row?.n, s: row?.s }, { n: '30000', s: String((30_000 * 29_999) / 2) })
  })
}

/** What has not ended by then never will. */
const HUNG_MS = 300_000
const limitsOf = () => ({ buffersBytes: 64 * MIB, cpuMs: 30_000 })
const jobOf = () => ({ leaves: [], pages: { codec: 'none', version: 1 } as const })

test('a thread that cannot encode fails the job by name, and the next job gets a new thread', async t => {
  const entry = join(tempFolder(t), 'entry.mjs')
  writeFileSync(entry, "export default async job => { throw new Error('as told') }")
  const does = 'encodes for a test'
  const resourceLimits = { maxOldGenerationSizeMb: 64 }
  const throwing = new ThreadPool({ entry: pathToFileURL(entry), does, resourceLimits, idleMs: 1000, limitsOf })
  t.after(() => throwing.close())
  await assert.rejects(encodeAside(jobOf(), throwing), /as told/)
  const absent = new ThreadPool({ entry: pathToFileURL(`${entry}.none`), does, resourceLimits, idleMs: 1000, limitsOf })
  t.after(() => absent.close())
  for (let i = 0; i < 2; i++)
    await assert.rejects(encodeAside(jobOf(), absent), error => /none/.test(String((error as Error).message)))
})

test('a thread out of memory fails the task’s file for good: the rows come from Kafka again', { timeout: HUNG_MS }, async t => {
  const entry = join(tempFolder(t), 'entry.mjs')
  // Without the await V8 may compile the loop into one that hears nothing, its heap limit included (docs/decisions/0015).
  const source = 'export default async () => { const held = []; for (;;) { held.push(new Array(1000).fill({})); await null } }'
  writeFileSync(entry, source)
  const small = new ThreadPool({
    entry: pathToFileURL(entry),
    does: 'encodes for a test',
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 },
    idleMs: 1000,
    limitsOf,
  })
  t.after(() => small.close())
  await assert.rejects(encodeAside(jobOf(), small), error => {
    assert.equal(isRetriable(error), false)
    assert.equal(codeOf(error), 'CONNECT_JOB_FAILED')
    return /memory/.test((error as Error).message)
  })
})

// Not as fast as it could: between two looks it takes some tens of MB.
const TAKES_BUFFERS = `const held = [], bell = new Int32Array(new SharedArrayBuffer(4))
  for (;;) { held.push(Buffer.alloc(1 << 20)); Atomics.wait(bell, 0, 0, 5) }`
const SPINS = 'for (;;);'

for (const [what, body, limits, says] of [
  [
    'takes Buffers',
    TAKES_BUFFERS,
    { buffersBytes: 64 * MIB, cpuMs: 3_600_000 },
    /MiB in Buffers, over the limit of 64\.0 MiB; as told/,
  ],
  ['spins', SPINS, { buffersBytes: 64 * MIB, cpuMs: 500 }, /0\.5 s of processor time.*; as told/],
] as const)
  test(`a thread that ${what} without end is ended: the file fails by name and for good, and nothing of it is safe`, {
    timeout: HUNG_MS,
  }, async t => {
    const root = tempFolder(t)
    const entry = join(root, 'entry.mjs')
    writeFileSync(entry, `export default () => { ${body} }`)
    const runaway = new ThreadPool({
      entry: pathToFileURL(entry),
      does: 'encodes for a test',
      advice: 'as told',
      resourceLimits: { maxOldGenerationSizeMb: 64 },
      idleMs: 1000,
      limitsOf: () => limits,
    })
    t.after(() => runaway.close())
    const config = lakeSinkConfig.parse({ 'store.url': root, 'format.class': 'parquet', 'flush.size': '10' })
    const parts = writerParts(config, directoryStore(root), new TestClock())
    const open = (topic: string) => {
      const encoder = parts.format.open(topic)
      // As of a file: once, however often it is tried.
      let aside: Promise<unknown> | null = null
      encoder.encode = async () => void (await (aside ??= encodeAside(jobOf(), runaway)))
      return encoder
    }
    const writer = new PartitionWriter('events', 3, { ...parts, format: { ...parts.format, open } }, 0)
    await writer.open()
    for (let i = 7; i < 17; i++) writer.add(sinkRecord(i, value(i)), 'p')
    for (const go of [() => writer.finish(0), () => writer.settle()]) {
      await assert.rejects(go(), error => {
        assert.equal(isRetriable(error), false)
        assert.match(
          (error as Error).message,
          /^topics\/events\/p\/events\+3\+0+7\.\S*parquet was not written: .*encodes for a test failed/,
        )
        assert.match((error as Error).message, says)
        return true
      })
      assert.equal(writer.firstOpenOffset, 7)
    }
    assert.deepEqual(
      readdirSync(root, { recursive: true }).filter(name => String(name).endsWith('parquet')),
      [],
    )
  })

test('the bytes of a file do not hang on the other thread: a group that ends in the middle of it is encoded before endGroup settles', async () => {
  const file = parquetFormat({ codec: 'snappy' }).open('t')
  for (let i = 0; i < 15_000; i++) file.append(sinkRecord(i, value(i)))
  assert.equal(file.goesAside, true)
  await file.endGroup?.()
  const { bytes } = file
  for (let i = 0; i < 100; i++) await new Promise(resolve => setImmediate(resolve))
  assert.equal(file.bytes, bytes)
  assert.ok(bytes > 0)
})

test('close waits for a file on its way: nothing appears once the partition is another’s', async t => {
  const gate = Promise.withResolvers<void>()
  const { task, visible, put } = setUp(t, store => ({
    ...store,
    begin: async (key, owner) => {
      const upload = await store.begin(key, owner)
      return { ...upload, complete: async () => gate.promise.then(() => upload.complete()) }
    },
  }))
  await task.open([{ topic: 'events', partition: 0 }])
  for (let from = 0; from < 16_000; from += PUT) await put(from)
  let isClosed = false
  const closing = task.close([{ topic: 'events', partition: 0 }]).then(() => {
    isClosed = true
  })
  for (let i = 0; i < 50; i++) await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual([isClosed, visible()], [false, []])
  gate.resolve()
  await closing
  assert.deepEqual(visible(), [0])
})

test('small files are not worth another thread: they are visible when put settles', async t => {
  const format = parquetFormat({ codec: 'snappy' })
  const file = format.open('t')
  file.append(sinkRecord(0, value(0)))
  assert.equal(file.goesAside, false)
  const { task, visible } = setUp(t, store => store)
  await task.open([{ topic: 'events', partition: 0 }])
  await task.put(Array.from({ length: FLUSH }, (_, i) => sinkRecord(i, { i: i % 3 })))
  assert.deepEqual(visible(), [0])
})

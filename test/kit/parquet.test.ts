// Parquet files are what independent readers say they are: types, nulls, nesting, widening, and values at the edges of their types.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import * as s from '../../src/api/index.ts'
import { Decimal, Float64, type Schema, Schema as SchemaClass, Struct } from '../../src/api/index.ts'
import { dateSchema, decimalSchema, timeSchema, timestampSchema } from '../../src/data/logical.ts'
import { structOf } from '../../src/data/schema-builder.ts'
import type { FileFormat } from '../../src/kit/formats/format.ts'
import { type ParquetCodec, parquetFormat } from '../../src/kit/formats/parquet/parquet-format.ts'
import { duckRows, duckTypes, hyparquetRows } from '../support/parquet-reading.ts'
import { sinkRecord } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

async function encoded(
  values: readonly unknown[],
  schema: Schema | null = null,
  format: FileFormat = parquetFormat({ codec: 'snappy' }),
) {
  const file = format.open('events')
  values.forEach((value, i) => {
    file.append(sinkRecord(i, value, { valueSchema: schema }))
  })
  const pieces: Buffer[] = []
  file.seal?.()
  await file.encode(async bytes => void pieces.push(Buffer.from(bytes)))
  return Buffer.concat(pieces)
}

async function written(
  folder: string,
  values: readonly unknown[],
  schema: Schema | null = null,
  format?: FileFormat,
): Promise<string> {
  const file = join(folder, `${Math.random()}.parquet`)
  writeFileSync(file, await encoded(values, schema, format))
  return file
}

test('infers columns of flat values, with nulls, late columns and columns that stop', async t => {
  const file = await written(tempFolder(t), [
    { id: 1, name: 'größe 😀', ok: true, ratio: 1.5, gone: null },
    { id: 2, name: null, ok: false, ratio: new Float64(2), late: 'x' },
    {},
    { id: -3, late: 'y' },
  ])
  assert.deepEqual(await duckTypes(file), {
    id: 'BIGINT',
    name: 'VARCHAR',
    ok: 'BOOLEAN',
    ratio: 'DOUBLE',
    gone: 'VARCHAR',
    late: 'VARCHAR',
  })
  assert.deepEqual(await duckRows(`SELECT * FROM '${file}'`), [
    { id: '1', name: 'größe 😀', ok: true, ratio: 1.5, gone: null, late: null },
    { id: '2', name: null, ok: false, ratio: 2, gone: null, late: 'x' },
    { id: null, name: null, ok: null, ratio: null, gone: null, late: null },
    { id: '-3', name: null, ok: null, ratio: null, gone: null, late: 'y' },
  ])
})

test('integers beyond 2^53, not-a-number, infinities and negative zero come back as they were', async t => {
  const file = await written(tempFolder(t), [
    { big: 9007199254740993n, d: Number.NaN },
    { big: 5, d: Number.POSITIVE_INFINITY },
    { big: -(2n ** 63n), d: new Float64(-0) },
    { big: 2n ** 63n - 1n, d: 5e-324 },
  ])
  const rows = await hyparquetRows(file)
  assert.deepEqual(
    rows.map(r => r.big),
    [9007199254740993n, 5n, -(2n ** 63n), 2n ** 63n - 1n],
  )
  assert.ok(rows.every((r, i) => Object.is(r.d, [Number.NaN, Number.POSITIVE_INFINITY, -0, 5e-324][i])))
  const found = await duckRows(`SELECT count(*) AS n FROM '${file}' WHERE big = 9007199254740993 OR d = 0`)
  assert.equal(found[0]?.n, '2')
})

test('integers then doubles widen to doubles, anything else that differs to JSON text', async t => {
  const file = await written(tempFolder(t), [
    { n: 1, m: 1, o: { a: 1, b: [1, null] }, l: [1, 2], t: 'x', f: 0.5 },
    { n: 2.5, m: 'two', o: 'text', l: { k: 1 }, t: true, f: 3 },
    { n: 3, m: null, o: null, l: [], t: 9007199254740993n, f: 2n ** 60n },
    { n: null, m: { deep: [true] }, o: { a: new Float64(2) }, l: [[]], t: 1.5, f: null },
  ])
  assert.deepEqual(await duckTypes(file), { n: 'DOUBLE', m: 'VARCHAR', o: 'VARCHAR', l: 'VARCHAR', t: 'VARCHAR', f: 'DOUBLE' })
  assert.deepEqual(await duckRows(`SELECT n, m, o, l, t, f FROM '${file}'`), [
    { n: 1, m: '1', o: '{"a":1,"b":[1,null]}', l: '[1,2]', t: '"x"', f: 0.5 },
    { n: 2.5, m: '"two"', o: '"text"', l: '{"k":1}', t: 'true', f: 3 },
    { n: 3, m: null, o: null, l: '[]', t: '9007199254740993', f: 2 ** 60 },
    { n: null, m: '{"deep":[true]}', o: '{"a":2.0}', l: '[[]]', t: '1.5', f: null },
  ])
})

test('nested objects and lists keep their shape, with columns that appear deep and late', async t => {
  const values = [
    { o: { a: 1 }, l: [] },
    { o: null, l: [{ x: 'p' }, null, { y: [1, 2] }] },
    { l: null },
    { o: { b: { c: 'deep' } }, l: [{}, { x: null, y: [] }] },
    { o: {}, l: [{ y: [null, 3] }] },
  ]
  const file = await written(tempFolder(t), values)
  assert.deepEqual(await duckTypes(file), {
    o: 'STRUCT(a BIGINT, b STRUCT(c VARCHAR))',
    l: 'STRUCT(x VARCHAR, y BIGINT[])[]',
  })
  assert.deepEqual(await duckRows(`SELECT * FROM '${file}'`), [
    { o: { a: '1', b: null }, l: [] },
    { o: null, l: [{ x: 'p', y: null }, null, { x: null, y: ['1', '2'] }] },
    { o: null, l: null },
    {
      o: { a: null, b: { c: 'deep' } },
      l: [
        { x: null, y: null },
        { x: null, y: [] },
      ],
    },
    { o: { a: null, b: null }, l: [{ x: null, y: [null, '3'] }] },
  ])
})

test('empty objects, values that are no objects, and rows without any column are kept as text', async t => {
  const folder = tempFolder(t)
  assert.deepEqual(await duckRows(`SELECT * FROM '${await written(folder, [{ e: {} }, { e: null }, { e: {} }])}'`), [
    { e: '{}' },
    { e: null },
    { e: '{}' },
  ])
  assert.deepEqual(await duckRows(`SELECT * FROM '${await written(folder, [{}, {}])}'`), [{ value: '{}' }, { value: '{}' }])
  assert.deepEqual(await duckRows(`SELECT * FROM '${await written(folder, [[1, 2], [3]])}'`), [
    { value: ['1', '2'] },
    { value: ['3'] },
  ])
})

test('a key named __proto__ is a column like any other', async t => {
  const value = JSON.parse('{"__proto__": 1, "a": {"__proto__": "x", "constructor": 2}}')
  assert.deepEqual(
    (await duckRows(`SELECT a.constructor AS c, "__proto__" AS p FROM '${await written(tempFolder(t), [value])}'`))[0],
    {
      c: '2',
      p: '1',
    },
  )
})

test('types stay the same across files of a topic', async t => {
  const folder = tempFolder(t)
  const format = parquetFormat({ codec: 'snappy' })
  await written(folder, [{ a: 1, b: 'x' }, { a: 1.5 }], null, format)
  const file = await written(folder, [{ a: 2 }], null, format)
  assert.deepEqual(await duckTypes(file), { a: 'DOUBLE', b: 'VARCHAR' })
  assert.deepEqual(await duckRows(`SELECT * FROM '${file}'`), [{ a: 2, b: null }])
})

test('a group with more names than columns may have becomes JSON text whole', async t => {
  const wide = (from: number) => Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`k${from + i}`, i]))
  const values = [{ m: wide(0) }, { m: null }, { m: wide(600) }, { m: { k0: 1 } }]
  const rows = await duckRows(`SELECT m FROM '${await written(tempFolder(t), values)}'`)
  assert.deepEqual(
    rows.map(r => (r.m === null ? null : JSON.parse(String(r.m)))),
    values.map(v => v.m),
  )
})

for (const codec of ['none', 'snappy', 'gzip', 'zstd'] as ParquetCodec[]) {
  test(`many pages and dictionaries that overflow survive codec ${codec}`, async t => {
    const count = 50_000
    const values = Array.from({ length: count }, (_, i) => ({
      id: i,
      few: `v${i % 7}`,
      many: `value number ${i} ${'x'.repeat(i % 50)}`,
      sparse: i % 1000 === 0 ? i + 0.25 : null,
      list: i % 3 === 0 ? [] : [i, i + 1],
      flag: i % 5 === 0,
    }))
    const file = await written(tempFolder(t), values, null, parquetFormat({ codec }))
    const [sums] = await duckRows(
      `SELECT count(*) n, sum(id) ids, count(DISTINCT few) few, count(DISTINCT many) many, sum(length(many)) letters,
       sum(sparse) sparse, sum(list_sum(list)) lists, count(*) FILTER (flag) flags FROM '${file}'`,
    )
    assert.deepEqual(sums, {
      n: String(count),
      ids: String((count * (count - 1)) / 2),
      few: '7',
      many: String(count),
      letters: String(values.reduce((sum, v) => sum + v.many.length, 0)),
      sparse: values.reduce((sum, v) => sum + (v.sparse ?? 0), 0),
      lists: String(values.reduce((sum, v) => sum + v.list.reduce((a, b) => a + b, 0), 0)),
      flags: String(count / 5),
    })
    assert.equal((await hyparquetRows(file)).length, count)
  })
}

const nested = structOf({ x: s.INT32, y: s.OPTIONAL_STRING }, { optional: true })
const everything = structOf({
  i8: s.INT8,
  i16: s.OPTIONAL_INT16,
  i32: s.INT32,
  i64: s.INT64,
  f32: s.FLOAT32,
  f64: s.OPTIONAL_FLOAT64,
  b: s.BOOLEAN,
  str: s.OPTIONAL_STRING,
  bin: s.OPTIONAL_BYTES,
  dec: decimalSchema(2, { optional: true }),
  date: dateSchema(),
  time: timeSchema({ optional: true }),
  ts: timestampSchema(),
  nested,
  arr: new SchemaClass({ type: 'array', valueSchema: s.OPTIONAL_INT32, optional: true }),
  map: new SchemaClass({ type: 'map', keySchema: s.STRING, valueSchema: s.OPTIONAL_INT64, optional: true }),
  def: new SchemaClass({ type: 'string', default: 'dft' }),
})

test('a Connect schema maps to exact types, required stays required', async t => {
  const full = new Struct(everything)
    .set('i8', -8)
    .set('i16', 300)
    .set('i32', -2147483648)
    .set('i64', 9007199254740993n)
    .set('f32', 1.5)
    .set('f64', 0.1)
    .set('b', true)
    .set('str', 'ü')
    .set('bin', Buffer.from([0, 255]))
    .set('dec', Decimal.parse('-123456789012345678901234.56'))
    .set('date', new Date(86_400_000 * 19_000))
    .set('time', new Date(3_600_001))
    .set('ts', new Date(1_700_000_000_123))
    .set('nested', new Struct(nested).set('x', 7))
    .set('arr', [1, null, 3])
    .set(
      'map',
      new Map([
        ['k', 5],
        ['n', null],
      ]),
    )
  const sparse = new Struct(everything)
    .set('i8', 127)
    .set('i32', 1)
    .set('i64', -1)
    .set('f32', -0.25)
    .set('b', false)
    .set('date', new Date(0))
    .set('ts', new Date(0))
    .set('arr', [])
    .set('map', new Map())
  const file = await written(tempFolder(t), [full, sparse], everything)
  assert.deepEqual(await duckTypes(file), {
    i8: 'TINYINT',
    i16: 'SMALLINT',
    i32: 'INTEGER',
    i64: 'BIGINT',
    f32: 'FLOAT',
    f64: 'DOUBLE',
    b: 'BOOLEAN',
    str: 'VARCHAR',
    bin: 'BLOB',
    dec: 'DECIMAL(38,2)',
    date: 'DATE',
    time: 'TIME WITH TIME ZONE',
    ts: 'TIMESTAMP WITH TIME ZONE',
    nested: 'STRUCT(x INTEGER, y VARCHAR)',
    arr: 'INTEGER[]',
    map: 'MAP(VARCHAR, BIGINT)',
    def: 'VARCHAR',
  })
  const [first, second] = await duckRows(
    `SELECT i8, i16, i32, i64, f32, f64, b, str, hex(bin) bin, dec, date, epoch_ms(ts) ts, nested, arr, map, def, time::VARCHAR tm FROM '${file}'`,
  )
  assert.deepEqual(first, {
    i8: -8,
    i16: 300,
    i32: -2147483648,
    i64: '9007199254740993',
    f32: 1.5,
    f64: 0.1,
    b: true,
    str: 'ü',
    bin: '00FF',
    dec: '-123456789012345678901234.56',
    date: '2022-01-08',
    ts: '1700000000123',
    nested: { x: 7, y: null },
    arr: [1, null, 3],
    map: [
      { key: 'k', value: '5' },
      { key: 'n', value: null },
    ],
    def: 'dft',
    tm: '01:00:00.001+00',
  })
  assert.deepEqual(
    { arr: second?.arr, map: second?.map, nested: second?.nested, dec: second?.dec, bin: second?.bin },
    { arr: [], map: [], nested: null, dec: null, bin: null },
  )
  const nulls = await duckRows(
    `SELECT name, repetition_type r FROM parquet_schema('${file}') WHERE name IN ('i8', 'i16', 'def', 'key')`,
  )
  assert.deepEqual(nulls, [
    { name: 'i8', r: 'REQUIRED' },
    { name: 'i16', r: 'OPTIONAL' },
    { name: 'key', r: 'REQUIRED' },
    { name: 'def', r: 'REQUIRED' },
  ])
})

test('a record that does not fit its schema leaves nothing behind in the file', async t => {
  const schema = structOf({ a: s.INT32, l: new SchemaClass({ type: 'array', valueSchema: s.INT32 }), z: s.STRING })
  const make = (a: unknown, l: unknown, z: unknown) => new Struct(schema, [a, l, z])
  const format = parquetFormat({ codec: 'none' })
  const file = format.open('events')
  const add = (value: unknown) => file.append(sinkRecord(0, value, { valueSchema: schema }))
  add(make(1, [1, 2], 'ok'))
  assert.throws(() => add(make(2, [3, 4, 'x'], 'bad')), /element does not fit/)
  assert.throws(() => add(make(2, [3], null)), /z is null/)
  assert.throws(() => add(make(2 ** 31, [3], 'bad')), /does not fit/)
  add(make(3, [], 'ok too'))
  const pieces: Buffer[] = []
  file.seal?.()
  await file.encode(async bytes => void pieces.push(Buffer.from(bytes)))
  const path = join(tempFolder(t), 'f.parquet')
  writeFileSync(path, Buffer.concat(pieces))
  assert.deepEqual(await duckRows(`SELECT * FROM '${path}'`), [
    { a: 1, l: [1, 2], z: 'ok' },
    { a: 3, l: [], z: 'ok too' },
  ])
})

test('encoding again after a failed upload gives the same bytes', async () => {
  const format = parquetFormat({ codec: 'snappy' })
  const file = format.open('events')
  for (let i = 0; i < 1000; i++) file.append(sinkRecord(i, { i, text: `t${i % 10}`, nested: { list: [i] } }))
  const once = async (): Promise<Buffer> => {
    const pieces: Buffer[] = []
    file.seal?.()
    await file.encode(async bytes => void pieces.push(Buffer.from(bytes)))
    return Buffer.concat(pieces)
  }
  assert.deepEqual(await once(), await once())
})

test('any mixture of JSON values comes back from hyparquet as it went in, save what widening says', async t => {
  const folder = tempFolder(t)
  const scalar = fc.oneof(fc.string(), fc.boolean(), fc.constant(null))
  const value = fc.record(
    {
      a: fc.option(fc.string({ unit: 'grapheme' })),
      b: fc.option(fc.integer()),
      c: fc.array(fc.record({ d: fc.option(fc.boolean()), e: fc.array(fc.option(fc.integer())) }, { requiredKeys: [] })),
      f: fc.record(
        { g: fc.option(fc.string()), h: fc.record({ i: scalar.filter(v => typeof v !== 'boolean') }) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 30 }), async values => {
      const file = await written(folder, values)
      const rows = await duckRows(`SELECT * FROM '${file}'`)
      assert.equal(rows.length, values.length)
      rows.forEach((row, i) => {
        assert.deepEqual(pruned(row), pruned(values[i]))
      })
      assert.equal((await hyparquetRows(file)).length, values.length)
    }),
    { numRuns: 60, interruptAfterTimeLimit: 8000 },
  )
})

/** Without nulls and empty objects, integers as text: a column makes no difference between absent and null. */
function pruned(value: unknown): unknown {
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return value.map(v => pruned(v) ?? null)
  if (typeof value !== 'object' || value === null) return value === '{}' ? undefined : (value ?? undefined)
  const entries = Object.entries(value)
    .map(([k, v]) => [k, pruned(v)] as const)
    .filter(([, v]) => v !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

test('a record of too many fields is refused and takes no room from the records behind it, in this file and the next', () => {
  const format = parquetFormat({ codec: 'snappy' })
  const wide = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`k${i}`, i]))
  for (let i = 0; i < 2; i++) {
    const file = format.open('events')
    file.append(sinkRecord(0, { id: 1 }))
    const { spareBytes } = file
    assert.throws(() => file.append(sinkRecord(1, wide)), { name: 'DataError', message: /more than 1000 fields/ })
    file.append(sinkRecord(2, { id: 2, name: 'new' }))
    for (let row = 3; row < 40; row++) file.append(sinkRecord(row, { id: row }))
    assert.ok((file.spareBytes ?? 0) <= 2 * (spareBytes ?? 0), 'only id and name are columns')
    file.seal?.()
  }
})

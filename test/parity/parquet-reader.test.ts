// Goal: Java's own Parquet reader (parquet-hadoop, which Spark, Hive and Iceberg read with) finds in our files every type, nested groups, lists, maps
// and logical types as they were put, in files of several row groups, under each codec and version of data pages.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { requireJava } from '../../scripts/kafka/maven.ts'
import * as s from '../../src/api/index.ts'
import { Decimal, Schema, Struct } from '../../src/api/index.ts'
import { dateSchema, decimalSchema, timeSchema, timestampSchema } from '../../src/data/logical.ts'
import { structOf } from '../../src/data/schema-builder.ts'
import { parquetFormat } from '../../src/kit/formats/parquet/parquet-format.ts'
import { classpath } from '../support/java.ts'
import { sinkRecord } from '../support/task-contexts.ts'
import { tempFolder } from '../support/temp-folder.ts'

const READER = fileURLToPath(new URL('java/ReadParquet.java', import.meta.url))
const ARTIFACTS = [
  'org.apache.parquet:parquet-hadoop:1.16.0',
  'org.apache.hadoop:hadoop-client-api:3.4.1',
  'org.apache.hadoop:hadoop-client-runtime:3.4.1',
  'org.locationtech.jts:jts-core:1.20.0',
]
const ROWS = 3000
const GROUP_BYTES = 100_000

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
  arr: new Schema({ type: 'array', valueSchema: s.OPTIONAL_INT32, optional: true }),
  map: new Schema({ type: 'map', keySchema: s.STRING, valueSchema: s.OPTIONAL_INT64, optional: true }),
})

const SCHEMA = `message schema {
  required int32 i8 (INTEGER(8,true));
  optional int32 i16 (INTEGER(16,true));
  required int32 i32;
  required int64 i64;
  required float f32;
  optional double f64;
  required boolean b;
  optional binary str (STRING);
  optional binary bin;
  optional fixed_len_byte_array(16) dec (DECIMAL(38,2));
  required int32 date (DATE);
  optional int32 time (TIME(MILLIS,true));
  required int64 ts (TIMESTAMP(MILLIS,true));
  optional group nested {
    required int32 x;
    optional binary y (STRING);
  }
  optional group arr (LIST) {
    repeated group list {
      optional int32 element;
    }
  }
  optional group map (MAP) {
    repeated group key_value {
      required binary key (STRING);
      optional int64 value;
    }
  }
}
`

const BIG = '-123456789012345678901234.56'

function put(i: number): Struct {
  const row = new Struct(everything)
    .set('i8', (i % 256) - 128)
    .set('i32', -i)
    .set('i64', 9007199254740993n + BigInt(i))
    .set('f32', i + 0.5)
    .set('b', i % 3 === 0)
    .set('date', new Date(86_400_000 * (i - 100)))
    .set('ts', new Date(1_700_000_000_000 + i))
  if (i % 2 === 0) return row
  return row
    .set('i16', 300)
    .set('f64', i + 0.25)
    .set('str', `ü😀${i % 70}`)
    .set('bin', Buffer.from([0, 255, i % 256]))
    .set('dec', Decimal.parse(BIG))
    .set('time', new Date(i))
    .set('nested', new Struct(nested).set('x', i))
    .set('arr', i % 3 === 0 ? [] : [i, null, -i])
    .set('map', new Map(i % 5 === 0 ? [] : [[`k${i % 7}`, i] as const, ['n', null] as const]))
}

/** The row as ReadParquet.java writes it. */
function read(i: number): unknown {
  const isFull = i % 2 === 1
  const text = (value: unknown) => (isFull ? String(value) : null)
  const elements = [i, null, -i].map(element => ({ element: element === null ? null : String(element) }))
  const entries = [
    { key: `k${i % 7}`, value: String(i) },
    { key: 'n', value: null },
  ]
  return {
    i8: String((i % 256) - 128),
    i16: text(300),
    i32: String(i === 0 ? 0 : -i),
    i64: String(9007199254740993n + BigInt(i)),
    f32: String(i + 0.5),
    f64: text(i + 0.25),
    b: String(i % 3 === 0),
    str: text(`ü😀${i % 70}`),
    bin: text(Buffer.from([0, 255, i % 256]).toString('hex')),
    dec: text(BIG),
    date: String(i - 100),
    time: text(i),
    ts: String(1_700_000_000_000 + i),
    nested: isFull ? { x: String(i), y: null } : null,
    arr: isFull ? { list: i % 3 === 0 ? [] : elements } : null,
    map: isFull ? { key_value: i % 5 === 0 ? [] : entries } : null,
  }
}

test("Java's Parquet reader finds every type as it was put, whatever codec and version of pages", async t => {
  const folder = tempFolder(t)
  const files: string[] = []
  const groups: number[] = []
  for (const codec of ['none', 'snappy', 'gzip', 'zstd', 'lz4'] as const) {
    for (const dataPageVersion of [1, 2] as const) {
      const file = parquetFormat({ codec, dataPageVersion, rowGroupBytes: GROUP_BYTES }).open('events')
      let written = 1
      for (let i = 0; i < ROWS; i++) {
        file.append(sinkRecord(i, put(i), { valueSchema: everything }))
        if ((file.groupBytes ?? 0) < GROUP_BYTES) continue
        await file.endGroup?.()
        written++
      }
      const pieces: Buffer[] = []
      await file.encode(async bytes => void pieces.push(Buffer.from(bytes)))
      const path = join(folder, `${codec}-${dataPageVersion}.parquet`)
      writeFileSync(path, Buffer.concat(pieces))
      files.push(path)
      groups.push(written)
    }
  }
  const libraries = await classpath(ARTIFACTS, 'parquet-hadoop-1.16.0')
  const options = {
    encoding: 'utf8' as const,
    maxBuffer: 256 << 20,
    stdio: ['ignore' as const, 'pipe' as const, 'ignore' as const],
  }
  const lines = execFileSync(requireJava(), ['-cp', libraries, READER, ...files], options)
    .trim()
    .split('\n')
  assert.equal(lines.length, files.length * (ROWS + 1))
  for (const [f, path] of files.entries()) {
    const [head, ...rows] = lines.slice(f * (ROWS + 1), (f + 1) * (ROWS + 1)).map(line => JSON.parse(line))
    assert.deepEqual(head, { groups: groups[f], schema: SCHEMA }, path)
    assert.ok((groups[f] ?? 0) > 2)
    for (const [i, row] of rows.entries()) assert.deepEqual(row, read(i), `${path}, row ${i}`)
  }
})

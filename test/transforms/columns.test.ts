// Goal: transforms mean the same on columns as on records. Method: seeded documents go through chains of transforms both ways; values, order of keys,
// topics and which records are dropped must be equal. A chain that leaves records to the row path is right too, but not where it is said to have columns.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Converter, DocumentRanges, HeaderConverter } from '../../src/api/converter.ts'
import type { SinkTask } from '../../src/api/sink-task.ts'
import { prng } from '../../src/base/prng.ts'
import type { Props } from '../../src/config/define.ts'
import { JsonColumns } from '../../src/converters/json/columns/json-columns.ts'
import { JsonConverter } from '../../src/converters/json/json-converter.ts'
import { SimpleHeaderConverter } from '../../src/converters/simple-header.ts'
import { StringConverter } from '../../src/converters/string-converter.ts'
import type { ColumnBatch } from '../../src/data/columns.ts'
import type { SinkRecord } from '../../src/data/record.ts'
import { schemaEquals } from '../../src/data/schema-equality.ts'
import type { RawBatch } from '../../src/kafka/types.ts'
import { openCatalogue } from '../../src/plugins/catalogue.ts'
import { Chain, type TransformStep } from '../../src/task/chain.ts'
import { ColumnPath } from '../../src/task/column-path.ts'
import { jsonConverter } from '../support/column-batches.ts'
import { isSame } from '../support/compare-columns.ts'
import { documentsOf, enveloped } from '../support/enveloped-documents.ts'
import { Documents } from '../support/json-documents.ts'

const PACKAGE = 'org.apache.kafka.connect.transforms.'
const catalogue = await openCatalogue([])

/** Records of one partition without keys and headers. */
function rawBatch(documents: DocumentRanges, first: number): RawBatch {
  const { buffer, starts, lengths } = documents
  const count = lengths.length
  const none = new Int32Array(count)
  const offsets = Float64Array.from({ length: count }, (_, i) => first + i)
  const index = {
    count,
    offsets,
    timestamps: offsets.map(offset => 1_700_000_000_000 + offset * 1000),
    keyStart: none,
    keyLength: new Int32Array(count).fill(-1),
    valueStart: starts,
    valueLength: lengths,
    // the header count, zero, stands in a byte of its own behind the documents
    headersStart: new Int32Array(count).fill(buffer.length),
    headersEnd: new Int32Array(count).fill(buffer.length + 1),
  }
  const bytes = Buffer.concat([buffer, Buffer.from([0])])
  const place = { topic: 'orders-7', partition: 3, epoch: 0, timestampType: 'CreateTime' as const, highWatermark: 0 }
  return { ...place, buffer: bytes, index, count, nextOffset: first + count, bytes: bytes.length }
}

type Written = readonly [type: string, props: Props, predicate?: readonly [type: string, props: Props, negate: boolean]]

/** A converter whose columns are not given up for shapes that change too often. */
function patientConverter(): JsonConverter {
  const converter = jsonConverter()
  converter.columns = () => new JsonColumns({ givesUp: false })
  return converter
}

async function chainOf(written: readonly Written[], value = patientConverter()): Promise<Chain> {
  const steps: TransformStep[] = []
  for (const [type, props, condition] of written) {
    const plugin = await catalogue.load('transformation', PACKAGE + type)
    assert.ok(plugin.kind === 'transformation')
    const transform = plugin.create()
    transform.configure(props)
    let predicate: TransformStep['predicate'] = null
    if (condition !== undefined) {
      const found = await catalogue.load('predicate', `${PACKAGE}predicates.${condition[0]}`)
      assert.ok(found.kind === 'predicate')
      predicate = found.create()
      predicate.configure(condition[1])
    }
    steps.push({ alias: type, className: type, transform, predicate, negate: condition?.[2] ?? false } as TransformStep)
  }
  const named = <C extends Converter | HeaderConverter>(converter: C) => ({ className: '', converter })
  return new Chain({
    key: named(new StringConverter()),
    value: named(value),
    header: named(new SimpleHeaderConverter()),
    steps,
  } as ConstructorParameters<typeof Chain>[0])
}

const chains: Record<string, { readonly steps: readonly Written[]; readonly isMostlyColumns: boolean }> = {
  'insert and mask': {
    steps: [
      [
        'InsertField$Value',
        {
          'offset.field': 'position',
          'topic.field': 'f1',
          'partition.field': 'p',
          'timestamp.field': 'ts',
          'static.field': 's',
          'static.value': 'a"b\n',
        },
      ],
      ['MaskField$Value', { fields: 'f2,f3,user,nowhere' }],
    ],
    isMostlyColumns: false,
  },
  insert: {
    steps: [['InsertField$Value', { 'offset.field': 'position!', 'static.field': 'f0', 'static.value': 'x' }]],
    isMostlyColumns: true,
  },
  'a field with a number for a name': { steps: [['InsertField$Value', { 'offset.field': '7' }]], isMostlyColumns: false },
  'mask with a replacement': { steps: [['MaskField$Value', { fields: 'f4', replacement: '***' }]], isMostlyColumns: false },
  exclude: { steps: [['ReplaceField$Value', { exclude: 'f1,f2,id' }]], isMostlyColumns: true },
  include: { steps: [['ReplaceField$Value', { include: 'f1,f2,f3,f4' }]], isMostlyColumns: true },
  rename: { steps: [['ReplaceField$Value', { exclude: 'f5', renames: 'f1:renamed,f2:other' }]], isMostlyColumns: true },
  'drop, then name again': {
    steps: [
      ['ReplaceField$Value', { exclude: 'f1,f2,f3,f4' }],
      ['Cast$Value', { spec: 'f1:string,f2:int64' }],
      ['MaskField$Value', { fields: 'f3' }],
      ['TimestampConverter$Value', { field: 'f4', 'target.type': 'unix' }],
    ],
    isMostlyColumns: false,
  },
  'drop, then extract': {
    steps: [
      ['ReplaceField$Value', { include: 'f0,f1' }],
      ['ExtractField$Value', { field: 'f2' }],
    ],
    isMostlyColumns: false,
  },
  'drop, then rename to it': {
    steps: [
      ['ReplaceField$Value', { exclude: 'f1' }],
      ['ReplaceField$Value', { renames: 'f2:f1' }],
      ['MaskField$Value', { fields: 'f1' }],
    ],
    isMostlyColumns: false,
  },
  'cast to small integers': {
    steps: [['Cast$Value', { spec: 'f0:int8,f1:int32,f2:int16,f3:float64,f4:boolean' }]],
    isMostlyColumns: false,
  },
  'rename onto another': { steps: [['ReplaceField$Value', { renames: 'f1:f2,f3:5' }]], isMostlyColumns: false },
  'rename and put back': {
    steps: [
      ['ReplaceField$Value', { renames: 'f1:x' }],
      ['ReplaceField$Value', { renames: 'x:f1', exclude: 'f3' }],
      ['InsertField$Value', { 'offset.field': 'f3' }],
    ],
    isMostlyColumns: true,
  },
  cast: { steps: [['Cast$Value', { spec: 'f1:string,f2:int64,nowhere:boolean' }]], isMostlyColumns: false },
  'cast to float32 and back': {
    steps: [
      ['Cast$Value', { spec: 'f1:float32' }],
      ['Cast$Value', { spec: 'f1:string' }],
    ],
    isMostlyColumns: false,
  },
  times: { steps: [['TimestampConverter$Value', { field: 'f0', 'target.type': 'Timestamp' }]], isMostlyColumns: false },
  'times as text': {
    steps: [['TimestampConverter$Value', { field: 'f0', 'target.type': 'string', format: 'yyyy-MM-dd' }]],
    isMostlyColumns: false,
  },
  'extract and hoist': {
    steps: [
      ['ExtractField$Value', { field: 'f1' }],
      ['HoistField$Value', { field: 'only' }],
    ],
    isMostlyColumns: false,
  },
  extract: {
    steps: [
      ['ExtractField$Value', { field: 'f2' }],
      ['Cast$Value', { spec: 'string' }],
    ],
    isMostlyColumns: false,
  },
  hoist: { steps: [['HoistField$Value', { field: 'only' }]], isMostlyColumns: false },
  'route, headers': {
    steps: [
      ['RegexRouter', { regex: '(.*)-(\\d)', replacement: '$2.$1' }],
      ['InsertHeader', { header: 'h', 'value.literal': '1' }],
      ['DropHeaders', { headers: 'h' }],
      ['InsertField$Value', { 'topic.field': 'topic' }],
    ],
    isMostlyColumns: true,
  },
  'metadata without schema': { steps: [['SetSchemaMetadata$Value', { 'schema.name': 'x' }]], isMostlyColumns: false },
  'drop all of the topic': {
    steps: [['Filter', {}, ['TopicNameMatches', { pattern: 'orders.*' }, false]]],
    isMostlyColumns: true,
  },
  'drop none of the topic': {
    steps: [
      ['Filter', {}, ['TopicNameMatches', { pattern: 'orders.*' }, true]],
      ['InsertField$Value', { 'offset.field': 'n' }],
    ],
    isMostlyColumns: true,
  },
  tombstones: {
    steps: [
      ['Filter', {}, ['RecordIsTombstone', {}, false]],
      ['InsertField$Value', { 'offset.field': 'n' }, ['RecordIsTombstone', {}, true]],
    ],
    isMostlyColumns: true,
  },
  'a predicate a record': { steps: [['Filter', {}, ['HasHeaderKey', { name: 'h' }, false]]], isMostlyColumns: false },
  keys: { steps: [['MaskField$Key', { fields: 'x' }]], isMostlyColumns: false },
}

const FAILED = Symbol('failed')

function byRow(chain: Chain, batch: RawBatch, i: number): SinkRecord | null | typeof FAILED {
  try {
    return chain.sink(batch, i)
  } catch {
    return FAILED
  }
}

function compare(batch: RawBatch, from: number, taken: number, columns: ColumnBatch, chain: Chain): void {
  for (let row = 0; row < taken; row++) {
    const expected = byRow(chain, batch, from + row)
    const start = batch.index.valueStart[from + row]!
    const text = batch.buffer.toString('latin1', start, start + batch.index.valueLength[from + row]!)
    if (columns.count === 0) {
      assert.equal(expected, null, `dropped by columns only: ${text}`)
      continue
    }
    assert.ok(expected !== null && expected !== FAILED, `the row path refuses or drops ${text}`)
    assert.equal(columns.topic, expected.topic)
    assert.equal(columns.offsets[row], expected.kafkaOffset)
    assert.ok(columns.valueAt(row) !== null, 'a value that is null is no column')
    const found = columns.valueAt(row)
    assert.ok(
      columns.schema === null || (expected.valueSchema !== null && schemaEquals(columns.schema, expected.valueSchema)),
      text,
    )
    if (!isSame(found, expected.value)) {
      assert.deepStrictEqual(found, expected.value, text)
      assert.fail(`order of keys, or a number's kind: ${text}`)
    }
  }
}

for (const [name, { steps, isMostlyColumns }] of Object.entries(chains)) {
  test(`${name}: columns are what records become`, async () => {
    const chain = await chainOf(steps)
    const path = ColumnPath.of(chain, { putColumns: () => {} } as Partial<SinkTask> as SinkTask)
    if (path === null) return assert.equal(isMostlyColumns, false)
    let byColumns = 0
    let total = 0
    for (const seed of [1, 2, 3]) {
      const documents = new Documents(seed)
      for (let part = 0; part < 8; part++) {
        const batch = rawBatch(documents.batch(200, 0.005), total)
        total += batch.count
        for (let i = 0; i < batch.count; ) {
          const read = path.read(batch, i)
          if (read !== null) compare(batch, i, read.taken, read.columns, chain)
          byColumns += read?.taken ?? 0
          i += read?.taken ?? 1
        }
      }
    }
    if (isMostlyColumns) assert.ok(byColumns > total * 0.75, `${byColumns} of ${total} by columns`)
  })
}

const structChains: Record<string, readonly Written[]> = {
  'insert and mask': [
    [
      'InsertField$Value',
      {
        'offset.field': 'position',
        'topic.field': 'topic!',
        'partition.field': 'p',
        'timestamp.field': 'ts',
        'static.field': 's',
        'static.value': 'x',
      },
    ],
    ['MaskField$Value', { fields: 'a,b,c,d,e,f,g,nowhere' }],
  ],
  'mask with a replacement': [['MaskField$Value', { fields: 'b', replacement: '***' }]],
  'replace and rename': [
    ['ReplaceField$Value', { exclude: 'a', renames: 'b:renamed,c:other' }],
    ['InsertField$Value', { 'offset.field': 'a' }],
  ],
  'insert what is there': [['InsertField$Value', { 'offset.field': 'a' }]],
  'metadata, topic': [
    ['SetSchemaMetadata$Value', { 'schema.name': 'n', 'schema.version': '3' }],
    ['RegexRouter', { regex: 'o(.*)', replacement: '$1' }],
  ],
}

for (const [name, steps] of Object.entries(structChains)) {
  test(`${name}: columns with a schema are what structs become`, async () => {
    const converter = new JsonConverter()
    converter.configure({ 'schemas.enable': 'true', 'converter.type': 'value' })
    const chain = await chainOf(steps, converter)
    const path = ColumnPath.of(chain, { putColumns: () => {} } as Partial<SinkTask> as SinkTask)
    assert.ok(path !== null)
    const random = prng(11)
    let byColumns = 0
    let total = 0
    for (let part = 0; part < 12; part++) {
      const names = (['a', 'b', 'c', 'd', 'e', 'f', 'g'] as const).filter((_, i) => part % 3 > 0 || i !== part % 7)
      const batch = rawBatch(documentsOf(enveloped(random, names, 150)), total)
      total += batch.count
      for (let i = 0; i < batch.count; ) {
        byRow(chain, batch, i) // learns envelopes
        const read = path.read(batch, i)
        if (read !== null) compare(batch, i, read.taken, read.columns, chain)
        byColumns += read?.taken ?? 0
        i += read?.taken ?? 1
      }
    }
    const isRefused = name === 'insert what is there'
    assert.ok(isRefused || byColumns > total * 0.5, `${byColumns} of ${total} by columns`)
  })
}

// Question: what does a record cost in the transforms: InsertField and MaskField on schemaless objects and on structs of 7 fields,
// alone and as the chain of bench/peer?
// Method: 20,000 records parsed beforehand, so that reading JSON is not in the figure; CPU ns a record over 10 rounds, the best of 5,
// results dropped. Wrong if V8 drops the copies with the results (a field of each is looked at), or another process takes the cache.
import type { Plugin } from '../../src/api/plugin.ts'
import type { Transformation } from '../../src/api/transformation.ts'
import { NO_HEADERS } from '../../src/data/headers.ts'
import { SinkRecord } from '../../src/data/record.ts'
import { BOOLEAN, FLOAT64, INT32, INT64, type Schema, STRING } from '../../src/data/schema.ts'
import { structOf } from '../../src/data/schema-builder.ts'
import { Struct } from '../../src/data/struct.ts'
import { plugins as insertField } from '../../src/transforms/insert-field.ts'
import { plugins as maskField } from '../../src/transforms/mask-field.ts'
import { plugins as regexRouter } from '../../src/transforms/regex-router.ts'
import { plugins as replaceField } from '../../src/transforms/replace-field.ts'
import { plugins as timestampConverter } from '../../src/transforms/timestamp-converter.ts'
import { plugins as valueToKey } from '../../src/transforms/value-to-key.ts'

const COUNT = 20_000
const json = (i: number): string =>
  `{"id":${100_000 + i},"name":"customer-${i * 7919}","city":"Salem ${i % 97}","amount":${(i % 997) + 0.37},` +
  `"at":${1_700_000_000_000 + i},"active":${i % 2 === 0},"note":"some text of a record here ${i * 31}, fine"}`
const SCHEMA = structOf({
  id: INT64,
  name: STRING,
  city: STRING,
  amount: FLOAT64,
  at: INT64,
  active: BOOLEAN,
  note: STRING,
  n: INT32,
})

function record(i: number, valueSchema: Schema | null, value: unknown): SinkRecord {
  return new SinkRecord(
    'flights',
    3,
    null,
    null,
    valueSchema,
    value,
    i,
    1_700_000_000_000,
    'CreateTime',
    NO_HEADERS,
    'flights',
    3,
    i,
  )
}

const maps = Array.from({ length: COUNT }, (_, i) => record(i, null, JSON.parse(json(i))))
const structs = maps.map((r, i) => record(i, SCHEMA, new Struct(SCHEMA, [...Object.values(r.value as object), i])))

function make(plugins: readonly Plugin[], config: Record<string, string>): Transformation {
  const plugin = plugins.find(p => p.kind === 'transformation' && !p.className.endsWith('$Key'))
  if (plugin?.kind !== 'transformation') throw new Error('no such transform')
  const made = plugin.create()
  made.configure(config)
  return made
}

let seen = 0

function measure(name: string, records: readonly SinkRecord[], steps: readonly Transformation[]): void {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage()
    for (let k = 0; k < 10; k++) {
      for (const given of records) {
        let current: SinkRecord | null = given
        for (let s = 0; s < steps.length && current !== null; s++) current = (steps[s] as Transformation).apply(current)
        if (current?.value !== given.value) seen++
      }
    }
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, ((user + system) * 1000) / (COUNT * 10))
  }
  console.log(`${name.padEnd(44)} ${best.toFixed(0).padStart(6)} ns a record ${(1000 / best).toFixed(2).padStart(7)} M/s`)
}

const insert = make(insertField, { 'static.field': 'source', 'static.value': 'bench', 'topic.field': 'topic' })
const mask = make(maskField, { fields: 'name,amount' })

for (const [kind, records] of [
  ['schemaless', maps],
  ['struct', structs],
] as const) {
  measure(`${kind}: nothing`, records, [])
  measure(`${kind}: InsertField`, records, [insert])
  measure(`${kind}: MaskField`, records, [mask])
  measure(`${kind}: InsertField + MaskField`, records, [insert, mask])
  measure(`${kind}: ReplaceField`, records, [make(replaceField, { exclude: 'note', renames: 'id:ident' })])
  measure(`${kind}: ValueToKey`, records, [make(valueToKey, { fields: 'id,city' })])
  measure(`${kind}: TimestampConverter to text`, records, [
    make(timestampConverter, { field: 'at', 'target.type': 'string', format: 'yyyy-MM-dd HH:mm:ss.SSS' }),
  ])
  measure(`${kind}: RegexRouter`, records, [make(regexRouter, { regex: '(.*)', replacement: 'x-$1' })])
}
if (seen < 0) console.log(seen)

// Question: what does a record cost in the converters: JSON to data and back, with and without schema, and Java's text of it?
// Method: 20,000 records of about 150 bytes and 7 fields in one buffer, as a fetch leaves them; CPU ns a record over 10 rounds, the
// best of 5; appended to results/converters.ndjson. Wrong if another process takes the core's cache, or if all records share strings that V8 keeps (they differ here).

import { JsonConverter } from '../../src/converters/json/json-converter.ts'
import { StringConverter } from '../../src/converters/string-converter.ts'
import { NO_HEADERS } from '../../src/data/headers.ts'
import { javaString } from '../../src/data/java-string.ts'
import { JavaTextBuffer } from '../../src/data/java-text-buffer.ts'
import { appendResult } from '../machine.ts'

const COUNT = 20_000
const figures: Record<string, number> = {}
const CITIES = ['Springfield', 'Riverside', 'Fairview', 'Greenville', 'Salem']
const payload = (i: number): string =>
  `{"id":${100_000 + i},"name":"customer-${i * 7919}","city":"${CITIES[i % 5]} ${i % 97}","amount":${(i % 997) + 0.37},` +
  `"count":${i % 100},"active":${i % 2 === 0},"note":"some text of a record here ${i * 31}, fine"}`
const field = (type: string, name: string) => `{"type":"${type}","optional":false,"field":"${name}"}`
const fields = [field('int64', 'id'), field('string', 'name'), field('string', 'city'), field('double', 'amount')]
fields.push(field('int32', 'count'), field('boolean', 'active'), field('string', 'note'))
const head = `{"schema":{"type":"struct","fields":[${fields.join(',')}],"optional":false,"name":"r"},"payload":`

interface Records {
  readonly buffer: Buffer
  readonly ends: Int32Array
}

function records(text: (i: number) => string): Records {
  const parts = Array.from({ length: COUNT }, (_, i) => Buffer.from(text(i)))
  const ends = new Int32Array(COUNT)
  let at = 0
  for (const [i, part] of parts.entries()) ends[i] = at += part.length
  return { buffer: Buffer.concat(parts), ends }
}

function measure(name: string, run: (i: number) => void): void {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage()
    for (let k = 0; k < 10; k++) for (let i = 0; i < COUNT; i++) run(i)
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, ((user + system) * 1000) / (COUNT * 10))
  }
  figures[name] = Math.round(best)
  console.log(`${name.padEnd(48)} ${best.toFixed(0).padStart(6)} ns a record ${(1000 / best).toFixed(2).padStart(7)} M/s`)
}

const plain = records(payload)
const enveloped = records(i => `${head}${payload(i)}}`)
const spaced = records(i => payload(i).replaceAll(':', ': ').replaceAll(',"', ', "'))
const schemaless = new JsonConverter()
schemaless.configure({ 'schemas.enable': 'false' })
const withSchema = new JsonConverter()
withSchema.configure({})
const text = new StringConverter()
let kept = 0

function reading(name: string, { buffer, ends }: Records, converter: JsonConverter | StringConverter): void {
  measure(name, i => {
    const start = i === 0 ? 0 : (ends[i - 1] ?? 0)
    if (converter.toConnectDataAt('t', buffer, start, ends[i] ?? 0, NO_HEADERS).value === null) kept++
  })
}

const mapped = Array.from({ length: COUNT }, (_, i) => JSON.parse(payload(i)) as unknown)
const structs = Array.from({ length: COUNT }, (_, i) =>
  withSchema.toConnectData('t', Buffer.from(`${head}${payload(i)}}`), NO_HEADERS),
)

measure('JSON.parse of a string', i => {
  const start = i === 0 ? 0 : (plain.ends[i - 1] ?? 0)
  if (JSON.parse(plain.buffer.toString('latin1', start, plain.ends[i])) === null) kept++
})
reading('JsonConverter, schemaless, to data', plain, schemaless)
reading('the same with spaces', spaced, schemaless)
reading('JsonConverter, envelope, to data', enveloped, withSchema)
reading('StringConverter, to data', plain, text)
measure('JsonConverter, schemaless, to bytes', i => {
  kept += schemaless.fromConnectData('t', null, mapped[i], NO_HEADERS)?.length ?? 0
})
measure('JsonConverter, envelope, to bytes', i => {
  const one = structs[i]
  if (one !== undefined) kept += withSchema.fromConnectData('t', one.schema, one.value, NO_HEADERS)?.length ?? 0
})
measure('javaString of a map', i => {
  kept += javaString(mapped[i]).length
})
measure('javaString of a struct', i => {
  kept += javaString(structs[i]?.value).length
})
measure('schemaless to data to javaString to Buffer', i => {
  const start = i === 0 ? 0 : (plain.ends[i - 1] ?? 0)
  const { value } = schemaless.toConnectDataAt('t', plain.buffer, start, plain.ends[i] ?? 0, NO_HEADERS)
  kept += Buffer.from(javaString(value)).length
})
const sink = new JavaTextBuffer()
measure('schemaless to data to JavaTextBuffer', i => {
  const start = i === 0 ? 0 : (plain.ends[i - 1] ?? 0)
  const { value } = schemaless.toConnectDataAt('t', plain.buffer, start, plain.ends[i] ?? 0, NO_HEADERS)
  sink.append(value)
  sink.appendByte(10)
  if (i % 500 === 499) sink.clear()
})
appendResult('converters', { unit: 'CPU ns a record', kept: kept > 0, figures })

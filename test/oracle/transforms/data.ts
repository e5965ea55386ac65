// Random schemas and values in the tagged form of test/support/tagged-values.ts, biased to what breaks things. Main thread of
// `npm run test:oracle`.
//
// Left out on purpose: dates beyond what a JavaScript date holds, and required fields without a value inside of nested structs
// (docs/differences.md has both).
import { DATE_NAME, DECIMAL_NAME, TIME_NAME, TIMESTAMP_NAME, type Type } from '../../../src/data/schema.ts'
import type { Random } from '../random.ts'

export type Json = null | string | boolean | number | Json[] | { [key: string]: Json }

/** The tagged form, always written out. */
export interface TaggedSchema {
  [key: string]: Json
  t: Type
}

const DAY_MS = 86_400_000
const FIELDS = ['id', 'name', 'ts', 'amount', 'a', 'b', 'c', 'sub', 'list', 'flag', 'date', 'value', 'key']
const ODD_FIELDS = ['a.b', '`a`', 'a`b', '__proto__', 'constructor', 'toString', 'é', '漢字', '😀', 'x y', '0', '10', 'A', '$1', 'a\\', '"', 'hasOwnProperty'] // biome-ignore format: one line is easier to read
const TEXTS = ['', 'plain', 'true', 'FALSE', '12', '-7', '3.5', '1e3', '+5', ' 5', '0x10', 'NaN', '300', '99999999999', '2024-02-29', '2024-02-29T10:11:12.345Z', '10:11', '1700000000123', 'null', 'é漢😀', '\u0000', '"q"', 'a,b', '\ud83d', 'Straße', 'ﬁ', 'İ', '1.', '.5', '1f', '1d', '1_000', '٣', '9223372036854775808', '-0', 'Infinity', '5\n'] // biome-ignore format: one line is easier to read
const LONGS = ['0', '1', '-1', '127', '128', '-129', '300', '32768', '2147483647', '2147483648', '-2147483649', '9007199254740991', '9007199254740993', '9223372036854775807', '-9223372036854775808', '1700000000123', '1700000000', '86400000'] // biome-ignore format: one line is easier to read
const DOUBLES = [0, -0, 1, -1.9, 0.5, 2.5, 3, 1e20, -1e30, 1e-7, 5e-324, 1.7976931348623157e308, Number.NaN, Infinity, -Infinity, 2147483648.5, 1e7, 123456789.125, 0.1, 100, 2 ** 53] // biome-ignore format: one line is easier to read

export function fieldName(random: Random): string {
  return random.chance(0.85) ? random.pick(FIELDS) : random.pick(ODD_FIELDS)
}

function names(random: Random, count: number): string[] {
  return [...new Set(random.times(count, () => fieldName(random)))]
}

const LOGICAL: readonly (readonly [Type, string])[] = [
  ['bytes', DECIMAL_NAME],
  ['int32', DATE_NAME],
  ['int32', TIME_NAME],
  ['int64', TIMESTAMP_NAME],
]
const PRIMITIVES: readonly Type[] = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean', 'string', 'bytes']

/** @param depth how many levels of structs, lists and maps it may have; 0: a primitive or a logical type */
export function anySchema(random: Random, depth: number): TaggedSchema {
  if (depth > 0 && random.chance(0.35)) {
    const kind = random.int(3)
    if (kind === 0) return dressed(random, { t: 'array', e: anySchema(random, depth - 1) })
    if (kind === 1) return dressed(random, { t: 'map', k: { t: 'string' }, e: anySchema(random, depth - 1) })
    return structSchema(random, depth - 1)
  }
  if (random.chance(0.3)) {
    const [t, n] = random.pick(LOGICAL)
    const schema: TaggedSchema = { t, n, v: 1 }
    if (n === DECIMAL_NAME) schema.p = { scale: String(random.between(0, 4)) }
    return dressed(random, schema)
  }
  const schema: TaggedSchema = { t: random.pick(PRIMITIVES) }
  if (random.chance(0.05)) Object.assign(schema, { n: random.pick(['custom', 'com.example.Thing']), v: random.between(1, 3) })
  if (random.chance(0.05)) schema.doc = 'a doc'
  if (random.chance(0.03)) schema.p = { unit: 'ms' }
  return dressed(random, schema)
}

/** Optional, and with a default, or not. Lists and maps have defaults more rarely. */
function dressed(random: Random, schema: TaggedSchema): TaggedSchema {
  if (random.chance(0.45)) schema.o = true
  const d = random.chance(schema.e === undefined ? 0.15 : 0.05) ? anyValue(random, { ...schema, o: false }) : null
  if (d !== null) schema.d = d
  return schema
}

/** @param depth of its fields */
export function structSchema(random: Random, depth: number, least = 1): TaggedSchema {
  const schema: TaggedSchema = { t: 'struct' }
  if (random.chance(0.4)) Object.assign(schema, { n: 'com.example.Rec', v: random.between(1, 9) })
  if (random.chance(0.1)) schema.doc = 'of a record'
  if (random.chance(0.1)) schema.p = { origin: 'test' }
  if (random.chance(0.3)) schema.o = true
  schema.f = names(random, random.between(least, 7)).map(name => [name, anySchema(random, depth)])
  if (random.chance(0.05)) schema.d = anyValue(random, { ...schema, o: false })
  return schema
}

/** Null only where the schema is optional. */
export function anyValue(random: Random, schema: TaggedSchema): Json {
  if (schema.o === true && random.chance(0.2)) return null
  switch (schema.n) {
    case DECIMAL_NAME:
      return {
        dec: [String(BigInt.asIntN(random.pick([8, 32, 64]), random.bits64())), Number((schema.p as { scale: string }).scale)],
      }
    case DATE_NAME:
      // A few are no whole days: bad data for casts.
      return { ts: random.between(-20_000, 40_000) * DAY_MS + (random.chance(0.03) ? 1 : 0) }
    case TIME_NAME:
      return { ts: random.chance(0.03) ? 3 * DAY_MS : random.int(DAY_MS) }
    case TIMESTAMP_NAME:
      return { ts: instant(random) }
  }
  switch (schema.t) {
    case 'int8':
      return { b: String(random.between(-128, 127)) }
    case 'int16':
      return { s: String(random.between(-32_768, 32_767)) }
    case 'int32':
      return { i: String(Number(BigInt.asIntN(random.pick([8, 16, 32]), random.bits64()))) }
    case 'int64':
      return { l: long(random) }
    case 'float32':
      return { f: numberText(Math.fround(double(random))) }
    case 'float64':
      return { d: numberText(double(random)) }
    case 'boolean':
      return random.chance(0.5)
    case 'string':
      return text(random)
    case 'bytes':
      return { x: random.times(random.int(5), () => random.int(256).toString(16).padStart(2, '0')).join('') }
    case 'array':
      return { a: random.times(random.int(4), () => anyValue(random, schema.e as TaggedSchema)) }
    case 'map':
      return { m: names(random, random.int(4)).map(key => [key, anyValue(random, schema.e as TaggedSchema)]) }
    case 'struct':
      return { st: (schema.f as [string, TaggedSchema][]).map(([, field]) => fieldValue(random, field)) }
  }
}

/** A required field with a default may be unset. */
function fieldValue(random: Random, field: TaggedSchema): Json {
  return field.d !== undefined && random.chance(0.2) ? null : anyValue(random, field)
}

/** A value of a record: seldom a required field of the outermost struct has none. */
export function recordValue(random: Random, schema: TaggedSchema): Json {
  const value = anyValue(random, schema)
  if (value !== null && schema.t === 'struct' && random.chance(0.02)) {
    const { st } = value as { st: Json[] }
    st[random.int(st.length)] = null
  }
  return value
}

export function text(random: Random): string {
  return random.chance(0.8)
    ? random.pick(TEXTS)
    : // An @ at the start would name a shape of the golden files.
      String.fromCharCode(...random.times(random.int(6), () => random.between(32, 700))).replace(/^@/, '#')
}

function long(random: Random): string {
  if (random.chance(0.6)) return random.pick(LONGS)
  return String(BigInt.asIntN(random.pick([8, 16, 32, 42, 53, 64]), random.bits64()))
}

function double(random: Random): number {
  if (random.chance(0.6)) return random.pick(DOUBLES)
  if (random.chance(0.5)) return random.between(-1_000_000, 1_000_000) / 1000
  return new Float64Array(new BigInt64Array([BigInt.asIntN(64, random.bits64())]).buffer)[0] as number
}

const numberText = (value: number): string => (Object.is(value, -0) ? '-0.0' : String(value))

function instant(random: Random): number {
  const kind = random.int(5)
  if (kind === 0) return random.pick([0, -1, 1, DAY_MS, DAY_MS - 1, -DAY_MS, 1_700_000_000_123, 1_709_164_800_000])
  if (kind === 1) return Math.floor((random.int(2 ** 30) / 2 ** 30 - 0.5) * 1e14)
  return random.int(2 ** 31) * 1000 + random.int(1000)
}

/** What a record without schema may hold: JSON's kinds, seldom what only a transform or a source makes. */
export function schemaless(random: Random, depth: number): Json {
  const kind = random.int(depth > 0 ? 13 : 9)
  if (kind === 0) return null
  if (kind === 1) return random.chance(0.5)
  if (kind < 5) return { l: long(random) }
  if (kind < 7) return { d: numberText(double(random)) }
  if (kind < 9) return text(random)
  if (kind < 10) return { a: random.times(random.int(3), () => schemaless(random, depth - 1)) }
  if (kind < 12) return schemalessMap(random, depth - 1)
  return random.pick([{ ts: instant(random) }, { dec: ['-150', 2] }, { x: '00ff' }] as Json[])
}

export function schemalessMap(random: Random, depth: number): { m: [string, Json][] } {
  return { m: names(random, random.between(0, 7)).map(name => [name, schemaless(random, depth)]) }
}

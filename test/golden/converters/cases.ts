// Makes the cases that Recorder.java runs: prints them as JSON. Hand-picked ones first, then random ones from a fixed seed.
// A case: kind, config, then `in` (bytes in base64, null for none) to read, or `schema` and `value` in tagged form to write.
// Tagged values: null, or {t, v}: i8 i16 i32 i64 (text), f32 f64 (bits in hex), bool, str, bytes (base64), dec [unscaled, scale],
// date (ms), list, map (pairs), struct (values, own `schema` where it is not the given one).
import { prng } from '../../../src/base/prng.ts'
import { headerTexts, jsonTexts } from './texts.ts'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
type Case = { readonly [key: string]: Json }

const cases: Case[] = []
const base64 = (text: string | Buffer): string => Buffer.from(text as string).toString('base64')

// ---- tagged values

const str = (v: string): Json => ({ t: 'str', v })
const i8 = (v: number): Json => ({ t: 'i8', v: String(v) })
const i16 = (v: number): Json => ({ t: 'i16', v: String(v) })
const i32 = (v: number): Json => ({ t: 'i32', v: String(v) })
const i64 = (v: number | bigint): Json => ({ t: 'i64', v: String(v) })
const bool = (v: boolean): Json => ({ t: 'bool', v })
const bytes = (...v: number[]): Json => ({ t: 'bytes', v: Buffer.from(v).toString('base64') })
const dec = (unscaled: bigint, scale: number): Json => ({ t: 'dec', v: [String(unscaled), scale] })
const date = (ms: number): Json => ({ t: 'date', v: String(ms) })
const list = (...v: Json[]): Json => ({ t: 'list', v })
const map = (...v: [Json, Json][]): Json => ({ t: 'map', v })
const struct = (...v: Json[]): Json => ({ t: 'struct', v })
const bits = new DataView(new ArrayBuffer(8))
function f64(v: number): Json {
  bits.setFloat64(0, v)
  return { t: 'f64', v: bits.getBigUint64(0).toString(16).padStart(16, '0') }
}
function f32(v: number): Json {
  bits.setFloat32(0, v)
  return { t: 'f32', v: bits.getUint32(0).toString(16).padStart(8, '0') }
}

// ---- schemas

type Extra = { readonly [key: string]: Json }
const of = (type: string, extra: Extra = {}): Extra => ({ type, ...extra })
const structOf = (fields: Record<string, Extra>, extra: Extra = {}): Extra => ({
  type: 'struct',
  fields: Object.entries(fields).map(([name, schema]) => ({ name, schema })),
  ...extra,
})
const DATA = 'org.apache.kafka.connect.data.'
const decimal = (scale: number, extra: Extra = {}): Extra =>
  of('bytes', { name: `${DATA}Decimal`, version: 1, parameters: [['scale', String(scale)]], ...extra })
const dateOf = (extra: Extra = {}): Extra => of('int32', { name: `${DATA}Date`, version: 1, ...extra })
const timeOf = (extra: Extra = {}): Extra => of('int32', { name: `${DATA}Time`, version: 1, ...extra })
const timestampOf = (extra: Extra = {}): Extra => of('int64', { name: `${DATA}Timestamp`, version: 1, ...extra })
const optional = { optional: true }

// ---- schemas and values to write, used for JSON, headers, strings and toString

const person = structOf({ name: of('string'), age: of('int32', optional), tags: of('array', { value: of('string') }) }, { name: 'p' })
const TEXTS = ['', 'plain', 'q"uo\\te', 'tab\tnl\ncr\rbs\bff\f', '\u0000\u001f\u007f\u0080', 'grüße €', '𝄞 clef', '</script>', 'a\ud800b', '\udc00', "it's", '\u2028']
const DOUBLES = [0, -0, 1, -1, 0.1, 1e7, 9999999, 1e-3, 9.99e-4, 123456789.125, 1e21, 1e22, 5e-324, 1e-323, 1.7976931348623157e308, 2 ** 53, 1 / 3, 2e23, 2 ** -44, 100, 1.5e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
const FLOATS = [0, -0, 1, 0.1, 3.4028234663852886e38, 1.401298464324817e-45, 1e10, 1e7, 9999999, 0.001, 9.999e-4, 16777216, 1 / 3, 2e-45, 3.3e-4, Number.NaN, Number.POSITIVE_INFINITY]
const LONGS = [0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 1_700_000_000_000n]

const typed: [Extra | null, Json][] = [
  ...TEXTS.map((v): [Extra, Json] => [of('string'), str(v)]),
  ...DOUBLES.map((v): [Extra, Json] => [of('float64'), f64(v)]),
  ...FLOATS.map((v): [Extra, Json] => [of('float32'), f32(v)]),
  ...LONGS.map((v): [Extra, Json] => [of('int64'), i64(v)]),
  [of('int8'), i8(-128)],
  [of('int16'), i16(32767)],
  [of('int32'), i32(-2147483648)],
  [of('boolean'), bool(true)],
  [of('boolean', { default: bool(false) }), bool(false)],
  [of('bytes'), bytes()],
  [of('bytes'), bytes(0, 1, 254, 255)],
  [of('bytes'), bytes(...Array.from({ length: 100 }, (_, i) => i * 7))],
  [of('string', { ...optional, name: 'n', version: 3, doc: 'a "doc"', parameters: [['k', 'v'], ['a', 'b']] }), str('x')],
  [of('string', optional), null],
  [of('string'), null],
  [of('string', { default: str('d') }), null],
  [of('string', { ...optional, default: str('d') }), null],
  [of('int32', { default: i32(7) }), i32(8)],
  [of('array', { value: of('int32') }), list(i32(1), i32(2), i32(3))],
  [of('array', { value: of('int32') }), list()],
  [of('array', { value: of('int32') }), list(i32(1), null)],
  [of('array', { value: of('int32', optional), optional: true }), list(i32(1), null)],
  [of('array', { value: of('array', { value: of('string') }) }), list(list(str('a')), list())],
  [of('map', { key: of('string'), value: of('int32') }), map([str('a'), i32(1)], [str('b"'), i32(2)])],
  [of('map', { key: of('string'), value: of('int32') }), map()],
  [of('map', { key: of('int32'), value: of('string') }), map([i32(1), str('x')], [i32(2), str('y')])],
  [of('map', { key: of('int32'), value: of('string') }), map()],
  [of('map', { key: of('string', optional), value: of('string', optional) }), map([str('k'), null])],
  [person, struct(str('Ann'), i32(31), list(str('x'), str('y z')))],
  [person, struct(str('Bob'), null, list())],
  [person, struct(null, i32(1), list())],
  [structOf({}), struct()],
  [structOf({ a: person, b: of('float64', { default: f64(2) }) }, optional), struct(struct(str('In'), null, list()), f64(1))],
  [structOf({ a: of('int32', { default: i32(5) }), b: of('int32', { ...optional, default: i32(6) }) }), struct(null, null)],
  [structOf({ a: of('bytes', { default: bytes(1, 2) }), b: decimal(1, { default: dec(15n, 1) }), c: dateOf({ default: date(86_400_000) }) }), struct(bytes(3), dec(25n, 1), date(0))],
  [structOf({ a: of('array', { value: of('int64'), default: list(i64(1), i64(2)) }) }), struct(null)],
  [structOf({ a: of('int8'), b: of('int16'), c: of('int64'), d: of('float32'), e: of('boolean'), f: of('bytes', optional) }), struct(i8(1), i16(2), i64(3), f32(1.5), bool(true), null)],
  [person, { t: 'struct', v: [str('x')], schema: structOf({ name: of('string') }) }],
  ...[0n, 1n, -1n, 127n, 128n, -128n, -129n, 255n, 256n, 12345n, -12345678901234567890n].map((v): [Extra, Json] => [decimal(2), dec(v, 2)]),
  [decimal(0), dec(10n ** 30n, 0)],
  [decimal(-3), dec(5n, -3)],
  [decimal(12), dec(5n, 12)],
  [decimal(6), dec(0n, 6)],
  [decimal(7), dec(0n, 7)],
  [decimal(2), dec(5n, 3)],
  [decimal(2, optional), null],
  [dateOf(), date(0)],
  [dateOf(), date(1_566_518_400_000)],
  [dateOf(), date(-86_400_000)],
  [dateOf(), date(1)],
  [timeOf(), date(0)],
  [timeOf(), date(52_494_346)],
  [timeOf(), date(86_400_000)],
  [timeOf(), date(86_400_001)],
  [timeOf(), date(-1)],
  [timestampOf(), date(1_566_570_894_346)],
  [timestampOf(), date(-1)],
  [timestampOf(), date(0)],
  [timestampOf(), date(86_400_000)],
  [of('int32', { name: 'custom', version: 2 }), i32(4)],
  [of('int32'), str('no')],
  [of('int32'), i64(1)],
  [of('string'), i32(1)],
  [of('boolean'), str('true')],
  [of('bytes'), str('x')],
  [of('float64'), i64(1)],
  [of('array', { value: of('int32') }), str('x')],
  [of('array', { value: of('int32') }), list(str('x'))],
  [of('map', { key: of('string'), value: of('int32') }), list()],
  [decimal(2), str('1.00')],
  [dateOf(), str('2020-01-01')],
  [timestampOf(), i64(5)],
]

const untyped: Json[] = [
  null,
  ...TEXTS.map(str),
  ...DOUBLES.map(f64),
  ...LONGS.map(i64),
  bool(true),
  bytes(1, 2, 3),
  list(),
  list(i64(1), f64(1), f64(1.5), str('x'), null, bool(false)),
  map([str('a'), i64(1)], [str('b'), map([str('c'), list(f64(2.5))])], [str('d'), null]),
  map([i64(1), str('x')], [i64(2), null]),
  map([str('a'), i64(1)], [i64(2), i64(3)]),
  map(),
  map([str('quote"d'), str('v')], [str(''), str('')]),
  dec(150n, 2),
  date(0),
  { t: 'struct', v: [str('Eve')], schema: structOf({ name: of('string') }) },
  list(list(), map(), list(map([str('x'), f64(1e21)]))),
]

for (const [schema, value] of typed) {
  cases.push({ kind: 'json.write', schema, value })
  cases.push({ kind: 'json.write', config: { 'schemas.enable': 'false', 'decimal.format': 'numeric' }, schema, value })
  cases.push({ kind: 'header.write', schema, value })
  cases.push({ kind: 'string.write', schema, value })
  cases.push({ kind: 'validate', schema, value })
}
for (const value of untyped) {
  cases.push({ kind: 'json.write', schema: null, value })
  cases.push({ kind: 'json.write', config: { 'schemas.enable': 'false' }, schema: null, value })
  cases.push({ kind: 'header.write', schema: null, value })
  cases.push({ kind: 'string.write', schema: null, value })
}
const keepNulls = { 'replace.null.with.default': 'false' }
for (const [schema, value] of typed) {
  if (JSON.stringify(schema).includes('default')) cases.push({ kind: 'json.write', config: keepNulls, schema, value })
}

for (const size of ['0', '-1', '1']) {
  cases.push({ kind: 'json.write', config: { 'schemas.cache.size': size }, schema: of('int32'), value: i32(7) })
  cases.push({ kind: 'json.read', config: { 'schemas.cache.size': size }, in: base64('{"schema":{"type":"int32"},"payload":7}') })
}

// ---- reading JSON

for (const text of jsonTexts) {
  cases.push({ kind: 'json.read', config: { 'schemas.enable': 'false' }, in: base64(text) })
}
for (const bad of [[0xff, 0xfe, 0x31, 0], [0xfe, 0xff, 0, 0x31], [0xef, 0xbb, 0xbf, 0x31], [0x31, 0, 0x32, 0], [0, 0x31, 0, 0x32], [0x22, 0xff, 0x22], [0x22, 0xc3, 0x22], [0x22, 0xe2, 0x82, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xef, 0xbf, 0xbd, 0x22], [0, 0, 0, 0x31], [0x31, 0, 0, 0], [0x5b, 0x31, 0x5d, 0xff], [0xff], [0]]) {
  cases.push({ kind: 'json.read', config: { 'schemas.enable': 'false' }, in: base64(Buffer.from(bad)) })
}
cases.push({ kind: 'json.read', in: null })
cases.push({ kind: 'json.read', config: { 'schemas.enable': 'false' }, in: null })

const LOGICAL = {
  decimal: `{"type":"bytes","name":"${DATA}Decimal","version":1,"parameters":{"scale":"2"}}`,
  date: `{"type":"int32","name":"${DATA}Date","version":1}`,
  time: `{"type":"int32","name":"${DATA}Time","version":1}`,
  timestamp: `{"type":"int64","name":"${DATA}Timestamp","version":1}`,
}
const PAYLOADS = ['null', 'true', '1', '-1', '300', '70000', '3000000000', '9007199254740993', '9223372036854775807', '9223372036854775808', '123456789012345678901234567890', '1.0', '1.5', '-2.7', '1e3', '1e19', '1e300', '-0', '-0.0', '0.1', '1.50', '"x"', '""', '"AQI="', '"AQI"', '"12"', '"NaN"', '"Infinity"', '[]', '[1,"a",null]', '{}', '{"a":1}', '[[1,2],["b",3.5]]', '[[1]]', '[1]']
const SCHEMAS = ['null', ...['boolean', 'int8', 'int16', 'int32', 'int64', 'float', 'double', 'string', 'bytes'].map(type => `{"type":"${type}"}`), ...Object.values(LOGICAL), '{"type":"array","items":{"type":"int32","optional":true}}', '{"type":"map","keys":{"type":"string"},"values":{"type":"int64"}}', '{"type":"map","keys":{"type":"int32"},"values":{"type":"int32"}}', '{"type":"struct","fields":[{"type":"int32","field":"a","optional":true}]}']
for (const schema of SCHEMAS) {
  for (const payload of PAYLOADS) cases.push({ kind: 'json.read', in: base64(`{"schema":${schema},"payload":${payload}}`) })
}
const ENVELOPES = [
  '{"schema":{"type":"int32","optional":true},"payload":null}',
  '{"schema":{"type":"int32","default":5},"payload":null}',
  '{"schema":{"type":"int32","default":5,"optional":true},"payload":null}',
  '{"schema":{"type":"int32","default":null},"payload":1}',
  '{"schema":{"type":"int32","default":"x"},"payload":1}',
  '{"schema":{"type":"int32","optional":"true","name":5,"version":"1","doc":7},"payload":1}',
  '{"schema":{"type":"int32","optional":true,"name":"n","version":2,"doc":"d","parameters":{"a":"b"}},"payload":1}',
  '{"schema":{"type":"int32","version":1.0},"payload":1}',
  '{"schema":{"type":"int32","version":4294967297},"payload":1}',
  '{"schema":{"type":"int32","parameters":{"a":1}},"payload":1}',
  '{"schema":{"type":"int32","parameters":[]},"payload":1}',
  '{"schema":{"type":"struct","name":"s","fields":[{"type":"string","field":"a"},{"type":"int32","field":"b","default":3},{"type":"double","optional":true,"field":"c"}]},"payload":{"a":"x","d":1}}',
  '{"schema":{"type":"struct","fields":[{"type":"string","field":"a"}]},"payload":{}}',
  '{"schema":{"type":"struct","fields":[{"type":"string","field":"a"},{"type":"string","field":"a"}]},"payload":{"a":"x"}}',
  '{"schema":{"type":"struct","fields":[{"type":"string"}]},"payload":{"a":"x"}}',
  '{"schema":{"type":"struct","fields":{}},"payload":{}}',
  '{"schema":{"type":"struct"},"payload":{}}',
  '{"schema":{"type":"struct","fields":[{"type":"string","field":"__proto__","optional":true},{"type":"string","field":"toString","optional":true}]},"payload":{"a":1}}',
  '{"schema":{"type":"struct","fields":[5]},"payload":{}}',
  '{"schema":{"type":"array"},"payload":[]}',
  '{"schema":{"type":"array","items":null},"payload":[]}',
  '{"schema":{"type":"array","items":{"type":"int32"}},"payload":[1,null]}',
  '{"schema":{"type":"map","values":{"type":"int32"}},"payload":{}}',
  '{"schema":{"type":"map","keys":{"type":"int32"}},"payload":{}}',
  '{"schema":{"type":"map","keys":{"type":"int32"},"values":{"type":"int32"}},"payload":[[1,2,3]]}',
  '{"schema":{"type":"float64"},"payload":1}',
  '{"schema":{"type":"INT32"},"payload":1}',
  '{"schema":{"type":5},"payload":1}',
  '{"schema":{},"payload":1}',
  '{"schema":5,"payload":1}',
  '{"schema":"string","payload":"x"}',
  '{"schema":[],"payload":1}',
  '{"payload":{"a":1},"schema":{"type":"struct","fields":[{"type":"int8","field":"a"}]}}',
  ' { "payload" : 5 , "schema" : { "type" : "int8" } } ',
  '{"schema":null,"payload":null}',
  '{"schema":null,"payload":{"a":1.0,"b":[1]}}',
  '{"schema":{"type":"int32"}}',
  '{"payload":1}',
  '{"schema":{"type":"int32"},"payload":1,"x":2}',
  '{"schema":{"type":"int32"},"payload":1,"payload":2}',
  '{"schema":{"type":"int32"},"payload":1} trailing',
  '{"schema":{"type":"int32"},"payload":1',
  '{"schema":{"type":"int32"},"payload":}',
  '{"a":1}', '[1]', '1', '"x"', 'null', 'true', '', ' ',
  `{"schema":{"type":"bytes","name":"${DATA}Decimal"},"payload":"AQ=="}`,
  `{"schema":{"type":"bytes","name":"${DATA}Decimal","parameters":{"scale":"x"}},"payload":"AQ=="}`,
  `{"schema":{"type":"int32","name":"${DATA}Time"},"payload":86400001}`,
  `{"schema":{"type":"int32","name":"${DATA}Time"},"payload":86400000}`,
  `{"schema":{"type":"struct","fields":[{"type":"bytes","name":"${DATA}Decimal","version":1,"parameters":{"scale":"2"},"field":"d","default":"AQ=="},{"type":"int32","name":"${DATA}Date","version":1,"field":"e","optional":true}]},"payload":{"e":18000}}`,
]
for (const text of ENVELOPES) {
  cases.push({ kind: 'json.read', in: base64(text) })
  if (text.includes('default')) cases.push({ kind: 'json.read', config: keepNulls, in: base64(text) })
}
const CONTENTS = [
  '{"type":"struct","fields":[{"type":"int32","field":"a"}]}', '{"type":"int64","optional":true}', '{"type":"string"}', `{"type":"struct","optional":true,"fields":[{"type":"int32","field":"a","default":5},{"type":"bytes","name":"${DATA}Decimal","version":1,"parameters":{"scale":"2"},"field":"d","optional":true}]}`,
  '', 'null', '{}', '5', '{"type":"intt"}', '{"type":"int32"} x', '{"schema":{"type":"int32"},"payload":1}', '{"type":',
]
for (const content of CONTENTS) {
  for (const text of ['{"a":1}', '{"a":1} x', '{}', '[]', '', 'null', '7', '"x"', '{"a":null,"d":1.50}', '{"a":', '{"schema":null,"payload":1}', '{"schema":{"type":"int32"},"payload":1}']) {
    for (const enable of ['true', 'false']) {
      cases.push({ kind: 'json.read', config: { 'schema.content': content, 'schemas.enable': enable }, in: base64(text) })
    }
  }
  cases.push({ kind: 'json.read', config: { 'schema.content': content }, in: null })
  cases.push({ kind: 'json.write', config: { 'schema.content': content }, schema: of('int64', optional), value: i64(1) })
}

// ---- numbers that are large, lose digits or end a type; what is deep, bad or doubled, under a schema

const HARD_NUMBERS = ['1e999999999', '-1e999999999', '1e-999999999', '1e2147483647', '1e-2147483647', '1e2147483648', '9e100000', '1.5e30', '-1.5e30', '128', '-129', '32768', '2147483648', '-2147483649', '4294967296', '9223372036854775807', '-9223372036854775808', '-9223372036854775809', '18446744073709551617', '0.99999999999999999999', '1.99999999999999999999', '123456789.123456789012345678', '16777217', '16777217.0', '1.00000017881393432617187501', '3.4028235677973366e38', '3.5e38', '-3.5e38', '1e-46', '-1e-46', '-1e-400', '7.006492321624085e-46', '7.006492321624086e-46', '7.00649232162408535461864791644958065640130970938257885878534141944895541342930300743319094181060791015625e-46', '9007199791611905', '123456789012345678901', '1.8e308', '-1.8e308', '4.9e-324', '2e-324', '0.000', '-0.000', '0e5', '01', '-01', '00.5', '007', '1E+2', '100E-2']
for (const type of ['boolean', 'int8', 'int16', 'int32', 'int64', 'float', 'double', 'string', 'bytes']) {
  for (const number of HARD_NUMBERS) cases.push({ kind: 'json.read', in: base64(`{"schema":{"type":"${type}"},"payload":${number}}`) })
}
for (const schema of Object.values(LOGICAL)) {
  for (const number of HARD_NUMBERS) cases.push({ kind: 'json.read', in: base64(`{"schema":${schema},"payload":${number}}`) })
}
const nested = (depth: number): string => `{"schema":${'{"type":"array","items":'.repeat(depth)}{"type":"int32"}${'}'.repeat(depth)},"payload":${'['.repeat(depth)}7${']'.repeat(depth)}}`
for (const depth of [10, 90, 998, 999, 1000, 1001]) cases.push({ kind: 'json.read', in: base64(nested(depth)) })
// a struct without fields takes any object, so the payload alone may be deep
for (const depth of [990, 997, 998, 999, 1000]) cases.push({ kind: 'json.read', in: base64(`{"schema":{"type":"struct","fields":[]},"payload":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`) })
for (const text of [
  '{"schema":null,"payload":1,"payload":2.0}', '{"schema":{"type":"int8"},"payload":7,"schema":null}', '{"schema":null,"payload":{"a":1.0,"a":2},"x":1}', '{"schema":null,"payload":-0.0}', '{"schema":null,"payload":9007199254740993} x', '{"schema":null,"payload":18446744073709551616}', '{"schema":null}', '{"schema":null,"payload":[1e3,1.5,01]}',
  '{"schema":{"type":"string"},"payload":"x","payload":"y"}', '{"schema":{"type":"int32"},"schema":{"type":"string"},"payload":"y"}', '{"payload":1,"payload":2,"schema":{"type":"int8"}}', '{"schema":{"type":"int8","type":"string"},"payload":"y"}',
  '{"schema":{"type":"struct","fields":[{"type":"int32","field":"a"}]},"payload":{"a":1,"a":2}}', '{"schema":{"type":"map","keys":{"type":"string"},"values":{"type":"int32"}},"payload":{"a":1,"b":2,"a":3}}', '{"schema":{"type":"map","keys":{"type":"int32"},"values":{"type":"int32"}},"payload":[[1,2],[1,3]]}',
  '{"schema":{"type":"map","keys":{"type":"string","optional":true},"values":{"type":"int32","optional":true}},"payload":{"":null}}', '{"schema":{"type":"map","keys":{"type":"string"},"values":{"type":"int32"}},"payload":null}',
  '{"schema":{"type":"string"},"payload":"\u0000\ud800"}', '{"sch\u0065ma":{"type":"int8"},"payload":1}', '{"schema":{"type":"int8"},"payload":NaN}', '{"schema":{"type":"double"},"payload":NaN}', '{"schema":{"type":"double"},"payload":Infinity}', '{"schema":{"type":"double"},"payload":-Infinity}', '{"schema":{"type":"double"},"payload":"1.5"}', ...['A', 'AA', 'AAA', 'A===', 'AA==', 'AA=', 'AAA=', 'AA=A', '=AAA', '====', 'AAAA=', 'AAAA====', 'AB==', 'AAB=', 'AA==AA==', 'A A=', 'AAA\\n', '-_AA', '+/AA', 'AAAé', ' AAA', '=', '=='].map(text => `{"schema":{"type":"bytes"},"payload":"${text}"}`), '{"schema":{"type":"boolean"},"payload":"true"}', '{"schema":{"type":"boolean"},"payload":1}',
  '{"schema":{"type":"int32","default":1.9},"payload":null}', '{"schema":{"type":"int8","default":300},"payload":null}', '{"schema":{"type":"string","default":5},"payload":null}', '{"schema":{"type":"bytes","default":"AQI="},"payload":null}', '{"schema":{"type":"array","items":{"type":"int32"},"default":[1,2]},"payload":null}', '{"schema":{"type":"struct","fields":[{"type":"int32","field":"a"}],"default":{"a":4}},"payload":null}', '{"schema":{"type":"map","keys":{"type":"string"},"values":{"type":"int32"},"default":{"k":1}},"payload":null}',
  `{"schema":{"type":"int32","name":"${DATA}Date","version":1,"default":18000},"payload":null}`, `{"schema":{"type":"int32","name":"${DATA}Date"},"payload":2147483647}`, `{"schema":{"type":"int32","name":"${DATA}Date"},"payload":-2147483648}`, `{"schema":{"type":"string","name":"${DATA}Date"},"payload":"x"}`, `{"schema":{"type":"string","name":"${DATA}Date"},"payload":5}`, `{"schema":{"type":"string","name":"${DATA}Decimal"},"payload":"x"}`, `{"schema":{"type":"bytes","name":"${DATA}Decimal","parameters":{"scale":"-3"}},"payload":"AQ=="}`, `{"schema":{"type":"bytes","name":"${DATA}Decimal","parameters":{"scale":"99999999999"}},"payload":"AQ=="}`, `{"schema":{"type":"bytes","name":"${DATA}Decimal","parameters":{"scale":" 2"}},"payload":"AQ=="}`, `{"schema":{"type":"bytes","name":"${DATA}Decimal","parameters":{"scale":"+2"}},"payload":"AQ=="}`, `{"schema":{"type":"bytes","name":"${DATA}Decimal","parameters":{"scale":"2"}},"payload":""}`, `{"schema":{"type":"int64","name":"${DATA}Time"},"payload":1}`, `{"schema":{"type":"int32","name":"${DATA}Timestamp"},"payload":1}`,
]) {
  cases.push({ kind: 'json.read', in: base64(text) })
  if (text.includes('default')) cases.push({ kind: 'json.read', config: keepNulls, in: base64(text) })
}

// ---- headers, strings, bytes

const random = prng(4_711)
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
const PIECES = ['[', ']', '{', '}', ',', ':', '"', '"', '\\', ' ', '1', '2.5', '-3', 'a', 'true', 'null', '"a":', '"x"', '1,2', '14:34:54.346Z', '2019-08-23', '70000', '[1', '1]', '{"k":', '}', '1e3']
for (const text of headerTexts) cases.push({ kind: 'header.read', in: base64(text) })
for (let i = 0; i < 400; i++) {
  const text = Array.from({ length: 1 + Math.floor(random() * 9) }, () => pick(PIECES)).join('')
  cases.push({ kind: 'header.read', in: base64(text) })
}
cases.push({ kind: 'header.read', in: null })

const ENCODINGS = ['UTF-8', 'utf8', 'ISO-8859-1', 'latin1', 'US-ASCII', 'UTF-16', 'UTF-16BE', 'UTF-16LE', 'windows-1252', 'ISO-8859-15', 'windows-1251', 'KOI8-R', 'ISO-8859-2']
const STRINGS = ['', 'plain', 'grüße €', 'привет', '𝄞', 'a\ud800b', '\ufeffx', 'ŁÓDŹ', '\u0081']
const RAW = [[], [0x61, 0xff, 0x62], [0xe2, 0x82, 0x61], [0xf0, 0x9d, 0x84, 0x9e], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xfe, 0xff, 0, 0x61], [0xff, 0xfe, 0x61, 0], [0, 0x61, 0xd8], [0x80, 0x81, 0xa4, 0xe9, 0xff], [0xd8, 0, 0, 0x61], [0xef, 0xbb, 0xbf, 0x61]]
for (const encoding of ENCODINGS) {
  const config = { 'converter.encoding': encoding }
  for (const text of STRINGS) cases.push({ kind: 'string.write', config, schema: of('string'), value: str(text) })
  for (const raw of RAW) cases.push({ kind: 'string.read', config, in: base64(Buffer.from(raw)) })
}
cases.push({ kind: 'string.read', in: null }, { kind: 'bytes.read', in: null }, { kind: 'bytes.read', in: base64('x') })
for (const [schema, value] of [[of('bytes'), bytes(1)], [null, bytes(1)], [of('bytes'), null], [null, null], [of('string'), str('x')], [null, str('x')], [of('string'), null]] as [Extra | null, Json][]) {
  cases.push({ kind: 'bytes.write', schema, value })
}

// ---- numbers and booleans: one value in so many bytes

const NUMBER_VALUES: Record<string, readonly Json[]> = {
  short: [-32768, -1, 0, 1, 255, 256, 32767].map(i16),
  integer: [-2147483648, -1, 0, 1, 65536, 2147483647].map(i32),
  long: [...LONGS, -(2n ** 53n) - 1n, 2n ** 32n, -1n].map(i64),
  float: FLOATS.map(f32),
  double: DOUBLES.map(f64),
  boolean: [true, false].map(bool),
}
const NUMBER_TYPES: Record<string, string> = { short: 'int16', integer: 'int32', long: 'int64', float: 'float32', double: 'float64', boolean: 'boolean' }
const RAW_NUMBERS = ['', '00', '01', '02', 'ff', '0001', 'ffff', '8000', '7fff', '000102', '00000000', '00000001', 'ffffffff', '7f800000', '7fc00000', 'ff800000', '80000000', '3dcccccd', '0102030405', '01020304050607', '0000000000000000', '0000000000000001', '7fffffffffffffff', '8000000000000000', 'ffffffffffffffff', '0020000000000001', '7ff0000000000000', '7ff8000000000000', '3fb999999999999a', '000102030405060708']
for (const [name, values] of Object.entries(NUMBER_VALUES)) {
  const type = NUMBER_TYPES[name] as string
  for (const raw of RAW_NUMBERS) cases.push({ kind: `${name}.read`, in: base64(Buffer.from(raw, 'hex')) })
  cases.push({ kind: `${name}.read`, in: null }, { kind: `${name}.read`, role: 'header', in: null })
  cases.push({ kind: `${name}.read`, role: 'header', in: base64(Buffer.from('01', 'hex')) })
  for (const value of values) {
    cases.push({ kind: `${name}.write`, schema: of(type), value })
    cases.push({ kind: `${name}.write`, schema: null, value })
  }
  for (const schema of [null, of(type), of(type, optional), of('string', optional)]) cases.push({ kind: `${name}.write`, schema, value: null })
  const others: [Extra, Json][] = [[of('int8'), i8(1)], [of('int16'), i16(1)], [of('int32'), i32(1)], [of('int64'), i64(1)], [of('float32'), f32(1.5)], [of('float64'), f64(1.5)], [of('boolean'), bool(true)], [of('string'), str('1')], [of('bytes'), bytes(0, 0, 0, 1)], [decimal(0), dec(1n, 0)], [dateOf(), date(0)], [timestampOf(), date(5)], [of('array', { value: of('int32') }), list()], [structOf({}), struct()]]
  for (const [schema, value] of others) {
    if (schema.type !== type || schema.name !== undefined) cases.push({ kind: `${name}.write`, schema, value })
    if (schema.type !== type && ['float64', 'boolean', 'string', 'bytes', 'int64'].includes(schema.type as string)) cases.push({ kind: `${name}.write`, schema: null, value })
  }
  cases.push({ kind: `${name}.write`, role: 'header', schema: of(type), value: values[0] ?? null })
  cases.push({ kind: `${name}.write`, role: 'header', schema: of('string'), value: str('x') })
}

// ---- the others as header converters

for (const text of ['1', '{"a":1}', '', 'x', '{"schema":{"type":"int32"},"payload":7}', '{"schema":null,"payload":null}']) {
  cases.push({ kind: 'json.read', role: 'header', in: base64(text) })
  cases.push({ kind: 'json.read', role: 'header', config: { 'schemas.enable': 'false' }, in: base64(text) })
  cases.push({ kind: 'string.read', role: 'header', in: base64(text) }, { kind: 'bytes.read', role: 'header', in: base64(text) })
}
for (const [schema, value] of [[of('int32'), i32(7)], [of('string'), str('x')], [of('bytes'), bytes(1, 2)], [null, str('x')], [null, null], [of('string', optional), null], [null, map([str('a'), i64(1)])]] as [Extra | null, Json][]) {
  for (const name of ['json', 'string', 'bytes']) cases.push({ kind: `${name}.write`, role: 'header', schema, value })
  cases.push({ kind: 'json.write', role: 'header', config: { 'schemas.enable': 'false' }, schema, value })
}
for (const name of ['json', 'string', 'bytes']) cases.push({ kind: `${name}.read`, role: 'header', in: null })

// ---- random doubles and floats, schemaless

for (let i = 0; i < 300; i++) {
  bits.setUint32(0, Math.floor(random() * 2 ** 32))
  bits.setUint32(4, Math.floor(random() * 2 ** 32))
  const anyDouble = bits.getFloat64(0)
  const double = i % 2 === 0 ? anyDouble : Math.round(random() * 1e9) / 10 ** Math.floor(random() * 12)
  if (!Number.isNaN(double)) cases.push({ kind: 'toString', schema: of('float64'), value: f64(double) })
  const float = Math.fround(i % 2 === 0 ? bits.getFloat32(0) : random() * 1000)
  if (!Number.isNaN(float)) cases.push({ kind: 'toString', schema: of('float32'), value: f32(float) })
}

// ---- random JSON documents

function document(depth: number): string {
  const space = () => (random() < 0.1 ? pick([' ', '\n', '\t', '  ']) : '')
  const kind = Math.floor(random() * (depth > 3 ? 6 : 8))
  if (kind === 0) return pick(['true', 'false', 'null'])
  if (kind < 3) return pick(jsonNumbers)
  if (kind < 6) return JSON.stringify(pick(TEXTS))
  const items = Array.from({ length: Math.floor(random() * 5) }, (_, i) => {
    const value = `${space()}${document(depth + 1)}${space()}`
    return kind === 6 ? value : `${space()}${JSON.stringify(pick(['a', 'b', 'k"', 'ü', '']) + i)}${space()}:${value}`
  })
  return kind === 6 ? `[${items.join(',')}]` : `{${items.join(',')}}`
}
const jsonNumbers = ['0', '1', '-7', '12345', '1700000000000', '9007199254740991', '9007199254740992', '-9007199254740993', '1.0', '1.5', '-0.0', '0.1', '1e5', '1E-7', '25.00', '123456789.123456789', '99999999999999999999', '1.7976931348623157e308', '0.30000000000000004']
for (let i = 0; i < 150; i++) {
  cases.push({ kind: 'json.read', config: { 'schemas.enable': 'false' }, in: base64(document(0)) })
}

process.stdout.write(JSON.stringify(cases))

// Writes the cases of the golden files as JSON to stdout; Recorder.java adds what Java makes of them. Run by npm run golden.
import { prng } from '../../../src/base/prng.ts'
import { dateCases } from './date-cases.ts'
import { regexCases } from './regex-cases.ts'
import * as s from './shapes.ts'

const N = { 'replace.null.with.default': 'false' }
const data = [s.all, s.nulls, s.map, s.nothing, s.text, s.listValue, s.stringWithSchema, s.nullStruct, s.requiredDefault, s.requiredUnset]

function insertField(): s.Case[] {
  const meta = { 'topic.field': 't', 'partition.field': 'p!', 'offset.field': 'o?', 'timestamp.field': 'ts_in!', 'static.field': 'st', 'static.value': 'x y' }
  return [
    ...s.cross('InsertField', [meta, { ...meta, ...N }, { 'static.field': 'name!', 'static.value': '' }], data),
    ...s.cross('InsertField', [{ 'topic.field': 't', 'partition.field': 'p', 'timestamp.field': 'when' }], [s.map, s.all], { source: true, partition: null, timestamp: null }),
    ...s.cross('InsertField', [{ 'partition.field': 'p!', 'timestamp.field': 'when!' }], [s.map, s.all], { source: true, partition: null, timestamp: null }),
    ...s.cross('InsertField', [{ 'offset.field': 'o' }], [s.map, s.all], { source: true }),
    ...s.cross('InsertField', [{ 'topic.field': 'id' }, { 'topic.field': 'same', 'static.field': 'same', 'static.value': 'v' }, { 'topic.field': '' }, { 'topic.field': '!' }], [s.map, s.all]),
    ...s.configsOnly('InsertField$Value', [{}, { 'static.field': 'x' }, { 'static.value': 'x' }, { 'static.field': '', 'static.value': 'q' }, { 'topic.field': 't', 'replace.null.with.default': 'maybe' }, { 'topic.field': 't', unknown: 'k' }]),
  ]
}

function maskField(): s.Case[] {
  const fields = 'id,tiny,short,int,float,double,flag,name,dec,date,time,ts,list,map,def,text'
  const cases = [
    ...s.cross('MaskField', [{ fields }, { fields, ...N }, { fields: 'a' }, { fields: 'a', ...N }, { fields: 'b' }], data),
    ...s.cross('MaskField', [{ fields: 'id, big ,price,whole,flag,name,nothing,list,sub,absent' }], data),
    ...s.cross('MaskField', [{ fields: 'raw' }, { fields: 'sub' }], [s.all, s.nulls, s.map]),
  ]
  for (const field of ['id', 'big', 'price', 'whole', 'flag', 'name', 'nothing', 'list', 'sub', 'tiny', 'short', 'int', 'float', 'double', 'dec', 'raw', 'ts', 'map', 'text']) {
    for (const replacement of ['7', '-1.25', 'xyz', '300', '99999999999', '1e2', ' 5']) {
      cases.push(...s.onValue('MaskField$Value', { fields: field, replacement }, s.map))
      cases.push(...s.onValue('MaskField$Value', { fields: field, replacement }, s.all))
    }
  }
  for (const replacement of ['+5', '0x10', '1.5f', 'NaN', '-Infinity', '1_0', '5d', '.5', '1.', '1E400', '9223372036854775808', '-9223372036854775808', '127', '128', '1e-400', '0x1p3', '-0', '1e40', '3.4028236e38']) {
    for (const field of ['id', 'price', 'tiny', 'float', 'double', 'dec']) {
      cases.push(...s.onValue('MaskField$Value', { fields: field, replacement }, field === 'price' ? s.map : s.all))
    }
  }
  return [...cases, ...s.configsOnly('MaskField$Value', [{}, { fields: '' }, { fields: 'a,a' }, { fields: 'a,,b' }, { fields: ' a , b ' }, { fields: 'a', replacement: '' }, { fields: 'a', replacement: ' ' }])]
}

function replaceField(): s.Case[] {
  return [
    ...s.cross('ReplaceField', [{ exclude: 'id,name,list' }, { include: 'id,name,absent,def,text' }, { include: 'id,name', exclude: 'name' }, { renames: 'id:ident,name:id' }, { exclude: 'id', renames: 'name:id', ...N }, {}, N], data),
    ...s.cross('ReplaceField', [{ renames: 'absent:b,a:absent', exclude: 'a' }, { renames: 'a:b', exclude: 'a' }], [{ schema: { t: 'struct', f: [['a', 'int32'], ['b', 'int16']] }, value: { st: [{ i: '5' }, { s: '7' }] } }, { schema: { t: 'struct', f: [['a', 'int64?'], ['b', 'float64?']] }, value: { st: [null, { d: '7' }] } }]),
    ...s.cross('ReplaceField', [{ renames: 'id:name' }, { renames: 'absent:id' }, { include: 'absent' }, { renames: ':b' }, { renames: 'id:b:' }, { whitelist: 'id' }, { renames: 'id:x,name:x' }, { renames: 'id:x,id:y' }], [s.map, s.all]),
    ...s.configsOnly('ReplaceField$Value', [{ renames: 'a' }, { renames: 'a:b:c' }, { renames: 'a:' }, { renames: ':' }, { exclude: 'a,a' }, { include: 'a,a' }, { renames: 'a:b,c' }, { exclude: '' }, { exclude: 'a,,b' }, { include: ',' }, { renames: 'a:b,a:b' }]),
  ]
}

function valueToKey(): s.Case[] {
  const cases = [{ fields: 'id' }, { fields: 'name,id' }, { fields: 'id,def,text' }, { fields: 'id,def,text', ...N }, { fields: 'absent' }, { fields: 'a,b' }, { fields: 'a,b', ...N }, { fields: 'sub,list' }, { fields: 'name,price,flag,whole,big,nothing,id' }].flatMap(config => data.flatMap(d => s.onValue('ValueToKey', config, d)))
  return [...cases, ...s.configsOnly('ValueToKey', [{}, { fields: '' }, { fields: 'a,a' }, { fields: 'a, ' }])]
}

function extractField(): s.Case[] {
  const V2 = { 'field.syntax.version': 'V2' }
  const paths = ['sub.x', 'sub.`y.z`.deep', 'id', '`id`', 'name.x', 'absent.x', 'sub.absent', 'sub.absent.deeper', 'list.x', 'map.k', 'sub']
  return [
    ...s.cross('ExtractField', [{ field: 'id' }, { field: 'name' }, { field: 'absent' }, { field: 'def' }, { field: 'def', ...N }, { field: 'text' }, { field: 'a' }, { field: 'a', ...N }, { field: 'sub' }], data),
    ...s.cross('ExtractField', [{ field: 'sub.x' }, { field: 'nothing' }, { field: '' }, { field: 'raw' }, { field: 'dec' }, { field: 'list' }], [s.map, s.all]),
    ...s.cross('ExtractField', paths.map(field => ({ field, ...V2 })), [s.map, s.all, s.nulls, s.nothing, s.nullStruct]),
    ...s.configsOnly('ExtractField$Value', [{}, { field: 'a', 'field.syntax.version': 'v2' }, { field: 'a', 'field.syntax.version': 'V3' }]),
    ...s.configsOnly('ExtractField$Value', ['`a', 'a`', '`a`b', 'a.`b', '``', '`a``b`', 'a..b', '.a', 'a.', '`a.b`.c', 'a`b.c`d', '`a\\`b`', '`', 'a.`b`c`.d', '\\`a', ''].map(field => ({ field, ...V2 }))),
    ...syntaxV2(),
  ]
}

/** Names with dots and back-ticks in them, to see how a path is read. */
function syntaxV2(): s.Case[] {
  const paths = ['a.b', '`a.b`.c', '`a.b`', 'a`b.c`d', '`a\\`b`.a', 'a..b', '.a', 'a.', '``.a', 'a.``', '`.a', 'a.`', '\\`a.b', '`\\`a`.b', '``', '`b`c`.a', 'a.`b`c`', '`a``.a', '`a`b`', '`a\\`.b`']
  return paths.flatMap(field => s.onValue('ExtractField$Value', { field, 'field.syntax.version': 'V2' }, { schema: null, value: s.PATHS }))
}

function timestampConverter(): s.Case[] {
  const format = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"
  const targets = ['string', 'unix', 'Date', 'Time', 'Timestamp']
  const sources: s.Data[] = [
    { schema: s.TIMESTAMP, value: { ts: 1700000000123 } },
    { schema: s.opt(s.TIMESTAMP), value: null },
    { schema: { ...s.TIMESTAMP, d: { ts: 5 } }, value: { ts: -1 } },
    { schema: s.DATE, value: { ts: 86400000 * -3 } },
    { schema: s.TIME, value: { ts: 86399999 } },
    { schema: 'int64', value: { l: '-1500' } },
    { schema: 'int64?', value: null },
    { schema: 'string', value: '2024-02-29T23:59:59.999+02:00' },
    { schema: 'string', value: 'yesterday' },
    { schema: 'int32?', value: null },
    { schema: 'int32', value: { i: '5' } },
    { schema: 'float64', value: { d: '5.5' } },
    { schema: null, value: { l: '1700000000123' } },
    { schema: null, value: { l: '-9223372036854775808' } },
    { schema: null, value: { d: '1.0' } },
    { schema: null, value: { d: '1.5' } },
    { schema: null, value: true },
    { schema: null, value: { ts: 1700000000123 } },
    { schema: null, value: '1969-12-31T23:59:59.999Z' },
    { schema: null, value: '2024-1-1' },
    { schema: null, value: null },
    { schema: null, value: { m: [] } },
    s.all,
  ]
  const cases = targets.flatMap(target => sources.flatMap(d => s.both('TimestampConverter', { 'target.type': target, format }, d)))
  for (const precision of ['seconds', 'microseconds', 'nanoseconds', 'milliseconds']) {
    for (const target of targets) {
      for (const l of ['1700000000', '1700000000123456', '1700000000123456789', '-1', '-1500', '9223372036854775807', '9223372036854776', '-9223372036854775807']) {
        cases.push(...s.onValue('TimestampConverter$Value', { 'target.type': target, 'unix.precision': precision, format: 'yyyy-MM-dd HH:mm:ss.SSS' }, { schema: null, value: { l } }))
      }
      for (const ts of [1700000000123, -1, -1001, 253402300800000]) {
        cases.push(...s.onValue('TimestampConverter$Value', { 'target.type': target, 'unix.precision': precision, format: 'yyyy-MM-dd HH:mm:ss.SSS' }, { schema: s.TIMESTAMP, value: { ts } }))
      }
    }
  }
  for (const target of targets) {
    for (const field of ['ts', 'date', 'time', 'id', 'name', 'absent', 'double', 'nothing', 'list']) {
      cases.push(...s.both('TimestampConverter', { 'target.type': target, field, format }, s.all))
      cases.push(...s.onValue('TimestampConverter$Value', { 'target.type': target, field, format }, s.map))
    }
    cases.push(...s.cross('TimestampConverter', [{ 'target.type': target, field: 'ts', format }], data))
  }
  const withDefaults: s.Data = {
    schema: { t: 'struct', o: true, f: [['ts', { ...s.TIMESTAMP, o: true, d: { ts: 99 } }], ['n', { t: 'int32', d: { i: '3' } }]], d: { st: [{ ts: 7 }, { i: '4' }] } },
    value: { st: [null, null] },
  }
  cases.push(...s.cross('TimestampConverter', [{ 'target.type': 'unix', field: 'ts' }, { 'target.type': 'unix', field: 'ts', ...N }, { 'target.type': 'string', format: 'yyyy', field: 'ts' }], [withDefaults, { ...withDefaults, value: null }, { ...withDefaults, value: { st: [{ ts: 1 }, { i: '1' }] } }]))
  cases.push(...s.cross('TimestampConverter', [{ 'target.type': 'unix' }, { 'target.type': 'Timestamp' }], [{ schema: 'string', value: '2024' }, { schema: null, value: '2024' }]))
  return [
    ...cases,
    ...s.configsOnly('TimestampConverter$Value', [{}, { 'target.type': 'date' }, { 'target.type': 'string' }, { 'target.type': 'string', format: ' ' }, { 'target.type': 'string', format: 'bad pattern' }, { 'target.type': 'unix', format: "yyyy'" }, { 'target.type': 'unix', 'unix.precision': 'ms' }, { 'target.type': 'unix', format: '' }, { 'target.type': 'Unix' }]),
  ]
}

function regexRouter(): s.Case[] {
  const configs = [
    { regex: 'fl(.*)', replacement: 'x-$1' },
    { regex: '(?<first>.)lights', replacement: '${first}ly' },
    { regex: 'fl', replacement: 'x' },
    { regex: 'f|flights', replacement: 'X' },
    { regex: 'flights', replacement: '' },
    { regex: '.*', replacement: 'a\\$1' },
    { regex: '(f)(.*)', replacement: '$12' },
    { regex: '.*', replacement: '$1' },
    { regex: '(?i)FLIGHTS', replacement: 'up' },
    { regex: '(?!d)(?i:FL)(.*)', replacement: '$1' },
    { regex: '.*(?<=ts)', replacement: '$0\\$' },
    { regex: '\\w+?', replacement: '<$0>' },
  ]
  return [...configs.flatMap(config => [s.map, s.nothing].flatMap(d => s.onValue('RegexRouter', config, d))), ...s.configsOnly('RegexRouter', [{}, { regex: '(' , replacement: 'x' }, { regex: 'a' }, { replacement: 'x' }, { regex: '', replacement: 'x' }])]
}

function others(): Record<string, s.Case[]> {
  const h: s.RecordSpec = { headers: [['one', 'string', 'x'], ['two', null, null], ['one', 'int32', { i: '2' }]] }
  const specs: s.RecordSpec[] = [{}, { ...h, keySchema: null, key: null }, { source: true, partition: null, timestamp: null }]
  return {
    filter: specs.flatMap(spec => data.flatMap(d => s.onValue('Filter', {}, d, spec))),
    predicates: [
      ...specs.flatMap(spec => data.flatMap(d => s.onValue('predicates.RecordIsTombstone', {}, d, spec))),
      ...['one', 'two', 'three', 'ONE', ' one', 'é'].flatMap(name => specs.flatMap(spec => s.onValue('predicates.HasHeaderKey', { name }, s.map, spec))),
      ...['one', 'é'].flatMap(name => s.onValue('predicates.HasHeaderKey', { name }, s.nothing, { headers: [['', 'string', 'x'], ['é', null, null]] })),
      ...['flights', 'fl.*', 'light', 'a|flights', '(?i)FLIGHTS', '\\Qflights\\E', '(?i)k', '[^k]', '(?i)[a-k]', '(?<=d)b', '(?<!x)\\w+', '.*(?<=s)'].flatMap(pattern =>
        ['flights', 'K', '\u212a'].flatMap(topic => s.onValue('predicates.TopicNameMatches', { pattern }, s.map, { topic })),
      ),
      ...s.configsOnly('predicates.TopicNameMatches', [{}, { pattern: '' }, { pattern: '(' }]),
      ...s.configsOnly('predicates.HasHeaderKey', [{}, { name: '' }]),
    ],
  }
}

function headerTransforms(): Record<string, s.Case[]> {
  const h: s.RecordSpec = { headers: [['one', 'string', 'x'], ['two', null, null], ['one', 'int32', { i: '2' }]] }
  const from = (config: Record<string, string>): s.Case[] => s.cross('HeaderFrom', [config], data, h)
  return {
    'drop-headers': [
      ...['one', 'two', 'one,two', 'three', 'ONE', ' one , two '].flatMap(headers => [s.map, s.all, s.nothing].flatMap(d => s.onValue('DropHeaders', { headers }, d, h))),
      ...s.onValue('DropHeaders', { headers: 'one' }, s.map, { ...h, source: true, partition: null }),
      ...s.onValue('DropHeaders', { headers: 'one' }, s.nothing),
      ...s.configsOnly('DropHeaders', [{}, { headers: '' }, { headers: 'a,,b' }, { headers: 'a,a' }]),
    ],
    'insert-header': [
      ...['text', '5', '300', '70000', '1.5', 'true', 'null', '[1,2]', '2024-02-29', '', '\u0663', '[\u0663]', '\u0661.\u0665e1', '{"a":1}', '10:11:12.345Z', '2024-02-29T10:11:12.345Z', '99999999999999999999', '1e400', '-0', ' x ', '"q"', '1,2'].flatMap(literal => s.onValue('InsertHeader', { header: 'one', 'value.literal': literal }, s.map, h)),
      ...s.onValue('InsertHeader', { header: '', 'value.literal': 'x' }, s.nothing),
      ...s.configsOnly('InsertHeader', [{}, { header: 'a' }, { 'value.literal': 'a' }]),
    ],
    'header-from': [
      ...from({ fields: 'id,name', headers: 'h1,one', operation: 'copy' }),
      ...from({ fields: 'id,name', headers: 'h1,one', operation: 'move' }),
      ...from({ fields: 'def,list', headers: 'd,l', operation: 'copy', ...N }),
      ...from({ fields: 'def,sub,text', headers: 'd,s,t', operation: 'move' }),
      ...from({ fields: 'a', headers: 'h', operation: 'move' }),
      ...from({ fields: 'b', headers: 'h', operation: 'move', ...N }),
      ...from({ fields: 'id,id', headers: 'h,i', operation: 'copy' }),
      ...s.configsOnly('HeaderFrom$Value', [{}, { fields: 'a', headers: 'b' }, { fields: 'a', headers: 'b', operation: 'take' }, { fields: 'a,b', headers: 'b', operation: 'copy' }, { fields: '', headers: '', operation: 'copy' }, { fields: 'a,', headers: 'b,', operation: 'copy' }, { fields: 'a', headers: 'b', operation: 'COPY' }]),
    ],
  }
}

function shapeTransforms(): Record<string, s.Case[]> {
  const nested: s.Data = {
    schema: { t: 'struct', n: 'outer', o: true, f: [['a', { t: 'struct', o: true, n: 'inner', f: [['x', 'int32'], ['y', { t: 'struct', f: [['z', 'string?'], ['l', { t: 'array', o: true, e: 'int32' }]], d: { st: ['dz', { a: [{ i: '1' }] }] } }]] }], ['b', s.TIMESTAMP], ['c', { t: 'string', d: 'dc', doc: 'a doc', v: 2 }]] },
    value: { st: [{ st: [{ i: '7' }, { st: ['zed', { a: [] }] }] }, { ts: 5 }, 'see'] },
  }
  /** a struct within a struct that is null and has a default, alone and below another */
  const inner = { t: 'struct', o: true, f: [['b', 'int32?'], ['c', { t: 'string', o: true, d: 'dc' }]], d: { st: [{ i: '9' }, 'di'] } }
  const nestedDefault = { t: 'struct', f: [['a', inner], ['z', { t: 'struct', o: true, f: [['y', inner]] }]] }
  const noMap: s.Data = { ...s.all, schema: { ...s.ALL, f: s.ALL.f.filter(([name]) => name !== 'map') }, value: { st: s.ALL_VALUE.st.filter((_, i) => s.ALL.f[i]?.[0] !== 'map') } }
  const withDefault: s.Data = { schema: { t: 'struct', f: [['i', 'int32'], ['s', 'string?']], d: { st: [{ i: '1' }, 'd'] } }, value: { st: [{ i: '2' }, null] } }
  const primitives: s.Data[] = [
    { schema: 'int32', value: { i: '5' } }, { schema: 'string?', value: null }, { schema: { t: 'array', e: 'string' }, value: { a: ['x'] } }, { schema: { t: 'map', k: 'string', e: 'int32?' }, value: { m: [['k', null]] } },
    { schema: s.TIMESTAMP, value: { ts: 5 } }, { schema: { t: 'int32', d: { i: '3' }, o: true }, value: null },
  ]
  const everything = [...data, nested, { ...nested, value: null }, noMap, withDefault, ...primitives]
  return {
    'hoist-field': [
      ...s.cross('HoistField', [{ field: 'f' }], [{ schema: { ...s.DATE, t: 'int8' }, value: { b: '5' } }, { schema: { t: 'array', e: 'string' }, value: { a: [null] } }, { schema: { t: 'array', e: { t: 'array', e: 'string' } }, value: { a: [{ a: [null] }] } }, { schema: { t: 'map', k: 'string', e: 'string' }, value: { m: [['k', null]] } }, { schema: { t: 'map', k: 'string', e: { t: 'array', e: 'int8' } }, value: { m: [['k', { a: [null] }]] } }]),
      ...s.cross('HoistField', [{ field: 'f' }, { field: '' }], everything), ...s.configsOnly('HoistField$Key', [{}])],
    flatten: [
      ...s.cross('Flatten', [{}], [{ schema: nestedDefault, value: { st: [null, { st: [null] }] } }, { schema: nestedDefault, value: { st: [null, null] } }]),
      ...s.cross('Flatten', [{}, { delimiter: '_' }, { delimiter: '' }], everything),
      ...s.cross('Flatten', [{}], [{ schema: nested.schema, value: { st: [null, { ts: 5 }, null] } }, { schema: null, value: { m: [['a', { m: [] }], ['b', { m: [['c', null]] }], ['b.c', 'clash'], ['d', { ts: 5 }]] } }, { schema: null, value: { m: [['d', { dec: ['1', 1] }]] } }, { schema: null, value: { m: [['d', { x: 'ff' }]] } }, { schema: { t: 'struct', f: [['a', { t: 'struct', f: [['b', 'int32']] }], ['a.b', 'int32']] }, value: { st: [{ st: [{ i: '1' }] }, { i: '2' }] } }]),
    ],
    'set-schema-metadata': [
      ...s.cross('SetSchemaMetadata', [{ 'schema.name': 'new' }, { 'schema.version': '7' }, { 'schema.name': 'n', 'schema.version': '-1', ...N }], everything),
      ...s.configsOnly('SetSchemaMetadata$Value', [{}, { 'schema.version': 'x' }, { 'schema.name': '' }]),
    ],
    'timestamp-router': [
      ...[{}, { 'topic.format': '${timestamp}.${topic}.${topic}', 'timestamp.format': 'yyyy-MM' }, { 'topic.format': 'fixed' }, { 'topic.format': '$1\\${other}' }, { 'timestamp.format': "''$1'x'" }].flatMap(config => s.onValue('TimestampRouter', config, s.map)),
      ...["yyyy-MM-dd'T'HH", "YYYY-'W'ww", 'yyMMdd', 'EEE d MMM', 'yyyy/DDD HH:mm:ss.SSSXXX'].flatMap(format => [0, -1, 1735603200000].flatMap(timestamp => s.onValue('TimestampRouter', { 'timestamp.format': format }, s.nothing, { timestamp, topic: 'a-b' }))),
      ...s.onValue('TimestampRouter', {}, s.nothing, { timestamp: null }),
      ...s.onValue('TimestampRouter', { 'topic.format': '' }, s.nothing),
      ...s.configsOnly('TimestampRouter', [{ 'timestamp.format': 'bad' }]),
    ],
  }
}

function cast(): s.Case[] {
  const types = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean', 'string']
  const names = ['id', 'tiny', 'short', 'int', 'float', 'double', 'flag', 'name', 'raw', 'dec', 'date', 'time', 'ts', 'list', 'sub', 'def', 'text', 'absent', 'big', 'price', 'whole', 'nothing']
  const fields = names.flatMap(name => types.flatMap(type => [...s.onValue('Cast$Value', { spec: `${name}:${type}` }, s.all), ...s.onValue('Cast$Value', { spec: `${name}:${type}` }, s.map)]))
  const wholes: s.Data[] = [
    ...['0', '-129', '3000000000', '9223372036854775807', '1'].map(l => ({ schema: 'int64', value: { l } })),
    ...['0.0', '-1.9', '1e30', '0.5', '300.7', '-2147483649.5', '1e20'].flatMap(d => [{ schema: 'float64', value: { d } }, { schema: null, value: { d } }]),
    { schema: 'float32', value: { f: '1.1' } }, { schema: 'float32', value: { f: '3e38' } },
    ...['5', ' 5', '+5', '-129', '1.5', '1e3', 'true', 'TRUE', 'x', '', '0x10', '99999999999', 'NaN', '1f'].flatMap(text => [{ schema: 'string', value: text }, { schema: null, value: text }]),
    { schema: 'boolean', value: true }, { schema: null, value: false }, { schema: 'bytes', value: { x: '00ff41' } }, { schema: null, value: { x: '' } },
    { schema: null, value: { l: '300' } }, { schema: null, value: { l: '9223372036854775807' } }, { schema: 'string?', value: null }, { schema: { t: 'int32', o: true, d: { i: '300' } }, value: { i: '5' } }, { schema: { t: 'int32', n: 'custom' }, value: { i: '5' } },
    { schema: s.TIMESTAMP, value: { ts: 1700000000123 } }, { schema: s.TIMESTAMP, value: { ts: 86400000 } }, { schema: s.TIMESTAMP, value: { ts: 5 } }, { schema: s.TIMESTAMP, value: { ts: -5 } }, { schema: s.DATE, value: { ts: 86400000 * 400 } }, { schema: s.TIME, value: { ts: 3723004 } }, { schema: s.DECIMAL, value: { dec: ['-150', 2] } },
    { schema: null, value: { ts: 5 } }, { schema: null, value: { dec: ['150', 2] } }, { schema: null, value: { a: [] } }, { schema: null, value: { m: [] } }, { schema: { t: 'array', e: 'string' }, value: { a: [] } },
  ]
  const logicalLeft: s.Data[] = [
    { schema: { ...s.TIMESTAMP, t: 'int16' }, value: { s: '5' } }, { schema: { ...s.DECIMAL, t: 'int32' }, value: { i: '5' } }, { schema: { ...s.DATE, o: true }, value: null },
    { schema: { ...s.DECIMAL, d: { dec: ['5', 2] } }, value: { dec: ['7', 2] } }, { schema: { ...s.DATE, d: { ts: 0 } }, value: { ts: 86400000 } },
    { schema: 'string', value: '\u0663' }, { schema: 'string', value: '-\u0967\u0968' }, { schema: null, value: '\u0663' },
  ]
  return [
    ...fields,
    ...types.flatMap(type => logicalLeft.flatMap(d => s.both('Cast', { spec: type }, d))),
    ...types.flatMap(type => wholes.flatMap(d => s.both('Cast', { spec: type }, d))),
    ...s.cross('Cast', [{ spec: 'id:string,name:boolean,def:int8,text:string' }, { spec: 'id:string,def:int8', ...N }, { spec: 'a:string,b:float32' }], data),
    ...s.configsOnly('Cast$Value', [{}, { spec: '' }, { spec: 'int8,a:int8' }, { spec: 'a:int8,b' }, { spec: 'a:b:c' }, { spec: 'bytes' }, { spec: 'a:bytes' }, { spec: 'a:map' }, { spec: 'a:nope' }, { spec: 'nope' }, { spec: 'INT8' }, { spec: 'a:' }, { spec: ':int8' }, { spec: ' a : int8 ' }, { spec: 'a:int8,a:int16' }, { spec: 'int8,int8' }, { spec: 'array' }, { spec: 'a:int8,,b:int8' }]),
  ]
}

function hashOrders(): string[][] {
  const random = prng(7)
  const letters = 'abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_.-é漢😀'
  const chars = [...letters]
  const orders: string[][] = [[], ['a'], ['id', 'name', 'ts'], ['Aa', 'BB', 'AaAa', 'BBBB', 'AaBB', 'BBAa'], ['customer_id', 'order_id', 'region']]
  for (let i = 0; i < 400; i++) {
    const names = new Set<string>()
    const count = 1 + Math.floor(random() * (i < 300 ? 14 : 90))
    while (names.size < count) {
      let name = ''
      const length = 1 + Math.floor(random() * 12)
      for (let c = 0; c < length; c++) name += chars[Math.floor(random() * chars.length)]
      names.add(name)
    }
    orders.push([...names])
  }
  return [...orders, colliding(8)]
}

/** Many names with one hash code: `Aa` and `BB` share theirs. */
function colliding(count: number): string[] {
  const names: string[] = []
  for (let i = 0; i < count; i++) names.push([...i.toString(2).padStart(7, '0')].map(bit => (bit === '0' ? 'Aa' : 'BB')).join(''))
  return names
}

const classes = ['InsertField', 'MaskField', 'ReplaceField', 'ExtractField', 'TimestampConverter', 'Cast', 'HoistField', 'Flatten', 'SetSchemaMetadata', 'HeaderFrom']
  .flatMap(name => [`${name}$Key`, `${name}$Value`])
  .concat(['ValueToKey', 'RegexRouter', 'Filter', 'InsertHeader', 'DropHeaders', 'TimestampRouter'])
  .concat(['predicates.TopicNameMatches', 'predicates.HasHeaderKey', 'predicates.RecordIsTombstone'])

const nameOfShape = new Map<unknown, string>(Object.entries(s.SHAPES).map(([name, shape]) => [shape, `@${name}`]))
const cases =
  JSON.stringify({
    transforms: {
      'insert-field': insertField(),
      'mask-field': maskField(),
      'replace-field': replaceField(),
      'value-to-key': valueToKey(),
      'extract-field': extractField(),
      'timestamp-converter': timestampConverter(),
      'regex-router': regexRouter(),
      ...others(),
      ...headerTransforms(),
      ...shapeTransforms(),
      cast: cast(),
    },
    dates: dateCases(),
    regexes: regexCases(),
    orders: hashOrders(),
    classes,
  }, (_key, value: unknown) => nameOfShape.get(value) ?? value)
process.stdout.write(`{"shapes":${JSON.stringify(s.SHAPES)},${cases.slice(1)}`)

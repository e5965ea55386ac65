// Schemas and values in the tagged form, shared by the cases of the golden files. Run by hand through cases.ts.

export type Tagged = unknown

export const DECIMAL = { t: 'bytes', n: 'org.apache.kafka.connect.data.Decimal', v: 1, p: { scale: '2' } }
export const DATE = { t: 'int32', n: 'org.apache.kafka.connect.data.Date', v: 1 }
export const TIME = { t: 'int32', n: 'org.apache.kafka.connect.data.Time', v: 1 }
export const TIMESTAMP = { t: 'int64', n: 'org.apache.kafka.connect.data.Timestamp', v: 1 }
export const opt = (schema: object): object => ({ ...schema, o: true })

export const ALL = {
  t: 'struct',
  n: 'com.example.All',
  v: 3,
  doc: 'one of each',
  p: { origin: 'test' },
  f: [
    ['id', 'int64'],
    ['tiny', 'int8?'],
    ['short', 'int16'],
    ['int', 'int32'],
    ['float', 'float32'],
    ['double', 'float64'],
    ['flag', 'boolean'],
    ['name', 'string?'],
    ['raw', 'bytes?'],
    ['dec', DECIMAL],
    ['date', DATE],
    ['time', TIME],
    ['ts', opt(TIMESTAMP)],
    ['list', { t: 'array', e: 'string' }],
    ['map', { t: 'map', o: true, k: 'string', e: 'int32' }],
    ['sub', { t: 'struct', o: true, f: [['x', 'int32?'], ['y', 'string']] }],
    ['def', { t: 'int32', o: true, d: { i: '42' } }],
    ['text', { t: 'string', o: true, d: 'fallback' }],
  ],
}
export const ALL_VALUE = {
  st: [
    { l: '9007199254740993' },
    { b: '-7' },
    { s: '300' },
    { i: '-70000' },
    { f: '1.5' },
    { d: '-0.1' },
    true,
    'Ana',
    { x: '00ff' },
    { dec: ['12345', 2] },
    { ts: 86400000 * 18000 },
    { ts: 3723004 },
    { ts: 1700000000123 },
    { a: ['p', 'q'] },
    { m: [['k', { i: '5' }]] },
    { st: [{ i: '1' }, 'why'] },
    null,
    null,
  ],
}
export const ALL_NULLS = {
  st: [{ l: '1' }, null, { s: '0' }, { i: '0' }, { f: '0' }, { d: '0' }, false, null, null, { dec: ['0', 2] }, { ts: 0 }, { ts: 0 }, null, { a: [] }, null, null, null, 'set'],
}

/** a schemaless object with one of each that JSON can make */
export const MAP_VALUE = {
  m: [
    ['id', { l: '12' }],
    ['big', { l: '9007199254740993' }],
    ['price', { d: '2.5' }],
    ['whole', { d: '3.0' }],
    ['flag', true],
    ['name', 'Ana'],
    ['nothing', null],
    ['list', { a: [{ l: '1' }, 'two'] }],
    ['sub', { m: [['x', { l: '1' }], ['y.z', { m: [['deep', 'down']] }]] }],
  ],
}

const ODD_NAMES = ['a', 'a.b', '`a', 'a`b', 'c`d', '', 'b', 'c', 'a`', '`', '`a`', 'b`c', 'a`.b', '\\`a', 'a\\`b']
const oddlyNamed = (leaf: (name: string) => unknown): Tagged => ({ m: ODD_NAMES.map(name => [name, leaf(name)]) })

/** names with dots and back-ticks, two levels deep */
export const PATHS = oddlyNamed(outer => oddlyNamed(inner => `${outer} / ${inner}`))

/** Large schemas and values are written once and stand in the cases by name. */
export const SHAPES: Readonly<Record<string, Tagged>> = { ALL, ALL_VALUE, ALL_NULLS, MAP_VALUE, PATHS }

export interface RecordSpec {
  topic?: string
  partition?: number | null
  offset?: number
  timestamp?: number | null
  source?: true
  keySchema?: Tagged
  key?: Tagged
  valueSchema?: Tagged
  value?: Tagged
  headers?: [string, Tagged, Tagged][]
}

export interface Data {
  schema: Tagged
  value: Tagged
}

export const all: Data = { schema: ALL, value: ALL_VALUE }
export const nulls: Data = { schema: ALL, value: ALL_NULLS }
export const map: Data = { schema: null, value: MAP_VALUE }
export const nothing: Data = { schema: null, value: null }
export const text: Data = { schema: null, value: 'plain' }
export const stringWithSchema: Data = { schema: 'string', value: 'plain' }
export const listValue: Data = { schema: null, value: { a: ['x'] } }
export const nullStruct: Data = { schema: opt(ALL), value: null }

/** a struct whose required field has a default and no value, and one whose required field is unset */
export const REQUIRED_DEFAULT = { t: 'struct', f: [['a', { t: 'string', d: 'dflt' }], ['b', 'int64?']] }
export const requiredDefault: Data = { schema: REQUIRED_DEFAULT, value: { st: [null, { l: '5' }] } }
export const requiredUnset: Data = { schema: { t: 'struct', f: [['a', 'string'], ['b', 'int64?']] }, value: { st: [null, { l: '5' }] } }

export function record(spec: RecordSpec): RecordSpec {
  return {
    topic: 'flights',
    partition: 3,
    offset: 4711,
    timestamp: 1700000000123,
    keySchema: 'string',
    key: 'k1',
    valueSchema: null,
    value: null,
    ...spec,
  }
}

export interface Case {
  class: string
  config: Record<string, string>
  record?: RecordSpec
}

/** The same data once as the value, once as the key. */
export function both(name: string, config: Record<string, string>, data: Data, spec: RecordSpec = {}): Case[] {
  return [
    { class: `${name}$Value`, config, record: record({ valueSchema: data.schema, value: data.value, ...spec }) },
    {
      class: `${name}$Key`,
      config,
      record: record({ keySchema: data.schema, key: data.value, valueSchema: 'string', value: 'v1', ...spec }),
    },
  ]
}

export const onValue = (name: string, config: Record<string, string>, data: Data, spec: RecordSpec = {}): Case[] => [
  { class: name, config, record: record({ valueSchema: data.schema, value: data.value, ...spec }) },
]

/** Each config against each data. */
export function cross(name: string, configs: Record<string, string>[], data: Data[], spec: RecordSpec = {}): Case[] {
  return configs.flatMap(config => data.flatMap(d => both(name, config, d, spec)))
}

/** Configurations that are looked at without a record. */
export const configsOnly = (name: string, configs: Record<string, string>[]): Case[] => configs.map(config => ({ class: name, config }))

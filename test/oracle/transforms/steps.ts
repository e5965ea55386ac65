// Random configurations of every transform and predicate, written for the record that is to pass through: mostly names that are there,
// sometimes ones that are not. Main thread of `npm run test:oracle`.
import type { ConnectRecord } from '../../../src/data/record.ts'
import type { Schema } from '../../../src/data/schema.ts'
import { Struct } from '../../../src/data/struct.ts'
import type { Random } from '../random.ts'
import { fieldName, text } from './data.ts'
import { DATE_PATTERNS, TOPIC_PATTERNS, TOPIC_REPLACEMENTS } from './patterns.ts'

export interface PluginSpec {
  /** without package */
  readonly class: string
  readonly config: Readonly<Record<string, string>>
}

type Config = Record<string, string>

export const HEADER_NAMES = ['one', 'two', 'trace', 'h', 'é', '']
const CAST_TYPES = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean', 'string', 'INT32']

/** What a transform works on. */
interface Operand {
  readonly schema: Schema | null
  readonly value: unknown
  readonly names: readonly string[]
}

export function operandOf(record: ConnectRecord, onKey: boolean): Operand {
  const value = onKey ? record.key : record.value
  const schema = onKey ? record.keySchema : record.valueSchema
  if (value instanceof Struct) return { schema, value, names: value.schema.fields.map(field => field.name) }
  const isObject =
    schema === null && typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  return { schema, value, names: isObject ? Object.keys(value) : [] }
}

/** A name that can stand in a list of a config. */
const listable = (name: string): boolean => name !== '' && name.trim() === name && !name.includes(',')

function field(random: Random, { names }: Operand): string {
  return names.length > 0 && random.chance(0.92) ? random.pick(names) : fieldName(random)
}

function fields(random: Random, { names }: Operand, most: number): string[] {
  const chosen = random.some(names.filter(listable), random.between(1, most))
  if (chosen.length === 0 || random.chance(0.08)) chosen.push(fieldName(random))
  return [...new Set(chosen)]
}

/** Sets keys that are not always given. */
function maybe(random: Random, config: Config, share: number, key: string, value: () => string): void {
  if (random.chance(share)) config[key] = value()
}

function withNulls(random: Random, config: Config): Config {
  maybe(random, config, 0.4, 'replace.null.with.default', () => (random.chance(0.7) ? 'false' : 'true'))
  return config
}

function path(random: Random, operand: Operand): string {
  const steps: string[] = [field(random, operand)]
  let value: unknown = operand.value
  for (let depth = 0; depth < 2 && random.chance(0.7); depth++) {
    const step = steps[steps.length - 1] ?? ''
    value = value instanceof Struct ? (value.schema.indexOf(step) < 0 ? null : value.get(step)) : (value as Config | null)?.[step]
    const names = value instanceof Struct ? value.schema.fields.map(f => f.name) : Object.keys(Object(value))
    if (names.length === 0) break
    steps.push(random.pick(names))
  }
  return steps.map(step => (step.includes('.') || random.chance(0.1) ? `\`${step}\`` : step)).join('.')
}

type Make = (random: Random, operand: Operand) => Config

const insertField: Make = (random, _operand) => {
  const config: Config = {}
  const name = (): string => `${fieldName(random)}${random.chance(0.7) ? '2' : ''}${random.pick(['', '', '!', '?'])}`
  for (const source of random.some(['topic', 'partition', 'offset', 'timestamp', 'static'], random.between(1, 3))) {
    config[`${source}.field`] = name()
    if (source === 'static') config['static.value'] = text(random)
  }
  return withNulls(random, config)
}

const maskField: Make = (random, operand) => {
  const config: Config = { fields: fields(random, operand, 3).join(',') }
  maybe(random, config, 0.35, 'replacement', () =>
    random.pick(['7', '300', '-1.9', '1e3', 'x', '00', '0.5', '-0.0', '99999999999', '+5']),
  )
  return withNulls(random, config)
}

const replaceField: Make = (random, operand) => {
  const config: Config = {}
  maybe(random, config, 0.4, 'exclude', () => fields(random, operand, 3).join(','))
  maybe(random, config, 0.3, 'include', () => fields(random, operand, 6).join(','))
  maybe(random, config, 0.6, 'renames', () =>
    fields(random, operand, 3)
      .map((name, i) => `${name}:${random.chance(0.85) ? `new${i}` : fieldName(random)}`)
      .join(','),
  )
  return withNulls(random, config)
}

const cast: Make = (random, operand) => {
  const whole = operand.names.length === 0 ? 0.9 : 0.03
  const spec = random.chance(whole)
    ? random.pick(CAST_TYPES)
    : fields(random, operand, 4)
        .map(name => `${name}:${random.pick(CAST_TYPES)}`)
        .join(',')
  return withNulls(random, { spec })
}

const extractField: Make = (random, operand) => {
  const isPath = random.chance(0.5)
  const config: Config = { field: isPath ? path(random, operand) : field(random, operand) }
  if (isPath) config['field.syntax.version'] = random.pick(['V2', 'v2'])
  return withNulls(random, config)
}

const timestampConverter: Make = (random, operand) => {
  const config: Config = { 'target.type': random.pick(['string', 'unix', 'Date', 'Time', 'Timestamp']) }
  if (operand.names.length > 0 && random.chance(0.97)) config.field = field(random, operand)
  maybe(random, config, config['target.type'] === 'string' ? 0.97 : 0.5, 'format', () => random.pick(DATE_PATTERNS))
  maybe(random, config, 0.4, 'unix.precision', () => random.pick(['seconds', 'milliseconds', 'microseconds', 'nanoseconds']))
  return withNulls(random, config)
}

const headerFrom: Make = (random, operand) => {
  const chosen = fields(random, operand, 3)
  const headers = chosen.map(() => random.pick(HEADER_NAMES.filter(listable)))
  return withNulls(random, { fields: chosen.join(','), headers: headers.join(','), operation: random.pick(['copy', 'move']) })
}

const setSchemaMetadata: Make = (random, _operand) => {
  const config: Config = { 'schema.name': 'com.example.New' }
  maybe(random, config, 0.5, 'schema.version', () => String(random.between(-1, 9)))
  if (config['schema.version'] !== undefined && random.chance(0.3)) delete config['schema.name']
  return withNulls(random, config)
}

const flatten: Make = random => {
  const config: Config = {}
  maybe(random, config, 0.5, 'delimiter', () => random.pick(['_', '', '/', '.']))
  return config
}

/** Those that exist for the key and for the value. */
const KEY_AND_VALUE: Readonly<Record<string, Make>> = {
  InsertField: insertField,
  MaskField: maskField,
  ReplaceField: replaceField,
  Cast: cast,
  ExtractField: extractField,
  TimestampConverter: timestampConverter,
  HeaderFrom: headerFrom,
  SetSchemaMetadata: setSchemaMetadata,
  Flatten: flatten,
  HoistField: random => ({ field: fieldName(random) }),
}

/** Those that look at the whole record; ValueToKey's operand is the value. */
const WHOLE: Readonly<Record<string, Make>> = {
  ValueToKey: (random, operand) => withNulls(random, { fields: fields(random, operand, 3).join(',') }),
  RegexRouter: random => ({ regex: random.pick(TOPIC_PATTERNS), replacement: random.pick(TOPIC_REPLACEMENTS) }),
  TimestampRouter: random => {
    const config: Config = {}
    const [topic, timestamp] = [['$', '{topic}'].join(''), ['$', '{timestamp}'].join('')]
    maybe(random, config, 0.5, 'topic.format', () =>
      random.pick([`${timestamp}.${topic}`, topic, 'fixed', `${topic}$1\\${topic}`]),
    )
    maybe(random, config, 0.6, 'timestamp.format', () => random.pick(DATE_PATTERNS))
    return config
  },
  Filter: () => ({}),
  InsertHeader: random => ({ header: random.pick(HEADER_NAMES), 'value.literal': text(random) }),
  DropHeaders: random => ({
    headers: random.some(HEADER_NAMES.filter(listable), random.between(1, 2)).join(','),
  }),
}

const PREDICATES: Readonly<Record<string, (random: Random) => Config>> = {
  TopicNameMatches: random => ({ pattern: random.pick(TOPIC_PATTERNS) }),
  HasHeaderKey: random => ({ name: random.pick(HEADER_NAMES.filter(name => name !== '')) }),
  RecordIsTombstone: () => ({}),
}

export const TRANSFORM_CLASSES: readonly string[] = [
  ...Object.keys(KEY_AND_VALUE).flatMap(name => [`${name}$Key`, `${name}$Value`]),
  ...Object.keys(WHOLE),
]
export const PREDICATE_CLASSES: readonly string[] = Object.keys(PREDICATES).map(name => `predicates.${name}`)

export function anyTransform(random: Random, record: ConnectRecord): PluginSpec {
  const name = random.pick(TRANSFORM_CLASSES)
  const [simple = '', part] = name.split('$')
  const make = (part === undefined ? WHOLE : KEY_AND_VALUE)[simple] as Make
  return { class: name, config: make(random, operandOf(record, part === 'Key')) }
}

export function anyPredicate(random: Random): PluginSpec {
  const name = random.pick(PREDICATE_CLASSES)
  const make = PREDICATES[name.replace('predicates.', '')] as (random: Random) => Config
  return { class: name, config: make(random) }
}

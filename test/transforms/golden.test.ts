// Every case of test/golden/transforms against what the Java classes of Kafka 4.3.0 made of it: result, untouched input, or the kind
// and words of the failure and whether it comes at configure or with the record.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import type { Plugin } from '../../src/api/plugin.ts'
import { builtIns } from '../../src/plugins/catalogue-generated.ts'
import { plugins as cast } from '../../src/transforms/cast.ts'
import { plugins as dropHeaders } from '../../src/transforms/drop-headers.ts'
import { plugins as extractField } from '../../src/transforms/extract-field.ts'
import { plugins as filter } from '../../src/transforms/filter.ts'
import { plugins as flatten } from '../../src/transforms/flatten.ts'
import { plugins as headerFrom } from '../../src/transforms/header-from.ts'
import { plugins as hoistField } from '../../src/transforms/hoist-field.ts'
import { plugins as insertField } from '../../src/transforms/insert-field.ts'
import { plugins as insertHeader } from '../../src/transforms/insert-header.ts'
import { plugins as maskField } from '../../src/transforms/mask-field.ts'
import { plugins as regexRouter } from '../../src/transforms/regex-router.ts'
import { plugins as replaceField } from '../../src/transforms/replace-field.ts'
import { plugins as setSchemaMetadata } from '../../src/transforms/set-schema-metadata.ts'
import { plugins as timestampConverter } from '../../src/transforms/timestamp-converter.ts'
import { plugins as timestampRouter } from '../../src/transforms/timestamp-router.ts'
import { plugins as valueToKey } from '../../src/transforms/value-to-key.ts'
import { checkCase, type GoldenCase, type GoldenError, goldenCases } from '../support/golden-transforms.ts'

/** Where our message is not Java's: Java prints object identities, its class for a map, or a stack of exceptions. */
function says(file: string, { message }: GoldenError): string | RegExp {
  if (message.includes('InsertionSpec@'))
    return /^Invalid value null for configuration static.value: No value specified for static field/
  if (message.includes('Invalid type found in casting spec')) return /Invalid type found in casting spec/
  if (message.includes('Invalid rename mapping: a:b:c') && message.includes('for configuration renames') && file === 'cast')
    return /Invalid cast: a:b:c/
  if (message.startsWith('Illegal pattern character')) return /Illegal pattern character/
  if (message.includes('java.lang.IllegalArgumentException')) return /requires a SimpleDateFormat-compatible pattern/
  if (message.includes('"config.format" is null')) return /`format` is not set/
  if (message.includes('Schema.field(String)" is null')) return /^Field does not exist: /
  if (message.includes('Timestamp missing on record')) return /^Timestamp missing on record: /
  if (message.includes('Invalid regex')) return /Invalid regex: Unclosed group/
  if (message.includes('cannot be cast to class java.util.Date'))
    return /^Cast transformation expects a java.util.Date for a schema named/
  // Java's class of a map, and an int32 that is met where a struct should be.
  return message
    .replace('java.util.LinkedHashMap', 'java.util.HashMap')
    .replace('found: java.lang.Integer', 'found: java.lang.Long')
    .replace(/class java.lang.(Byte|Short) for field/, 'class java.lang.Long for field')
}

const FACTOR: Readonly<Record<string, number>> = { seconds: 1000, microseconds: 1e-3, nanoseconds: 1e-6 }

/** Java's dates reach further than those of JS: such a timestamp is bad data here. */
function isBeyondDates({ class: given, config, record }: GoldenCase): boolean {
  const worked = (given.endsWith('$Key') ? record?.key : record?.value) as { l?: string } | string | null | undefined
  // Its id is a number of milliseconds beyond them.
  if (worked === '@ALL_VALUE' && config.field === 'id') return true
  const value = typeof worked === 'string' ? null : worked
  return Math.abs(Number(value?.l ?? 0)) * (FACTOR[config['unix.precision'] ?? ''] ?? 1) > 8.64e15
}

/** Where we refuse what Java takes, or refuse it earlier. */
function earlier(file: string, given: GoldenCase): { error?: GoldenError } {
  if (file === 'timestamp-converter' && isBeyondDates(given)) {
    return { error: { at: 'apply', type: 'DataException', message: 'beyond' } }
  }
  // Java makes its date format with the first record only.
  if (given.config['timestamp.format'] === 'bad') {
    return { error: { at: 'configure', type: 'ConfigException', message: 'Illegal pattern character' } }
  }
  return {}
}

function hold(file: string, plugins: readonly Plugin[]): void {
  const failures: string[] = []
  const cases = goldenCases(file)
  assert.ok(cases.length > 0)
  for (const given of cases) {
    const expected: GoldenCase = { ...given, ...earlier(file, given) }
    try {
      checkCase(plugins, expected, error => (error.message === 'beyond' ? /beyond the range of dates/ : says(file, error)))
    } catch (error) {
      failures.push(
        `${given.class} ${JSON.stringify(given.config)} ${JSON.stringify(given.record?.value)}\n${(error as Error).message}`,
      )
    }
  }
  assert.equal(failures.length, 0, `${failures.length} of ${cases.length} differ from Java:\n${failures.slice(0, 10).join('\n')}`)
}

test('InsertField adds what Java adds, required, optional and absent parts included', () => hold('insert-field', insertField))
test('MaskField masks every type as Java does and refuses the same replacements', () => hold('mask-field', maskField))
test('ReplaceField keeps, drops and renames as Java does, clashing names included', () => hold('replace-field', replaceField))
test('ValueToKey makes the same key, defaults and missing fields included', () => hold('value-to-key', valueToKey))
test('ExtractField finds the same field by name and by path', () => hold('extract-field', extractField))
test('TimestampConverter turns every form into every other as Java does', () => hold('timestamp-converter', timestampConverter))
test('RegexRouter routes as Java does', () => hold('regex-router', regexRouter))
test('Filter drops everything', () => hold('filter', filter))
test('DropHeaders drops every header of a name', () => hold('drop-headers', dropHeaders))
test('InsertHeader guesses the type of its literal as Java does', () => hold('insert-header', insertHeader))
test('HeaderFrom copies and moves as Java does, absent and null fields included', () => hold('header-from', headerFrom))
test('HoistField wraps everything, nulls included', () => hold('hoist-field', hoistField))
test('Flatten joins names and hands down optional and defaults as Java does', () => hold('flatten', flatten))
test('SetSchemaMetadata renames what Java renames', () => hold('set-schema-metadata', setSchemaMetadata))
test('TimestampRouter routes by UTC date and takes its placeholders literally', () => hold('timestamp-router', timestampRouter))
test('Cast narrows, parses and refuses as Java does', () => hold('cast', cast))

/** Issue 4: so many recorded cases for each class, with a record each. */
const CASES_MIN = 20

test('every transform and predicate has at least 20 recorded cases, for the key and for the value', async () => {
  const counts = new Map<string, number>()
  const folder = new URL('../golden/transforms/', import.meta.url)
  for (const file of readdirSync(folder).filter(name => name.endsWith('.json') && !/^(java-|config-)/.test(name))) {
    for (const { class: name, record } of goldenCases(file.replace('.json', ''))) {
      if (record !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
  }
  const classes = builtIns
    .filter(({ kind }) => kind === 'transformation' || kind === 'predicate')
    .map(({ className }) => className.replace('org.apache.kafka.connect.transforms.', ''))
  assert.ok(classes.length >= 29, `${classes.length} classes`)
  assert.deepEqual(
    classes.filter(name => (counts.get(name) ?? 0) < CASES_MIN).map(name => `${name}: ${counts.get(name) ?? 0}`),
    [],
  )
})

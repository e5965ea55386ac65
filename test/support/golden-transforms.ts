// Runs the recorded cases of test/golden/transforms and holds our transforms and predicates equal to Java's. Tests only.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Plugin } from '../../src/api/plugin.ts'
import { ConfigError, ConnectError, DataError, SchemaError } from '../../src/base/errors.ts'
import type { ConnectRecord } from '../../src/data/record.ts'
import { schemaEquals, valueEquals } from '../../src/data/schema-equality.ts'
import { headersFrom, recordFrom, schemaFrom, type TaggedRecord, valueFrom } from './tagged-values.ts'

export interface GoldenError {
  readonly at: 'configure' | 'apply'
  readonly type: string
  readonly message: string
}

export interface GoldenCase {
  readonly class: string
  readonly config: Record<string, string>
  readonly record?: TaggedRecord
  readonly configured?: true
  readonly dropped?: true
  readonly test?: boolean
  readonly changed?: Partial<Record<keyof TaggedRecord, unknown>>
  readonly error?: GoldenError
}

export function goldenCases(file: string): GoldenCase[] {
  return JSON.parse(readFileSync(new URL(`../golden/transforms/${file}.json`, import.meta.url), 'utf8')) as GoldenCase[]
}

/** Java's exception, as the class of ours that means the same. */
const KINDS: Readonly<Record<string, (error: unknown) => boolean>> = {
  ConfigException: error => error instanceof ConfigError,
  SchemaBuilderException: error => error instanceof SchemaError,
  DataException: error => error instanceof DataError,
  ConnectException: error => error instanceof ConnectError,
  IllegalArgumentException: error =>
    error instanceof ConfigError || (error instanceof ConnectError && error.code === 'CONNECT_ILLEGAL_ARGUMENT'),
  IndexOutOfBoundsException: error => error instanceof ConnectError && error.code === 'CONNECT_ILLEGAL_ARGUMENT',
  ClassCastException: error => error instanceof DataError,
  NullPointerException: error => error instanceof DataError,
}

/** Whether our error is of the kind that Java's exception is. */
export const meansJavas = (type: string, error: unknown): boolean => KINDS[type]?.(error) ?? false

/**
 * @param says our message for Java's, where they differ on purpose
 */
export function checkCase(plugins: readonly Plugin[], given: GoldenCase, says: (java: GoldenError) => string | RegExp): void {
  const plugin = plugins.find(p => p.className === `org.apache.kafka.connect.transforms.${given.class}`)
  assert.ok(plugin !== undefined, `no class ${given.class}`)
  let stage: GoldenError['at'] = 'configure'
  let found: unknown
  try {
    plugin.config.parse(given.config)
    if (plugin.kind !== 'transformation' && plugin.kind !== 'predicate') throw new Error('neither transform nor predicate')
    const made = plugin.create()
    made.configure(given.config)
    stage = 'apply'
    if (given.record === undefined) return assert.ok(given.configured, 'Java refused this configuration')
    const record = recordFrom(given.record)
    found = 'apply' in made ? made.apply(record) : made.test(record)
    assertUntouched(record, given.record)
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error
    if (given.error === undefined) throw error
    assert.equal(stage, given.error.at, `the error came at ${stage}: ${(error as Error).message}`)
    assert.ok(
      meansJavas(given.error.type, error),
      `${given.error.type} is not ${(error as Error).name}: ${(error as Error).message}`,
    )
    const expected = says(given.error)
    // We list every bad key of a configuration, Java names the first.
    const message = stage === 'configure' ? (error as Error).message.split('\n')[0] : (error as Error).message
    if (typeof expected === 'string') assert.equal(message, expected)
    else assert.match((error as Error).message, expected)
    return
  }
  assert.equal(given.error, undefined, 'Java fails here')
  if (given.test !== undefined) assert.equal(found, given.test)
  else if (given.dropped) assert.equal(found, null)
  else assertRecord(found as ConnectRecord, { ...(given.record as TaggedRecord), ...given.changed } as TaggedRecord)
}

/** A transform must leave the record it was given as it was: another reference to it may exist. */
function assertUntouched(record: ConnectRecord, given: TaggedRecord): void {
  assertRecord(record, given)
}

function assertRecord(found: ConnectRecord, expected: TaggedRecord): void {
  assert.equal(found.topic, expected.topic)
  assert.equal(found.kafkaPartition, expected.partition)
  assert.equal(found.timestamp, expected.timestamp)
  for (const part of ['key', 'value'] as const) {
    const schema = schemaFrom(expected[`${part}Schema`])
    const foundSchema = part === 'key' ? found.keySchema : found.valueSchema
    if (!schemaEquals(foundSchema, schema)) assert.deepEqual(foundSchema, schema, `schema of the ${part}`)
    const value = valueFrom(schema, expected[part])
    const foundValue = part === 'key' ? found.key : found.value
    if (!valueEquals(foundValue, value)) {
      assert.deepEqual(foundValue, value, `the ${part}`)
      assert.fail(`the ${part} differs`)
    }
  }
  const headers = headersFrom(expected.headers ?? [])
  assert.ok(
    headers.size === found.headers.size &&
      headers.entries.every((h, i) => {
        const f = found.headers.entries[i]
        return f !== undefined && h.key === f.key && schemaEquals(h.schema, f.schema) && valueEquals(h.value, f.value)
      }),
    'headers differ',
  )
}

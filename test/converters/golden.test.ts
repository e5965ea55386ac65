// Every recorded case of Java's converters through ours: same bytes, same schema and value, an error where Java has one.
// Where we differ on purpose, the case is listed with its reason.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Converter, HeaderConverter } from '../../src/api/converter.ts'
import { ConnectError } from '../../src/base/errors.ts'
import { BooleanConverter } from '../../src/converters/boolean-converter.ts'
import { ByteArrayConverter } from '../../src/converters/byte-array-converter.ts'
import { JsonConverter } from '../../src/converters/json/json-converter.ts'
import { type NumberConverter, plugins as numberPlugins } from '../../src/converters/number-converters.ts'
import { SimpleHeaderConverter } from '../../src/converters/simple-header.ts'
import { StringConverter } from '../../src/converters/string-converter.ts'
import { NO_HEADERS } from '../../src/data/headers.ts'
import { javaString } from '../../src/data/java-string.ts'
import type { SchemaAndValue } from '../../src/data/schema.ts'
import { schemaEquals, valueEquals } from '../../src/data/schema-equality.ts'
import { validateValue } from '../../src/data/validate-value.ts'
import { dataOf, type GoldenCase, golden, isError, schemaOf, taggedValue } from '../golden/converters/tagged.ts'
import { reasonToDiffer } from './differences.ts'

/** Number converters by the first part of their kind. */
const NUMBERS = Object.fromEntries(
  numberPlugins.flatMap(plugin =>
    plugin.kind === 'converter' ? [[(plugin.aliases?.[1] ?? '').toLowerCase(), plugin.create as () => NumberConverter]] : [],
  ),
)

const CONVERTERS: Record<string, () => Converter & HeaderConverter> = {
  ...NUMBERS,
  boolean: () => new BooleanConverter(),
  json: () => new JsonConverter(),
  string: () => new StringConverter(),
  bytes: () => new ByteArrayConverter(),
}

const bytesIn = (c: GoldenCase): Buffer | null => (typeof c.in === 'string' ? Buffer.from(c.in, 'base64') : null)
const bytesOut = (bytes: Buffer | null): string | null => (bytes === null ? null : bytes.toString('base64'))

/** What ours does with the case, in the form of `out`, or data for a read. */
function run(c: GoldenCase): SchemaAndValue | string | null {
  const [what, how] = c.kind.split('.')
  const schema = schemaOf(c.schema)
  const value = taggedValue(c.value, schema)
  if (c.kind === 'toString') return javaString(value, schema)
  if (c.kind === 'validate') {
    validateValue(schema as never, value, 'f')
    return 'ok'
  }
  if (what === 'header' || c.role === 'header') {
    const converter = what === 'header' ? new SimpleHeaderConverter() : (CONVERTERS[what ?? ''] as () => HeaderConverter)()
    converter.configure(c.config ?? {})
    if (how === 'read') return converter.toConnectHeader('t', 'h', bytesIn(c))
    return bytesOut(converter.fromConnectHeader('t', 'h', schema, value))
  }
  const converter = (CONVERTERS[what ?? ''] as () => Converter)()
  converter.configure(c.config ?? {}, false)
  if (how === 'write') return bytesOut(converter.fromConnectData('t', schema, value, NO_HEADERS))
  return converter.toConnectData('t', bytesIn(c), NO_HEADERS)
}

/** So many cases there are at least; a recording that lost some must not pass. */
const CASES_MIN: Record<string, number> = {
  'json.read': 2000,
  'json.write': 420,
  'header.read': 700,
  'header.write': 190,
  'string.read': 160,
  'string.write': 320,
  'bytes.read': 8,
  'bytes.write': 14,
  ...Object.fromEntries(
    ['short', 'integer', 'long', 'float', 'double', 'boolean'].flatMap(n => [
      [`${n}.read`, 30],
      [`${n}.write`, 24],
    ]),
  ),
  validate: 130,
  toString: 590,
}
/** Differences are few, so that a wide rule in differences.ts cannot hide new ones. */
const DIFFERING_MAX = 60

function difference(c: GoldenCase): string | null {
  let ours: SchemaAndValue | string | null
  try {
    ours = run(c)
  } catch (error) {
    if (!(error instanceof ConnectError)) return `not a ConnectError: ${error instanceof Error ? error.stack : error}`
    return isError(c.out) ? null : `ours fails: ${error.message}`
  }
  const shown = JSON.stringify(ours, (_key, v) => (typeof v === 'bigint' ? `${v}n` : v))?.slice(0, 400)
  if (isError(c.out)) return `Java fails: ${c.out.message}; ours: ${shown}`
  if (typeof c.out === 'object' && c.out !== null && 'deep' in c.out) return null
  if (typeof ours === 'string' || ours === null) {
    if (ours === c.out) return null
    const text = (s: unknown) => (c.kind.endsWith('.write') && typeof s === 'string' ? Buffer.from(s, 'base64').toString() : s)
    return `Java: ${text(c.out)}; ours: ${text(ours)}`
  }
  const java = dataOf(c.out)
  if (!schemaEquals(java.schema, ours.schema)) return `schema: ours ${shown}`
  return valueEquals(java.value, ours.value) ? null : `value: ours ${shown}`
}

describe('Java’s converters, recorded', () => {
  const kinds = [...new Set(golden.map(c => c.kind))]
  for (const kind of kinds) {
    it(`${kind}: same bytes, same data, an error where Java has one`, () => {
      const cases = golden.filter(c => c.kind === kind)
      const wrong = cases.flatMap(c => {
        const found = difference(c)
        if ((found === null) === (reasonToDiffer(c) === null)) return []
        const input = typeof c.in === 'string' ? `${JSON.stringify(Buffer.from(c.in, 'base64').toString().slice(0, 200))} ` : ''
        const { out, in: _in, ...rest } = c
        return [
          `${input}${JSON.stringify(rest).slice(0, 300)} out ${JSON.stringify(out).slice(0, 300)} -> ${found ?? 'equal, though listed as a difference'}`,
        ]
      })
      assert.equal(
        wrong.length,
        0,
        `${wrong.length} of ${cases.length} differ:\n${wrong.slice(0, Number(process.env.SHOW ?? 20)).join('\n')}`,
      )
    })
  }

  it('are not fewer than they were', () => {
    for (const [kind, min] of Object.entries(CASES_MIN)) {
      const count = golden.filter(c => c.kind === kind).length
      assert.ok(count >= min, `${kind}: ${count} of ${min}`)
    }
    const differing = golden.filter(c => reasonToDiffer(c) !== null && c.kind !== 'toString').length
    assert.ok(differing <= DIFFERING_MAX, `${differing} cases listed as differing`)
  })
})

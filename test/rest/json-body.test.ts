// How request bodies become JSON: what is refused before it is parsed, how often JSON.parse runs over it and with what, and the texts of numbers.
// The work is counted, not timed: the reviver of JSON.parse costs some 2 µs a value, so it may see few of them.
import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { MIB } from '../../src/base/units.ts'
import { CONFIG_KEYS_MAX, configBody, configOf } from '../../src/rest/body.ts'
import { DEPTH_MAX, parseBody, VALUES_MAX } from '../../src/rest/json-body.ts'

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown

/** Calls of JSON.parse while it reads the text, and values that its reviver saw. */
function work(t: TestContext, text: string): { parses: number; revived: number; error: unknown } {
  const counts = { parses: 0, revived: 0, error: null as unknown }
  const parse = JSON.parse as (json: string, reviver?: Reviver) => unknown
  const counting = t.mock.method(JSON, 'parse', (json: string, reviver?: Reviver) => {
    counts.parses++
    if (reviver === undefined) return parse(json)
    return parse(json, (key, value, context) => {
      counts.revived++
      return reviver(key, value, context)
    })
  })
  try {
    parseBody(Buffer.from(text))
  } catch (error) {
    counts.error = error
  } finally {
    counting.mock.restore()
  }
  return counts
}

const many = (length: number, item: (i: number) => string) => Array.from({ length }, (_, i) => item(i)).join(',')

describe('a body that holds more values than a worker takes', () => {
  const bodies: Record<string, string> = {
    'a list of numbers': `[${'1,'.repeat(MIB - 1)}1]`,
    'a list of fractions': `[${many(VALUES_MAX, () => '1.5')}]`,
    'empty objects': `[${many(500_000, () => '{}')}]`,
    'keys of a config': `{${many(100_000, i => `"k${i}":"v"`)}}`,
    'lists of lists': `[${many(VALUES_MAX, () => '[[[]]]')}]`,
    'no JSON at all': ','.repeat(2 * MIB),
  }
  for (const [what, text] of Object.entries(bodies)) {
    it(`${what}: 413, and nothing is parsed`, t => {
      const { parses, error } = work(t, text)
      assert.equal(parses, 0)
      assert.equal((error as { status: number }).status, 413)
      assert.match((error as Error).message, /more than 10000 values/)
    })
  }

  it('as many as are taken are taken', () => {
    assert.equal((parseBody(Buffer.from(`[${many(VALUES_MAX - 1, () => '1')}]`)) as unknown[]).length, VALUES_MAX - 1)
    assert.equal((parseBody(Buffer.from(`[${many(VALUES_MAX - 1, () => '1.5')}]`)) as unknown[]).length, VALUES_MAX - 1)
  })

  it('commas and brackets in texts are no values', t => {
    const { error, parses } = work(t, `{"a":"${',[{"'.replace('"', '\\"').repeat(100_000)}","b":"\\\\"}`)
    assert.deepEqual([error, parses], [null, 1])
  })
})

describe('JSON.parse', () => {
  it('runs once, without a look at each value, where no number needs its text', t => {
    const counted = work(t, `{${many(5_000, i => `"k${i}":${i % 2 === 0 ? `"1.5e3 -0 ${i}"` : i}`)},"t":true,"e":null,"n":-12}`)
    assert.deepEqual(counted, { parses: 1, revived: 0, error: null })
  })

  it('looks at each value where one does, which are few', t => {
    const { parses, revived } = work(t, `{${many(VALUES_MAX - 1, i => `"k${i}":${i}.50`)}}`)
    assert.equal(parses, 1)
    assert.ok(revived <= VALUES_MAX, `${revived}`)
  })

  it('is not asked about nesting that is deeper than Jackson takes', t => {
    const nested = (depth: number) => `${'{"a":'.repeat(depth)}1.5${'}'.repeat(depth)}`
    const { parses, error } = work(t, nested(DEPTH_MAX + 1))
    assert.equal(parses, 0)
    assert.match((error as Error).message, /nested deeper than 1000 levels/)
    assert.equal(work(t, nested(DEPTH_MAX)).error, null)
  })
})

describe('a config', () => {
  const config = (keys: number) => parseBody(Buffer.from(`{${many(keys, i => `"k${i}":"v"`)}}`))

  it('of more keys than are taken is a 413', () => {
    assert.throws(() => configOf(config(CONFIG_KEYS_MAX + 1)), { status: 413, message: /has 2001 keys, .* 2000 that are taken/ })
    assert.equal(Object.keys(configOf(config(CONFIG_KEYS_MAX))).length, CONFIG_KEYS_MAX)
  })

  it('far above that is not even parsed', t => {
    const parse = t.mock.method(JSON, 'parse')
    const body = Buffer.from(`{${many(CONFIG_KEYS_MAX + 200, i => `"k${i}":"v"`)}}`)
    assert.throws(() => configBody.read(body), { status: 413 })
    assert.equal(parse.mock.callCount(), 0)
  })

  it('of a task has as many as the connector made', () => {
    assert.equal(Object.keys(configOf(config(CONFIG_KEYS_MAX + 1), 'A task config', Infinity)).length, CONFIG_KEYS_MAX + 1)
  })
})

describe('numbers', () => {
  const texts = [
    '0',
    '-1',
    '999999999999999',
    '1000000000000000',
    '9007199254740993',
    '1.50',
    '1E5',
    '1e2',
    '-0',
    '0.1e1',
    '1e400',
    '12345678901234567890',
  ]

  it('keep their text as config values, alone and among others', () => {
    for (const text of texts) assert.deepEqual(configOf(parseBody(Buffer.from(`{"a":${text}}`))), { a: text })
    const all = parseBody(Buffer.from(`{${texts.map((text, i) => `"k${i}" : ${text} `).join(',')}}`))
    assert.deepEqual(Object.values(configOf(all)), texts)
  })
})

describe('the bytes', () => {
  it('that are no UTF-8 are refused and not mended', () => {
    for (const bad of [
      [0xff, 0xfe],
      [0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xe2, 0x82],
    ]) {
      const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bad), Buffer.from('"}')])
      assert.throws(() => parseBody(body), { status: 500, message: 'The request body is not UTF-8 text' })
    }
  })

  it('may begin with a byte order mark', () => {
    assert.deepEqual(parseBody(Buffer.from('\ufeff{"a":"\ufeff"}')), { a: '\ufeff' })
    assert.throws(() => parseBody(Buffer.from('\ufeff')), /is empty where JSON is expected/)
  })
})

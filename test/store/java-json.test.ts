// Goal: JSON of the internal topics is read as Java's JsonConverter reads it, and no error tells what was in it. Method: texts by hand; what
// Java makes of whole records is recorded (config-topic.test.ts, status-topic.test.ts, test/converters/golden.test.ts).
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DataError } from '../../src/base/errors.ts'
import { parseConfigRecord } from '../../src/store/config-records.ts'
import { parseJsonBytes } from '../../src/store/java-json.ts'
import { parseKey, parseOffset } from '../../src/store/offset-json.ts'

const parsed = (text: string) => parseJsonBytes(Buffer.from(text), 'a record')

describe('JSON of an internal topic', () => {
  it('has integers as Java has its longs, and every double as a number', () => {
    assert.deepEqual(parsed('[1,-0,007,9007199254740993,9223372036854775808,1.0,1e3,-0.0,1.5]'), [
      1,
      0,
      7,
      9007199254740993n,
      -9223372036854775808n,
      1,
      1000,
      0,
      1.5,
    ])
  })

  it('that is broken is refused with the place and nothing of the text', () => {
    const texts = [
      'hunter2',
      '{"p":"x","q":hunter2}',
      '{"p":"hunter2\n"}',
      '{"p":"hunter2"',
      '{"p":1hunter2}',
      '{"p":"\\hunter2"}',
    ]
    for (const text of texts) {
      assert.throws(
        () => parsed(text),
        (error: Error) => {
          assert.ok(error instanceof DataError)
          assert.match(error.message, /^a record is not JSON: .*\(character \d+, line \d+, column \d+\)$/)
          assert.doesNotMatch(error.message, /hunter|unter2/)
          return true
        },
        text,
      )
    }
  })

  it('of a connector may have a number where a text belongs, whatever its size', () => {
    const value = Buffer.from('{"properties":{"a":9007199254740993,"b":{"c":[9007199254740993,1.0]},"d":true,"e":2.0}}')
    const record = parseConfigRecord(Buffer.from('connector-x'), value)
    const config = { a: '9007199254740993', b: '{"c":["9007199254740993",1]}', d: 'true', e: '2' }
    assert.deepEqual(record, { kind: 'connector', connector: 'x', config })
  })

  it('of an offset counts to the end of its first value, key and value alike', () => {
    assert.deepEqual(parseKey(Buffer.from('\ufeff["c",{"p":1}] x')), { connector: 'c', partition: { p: 1 } })
    assert.deepEqual(parseOffset(Buffer.from('\ufeff{"n":1} {"n":2}')), { n: 1 })
    assert.equal(parseKey(Buffer.from('x ["c",{"p":1}]')), null)
    assert.throws(() => parseOffset(Buffer.from('')), /a stored offset is not a flat JSON object/)
  })
})

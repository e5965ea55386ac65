// Goal: the fast readers never differ from the exact one, in value or in refusing. Method: documents made from a seed, as they are
// and with bytes changed, each read in the middle of a larger buffer whose other bytes must not matter; plus the limits by hand.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { prng } from '../../../src/base/prng.ts'
import { parseData } from '../../../src/converters/json/json-text.ts'
import { MISS, ShapeReader } from '../../../src/converters/json/shape-reader.ts'
import { Float64 } from '../../../src/data/decimal.ts'
import { parseDocument } from '../../../src/data/json-document.ts'
import { NUMBER_LENGTH_MAX } from '../../../src/data/json-parser.ts'
import { valueEquals } from '../../../src/data/schema-equality.ts'

const NUMBERS = [
  '0',
  '-0',
  '1',
  '-7',
  '12.5',
  '0.1',
  '1.0',
  '-0.0',
  '100.00',
  '1e3',
  '1E-7',
  '-2.5e+10',
  '9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '123456789012345678',
  '1234567890123456789',
  '9223372036854775808',
  '-9223372036854775809',
  '0.30000000000000004',
  '12.345678901234567',
  '0.99999999999999999999',
  '123456789012.9999999',
  '5503599627370496.5',
  '1700000000000',
  '1700000000.123',
  '4503599627370495.9',
  '01',
  '-',
  '1.',
  '.5',
  '1e',
  '1e400',
  '-1e-400',
  '1e-400',
  '999999999999999.9',
  '99999999999999.95',
  '0.000001',
  '1e22',
  '1e23',
]
const STRINGS = [
  '',
  'a',
  'plain text that is longer',
  'ü',
  '𝄞',
  'q"\\/\n',
  '\u0000',
  '\u2028',
  '1.0',
  '{"a":1.0}',
  '[1e3]',
  '\ufffd',
  'x'.repeat(70),
]
const KEYS = ['id', 'name', 'a', 'b', 'price', '', 'ü', '__proto__', 'toString', '1', '0', 'k"q']

function documents(seed: number): () => string {
  const random = prng(seed)
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T
  const space = () => (random() < 0.15 ? pick([' ', '\n', '\t', '\r', '  ']) : '')
  const value = (depth: number): string => {
    const kind = Math.floor(random() * (depth > 3 ? 6 : 9))
    if (kind === 0) return pick(['true', 'false', 'null', 'tru', 'nulll'])
    if (kind < 3) return pick(NUMBERS)
    if (kind < 6)
      return random() < 0.5
        ? JSON.stringify(pick(STRINGS))
        : `"${pick(['\\u00e9', '\\ud83d\\ude00', '\\ud800', '\\x', 'a\tb', '\\/'])}"`
    const items = Array.from({ length: Math.floor(random() * 5) }, () => `${space()}${value(depth + 1)}${space()}`)
    if (kind < 8) return `{${items.map(item => `${space()}${JSON.stringify(pick(KEYS))}${space()}:${item}`).join(',')}${space()}}`
    return `[${items.join(',')}${space()}]`
  }
  return () => space() + value(0) + (random() < 0.1 ? pick([' ', 'x', '1', '}', ' 2']) : '')
}

/** The document between bytes that would go on with it. */
function embedded(bytes: Buffer, after: string): { buffer: Buffer; start: number; end: number } {
  const before = Buffer.from('{"a":[1,"')
  return { buffer: Buffer.concat([before, bytes, Buffer.from(after)]), start: before.length, end: before.length + bytes.length }
}

const FAILED = Symbol('failed')
function attempt(run: () => unknown): unknown {
  try {
    return run()
  } catch {
    return FAILED
  }
}

function sameAsExact(shapes: ShapeReader, bytes: Buffer, after: string): void {
  const { buffer, start, end } = embedded(bytes, after)
  const exact = attempt(() => parseDocument(Buffer.from(bytes), 0, bytes.length, 'data').document.value ?? null)
  const fast = attempt(() => parseData(shapes, buffer, start, end))
  assert.ok(
    valueEquals(exact, fast),
    `${JSON.stringify(bytes.toString())} before ${after}: exact ${orders(exact)}, fast ${orders(fast)}`,
  )
  const shaped = shapes.read(buffer, start, end)
  assert.ok(shaped === MISS || valueEquals(exact, shaped), `shape reader: ${JSON.stringify(bytes.toString())} before ${after}`)
  if (exact !== FAILED && exact !== null && typeof exact === 'object') assert.deepEqual(orders(fast), orders(exact))
}

const orders = (value: unknown): unknown =>
  JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v instanceof Float64 ? `f${v.value}` : v))

const AFTER = ['', '1', '.5', 'e5', '"', 'rue', '}', ']', ',"b":1}', '\\', ' ', '\u0000']

describe('the readers of schemaless JSON', () => {
  it('agree on random documents, whatever bytes follow in the buffer', () => {
    const next = documents(1)
    const shapes = new ShapeReader()
    for (let i = 0; i < 6000; i++) sameAsExact(shapes, Buffer.from(next()), AFTER[i % AFTER.length] ?? '')
  })

  it('agree on documents with a byte changed, added or cut', () => {
    const next = documents(2)
    const random = prng(3)
    const shapes = new ShapeReader()
    for (let i = 0; i < 6000; i++) {
      const bytes = Buffer.from(next())
      const at = Math.floor(random() * bytes.length)
      const byte = random() < 0.3 ? 128 + Math.floor(random() * 128) : Math.floor(random() * 128)
      const changed =
        i % 3 === 0
          ? bytes.subarray(0, at)
          : Buffer.concat([bytes.subarray(0, at), Buffer.of(byte), bytes.subarray(at + (i % 3 === 1 ? 1 : 0))])
      sameAsExact(shapes, changed, AFTER[i % AFTER.length] ?? '')
    }
  })

  it('agree on one shape read thousands of times, as a topic has it', () => {
    const shapes = new ShapeReader()
    const random = prng(4)
    for (let i = 0; i < 3000; i++) {
      const price = random() < 0.5 ? String(Math.round(random() * 1e6) / 100) : `${Math.round(random() * 100)}.0`
      const text = `{"id":${i * 7919},"name":"customer-${i}","price":${price},"nested":{"a":[${i},{"b":${price}}],"c":null}}`
      sameAsExact(shapes, Buffer.from(text), '')
    }
    assert.notEqual(shapes.read(Buffer.from('{"id":1}'), 0, 8), MISS)
  })

  it('keep doubles apart from integers, and integers exact', () => {
    const read = (text: string) => parseData(new ShapeReader(), Buffer.from(text), 0, text.length)
    assert.deepEqual(read('[1,1.0,1e3,0.5,9007199254740993,9223372036854775808]'), [
      1,
      new Float64(1),
      new Float64(1000),
      0.5,
      9007199254740993n,
      -9223372036854775808n,
    ])
    assert.deepEqual(read('[0.99999999999999999999]'), [new Float64(1)])
  })

  it('a key __proto__ stays a key and changes no prototype', () => {
    for (let i = 0; i < 40; i++) {
      const text = '{"__proto__":{"polluted":1},"b":2}'
      const value = parseData(new ShapeReader(), Buffer.from(text), 0, text.length) as object
      assert.deepEqual(Object.keys(value), ['__proto__', 'b'])
      assert.equal(Object.getPrototypeOf(value), Object.prototype)
    }
    assert.equal('polluted' in {}, false)
  })

  it('objects used as maps by id do not make the shape reader grow without end, nor stop it being right', () => {
    const shapes = new ShapeReader()
    for (let i = 0; i < 5000; i++) {
      const bytes = Buffer.from(`{"key-${i}":${i}}`)
      assert.deepEqual(parseData(shapes, bytes, 0, bytes.length), { [`key-${i}`]: i })
    }
  })

  it('nesting and numbers beyond Jackson’s limits are refused by every reader, not a stack overflow', () => {
    const refused = [
      `${'['.repeat(1001)}${']'.repeat(1001)}`,
      '['.repeat(200_000),
      `[${'1'.repeat(NUMBER_LENGTH_MAX + 1)}]`,
      `{"a":${'9'.repeat(5000)}}`,
    ]
    for (const text of refused) {
      assert.throws(() => parseData(new ShapeReader(), Buffer.from(text), 0, text.length), { code: 'CONNECT_JSON_SYNTAX' })
    }
    const deep = `${'['.repeat(1000)}${']'.repeat(1000)}`
    assert.ok(Array.isArray(parseData(new ShapeReader(), Buffer.from(deep), 0, deep.length)))
  })
})

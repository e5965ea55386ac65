// Goal: the buffer writes what javaString says, number by number, whatever way it takes. Method: edge numbers and seeded random ones.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prng } from '../../src/base/prng.ts'
import { javaString } from '../../src/data/java-string.ts'
import { JavaTextBuffer } from '../../src/data/java-text-buffer.ts'

function textOf(value: unknown): string {
  const buffer = new JavaTextBuffer(1)
  buffer.append(value)
  return buffer.view().toString()
}

const EDGES = [
  0,
  -0,
  1,
  -1,
  9,
  10,
  99,
  100,
  0.1,
  0.01,
  0.05,
  0.001,
  0.0099,
  0.5,
  1.5,
  -1.5,
  1.005,
  0.3,
  12.34,
  9999999.99,
  1e7,
  1e7 + 0.5,
  123456.78,
  2 ** 53 - 1,
  -(2 ** 53 - 1),
  2 ** 53,
  1e21,
  1e-7,
  5e-324,
  1.7976931348623157e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
]

test('edge numbers are written as javaString writes them', () => {
  for (const n of EDGES) assert.equal(textOf({ n }), javaString({ n }))
})

test('random numbers of every size and number of decimals are written as javaString writes them', () => {
  const random = prng(20261121)
  for (let i = 0; i < 100_000; i++) {
    const size = 10 ** Math.floor(random() * 17)
    const decimals = 10 ** Math.floor(random() * 6)
    const n = (random() < 0.5 ? -1 : 1) * (Math.round(random() * size * decimals) / decimals)
    const text = javaString({ n })
    assert.equal(textOf({ n }), text)
  }
})

test('text of any kind grows the buffer and arrives whole', () => {
  const value = {
    ascii: 'x'.repeat(300),
    short: 'ü',
    '': null,
    nested: { list: [1, 'two', 2.5], on: true },
    big: 12345678901234567890n,
  }
  assert.equal(textOf(value), javaString(value))
  assert.equal(textOf('grün 😀'), 'grün 😀')
  assert.equal(textOf({}), '{}')
})

test('half of a surrogate pair is written as ?, as Java writes it; a whole pair as itself', () => {
  assert.equal(textOf('a\ud800b'), 'a?b')
  assert.equal(textOf({ '\udc00k': 'x\ud83d', y: '😀' }), '{?k=x?, y=😀}')
  assert.equal(textOf(`${'x'.repeat(100)}\ud800`), `${'x'.repeat(100)}?`)
})

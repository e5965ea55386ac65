// Strings of a Parquet column: whatever form they are kept in, they come out as they went in; a dictionary stays where it pays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prng } from '../../src/base/prng.ts'
import { ByteValues } from '../../src/kit/formats/parquet/byte-values.ts'

/** Strings drawn from so many different ones. */
function drawn(distinct: number, length: number, count: number): string[] {
  const random = prng(distinct)
  return Array.from({ length: count }, () => `${Math.floor(random() * distinct)}-`.padEnd(length, 'x'))
}

function columnOf(texts: readonly string[]): ByteValues {
  const values = new ByteValues(true)
  for (const [i, text] of texts.entries()) {
    const bytes = Buffer.from(text)
    if (i % 3 === 0) values.pushText(text)
    else values.pushRange(bytes, 0, bytes.length)
  }
  return values
}

for (const { what, texts, entries } of [
  { what: 'long strings that all differ', texts: Array.from({ length: 9000 }, (_, i) => `${i}`.padEnd(800, 'y')), entries: null },
  { what: 'as many long strings as fit a dictionary', texts: drawn(1000, 800, 9000), entries: 1000 },
  { what: 'more long strings than fit', texts: drawn(6000, 800, 9000), entries: null },
  { what: 'some short strings', texts: drawn(3000, 9, 40_000), entries: 3000 },
  { what: 'short strings that all differ', texts: Array.from({ length: 9000 }, (_, i) => `${i}`), entries: null },
  { what: 'strings of no length', texts: Array.from({ length: 9000 }, () => ''), entries: 1 },
]) {
  test(`${what}: ${entries === null ? 'plain' : 'a dictionary'}`, () => {
    const column = columnOf(texts)
    assert.deepEqual([...column.values(true)], texts)
    assert.equal(column.dictionary()?.count ?? null, entries)
  })
}

// Hazards of using the memory of columns again: two columns in one piece, a stale view that still reaches it, values lost when memory is larger
// than asked for, keeping without end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { free, giveBack, grownBytes, grownFloats } from '../../src/kit/formats/held-memory.ts'

const LARGE = 64 * 1024
const bytesOf = (length: number, value: number) => new Uint8Array(length).fill(value)

test('what was given back serves the next column, which keeps its own values', () => {
  const done = bytesOf(16 * LARGE, 7)
  free(done)
  const column = grownBytes(bytesOf(LARGE / 2, 3), LARGE)
  assert.equal(column.length, 16 * LARGE, 'the larger memory is taken as it is')
  assert.ok(column.subarray(0, LARGE / 2).every(byte => byte === 3))
})

test('who still holds what was given back holds nothing, and cannot give it twice', () => {
  const done = bytesOf(4 * LARGE, 7)
  free(done)
  assert.equal(done.length, 0)
  free(done)
  const a = grownBytes(bytesOf(LARGE, 1), 4 * LARGE)
  const b = grownBytes(bytesOf(LARGE, 2), 4 * LARGE)
  assert.notEqual(a.buffer, b.buffer)
  assert.ok(a.subarray(0, LARGE).every(byte => byte === 1))
})

test('a column that outgrows its memory leaves it to others, with its values moved', () => {
  giveBack(new ArrayBuffer(32 * LARGE))
  const floats = new Float64Array(LARGE / 8).map((_, i) => i)
  const grown = grownFloats(floats, (32 * LARGE) / 8)
  assert.equal(grown[1000], 1000)
  assert.equal(floats.length, 0)
})

test('no more than 16 MiB are kept', () => {
  const given = Array.from({ length: 40 }, () => new ArrayBuffer(1 << 20))
  for (const memory of given) giveBack(memory)
  const fresh = Array.from({ length: 40 }, (_, i) => grownBytes(bytesOf(LARGE / 2, i), 1 << 20))
  assert.equal(new Set(fresh.map(({ buffer }) => buffer)).size, 40)
  assert.ok(given.every(memory => memory.byteLength === 0))
  assert.ok(fresh.every((bytes, i) => bytes[0] === i && bytes[LARGE / 2 - 1] === i))
})

// Values chosen to have one hash under known constants do not have one in a thread, whose constants are its own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashOfBytes, hashOfDouble } from '../../src/kit/formats/parquet/entry-hash.ts'

const PRIME = 0x01000193
const BLOCKS = 6
const BLOCK_BYTES = 4
const LENGTH = BLOCKS * BLOCK_BYTES
const COUNT = 2 ** BLOCKS

/** FNV, as it stood here once: from a state that is known. */
const known = (start: number, bytes: Uint8Array): number => bytes.reduce((state, byte) => Math.imul(state ^ byte, PRIME), start)

/** Two blocks that lead from this state to the same one. */
function twins(state: number): [Buffer, Buffer] {
  const seen = new Map<number, Buffer>()
  for (let i = 0; ; i++) {
    const block = Buffer.from(i.toString(36).padStart(BLOCK_BYTES, '_'))
    const reached = known(state, block)
    const twin = seen.get(reached)
    if (twin !== undefined) return [twin, block]
    seen.set(reached, block)
  }
}

/** Either twin in each place. */
function stringsOfOneHash(): Buffer[] {
  let state = LENGTH
  let strings = [Buffer.alloc(0)]
  for (let i = 0; i < BLOCKS; i++) {
    const pair = twins(state)
    state = known(state, pair[0])
    strings = strings.flatMap(string => pair.map(block => Buffer.concat([string, block])))
  }
  return strings
}

function assertSpread(hashes: readonly number[]): void {
  assert.equal(hashes.length, COUNT)
  assert.ok(new Set(hashes).size > COUNT / 2, `${new Set(hashes).size} hashes of ${COUNT} values`)
}

test('strings', () => {
  const strings = stringsOfOneHash()
  assert.equal(new Set(strings.map(string => known(LENGTH, string))).size, 1)
  assertSpread(strings.map(string => hashOfBytes(string, 0, LENGTH)))
})

test('doubles', () => {
  const highs = Array.from({ length: COUNT }, (_, i) => 0x40000000 + i)
  assertSpread(highs.map(high => hashOfDouble(Math.imul(high, 0x9e3779b1), high)))
})

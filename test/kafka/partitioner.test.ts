import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { prng } from '../../src/base/prng.ts'
import { murmur2, nextStickyPartition, partitionOfKey } from '../../src/kafka/partitioner.ts'

interface Golden {
  hex: string
  hash: number
  of12: number
}

const golden = JSON.parse(readFileSync(new URL('../golden/kafka/murmur2.json', import.meta.url), 'utf8')) as Golden[]

test('keys hash and land as with Java producers, every tail length included', () => {
  for (const { hex, hash, of12 } of golden) {
    const key = Buffer.from(hex, 'hex')
    assert.equal(murmur2(key), hash, hex)
    assert.equal(partitionOfKey(key, 12), of12, hex)
  }
})

test('a sticky choice never repeats while there is another partition, and reaches all', () => {
  const random = prng(1)
  const seen = new Set<number>()
  let partition = -1
  for (let i = 0; i < 200; i++) {
    const next = nextStickyPartition(partition, 5, random)
    assert.notEqual(next, partition)
    assert.ok(next >= 0 && next < 5)
    seen.add((partition = next))
  }
  assert.equal(seen.size, 5)
  assert.equal(nextStickyPartition(0, 1, random), 0)
})

// Orders of names as recorded from java.util.HashMap (test/golden/transforms).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { javaHashOrder } from '../../src/base/java-hash-order.ts'

interface Recorded {
  given: string[]
  order: string[]
}

const golden = JSON.parse(
  readFileSync(new URL('../golden/transforms/java-hash-order.json', import.meta.url), 'utf8'),
) as Recorded[]

test('orders names as a HashMap of that many entries, colliding hash codes included', () => {
  for (const { given, order } of golden) assert.deepEqual(javaHashOrder(given), order)
})

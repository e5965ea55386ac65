// The gate lets in as many as it is wide, in the order they came, and a place that is given up twice is one place.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StartGate } from '../../src/actor/start-gate.ts'

function entering(width: number, names: readonly string[]) {
  const gate = new StartGate(width)
  const begun: string[] = []
  const leave = new Map(names.map(name => [name, gate.enter(() => begun.push(name))]))
  return { begun, leave: (name: string) => leave.get(name)?.() }
}

test('others begin in their order, one for each that leaves', () => {
  const { begun, leave } = entering(2, ['a', 'b', 'c', 'd', 'e'])
  assert.deepEqual(begun, ['a', 'b'])
  leave('b')
  assert.deepEqual(begun, ['a', 'b', 'c'])
  leave('b')
  assert.deepEqual(begun, ['a', 'b', 'c'], 'b has left already')
  leave('a')
  leave('c')
  assert.deepEqual(begun, ['a', 'b', 'c', 'd', 'e'])
})

test('one that leaves the queue never begins, and takes no place', () => {
  const { begun, leave } = entering(1, ['a', 'b', 'c'])
  leave('b')
  assert.deepEqual(begun, ['a'])
  leave('a')
  assert.deepEqual(begun, ['a', 'c'])
})

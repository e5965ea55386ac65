// Goal: a sink task stays within its budget, never stops for ever, and does not ask for commits without need.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MIB } from '../../src/base/units.ts'
import { MemoryBudget } from '../../src/task/sink-task/memory-budget.ts'

const budget = () => new MemoryBudget({ bytesMax: 100 * MIB, queueBytesMax: 20 * MIB })

test('a sink that holds much does not slow fetching while all together stay within the budget', () => {
  const b = budget()
  b.holds(70 * MIB)
  assert.equal(b.mayFetch(19 * MIB), true)
  assert.equal(b.mayFetch(20 * MIB), false)
  assert.equal(b.sinkBytesMax, 80 * MIB)
})

test('fetched bytes wait where they and the sink exceed the budget together', () => {
  const b = budget()
  b.holds(90 * MIB)
  assert.equal(b.mayFetch(9 * MIB), true)
  assert.equal(b.mayFetch(10 * MIB), false)
  assert.equal(b.needsCommit(10 * MIB), false)
})

test('a sink above the budget is asked for one commit, and fetching waits for that', () => {
  const b = budget()
  b.holds(100 * MIB)
  assert.equal(b.mayFetch(0), false)
  assert.equal(b.needsCommit(0), true)
  assert.equal(b.needsCommit(0), false)
  assert.equal(b.mayFetch(0), false)
  b.holds(5 * MIB)
  b.committed()
  assert.equal(b.mayFetch(0), true)
})

test('a sink that cannot make room goes on by single fetches, each behind a commit', () => {
  const b = budget()
  b.holds(150 * MIB)
  for (let i = 0; i < 3; i++) {
    assert.equal(b.needsCommit(0), true)
    assert.equal(b.mayFetch(0), false)
    b.committed()
    assert.equal(b.mayFetch(0), true)
    b.fetched()
    assert.equal(b.mayFetch(MIB), false)
    b.holds(150 * MIB)
  }
})

test('a commit of the timer is not taken for the one that was asked for', () => {
  const b = budget()
  b.committed()
  b.holds(100 * MIB)
  assert.equal(b.mayFetch(0), false)
  assert.equal(b.needsCommit(0), true)
})

test('the queue takes at most half of a small budget', () => {
  const b = new MemoryBudget({ bytesMax: 10 * MIB, queueBytesMax: 32 * MIB })
  assert.equal(b.queueBytesMax, 5 * MIB)
  assert.equal(b.sinkBytesMax, 5 * MIB)
})

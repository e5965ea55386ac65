import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TopicUses } from '../../src/task/topic-uses.ts'
import { TestClock } from '../support/clock.ts'

test('a topic is told at its first record, and again while it is used, not when it is idle', async () => {
  const clock = new TestClock()
  const told: string[] = []
  const uses = new TopicUses(clock, topic => told.push(topic))
  uses.used('a')
  uses.used('b')
  uses.used('a')
  await clock.advance(1_999)
  uses.used('a')
  assert.deepEqual(told, ['a', 'b'])
  await clock.advance(1)
  uses.used('a')
  assert.deepEqual(told, ['a', 'b', 'a'])
})

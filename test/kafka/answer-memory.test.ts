// Hazards of using a fetch answer's memory again: too early (a reader sees another answer's bytes), twice, or of a piece that is somebody
// else's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnswerMemory } from '../../src/kafka/answer-memory.ts'
import { FreeBuffers } from '../../src/kafka/free-buffers.ts'

const BYTES = 100_000

function answer() {
  const free = new FreeBuffers(1 << 20)
  const frame = Buffer.allocUnsafeSlow(BYTES)
  return { free, frame, memory: new AnswerMemory(frame.subarray(4), free) }
}

test('memory is free when the maker and every user are through, and not before', () => {
  const { free, frame, memory } = answer()
  memory.use()
  memory.use()
  memory.release()
  memory.release()
  assert.equal(free.take(BYTES), undefined)
  memory.release()
  const again = free.take(BYTES)
  assert.equal(again?.buffer, frame.buffer)
  assert.equal(again?.length, BYTES)
  assert.equal(free.take(BYTES), undefined, 'it is given once')
})

test('memory of which views were handed out is never free', () => {
  const { free, memory } = answer()
  memory.use()
  memory.keep()
  memory.release()
  memory.release()
  assert.equal(free.take(BYTES), undefined)
})

test('kept memory has a limit, and can be let go', () => {
  const free = new FreeBuffers(3 * BYTES)
  for (let i = 0; i < 5; i++) free.give(Buffer.allocUnsafeSlow(BYTES))
  let found = 0
  while (free.take(BYTES) !== undefined) found++
  assert.equal(found, 3)
  free.give(Buffer.allocUnsafeSlow(BYTES))
  free.clear()
  assert.equal(free.take(BYTES), undefined)
})

test('memory of a batch index is free with the answer, for the index of another', () => {
  const { free, memory } = answer()
  const index = memory.indexMemory(20_000)
  assert.ok(index.byteLength >= 20_000)
  const other = memory.indexMemory(20_000)
  assert.notEqual(index, other)
  assert.equal(free.take(20_000), undefined)
  memory.release()
  const again = new Set([free.take(20_000)?.buffer, free.take(20_000)?.buffer])
  assert.deepEqual(again, new Set([index, other]))
})

test('an index whose records were handed out is never free', () => {
  const { free, memory } = answer()
  memory.indexMemory(20_000)
  memory.keep()
  memory.release()
  assert.equal(free.take(20_000), undefined)
})

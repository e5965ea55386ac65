// Goal: an offset is committed once its record and all before it in the same source partition are acknowledged, never earlier.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Submitted } from '../../src/task/submitted.ts'

const A = { file: 'a' }
const B = { file: 'b' }

test('commits nothing past a record that is not acknowledged, whatever comes behind it', () => {
  const submitted = new Submitted()
  const s = [1, 2, 3, 4].map(position => submitted.submit(A, { position }))
  for (const i of [0, 2, 3]) submitted.ack(s[i] as (typeof s)[0])
  assert.deepEqual(submitted.take(), [{ partition: A, offset: { position: 1 } }])
  assert.deepEqual(submitted.take(), [])
  submitted.ack(s[1] as (typeof s)[0])
  assert.deepEqual(submitted.take(), [{ partition: A, offset: { position: 4 } }])
})

test('source partitions do not hold each other up, and equal maps are one partition', () => {
  const submitted = new Submitted()
  submitted.submit(A, { position: 1 })
  const b = submitted.submit(B, { position: 7 })
  const b2 = submitted.submit({ ...B }, { position: 8 })
  submitted.ack(b2)
  submitted.ack(b)
  assert.deepEqual(submitted.take(), [{ partition: B, offset: { position: 8 } }])
})

test('offsets whose flush failed are flushed with the next, unless later ones came', () => {
  const submitted = new Submitted()
  submitted.ack(submitted.submit(A, { position: 1 }))
  const failed = submitted.take()
  submitted.putBack(failed)
  assert.deepEqual(submitted.take(), [{ partition: A, offset: { position: 1 } }])
  submitted.putBack(failed)
  submitted.ack(submitted.submit(A, { position: 2 }))
  assert.deepEqual(submitted.take(), [{ partition: A, offset: { position: 2 } }])
})

test('acknowledged twice counts once, and long queues are let go', () => {
  const submitted = new Submitted()
  for (let position = 0; position < 10_000; position++) {
    const s = submitted.submit(A, { position })
    submitted.ack(s)
    submitted.ack(s)
    if (position % 1_000 === 999) assert.deepEqual(submitted.take(), [{ partition: A, offset: { position } }])
  }
})

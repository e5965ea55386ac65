// What the stages of a sink task rely on: order, byte limits, waking of readers and writers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Mailbox } from '../../src/base/mailbox.ts'

type Message = { bytes: number; name: string }
const open = (bytesMax: number) => new Mailbox<Message>(bytesMax, m => m.bytes)

test('keeps order across data and weightless barriers', () => {
  const box = open(100)
  box.push({ bytes: 10, name: 'a' })
  box.push({ bytes: 0, name: 'barrier' })
  box.push({ bytes: 10, name: 'b' })
  assert.deepEqual([box.shift()?.name, box.shift()?.name, box.shift()?.name, box.shift()], ['a', 'barrier', 'b', undefined])
  assert.equal(box.bytes, 0)
})

test('a writer waits while the bytes are over the limit and goes on once they are not', async () => {
  const box = open(10)
  box.push({ bytes: 25, name: 'larger than the whole limit' })
  let isReady = false
  const ready = box.ready().then(() => {
    isReady = true
  })
  await Promise.resolve()
  assert.equal(isReady, false)
  box.shift()
  await ready
  assert.equal(isReady, true)
})

test('a reader that waits is woken by a push and by close', async () => {
  const box = open(10)
  const first = box.readable()
  box.push({ bytes: 1, name: 'a' })
  await first
  box.shift()
  const second = box.readable()
  box.close()
  await second
  assert.equal(box.isClosed, true)
})

test('discarding frees the bytes and lets writers go on', async () => {
  const box = open(10)
  box.push({ bytes: 6, name: 'stale' })
  box.push({ bytes: 6, name: 'kept' })
  const ready = box.ready()
  assert.equal(
    box.discard(m => m.name === 'stale'),
    1,
  )
  await ready
  assert.equal(box.bytes, 6)
  assert.equal(box.shift()?.name, 'kept')
})

test('holds nothing back after thousands of messages', () => {
  const box = open(1_000_000)
  for (let i = 0; i < 5_000; i++) {
    box.push({ bytes: 1, name: String(i) })
    if (i % 3 !== 0) assert.notEqual(box.shift(), undefined)
  }
  let last = -1
  for (let m = box.shift(); m !== undefined; m = box.shift()) {
    assert.ok(Number(m.name) > last)
    last = Number(m.name)
  }
  assert.equal(last, 4_999)
  assert.equal(box.length, 0)
})

test('a push into a closed mailbox is our bug, not a lost message', () => {
  const box = open(1)
  box.close()
  assert.throws(() => box.push({ bytes: 1, name: 'a' }), { code: 'CONNECT_ASSERTION' })
})

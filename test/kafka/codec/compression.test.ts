// Goal: what compressed bytes may do to us is bounded: wrong bytes and bombs end in a DataError, raw and framed snappy are both read.
// Method: each codec forth and back, cut, spoilt, and asked to stay within a limit.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { DataError } from '../../../src/base/errors.ts'
import { COMPRESSIONS, compress, decompress } from '../../../src/kafka/codec/compression.ts'

const snappy = createRequire(import.meta.url)('snappy') as { compressSync(bytes: Buffer): Buffer }
const text = Buffer.from('compress me, again and again; '.repeat(10_000))

for (const [id, compression] of COMPRESSIONS.entries()) {
  if (compression === 'none') continue
  test(`${compression}: forth and back, also of nothing and of noise`, () => {
    const noise = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * i * 2_654_435_761) >>> 13))
    for (const bytes of [text, noise, Buffer.alloc(0), Buffer.from('x')])
      assert.deepEqual(decompress(id, compress(compression, bytes)), bytes)
    assert.ok(compress(compression, text).length < text.length / 5)
  })

  test(`${compression}: more than the limit is refused before it is made`, () => {
    const bomb = compress(compression, Buffer.alloc(20_000_000))
    assert.throws(
      () => decompress(id, bomb, 1_000_000),
      (e: unknown) => e instanceof DataError && /more than 976.6 KiB/.test(e.message),
    )
  })

  test(`${compression}: cut anywhere it is an error or shorter, never a crash`, () => {
    const whole = compress(compression, text)
    for (let cut = 0; cut < whole.length; cut += Math.max(1, Math.floor(whole.length / 200))) {
      try {
        assert.ok(decompress(id, whole.subarray(0, cut)).length <= text.length)
      } catch (error) {
        assert.ok(error instanceof DataError, String(error))
      }
    }
  })
}

test('snappy without frames, as other clients than Java’s write it', () => {
  assert.deepEqual(decompress(2, snappy.compressSync(text)), text)
})

test('a compression that Kafka does not have', () => {
  assert.throws(() => decompress(6, text), /compression \(6\) is not known/)
})

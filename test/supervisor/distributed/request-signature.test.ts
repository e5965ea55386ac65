// Signatures of requests between workers: what is signed and what is refused, in Java's order. Session keys on a clock that the test turns.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectError } from '../../../src/base/errors.ts'
import { silentLogger } from '../../../src/base/log.ts'
import type { SessionKey } from '../../../src/store/cluster-config.ts'
import {
  ALGORITHM_HEADER,
  checkSignature,
  checkSignatureConfig,
  keyBytesOf,
  SIGNATURE_HEADER,
  type SignatureConfig,
  signedHeaders,
} from '../../../src/supervisor/distributed/request-signature.ts'
import { SessionKeys } from '../../../src/supervisor/distributed/session-keys.ts'
import { TestClock } from '../../support/clock.ts'

const config: SignatureConfig = { keyAlgorithm: 'HmacSHA256', keyBits: null, algorithm: 'HmacSHA256', accepted: ['HmacSHA256'] }
// RFC 4231, test case 2
const jefe: SessionKey = { key: Buffer.from('Jefe'), algorithm: 'HmacSHA256', createdAtMs: 0 }
const question = Buffer.from('what do ya want for nothing?')
const headers = signedHeaders('HmacSHA256', jefe, question)
const lower = (given: Record<string, string>) =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]))

describe('a signature', () => {
  it('is the Base64 of the HMAC of the body', () => {
    const hex = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
    assert.deepEqual(headers, {
      [SIGNATURE_HEADER]: Buffer.from(hex, 'hex').toString('base64'),
      [ALGORITHM_HEADER]: 'HmacSHA256',
    })
    checkSignature({ headers: lower(headers), body: question }, jefe, ['HmacSHA256'])
  })

  const refused = (given: Record<string, string>, body: Buffer, key: SessionKey | null, accepted = ['HmacSHA256']) => {
    try {
      checkSignature({ headers: lower(given), body }, key, accepted)
    } catch (error) {
      return (error as ConnectError).code
    }
    return 'accepted'
  }

  it('is refused where it is missing, of another algorithm, no Base64, without a key, wrong, in this order', () => {
    assert.equal(refused({ [SIGNATURE_HEADER]: 'x' }, question, null), 'CONNECT_BAD_REQUEST')
    assert.equal(refused(headers, question, null, ['HmacSHA512']), 'CONNECT_BAD_REQUEST')
    assert.equal(refused({ ...headers, [SIGNATURE_HEADER]: '*' }, question, null), 'CONNECT_BAD_REQUEST')
    assert.equal(refused(headers, question, null), 'CONNECT_STARTING')
    assert.equal(refused(headers, Buffer.from('what do ya want?'), jefe), 'CONNECT_FORBIDDEN')
    assert.equal(refused(headers, question, { ...jefe, key: Buffer.from('jefe') }), 'CONNECT_FORBIDDEN')
    assert.equal(refused({ ...headers, [SIGNATURE_HEADER]: 'AAAA' }, question, jefe), 'CONNECT_FORBIDDEN')
  })

  it('needs no padding, as with Java, and is refused with half of it, in it, or with a single last character', () => {
    const encoded = headers[SIGNATURE_HEADER] ?? ''
    const bare = encoded.replace(/=+$/, '')
    assert.equal(encoded, `${bare}=`)
    const answer = (text: string) => refused({ ...headers, [SIGNATURE_HEADER]: text }, question, jefe)
    assert.equal(answer(bare), 'accepted')
    for (const text of ['AA=', `${encoded}=`, `${encoded}AAAA`, 'AAAAA', 'AA AA', 'AA-_'])
      assert.equal(answer(text), 'CONNECT_BAD_REQUEST', text)
    for (const text of ['', 'AA', 'AA==', 'AAA', 'AAA=']) assert.equal(answer(text), 'CONNECT_FORBIDDEN', text)
  })

  it('names the keys that do not go together', () => {
    checkSignatureConfig(config)
    assert.throws(() => checkSignatureConfig({ ...config, keyAlgorithm: 'None' }), /inter\.worker\.key\.generation\.algorithm/)
    assert.throws(() => checkSignatureConfig({ ...config, accepted: ['HmacSHA512'] }), /must be present in/)
  })
})

describe('session keys', () => {
  function keys(ttlMs = 3_600_000, change: Partial<SignatureConfig> = {}) {
    const clock = new TestClock()
    const written: SessionKey[] = []
    const faults: Error[] = []
    const sessionKeys: SessionKeys = new SessionKeys({
      config: { ...config, ...change },
      ttlMs,
      clock,
      log: silentLogger,
      async put(key) {
        const fault = faults.pop()
        if (fault !== undefined) throw fault
        written.push(key)
        sessionKeys.learn(key)
      },
    })
    return { clock, written, faults, sessionKeys }
  }

  it('are made by the leader where there is none, and when the present one is too old', async () => {
    const { clock, written, sessionKeys } = keys(1_000)
    sessionKeys.lead(false)
    await clock.advance(5_000)
    assert.equal(written.length, 0)
    sessionKeys.lead(true)
    await clock.advance(0)
    assert.deepEqual([written.length, written[0]?.key.length, written[0]?.createdAtMs], [1, 32, clock.now()])
    await clock.advance(999)
    assert.equal(written.length, 1)
    await clock.advance(1)
    assert.equal(written.length, 2)
    sessionKeys.lead(false)
    await clock.advance(5_000)
    assert.equal(written.length, 2)
  })

  it('of another size or algorithm are replaced at once, a good one is kept', async () => {
    for (const change of [{ keyBits: 512 }, { keyAlgorithm: 'HmacSHA384' }]) {
      const { clock, written, sessionKeys } = keys(3_600_000, change)
      sessionKeys.learn({ key: Buffer.alloc(32), algorithm: 'HmacSHA256', createdAtMs: clock.now() })
      sessionKeys.lead(true)
      await clock.advance(1)
      assert.equal(written[0]?.key.length, keyBytesOf({ ...config, ...change }))
    }
    const { clock, written, sessionKeys } = keys()
    sessionKeys.learn({ key: Buffer.alloc(32), algorithm: 'HmacSHA256', createdAtMs: clock.now() })
    sessionKeys.lead(true)
    await clock.advance(1)
    assert.equal(written.length, 0)
  })

  it('that could not be written are tried again while this worker leads', async () => {
    const { clock, written, faults, sessionKeys } = keys()
    faults.push(new ConnectError('no broker'), new ConnectError('no broker'))
    sessionKeys.lead(true)
    await clock.advance(0)
    assert.deepEqual([written.length, faults.length], [0, 1])
    await clock.advance(300)
    assert.deepEqual([written.length, faults.length], [0, 0])
    await clock.advance(600)
    assert.equal(written.length, 1)
  })
})

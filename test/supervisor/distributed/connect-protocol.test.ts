// Goal: the bytes that workers exchange are Java's. Method: test/golden/group/protocol.json, written by ConnectProtocol and
// IncrementalCooperativeConnectProtocol and read back by them: we must read the same from the bytes and make the same bytes of it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  type ConnectProtocol,
  decodeAssignment,
  decodeMetadata,
  encodeAssignment,
  encodeMetadata,
  offeredProtocols,
  protocolNamed,
  type WorkerAssignment,
  type WorkerMetadata,
} from '../../../src/supervisor/distributed/connect-protocol.ts'

interface Golden {
  readonly protocol: ConnectProtocol
  readonly hex: string
  /** null: Java refuses the bytes */
  readonly assignment?: WorkerAssignment | null
  readonly metadata?: Omit<WorkerMetadata, 'version'>
}

const golden = JSON.parse(readFileSync(new URL('../../golden/group/protocol.json', import.meta.url), 'utf8')) as Golden[]
const VERSION = { default: 0, compatible: 1, sessioned: 2 }

test('assignments: the same fields from Java’s bytes, the same bytes from the fields', () => {
  const written = golden.filter(g => g.assignment !== undefined)
  assert.ok(written.length >= 20)
  for (const { protocol, hex, assignment } of written) {
    const bytes = Buffer.from(hex, 'hex')
    if (assignment === null || assignment === undefined) {
      assert.throws(() => decodeAssignment(bytes), hex)
      continue
    }
    assert.deepEqual(decodeAssignment(bytes), assignment, hex)
    if (assignment.version === VERSION[protocol] && !hex.includes('ffffffffffffffff'))
      assert.equal(encodeAssignment(protocol, assignment).toString('hex').slice(0, hex.length), hex)
  }
})

test('metadata: the same fields from Java’s bytes, the same bytes from the fields', () => {
  const written = golden.filter(g => g.metadata !== undefined)
  assert.ok(written.length >= 15)
  for (const { protocol, hex, metadata } of written) {
    if (metadata === undefined) continue
    const bytes = Buffer.from(hex, 'hex')
    assert.deepEqual(decodeMetadata(bytes), { version: VERSION[protocol], ...metadata }, hex)
    assert.equal(encodeMetadata(protocol, metadata).toString('hex'), hex)
  }
})

test('bytes that are cut off, a negative version and a strange protocol are refused', () => {
  const whole = encodeMetadata('sessioned', { url: 'http://a/', configOffset: 1, allocation: null })
  assert.throws(() => decodeMetadata(whole.subarray(0, 12)), /cannot be read/)
  assert.throws(() => decodeMetadata(Buffer.from('ffff', 'hex')), /version -1 of the Connect protocol/)
  assert.throws(() => protocolNamed('range'), /'range', which is none of Connect's: is group.id the name of a consumer group/)
})

test('what is offered, most wanted first', () => {
  assert.deepEqual(offeredProtocols('sessioned'), ['sessioned', 'compatible', 'default'])
  assert.deepEqual(offeredProtocols('compatible'), ['compatible', 'default'])
  assert.deepEqual(offeredProtocols('eager'), ['default'])
})

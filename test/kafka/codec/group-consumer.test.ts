import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { cooperativeStickyAssignor } from '../../../src/kafka/assignors/cooperative-sticky.ts'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../src/kafka/codec/group-consumer.ts'

interface Golden {
  kind: 'subscription' | 'assignment' | 'userData'
  version: number
  member: { topics: string[]; owned: [string, number][]; generation: number }[]
  partitions: [string, number][]
  generation: number
  hex: string
}

const golden = JSON.parse(readFileSync(new URL('../../golden/kafka/consumer-protocol.json', import.meta.url), 'utf8')) as Golden[]
const pairs = (list: readonly { topic: string; partition: number }[]) => list.map(p => [p.topic, p.partition])

test('subscriptions of every version of Java are read, and the newest written alike', () => {
  for (const g of golden.filter(one => one.kind === 'subscription')) {
    const read = decodeSubscription(Buffer.from(g.hex, 'hex'))
    const member = g.member[0]
    assert.deepEqual(read.topics, member?.topics)
    assert.deepEqual(pairs(read.owned), g.version >= 1 ? member?.owned : [])
    assert.equal(read.generation, g.version >= 2 ? member?.generation : -1)
    if (g.version === 3) assert.equal(encodeSubscription(read).toString('hex'), g.hex)
  }
})

test('assignments are read and written as Java', () => {
  for (const g of golden.filter(one => one.kind === 'assignment')) {
    const bytes = Buffer.from(g.hex, 'hex')
    assert.deepEqual(pairs(decodeAssignment(bytes)), g.partitions)
    if (g.version !== 3) continue
    const userData = g.hex.endsWith('000000020102') ? Buffer.from([1, 2]) : null
    assert.equal(encodeAssignment(decodeAssignment(bytes), userData).toString('hex'), g.hex)
  }
  assert.deepEqual(decodeAssignment(Buffer.alloc(0)), [])
})

test('a subscription of a version to come is read as far as it is known', () => {
  const newer = Buffer.concat([
    encodeSubscription({ topics: ['t'], userData: null, owned: [], generation: 3 }),
    Buffer.from('beef', 'hex'),
  ])
  newer.writeInt16BE(9, 0)
  assert.deepEqual(decodeSubscription(newer).topics, ['t'])
})

test('cooperative-sticky user data is that of Java', () => {
  for (const g of golden.filter(one => one.kind === 'userData'))
    assert.equal(cooperativeStickyAssignor.userData(g.generation)?.toString('hex'), g.hex)
})

// What a poll may return, and what an offset may hold, before it goes to be stored.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TextRecords } from '../../src/data/text-records.ts'
import { checkOffsets, polledOf } from '../../src/task/source-task/polled.ts'

test('a poll that returns nothing has no records; one that returns no list is named with what it returned', () => {
  assert.equal(polledOf(undefined, 'T'), null)
  assert.equal(polledOf(null, 'T'), null)
  assert.deepEqual(polledOf([], 'T'), [])
  const texts = Object.create(TextRecords.prototype)
  assert.equal(polledOf(texts, 'T'), texts)
  for (const [returned, told] of [
    ['x', /T\.poll returned a string: it must return a list of records/],
    [{}, /T\.poll returned an object/],
    [5, /T\.poll returned a number/],
    [new Map(), /T\.poll returned a Map/],
  ] as const) {
    assert.throws(() => polledOf(returned, 'T'), { code: 'CONNECT_WRONG_RETURN', message: told })
  }
})

test('an offset that has no form in JSON is refused in Java’s words, with its field', () => {
  const check = (offset: object | null) =>
    checkOffsets([{ partition: { file: 'a' }, offset: offset as Record<string, never> | null }])
  check({ a: 1, b: 1n, c: 'x', d: true, e: null, f: -1.5 })
  check({})
  check(null)
  for (const [value, found] of [
    [new Date(0), 'a Date'],
    [{ y: 1 }, 'an object'],
    [[1], 'an array'],
    [() => 1, 'a function'],
    [Symbol('s'), 'a symbol'],
    [undefined, 'undefined'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Buffer.from('x'), 'a Buffer'],
  ] as const) {
    const text = `the sourceOffset of a record of source partition {"file":"a"} cannot be stored: Offsets may only contain primitive types as values, but field at contains ${found}`
    assert.throws(() => check({ at: value }), { name: 'DataError', message: text })
  }
  for (const map of [[1], new Map(), 'x']) assert.throws(() => check(map as object), /Offsets must be specified as a Map/)
})

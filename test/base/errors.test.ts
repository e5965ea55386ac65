// Goal: whatever a plugin throws becomes an Error that can be logged, posted and put into a header; nothing about it fails in turn.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toWireError } from '../../src/actor/wire-error.ts'
import { DataError, RetriableError, stackOf, toError } from '../../src/base/errors.ts'

class NoStack extends Error {
  override get stack(): string {
    throw new Error('the getter')
  }
}
class NoMessage extends Error {
  override get message(): string {
    throw new Error('the getter')
  }
}
const odd = (fields: object, error: Error = new Error('x')) => {
  for (const [name, value] of Object.entries(fields)) Object.defineProperty(error, name, { value })
  return error
}

for (const [what, thrown, message] of [
  ['null', null, /no Error was thrown: null/],
  ['undefined', undefined, /no Error was thrown: undefined/],
  ['a text', 'only a text', /^only a text$/],
  ['a symbol', Symbol('s'), /Symbol\(s\)/],
  ['an object without a prototype', Object.create(null), /no Error was thrown: \(a value without a text\)/],
  ['an object whose toString throws', { toString: () => assert.fail('no') }, /\(a value without a text\)/],
  ['an Error with a number as message', odd({ message: 5 }), /message or name is no text/],
  ['an Error without a message', odd({ message: undefined }), /message or name is no text/],
  ['an Error with a number as name', odd({ name: 7 }), /message or name is no text/],
  ['an Error whose message throws', new NoMessage(), /message or name is no text/],
  ['an Error with a number as stack', odd({ stack: 7 }), /^x$/],
  ['an Error whose stack throws', new NoStack('hi'), /^hi$/],
  ['an Error with a function as stage', odd({ stage: () => 1 }), /^x$/],
] as const) {
  test(`${what} that was thrown has a message, a stack and a form that crosses threads`, () => {
    const error = toError(thrown)
    assert.match(error.message, message)
    assert.equal(typeof error.name, 'string')
    assert.match(stackOf(error), /\S/)
    assert.match(structuredClone(toWireError(thrown)).message, message)
  })
}

test('what is a proper error stays the same object; an odd one may still be tried again', () => {
  const error = new DataError('bad')
  assert.equal(toError(error), error)
  assert.equal((toError(odd({ message: 5 }, new RetriableError('x'))) as RetriableError).retriable, true)
})

// Every predicate case of test/golden/transforms against what the Java classes of Kafka 4.3.0 answered.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plugins as hasHeaderKey } from '../../src/predicates/has-header-key.ts'
import { plugins as recordIsTombstone } from '../../src/predicates/record-is-tombstone.ts'
import { plugins as topicNameMatches } from '../../src/predicates/topic-name-matches.ts'
import { checkCase, goldenCases } from '../support/golden-transforms.ts'

const plugins = [...hasHeaderKey, ...recordIsTombstone, ...topicNameMatches]

test('predicates answer as Java does and refuse the same configurations', () => {
  const cases = goldenCases('predicates')
  assert.ok(cases.length > 20)
  for (const given of cases) {
    checkCase(plugins, given, ({ message }) => (message.includes('Invalid regex') ? /Invalid regex: Unclosed group/ : message))
  }
})

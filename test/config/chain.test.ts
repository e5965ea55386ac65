// Transforms and predicates taken apart, what a sink may read, and names that were nearly right.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSinkConnectorConfig, sinkConnectorConfig, transformChain } from '../../src/config/connector-config.ts'
import type { Props } from '../../src/config/define.ts'
import { editDistance, nearestName } from '../../src/config/nearest.ts'
import { prefixed } from '../../src/config/prefixed.ts'
import { sinkFaults } from '../../src/config/sink-topics.ts'

test('each transform gets its own keys without the framework ones, in the order of the aliases', () => {
  const chain = transformChain({
    transforms: 'b, a',
    'transforms.a.type': ' A ',
    'transforms.a.plugin.version': '1',
    'transforms.a.field': 'x',
    'transforms.a.field.deep': 'y',
    'transforms.ab.field': 'not ours',
    'transforms.b.type': 'B$Value',
    'transforms.b.predicate': 'p',
    'transforms.b.negate': 'TRUE',
    'transforms.b.plugin.version': '[1,2)',
    predicates: 'p',
    'predicates.p.type': 'P',
    'predicates.p.name': 'z',
  })
  assert.deepEqual(chain, {
    transforms: [
      { alias: 'b', type: 'B$Value', version: '[1,2)', props: {}, predicate: 'p', negate: true },
      { alias: 'a', type: 'A', version: '1', props: { field: 'x', 'field.deep': 'y' }, predicate: null, negate: false },
    ],
    predicates: [{ alias: 'p', type: 'P', version: undefined, props: { name: 'z' } }],
  })
})

test('no transforms is an empty chain, whatever keys are left over', () => {
  assert.deepEqual(transformChain({ 'transforms.a.type': 'A', transforms: '' }), { transforms: [], predicates: [] })
})

const broken: [string, Props, string][] = [
  ['a type is missing', { transforms: 'a' }, 'transforms.a.type'],
  ['a type is empty', { transforms: 'a', 'transforms.a.type': ' ' }, 'transforms.a.type'],
  ['an alias is there twice', { transforms: 'a,a', 'transforms.a.type': 'A' }, 'transforms'],
  ['negate stands alone', { transforms: 'a', 'transforms.a.type': 'A', 'transforms.a.negate': 'true' }, 'transforms.a.negate'],
  [
    'a predicate is not declared',
    { transforms: 'a', 'transforms.a.type': 'A', 'transforms.a.predicate': 'p' },
    'transforms.a.predicate',
  ],
  ['a predicate has no type', { predicates: 'p' }, 'predicates.p.type'],
]
for (const [hazard, props, key] of broken) {
  test(`a chain in which ${hazard} names ${key}`, () => assert.throws(() => transformChain(props), { name: 'ConfigError', key }))
}

test('keys below a prefix come without it, __proto__ as a plain key', () => {
  const props = JSON.parse('{"a.b":"1","a.":"2","ab":"3","a.__proto__":"4"}') as Props
  assert.deepEqual(Object.entries(prefixed(props, 'a.')), [
    ['b', '1'],
    ['__proto__', '4'],
  ])
})

const faultyKeys = (props: Props) => sinkFaults(props).map(fault => fault.name)
const dlq = (name: string, props: Props) => faultyKeys({ ...props, 'errors.deadletterqueue.topic.name': name })

test('a dead-letter topic may not be read by its own connector, however the topics are named', () => {
  assert.deepEqual(dlq('dead', { topics: 'a, dead ' }), ['topics'])
  assert.deepEqual(dlq(' dead ', { topics: 'dead' }), ['topics'])
  assert.deepEqual(dlq('dead', { 'topics.regex': '(?i)DE.D' }), ['topics.regex'])
  assert.deepEqual(dlq('a.b', { 'topics.regex': '\\Qa.b\\E' }), ['topics.regex'])
  assert.deepEqual(dlq('aXb', { 'topics.regex': '\\Qa.b\\E' }), [])
  assert.deepEqual(dlq('dead-letters', { 'topics.regex': 'dead' }), [])
  assert.deepEqual(dlq('dead', { 'topics.regex': '(?>d)e++ad' }), ['topics.regex'])
})

test("Java's pattern syntax is not refused, what is no pattern is", () => {
  const errors = (regex: string) =>
    sinkConnectorConfig.validate({ name: 'x', 'connector.class': 'y', 'topics.regex': regex }).flatMap(v => v.errors)
  for (const regex of ['a.*', '(?i)a', 'a++', '\\p{Alpha}+', '[a-z&&[^b]]', '\\Q[\\E', '(?<name>a)\\k<name>', 'a{2,3}+'])
    assert.deepEqual(errors(regex), [], regex)
  for (const regex of ['a[', '(a', 'a)', '*a', 'a\\']) assert.equal(errors(regex).length, 1, regex)
})

test('a sink without topics does not start', () => {
  assert.throws(() => parseSinkConnectorConfig({ name: 'x', 'connector.class': 'y' }), {
    key: 'topics',
    message: 'Must configure one of topics or topics.regex',
  })
})

test('swapped, missing and extra letters are near, other words are not', () => {
  assert.equal(editDistance('kitten', 'sitting'), 3)
  assert.equal(editDistance('ab', 'ba'), 1)
  assert.equal(editDistance('', 'abc'), 3)
  assert.equal(nearestName('tasks.mxa', ['tasks.max', 'topics']), 'tasks.max')
  assert.equal(nearestName('FILESTREAMSINK', ['FileStreamSink', 'FileStreamSource']), 'FileStreamSink')
  assert.equal(nearestName('quite.another.thing', ['tasks.max', 'topics']), null)
  assert.equal(nearestName('x'.repeat(10_000), ['tasks.max']), null)
})

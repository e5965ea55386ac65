// Goal: topic.creation.* as Java's TopicCreationConfig takes it (KIP-158). Texts and outcomes were seen on a Java 4.3.0 worker.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topicCreationFaults, topicGroups } from '../../src/config/topic-creation.ts'

const DEFAULTS = { 'topic.creation.default.partitions': '4', 'topic.creation.default.replication.factor': '2' }
const messages = (props: Record<string, string>) => topicCreationFaults(props).map(({ name, message }) => `${name}: ${message}`)

test('without any key the source makes no topics', () => {
  assert.equal(topicGroups({ topic: 't' }), null)
  assert.deepEqual(topicCreationFaults({ topic: 't' }), [])
})

test('groups inherit partitions and replicas from the default one, which is last whatever the list says', () => {
  const groups = topicGroups({
    ...DEFAULTS,
    'topic.creation.groups': 'default, wide ,logs',
    'topic.creation.wide.include': 'w.*, v.*',
    'topic.creation.wide.exclude': 'w-not',
    'topic.creation.wide.partitions': '12',
    'topic.creation.wide.cleanup.policy': 'compact',
    'topic.creation.wide.min.insync.replicas': '1',
    'topic.creation.logs.replication.factor': '-1',
    'topic.creation.default.compression.type': 'zstd',
    'topic.creation.nobody.include': 'x',
  })
  assert.deepEqual(groups, [
    {
      name: 'wide',
      include: ['w.*', 'v.*'],
      exclude: ['w-not'],
      replicationFactor: 2,
      partitions: 12,
      configs: { 'cleanup.policy': 'compact', 'min.insync.replicas': '1' },
    },
    { name: 'logs', include: [], exclude: [], replicationFactor: -1, partitions: 4, configs: {} },
    {
      name: 'default',
      include: ['.*'],
      exclude: [],
      replicationFactor: 2,
      partitions: 4,
      configs: { 'compression.type': 'zstd' },
    },
  ])
})

test('the default group takes every topic: its include and exclude are not looked at, as in Java', () => {
  const [last] = topicGroups({ ...DEFAULTS, 'topic.creation.default.include': '(', 'topic.creation.default.exclude': '.*' }) ?? []
  assert.deepEqual([last?.include, last?.exclude, last?.configs], [['.*'], [], {}])
})

test('both figures of the default group are required once any key is there', () => {
  assert.deepEqual(messages({ 'topic.creation.groups': 'g' }), [
    'topic.creation.default.replication.factor: Missing required configuration "topic.creation.default.replication.factor" which has no default value.',
    'topic.creation.default.partitions: Missing required configuration "topic.creation.default.partitions" which has no default value.',
  ])
})

test('0, numbers below -1, words and broken patterns are refused by their key', () => {
  const faults = messages({
    ...DEFAULTS,
    'topic.creation.default.replication.factor': '0',
    'topic.creation.groups': 'g,h',
    'topic.creation.g.include': '(',
    'topic.creation.g.partitions': '-5',
    'topic.creation.h.partitions': 'many',
  })
  assert.deepEqual(
    faults.map(fault => fault.replace(/(regular expression): .*/, '$1')),
    [
      "topic.creation.default.replication.factor: Invalid value 0 for configuration topic.creation.default.replication.factor: Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default",
      'topic.creation.g.include: Invalid value [(] for configuration topic.creation.g.include: Syntax error in regular expression',
      "topic.creation.g.partitions: Invalid value -5 for configuration topic.creation.g.partitions: Number of partitions must be positive, or -1 to use the broker's default",
      'topic.creation.h.partitions: Invalid value many for configuration topic.creation.h.partitions: Not a number of type INT',
    ],
  )
  assert.throws(() => topicGroups({ 'topic.creation.groups': 'g' }), { code: 'CONNECT_CONFIG' })
})

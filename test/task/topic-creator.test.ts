// Goal: a source's topic is made once, with the settings of the first group that takes it, and a failure names topic and settings.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaError } from '../../src/base/errors.ts'
import { silentLogger } from '../../src/base/log.ts'
import { type TopicGroup, topicGroups } from '../../src/config/topic-creation.ts'
import type { TopicToCreate } from '../../src/kafka/admin.ts'
import { TopicCreator } from '../../src/task/source-task/topic-creator.ts'
import { settle, TestClock } from '../support/clock.ts'

const GROUPS = topicGroups({
  'topic.creation.default.partitions': '1',
  'topic.creation.default.replication.factor': '1',
  'topic.creation.groups': 'wide,all',
  'topic.creation.wide.include': 'w[0-9]+,x',
  'topic.creation.wide.exclude': 'w99',
  'topic.creation.wide.partitions': '8',
  'topic.creation.wide.cleanup.policy': 'compact',
  'topic.creation.all.include': 'w.*',
  'topic.creation.all.partitions': '2',
}) as TopicGroup[]

function open(options: { existing?: string[]; fail?: (call: string) => void } = {}) {
  const clock = new TestClock()
  const created: TopicToCreate[] = []
  const existing = new Set(options.existing ?? [])
  const stopping = new AbortController()
  let opened = 0
  const creator = new TopicCreator({
    groups: GROUPS,
    clock,
    logger: silentLogger,
    signal: stopping.signal,
    openAdmin: async () => {
      opened++
      return {
        describeTopics: async topics => {
          options.fail?.('describe')
          return topics.map(topic => (existing.has(topic) ? {} : null))
        },
        createTopicIfAbsent: async topic => {
          options.fail?.('create')
          created.push(topic)
          return true
        },
      }
    },
  })
  return { creator, created, clock, stopping, opened: () => opened }
}

test('patterns match whole names, exclusion wins, the first group in the list counts, the default one takes the rest', () => {
  const { creator } = open()
  const taken = ['w1', 'x', 'w99', 'w1x', 'xx', 'other'].map(topic => creator.groupOf(topic).name)
  assert.deepEqual(taken, ['wide', 'wide', 'all', 'all', 'default', 'default'])
})

test('an existing topic is left as it is', async () => {
  const { creator, created } = open({ existing: ['w1'] })
  await creator.ensure('w1')
  assert.deepEqual(created, [])
})

test("a missing topic is made with its group's settings", async () => {
  const { creator, created, opened } = open()
  await creator.ensure('w1')
  await creator.ensure('other')
  assert.deepEqual(created, [
    { topic: 'w1', partitions: 8, replicationFactor: 1, configs: { 'cleanup.policy': 'compact' } },
    { topic: 'other', partitions: 1, replicationFactor: 1, configs: {} },
  ])
  assert.equal(opened(), 1)
})

test('a passing failure is tried again until the task stops', async () => {
  let failures = 2
  const away = new KafkaError('Metadata', -1, 'the broker is away', true)
  const { creator, created, clock } = open({
    fail: () => {
      if (failures-- > 0) throw away
    },
  })
  const done = creator.ensure('w1')
  await clock.advance(200)
  await done
  assert.equal(created.length, 1)
  const never = open({
    fail: () => {
      throw away
    },
  })
  const waiting = never.creator.ensure('w1')
  await settle()
  never.stopping.abort()
  await assert.rejects(waiting, { code: 'CONNECT_ABORTED' })
})

test('a refusal fails with topic, group and settings named', async () => {
  const { creator } = open({
    fail: call => {
      if (call === 'create') throw new KafkaError('CreateTopics', 38, 'replication factor larger than available brokers', false)
    },
  })
  await assert.rejects(creator.ensure('w1'), {
    code: 'CONNECT_TOPIC_CREATION',
    message:
      /new topic w1 with partitions=8, replication\.factor=1, cleanup\.policy=compact \(topic\.creation\.wide\.\*\): .*available brokers/,
  })
})

test('a pattern that JavaScript would read otherwise is refused by its key', () => {
  const [group] = GROUPS as [TopicGroup]
  assert.throws(
    () =>
      new TopicCreator({
        groups: [{ ...group, include: ['a*+'] }],
        clock: new TestClock(),
        logger: silentLogger,
        signal: new AbortController().signal,
        openAdmin: () => assert.fail('not needed'),
      }),
    { code: 'CONNECT_CONFIG', message: /topic\.creation\.wide\.include.*possessive/ },
  )
})

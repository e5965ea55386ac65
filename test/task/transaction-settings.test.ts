// Where an exactly-once task writes, by the properties that Java's worker reads: id, offsets topic, time-out.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TaskSpec } from '../../src/actor/messages.ts'
import { transactionSettingsOf } from '../../src/task/client-settings.ts'

const settings = (connectorProps: Record<string, string>, workerProps: Record<string, string> = {}) =>
  transactionSettingsOf({
    connector: 'c',
    task: 3,
    connectorProps,
    workerProps: { 'group.id': 'g', 'offset.storage.topic': 'offsets', ...workerProps },
  } as unknown as TaskSpec)

test('the transactional id is of group, connector and task, whatever the user gives', () => {
  assert.equal(settings({ 'producer.override.transactional.id': 'mine' }).transactionalId, 'g-c-3')
})

test('offsets go to the topic that the connector names, else to the worker\u2019s', () => {
  assert.equal(settings({}).offsetsTopic, 'offsets')
  assert.equal(settings({ 'offsets.storage.topic': 'own' }).offsetsTopic, 'own')
})

test('the time-out is the connector\u2019s, else the worker\u2019s, else Java\u2019s default', () => {
  assert.equal(settings({}).timeoutMs, 60_000)
  assert.equal(settings({}, { 'producer.transaction.timeout.ms': '5000' }).timeoutMs, 5000)
  const own = { 'producer.override.transaction.timeout.ms': '7000' }
  assert.equal(settings(own, { 'producer.transaction.timeout.ms': '5000' }).timeoutMs, 7000)
})

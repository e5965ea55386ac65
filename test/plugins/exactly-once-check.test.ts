// What connectors answer about exactly-once delivery that Java's file connectors (validate-golden.test.ts) do not: nothing, an error, boundaries of
// their own. Texts of KAFKA 4.3.0's DistributedHerder.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Connector } from '../../src/api/connector.ts'
import { sourceConnectorConfig } from '../../src/config/connector-config.ts'
import { defineConfig } from '../../src/config/define.ts'
import { keyInfos } from '../../src/config/infos.ts'
import { addExactlyOnce } from '../../src/plugins/exactly-once-check.ts'
import { Findings } from '../../src/plugins/findings.ts'

const bare: Connector = { start() {}, taskConfigs: () => [], stop() {} }
const ENABLED = { 'exactly.once.source.support': 'enabled' }
const keys = defineConfig({
  'exactly.once.support': sourceConnectorConfig.keys['exactly.once.support'],
  'transaction.boundary': sourceConnectorConfig.keys['transaction.boundary'],
})

async function errors(props: Record<string, string>, connector: Connector, worker: Record<string, string> = ENABLED) {
  const found = new Findings('messages')
  found.add(keyInfos(keys), keys.validate(props))
  await addExactlyOnce(found, connector, props, worker)
  return Object.keys(keys.keys).flatMap(key => found.get(key)?.errors ?? [])
}

test('a connector that does not answer is refused where exactly-once is required, and told how to be let in', async () => {
  const [first, ...more] = await errors({ 'exactly.once.support': 'required' }, bare)
  assert.match(
    first ?? '',
    /^The connector does not implement the API required for preflight validation .* the value "requested"/,
  )
  assert.deepEqual(more, [])
  assert.deepEqual(await errors({ 'exactly.once.support': 'requested' }, bare), [])
})

test('a connector that fails to answer is refused with its reason', async () => {
  const failing: Connector = {
    ...bare,
    exactlyOnceSupport: () => Promise.reject(new Error('no connection')),
    canDefineTransactionBoundaries() {
      throw new Error('no idea')
    },
  }
  assert.deepEqual(await errors({ 'exactly.once.support': 'required', 'transaction.boundary': 'connector' }, failing), [
    'An unexpected error occurred during validation: no connection',
    'An unexpected error occurred during validation: no idea',
  ])
})

test('boundaries of its own are for connectors that have them', async () => {
  const having: Connector = { ...bare, canDefineTransactionBoundaries: () => 'supported' }
  const props = { 'transaction.boundary': 'Connector' }
  assert.deepEqual(await errors(props, having), [])
  for (const connector of [bare, { ...bare, canDefineTransactionBoundaries: () => 'unsupported' as const }])
    assert.match((await errors(props, connector))[0] ?? '', /does not support connector-defined transaction boundaries/)
})

test('a worker that has it switched off, or only prepares it, cannot give it', async () => {
  const able: Connector = { ...bare, exactlyOnceSupport: () => 'supported' }
  for (const worker of [{}, { 'exactly.once.source.support': 'preparing' }])
    assert.deepEqual(await errors({ 'exactly.once.support': 'required' }, able, worker), [
      'This worker does not have exactly-once source support enabled.',
    ])
})

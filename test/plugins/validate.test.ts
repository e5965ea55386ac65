// What validation of connector configs does beyond Java's (validate-golden.test.ts): variables stay hidden, missing predicates are found early.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Props } from '../../src/config/define.ts'
import { Catalogue } from '../../src/plugins/catalogue.ts'
import { validateConnectorConfig } from '../../src/plugins/validate.ts'
import { workers } from '../golden/config/validate-cases.ts'

const worker = workers.plain
const catalogue = new Catalogue()

test('the value of a config provider is used, and shown as the variable it came from', async () => {
  const providers = { ...worker, 'config.providers': 'env', 'config.providers.env.class': 'EnvVarConfigProvider' }
  process.env.SLUICE_TEST_SECRET = 'hunter2'
  const variable = '$' + '{env:SLUICE_TEST_SECRET}'
  const props = { name: 'x', 'connector.class': 'FileStreamSource', topic: variable, 'batch.size': variable }
  const infos = await validateConnectorConfig(catalogue, props, providers)
  const value = (name: string) => infos.configs.find(config => config.value.name === name)?.value
  assert.deepEqual([value('topic')?.value, value('topic')?.errors], [variable, []])
  assert.ok(value('batch.size')?.errors[0]?.startsWith(`Invalid value ${variable} for configuration batch.size`))
  assert.ok(!JSON.stringify(infos).includes('hunter2'))
})

test('the value of a config provider that became an alias shows as its variable in names and groups', async () => {
  const providers = { ...worker, 'config.providers': 'env', 'config.providers.env.class': 'EnvVarConfigProvider' }
  process.env.SLUICE_TEST_SECRET = 'hunter2'
  const variable = '$' + '{env:SLUICE_TEST_SECRET}'
  for (const list of ['transforms', 'predicates']) {
    const type = list === 'transforms' ? 'org.apache.kafka.connect.transforms.Filter' : 'no.such.Predicate'
    const props = {
      name: 'x',
      'connector.class': 'FileStreamSource',
      topic: 't',
      [list]: variable,
      [`${list}.hunter2.type`]: type,
    }
    const infos = await validateConnectorConfig(catalogue, props, providers)
    assert.ok(!JSON.stringify(infos).includes('hunter2'), list)
    assert.ok(infos.groups.some(group => group.endsWith(`s: ${variable}`)))
    assert.ok(
      infos.configs.some(({ value, definition }) => value.name === `${list}.${variable}.type` && definition?.name === value.name),
    )
  }
})

test('a transform whose predicate is not there is refused before it runs', async () => {
  const type = 'org.apache.kafka.connect.transforms.Filter'
  const props = {
    name: 'x',
    'connector.class': 'FileStreamSource',
    topic: 't',
    transforms: 'a',
    'transforms.a.type': type,
    'transforms.a.predicate': 'p',
  }
  const infos = await validateConnectorConfig(catalogue, props, worker)
  assert.equal(infos.error_count, 1)
  assert.deepEqual(infos.configs.find(config => config.value.name === 'transforms.a.predicate')?.value.errors, [
    'Invalid value p for configuration transforms.a.predicate: it is not among predicates=',
  ])
})

test('overrides are held against the policy of the worker, their types and the installed clients', async () => {
  const props = {
    name: 'x',
    'connector.class': 'FileStreamSource',
    topic: 't',
    'producer.override.acks': '1',
    'producer.override.linger.ms': 'soon',
    'producer.override.own.secret': 's3',
  }
  const errorsUnder = async (policy: Props) => {
    const infos = await validateConnectorConfig(catalogue, props, { ...worker, ...policy })
    assert.ok(!JSON.stringify(infos).includes('s3'))
    return Object.fromEntries(
      infos.configs.filter(c => c.value.errors.length > 0).map(c => [c.value.name.slice(18), c.value.errors.length]),
    )
  }
  const key = 'connector.client.config.override.policy'
  assert.deepEqual(await errorsUnder({}), { 'linger.ms': 1 })
  assert.deepEqual(await errorsUnder({ [key]: 'None' }), { acks: 1, 'linger.ms': 2, 'own.secret': 1 })
  assert.deepEqual(await errorsUnder({ [key]: 'Allowlist', 'connector.client.config.override.allowlist': 'acks,linger.ms' }), {
    'linger.ms': 1,
    'own.secret': 1,
  })
})

test('a version that is not installed is refused, with the one that is', async () => {
  const props = { name: 'x', 'connector.class': 'FileStreamSource', topic: 't', 'connector.plugin.version': '99.0' }
  const infos = await validateConnectorConfig(catalogue, props, worker)
  const version = infos.configs.find(config => config.value.name === 'connector.plugin.version')?.value
  assert.equal(version?.errors.length, 1)
  assert.equal(version?.recommended_values.length, 1)
  assert.equal(
    (await validateConnectorConfig(catalogue, { ...props, 'connector.plugin.version': '[0.1,)' }, worker)).error_count,
    0,
  )
})

test("a worker's converter that is not there is found when a connector would use it", async () => {
  const infos = await validateConnectorConfig(
    catalogue,
    { name: 'x', 'connector.class': 'FileStreamSource', topic: 't' },
    { ...worker, 'value.converter': 'a.B' },
  )
  const errors = infos.configs.find(config => config.value.name === 'value.converter')?.value.errors
  assert.match(errors?.[0] ?? '', /^The worker's value.converter is not usable.*a\.B/)
})

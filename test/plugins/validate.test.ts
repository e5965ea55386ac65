// validateConnectorConfig against what Java's herder answered to the same configs (test/golden/config/Recorder.java), field by field,
// and what is ours: variables stay hidden, missing predicates are found early.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ConfigError } from '../../src/base/errors.ts'
import type { Props } from '../../src/config/define.ts'
import type { ConfigInfo, ConfigKeyInfo, ConfigValueInfo } from '../../src/config/infos.ts'
import { Catalogue } from '../../src/plugins/catalogue.ts'
import { validateConnectorConfig } from '../../src/plugins/validate.ts'

interface RecordedInfo {
  readonly definition: number | null
  readonly value: Omit<ConfigValueInfo, 'recommended_values'>
}
interface Recorded {
  readonly definitions: Omit<ConfigKeyInfo, 'documentation'>[]
  readonly validate: {
    case: Record<string, string | null>
    infos?: { name: string; error_count: number; groups: string[]; configs: RecordedInfo[] }
    error?: string
  }[]
}

const golden = new URL('../golden/config/', import.meta.url)
const recorded: Recorded = JSON.parse(readFileSync(new URL('recorded.json', golden), 'utf8'))
const worker: Props = JSON.parse(readFileSync(new URL('cases.json', golden), 'utf8')).worker
const catalogue = new Catalogue()

/** The framework always sets it: required in Java, optional in ours. */
const isConverterType = (name: string) => name.endsWith('.converter.type')
/** Our plugins have versions of their own. */
const isVersion = (name: string) => name.endsWith('plugin.version')
const isConverterKey = (name: string) => /^(key|value|header)\.converter\../.test(name)

/** Java's wording where ours is meant to differ: full keys in messages, a hint behind, the reason of another regex engine. */
function comparable(name: string, errors: readonly string[]): string[] {
  return errors.map(error =>
    error
      .replaceAll(name, name.replace(/^(transforms|predicates)\.[^.]*\.|^(key|value|header)\.converter\.(?=.)/, ''))
      .replace(/ Did you mean .*\?$/, '')
      .replace(/(Invalid regex: ).*$/s, '$1')
      .replace(/(\(case insensitive\): )(.*)$/, (_, head, list: string) => head + list.split(', ').sort().join()),
  )
}

/** What a check says of the null that a missing or malformed value left behind: which keys are checked for it differs. */
const isSecondError = (error: string) => error.startsWith('Invalid value null for configuration')
const firstErrors = (errors: readonly string[]) => errors.filter(error => !isSecondError(error))

function ofJava({ definition, value }: RecordedInfo) {
  return shown(definition === null ? null : (recorded.definitions[definition] ?? null), value)
}

function shown(definition: Omit<ConfigKeyInfo, 'documentation'> | null, value: Omit<ConfigValueInfo, 'recommended_values'>) {
  const { name, visible } = value
  const errors = comparable(name, firstErrors(value.errors))
  const isKnown = definition !== null
  let known = isKnown && isVersion(name) ? { ...definition, default_value: null } : definition
  if (known !== null && isConverterType(name)) known = { ...known, required: false }
  return { definition: known, value: { name, value: isVersion(name) ? null : value.value, visible, errors } }
}

function ofOurs({ definition, value }: ConfigInfo) {
  let known: Omit<ConfigKeyInfo, 'documentation'> | null = null
  if (definition !== null) {
    const { documentation, ...rest } = definition
    assert.notEqual(documentation, '', value.name)
    known = rest
  }
  return shown(known, value)
}

/** Java lists converter keys and client overrides in hash order. */
const hashed = (name: string) => isConverterKey(name) || name.includes('.override.')
const inOrder = <T extends { value: { name: string } }>(configs: T[]) => [
  ...configs.filter(c => !hashed(c.value.name)),
  ...configs.filter(c => hashed(c.value.name)).sort((a, b) => (a.value.name < b.value.name ? -1 : 1)),
]

/** Cases where we say more than Java on purpose, by what is special in them. */
function differs(props: Record<string, string | null>): string | null {
  if (Object.values(props).includes(null)) return 'nulls are handled by the herder'
  if (props['transforms.a.type'] === 'MaskField$Value') return 'Java does not find nested classes by their short name'
  if (props['transforms.a.predicate'] === 'missing') return 'Java finds the missing predicate when the task starts'
  if (props['consumer.override.max.poll.records'] === 'many') return 'Java gives up at the first override that does not parse'
  if (props['connector.class'] === ' FileStreamSink ') return 'Java does not trim the class'
  return null
}

for (const { case: props, infos, error } of recorded.validate) {
  if (differs(props) !== null) continue
  test(`Java's answer to ${JSON.stringify(props)}`, async () => {
    if (infos === undefined) {
      await assert.rejects(validateConnectorConfig(catalogue, props as Props, worker), (thrown: unknown) => {
        assert.ok(thrown instanceof ConfigError)
        const head = (text: string) => text.replace(/(available connectors are: |Connector config ).*/, '$1')
        assert.equal(head(thrown.message), head(error ?? ''))
        return true
      })
      return
    }
    const ours = await validateConnectorConfig(catalogue, props as Props, worker)
    const seconds = (configs: readonly { value: { errors: readonly string[] } }[]) =>
      configs.flatMap(config => config.value.errors).filter(isSecondError).length
    assert.deepEqual(inOrder(ours.configs.map(ofOurs)), inOrder(infos.configs.map(ofJava)))
    assert.equal(ours.error_count - seconds(ours.configs), infos.error_count - seconds(infos.configs))
    assert.equal(ours.name, infos.name)
    assert.deepEqual(ours.groups.slice().sort(), infos.groups.slice().sort())
    assert.deepEqual(
      ours.groups.filter(g => !/^S/.test(g)),
      infos.groups.filter(g => !/^S/.test(g)),
    )
  })
}

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

// Validation of connector configs against what Java answered to the same configs (test/golden/config): every field of every key. What
// differs on purpose is in this file by name, and in docs/differences.md.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ConfigError } from '../../src/base/errors.ts'
import type { Props } from '../../src/config/define.ts'
import type { ConfigInfo, ConfigKeyInfo, ConfigValueInfo } from '../../src/config/infos.ts'
import { topicCreationFaults } from '../../src/config/topic-creation.ts'
import { validateConnectorConfig } from '../../src/plugins/validate.ts'
import { splitNulls, withNullErrors } from '../../src/supervisor/config-check.ts'
import { badConfigs, type ValidateCase, validateCases, workers } from '../golden/config/validate-cases.ts'
import { catalogueWithBroken } from './broken-converters.ts'

type Definition = Omit<ConfigKeyInfo, 'documentation'>
interface Recorded {
  readonly definitions: readonly Definition[]
  readonly recommended: readonly (readonly string[])[]
  readonly configs: readonly {
    readonly definition: number | null
    readonly value: Omit<ConfigValueInfo, 'recommended_values'> & { readonly recommended_values: number }
  }[]
  readonly validate: readonly {
    readonly case: ValidateCase
    readonly infos?: { name: string; error_count: number; groups: string[]; configs: number[] }
    readonly error?: string
  }[]
}

const recorded: Recorded = JSON.parse(readFileSync(new URL('../golden/config/recorded.json', import.meta.url), 'utf8'))
const catalogue = catalogueWithBroken()
const ownNames = new Set(catalogue.list().map(plugin => plugin.className))

interface Shown {
  readonly definition: Definition | null
  readonly value: ConfigValueInfo
}

const isVersion = (name: string) => name.endsWith('plugin.version')
const isConverterKey = (name: string) => /^(key|value|header)\.converter\../.test(name) && !isVersion(name)

/** Java's words where ours differ on purpose: full keys in messages, a hint behind, the reason of another regex engine. */
function comparableError(name: string, error: string): string {
  return error
    .replaceAll(name, name.replace(/^(transforms|predicates)\.[^.]*\.|^(key|value|header)\.converter\.(?=.)/, ''))
    .replace(/ Did you mean .*\?$/, '')
    .replace(/(available versions: ).*$/, '$1')
    .replace(/(Invalid regex: ).*$/s, '$1')
}

/** Our plugins have versions of their own, and there are plugins that only one side has. */
function comparable({ definition, value }: Shown, javaClasses: ReadonlySet<string>): Shown {
  const { name } = value
  const known =
    definition !== null && isVersion(name) && definition.default_value !== null
      ? { ...definition, default_value: 'its version' }
      : definition
  const isClass = definition?.type === 'CLASS'
  const recommended = value.recommended_values.filter(v => !isClass || (ownNames.has(v) && javaClasses.has(v)))
  return {
    definition: known !== null && name.endsWith('.converter.type') ? { ...known, required: false } : known,
    value: {
      ...value,
      value: isVersion(name) && /^\d/.test(value.value ?? '') ? 'its version' : value.value,
      recommended_values: isVersion(name) ? recommended.map(() => 'its version') : recommended,
      errors: value.errors.map(error => comparableError(name, error)),
    },
  }
}

const javaClasses = new Set(recorded.recommended.flat())

function ofJava(place: number): Shown {
  const config = recorded.configs[place]
  assert.ok(config !== undefined)
  const { definition, value } = config
  const shown = {
    definition: definition === null ? null : (recorded.definitions[definition] ?? null),
    value: { ...value, recommended_values: recorded.recommended[value.recommended_values] ?? [] },
  }
  return comparable(shown, javaClasses)
}

function ofOurs({ definition, value }: ConfigInfo): Shown {
  if (definition === null) return comparable({ definition, value }, javaClasses)
  const { documentation, ...rest } = definition
  assert.notEqual(documentation, '', value.name)
  return comparable({ definition: rest, value }, javaClasses)
}

/** Java lists converter keys and client overrides in hash order; ours stand as declared and as written. */
const isHashed = ({ value: { name } }: Shown) => isConverterKey(name) || name.includes('.override.')
const inOrder = (configs: readonly Shown[]) => [
  ...configs.filter(config => !isHashed(config)),
  ...configs.filter(isHashed).sort((a, b) => (a.value.name < b.value.name ? -1 : 1)),
]

/** Groups of converters stand in hash order too. */
const groupsInOrder = (groups: readonly string[]) => [
  ...groups.filter(group => !/^(Schemas|Serialization|Encoding)$/.test(group)),
  ...groups.filter(group => /^(Schemas|Serialization|Encoding)$/.test(group)).sort(),
]

const TOPIC_GROUPS = 'Java finds what is wrong with topic groups when the connector starts'

/** Where we say something else on purpose, by what is special in the config; each is tested below. */
function difference({ config, worker }: ValidateCase): string | null {
  const values = Object.values(config)
  if (values.some(value => value?.startsWith('Recorder$')))
    return 'Java tells what is wrong with a Java class, and no version of one that it does not list'
  if (config.file === null) return "a null of the connector's own key is not reported by Java"
  if (config['transforms.a.type'] === 'MaskField$Value') return 'Java does not find nested classes by their short name'
  if (config['transforms.a.predicate'] === 'missing') return 'Java finds the missing predicate when the task starts'
  if (config['transforms.a.spec'] === 'a:complex,b') return 'Java shows the text of a Java exception'
  if (config['consumer.override.max.poll.records'] === 'many') return 'Java gives up at the first override that does not parse'
  if (config['connector.class'] === ' FileStreamSink ') return 'Java does not trim the class'
  if (worker !== 'noTopicCreation' && topicCreationFaults(config as Props).length > 0) return TOPIC_GROUPS
  return null
}

const modeOf = (worker: ValidateCase['worker']) => ('group.id' in workers[worker] ? 'distributed' : 'standalone')

async function answerTo({ worker, config }: ValidateCase) {
  const { props, nullKeys } = splitNulls(config)
  return withNullErrors(await validateConnectorConfig(catalogue, props, workers[worker], modeOf(worker)), nullKeys)
}

test('the recording is of these cases, at least a hundred', () => {
  assert.deepEqual(
    recorded.validate.map(one => one.case),
    validateCases,
  )
  assert.ok(recorded.validate.filter(one => one.infos !== undefined).length >= 100)
})

for (const { case: one, infos, error } of recorded.validate) {
  if (difference(one) !== null) continue
  test(`Java's answer to ${JSON.stringify(one.config)} on a worker '${one.worker}'`, async () => {
    if (infos === undefined) {
      await assert.rejects(answerTo(one), (thrown: unknown) => {
        assert.ok(thrown instanceof ConfigError)
        // Java goes on with the config, passwords included, or with all it knows about each plugin
        const head = (text: string) => text.replace(/(available connectors are: |Connector config ).*/, '$1')
        assert.equal(head(thrown.message), head(error ?? ''))
        return true
      })
      return
    }
    const ours = await answerTo(one)
    assert.deepEqual(inOrder(ours.configs.map(ofOurs)), inOrder(infos.configs.map(ofJava)))
    assert.equal(ours.error_count, infos.error_count)
    assert.equal(ours.name, infos.name)
    assert.deepEqual(groupsInOrder(ours.groups), groupsInOrder(infos.groups))
  })
}

const errorsOf = (infos: { configs: readonly { value: { name: string; errors: readonly string[] } }[] }) =>
  Object.fromEntries(infos.configs.filter(c => c.value.errors.length > 0).map(c => [c.value.name, c.value.errors.length]))

for (const [what, count, one] of badConfigs) {
  test(`a config that Java's integration test refuses: ${what}`, async () => {
    const ours = await answerTo(one)
    const java = recorded.validate[validateCases.indexOf(one)]?.infos
    assert.equal(ours.error_count, count)
    assert.equal(java?.error_count, count)
    assert.deepEqual(errorsOf(ours), errorsOf({ configs: java.configs.map(ofJava) }))
  })
}

const withDifference = (reason: RegExp) => {
  const found = validateCases.filter(one => reason.test(difference(one) ?? ''))
  assert.equal(found.length, 1)
  return answerTo(found[0] as ValidateCase)
}

test('more than Java says: nulls, short names of nested classes, predicates that are missing, casts, overrides of a wrong type', async () => {
  assert.deepEqual(errorsOf(await withDifference(/null/)), { file: 1, other: 1 })
  assert.deepEqual(errorsOf(await withDifference(/nested/)), { 'transforms.a.fields': 1 })
  assert.deepEqual(errorsOf(await withDifference(/predicate/)), { 'transforms.a.negate': 1, 'transforms.a.predicate': 1 })
  assert.deepEqual(errorsOf(await withDifference(/exception/)), { 'transforms.a.spec': 1 })
  assert.deepEqual(errorsOf(await withDifference(/override/)), { 'consumer.override.max.poll.records': 1 })
  assert.deepEqual(errorsOf(await withDifference(/trim/)), { topics: 1, 'topics.regex': 1 })
})

for (const { case: one, infos } of recorded.validate.filter(found => difference(found.case) === TOPIC_GROUPS)) {
  test(`only topic groups differ from Java's answer to ${JSON.stringify(one.config)}`, async () => {
    const isGroupKey = (name: string) => name.startsWith('topic.creation.') && name !== 'topic.creation.groups'
    const ours = await answerTo(one)
    const own = ours.configs.filter(c => isGroupKey(c.value.name))
    assert.ok(own.length > 0 && own.every(c => c.value.errors.length === 1))
    const rest = ours.configs.filter(c => !isGroupKey(c.value.name))
    assert.deepEqual(errorsOf({ configs: rest }), errorsOf({ configs: (infos?.configs ?? []).map(ofJava) }))
  })
}

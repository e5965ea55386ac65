// defineConfig, its checks and the properties reader against what Java made of the same inputs (test/golden/config/Recorder.java).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ConfigError } from '../../src/base/errors.ts'
import * as checks from '../../src/config/checks.ts'
import { type Check, defineConfig, type Kind, Password } from '../../src/config/define.ts'
import { parseProperties } from '../../src/config/properties.ts'

interface Recorded {
  readonly parseType: { case: [string, string]; value?: unknown; text?: string; error?: string }[]
  readonly checks: { case: [string, string, unknown[], string | null]; errors: string[]; thrown: string | null }[]
  readonly properties: { case: string; props?: Record<string, string>; error?: string }[]
}

const recorded: Recorded = JSON.parse(readFileSync(new URL('../golden/config/recorded.json', import.meta.url), 'utf8'))

const shape = { importance: 'high', doc: '' } as const

for (const {
  case: [type, text],
  value,
  text: shown,
  error,
} of recorded.parseType) {
  test(`${type} from ${JSON.stringify(text).slice(0, 40)} is what Java reads`, () => {
    const config = defineConfig({ 'the.key': { ...shape, type: type.toLowerCase() as Kind } })
    const [found] = config.validate({ 'the.key': text })
    if (error !== undefined) {
      assert.deepEqual(found?.errors, [error])
      assert.throws(() => config.parse({ 'the.key': text }), { message: error })
      return
    }
    assert.deepEqual(found?.errors, [])
    assert.equal(found?.value, shown)
    const parsed = config.parse({ 'the.key': text })['the.key']
    if (parsed instanceof Password) assert.equal(parsed.value, value)
    else if (typeof parsed === 'number') assert.ok(Object.is(parsed, Number(value)), `${parsed} is not ${value}`)
    else assert.deepEqual(parsed, value)
  })
}

function checkNamed(name: string, args: unknown[]): Check {
  const numbers = args as number[]
  const texts = args as string[]
  switch (name) {
    case 'atLeast':
      return checks.atLeast(numbers[0] ?? 0)
    case 'between':
      return checks.between(numbers[0] ?? 0, numbers[1] ?? 0)
    case 'oneOf':
      return checks.oneOf(...texts)
    case 'oneOfIgnoringCase':
      return checks.oneOfIgnoringCase(...texts)
    case 'nonEmpty':
      return checks.nonEmpty
    case 'plainName':
      return checks.plainName
    case 'listWithoutDuplicates':
      return checks.uniqueNonEmptyList
    default:
      throw new Error(`no check ${name}`)
  }
}

/** Java lists case-insensitive choices in hash order. */
const withoutOrder = (message: string) =>
  message.replace(/(\(case insensitive\): )(.*)$/, (_, head, list) => head + list.split(', ').sort())

for (const {
  case: [type, name, args, text],
  errors,
  thrown,
} of recorded.checks) {
  test(`check ${name} on ${JSON.stringify(text)} says what Java says`, () => {
    const config = defineConfig({ 'the.key': { ...shape, type: type.toLowerCase() as Kind, check: checkNamed(name, args) } })
    const props: Record<string, string> = text === null ? {} : { 'the.key': text }
    assert.deepEqual(config.validate(props)[0]?.errors.map(withoutOrder), errors.map(withoutOrder))
    if (errors.length === 0) config.parse(props)
    // Java's parse drops duplicates of a list silently, though its validation refuses them; ours refuses in both.
    else if (thrown !== null)
      assert.throws(
        () => config.parse(props),
        (error: Error) => withoutOrder(error.message) === withoutOrder(thrown),
      )
  })
}

for (const { case: text, props, error } of recorded.properties) {
  test(`properties ${JSON.stringify(text)} are what Java loads`, () => {
    if (error === undefined) assert.deepEqual(parseProperties(text), props)
    else
      assert.throws(
        () => parseProperties(text),
        (thrown: unknown) => thrown instanceof ConfigError && thrown.message.endsWith(error),
      )
  })
}

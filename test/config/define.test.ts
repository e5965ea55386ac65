// What Java's recorder does not cover of defineConfig: types, secrets, several errors at once.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { ConfigError } from '../../src/base/errors.ts'
import { atLeast, type ConfigDef, defineConfig, oneOf, Password } from '../../src/config/define.ts'

const config = defineConfig({
  file: { type: 'string', importance: 'high', doc: '' },
  'batch.size': { type: 'int', default: 2000, importance: 'low', check: atLeast(1), doc: '' },
  mode: { type: 'string', default: 'a', importance: 'low', check: oneOf('a', 'b'), doc: '' },
  topics: { type: 'list', default: 'x, y', importance: 'low', doc: '' },
  secret: { type: 'password', default: null, importance: 'low', doc: '' },
  limit: { type: 'long', default: null, importance: 'low', check: atLeast(0), doc: '' },
})

test('types of parsed values are those that were declared', () => {
  const parsed = config.parse({ file: ' /a ', 'batch.size': '7', secret: 's' })
  const file: string = parsed.file
  const size: number = parsed['batch.size']
  const topics: readonly string[] = parsed.topics
  const secret: Password | null = parsed.secret
  const limit: number | null = parsed.limit
  assert.deepEqual([file, size, topics, secret?.value, limit], ['/a', 7, ['x', 'y'], 's', null])
})

test('any declaration fits where a ConfigDef is wanted', () => {
  const general: ConfigDef = config
  assert.deepEqual(general.names, ['file', 'batch.size', 'mode', 'topics', 'secret', 'limit'])
})

test('every bad key is in the message, and the first one is the key of the error', () => {
  assert.throws(
    () => config.parse({ 'batch.size': '0', mode: 'c' }),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError)
      assert.equal(error.key, 'file')
      assert.deepEqual(error.message.split('\n'), [
        'Missing required configuration "file" which has no default value.',
        'Invalid value 0 for configuration batch.size: Value must be at least 1',
        'Invalid value c for configuration mode: String must be one of: a, b',
      ])
      return true
    },
  )
})

test('a secret does not leak through printing, JSON, inspection, copies or validation', () => {
  const secret = new Password('hunter2')
  const shown = [
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }),
    JSON.stringify({ ...secret }),
    inspect(structuredClone({ ...secret })),
  ]
  for (const text of shown) assert.ok(!text.includes('hunter2'), text)
  const value = config.validate({ file: 'f', secret: 'hunter2' }).find(v => v.name === 'secret')
  assert.equal(value?.value, '[hidden]')
  assert.equal(secret.value, 'hunter2')
})

test('a key of Object.prototype is not taken for a setting', () => {
  const odd = defineConfig({ constructor: { type: 'string', default: 'none', importance: 'low', doc: '' } })
  assert.equal(odd.parse({}).constructor, 'none')
})

test('a long beyond 2^53 saturates, and is shown as written', () => {
  assert.equal(config.parse({ file: 'f', limit: '9223372036854775807' }).limit, Number.MAX_SAFE_INTEGER)
  assert.equal(config.validate({ file: 'f', limit: '+9223372036854775807' }).at(-1)?.value, '9223372036854775807')
})

test('a whole message stands alone', () => {
  const check = (name: string) => ({ message: `${name} is out of luck` })
  const own = defineConfig({ 'a.key': { type: 'string', importance: 'low', doc: '', check } })
  assert.throws(() => own.parse({ 'a.key': '' }), { message: 'a.key is out of luck' })
})

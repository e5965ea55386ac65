// Config providers and variables: what is replaced, what stays, what may be read, what is stored.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { prng } from '../../src/base/prng.ts'
import type { Props } from '../../src/config/define.ts'
import { openVariables, resolveWorkerProps } from '../../src/config/variables.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-variables-'))
after(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'secrets.properties')
writeFileSync(file, 'user=alice\npass=a\\=b\nnested=$' + '{env:SLUICE_A}\n')
writeFileSync(join(folder, 'token'), 'abc\n')
process.env.SLUICE_A = 'from env'
process.env.SLUICE_B = 'other'

/** `{…}` stands for a variable, so that no literal looks like a template. */
const v = (text: string) => text.replaceAll('{', '$' + '{')
const PACKAGE = 'org.apache.kafka.common.config.provider.'
const worker: Props = {
  'config.providers': 'env, file,directory',
  'config.providers.env.class': `${PACKAGE}EnvVarConfigProvider`,
  'config.providers.file.class': `${PACKAGE}FileConfigProvider`,
  'config.providers.directory.class': `${PACKAGE}DirectoryConfigProvider`,
}
const resolved = (text: string, more: Props = {}) => openVariables({ ...worker, ...more }).resolve({ key: v(text) }).key

test('variables of all three providers are replaced, alone, within text and several times', () => {
  assert.equal(resolved('{env:SLUICE_A}'), 'from env')
  assert.equal(resolved('{env::SLUICE_A}'), 'from env')
  assert.equal(resolved(`{file:${file}:user}`), 'alice')
  assert.equal(resolved(`jdbc://{file:${file}:user}:{file:${file}:pass}@{env:SLUICE_B}`), 'jdbc://alice:a=b@other')
  assert.equal(resolved(`{directory:${folder}:token}`), 'abc\n')
})

test('what nothing answers stays as it was written', () => {
  for (const text of [
    '{env:SLUICE_NOT_SET}',
    '{vault:a:b}',
    `{file:${file}:nobody}`,
    '{file::user}',
    '{plain}',
    '{env:}',
    'x {y',
    `{directory:${folder}:../token}`,
  ]) {
    assert.equal(resolved(text), v(text))
  }
  assert.deepEqual(openVariables({}).resolve({ key: v('{env:SLUICE_A}') }), { key: v('{env:SLUICE_A}') })
})

test('a value that looks like a variable is not resolved again', () => {
  assert.equal(resolved(`{file:${file}:nested}`), v('{env:SLUICE_A}'))
})

test('only what the worker allows can be read', () => {
  assert.equal(resolved('{env:SLUICE_B}', { 'config.providers.env.param.allowlist.pattern': 'SLUICE_A' }), v('{env:SLUICE_B}'))
  assert.equal(resolved('{env:SLUICE_A}', { 'config.providers.env.param.allowlist.pattern': 'SLUICE_.' }), 'from env')
  const allowed = { 'config.providers.file.param.allowed.paths': '/usr, /etc' }
  assert.equal(resolved(`{file:${file}:user}`, allowed), v(`{file:${file}:user}`))
  assert.equal(resolved(`{file:${file}:user}`, { 'config.providers.file.param.allowed.paths': folder }), 'alice')
})

test('an unreadable file names the file, not the variable it was for', () => {
  assert.throws(() => resolved(`{file:${folder}/missing:user}`), {
    name: 'ConfigError',
    message: /Could not read properties from file .*missing: ENOENT/,
  })
  // no folder, no keys, as in Java
  assert.equal(resolved(`{directory:${folder}/missing:user}`), v(`{directory:${folder}/missing:user}`))
})

test('a provider without or with an unknown class is refused', () => {
  assert.throws(() => openVariables({ 'config.providers': 'vault' }), { key: 'config.providers.vault.class' })
  assert.throws(() => openVariables({ 'config.providers': 'vault', 'config.providers.vault.class': 'a.Vault' }), {
    message: /no such config provider\. There are: .*EnvVarConfigProvider/,
  })
  assert.throws(() => openVariables({ ...worker, 'config.providers.env.param.allowlist.pattern': '(' }), {
    key: 'config.providers.env.param.allowlist.pattern',
  })
})

test('plugin.path is taken as written', () => {
  const props = resolveWorkerProps({ ...worker, 'plugin.path': v('{env:SLUICE_A}'), 'bootstrap.servers': v('{env:SLUICE_A}') })
  assert.deepEqual([props['plugin.path'], props['bootstrap.servers']], [v('{env:SLUICE_A}'), 'from env'])
})

test('a task config is stored with the variables of its connector config', () => {
  const connector = { user: v('{env:SLUICE_A}'), file: '/a' }
  const variables = openVariables(worker)
  assert.deepEqual(variables.putBack({ user: 'from env', file: '/a/0', url: 'http://from env@host' }, connector), {
    user: connector.user,
    file: '/a/0',
    url: `http://${connector.user}@host`,
  })
  assert.deepEqual(variables.resolve(variables.putBack({ url: 'http://from env@host' }, connector)), {
    url: 'http://from env@host',
  })
})

test('a plain value that holds the value of a variable by chance stays as it is written', () => {
  const connector = { user: v('{env:SLUICE_A}'), topic: 'orders from env' }
  const taskProps = { user: 'from env', topic: 'orders from env' }
  assert.deepEqual(openVariables(worker).putBack(taskProps, connector), connector)
})

test('a redactor puts variables back in logs and traces, also where JSON escapes the value', () => {
  const props = { password: v(`{file:${file}:pass}`), user: v(`{file:${file}:user}`) }
  const redact = openVariables(worker).redactor([props])
  assert.equal(redact('cannot open alice@host'), `cannot open ${v(`{file:${file}:user}`)}@host`)
  assert.equal(redact('nothing secret'), 'nothing secret')
})

test('a variable that is not closed is a text, however many colons or beginnings follow', () => {
  for (const text of [v(`{${':'.repeat(20_000)}`), v('{'.repeat(500_000)), v(`${'{'.repeat(500_000)}}`)])
    assert.equal(openVariables(worker).resolve({ text }).text, text)
})

const PIECES = ['$', '{', '}', ':', v('{env:'), 'SLUICE_B', 'x', '}']

test("variables are found where Java's pattern finds them", () => {
  const pattern = /\$\{([^}]*?):(?:([^}]*?):)?([^}]*?)\}/g
  const random = prng(7)
  let found = 0
  for (let i = 0; i < 20_000; i++) {
    const text = Array.from({ length: Math.floor(random() * 12) }, () => PIECES[Math.floor(random() * PIECES.length)]).join('')
    const expected = text.replace(pattern, (variable, provider: string, path: string | undefined, name: string) => {
      const value = provider === 'env' && (path ?? '') === '' ? process.env[name] : undefined
      if (value !== undefined) found++
      return value ?? variable
    })
    const isRefused = [...text.matchAll(pattern)].some(([, provider, path]) => provider === 'env' && (path ?? '') !== '')
    if (!isRefused) assert.equal(openVariables(worker).resolve({ text }).text, expected, text)
  }
  assert.ok(found > 100, `${found} variables`)
})

test('a pipe, a device or a huge file is refused before it is read', () => {
  execFileSync('mkfifo', [join(folder, 'pipe')])
  const huge = join(folder, 'huge')
  writeFileSync(huge, '')
  truncateSync(huge, 5 << 20)
  for (const path of [join(folder, 'pipe'), '/dev/zero'])
    assert.throws(() => resolved(`{file:${path}:user}`), {
      message: `Could not read properties from file ${path}: it is not a regular file`,
    })
  assert.throws(() => resolved(`{file:${folder}:user}`), { message: /it is a directory/ })
  assert.throws(() => resolved(`{file:${huge}:user}`), { message: /it has 5242880 bytes, more than 4194304/ })
})

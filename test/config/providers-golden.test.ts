// Config providers against Java's (test/golden/config): what they find, what they refuse, and which variables stay as they are.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { openVariables } from '../../src/config/variables.ts'
import { type ProviderCase, providerCases, providerFiles } from '../golden/config/provider-cases.ts'

interface Recorded {
  readonly providers: readonly { readonly case: ProviderCase; readonly value?: string; readonly error?: string }[]
}
const recorded: Recorded = JSON.parse(readFileSync(new URL('../golden/config/recorded.json', import.meta.url), 'utf8'))

const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
after(() => rmSync(folder, { recursive: true }))
for (const [path, text] of Object.entries(providerFiles)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
const here = (text: string) => text.replaceAll('FOLDER', folder)
const there = (text: string) => text.replaceAll(folder, 'FOLDER')

function resolved({ class: className, params, text }: ProviderCase): string {
  const own = Object.entries(params).map(([name, value]) => [`config.providers.p.param.${name}`, here(value)])
  const worker = { 'config.providers': 'p', 'config.providers.p.class': className, ...Object.fromEntries(own) }
  return there(openVariables(worker).resolve({ key: here(text) }).key ?? '')
}

test('the recording is of these cases', () => {
  assert.deepEqual(
    recorded.providers.map(one => one.case),
    providerCases,
  )
})

for (const { case: one, value, error } of recorded.providers) {
  test(`${one.class} ${JSON.stringify(one.params)}: ${one.text}`, () => {
    if (error === undefined) return assert.equal(resolved(one), value)
    assert.throws(
      () => resolved(one),
      (thrown: Error) => {
        // Java says no reason, and of a pattern only what its engine says
        if (!error.startsWith('Unclosed')) assert.ok(there(thrown.message).startsWith(error), thrown.message)
        return true
      },
    )
  })
}

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { sinkRecord, type TransformationPlugin } from 'sluice'
import { withConfigTable } from 'sluice/kit'
import { plugins } from './index.ts'

const plugin = plugins[0] as TransformationPlugin

function configured(props: Record<string, string>) {
  const transform = plugin.create()
  transform.configure(props)
  return transform
}

test('replaces the text wherever it occurs', () => {
  const transform = configured({ find: 'a', replacement: 'o' })
  assert.equal(transform.apply(sinkRecord({ topic: 't', value: 'banana' }))?.value, 'bonono')
})

test('lets tombstones pass, and refuses what is no text', () => {
  const transform = configured({ find: 'a' })
  assert.equal(transform.apply(sinkRecord({ topic: 't', value: null }))?.value, null)
  assert.throws(() => transform.apply(sinkRecord({ topic: 't', value: { a: 1 } })), /no text/)
})

test('an empty text to find is refused', () => {
  assert.throws(() => configured({ find: '' }), /find/)
})

test('the table in the README is the one of the declaration (npm run docs)', () => {
  const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  assert.equal(withConfigTable(readme, plugins), readme)
})

// The generated documentation is what the declarations say, and every declared key is explained.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { documents } from '../scripts/docs.ts'
import type { Plugin } from '../src/api/plugin.ts'
import { configTable, withConfigTable } from '../src/config/config-table.ts'
import { defineConfig } from '../src/config/define.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

test('the documentation has not drifted from the declarations', async () => {
  for (const [path, text] of await documents()) {
    assert.ok(existsSync(join(root, path)), `${path} is missing: run npm run docs`)
    assert.ok(readFileSync(join(root, path), 'utf8') === text, `${path} is not what the declarations say: run npm run docs`)
  }
})

test('no key goes without an explanation', async () => {
  for (const [path, text] of await documents()) {
    const bare = text
      .split('\n')
      .filter(line => /^\| `/.test(line) && /\|\s*\|$/.test(line) && path !== 'docs/reference/errors.md')
    assert.deepEqual(bare, [], path)
  }
})

test('a table leaves out internal keys and escapes what would end a cell', () => {
  const config = defineConfig({
    a: { type: 'string', default: 'x|y', importance: 'low', doc: 'one\n two' },
    b: { type: 'list', importance: 'high', doc: 'needed' },
    c: { type: 'string', default: null, importance: 'low', doc: 'hidden', internal: true },
  })
  assert.deepEqual(configTable(config).split('\n').slice(2), [
    '| `a` | string | `x\\|y` | low | one two |',
    '| `b` | list | required | high | needed |',
  ])
})

test('only the text between the markers of a README changes', () => {
  const plugin = { className: 'a.B', config: defineConfig({}) } as unknown as Plugin
  const readme = 'before\n<!-- generated:config -->\nold\n<!-- /generated:config -->\nafter\n'
  const made = withConfigTable(readme, [plugin])
  assert.equal(made, 'before\n<!-- generated:config -->\nIt has no keys of its own.\n<!-- /generated:config -->\nafter\n')
  assert.equal(withConfigTable(made ?? '', [plugin]), made)
  assert.equal(withConfigTable('no markers', [plugin]), null)
})

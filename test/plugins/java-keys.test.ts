// The keys of every built-in plugin that Java has too: names, types, defaults, importance, groups and order as Java declares them
// (test/golden/config/Recorder.java).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type ConfigKeyInfo, keyInfos } from '../../src/config/infos.ts'
import { Catalogue, KINDS } from '../../src/plugins/catalogue.ts'

type Key = Omit<ConfigKeyInfo, 'documentation'>
const recorded: { plugins: Record<string, Key[]> } = JSON.parse(
  readFileSync(new URL('../golden/config/recorded.json', import.meta.url), 'utf8'),
)

const catalogue = new Catalogue()
for (const [className, keys] of Object.entries(recorded.plugins)) {
  const kind = KINDS.find(k => catalogue.has(k, className))
  if (kind === undefined) continue
  test(`${className} has the keys it has in Java`, async () => {
    const { config } = await catalogue.load(kind, className)
    const ours = keyInfos(config).map(({ documentation, ...key }) => key)
    const byName = (a: Key, b: Key) => (a.name < b.name ? -1 : 1)
    assert.deepEqual(ours.sort(byName), keys.sort(byName))
  })
}

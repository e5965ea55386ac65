// Keys, types, defaults and importance of every transform and predicate against the Java ConfigDefs of Kafka 4.3.0.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Plugin } from '../../src/api/plugin.ts'

interface RecordedKey {
  name: string
  type: string
  importance: string
  required?: true
  default?: string | null
}

const golden = JSON.parse(readFileSync(new URL('../golden/transforms/config-defs.json', import.meta.url), 'utf8')) as {
  class: string
  keys: RecordedKey[]
}[]

async function plugins(): Promise<Plugin[]> {
  const found: Plugin[] = []
  for (const folder of ['transforms', 'predicates']) {
    const url = new URL(`../../src/${folder}/`, import.meta.url)
    for (const file of readdirSync(url)) {
      const module = (await import(new URL(file, url).href)) as { plugins?: readonly Plugin[] }
      found.push(...(module.plugins ?? []))
    }
  }
  return found
}

test('every transform and predicate has the keys, types, defaults and importance of its Java class', async () => {
  const ours = await plugins()
  for (const plugin of ours) {
    const java = golden.find(def => plugin.className === `org.apache.kafka.connect.transforms.${def.class}`)
    assert.ok(java !== undefined, plugin.className)
    const keys = plugin.config.names.map(name => {
      const key = plugin.config.keys[name]
      assert.ok(key !== undefined)
      const recorded = { name, type: key.type.toUpperCase(), importance: key.importance.toUpperCase() }
      if (key.default === undefined) return { ...recorded, required: true }
      return { ...recorded, default: key.default === null ? null : String(key.default) }
    })
    assert.deepEqual(
      keys,
      java.keys.map(({ name, type, importance, required, default: given }) =>
        required ? { name, type, importance, required } : { name, type, importance, default: given },
      ),
      plugin.className,
    )
  }
  assert.deepEqual(
    ours.map(plugin => plugin.className).filter((name, i, all) => all.indexOf(name) !== i),
    [],
  )
})

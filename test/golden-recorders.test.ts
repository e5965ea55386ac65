// Golden files that nobody can record again prove nothing: each folder of test/golden must be known to npm run golden (scripts/golden.ts).
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { GOLDEN, goldenFolders, recordedFiles, recordersOf } from '../scripts/golden.ts'

test('a golden folder without a recorder, or with one whose source is gone', async () => {
  assert.ok(goldenFolders().length >= 5)
  for (const name of goldenFolders()) {
    const recorders = await recordersOf(name)
    assert.ok(recorders.length > 0, name)
    for (const { java, cases } of recorders)
      for (const file of [java, cases ?? java]) assert.ok(existsSync(join(GOLDEN, name, file)), `${name}/${file}`)
  }
})

test('a recorded file that no recorder names', async () => {
  for (const name of goldenFolders()) {
    const sources = (await recordersOf(name)).flatMap(({ java, cases = java }) =>
      [java, cases].map(file => readFileSync(join(GOLDEN, name, file), 'utf8')),
    )
    const files = recordedFiles(join(GOLDEN, name))
    assert.ok(files.length > 0, name)
    for (const file of files) {
      const stem = file.replace(/\.[^.]*$/, '')
      assert.ok(
        sources.some(text => text.includes(stem)),
        `${name}/${file}`,
      )
    }
  }
})

// Versions and ranges as Java Connect reads them: every answer of Maven's own classes, recorded in test/golden/plugins.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { compareVersions, versionRequirement } from '../../src/plugins/maven-version.ts'

interface Recorded {
  readonly orders: readonly (readonly [version: string, order: string])[]
  readonly ranges: readonly {
    readonly spec: string
    readonly range?: string | null
    readonly contains?: string
    readonly error?: string
  }[]
}

const recorded = JSON.parse(readFileSync(new URL('../golden/plugins/versions.json', import.meta.url), 'utf8')) as Recorded
const versions = recorded.orders.map(([version]) => version)
const SIGNS = ['<', '=', '>']

test('every pair of versions is ordered as Maven orders it', () => {
  assert.ok(versions.length > 80)
  const wrong = recorded.orders.flatMap(([a, row]) =>
    versions.flatMap((b, i) => {
      const sign = SIGNS[compareVersions(a, b) + 1]
      return sign === row[i] ? [] : [`${a} ${sign} ${b}, Maven says ${row[i]}`]
    }),
  )
  assert.deepEqual(wrong, [])
})

for (const { spec, range, contains, error } of recorded.ranges) {
  test(`plugin.version '${spec}' means what it means to Java`, () => {
    if (error !== undefined) {
      assert.throws(() => versionRequirement(spec), { name: 'RangeError', message: error })
      return
    }
    const read = versionRequirement(spec)
    assert.equal(read === null ? null : read.toString(), range)
    if (read !== null) assert.equal(versions.map(version => (read.contains(version) ? '1' : '0')).join(''), contains)
  })
}

test('a version too long to be one is refused before it is taken apart', () => {
  assert.throws(() => versionRequirement('1-'.repeat(10_000)), RangeError)
})

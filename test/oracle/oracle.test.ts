// Group `oracle` of scripts/run-tests.ts (needs Java): every oracle in short, and that each of them can fail at all. The long run is
// `npm run test:oracle`.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { assignor } from './assignor/oracle.ts'
import { dates } from './dates.ts'
import { regex } from './regex.ts'
import { Counts } from './transforms/counts.ts'
import { selfTest, transforms } from './transforms/oracle.ts'

const SEED = 7
const java = await transforms.startJava()
after(() => java.close())

test('planted faults in transforms and predicates are found', async () => {
  assert.deepEqual(await selfTest(java, SEED), [])
})

for (const { name, run } of [transforms, regex, dates]) {
  test(`Java and Sluice agree on ${name}`, async () => {
    const { faults } = await run(java, { seed: SEED, count: 3000, only: null, mismatches: 1 })
    assert.deepEqual(faults, [])
  })
}

test('Java and Sluice agree on what a leader gives to whom', async () => {
  const peer = await assignor.startJava()
  const { faults } = await assignor.run(peer, { seed: SEED, count: 300, only: null, mismatches: 1 }).finally(() => peer.close())
  assert.deepEqual(faults, [])
})

test('a run in which nothing passes, or a class never appears, is a failure', () => {
  const counts = new Counts()
  const given = { transforms: [{ class: 'Filter', config: {} }], predicates: [], schemas: [], records: [] }
  const error = { step: 0, type: 'DataException', message: '' }
  counts.add(given, { results: [{ error }, { error }, { dropped: 0 }] })
  assert.match(counts.faults().join('\n'), /only 33 % of the records/)
  assert.match(counts.faults().join('\n'), /Cast\$Key saw 0 records/)
})
